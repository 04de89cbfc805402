"""Pages of the classes into which customers are sorted: what we do for each, and whether they differ at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.care.commands.strategies import set_strategy
from guanxi.care.forms import StrategyForm
from guanxi.customers.choices import ContactedBy
from guanxi.customers.facade import (
    KnownStrategy,
    Scheme,
    SchemeClass,
    Strategy,
    class_counts,
    class_name,
    known_strategy,
    may_set_strategies,
    may_set_up_schemes,
    remove_class_strategy,
    scheme_name,
    schemes,
    strategies,
)
from guanxi.engagement.choices import CHANNELS
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.spec import Label
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after

STEPS = ("channel_1", "channel_2", "channel_3")


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class: its customers, and its strategy in words; `edit_url` is "" for who may not set it."""

    key: str
    name: str
    definition: str
    colour: str
    is_active: bool
    customers: str
    url: str
    interval: str
    channels: str
    contacted_by: Label
    tone: str
    offer: str
    edit_url: str

    @property
    def has_strategy(self) -> bool:
        """Whether the class has a strategy at all."""
        return bool(self.contacted_by)


@require_safe
def classes_page(request: HttpRequest) -> HttpResponse:
    """All schemes with their classes, how many customers each has, and its strategy."""
    actor = actor_of(request)
    counts = class_counts(actor)
    can_edit = may_set_strategies(actor)
    shown = [
        {
            "id": scheme.id,
            "name": scheme_name(scheme.id),
            "purpose": scheme.purpose,
            "is_active": scheme.is_active,
            "count": formats.number(sum(counts.get((scheme.id, item.key), 0) for item in scheme.classes)),
            "lines": _lines(scheme, counts, can_edit=can_edit),
        }
        for scheme in schemes().values()
    ]
    return render(request, "care/classes.html", {"schemes": shown, "can_set_up": may_set_up_schemes(actor)})


def _lines(scheme: Scheme, counts: Mapping[tuple[int, str], int], *, can_edit: bool) -> list[ClassLine]:
    known = strategies()
    return [
        _line(
            scheme.id,
            item,
            known.get((scheme.id, item.key)),
            count=counts.get((scheme.id, item.key), 0),
            can_edit=can_edit,
        )
        for item in scheme.classes
        if item.is_active or counts.get((scheme.id, item.key))
    ]


def _line(scheme_id: int, item: SchemeClass, strategy: Strategy | None, *, count: int, can_edit: bool) -> ClassLine:
    labels = [str(CHANNELS[name].label) for name in strategy.channels if name in CHANNELS] if strategy else []
    return ClassLine(
        key=item.key,
        name=class_name(scheme_id, item.key),
        definition=item.definition,
        colour=item.colour,
        is_active=item.is_active,
        customers=formats.number(count),
        url=class_url(scheme_id, item.key),
        interval=_interval(strategy),
        channels=" → ".join(labels),
        contacted_by=ContactedBy(strategy.contacted_by).label if strategy else "",
        tone=strategy.tone if strategy else "",
        offer=strategy.offer if strategy else "",
        edit_url=reverse("class_strategy", args=[scheme_id, item.key]) if can_edit else "",
    )


def _interval(strategy: Strategy | None) -> str:
    if strategy is None or strategy.ideal_days is None or strategy.maximum_days is None:
        return ""
    words = {"days": formats.number(strategy.ideal_days), "maximum": formats.number(strategy.maximum_days)}
    return _("every %(days)s days, at the latest after %(maximum)s") % words


def class_url(scheme_id: int, key: str, **further: str) -> str:
    """The list of the customers of a class, narrowed or sorted further."""
    return f"{reverse('account_list')}?{urlencode({'class': f'{scheme_id}:{key}', **further})}"


@require_http_methods(["GET", "HEAD", "POST"])
def strategy_form(request: HttpRequest, scheme_id: int, class_key: str) -> HttpResponse:
    """Set the strategy of a class, or take it away. Raises: NotFound."""
    actor = actor_of(request)
    known = known_strategy(scheme_id, class_key, actor)
    is_sent = request.method == "POST"
    form = StrategyForm(request.POST if is_sent else None, initial=_initial(known))
    version = known.version
    if is_sent and ("remove" in request.POST or form.is_valid()):
        try:
            _save(request, form, scheme_id=scheme_id, class_key=class_key, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            messages.success(request, _("Saved. It counts from the next plan, at five in the morning."))
            return HttpResponseRedirect(f"{reverse('classes')}#class-{scheme_id}-{class_key}", status=303)
    context = {
        "form": form,
        "version": version,
        "name": class_name(scheme_id, class_key),
        "scheme": scheme_name(scheme_id),
        "has_strategy": known.strategy is not None,
    }
    return render(request, "care/strategy.html", context, status=422 if form.errors else 200)


def _initial(known: KnownStrategy) -> dict[str, object]:
    found = known.strategy
    if found is None:
        return {"contacted_by": ContactedBy.OWNER}
    return {
        "ideal_days": found.ideal_days,
        "maximum_days": found.maximum_days,
        "contacted_by": found.contacted_by,
        "tone": found.tone,
        "offer": found.offer,
        **dict(zip(STEPS, found.channels, strict=False)),
    }


def _save(request: HttpRequest, form: StrategyForm, *, scheme_id: int, class_key: str, actor: Actor) -> None:
    version = posted_version(request)
    if "remove" in request.POST:
        remove_class_strategy(scheme_id, class_key, version=version, actor=actor)
        return
    values = form.cleaned_data
    strategy = Strategy(
        scheme_id,
        class_key,
        values["ideal_days"],
        values["maximum_days"],
        tuple(values[step] for step in STEPS if values[step]),
        values["contacted_by"],
        values["tone"],
        values["offer"],
    )
    set_strategy(strategy, version=version, actor=actor)
