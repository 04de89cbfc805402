"""Setting up pools: the pools, their rules with a simulation, the limits of persons, the last nights."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers.facade import account_rows, relation_name, relation_names
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import active_people, all_roles, people, unit_names
from guanxi.platform.jobs.models import JobRun
from guanxi.platform.objects.criteria import criteria_of, exemptions_of
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
from guanxi.stewardship.choices import AssignWay
from guanxi.stewardship.commands import pool_settings as commands
from guanxi.stewardship.commands.night_undo import undo_recycling
from guanxi.stewardship.forms.pools import LimitForm, PoolForm, RuleForm, offered
from guanxi.stewardship.models import HoldingLimit, Pool, RecycleRule
from guanxi.stewardship.objects.pool_words import rule_details, rule_sentence
from guanxi.stewardship.queries.pools import (
    last_runs,
    limits_to_set_up,
    pools_to_set_up,
    rules_to_set_up,
    waiting_counts,
)
from guanxi.stewardship.queries.recycling import all_terms, terms_of
from guanxi.stewardship.rules.pools import Term
from guanxi.stewardship.views.pools import SHOWN_FIELDS
from guanxi.value.choices import GRADE_NAMES, GRADES

MOST_NAMED = 8
RULE_FIELDS = (
    "criterion",
    "days",
    "grades",
    "relations",
    "exemptions",
    "warn_days",
    "manager_days",
    "starts_on",
    "is_active",
)


@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    """All pools with their rules as sentences, the limits, the last nights."""
    return render(request, "stewardship/settings.html", _settings(actor_of(request), LimitForm()))


def _settings(actor: Actor, form: LimitForm) -> dict[str, object]:
    today, pools, rules = timezone.localdate(), pools_to_set_up(actor), rules_to_set_up(actor)
    counts, nights = waiting_counts(pools), last_runs(actor)
    jobs = JobRun.objects.in_bulk([night.undo_run_id for night in nights if night.undo_run_id is not None])
    return {
        "pools": [
            {
                "pool": pool,
                "count": formats.number(sum(counts.get(pool.pk, {}).values())),
                "rules": [_rule_view(rule, today=today) for rule in rules if rule.pool_id == pool.pk],
            }
            for pool in pools
        ],
        "limits": [_limit_view(limit) for limit in limits_to_set_up(actor)],
        "limit_form": _offered_limit(form),
        "runs": [
            {
                "run": run,
                "day": formats.day(run.day, today=today),
                "moved": formats.number(run.moved),
                "assigned": formats.number(run.assigned),
                "warned": formats.number(run.warned),
                "restored": formats.number(run.restored),
                "job": jobs.get(run.undo_run_id) if run.undo_run_id is not None else None,
            }
            for run in nights
        ],
        "is_taking_back": any(night.undone_at and not night.undo_ended_at for night in nights),
    }


def _rule_view(rule: RecycleRule, *, today: date) -> dict[str, object]:
    return {
        "rule": rule,
        "sentence": rule_sentence(rule, relations=[relation_name(key) for key in rule.relations]),
        "details": " · ".join(rule_details(rule, today=today)),
    }


def _limit_view(limit: HoldingLimit) -> dict[str, object]:
    names = unit_names()
    whose = str(limit.user) if limit.user else names.get(limit.unit_id or 0, "") if limit.unit_id else str(limit.role)
    known = exemptions_of("account")
    return {
        "limit": limit,
        "whose": whose,
        "most": formats.number(limit.most),
        "exempt": [str(known[key].label) for key in limit.exemptions if key in known],
    }


def _offered_limit(form: LimitForm) -> LimitForm:
    persons = [(f"user:{person.id}", person.name) for person in active_people()]
    units = [(f"unit:{unit_id}", name) for unit_id, name in unit_names().items()]
    roles = [(f"role:{role.pk}", role.label) for role in all_roles()]
    groups = [(_("Roles"), roles), (_("Departments"), units), (_("Persons"), persons)]
    return offered(form, whose=groups, exemptions=_exemptions())


def _exemptions() -> list[tuple[object, object]]:
    return [(item.key, item.label) for item in exemptions_of("account").values()]


def _relations() -> list[tuple[object, object]]:
    return [(key, in_language(*names)) for key, names in relation_names().items()]


@require_http_methods(["GET", "HEAD", "POST"])
def pool_form(request: HttpRequest, pool_id: int | None = None) -> HttpResponse:
    """Make or change a pool. Raises: NotFound."""
    actor = actor_of(request)
    pool = grant(actor, Pool, Action.ADMINISTER).live(pool_id) if pool_id is not None else None
    form = _offered_pool(PoolForm(request.POST if request.method == "POST" else None, initial=_initial(pool)))
    version = pool.version if pool else 0
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        values["unit_id"] = values.pop("unit")
        try:
            if pool is None:
                commands.create_pool(values, actor=actor)
            else:
                commands.edit_pool(pool.pk, values, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            messages.success(request, _("Saved."))
            return _to_settings()
    context = {"form": form, "pool": pool, "version": version}
    return render(request, "stewardship/pool_form.html", context, status=422 if form.errors else 200)


def _initial(pool: Pool | None) -> dict[str, object]:
    if pool is None:
        return {"shown_fields": Pool().shown_fields, "cooling_days": 30}
    return {name: getattr(pool, name) for name in PoolForm.base_fields if name != "unit"} | {"unit": pool.unit_id}


def _offered_pool(form: PoolForm) -> PoolForm:
    units = list(unit_names().items())
    persons = [(person.id, person.name) for person in active_people()]
    return offered(
        form,
        unit=[("", _("None")), *units],
        relations=_relations(),
        unit_ids=units,
        member_ids=persons,
        admin_ids=persons,
        shown_fields=tuple(SHOWN_FIELDS.items()),
    )


@require_POST
def remove_pool(request: HttpRequest, pool_id: int) -> HttpResponse:
    """Take a pool away. Raises: NotFound, Conflict("pool.not_empty")."""
    commands.remove_pool(pool_id, actor=actor_of(request))
    messages.success(request, _("The pool is gone."))
    return _to_settings()


def _to_settings() -> HttpResponse:
    return HttpResponseRedirect(reverse("pool_settings"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_form(request: HttpRequest, pool_id: int, rule_id: int | None = None) -> HttpResponse:
    """Make or change a rule of a pool; beside it what it would do. Raises: NotFound."""
    actor = actor_of(request)
    pool = grant(actor, Pool, Action.ADMINISTER).live(pool_id)
    rule = _rule(pool, rule_id, actor=actor)
    form = _offered_rule(RuleForm(request.POST if request.method == "POST" else None, initial=_rule_initial(rule)))
    version = rule.version
    if request.method == "POST" and form.is_valid():
        try:
            if rule_id is None:
                commands.create_rule({**form.cleaned_data, "pool_id": pool.pk}, actor=actor)
            else:
                commands.edit_rule(rule_id, form.cleaned_data, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            messages.success(request, _("Saved. It counts from the next night on."))
            return _to_settings()
    context = {"form": form, "pool": pool, "rule": rule, "version": version} | _simulated(rule, actor)
    return render(request, "stewardship/rule.html", context, status=422 if form.errors else 200)


def _rule(pool: Pool, rule_id: int | None, *, actor: Actor) -> RecycleRule:
    """The rule of an id, or a draft of a new one. Raises: NotFound, also for a rule of another pool."""
    if rule_id is None:
        return RecycleRule(pool=pool, criterion="no_follow_up", days=90, starts_on=timezone.localdate())
    rule = grant(actor, RecycleRule, Action.ADMINISTER).live(rule_id)
    if rule.pool_id != pool.pk:
        raise no_such_record()
    rule.pool = pool
    return rule


def _rule_initial(rule: RecycleRule) -> dict[str, object]:
    return {name: getattr(rule, name) for name in RULE_FIELDS}


def _offered_rule(form: RuleForm) -> RuleForm:
    return offered(
        form,
        criterion=[(item.key, item.label) for item in criteria_of("account").values()],
        grades=[(grade, f"{grade} {GRADE_NAMES[grade]}") for grade in GRADES],
        relations=_relations(),
        exemptions=_exemptions(),
    )


@require_POST
def simulate(request: HttpRequest, pool_id: int) -> HttpResponse:
    """What a rule as it stands in the form would do, before it is saved. It changes nothing. Raises: NotFound."""
    actor = actor_of(request)
    draft = _rule(grant(actor, Pool, Action.ADMINISTER).live(pool_id), None, actor=actor)
    form = _offered_rule(RuleForm(request.POST))
    if not form.is_valid():
        return render(request, "stewardship/_simulation.html", {"is_unclear": True}, status=200)
    for name in RULE_FIELDS:
        setattr(draft, name, form.cleaned_data[name])
    return render(request, "stewardship/_simulation.html", _simulated(draft, actor))


def _simulated(rule: RecycleRule, actor: Actor) -> dict[str, object]:
    """What the first night under a rule would move: how many, of which grades, from whom, and some by name."""
    today = timezone.localdate()
    night = max(today, rule.starts_on)
    reached = list(all_terms([terms_of(rule)]))
    terms = [term for term in reached if term.leaves_on <= night]
    terms.sort(key=lambda term: (term.leaves_on, term.account_id))
    named = account_rows(actor, [term.account_id for term in terms[:MOST_NAMED]])
    owners = people(term.owner_id for term in terms)
    by_owner = Counter(term.owner_id for term in terms).most_common(MOST_NAMED)
    return {
        "count": formats.number(len(terms)),
        "is_tonight": night == today,
        "night": formats.day(night, today=today),
        "sentence": rule_sentence(rule, relations=[relation_name(key) for key in rule.relations]),
        "steps": _steps(rule, reached, night=night, moved=len(terms)),
        "grades": _grade_lines(terms),
        "owners": [(owners[pk].name, formats.number(count), _share(count, terms)) for pk, count in by_owner],
        "named": [_named(term, named, owners) for term in terms[:MOST_NAMED] if term.account_id in named],
        "more": formats.number(len(terms) - len(named)) if len(terms) > len(named) else "",
    }


def _steps(rule: RecycleRule, terms: Sequence[Term], *, night: date, moved: int) -> list[tuple[str, str, str]]:
    """What happens after how many days, to how many customers in the first night: told, told above, moved."""
    if rule.manager_days is None:
        return []
    told = [(_("The owner is told"), rule.warn_days)] if rule.warn_days else []
    told.append((_("The manager is told"), rule.manager_days))
    steps = [
        (words, rule.days - before, sum(night < term.leaves_on <= night + timedelta(days=before) for term in terms))
        for words, before in told
    ]
    way = AssignWay(rule.pool.assign_way)
    last = _("Into the pool") if way == AssignWay.NONE else _("Into the pool, then: %(way)s") % {"way": way.label}
    steps.append((last, rule.days, moved))
    ordered = sorted(steps, key=lambda step: step[1])
    return [(_day_words(max(0, days)), words, formats.number(count)) for words, days, count in ordered]


def _day_words(days: int) -> str:
    return ngettext("after %(days)s day", "after %(days)s days", days) % {"days": formats.number(days)}


def _named(term: Term, named: Mapping[int, object], owners: Mapping[int, object]) -> dict[str, object]:
    account, owner = named[term.account_id], owners.get(term.owner_id)
    return {"account": account, "owner": owner, "url": reverse("account_card", args=[term.account_id])}


def _grade_lines(terms: Sequence[Term]) -> list[tuple[str, str, str]]:
    counts = Counter(term.grade for term in terms)
    known = [grade for grade in (*GRADES, "") if counts[grade]]
    return [
        (
            graphics.grade(grade, str(GRADE_NAMES[grade])) if grade else formats.MISSING,
            formats.number(counts[grade]),
            _share(counts[grade], terms),
        )
        for grade in known
    ]


def _share(count: int, terms: Sequence[Term]) -> str:
    return graphics.bar(100 * count / len(terms))


@require_POST
def remove_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take a rule away, with an undo. Raises: NotFound."""
    commands.remove_rule(rule_id, actor=actor_of(request))
    messages.success(request, _("The rule is gone."), extra_tags=reverse("restore_recycle_rule", args=[rule_id]))
    return _to_settings()


@require_POST
def restore_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Bring a rule back. Raises: NotFound."""
    commands.restore_rule(rule_id, actor=actor_of(request))
    messages.success(request, _("The rule is back."))
    return _to_settings()


@require_POST
def add_limit(request: HttpRequest) -> HttpResponse:
    """Set how many customers a person, a unit or a role may look after."""
    actor, form = actor_of(request), _offered_limit(LimitForm(request.POST))
    if form.is_valid():
        kind, _colon, key = form.cleaned_data["whose"].partition(":")
        values = {
            f"{kind}_id": int(key),
            "most": form.cleaned_data["most"],
            "exemptions": form.cleaned_data["exemptions"],
        }
        try:
            commands.create_limit(values, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Saved."))
            return _to_settings()
    return render(request, "stewardship/settings.html", _settings(actor, form), status=422)


@require_POST
def remove_limit(request: HttpRequest, limit_id: int) -> HttpResponse:
    """Take a limit away. Raises: NotFound."""
    commands.remove_limit(limit_id, actor=actor_of(request))
    messages.success(request, _("The limit is gone."))
    return _to_settings()


@require_POST
def undo_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Take a night back. Raises: NotFound, Conflict("pool.undone")."""
    run = undo_recycling(run_id, title=_("Taking a night of the pools back"), actor=actor_of(request))
    if run.undo_ended_at is None:
        messages.success(request, _("The night is being taken back. The bell tells when it is over."))
        return _to_settings()
    words = ngettext(
        "%(count)s customer is back with the former owner",
        "%(count)s customers are back with their owners",
        run.restored,
    )
    messages.success(request, words % {"count": formats.number(run.restored)})
    return _to_settings()
