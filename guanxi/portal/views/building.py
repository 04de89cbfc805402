"""The forms of the house: the list, one form with its ways out and what came in, the page that builds one."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.grant import grant, may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import active_people, people, unit_names
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
from guanxi.platform.ui.responses import leading_to
from guanxi.portal.choices import OwnerWay
from guanxi.portal.commands import FormContent, FormSettings, create_form, edit_form
from guanxi.portal.forms import MOST_CONSENTS, ConsentLineForm, WebFormForm
from guanxi.portal.models import FormEdition, WebForm
from guanxi.portal.queries.confirming import is_mail_ready
from guanxi.portal.queries.forms import editions_of, form_rows, latest_edition
from guanxi.portal.queries.offered import offered_fields
from guanxi.portal.queries.submissions import held_count, submissions_of
from guanxi.portal.rules.addresses import sites_of
from guanxi.portal.rules.fields import OFFERED, AskedConsent, AskedField
from guanxi.stewardship.facade import pool_names

FRAME_HEIGHT = 760
FIRST_ASKED = ("name", "company", "mobile", "mail", "message")
FIRST_REQUIRED = frozenset({"name", "mobile"})


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field that the form being built can ask for, in its place."""

    key: str
    label_zh: str
    label_en: str
    is_asked: bool
    is_required: bool

    @property
    def name(self) -> str:
        """What the field is called on this page."""
        item = offered_fields()[self.key]
        return in_language(item.label_zh, item.label_en)


@dataclass(frozen=True, slots=True)
class Built:
    """What was typed to build a form: its settings and words, the fields, the consents."""

    form: WebFormForm
    rows: Sequence[FieldRow]
    lines: Sequence[ConsentLineForm]


@require_safe
def forms_page(request: HttpRequest) -> HttpResponse:
    """All forms with what came in by them."""
    actor = actor_of(request)
    can_edit = may(actor, WebForm, Action.EDIT)
    context = {
        "rows": form_rows(actor),
        "can_create": may(actor, WebForm, Action.CREATE),
        "held": held_count(actor) if can_edit else None,
    }
    return render(request, "portal/forms.html", context)


@require_safe
def form_card(request: HttpRequest, form_id: int) -> HttpResponse:
    """One form: its address, the snippet, the code, who gets its customers, what came in. Raises: NotFound."""
    actor = actor_of(request)
    form = grant(actor, WebForm).live(form_id)
    editions = editions_of(form_id)
    title = in_language(editions[0].title_zh, editions[0].title_en)
    context = {
        "form": form,
        "title": title,
        "editions": editions,
        "address": _address(request, form),
        "snippet": _snippet(request, form, title),
        "owner": _owner_words(form),
        "rows": submissions_of(actor, form_id=form_id),
        "can_edit": may_act_on(actor, form, Action.EDIT),
    }
    return render(request, "portal/form_card.html", context)


def _address(request: HttpRequest, form: WebForm, name: str = "form") -> str:
    root = settings.PUBLIC_URL or request.build_absolute_uri("/")
    return f"{root.rstrip('/')}{reverse(name, args=[form.slug])}"


def _snippet(request: HttpRequest, form: WebForm, title: str) -> str:
    """The lines that another site puts into its page; it may do so when the form names it."""
    address = _address(request, form, "framed_form")
    return (
        f'<iframe src="{address}" title="{escape(title)}" width="100%" height="{FRAME_HEIGHT}" '
        'loading="lazy" frameborder="0"></iframe>'
    )


def _owner_words(form: WebForm) -> str:
    match form.owner_way:
        case OwnerWay.TURN:
            names = unit_names()
            return _("In turn: %(unit)s") % {"unit": names.get(form.unit_id or 0, "—")}
        case OwnerWay.POOL:
            return _("Pool: %(pool)s") % {"pool": pool_names().get(form.pool_id or 0, "—")}
        case _:
            found = people([form.owner_id]) if form.owner_id else {}
            return found[form.owner_id].name if form.owner_id in found else "—"


@require_safe
def qr_code(request: HttpRequest, form_id: int) -> HttpResponse:
    """The address of a form as a code for cameras. Raises: NotFound."""
    form = grant(actor_of(request), WebForm).live(form_id)
    drawn = io.BytesIO()
    code = segno.make(f"{_address(request, form)}?utm_source=qr", error="m", micro=False)
    code.save(drawn, kind="svg", scale=6, border=4, light="white", xmldecl=True)
    name = f'attachment; filename="{form.slug}.svg"' if "download" in request.GET else "inline"
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml", headers={"Content-Disposition": name})


@require_http_methods(["GET", "HEAD", "POST"])
def build(request: HttpRequest, form_id: int | None = None) -> HttpResponse:
    """Make or change a form. A button that moves a field moves it and keeps all that was typed. Raises: NotFound."""
    actor = actor_of(request)
    known = grant(actor, WebForm, Action.EDIT).live(form_id) if form_id is not None else None
    edition = latest_edition(form_id) if form_id is not None else None
    is_saved = request.method == "POST" and request.POST.get("do", "save") == "save"
    form = _offered(WebFormForm(request.POST if request.method == "POST" else None, initial=_initial(known, edition)))
    lines = _consent_lines(request.POST if request.method == "POST" else None, edition)
    rows = _typed_rows(request.POST) if request.method == "POST" else _known_rows(edition)
    version = known.version if known else 0
    if is_saved and form.is_valid() and all(line.is_valid() for line in lines):
        try:
            saved = _save(known, Built(form, rows, lines), version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            messages.success(request, _("Saved."))
            return leading_to(request, reverse("web_form", args=[saved.pk]))
    if request.method == "POST" and not is_saved:
        form.errors.clear()
        rows = _moved(rows, request.POST.get("do", ""))
    context = {
        "form": form,
        "lines": lines,
        "rows": rows,
        "known": known,
        "version": version,
        "is_mail_ready": is_mail_ready(),
    }
    return render(request, "portal/build.html", context, status=422 if is_saved else 200)


def _offered(form: WebFormForm) -> WebFormForm:
    """Give the choices of person, department and pool."""
    choices: Mapping[str, Sequence[tuple[int, str]]] = {
        "owner": [(person.id, person.name) for person in active_people()],
        "unit": list(unit_names().items()),
        "pool": list(pool_names().items()),
    }
    for name, offered in choices.items():
        form.fields[name].choices = [("", "—"), *offered]  # type: ignore[attr-defined]  # a choice field
    return form


def _initial(known: WebForm | None, edition: FormEdition | None) -> dict[str, object]:
    if known is None or edition is None:
        return {"owner_way": OwnerWay.TURN}
    texts = {name: getattr(edition, name) for name in WebFormForm.base_fields if hasattr(edition, name)}
    held = {name: getattr(known, name) for name in ("slug", "source", "owner_way", "is_open", "is_confirmed")}
    ids = {"owner": known.owner_id, "unit": known.unit_id, "pool": known.pool_id}
    return texts | held | ids | {"sites": "\n".join(known.sites)}


def _consent_lines(data: QueryDict | None, edition: FormEdition | None) -> list[ConsentLineForm]:
    known = edition.consents if edition else []
    return [
        ConsentLineForm(data, prefix=f"line-{place}", initial=known[place] if place < len(known) else None)
        for place in range(MOST_CONSENTS)
    ]


def _known_rows(edition: FormEdition | None) -> list[FieldRow]:
    """The fields that the form asks for, then all others."""
    asked = (
        edition.asked
        if edition
        else [
            AskedField(key, OFFERED[key].label_zh, OFFERED[key].label_en, key in FIRST_REQUIRED) for key in FIRST_ASKED
        ]
    )
    offered = offered_fields()
    rows = [
        FieldRow(item.key, item.label_zh, item.label_en, True, item.is_required)
        for item in asked
        if item.key in offered
    ]
    known = {row.key for row in rows}
    others = (item for item in offered.values() if item.key not in known)
    return rows + [FieldRow(item.key, item.label_zh, item.label_en, False, False) for item in others]


def _typed_rows(data: QueryDict) -> list[FieldRow]:
    """The fields in the order in which they were sent, with the words that were typed."""
    offered = offered_fields()
    keys = [key for key in dict.fromkeys(data.getlist("order")) if key in offered]
    keys += [key for key in offered if key not in keys]
    return [
        FieldRow(
            key,
            data.get(f"zh-{key}", "").strip()[:120] or offered[key].label_zh,
            data.get(f"en-{key}", "").strip()[:120] or offered[key].label_en,
            f"ask-{key}" in data,
            f"must-{key}" in data,
        )
        for key in keys
    ]


def _moved(rows: list[FieldRow], wish: str) -> list[FieldRow]:
    """The rows after one of them was moved up or down: "up.city"."""
    direction, _dot, key = wish.partition(".")
    place = next((place for place, row in enumerate(rows) if row.key == key), None)
    if place is None or direction not in ("up", "down"):
        return rows
    target = max(0, min(len(rows) - 1, place + (-1 if direction == "up" else 1)))
    moved = list(rows)
    moved.insert(target, moved.pop(place))
    return moved


def _save(known: WebForm | None, built: Built, *, version: int | None, actor: Actor) -> WebForm:
    values, offered = built.form.cleaned_data, offered_fields()
    kept = FormSettings(
        slug=values["slug"].lower(),
        is_open=values["is_open"],
        sites=sites_of(values["sites"]),
        source=values["source"],
        owner_way=values["owner_way"],
        owner_id=values["owner"],
        unit_id=values["unit"],
        pool_id=values["pool"],
        is_confirmed=values["is_confirmed"],
    )
    content = FormContent(
        **{name: values[name] for name in ("title_zh", "title_en", "introduction_zh", "introduction_en")},
        **{name: values[name] for name in ("thanks_zh", "thanks_en", "redirect_url")},
        fields=tuple(
            AskedField(
                row.key,
                row.label_zh,
                row.label_en,
                row.is_required,
                offered[row.key] if offered[row.key].is_made else None,
            )
            for row in built.rows
            if row.is_asked
        ),
        consents=tuple(_consent(line.cleaned_data) for line in built.lines if line.cleaned_data["wording_zh"].strip()),
    )
    if known is None:
        return create_form(kept, content, actor=actor)
    return edit_form(known.pk, kept, content, version=version, actor=actor)


def _consent(values: Mapping[str, object]) -> AskedConsent:
    asked = AskedConsent(
        str(values["purpose"]), str(values["channel"]), str(values["wording_zh"]), str(values["wording_en"])
    )
    return replace(asked, is_required=bool(values["is_required"]))
