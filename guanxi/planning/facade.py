"""What the house above may ask of planning: gaps and stale values by owner."""

from threading import Event, Thread

from django.db import DatabaseError, close_old_connections

from guanxi.planning.commands.reads import hand_over_reads
from guanxi.planning.commands.scoring import verify_item as verify_item
from guanxi.planning.queries.scores import AccountScore as AccountScore
from guanxi.planning.queries.scores import gaps_of_owner as gaps_of_owner

HAND_OVER_SECONDS = 60.0


def start_handing_over(stopped: Event) -> Thread:
    """Keep what this process counts each minute, beside its requests, until `stopped` is set."""
    thread = Thread(target=_hand_over, args=(stopped,), name="reads", daemon=True)
    thread.start()
    return thread


def _hand_over(stopped: Event) -> None:
    while not stopped.wait(HAND_OVER_SECONDS):
        try:
            hand_over_reads()
        except DatabaseError:
            continue  # the counts were given back; the next minute tries again
        finally:
            close_old_connections()
