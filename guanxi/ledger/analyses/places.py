"""How far a pull came in the other system: a stamp and a key, as they are kept and gone back from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

Stamp = str | int | float | Decimal | date | datetime


@dataclass(frozen=True, slots=True)
class Place:
    """The last row that was taken: its stamp in the cursor column and its key; None before the first.

    `clock` is the other system's time when the run began: a stamp beyond it comes from a wrong clock.
    """

    stamp: Stamp | None = None
    key: Stamp | None = None
    clock: datetime | None = None


def stored(place: Place) -> dict[str, list[str]]:
    """The place as JSON: type and text of each part that there is."""
    parts = {"stamp": place.stamp, "key": place.key, "clock": place.clock}
    return {name: _stored(value) for name, value in parts.items() if value is not None}


def read_place(kept: Mapping[str, list[str]]) -> Place:
    """The place of its JSON."""
    clock = _value(kept["clock"]) if "clock" in kept else None
    return Place(
        stamp=_value(kept["stamp"]) if "stamp" in kept else None,
        key=_value(kept["key"]) if "key" in kept else None,
        clock=clock if isinstance(clock, datetime) else None,
    )


def beginning(last: Place, *, overlap: int) -> Place:
    """Where the next run begins: before the last stamp by an overlap, for rows that were committed late.

    A stamp that lay in the future counts as the time at which it was read: what came after it would be lost.
    """
    if last.stamp is None:
        return replace(last, clock=None)
    return Place(stamp=_back(_within(last), overlap))


def stamp_of_text(text: str, *, like: Stamp | None) -> Stamp:
    """What a person typed as a stamp of the kind that the column holds: a number, a moment or a text."""
    if isinstance(like, str):
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if isinstance(like, datetime) and like.tzinfo is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment


def _within(last: Place) -> Stamp:
    stamp, clock = last.stamp, last.clock
    if stamp is None:
        return ""
    moment = _moment(stamp)
    if clock is None or moment is None:
        return stamp
    if (moment.tzinfo is None) != (clock.tzinfo is None):
        clock = clock.replace(tzinfo=None) if moment.tzinfo is None else clock.replace(tzinfo=UTC)
    return stamp if moment <= clock else _like(stamp, clock)


def _back(stamp: Stamp, overlap: int) -> Stamp:
    moment = _moment(stamp)
    if moment is not None:
        try:
            return _like(stamp, moment - timedelta(seconds=overlap))
        except OverflowError:
            return stamp
    if isinstance(stamp, int | float | Decimal):
        return stamp - overlap
    if isinstance(stamp, date):
        return stamp - timedelta(days=1)
    return stamp


def _moment(stamp: Stamp) -> datetime | None:
    """The stamp as a moment; None when it is none."""
    if isinstance(stamp, datetime):
        return stamp
    if not isinstance(stamp, str):
        return None
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


def _like(stamp: Stamp, moment: datetime) -> Stamp:
    """A moment as the column writes moments: texts keep their sign between day and time, and their length."""
    if not isinstance(stamp, str):
        return moment
    if len(stamp) <= 10:
        return moment.date().isoformat()
    text = moment.isoformat(sep=stamp[10], timespec="microseconds" if "." in stamp else "seconds")
    return text.replace("+00:00", "Z") if stamp.endswith("Z") else text


def _stored(value: Stamp) -> list[str]:
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    kind = "int" if isinstance(value, int) else "decimal" if isinstance(value, float | Decimal) else "text"
    return [kind, str(value)]


def _value(kept: list[str]) -> Stamp:
    kind, text = kept
    if kind == "datetime":
        return datetime.fromisoformat(text)
    if kind == "date":
        return date.fromisoformat(text)
    return int(text) if kind == "int" else Decimal(text) if kind == "decimal" else text
