"""Requests of the people whom the base speaks of: the list with its clock, one request, the copy, the erasure."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.addresses import record_url
from guanxi.platform.objects.erasing import erasable_objects
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.preferences.registry import preference
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship import commands
from guanxi.stewardship.adapters.subject_copy import write_copy
from guanxi.stewardship.choices import RequestKind, RequestState, RequestWay
from guanxi.stewardship.commands.privacy import FOUR_EYES, NewRequest
from guanxi.stewardship.forms.privacy import RequestForm
from guanxi.stewardship.models import SubjectRequest
from guanxi.stewardship.queries.privacy import request_row, request_rows, touched_rows
from guanxi.stewardship.views.privacy_tabs import privacy_tabs


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """The requests that wait, the most urgent first, and those that were answered."""
    actor, today = actor_of(request), timezone.localdate()
    context = {
        "tabs": privacy_tabs(actor, "privacy"),
        "pending": request_rows(actor, is_pending=True, today=today),
        "answered": request_rows(actor, is_pending=False, today=today),
    }
    return render(request, "stewardship/privacy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter a request about the record that the address names. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    object_key, record_id = request.GET.get("object", ""), request.GET.get("record", "")
    if object_key not in erasable_objects() or not (record_id.isascii() and record_id.isdecimal()):
        raise no_such_record()
    if len(record_id) > 18:
        raise no_such_record()
    spec = listed_object(object_key)
    record = grant(actor, spec.model).get(int(record_id))
    form = RequestForm(request.POST or None, initial={"asked_on": timezone.localdate(), "way": RequestWay.MAIL})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        entered = NewRequest(
            object_key,
            int(record_id),
            RequestKind(values["kind"]),
            values["asked_on"],
            RequestWay(values["way"]),
            values["note"],
        )
        try:
            found = commands.enter_request(entered, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
        else:
            return leading_to(request, reverse("privacy_request", args=[found.pk]))
    context = {
        "form": form,
        "subject": getattr(record, spec.title),
        "object_label": spec.label,
        "back_url": _card_url(spec, record.pk),
    }
    return render(request, "stewardship/privacy_new.html", context, status=422 if form.errors else 200)


@require_safe
def request_page(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request with its clock, and what erasing would touch. Raises: NotFound."""
    actor = actor_of(request)
    row = request_row(request_id, actor, today=timezone.localdate())
    found = row.request
    is_erasure = found.kind == RequestKind.ERASE
    known = people(user_id for user_id in (found.entered_by_id, found.approved_by_id) if user_id)
    names = [known[user_id].name if user_id in known else "" for user_id in (found.entered_by_id, found.approved_by_id)]
    model = listed_object(found.object_key).model
    is_open = found.state == RequestState.OPEN
    can_answer = is_open and may(actor, SubjectRequest, Action.EDIT)
    context = {
        "row": row,
        "entered_by": names[0],
        "approved_by": names[1],
        "touched": touched_rows(found) if is_erasure and may(actor, model, Action.DELETE) else (),
        "subject_url": _card_url(listed_object(found.object_key), found.record_id),
        "can_answer": can_answer,
        "can_close": can_answer and not is_erasure and not found.needs_identity,
        "can_erase": can_answer and is_erasure and not found.needs_identity and may(actor, model, Action.DELETE),
        "needs_other": preference(FOUR_EYES) and found.entered_by_id == actor.user_id,
        "can_copy": may(actor, SubjectRequest, Action.EXPORT)
        and not found.needs_identity
        and found.state != RequestState.RUNNING
        and not (is_erasure and found.state == RequestState.DONE),
    }
    return render(request, "stewardship/privacy_request.html", context)


@require_POST
def answer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Close a request as answered or as refused. Raises: NotFound, AccessDenied, Conflict."""
    is_refused = request.POST.get("do") == "refuse"
    commands.answer_request(request_id, is_refused=is_refused, actor=actor_of(request))
    messages.success(request, _("The request is refused.") if is_refused else _("The request is answered."))
    return leading_to(request, reverse("privacy_request", args=[request_id]))


@require_POST
def identity(request: HttpRequest, request_id: int) -> HttpResponse:
    """Note that who asks was found to be the person. Raises: NotFound, AccessDenied."""
    commands.confirm_identity(request_id, actor=actor_of(request))
    messages.success(request, _("The identity is checked."))
    return leading_to(request, reverse("privacy_request", args=[request_id]))


@require_POST
def erase(request: HttpRequest, request_id: int) -> HttpResponse:
    """Approve that a person is erased, and begin. Raises: NotFound, AccessDenied, Conflict."""
    commands.approve_erasure(request_id, actor=actor_of(request))
    messages.success(request, _("The person is being erased. The bell tells when it is over."))
    return leading_to(request, reverse("privacy_request", args=[request_id]))


@require_POST
def copy(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Take out a copy of everything that is kept about the person. Raises: NotFound, AccessDenied."""
    content = write_copy(request_id, actor=actor_of(request))
    return FileResponse(
        content, as_attachment=True, filename=f"subject-{request_id}.zip", content_type="application/zip"
    )


def _card_url(spec: ObjectSpec, record_id: int) -> str:
    return spec.detail_url(record_id) if spec.detail_url is not None else record_url(spec.key, record_id)
