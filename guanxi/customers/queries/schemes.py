"""Named reads of the schemes by which customers are sorted; each a fixed number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import caches
from django.db.models import QuerySet

from guanxi.customers.models import Account, AccountClass, Classification, ClassMerge, ClassOption
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.rules import Action

SCHEMES_KEY = "customers.schemes"
SCHEMES_SECONDS = 60
SCHEMES_REASON = "customers: classifications are words that everybody may read"
MOST_MERGES = 20


@dataclass(frozen=True, slots=True)
class SchemeClass:
    """A class that a scheme offers; `colour` is the class of a tag that draws it."""

    key: str
    name_zh: str
    name_en: str
    definition: str = ""
    colour: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme by which accounts are sorted, with its classes in their order.

    `setters` are the keys of the roles that may sort by it; none = whoever may edit the account.
    """

    id: int
    name_zh: str
    name_en: str
    classes: tuple[SchemeClass, ...]
    purpose: str = ""
    setters: tuple[str, ...] = ()
    is_active: bool = True

    def class_of(self, key: str) -> SchemeClass | None:
        """The class of a key, if the scheme has it."""
        return next((item for item in self.classes if item.key == key), None)


@dataclass(frozen=True, slots=True)
class MergeRow:
    """That a class went into another one: how many customers moved, when, by whom, and whether it was taken back."""

    id: int
    from_key: str
    into_key: str
    moved: int
    merged_at: datetime
    merged_by: str
    is_undone: bool


def schemes() -> dict[int, Scheme]:
    """All schemes with their classes, by id; at most a minute old."""
    found: dict[int, Scheme] | None = caches["process"].get_or_set(SCHEMES_KEY, read_schemes, SCHEMES_SECONDS)
    return found or {}


def read_schemes() -> dict[int, Scheme]:
    """All schemes with their classes, by id, as they stand now; two queries."""
    columns = ("key", "name_zh", "name_en", "definition", "colour", "is_active")
    classes: dict[int, list[SchemeClass]] = {}
    for scheme_id, *told in ClassOption.objects.values_list("classification_id", *columns):
        classes.setdefault(scheme_id, []).append(SchemeClass(*told))
    rows = unscoped(Classification, reason=SCHEMES_REASON).filter(trashed_at__isnull=True).order_by("pk")
    return {
        row.pk: Scheme(
            row.pk,
            row.name_zh,
            row.name_en or row.name_zh,
            tuple(classes.get(row.pk, ())),
            row.purpose,
            tuple(row.setters),
            row.is_active,
        )
        for row in rows
    }


def known_scheme(scheme_id: int, actor: Actor) -> Classification:
    """A scheme for who sets schemes up. Raises: NotFound, AccessDenied."""
    return grant(actor, Classification, Action.ADMINISTER).live(scheme_id)


def class_merges(scheme_id: int, actor: Actor) -> tuple[MergeRow, ...]:
    """The last merges of classes of a scheme, the latest first, for who sets schemes up. Raises: AccessDenied."""
    grant(actor, Classification, Action.ADMINISTER)
    rows = ClassMerge.objects.filter(classification=scheme_id).order_by("-pk")[:MOST_MERGES]
    return tuple(
        MergeRow(row.pk, row.from_key, row.into_key, row.moved, row.merged_at, row.merged_by, row.undone_at is not None)
        for row in rows
    )


def live_account_count(actor: Actor) -> int:
    """How many customers the actor sees."""
    return grant(actor, Account).queryset().filter(trashed_at__isnull=True).count()


def ids_with_class(scheme_id: int, actor: Actor) -> QuerySet[Any, Any]:
    """The ids of the customers that a scheme sorts, as a subquery: who is not among them has no class."""
    rows = grant(actor, AccountClass).queryset().filter(trashed_at__isnull=True, classification=scheme_id)
    return rows.values("account_id")


def may_sort(setters: Collection[str], actor: Actor) -> bool:
    """Whether the actor may sort by a scheme that these roles sort by; who sets schemes up and the system may."""
    if not setters or actor.user_id is None or not set(setters).isdisjoint(actor.roles):
        return True
    return may(actor, Classification, Action.ADMINISTER)


def is_open_to(scheme: Scheme, actor: Actor) -> bool:
    """Whether customers are sorted by a scheme, and the actor may do so."""
    return scheme.is_active and any(item.is_active for item in scheme.classes) and may_sort(scheme.setters, actor)
