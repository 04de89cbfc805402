"""How many facts people typed and how many came in by themselves, by kind and department."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import caches
from django.db.models import Count
from django.utils.translation import gettext_noop as _

from guanxi.kernel.actor import Actor
from guanxi.ledger.models import Fact
from guanxi.platform.access.grant import grant
from guanxi.platform.preferences.registry import PreferenceSpec, declare

KEPT_SECONDS = 600
MINUTES_EACH = declare(
    PreferenceSpec(
        "ledger.minutes_per_typed_fact",
        3,
        _("Minutes that typing one fact takes"),
        _("What typing costs is reckoned with it."),
        minimum=1,
        maximum=60,
    )
)


@dataclass(frozen=True, slots=True)
class TypedCount:
    """Facts of one kind in one department (None = of no department): all of them, and those that somebody typed."""

    kind: str
    unit_id: int | None
    total: int
    typed: int


@dataclass(frozen=True, slots=True)
class TypedFact:
    """One fact that somebody typed."""

    id: int
    account_id: int
    kind: str
    sub_kind: str
    occurred_at: datetime
    user_id: int | None


def typed_counts(actor: Actor, since: datetime) -> tuple[TypedCount, ...]:
    """Facts recorded since an instant that the actor may see, by kind and the customer's department; one query.

    Kept for ten minutes for each person: it reads every fact of the time.
    """
    key = f"ledger.typed:{actor.user_id}:{actor.policy_version}:{since.date()}"
    found = caches["process"].get_or_set(key, lambda: _counted(actor, since), KEPT_SECONDS)
    return tuple(found or ())


def _counted(actor: Actor, since: datetime) -> tuple[TypedCount, ...]:
    rows = grant(actor, Fact).queryset().filter(recorded_at__gte=since)
    counted = rows.values_list("kind", "account__unit_id", "is_typed").annotate(count=Count("id")).order_by()
    sums: dict[tuple[str, int | None], list[int]] = {}
    for kind, unit_id, is_typed, count in counted:
        pair = sums.setdefault((kind, unit_id), [0, 0])
        pair[0] += count
        pair[1] += count if is_typed else 0
    return tuple(TypedCount(*place, *pair) for place, pair in sums.items())


def typed_facts(
    actor: Actor, since: datetime, *, kind: str = "", unit_id: int | None = None, limit: int
) -> tuple[TypedFact, ...]:
    """The latest facts that somebody typed, of a kind or a department."""
    rows = grant(actor, Fact).queryset().filter(recorded_at__gte=since, is_typed=True)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(account__unit_id=unit_id) if unit_id is not None else rows
    columns = ("id", "account_id", "kind", "sub_kind", "occurred_at", "user_id")
    return tuple(TypedFact(*row) for row in rows.order_by("-id").values_list(*columns)[:limit])
