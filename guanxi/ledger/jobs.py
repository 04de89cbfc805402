"""Repeated work of the ledger."""

from guanxi.ledger.commands import adopt_waiting_facts
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.queue import periodic


@periodic("ledger.adopt_waiting_facts", cron="17 * * * *")
def adopt_waiting(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Record facts whose account became known while nobody told: a run was killed between two of its
    steps.
    """
    adopt_waiting_facts("", actor=system_actor("Ledger"))
