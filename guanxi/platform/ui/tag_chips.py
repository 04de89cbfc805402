"""Tags as chips: beside the name of a record, and in the cells of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.db import models
from django.urls import reverse
from django.utils.safestring import SafeString

from guanxi.platform.access.grant import may_act_on
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.customfields.schema import TagDefinition
from guanxi.platform.objects.fields import tags_field
from guanxi.platform.objects.spec import Rows, View
from guanxi.platform.objects.tagging import shown_tags
from guanxi.platform.ui.format import MISSING, enumeration

IN_CELLS = 3


@dataclass(frozen=True, slots=True)
class RecordTags:
    """The tags of a record as a card shows them; `url` is where they are changed, "" for who may not."""

    shown: tuple[TagDefinition, ...]
    url: str = ""


def card_tags(object_key: str, record: models.Model, view: View) -> RecordTags | None:
    """The tags of a record; None where there is nothing to see and nothing to add."""
    item = tags_field(type(record))
    if item is None or item.access(view.actor) < FieldAccess.READ:
        return None
    shown = shown_tags(object_key, record)
    can_tag = item.access(view.actor) >= FieldAccess.WRITE and may_act_on(view.actor, record, Action.EDIT)
    url = reverse("record_tags", args=[object_key, record.pk]) if can_tag else ""
    return RecordTags(shown, url) if shown or url else None


def tag_cells(object_key: str, rows: Rows) -> list[str]:
    """The tags of each record as a list shows them: the first few as chips, the others as a number."""
    return [_cell(shown_tags(object_key, row)) for row in rows]


def _cell(tags: Sequence[TagDefinition]) -> str:
    if not tags:
        return MISSING
    names = escape(enumeration(tag.name for tag in tags))
    chips = "".join(f'<span class="tag {tag.colour}">{escape(tag.name)}</span>' for tag in tags[:IN_CELLS])
    more = f'<span class="t3 xs">+{len(tags) - IN_CELLS}</span>' if len(tags) > IN_CELLS else ""
    return SafeString(f'<span class="tags" title="{names}">{chips}{more}</span>')
