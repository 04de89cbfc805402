"""What the cards of all objects show of comments, documents and history."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.safestring import SafeString

from guanxi.platform.access.grant import may_act_on
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.collaboration.history import has_history
from guanxi.platform.collaboration.models import FollowState
from guanxi.platform.collaboration.queries import (
    CommentRow,
    DocumentRow,
    comment_rows,
    document_rows,
    follow_state,
    object_of,
)
from guanxi.platform.collaboration.rules import comment_markup
from guanxi.platform.files.rules import inline_type, size_words
from guanxi.platform.objects.spec import View
from guanxi.platform.ui import format as formats

COMMENTS_ON_A_CARD = 5
DOCUMENTS_ON_A_CARD = 8


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment with its text as safe markup."""

    row: CommentRow
    text: SafeString


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document with its size in words; `is_image` says that it has a small picture of itself."""

    row: DocumentRow
    size: str
    is_image: bool
    former: tuple["ShownDocument", ...]


def comments_panel(
    record: models.Model, view: View, *, limit: int = COMMENTS_ON_A_CARD, before: int | None = None
) -> Mapping[str, object]:
    """The newest comments, whether the reader follows the record, and the line to write into."""
    rows = comment_rows(record, view.actor, limit=limit + 1, before=before)
    shown = [ShownComment(row, comment_markup(row.text, row.mentioned)) for row in rows[:limit]]
    state = follow_state(record, view.actor)
    return {
        "key": protection_of(type(record)).key,
        "id": record.pk,
        "comments": shown,
        "next_before": rows[limit - 1].id if len(rows) > limit else None,
        "state": state.value,
        "is_followed": state is FollowState.FOLLOWED,
        "is_muted": state is FollowState.MUTED,
        "can_write": _is_live(record) and not view.actor.read_only,
        "me": view.actor.name,
    }


def documents_panel(
    record: models.Model, view: View, *, limit: int = DOCUMENTS_ON_A_CARD
) -> Mapping[str, object] | None:
    """The documents of a record; None where there are none and the reader may not add one."""
    rows = document_rows(record, view.actor)
    is_editable = may_act_on(view.actor, record, Action.EDIT)
    if not rows and not is_editable:
        return None
    return {
        "key": protection_of(type(record)).key,
        "id": record.pk,
        "documents": [_shown(row) for row in rows[:limit]],
        "count": formats.number(len(rows)),
        "has_more": len(rows) > limit,
        "can_add": is_editable and _is_live(record),
    }


def history_panel(record: models.Model, view: View) -> Mapping[str, object] | None:  # noqa: ARG001  # the shape of all panels
    """The place of the history, which loads itself when it comes into sight."""
    if not has_history(object_of(record)):
        return None
    return {"key": protection_of(type(record)).key, "id": record.pk}


def _shown(row: DocumentRow) -> ShownDocument:
    return ShownDocument(
        row,
        size=size_words(row.size),
        is_image=inline_type(row.name).startswith("image/"),
        former=tuple(_shown(former) for former in row.former),
    )


def _is_live(record: models.Model) -> bool:
    return getattr(record, "trashed_at", None) is None
