"""Named reads of engagement."""

from guanxi.engagement.models import MessageTemplate
from guanxi.engagement.rules import Place, Wordings, shipped_wordings
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action


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


def own_wordings(actor: Actor) -> dict[Place, str]:
    """The wordings of the house by their places; one query."""
    rows = grant(actor, MessageTemplate).queryset().filter(trashed_at__isnull=True)
    return {Place(row.reason, row.language, row.is_close, row.variant): row.body for row in rows}
