"""Rules of retention: the list with the nights and the holds, writing one, what it would do, confirming it."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers.facade import relation_names
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.erasing import erasable_objects
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.removal import may_remove
from guanxi.platform.objects.retention import RetentionCondition, retention_conditions
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.preferences.registry import preference
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship import commands
from guanxi.stewardship.adapters.retaining import MOST
from guanxi.stewardship.choices import RetentionAction
from guanxi.stewardship.forms.retention import asked_in, initial_of, rule_form
from guanxi.stewardship.models import LegalHold, RetentionRule
from guanxi.stewardship.objects.retention import rule_sentence
from guanxi.stewardship.queries.restraints import hold_rows
from guanxi.stewardship.queries.retention import RuleRow, found_by, has_looked, rule_row, rule_rows, run_rows
from guanxi.stewardship.rules.retention import RetentionTerms, asked_of, coming_night
from guanxi.stewardship.views.privacy_tabs import privacy_tabs


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All rules with their state, the holds in force, the last nights."""
    actor = actor_of(request)
    objects = [listed_object(key) for key in erasable_objects()]
    can_write = may(actor, RetentionRule, Action.CREATE)
    context = {
        "tabs": privacy_tabs(actor, "retention"),
        "rules": [_rule_view(row) for row in rule_rows(actor)],
        "objects": objects if can_write else [],
        "holds": hold_rows(actor, today=timezone.localdate()),
        "can_release": may(actor, LegalHold, Action.EDIT),
        "runs": run_rows(actor),
    }
    return render(request, "stewardship/retention.html", context)


def _rule_view(row: RuleRow) -> dict[str, object]:
    spec = listed_object(row.rule.object_key)
    return {"row": row, "rule": row.rule, "sentence": rule_sentence(row.rule), "plural": spec.plural}


@require_http_methods(["GET", "HEAD", "POST"])
def rule_page_form(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """Write or change a rule. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    rule = grant(actor, RetentionRule, Action.EDIT).live(rule_id) if rule_id is not None else None
    spec = _asked_object(request, rule)
    conditions = tuple(retention_conditions(spec.key).values())
    form = rule_form(conditions, _relations(), data=request.POST or None, initial=_initial(rule))
    version = rule.version if rule else 0
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(form, conditions, spec=spec, rule=rule, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            return leading_to(request, reverse("retention_rule", args=[saved.pk]))
    context = {
        "form": form,
        "rule": rule,
        "version": version,
        "spec": spec,
        "asked": [form[f"c_{item.key}"] for item in conditions],
    }
    return render(request, "stewardship/retention_form.html", context, status=422 if form.errors else 200)


def _asked_object(request: HttpRequest, rule: RetentionRule | None) -> ObjectSpec:
    key = rule.object_key if rule is not None else request.GET.get("object", "account")
    if key not in erasable_objects():
        raise no_such_record()
    return listed_object(key)


def _relations() -> list[tuple[str, str]]:
    return [(key, in_language(*names)) for key, names in relation_names().items()]


def _initial(rule: RetentionRule | None) -> dict[str, object]:
    if rule is None:
        return {}
    asked = initial_of(asked_of(rule.conditions))
    return {"name": rule.name, "relations": rule.relations, "action": rule.action, **asked}


def _save(
    form: forms.Form,
    conditions: Sequence[RetentionCondition],
    *,
    spec: ObjectSpec,
    rule: RetentionRule | None,
    version: int | None,
    actor: Actor,
) -> RetentionRule:
    terms = RetentionTerms(
        name=form.cleaned_data["name"],
        object_key=spec.key,
        asked=asked_in(form, conditions),
        relations=tuple(form.cleaned_data["relations"]),
        action=RetentionAction(form.cleaned_data["action"]),
    )
    if rule is None:
        return commands.create_retention_rule(terms, actor=actor)
    return commands.edit_retention_rule(rule.pk, terms, version=version, actor=actor)


@require_safe
def rule_page(request: HttpRequest, rule_id: int) -> HttpResponse:
    """One rule: its state, what it would do tonight for who has asked, its nights. Raises: NotFound."""
    actor = actor_of(request)
    row = rule_row(rule_id, actor)
    rule, spec = row.rule, listed_object(row.rule.object_key)
    can_edit = may(actor, RetentionRule, Action.EDIT)
    can_see = may(actor, spec.model, Action.VIEW)
    is_seen = can_edit and can_see and has_looked(rule, actor)
    night = coming_night(timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE)))
    found = found_by(rule, actor, day=night) if is_seen else None
    is_of_trash = any(retention_conditions(spec.key)[item.key].is_of_trash for item in asked_of(rule.conditions))
    links = [(name, "" if is_of_trash else _card_url(spec, pk)) for pk, name in found.named] if found else []
    is_own = rule.author_id == actor.user_id
    context = {
        **_rule_view(row),
        "spec": spec,
        "found": found,
        "links": links,
        "more": found.count - len(links) if found else 0,
        "most": preference(MOST),
        "can_edit": can_edit,
        "can_look": can_edit and can_see,
        "is_own": is_own,
        "can_confirm": is_seen and not is_own and rule.confirmed_at is None and may_remove(spec, actor),
        "sees_all": may_remove(spec, actor),
        "runs": run_rows(actor, rule_id=rule.pk),
    }
    return render(request, "stewardship/retention_rule.html", context)


def _card_url(spec: ObjectSpec, record_id: int) -> str:
    return spec.detail_url(record_id) if spec.detail_url is not None else ""


@require_POST
def look(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Work out what a rule would do tonight, and show it. Raises: NotFound, AccessDenied."""
    commands.look_at_rule(rule_id, actor=actor_of(request))
    return leading_to(request, f"{reverse('retention_rule', args=[rule_id])}#found")


@require_POST
def confirm(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Let a rule work from tonight on. Raises: NotFound, AccessDenied, Conflict, RuleViolation."""
    text = request.POST.get("edition", "")
    edition = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    commands.confirm_rule(rule_id, edition=edition, actor=actor_of(request))
    messages.success(request, _("Confirmed. The rule works from tonight on."))
    return leading_to(request, reverse("retention_rule", args=[rule_id]))


@require_POST
def stop(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take the confirmation of a rule back. Raises: NotFound, AccessDenied."""
    commands.stop_rule(rule_id, actor=actor_of(request))
    messages.success(request, _("Stopped. It works again when it is confirmed."))
    return leading_to(request, reverse("retention_rule", args=[rule_id]))


@require_POST
def remove(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take a rule away. Raises: NotFound, AccessDenied."""
    commands.remove_retention_rule(rule_id, actor=actor_of(request))
    messages.success(request, _("The rule is gone."))
    return leading_to(request, reverse("retention"))
