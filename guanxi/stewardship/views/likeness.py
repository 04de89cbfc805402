"""The house's rules of duplicates: what counts as the same, what is done at each way in, and what that would find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.errors import Conflict, NotFound, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.alike import EntryPoint
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import Label, View
from guanxi.platform.ui.controls import LinkControl
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship.commands.likeness import forget_house_rule, set_house_rule
from guanxi.stewardship.forms.likeness import LikenessForm
from guanxi.stewardship.queries.likeness import kept_rule, rule_of
from guanxi.stewardship.queries.likeness_trial import NewestTrial, PairTrial, try_newest, try_pair
from guanxi.stewardship.rules.likeness import ACCOUNT, DEFAULTS, HouseRule, Verdict

PAIR, NEWEST, SAVE = "pair", "newest", "save"


@dataclass(frozen=True, slots=True)
class RuleTab:
    """The rules of one object at the top of the page."""

    label: Label
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """What rules say of two records, in words: whether they look alike, how certain, why; or which rule is wanting."""

    names: tuple[str, str]
    is_alike: bool
    certainty: float
    has_group: bool
    reasons: tuple[tuple[Label, float], ...]


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest, object_key: str = ACCOUNT) -> HttpResponse:
    """The rules of one object: saved, or tried as they stand in the form. Raises: NotFound, AccessDenied."""
    _require_known(object_key)
    actor = actor_of(request)
    view = View(actor, timezone.localdate())
    kept = kept_rule(object_key, actor)
    rule = rule_of(kept) if kept is not None else DEFAULTS[object_key]
    form = LikenessForm(object_key, rule, *([request.POST] if request.method == "POST" else []))
    pair = _pair_form(object_key, request, view)
    version = kept.version if kept is not None else 0
    tried: Mapping[str, object] = {}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do", SAVE) != SAVE:
            tried = _tried(request, object_key, form.rule, pair, view)
        else:
            try:
                set_house_rule(object_key, form.rule, version=posted_version(request), actor=actor)
            except (RuleViolation, Conflict) as error:
                show_refusal(form, error)
                version = version_after(error, version)
            else:
                messages.success(request, _("Saved. It holds from now on."))
                return leading_to(request, reverse("likeness_of", args=[object_key]))
    context = {
        "form": form,
        "pair": pair,
        "version": version,
        "is_default": kept is None,
        "object_key": object_key,
        "tabs": [_tab(key, current=object_key) for key in DEFAULTS],
        **tried,
    }
    is_faulty = bool(form.errors) or (request.POST.get("do") == PAIR and bool(pair.errors))
    return render(request, "stewardship/likeness.html", context, status=422 if is_faulty else 200)


@require_POST
def forget(request: HttpRequest, object_key: str) -> HttpResponse:
    """Let the defaults hold again. Raises: NotFound, AccessDenied."""
    _require_known(object_key)
    forget_house_rule(object_key, actor=actor_of(request))
    messages.success(request, _("The rules that Guanxi comes with hold again."))
    return leading_to(request, reverse("likeness_of", args=[object_key]))


def _require_known(object_key: str) -> None:
    if object_key not in DEFAULTS:
        raise NotFound("likeness.object", "There are no such rules.")


def _tab(object_key: str, *, current: str) -> RuleTab:
    return RuleTab(listed_object(object_key).plural, reverse("likeness_of", args=[object_key]), object_key == current)


def _pair_form(object_key: str, request: HttpRequest, view: View) -> forms.Form:
    """The two records that are tried."""
    typed = {name: request.POST.get(name, "") for name in ("one", "other")}
    form = forms.Form(request.POST if request.POST.get("do") == PAIR else None, initial=typed)
    for name, label in (("one", _("One record")), ("other", _("Another record"))):
        control = LinkControl(object_key, view)
        control.label = label
        form.fields[name] = control
    return form


def _tried(
    request: HttpRequest, object_key: str, rule: HouseRule, pair: forms.Form, view: View
) -> Mapping[str, object]:
    """What the rules as they stand in the form say, of two records or of the newest ones."""
    least = rule.entries[EntryPoint.FORM].least
    if request.POST.get("do") == NEWEST:
        found: NewestTrial = try_newest(object_key, rule, view.actor)
        return {"newest": found, "lines": _lines(found.pairs, least)}
    if not pair.is_valid():
        return {}
    ids = (pair.cleaned_data["one"], pair.cleaned_data["other"])
    if ids[0] == ids[1]:
        pair.add_error("other", _("Choose two different records."))
        return {}
    return {"verdict": _line(try_pair(object_key, rule, ids, view.actor), least)}


def _lines(pairs: Sequence[PairTrial], least: float) -> list[VerdictLine]:
    return [_line(pair, least) for pair in pairs]


def _line(pair: PairTrial, least: float) -> VerdictLine:
    verdict: Verdict = pair.verdict
    reasons = tuple((reason.evidence.label, reason.weight) for reason in verdict.reasons)
    is_alike = verdict.is_alike(least)
    return VerdictLine(pair.names, is_alike, verdict.certainty, verdict.group is not None, reasons)
