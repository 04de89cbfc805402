"""What was decided between sources, and taking it back."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.spec import View
from guanxi.stewardship.commands.conflicts import reopen_conflict
from guanxi.stewardship.objects.conflicts import KEY, field_words, value_words
from guanxi.stewardship.queries.conflicts import decided_conflicts, disputed_field
from guanxi.stewardship.views.desk import taken_back

MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class DecidedConflict:
    """One decision between two values of a field, in words."""

    id: int
    account_id: int
    account_name: str
    field: str
    chosen: str
    other: str
    by: str
    at: datetime | None


@require_POST
def reopen(request: HttpRequest, conflict_id: int) -> HttpResponse:
    """Let two values be asked about again, and the one stand that stood before. Raises: NotFound, AccessDenied."""
    reopen_conflict(conflict_id, actor=actor_of(request))
    return taken_back(request, KEY, _("Taken back."), entry=str(conflict_id))


def decided_conflict_lines(view: View) -> list[DecidedConflict]:
    """What was decided between sources, the latest first; two queries."""
    rows = decided_conflicts(view.actor, limit=MOST_LINES)
    names = {key: person.name for key, person in people(row.conflict.decided_by_id or 0 for row in rows).items()}
    lines = []
    for row in rows:
        conflict, item = row.conflict, disputed_field(row.conflict)
        other = conflict.second if conflict.chosen == conflict.first else conflict.first
        lines.append(
            DecidedConflict(
                id=conflict.pk,
                account_id=conflict.account_id,
                account_name=row.account_name,
                field=" · ".join(part for part in (str(field_words(row)), row.person) if part),
                chosen=value_words(item, conflict.chosen, view),
                other=value_words(item, other, view),
                by=names.get(conflict.decided_by_id or 0, ""),
                at=conflict.decided_at,
            )
        )
    return lines
