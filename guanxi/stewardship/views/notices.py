"""The privacy notice: its editions with the consents that rest on each, writing a draft, publishing it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship import commands
from guanxi.stewardship.choices import NoticeState
from guanxi.stewardship.forms.retention import NoticeForm
from guanxi.stewardship.models import NoticeEdition
from guanxi.stewardship.queries.notices import notice_in_force, notice_rows, resting_consents
from guanxi.stewardship.views.privacy_tabs import privacy_tabs

FIELDS = tuple(NoticeForm.base_fields)


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """All editions, how many consents rest on each, and how many on none."""
    actor = actor_of(request)
    context = {
        "tabs": privacy_tabs(actor, "notices"),
        "rows": notice_rows(actor, today=timezone.localdate()),
        "without": resting_consents(actor).get(None, 0),
        "can_write": may(actor, NoticeEdition, Action.CREATE),
    }
    return render(request, "stewardship/notices.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def notice_form(request: HttpRequest, notice_id: int | None = None) -> HttpResponse:
    """Write or change a draft; a new one begins with the words in force. Raises: NotFound, Conflict."""
    actor = actor_of(request)
    notice = grant(actor, NoticeEdition, Action.EDIT).live(notice_id) if notice_id is not None else None
    if notice is not None and notice.state != NoticeState.DRAFT:
        raise Conflict("notice.published", "A published edition never changes. Write a new one.")
    model = notice or notice_in_force(timezone.localdate())
    initial: dict[str, object] = {name: getattr(model, name) for name in FIELDS} if model else {}
    if notice is None:
        initial["effective_on"] = timezone.localdate()
    form = NoticeForm(request.POST if request.method == "POST" else None, initial=initial)
    version = notice.version if notice else 0
    if request.method == "POST" and form.is_valid():
        try:
            if notice is None:
                saved = commands.create_notice(form.cleaned_data, actor=actor)
            else:
                version_seen = posted_version(request)
                saved = commands.edit_notice(notice.pk, form.cleaned_data, version=version_seen, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            return leading_to(request, reverse("notice", args=[saved.pk]))
    context = {"form": form, "notice": notice, "version": version}
    return render(request, "stewardship/notice_form.html", context, status=422 if form.errors else 200)


@require_safe
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """One edition as it is read; a draft can be published. Raises: NotFound."""
    actor = actor_of(request)
    found = grant(actor, NoticeEdition).live(notice_id)
    is_draft = found.state == NoticeState.DRAFT
    context = {
        "notice": found,
        "can_edit": is_draft and may(actor, NoticeEdition, Action.EDIT),
        "is_draft": is_draft,
        "languages": [
            (code, title, text)
            for code, title, text in (
                (settings.LANGUAGE_CODE, found.title_zh, found.text_zh),
                ("en", found.title_en, found.text_en),
            )
            if text
        ],
    }
    return render(request, "stewardship/notice.html", context)


@require_POST
def publish(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Publish an edition as it was seen. Raises: NotFound, AccessDenied, Conflict, RuleViolation."""
    commands.publish_notice(notice_id, version=posted_version(request), actor=actor_of(request))
    messages.success(request, _("Published. From its day on, consents rest on this edition."))
    return leading_to(request, reverse("notice", args=[notice_id]))
