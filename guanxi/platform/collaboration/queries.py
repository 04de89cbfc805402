"""Reads of what stands beside a record. A record is read through the reader's grant first; nothing else opens it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import models

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import Person, actors_by_user_id, first_colleagues, people
from guanxi.platform.collaboration.models import (
    Comment,
    Document,
    Following,
    FollowState,
    NotificationSettings,
)
from guanxi.platform.collaboration.rules import names_mentioned
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec

BESIDE = "collaboration: the record was read through the reader's grant"
MOST_COLLEAGUES = 2_000
MOST_SUGGESTED = 6
MOST_TRIED = 12
MOST_DOCUMENTS = 500

LARGEST_ID = 2**63 - 1

_COMMENTS: Prepared[None] = Prepared(
    lambda _: (
        unscoped(Comment, reason=BESIDE)
        .filter(object_key=Slot("key"), record_id=Slot("record_id"), pk__lt=Slot("older"), trashed_at__isnull=True)
        .order_by("-pk")
    ),
    limit="limit",
)
_DOCUMENTS: Prepared[None] = Prepared(
    lambda _: (
        unscoped(Document, reason=BESIDE)
        .filter(object_key=Slot("key"), record_id=Slot("record_id"), trashed_at__isnull=True)
        .order_by("-pk")[:MOST_DOCUMENTS]
    )
)
_FOLLOWING: Prepared[None] = Prepared(
    lambda _: Following.objects.filter(
        object_key=Slot("key"), record_id=Slot("record_id"), user_id=Slot("user_id")
    ).values_list("state")
)

BesideType = TypeVar("BesideType", Comment, Document)


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment as it is shown: who said what, when, whether it was changed, whether it is the reader's own."""

    id: int
    author_id: int
    author: str
    text: str
    mentioned: tuple[str, ...]
    created_at: datetime
    is_edited: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """The newest version of a document, and how many came before it."""

    id: int
    name: str
    number: int
    size: int
    author: str
    created_at: datetime
    is_own: bool
    former: tuple["DocumentRow", ...] = ()


def seen_record(object_key: str, record_id: int, actor: Actor) -> models.Model:
    """A record that the actor may see, also one in the trash. Raises: NotFound, AccessDenied."""
    record: models.Model = grant(actor, listed_object(object_key).model).get(record_id)
    return record


def live_record(object_key: str, record_id: int, actor: Actor) -> models.Model:
    """A record that the actor may see and that is not in the trash. Raises: NotFound, AccessDenied."""
    record: models.Model = grant(actor, listed_object(object_key).model).live(record_id)
    return record


def object_of(record: models.Model) -> ObjectSpec:
    """The object that a record is one of."""
    return listed_object(protection_of(type(record)).key)


def record_url(spec: ObjectSpec, record_id: int) -> str:
    """The address of a record's card."""
    return spec.detail_url(record_id) if spec.detail_url else f"/objects/{spec.key}/{record_id}/"


def beside(model: type[BesideType], record: models.Model) -> GuardedQuerySet[BesideType]:
    """The comments or documents of a record that was read through the reader's grant; the trash too."""
    key = protection_of(type(record)).key
    return unscoped(model, reason=BESIDE).filter(object_key=key, record_id=record.pk)


def visible_records(object_key: str, ids: Iterable[int], actor: Actor) -> dict[int, models.Model]:
    """Those of the records that the actor may see now and that are not in the trash, by id; one query."""
    spec = listed_object(object_key)
    if not may(actor, spec.model, Action.VIEW):
        return {}
    rows = grant(actor, spec.model).queryset().filter(Among("pk", sorted(set(ids))))
    return {row.pk: row for row in rows if getattr(row, "trashed_at", None) is None}


def is_seen_by(record: models.Model, actor: Actor) -> bool:
    """Whether somebody else may see this record."""
    model = type(record)
    return may(actor, model, Action.VIEW) and grant(actor, model).queryset().filter(pk=record.pk).exists()


def comment_rows(record: models.Model, actor: Actor, *, limit: int, before: int | None = None) -> list[CommentRow]:
    """The newest comments on a record, or those older than the comment `before`; one query, and names."""
    key = protection_of(type(record)).key
    older = LARGEST_ID if before is None else before
    found: list[Comment] = _COMMENTS(None, key=key, record_id=record.pk, older=older, limit=limit)
    names = people(user_id for row in found for user_id in (row.author_id, *row.mentioned_ids))
    return [_comment_row(row, names, actor) for row in found]


def own_comment(comment_id: int, actor: Actor) -> tuple[Comment, models.Model]:
    """A comment with its record. Raises: NotFound where the actor may not see the record."""
    found = unscoped(Comment, reason=BESIDE).filter(pk=comment_id).first()
    if found is None:
        raise no_such_record()
    return found, seen_record(found.object_key, found.record_id, actor)


def comment_texts(comment_ids: Iterable[int]) -> dict[int, str]:
    """What comments say, by id; to be shown only to who may see their records."""
    rows = unscoped(Comment, reason=BESIDE).filter(Among("pk", sorted(set(comment_ids))), trashed_at__isnull=True)
    return dict(rows.values_list("pk", "text"))


def _comment_row(row: Comment, names: dict[int, Person], actor: Actor) -> CommentRow:
    return CommentRow(
        id=row.pk,
        author_id=row.author_id,
        author=names[row.author_id].name if row.author_id in names else "?",
        text=row.text,
        mentioned=tuple(names[user_id].name for user_id in row.mentioned_ids if user_id in names),
        created_at=row.created_at,
        is_edited=row.edited_at is not None,
        is_own=row.author_id == actor.user_id,
    )


def follow_state(record: models.Model, actor: Actor) -> FollowState:
    """Whether the actor follows a record; its owner does without having said so."""
    if actor.user_id is None:
        return FollowState.LEFT
    key = protection_of(type(record)).key
    said = _FOLLOWING(None, key=key, record_id=record.pk, user_id=actor.user_id)
    if said:
        return FollowState(said[0][0])
    return FollowState.FOLLOWED if owner_id_of(record) == actor.user_id else FollowState.LEFT


def owner_id_of(record: models.Model) -> int | None:
    """Who owns a record, if anybody does."""
    name = protection_of(type(record)).owner_field
    found = getattr(record, name) if name else None
    return found if isinstance(found, int) else None


def follower_ids(record: models.Model) -> set[int]:
    """Who follows a record, its owner among them unless that one left."""
    rows = Following.objects.filter(object_key=protection_of(type(record)).key, record_id=record.pk)
    states = dict(rows.values_list("user_id", "state"))
    owner_id = owner_id_of(record)
    found = {user_id for user_id, state in states.items() if state == FollowState.FOLLOWED}
    return found | {owner_id} if owner_id is not None and owner_id not in states else found


def mentioned_in(text: str) -> tuple[Person, ...]:
    """The colleagues whom a text names with an @; those of one name are all meant."""
    by_name: dict[str, list[Person]] = {}
    for person in first_colleagues(MOST_COLLEAGUES):
        by_name.setdefault(person.name, []).append(person)
    return tuple(person for name in names_mentioned(text, by_name) for person in by_name[name])


def who_may_see(record: models.Model, user_ids: Sequence[int]) -> set[int]:
    """Those of the active users who may see a record."""
    return {user_id for user_id, actor in actors_by_user_id(user_ids).items() if is_seen_by(record, actor)}


def suggested_people(record: models.Model, words: str, actor: Actor) -> list[Person]:
    """Colleagues whose names hold the words and who may see the record, a few of them."""
    sought = words.strip().casefold()
    found = [
        person
        for person in first_colleagues(MOST_COLLEAGUES)
        if sought in person.name.casefold() and person.id != actor.user_id
    ]
    found = sorted(found, key=lambda person: not person.name.casefold().startswith(sought))[:MOST_TRIED]
    seeing = who_may_see(record, [person.id for person in found])
    return [person for person in found if person.id in seeing][:MOST_SUGGESTED]


def document_rows(record: models.Model, actor: Actor) -> list[DocumentRow]:
    """The documents of a record, the last changed first, each with its former versions; one query, and names."""
    found: list[Document] = _DOCUMENTS(None, key=protection_of(type(record)).key, record_id=record.pk)
    names = people(row.author_id for row in found)
    versions: dict[str, list[DocumentRow]] = {}
    for row in found:
        author = names[row.author_id].name if row.author_id in names else "?"
        is_own = row.author_id == actor.user_id
        shown = DocumentRow(row.pk, row.name, row.number, row.size, author, row.created_at, is_own)
        versions.setdefault(row.name, []).append(shown)
    return [
        DocumentRow(
            *(first.id, first.name, first.number, first.size, first.author, first.created_at, first.is_own),
            former=tuple(former),
        )
        for first, *former in versions.values()
    ]


def document_by_id(document_id: int, actor: Actor, *, is_trashed: bool = False) -> Document:
    """A document whose record the actor may see. Raises: NotFound("record.not_found")."""
    return document_and_record(document_id, actor, is_trashed=is_trashed)[0]


def document_and_record(document_id: int, actor: Actor, *, is_trashed: bool = False) -> tuple[Document, models.Model]:
    """A document with its record. Raises: NotFound("record.not_found") where the actor may not see the record."""
    rows = unscoped(Document, reason=BESIDE).filter(pk=document_id, trashed_at__isnull=not is_trashed)
    found: Document | None = rows.first()
    if found is None:
        raise no_such_record()
    return found, seen_record(found.object_key, found.record_id, actor)


def settings_of(user_ids: Iterable[int]) -> dict[int, NotificationSettings]:
    """How people want to be told, also those who chose nothing; one query."""
    wanted = set(user_ids)
    found = NotificationSettings.objects.in_bulk(wanted)
    return {user_id: found.get(user_id) or NotificationSettings(user_id=user_id) for user_id in wanted}
