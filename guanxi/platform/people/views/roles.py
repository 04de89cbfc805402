"""Roles: what each may do with which records and fields, as a sheet; new, copied, retired."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.catalogue import protected_object
from guanxi.platform.access.policy import current_policy_version
from guanxi.platform.access.rules import Action, Nobody, parse_rule
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.commands import RoleTerms, add_role, edit_role, reinstate_role, retire_role
from guanxi.platform.accounts.models import Role
from guanxi.platform.accounts.queries import administers_roles
from guanxi.platform.accounts.role_queries import role_by_id, role_lines, terms_of
from guanxi.platform.people.role_forms import RoleForm, RuleForm
from guanxi.platform.people.role_sheet import posted_terms, role_sheet, row_objects
from guanxi.platform.people.words import ACTION_WORDS, object_words, rule_words
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.navigation import SettingsEntry, register_settings


@require_safe
def roles_page(request: HttpRequest) -> HttpResponse:
    """All roles and how many people have each."""
    return render(request, "people/roles.html", {"roles": role_lines(actor_of(request))})


@require_http_methods(["GET", "HEAD", "POST"])
def new_role(request: HttpRequest) -> HttpResponse:
    """Name a new role; it may do nothing yet, or what the role `copy` may do."""
    actor = actor_of(request)
    copied = request.GET.get("copy", "")
    source = role_by_id(int(copied), actor) if copied.isascii() and copied.isdecimal() and len(copied) < 10 else None
    form = RoleForm(request.POST or None, initial=_copied_names(source) if source else None)
    if request.method == "POST" and form.is_valid():
        terms = terms_of(source) if source else RoleTerms("", "", {}, {})
        try:
            role = add_role(replace(terms, **form.cleaned_data), actor=actor)
        except (Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            return HttpResponseRedirect(reverse("role", args=[role.pk]), status=303)
    context = {"form": form, "source": source}
    return render(request, "people/new_role.html", context, status=422 if form.errors else 200)


def _copied_names(source: Role) -> dict[str, str]:
    chinese = _("%(name)s (copy)") % {"name": source.name}
    return {"name": chinese, "name_en": f"{source.name_en} (copy)" if source.name_en else ""}


@require_http_methods(["GET", "HEAD", "POST"])
def role_page(request: HttpRequest, role_id: int) -> HttpResponse:
    """One role: rows by object and action, fields by their protection, daily limits."""
    actor = actor_of(request)
    role = role_by_id(role_id, actor)
    terms = terms_of(role)
    form = RoleForm(request.POST or None, initial={"name": role.name, "name_en": role.name_en})
    if request.method == "POST" and form.is_valid():
        try:
            sent = posted_terms(request.POST, before=terms, **form.cleaned_data)
            edit_role(role.pk, terms=sent, version=_posted_policy(request), actor=actor)
        except (AccessDenied, Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Saved. It holds for everybody from the next click on."))
            return HttpResponseRedirect(reverse("role", args=[role.pk]), status=303)
    return render(request, "people/role.html", _role_context(role, terms, form), status=422 if form.errors else 200)


def _role_context(role: Role, terms: RoleTerms, form: RoleForm) -> dict[str, Any]:
    return {
        "role": role,
        "form": form,
        "sheet": role_sheet(terms),
        "actions": tuple(ACTION_WORDS.values()),
        "objects": [(item.key, object_words(item)) for item in row_objects()],
        "action_choices": [(action.value, word) for action, word in ACTION_WORDS.items()],
        "policy": current_policy_version(),
    }


def _posted_policy(request: HttpRequest) -> int:
    text = request.POST.get("policy", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


@require_http_methods(["GET", "HEAD", "POST"])
def role_rule(request: HttpRequest, role_id: int) -> HttpResponse:
    """Compose the row rule of one object and action: whose rows, and by which values of fields.

    Raises: NotFound("role.no_rule") for an object or an action that there is not.
    """
    actor = actor_of(request)
    role = role_by_id(role_id, actor)
    item, action = protected_object(request.GET.get("object", "")), request.GET.get("action", "")
    if item is None or not item.has_row_rules or action not in set(Action):
        raise NotFound("role.no_rule", "There is no such rule.")
    terms = terms_of(role)
    policy = terms.policy()
    rule = policy.row_rule(item.key, Action(action))
    form = RuleForm(request.POST or None, model=item.model, actor=actor, rule=rule)
    if request.method == "POST" and form.is_valid():
        sent = replace(terms, rows={**terms.rows, (item.key, action): form.rule_data()})
        try:
            edit_role(role.pk, terms=sent, version=_posted_policy(request), actor=actor)
        except (AccessDenied, Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            words = rule_words(parse_rule(form.rule_data()), item.model)
            messages.success(request, _("%(object)s: %(rule)s") % {"object": object_words(item), "rule": words})
            return HttpResponseRedirect(reverse("role", args=[role.pk]), status=303)
    context = {
        "role": role,
        "form": form,
        "object": object_words(item),
        "action": ACTION_WORDS[Action(action)],
        "now": rule_words(rule, item.model) if rule != Nobody() else "",
        "policy": current_policy_version(),
    }
    return render(request, "people/role_rule.html", context, status=422 if form.errors else 200)


@require_POST
def retire(request: HttpRequest, role_id: int) -> HttpResponse:
    """Offer a role no more; the list offers to take it back."""
    return _retired(request, retire_role(role_id, actor=actor_of(request)), _("“%(name)s” is retired."))


@require_POST
def reinstate(request: HttpRequest, role_id: int) -> HttpResponse:
    """Offer a retired role again."""
    return _retired(request, reinstate_role(role_id, actor=actor_of(request)), _("“%(name)s” can be given again."))


def _retired(request: HttpRequest, role: Role, words: str) -> HttpResponse:
    messages.success(request, words % {"name": role.label})
    return HttpResponseRedirect(reverse("roles"), status=303)


def is_offered(actor: Actor) -> bool:
    """Whether the actor says what roles may do."""
    return administers_roles(actor)


register_settings(
    SettingsEntry(
        "roles",
        _l("Roles"),
        _l("Who sees, changes, exports and hands over what; protected fields; daily limits."),
        "shield-check",
        "roles",
        group=_l("For the house"),
        order=214,
        is_shown=is_offered,
    )
)
