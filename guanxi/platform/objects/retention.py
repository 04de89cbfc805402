"""Conditions by which rules of retention tell records that are no longer needed.

Any capability contributes them for an object, when the program starts; whoever makes rules of them asks here and names
none of them. A condition is one of the database: a rule is applied to all records with one statement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.platform.objects.spec import Label


class Span(StrEnum):
    """By what a condition counts; NONE for one that holds or does not, whatever the day."""

    DAYS = "days"
    MONTHS = "months"
    NONE = ""


@dataclass(frozen=True, slots=True)
class RetentionCondition:
    """What can be true of a record that is no longer needed: "nothing happened with it for … months".

    `condition` makes it of the instant before which so much time had passed; None for a condition without a span.
    `sentence` has the place `%(count)s`, but for a condition without a span. `is_of_trash` is true of one that only
    records in the trash can meet; all others are asked of records in use.
    """

    key: str
    sentence: Label
    span: Span
    condition: Callable[[datetime | None], Q]
    position: int = 100
    is_of_trash: bool = False


_conditions: dict[tuple[str, str], RetentionCondition] = {}


def register_retention(object_key: str, *conditions: RetentionCondition) -> None:
    """Contribute conditions for an object, "" for all. Raises: ValueError when a key is in use already, a defect."""
    for item in conditions:
        if _conditions.setdefault((object_key, item.key), item) is not item:
            raise ValueError(f"The condition {item.key} of {object_key} is registered twice.")


def retention_conditions(object_key: str) -> dict[str, RetentionCondition]:
    """The conditions of an object by key, in their order; those of all objects among them."""
    found = [item for (key, _name), item in _conditions.items() if key in ("", object_key)]
    return {item.key: item for item in sorted(found, key=lambda item: (item.position, item.key))}


register_retention(
    "",
    RetentionCondition(
        "trashed",
        _("Has lain in the trash for %(count)s days"),
        Span.DAYS,
        lambda before: Q(trashed_at__lt=before),
        10,
        is_of_trash=True,
    ),
    RetentionCondition(
        "unchanged",
        _("Nobody changed it for %(count)s months"),
        Span.MONTHS,
        lambda before: Q(updated_at__lt=before),
        40,
    ),
    RetentionCondition(
        "made", _("Was made more than %(count)s months ago"), Span.MONTHS, lambda before: Q(created_at__lt=before), 50
    ),
)
