"""Named reads of engagement."""

from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256

from django.core.cache import caches

from guanxi.engagement.models import MessageTemplate
from guanxi.engagement.rules import Place, Wordings, shipped_wordings
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action

WORDINGS_SECONDS = 60


def wordings_in_force(actor: Actor) -> Wordings:
    """The shipped wordings with the house's own in their places or after them; one query."""
    if not may(actor, MessageTemplate, Action.VIEW):
        return shipped_wordings()
    collected = {key: list(texts) for key, texts in shipped_wordings().items()}
    rows = grant(actor, MessageTemplate).queryset().filter(trashed_at__isnull=True)
    for row in rows.order_by("variant", "pk"):
        texts = collected.setdefault((row.reason, row.language, row.is_close), [])
        texts[row.variant - 1 : row.variant] = [row.body]
    return {key: tuple(texts) for key, texts in collected.items()}


def kept_wordings(actor: Actor) -> Wordings:
    """The wordings in force, at most a minute old; kept by the row rule, on which alone it depends who sees which."""
    if not may(actor, MessageTemplate, Action.VIEW):
        return shipped_wordings()
    rule = repr(grant(actor, MessageTemplate).rule)
    key = f"engagement.wordings.{sha256(rule.encode()).hexdigest()}"
    return caches["process"].get_or_set(key, partial(wordings_in_force, actor), WORDINGS_SECONDS) or {}


@dataclass(frozen=True, slots=True)
class OwnWording:
    """A wording of the house as of a version: None after it was set back; version 0 when there never was one."""

    body: str | None = None
    version: int = 0


def own_wording(place: Place, actor: Actor) -> OwnWording:
    """What the house wrote in one place; one query."""
    row = grant(actor, MessageTemplate, Action.EDIT).queryset().filter(**asdict(place)).first()
    if row is None:
        return OwnWording()
    return OwnWording(row.body if row.trashed_at is None else None, row.version)


def own_wordings(actor: Actor) -> dict[Place, str]:
    """The wordings of the house by their places; one query."""
    rows = grant(actor, MessageTemplate).queryset().filter(trashed_at__isnull=True)
    return {Place(row.reason, row.language, row.is_close, row.variant): row.body for row in rows}
