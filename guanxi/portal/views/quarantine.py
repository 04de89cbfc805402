"""What looks like spam: let it in, or throw it away."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.platform.access.urls import actor_of
from guanxi.platform.files.serving import handed_out
from guanxi.platform.ui.responses import leading_to
from guanxi.portal import commands
from guanxi.portal.choices import SubmissionState
from guanxi.portal.queries.files import FILES, sent_file
from guanxi.portal.queries.submissions import held_submissions


@require_safe
def quarantine(request: HttpRequest) -> HttpResponse:
    """What waits to be decided, or what was thrown away in the last 30 days."""
    is_gone = request.GET.get("state") == "discarded"
    state = SubmissionState.DISCARDED if is_gone else SubmissionState.HELD
    rows = held_submissions(actor_of(request), state=state)
    return render(request, "portal/quarantine.html", {"rows": rows, "is_gone": is_gone})


@require_POST
def decide(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Let one in, or throw it away. Raises: NotFound, AccessDenied, Conflict("submission.decided")."""
    if request.POST.get("do") == "release":
        commands.release(submission_id, actor=actor_of(request))
        messages.success(request, _("It is being taken in."))
    else:
        commands.discard(submission_id, actor=actor_of(request))
        address = reverse("undo_discard", args=[submission_id])
        messages.success(request, _("Thrown away."), extra_tags=address)
    return leading_to(request, reverse("quarantine"))


@require_POST
def undo(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Hold one back again. Raises: NotFound, AccessDenied, Conflict("submission.decided")."""
    commands.undo_discard(submission_id, actor=actor_of(request))
    messages.success(request, _("It is back in quarantine."))
    return leading_to(request, reverse("quarantine"))


@require_safe
def file(request: HttpRequest, file_id: int) -> FileResponse:
    """A file that came by a form, for who sees the customer. Raises: NotFound."""
    found = sent_file(file_id, actor_of(request))
    return handed_out(FILES.path(found.stored_as), name=found.name)
