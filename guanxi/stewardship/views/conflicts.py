"""Taking a decision between two sources back."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guanxi.platform.access.urls import actor_of
from guanxi.stewardship.commands.conflicts import reopen_conflict
from guanxi.stewardship.objects.conflicts import KEY
from guanxi.stewardship.views.desk import taken_back


@require_POST
def reopen(request: HttpRequest, conflict_id: int) -> HttpResponse:
    """Let two values be asked about again, and the one stand that stood before. Raises: NotFound, AccessDenied."""
    reopen_conflict(conflict_id, actor=actor_of(request))
    return taken_back(request, KEY, _("Taken back."), entry=str(conflict_id))
