"""Comments on a record, whom one may mention, and following."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.platform.access.urls import actor_of
from guanxi.platform.collaboration.commands.comments import (
    Commented,
    add_comment,
    edit_comment,
    remove_comment,
    restore_comment,
)
from guanxi.platform.collaboration.commands.following import follow
from guanxi.platform.collaboration.forms import CommentForm
from guanxi.platform.collaboration.models import Comment, FollowState
from guanxi.platform.collaboration.panels import comments_panel
from guanxi.platform.collaboration.queries import (
    live_record,
    object_of,
    own_comment,
    record_url,
    seen_record,
    suggested_people,
)
from guanxi.platform.objects.spec import Label, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.fields import FormView, focus_first, show_refusal
from guanxi.platform.ui.responses import is_fragment_request, page_or_fragment, with_toast, with_trigger

PAGE_SIZE = 30
FRAGMENT = "collaboration/_comments.html"
STATE_WORDS: Mapping[FollowState, Label] = {
    FollowState.FOLLOWED: _l("You follow this: comments on it reach you."),
    FollowState.LEFT: _l("You don't follow this any more."),
    FollowState.MUTED: _l("Muted: nothing about this reaches you."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def comments_page(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """The comments on a record; posted text becomes one more."""
    actor = actor_of(request)
    if request.method != "POST":
        return _comments(request, key, record_id, actor=actor)
    form = CommentForm(request.POST)
    if not form.is_valid():
        live_record(key, record_id, actor)
        return _comments(request, key, record_id, actor=actor, form=form)
    done = add_comment(key, record_id, text=form.cleaned_data["text"], actor=actor)
    return _answer(request, key, record_id, message=_after(done, _("Written.")), actor=actor)


@require_http_methods(["GET", "HEAD", "POST"])
def comment_form(request: HttpRequest, comment_id: int) -> HttpResponse:
    """The form of an own comment, and what was changed in it."""
    actor = actor_of(request)
    comment, record = own_comment(comment_id, actor)
    if comment.author_id != actor.user_id or comment.trashed_at is not None:
        raise no_such_record()
    form = CommentForm(request.POST or None, initial={"text": comment.text})
    if request.method == "POST" and form.is_valid():
        try:
            done = edit_comment(comment_id, text=form.cleaned_data["text"], actor=actor)
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            message = _after(done, _("Saved."))
            return _answer(request, comment.object_key, comment.record_id, message=message, actor=actor)
    focus_first(form)
    address = reverse("comments", args=[comment.object_key, comment.record_id])
    view = FormView(
        id=f"comment-form-{comment_id}",
        title=_("Change the comment"),
        form=form,
        action=reverse("edit_comment", args=[comment_id]),
        cancel_url=address,
        target="#comments",
        submit=_("Save"),
    )
    context = {"view": view, "heading": str(record), "back_url": address}
    status = 422 if form.errors else 200
    return page_or_fragment(request, page="ui/form.html", fragment="ui/_form.html", context=context, status=status)


@require_POST
def remove(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Put an own comment into the trash; the toast takes it back."""
    actor = actor_of(request)
    comment = remove_comment(comment_id, actor=actor)
    undo_url = reverse("restore_comment", args=[comment_id])
    return _changed(request, comment, message=_("Comment removed."), undo_url=undo_url, actor=actor)


@require_POST
def restore(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take an own comment out of the trash."""
    actor = actor_of(request)
    return _changed(request, restore_comment(comment_id, actor=actor), message=_("Taken back."), actor=actor)


@require_safe
def colleagues(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Colleagues who may see a record and whose name begins to match, to be mentioned."""
    actor = actor_of(request)
    words = request.GET.get("q", "").replace("\x00", "")[:60]
    found = suggested_people(live_record(key, record_id, actor), words, actor)
    return render(request, "collaboration/_people.html", {"people": found})


@require_POST
def follow_record(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Follow, leave or mute a record; the toast takes it back."""
    actor = actor_of(request)
    state = request.POST.get("state") or request.GET.get("state", "")
    before = follow(key, record_id, state=state, actor=actor)
    undo_url = f"{reverse('follow_record', args=[key, record_id])}?state={before.value}"
    message = str(STATE_WORDS[FollowState(state)])
    return _answer(request, key, record_id, message=message, undo_url=undo_url, actor=actor)


def _after(done: Commented, message: str) -> str:
    if not done.unseeing:
        return message
    words = _("%(names)s cannot see this record and is not told.")
    return words % {"names": formats.enumeration(done.unseeing)}


def _changed(request: HttpRequest, comment: Comment, *, message: str, undo_url: str = "", actor: Actor) -> HttpResponse:
    key, record_id = comment.object_key, comment.record_id
    return _answer(request, key, record_id, message=message, undo_url=undo_url, actor=actor)


def _answer(
    request: HttpRequest, key: str, record_id: int, *, message: str, undo_url: str = "", actor: Actor
) -> HttpResponse:
    """The panel as it now is with a toast; without a script, back to the page. The toast's undo has no place of its
    own: the page is told to load the panel anew."""
    if not is_fragment_request(request):
        messages.success(request, message, extra_tags=undo_url)
        address = record_url(object_of(seen_record(key, record_id, actor)), record_id)
        return HttpResponseRedirect(f"{address}#comments", status=303)
    if not request.headers.get("HX-Target"):
        return with_toast(with_trigger(HttpResponse(status=204), "panel-comments"), message, undo_url=undo_url)
    response = _comments(request, key, record_id, actor=actor, has_focus=True)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#comments", "outerHTML"
    return with_toast(response, message, undo_url=undo_url)


def _comments(
    request: HttpRequest,
    key: str,
    record_id: int,
    *,
    actor: Actor,
    form: CommentForm | None = None,
    has_focus: bool = False,
) -> HttpResponse:
    record = seen_record(key, record_id, actor)
    before = request.GET.get("before", "")
    older = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None
    panel = comments_panel(record, View(actor, timezone.localdate()), limit=PAGE_SIZE, before=older)
    spec = object_of(record)
    context = {
        "panel": panel,
        "form": form,
        "has_focus": has_focus,
        "spec": spec,
        "heading": str(record),
        "back_url": record_url(spec, record_id),
    }
    status = 422 if form is not None else 200
    return page_or_fragment(
        request, page="collaboration/comments.html", fragment=FRAGMENT, context=context, status=status
    )
