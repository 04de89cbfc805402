"""Pages of the schemes by which customers are sorted: their classes in order, how many are in each, merging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers import commands
from guanxi.customers.commands import ClassWords, SchemeWords
from guanxi.customers.forms import ClassForm, SchemeForm
from guanxi.customers.models import Classification
from guanxi.customers.queries import (
    Scheme,
    SchemeClass,
    class_counts,
    class_merges,
    known_scheme,
    live_account_count,
    read_schemes,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import all_roles
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import focus_first, posted_version, show_refusal, version_after

STEPS = {"up": -1, "down": 1}


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class as its scheme's page lists it; `url` opens its customers."""

    key: str
    name: str
    other_name: str
    definition: str
    colour: str
    customers: str
    url: str
    is_active: bool


@require_safe
def schemes_page(request: HttpRequest) -> HttpResponse:
    """All schemes: what each is for, how many classes it has, how many customers it sorts."""
    actor = actor_of(request)
    counts, everybody = class_counts(actor), live_account_count(actor)
    lines = [_scheme_line(scheme, counts, everybody=everybody) for scheme in read_schemes().values()]
    return render(request, "customers/schemes.html", {"lines": lines})


def _scheme_line(scheme: Scheme, counts: Mapping[tuple[int, str], int], *, everybody: int) -> dict[str, object]:
    found = sum(count for (scheme_id, _key), count in counts.items() if scheme_id == scheme.id)
    return {
        "id": scheme.id,
        "name": _name_of(scheme),
        "purpose": scheme.purpose,
        "classes": formats.number(sum(item.is_active for item in scheme.classes)),
        "sorted": formats.number(found),
        "unsorted": formats.number(max(0, everybody - found)),
        "unsorted_url": _list_url(scheme.id, ""),
        "is_active": scheme.is_active,
    }


def _list_url(scheme_id: int, class_key: str) -> str:
    return f"{reverse('account_list')}?{urlencode({'class': f'{scheme_id}:{class_key}'})}"


@require_safe
def scheme_page(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """One scheme: its classes in order with how many customers are in each and in none, and past merges."""
    actor = actor_of(request)
    known = known_scheme(scheme_id, actor)
    scheme = _scheme(scheme_id)
    counts = {key: count for (found_id, key), count in class_counts(actor).items() if found_id == scheme_id}
    roles = [role.label for role in all_roles() if role.key in scheme.setters]
    context = {
        "scheme": scheme,
        "name": _name_of(known),
        "setters": formats.enumeration(roles),
        "lines": [_class_line(scheme_id, item, count=counts.get(item.key, 0)) for item in scheme.classes],
        "unsorted": formats.number(max(0, live_account_count(actor) - sum(counts.values()))),
        "unsorted_url": _list_url(scheme_id, ""),
        "merges": _merge_lines(scheme, actor),
    }
    return render(request, "customers/scheme.html", context)


def _scheme(scheme_id: int) -> Scheme:
    scheme = read_schemes().get(scheme_id)
    if scheme is None:
        raise no_such_record()
    return scheme


def _class_line(scheme_id: int, item: SchemeClass, *, count: int) -> ClassLine:
    return ClassLine(
        key=item.key,
        name=_name_of(item),
        other_name=in_language(item.name_en, item.name_zh),
        definition=item.definition,
        colour=item.colour,
        customers=formats.number(count),
        url=_list_url(scheme_id, item.key),
        is_active=item.is_active,
    )


def _name_of(named: Scheme | SchemeClass | Classification) -> str:
    return in_language(named.name_zh, named.name_en)


def _class_name(scheme: Scheme, class_key: str) -> str:
    found = scheme.class_of(class_key)
    return _name_of(found) if found else class_key


def _merge_lines(scheme: Scheme, actor: Actor) -> Sequence[Mapping[str, object]]:
    today = timezone.localdate()
    return [
        {
            "id": row.id,
            "from_name": _class_name(scheme, row.from_key),
            "into_name": _class_name(scheme, row.into_key),
            "moved": formats.number(row.moved),
            "day": formats.day(timezone.localtime(row.merged_at).date(), today=today),
            "who": row.merged_by,
            "is_undone": row.is_undone,
        }
        for row in class_merges(scheme.id, actor)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_form(request: HttpRequest, scheme_id: int | None = None) -> HttpResponse:
    """Make a scheme, or word it anew. Raises: NotFound."""
    actor = actor_of(request)
    known = known_scheme(scheme_id, actor) if scheme_id is not None else None
    is_sent = request.method == "POST"
    form = _offered_roles(SchemeForm(request.POST if is_sent else None, initial=_words_of(known)))
    version = known.version if known else 0
    if is_sent and form.is_valid():
        words = SchemeWords(**{**form.cleaned_data, "setters": tuple(form.cleaned_data["setters"])})
        try:
            if known is None:
                found_id = commands.make_scheme(words, actor=actor)
            else:
                found_id = known.pk
                commands.edit_scheme(known.pk, words, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            messages.success(request, _("Saved."))
            return _to_scheme(found_id)
    focus_first(form)
    context = {"form": form, "version": version, "known": known, "name": _name_of(known) if known else ""}
    return render(request, "customers/scheme_form.html", context, status=422 if form.errors else 200)


def _offered_roles(form: SchemeForm) -> SchemeForm:
    """The form with the roles that can be ticked, and those that were ticked before they were retired."""
    field = form.fields["setters"]
    roles = [(role.key, role.label) for role in all_roles()]
    known = {key for key, _label in roles}
    kept = [(key, key) for key in form.initial.get("setters", ()) if key not in known]
    field.choices = [*roles, *kept]  # type: ignore[attr-defined]  # the form declares a field of choices
    return form


def _words_of(known: Classification | None) -> dict[str, object]:
    return {name: getattr(known, name) for name in SchemeForm.base_fields} if known else {}


@require_http_methods(["GET", "HEAD", "POST"])
def class_form(request: HttpRequest, scheme_id: int, class_key: str = "") -> HttpResponse:
    """Add a class to a scheme, or word one anew. Raises: NotFound."""
    actor = actor_of(request)
    known_scheme(scheme_id, actor)
    scheme = _scheme(scheme_id)
    known = scheme.class_of(class_key)
    if class_key and known is None:
        raise no_such_record()
    initial = {name: getattr(known, name) for name in ClassForm.base_fields} if known else {}
    form = ClassForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        words = ClassWords(**form.cleaned_data)
        try:
            if known is None:
                commands.add_class(scheme_id, words, actor=actor)
            else:
                commands.edit_class(scheme_id, class_key, words, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Saved."))
            return _to_scheme(scheme_id)
    return _class_page(request, form, scheme, class_key)


def _class_page(
    request: HttpRequest, form: ClassForm, scheme: Scheme, class_key: str, refusal: str = ""
) -> HttpResponse:
    """The form of a class, and of one that there is, below it into which other class it can be merged."""
    focus_first(form)
    others = [item for item in scheme.classes if item.is_active and item.key != class_key]
    context = {
        "form": form,
        "scheme": scheme,
        "scheme_name": _name_of(scheme),
        "class_key": class_key,
        "name": _class_name(scheme, class_key) if class_key else "",
        "others": [(item.key, _name_of(item)) for item in others] if class_key else [],
        "customers": formats.number(class_counts(actor_of(request)).get((scheme.id, class_key), 0)),
        "refusal": refusal,
    }
    status = 422 if form.errors or refusal else 200
    return render(request, "customers/class_form.html", context, status=status)


@require_POST
def use_scheme(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """Take a scheme out of use, or back into it. Raises: NotFound."""
    is_active = request.POST.get("is_active") == "1"
    commands.use_scheme(scheme_id, is_active=is_active, actor=actor_of(request))
    messages.success(
        request, _("In use again.") if is_active else _("Nobody is sorted by it anew; who is sorted stays.")
    )
    return _to_scheme(scheme_id)


@require_POST
def order_classes(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """Keep the order in which the rows stand, with one moved a step, or take a class out of use or back into it.

    Raises: NotFound.
    """
    actor, keys = actor_of(request), request.POST.getlist("order")
    word, _dot, class_key = request.POST.get("do", "").partition(".")
    if word in ("use", "retire"):
        commands.use_class(scheme_id, class_key, is_active=word == "use", actor=actor)
        messages.success(
            request, _("In use again.") if word == "use" else _("Nobody is put into it anew; who is in it stays.")
        )
        return _to_scheme(scheme_id)
    commands.order_classes(scheme_id, moved(keys, class_key, STEPS.get(word, 0)), actor=actor)
    if word not in STEPS:
        messages.success(request, _("Saved."))
    return _to_scheme(scheme_id)


def moved(keys: Sequence[str], key: str, steps: int) -> list[str]:
    """The keys with one of them moved by so many steps, as far as there is room."""
    found = list(keys)
    if key in found and steps:
        place = found.index(key)
        found.insert(max(0, min(len(found) - 1, place + steps)), found.pop(place))
    return found


@require_POST
def merge_class(request: HttpRequest, scheme_id: int, class_key: str) -> HttpResponse:
    """Move the customers of a class into another one. Raises: NotFound."""
    actor = actor_of(request)
    known_scheme(scheme_id, actor)
    scheme = _scheme(scheme_id)
    known = scheme.class_of(class_key)
    if known is None:
        raise no_such_record()
    into = request.POST.get("into", "").replace("\x00", "")
    try:
        merge = commands.merge_classes(scheme_id, class_key, into, actor=actor)
    except RuleViolation as error:
        form = ClassForm(initial={name: getattr(known, name) for name in ClassForm.base_fields})
        return _class_page(request, form, scheme, class_key, sentence_of(error))
    words = ngettext("%(count)s customer moved.", "%(count)s customers moved.", merge.moved)
    undo = reverse("undo_class_merge", args=[scheme_id, merge.pk])
    messages.success(request, words % {"count": formats.number(merge.moved)}, extra_tags=undo)
    return _to_scheme(scheme_id)


@require_POST
def undo_merge(request: HttpRequest, scheme_id: int, merge_id: int) -> HttpResponse:
    """Put the customers of a merged class back into it. Raises: NotFound, Conflict("class.undone")."""
    restored = commands.undo_class_merge(merge_id, actor=actor_of(request))
    words = ngettext("%(count)s customer is back.", "%(count)s customers are back.", restored)
    messages.success(request, words % {"count": formats.number(restored)})
    return _to_scheme(scheme_id)


def _to_scheme(scheme_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("classification", args=[scheme_id]), status=303)
