"""Saved views above a list, and the form that keeps, changes and removes one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.commands import change_view, choose_view, remove_view, save_view
from guanxi.platform.objects.models import Audience
from guanxi.platform.objects.queries import ViewRow, view_by_id
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import Label, ObjectSpec
from guanxi.platform.ui.fields import FormView, focus_first, show_refusal
from guanxi.platform.ui.list_query import ListQuery, read_query
from guanxi.platform.ui.responses import is_fragment_request, leading_to

ALL = "view=all"
MOST_TABS = 6


@dataclass(frozen=True, slots=True)
class Tab:
    """One view above the list; `count_id` is the element that takes its count, "" for none."""

    name: Label
    url: str
    is_current: bool
    is_pinned: bool = False
    count_id: str = ""


@dataclass(frozen=True, slots=True)
class Views:
    """The views above a list: tabs, those for which there is no room, and the addresses of the form and the counts.

    `is_changed` says that the list is set up in a way that no view keeps.
    """

    tabs: tuple[Tab, ...]
    more: tuple[Tab, ...]
    form_url: str
    is_changed: bool
    counts_url: str = ""


class ViewForm(forms.Form):
    """What is kept of a view."""

    name = forms.CharField(label=_l("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    audience = forms.ChoiceField(label=_l("For whom"), choices=Audience.choices)
    is_pinned = forms.BooleanField(label=_l("Keep it on top of the list"), required=False)
    is_default = forms.BooleanField(label=_l("Open the list with it"), required=False)
    query = forms.CharField(widget=forms.HiddenInput, required=False)


def views_above(spec: ObjectSpec, query: ListQuery, saved: Sequence[ViewRow]) -> Views:
    """The views above a list, of those that the person is offered."""
    present = setup_of(query)
    plain = setup_of(read_query_text(spec, ""))
    tabs = [
        Tab(
            row.name,
            f"{spec.list_url}?{row.query}",
            row.query == present,
            row.is_pinned,
            f"view-count-{row.id}" if row.is_pinned else "",
        )
        for row in saved
    ]
    current = next((row for row in saved if row.query == present), None)
    shown = (Tab(_("All"), f"{spec.list_url}?{ALL}", present == plain), *tabs[:MOST_TABS])
    return Views(
        tabs=shown,
        more=tuple(tabs[MOST_TABS:]),
        form_url=_form_url(spec, present, current),
        is_changed=current is None and present != plain,
        counts_url=reverse("view_counts", args=[spec.key]) if any(row.is_pinned for row in saved[:MOST_TABS]) else "",
    )


def setup_of(query: ListQuery) -> str:
    """How a list is set up, as a view keeps it: everything but the page."""
    return query.address().removeprefix("?")


def read_query_text(spec: ObjectSpec, text: str) -> ListQuery:
    """The query of an address. Raises: RuleViolation("list.where")."""
    return read_query(QueryDict(text), spec)


def _form_url(spec: ObjectSpec, present: str, current: ViewRow | None) -> str:
    if current is not None:
        return reverse("saved_view", args=[spec.key, current.id])
    return f"{reverse('new_view', args=[spec.key])}?{present}"


@require_http_methods(["GET", "HEAD", "POST"])
def new_view(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the list of this address as a view. Raises: NotFound, AccessDenied, RuleViolation("list.where")."""
    spec = listed_object(key)
    present = setup_of(read_query(request.GET, spec))
    form = ViewForm(request.POST or None, initial={"query": present, "is_pinned": True})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        setup = setup_of(read_query_text(spec, values["query"]))
        actor = actor_of(request)
        try:
            view_id = save_view(key, name=values["name"], query=setup, audience=values["audience"], actor=actor)
        except (Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            choose_view(view_id, is_pinned=values["is_pinned"], is_default=values["is_default"], actor=actor)
            return leading_to(request, f"{spec.list_url}?{setup}")
    return _form_answer(request, spec, form, action=request.get_full_path(), back=f"{spec.list_url}?{present}")


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view(request: HttpRequest, key: str, view_id: int) -> HttpResponse:
    """Change a view of one's own; one of somebody else can only be pinned or opened first."""
    spec, actor = listed_object(key), actor_of(request)
    row = view_by_id(view_id, actor)
    initial = {
        "name": row.name,
        "audience": row.audience,
        "is_pinned": row.is_pinned,
        "is_default": row.is_default,
        "query": row.query,
    }
    form = ViewForm(request.POST or None, initial=initial)
    if not row.is_own:
        for name in ("name", "audience"):
            del form.fields[name]
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            if row.is_own:
                change_view(view_id, name=values["name"], query=row.query, audience=values["audience"], actor=actor)
            choose_view(view_id, is_pinned=values["is_pinned"], is_default=values["is_default"], actor=actor)
        except (Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            return leading_to(request, f"{spec.list_url}?{row.query}")
    remove_url = reverse("remove_view", args=[key, view_id]) if row.is_own else ""
    back = f"{spec.list_url}?{row.query}"
    return _form_answer(request, spec, form, action=request.path, back=back, title=row.name, remove_url=remove_url)


@require_POST
def forget_view(request: HttpRequest, key: str, view_id: int) -> HttpResponse:
    """Remove a view of one's own."""
    remove_view(view_id, actor=actor_of(request))
    return leading_to(request, f"{listed_object(key).list_url}?{ALL}")


def _form_answer(
    request: HttpRequest,
    spec: ObjectSpec,
    form: ViewForm,
    *,
    action: str,
    back: str,
    title: str = "",
    remove_url: str = "",
) -> HttpResponse:
    focus_first(form)
    shown = FormView(
        id="view-form",
        title=title or _("Keep this list as a view"),
        form=form,
        action=action,
        cancel_url=back,
        target="#list",
        submit=_("Save"),
        remove_url=remove_url,
    )
    context = {"view": shown, "back_url": back, "heading": spec.plural}
    template = "ui/_form.html" if is_fragment_request(request) else "ui/form.html"
    return render(request, template, context, status=422 if form.is_bound and form.errors else 200)
