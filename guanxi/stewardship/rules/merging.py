"""Which of two values is offered when two records become one, and why. Pure functions."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ONLY_ONE = _("The other record has none")
HAS_OWNER = _("Has somebody who looks after it")
OLDEST = _("The earliest is kept")
FULLER = _("The fuller one")
NEWER = _("Changed more recently")
KEPT = _("Of the record that is kept")
FULLER_KEPT = frozenset({"name", "short_name", "address", "note"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether the value of the merged record is taken, and why."""

    is_taken: bool
    reason: str | Promise


def choice_of(kept: object, merged: object, *, key: str, older: bool, unsaid: object = None) -> Choice:
    """Which of two different values of a field is offered; `older` says that the kept record was changed before.

    `unsaid` is what stands in the field of a record of which nobody said anything: "unknown" loses to any answer.
    """
    nothing: tuple[object, ...] = (None, "", [], unsaid)
    if merged in nothing or kept in nothing:
        return Choice(is_taken=kept in nothing, reason=HAS_OWNER if key == "owner" else ONLY_ONE)
    if key == "since_on" and isinstance(kept, type(merged)):
        return Choice(is_taken=str(merged) < str(kept), reason=OLDEST)
    if key in FULLER_KEPT and isinstance(kept, str) and isinstance(merged, str) and len(kept) != len(merged):
        return Choice(is_taken=len(merged) > len(kept), reason=FULLER)
    if key in ("owner", "unit", "source") or not older:
        return Choice(is_taken=False, reason=KEPT)
    return Choice(is_taken=True, reason=NEWER)
