"""Writing, changing, removing comments and putting them back."""

from dataclasses import dataclass

from django.db import models, transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, RuleViolation, no_such_record
from guanxi.platform.access.protection import protection_of
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.collaboration.commands.notifying import tell_about_comment
from guanxi.platform.collaboration.models import MOST_CHARACTERS, Comment
from guanxi.platform.collaboration.queries import (
    beside,
    follower_ids,
    live_record,
    mentioned_in,
    own_comment,
    who_may_see,
)


@dataclass(frozen=True, slots=True)
class Commented:
    """A comment that was written; `unseeing` names those whom it mentions in vain, as they may not see the record."""

    id: int
    unseeing: tuple[str, ...]


@transaction.atomic
def add_comment(object_key: str, record_id: int, *, text: str, actor: Actor) -> Commented:
    """Write a comment beside a record that the actor may see; who is mentioned and who follows is told.

    Raises: NotFound, AccessDenied, RuleViolation("comment.text").
    """
    author_id = require_person(actor)
    record = live_record(object_key, record_id, actor)
    mentioned, unseeing = _told(record, text)
    begin_entry(actor, action="comment", object_key=object_key, record_id=record_id)
    comment = beside(Comment, record).create(
        object_key=object_key,
        record_id=record_id,
        author_id=author_id,
        text=_checked(text),
        mentioned_ids=sorted(mentioned),
    )
    tell_about_comment(comment, mentioned=mentioned, followers=follower_ids(record))
    return Commented(comment.pk, unseeing)


@transaction.atomic
def edit_comment(comment_id: int, *, text: str, actor: Actor) -> Commented:
    """Change an own comment; who is newly mentioned is told.

    Raises: NotFound, AccessDenied("comment.not_own"), RuleViolation("comment.text").
    """
    record = _own(comment_id, actor)
    comment = _locked(record, comment_id, is_trashed=False)
    mentioned, unseeing = _told(record, text)
    begin_entry(actor, action="edit_comment", object_key=comment.object_key, record_id=comment.record_id)
    before = set(comment.mentioned_ids)
    if comment.text != _checked(text):
        comment.text, comment.mentioned_ids, comment.edited_at = _checked(text), sorted(mentioned), timezone.now()
        comment.save(update_fields=["text", "mentioned_ids", "edited_at"])
        tell_about_comment(comment, mentioned=mentioned - before, followers=())
    return Commented(comment.pk, unseeing)


@transaction.atomic
def remove_comment(comment_id: int, *, actor: Actor) -> Comment:
    """Put an own comment into the trash. Raises: NotFound, AccessDenied("comment.not_own")."""
    comment = _locked(_own(comment_id, actor), comment_id, is_trashed=False)
    begin_entry(actor, action="remove_comment", object_key=comment.object_key, record_id=comment.record_id)
    comment.trashed_at = timezone.now()
    comment.save(update_fields=["trashed_at"])
    return comment


@transaction.atomic
def restore_comment(comment_id: int, *, actor: Actor) -> Comment:
    """Take an own comment out of the trash. Raises: NotFound, AccessDenied("comment.not_own")."""
    comment = _locked(_own(comment_id, actor), comment_id, is_trashed=True)
    begin_entry(actor, action="restore_comment", object_key=comment.object_key, record_id=comment.record_id)
    comment.trashed_at = None
    comment.save(update_fields=["trashed_at"])
    return comment


def require_person(actor: Actor) -> int:
    """The id of a person who may write. Raises: AccessDenied for a sign-in that may only read, and for the system."""
    if actor.read_only:
        raise AccessDenied("access.read_only", "This sign-in may only read.")
    return own_id(actor)


def _told(record: models.Model, text: str) -> tuple[set[int], tuple[str, ...]]:
    """Whom a text mentions: the ids of those who may see the record, and the names of the others."""
    meant = mentioned_in(text)
    seeing = who_may_see(record, [person.id for person in meant])
    return seeing, tuple(dict.fromkeys(person.name for person in meant if person.id not in seeing))


def _checked(text: str) -> str:
    found = text.replace("\x00", "").strip()
    if not found or len(found) > MOST_CHARACTERS:
        raise RuleViolation(
            "comment.text", "A comment has 1 to %(most)s characters.", most=MOST_CHARACTERS, field="text"
        )
    return found


def _own(comment_id: int, actor: Actor) -> models.Model:
    """The record of an own comment. Raises: NotFound, AccessDenied("comment.not_own")."""
    author_id = require_person(actor)
    comment, record = own_comment(comment_id, actor)
    if comment.author_id != author_id:
        if comment.trashed_at is not None:
            raise no_such_record()
        raise AccessDenied("comment.not_own", "Only who wrote a comment may change it.")
    return live_record(protection_of(type(record)).key, record.pk, actor)


def _locked(record: models.Model, comment_id: int, *, is_trashed: bool) -> Comment:
    rows = beside(Comment, record).select_for_update().filter(trashed_at__isnull=not is_trashed)
    found = rows.filter(pk=comment_id).first()
    if found is None:
        raise no_such_record()
    return found
