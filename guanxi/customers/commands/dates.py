"""Verbs about the days to remember."""

from collections.abc import Mapping

from guanxi.customers.choices import CalendarType
from guanxi.customers.commands.parts import add_part, edit_part, remove_part, restore_part
from guanxi.customers.models import ImportantDate
from guanxi.customers.rules import require_yearly_date
from guanxi.kernel.actor import Actor


def add_important_date(entry: ImportantDate, *, actor: Actor) -> ImportantDate:
    """Add a day to remember. Raises: NotFound, AccessDenied, RuleViolation("date.unknown" | "date.year")."""
    return add_part(entry, action="add_important_date", prepare=_require_day, actor=actor)


def edit_important_date(
    date_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> ImportantDate:
    """Change a day to remember. Raises: as `add_important_date`, and Conflict("record.changed")."""
    return edit_part(
        ImportantDate,
        date_id,
        values,
        action="edit_important_date",
        version=version,
        prepare=_require_day,
        actor=actor,
    )


def remove_important_date(date_id: int, *, actor: Actor) -> ImportantDate:
    """Put a day to remember into the trash. Raises: NotFound, AccessDenied."""
    return remove_part(ImportantDate, date_id, action="remove_important_date", actor=actor)


def restore_important_date(date_id: int, *, actor: Actor) -> ImportantDate:
    """Take a day to remember out of the trash. Raises: NotFound, AccessDenied."""
    return restore_part(ImportantDate, date_id, action="restore_important_date", actor=actor)


def _require_day(entry: ImportantDate) -> None:
    is_lunar = entry.calendar == CalendarType.LUNAR
    require_yearly_date(entry.month, entry.day, is_lunar=is_lunar, year=entry.year)
