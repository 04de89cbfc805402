"""The bell, the page of notifications, and what one wants to be told."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import administers_everybody, own_id
from guanxi.platform.collaboration.commands.notifying import choose_notifications, read_notifications, unread_again
from guanxi.platform.collaboration.forms import NotificationForm
from guanxi.platform.collaboration.inbox import MOST_COUNTED, inbox_of, notices, unread_count
from guanxi.platform.collaboration.models import MailRhythm, Notification, NotificationKind
from guanxi.platform.collaboration.queries import settings_of
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.responses import leading_to

MOST_READ = 500


@require_safe
def notifications_page(request: HttpRequest) -> HttpResponse:
    """What one was told, the newest first; the new ones alone with `new=1`."""
    actor = actor_of(request)
    before = request.GET.get("before", "")
    only_unread = "new" in request.GET
    found = inbox_of(
        actor,
        only_unread=only_unread,
        before=int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None,
    )
    context = {"inbox": found, "only_unread": only_unread, "unread": unread_count(actor)}
    return render(request, "collaboration/notifications.html", context)


@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The figure on the bell."""
    found = unread_count(actor_of(request))
    words = ngettext("%(count)s new notification", "%(count)s new notifications", found)
    shown = f"{MOST_COUNTED}+" if found >= MOST_COUNTED else formats.number(found)
    context = {"count": found, "shown": shown, "words": words % {"count": shown}}
    return render(request, "collaboration/_count.html", context)


@require_POST
def open_one(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Note that a notification was read and go where it leads. Raises: NotFound("record.not_found")."""
    actor = actor_of(request)
    rows = list(Notification.objects.filter(pk=notification_id, user_id=own_id(actor), is_shown=True))
    found = notices(rows, actor)
    if not found:
        raise no_such_record()
    read_notifications([notification_id], actor=actor)
    return HttpResponseRedirect(found[0].url, status=303)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Note that one notification or all of them were read."""
    actor = actor_of(request)
    text = request.POST.get("id", "")
    is_one = text.isascii() and text.isdecimal() and len(text) < 18
    new = Notification.objects.filter(user_id=own_id(actor), read_at__isnull=True).order_by("-pk")
    ids = [int(text)] if is_one else list(new.values_list("pk", flat=True)[:MOST_READ])
    done = read_notifications(ids, actor=actor)
    words = ngettext("%(count)s marked as read.", "%(count)s marked as read.", done)
    undo = f"{reverse('unread_again')}?{'&'.join(f'id={pk}' for pk in ids)}"
    if done:
        messages.success(request, words % {"count": formats.number(done)}, extra_tags=undo)
    return HttpResponseRedirect(reverse("notifications"), status=303)


@require_POST
def make_unread(request: HttpRequest) -> HttpResponse:
    """Take back that notifications were read."""
    ids = [int(text) for text in request.GET.getlist("id") if text.isascii() and text.isdecimal() and len(text) < 18]
    unread_again(ids[:MOST_READ], actor=actor_of(request))
    return leading_to(request, reverse("notifications"))


@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: HttpRequest) -> HttpResponse:
    """What one wants to be told, and how."""
    actor = actor_of(request)
    user_id = own_id(actor)
    chosen = settings_of([user_id])[user_id]
    initial = {
        "shown": [kind for kind in NotificationKind.values if kind not in chosen.silent_kinds],
        "mailed": chosen.mailed_kinds,
        "rhythm": chosen.rhythm,
    }
    form = NotificationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        shown = form.cleaned_data["shown"]
        choose_notifications(
            silent_kinds=[kind for kind in _offered(actor) if kind not in shown],
            mailed_kinds=form.cleaned_data["mailed"],
            rhythm=form.cleaned_data["rhythm"],
            actor=actor,
        )
        messages.success(request, _("Saved. It holds for what happens from now on."))
        return HttpResponseRedirect(reverse("notification_settings"), status=303)
    offered = _offered(actor)
    given = {name: form[name].value() or [] for name in ("shown", "mailed")}
    context = {
        "form": form,
        "kinds": [
            (value, label, value in given["shown"], value in given["mailed"])
            for value, label in NotificationKind.choices
            if value in offered
        ],
        "rhythms": [(value, label, value == form["rhythm"].value()) for value, label in MailRhythm.choices],
    }
    return render(request, "collaboration/notification_settings.html", context, status=422 if form.errors else 200)


def _offered(actor: Actor) -> list[str]:
    """The kinds that a person may be told of: what the security watch notices is for who watches."""
    hidden = set() if administers_everybody(actor) else {NotificationKind.UNUSUAL.value}
    return [kind for kind in NotificationKind.values if kind not in hidden]
