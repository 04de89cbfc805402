"""Changing the tags of a record where its card shows them.

The form sends what was ticked when it was shown and what is ticked now: the difference is the tagging, so what somebody
else put on meanwhile stays.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.customfields.schema import TagDefinition
from guanxi.platform.objects.fields import tags_field
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import View
from guanxi.platform.objects.tagging import offered_tags, shown_tags, tag_record
from guanxi.platform.records.tags import Tagging, tags_of
from guanxi.platform.search.tokens import sort_key
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.record_form import editable_record
from guanxi.platform.ui.responses import (
    is_fragment_request,
    leading_to,
    page_or_fragment,
    with_record_changed,
    with_toast,
)
from guanxi.platform.ui.tag_chips import card_tags


@dataclass(frozen=True, slots=True)
class Choice:
    """One tag of the form; `is_held` says that it is ticked."""

    tag: TagDefinition
    is_held: bool


@require_http_methods(["GET", "HEAD", "POST"])
def record_tags(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """The form of a record's tags, and what was ticked in it; `show` gives the chips.

    Raises: NotFound, AccessDenied, RuleViolation("tags.unknown").
    """
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    record = editable_record(spec, record_id, view)
    item = tags_field(type(record))
    if item is None or item.access(view.actor) == FieldAccess.HIDDEN:
        raise NotFound("field.unknown", "There is no field “%(field)s”.", field="tags")
    if item.access(view.actor) < FieldAccess.WRITE:
        raise AccessDenied("field.not_writable", "You may not change “%(field)s”.", field=str(item.label))
    if request.method != "POST":
        return _shown(request, key, record, view) if "show" in request.GET else _form(request, key, record)
    try:
        tagging = asked_tagging(key, request.POST, request.GET)
    except RuleViolation as error:
        return _form(request, key, record, problem=sentence_of(error))
    saved = tag_record(key, record_id, tagging, actor=view.actor) if tagging.touched else record
    if "back" in request.GET:
        return _taken_back(request)
    if not is_fragment_request(request):
        return leading_to(request, reverse("record_card", args=[key, record_id]))
    undo_url = _undo_url(request.path, record, saved)
    answer = _shown(request, key, saved, view)
    return with_toast(with_record_changed(answer), _("Saved."), undo_url=undo_url) if undo_url else answer


def asked_tagging(object_key: str, typed: QueryDict, address: QueryDict) -> Tagging:
    """What the form says: what is ticked now and was not, and the other way round; an undo says it in its address.

    Words in the search box tick the one tag that they match. Raises: RuleViolation("tags.unknown").
    """
    if "back" in address:
        return Tagging(tuple(address.getlist("add")), tuple(address.getlist("take")))
    ticked, was = dict.fromkeys(typed.getlist("tag")), dict.fromkeys(typed.getlist("was"))
    words = typed.get("q", "").strip()
    if words:
        found = [tag.key for tag in offered_tags(object_key) if _matches(tag, words)]
        if len(found) != 1:
            raise RuleViolation("tags.unknown", "Choose one of the tags that match, or clear the words.")
        ticked[found[0]] = None
    return Tagging(tuple(key for key in ticked if key not in was), tuple(key for key in was if key not in ticked))


def _matches(tag: TagDefinition, words: str) -> bool:
    """Whether words stand in one of the names of a tag, or in the pinyin of the Chinese one."""
    wanted = words.casefold()
    spoken = sort_key(tag.name_zh)
    initials = "".join(part[:1] for part in spoken.split())
    texts = (tag.name_zh.casefold(), tag.name_en.casefold(), spoken.replace(" ", ""))
    return any(wanted in text for text in texts) or initials.startswith(wanted)


def _undo_url(path: str, before: models.Model, after: models.Model) -> str:
    """Where a tagging is taken back; "" when nothing changed."""
    had, has = tags_of(before), tags_of(after)
    back = [("add", key) for key in had if key not in has] + [("take", key) for key in has if key not in had]
    return f"{path}?{urlencode([('back', '1'), *back])}" if back else ""


def _taken_back(request: HttpRequest) -> HttpResponse:
    if not is_fragment_request(request):
        return leading_to(request, request.path)
    response = with_toast(HttpResponse(status=204), _("Taken back."))
    response.headers["HX-Refresh"] = "true"
    return response


def _shown(request: HttpRequest, key: str, record: models.Model, view: View) -> HttpResponse:
    return render(request, "ui/_tags.html", {"tags": card_tags(key, record, view), "has_focus": True})


def _form(request: HttpRequest, key: str, record: models.Model, *, problem: str = "") -> HttpResponse:
    """The form: what the record has, as it was shown and as it is ticked now, and what the words find."""
    sent = request.POST if request.method == "POST" else request.GET
    held = tags_of(record)
    was = sent.getlist("was") if "was" in sent or "q" in sent else held
    ticked = set(sent.getlist("tag")) if "q" in sent else set(held)
    words = sent.get("q", "").strip()
    kept = tuple(tag for tag in shown_tags(key, record) if tag.is_retired)
    found = [
        Choice(tag, tag.key in ticked)
        for tag in (*offered_tags(key), *kept)
        if tag.key in ticked or not words or _matches(tag, words)
    ]
    context = {
        "record": record,
        "action": request.path,
        "was": was,
        "words": words,
        "choices": found,
        "is_narrowed_away": bool(words) and not any(not choice.is_held for choice in found),
        "problem": problem,
    }
    status = 422 if problem else 200
    return page_or_fragment(request, page="ui/tags.html", fragment="ui/_tags_edit.html", context=context, status=status)
