"""Noting that what was promised is kept."""

from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.commands.facts import NewFact, log_fact
from guanxi.ledger.queries import corrections_standing, fact_with_right
from guanxi.ledger.rules import PROMISE_KEPT, SCREEN_SOURCE, promise_name
from guanxi.platform.access.rules import Action

MOST_TURNS = 20
"""So often one promise is noted as kept and that is taken back again."""


def keep_promise(fact_id: int, *, actor: Actor) -> int:
    """Note that what a fact promised is kept; again, it changes nothing. Returns the id of the fact that says so.

    Raises: NotFound, AccessDenied, RuleViolation("promise.none") for a fact that promises nothing.
    """
    fact = fact_with_right(actor, fact_id, right=Action.EDIT)
    words = str((fact.payload or {}).get("promise", ""))
    if not words:
        raise RuleViolation("promise.none", "Nothing was promised there.")
    names = [f"form-{actor.user_id}-kept-{fact.pk}-{turn}" for turn in range(MOST_TURNS)]
    turn = len(corrections_standing(SCREEN_SOURCE, names))
    payload = {"keeps": promise_name(fact.source, fact.source_id), "note": words}
    kept = NewFact(*PROMISE_KEPT, timezone.now(), contact_id=fact.contact_id, payload=payload)
    return log_fact(fact.account_id, fact=kept, once=f"kept-{fact.pk}-{turn}", actor=actor)
