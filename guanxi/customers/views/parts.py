"""What belongs to an account is added, changed, removed and put back here: one set of views for all kinds of parts."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers.commands.parts import Part, require_editable
from guanxi.customers.models import Affiliation, Contact, Relationship
from guanxi.customers.objects import ACCOUNT, account_url
from guanxi.customers.queries import account_by_id, accounts_named, parties_named
from guanxi.customers.views.part_forms import FilledForm, PartKind, filled_form
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.grant import grant
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.spec import Label
from guanxi.platform.ui.fields import FormView, focus_first, posted_version, show_refusal, version_after
from guanxi.platform.ui.format import enumeration
from guanxi.platform.ui.panels import render_panel
from guanxi.platform.ui.responses import is_fragment_request, page_or_fragment, with_toast, with_trigger


@require_http_methods(["GET", "HEAD", "POST"])
def new_part(request: HttpRequest, account_id: int, kind: PartKind) -> HttpResponse:
    """The form of a new part, and what was typed into it."""
    actor = actor_of(request)
    require_editable(account_id, actor=actor)
    filled = filled_form(kind, request, account_id=account_id, record=None, actor=actor)
    if request.method == "POST" and filled.form.is_valid():
        try:
            typed = filled.form.cleaned_data
            values = _named_parties(kind, request, account_id=account_id, values=typed, actor=actor)
            added = kind.add(kind.model(**{"account_id": account_id, **values}), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(filled.form, error)
        else:
            undo_url = _address(kind, "remove", account_id, added.pk)
            return _answer(request, kind, account_id=account_id, message=kind.added, undo_url=undo_url)
    return _form(request, kind, filled, account_id=account_id, record=None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_part(request: HttpRequest, account_id: int, record_id: int, kind: PartKind) -> HttpResponse:
    """The form of one part, and what was changed in it."""
    actor = actor_of(request)
    record = _record(kind, account_id, record_id, actor=actor)
    if record.trashed_at is not None:
        raise no_such_record()
    filled = filled_form(kind, request, account_id=account_id, record=record, actor=actor)
    version = posted_version(request) or record.version
    if request.method == "POST" and filled.form.is_valid():
        try:
            kind.edit(record_id, filled.form.cleaned_data, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(filled.form, error)
            version = version_after(error, version)
        else:
            return _answer(request, kind, account_id=account_id, message=_("Saved."))
    return _form(request, kind, filled, account_id=account_id, record=record, version=version)


@require_POST
def remove_part(request: HttpRequest, account_id: int, record_id: int, kind: PartKind) -> HttpResponse:
    """Put a part into the trash; the toast takes it back."""
    actor = actor_of(request)
    _record(kind, account_id, record_id, actor=actor)
    kind.remove(record_id, actor=actor)
    undo_url = _address(kind, "restore", account_id, record_id)
    return _answer(request, kind, account_id=account_id, message=kind.removed, undo_url=undo_url)


@require_POST
def restore_part(request: HttpRequest, account_id: int, record_id: int, kind: PartKind) -> HttpResponse:
    """Take a part out of the trash."""
    actor = actor_of(request)
    _record(kind, account_id, record_id, actor=actor)
    kind.restore(record_id, actor=actor)
    return _answer(request, kind, account_id=account_id, message=_("Taken back."))


@require_safe
def account_names(request: HttpRequest) -> HttpResponse:
    """Names of customers that begin to match what is being typed, as options of a field."""
    words = request.GET.get("account_id", "").strip().replace("\x00", "")[:100]
    found = accounts_named(words, actor_of(request)) if words else ()
    return render(request, "customers/_names.html", {"names": [name for _pk, name in found]})


@require_safe
def party_names(request: HttpRequest) -> HttpResponse:
    """Names of customers and of their people that begin to match what is being typed, as options of a field."""
    words = request.GET.get("other", "").strip().replace("\x00", "")[:100]
    found = parties_named(words, actor_of(request)) if words else ()
    return render(request, "customers/_names.html", {"names": [party.label for party in found]})


def _record(kind: PartKind, account_id: int, record_id: int, *, actor: Actor) -> Part:
    """The part, if it belongs to the account and the actor may change that one. Raises: NotFound, AccessDenied."""
    require_editable(account_id, actor=actor)
    record: Part = grant(actor, kind.model).get(record_id)
    owners = {record.account_id}
    if isinstance(record, Affiliation):
        owners.add(grant(actor, Contact).get(record.contact_id).account_id)
    if isinstance(record, Relationship):
        owners.add(record.other_account_id)
    if account_id not in owners:
        raise no_such_record()
    for owner_id in owners - {account_id}:
        require_editable(owner_id, actor=actor)
    return record


def _named_parties(
    kind: PartKind, request: HttpRequest, *, account_id: int, values: Mapping[str, Any], actor: Actor
) -> Mapping[str, Any]:
    """The values of a part with the records that its words mean. Raises: RuleViolation."""
    if kind.model is Relationship:
        return _related(account_id, values, actor=actor)
    return _named_account(kind, request, account_id=account_id, values=values, actor=actor)


def _related(account_id: int, values: Mapping[str, Any], *, actor: Actor) -> Mapping[str, Any]:
    """The values of a relationship: who is first follows from what the other party is.

    Raises: RuleViolation("relationship.unknown" | "relationship.ambiguous").
    """
    found = parties_named(str(values["other"]).strip(), actor)
    if not found:
        raise RuleViolation(
            "relationship.unknown", "No customer or person that you may change has this name.", field="other"
        )
    if len(found) > 1:
        names = enumeration(party.label for party in found)
        raise RuleViolation("relationship.ambiguous", "Several are meant: %(names)s.", names=names, field="other")
    type_key, _mark, side = str(values["relation"]).partition(":")
    here, there = (account_id, values["contact_id"]), (found[0].account_id, found[0].contact_id)
    first, second = (there, here) if side == "1" else (here, there)
    noted = {name: values[name] for name in ("bond", "since_on", "source", "note")}
    ends = {
        "account_id": first[0],
        "contact_id": first[1],
        "other_account_id": second[0],
        "other_contact_id": second[1],
    }
    return {**noted, **ends, "type_id": type_key}


def _named_account(
    kind: PartKind, request: HttpRequest, *, account_id: int, values: Mapping[str, Any], actor: Actor
) -> Mapping[str, Any]:
    """The values of a role with the account that its words mean and the contact that the address names.

    Raises: RuleViolation("account.unknown" | "account.ambiguous").
    """
    if kind.model is not Affiliation:
        return values
    found = accounts_named(str(values["account_id"]), actor)
    if not found:
        raise RuleViolation("account.unknown", "No customer that you may change has this name.", field="account_id")
    if len(found) > 1:
        names = enumeration(name for _pk, name in found)
        raise RuleViolation(
            "account.ambiguous", "Several customers are meant: %(names)s.", names=names, field="account_id"
        )
    contact = request.GET.get("contact", "")
    contact_id = int(contact) if contact.isascii() and contact.isdecimal() and len(contact) < 18 else 0
    named = grant(actor, Contact).get(contact_id)
    if named.account_id != account_id or named.trashed_at is not None:
        raise no_such_record()
    return {**values, "account_id": found[0][0], "contact_id": named.pk}


def _form(
    request: HttpRequest,
    kind: PartKind,
    filled: FilledForm,
    *,
    account_id: int,
    record: Part | None,
    version: int | None = None,
) -> HttpResponse:
    """The form in its place on the card, or on a page of its own."""
    focus_first(filled.form)
    view = FormView(
        id=f"{kind.folder}-form-{record.pk if record else 'new'}",
        title=kind.edit_title if record else kind.new_title,
        form=filled.form,
        action=request.get_full_path(),
        cancel_url=f"{reverse('record_panel', args=['account', account_id, kind.panel])}?focus=1",
        target=f"#{kind.panel}",
        submit=_("Save") if record else _("Add"),
        version=version,
        fixed=filled.fixed,
        remove_url=_address(kind, "remove", account_id, record.pk) if record and filled.can_remove else "",
        links=_further(record, account_id=account_id),
    )
    account = account_by_id(account_id, actor_of(request))
    context = {"view": view, "heading": account.name, "back_url": account_url(account_id)}
    status = 422 if filled.form.errors else 200
    return page_or_fragment(request, page="ui/form.html", fragment="ui/_form.html", context=context, status=status)


def _further(record: Part | None, *, account_id: int) -> tuple[tuple[str, str, Label], ...]:
    """A contact may have a role at another customer as well."""
    if not isinstance(record, Contact):
        return ()
    address = f"{reverse('affiliation_new', args=[account_id])}?contact={record.pk}"
    return ((address, "briefcase", _("Has a role at another customer, too")),)


def _address(kind: PartKind, act: str, account_id: int, record_id: int) -> str:
    return reverse(f"{kind.key}_{act}", args=[account_id, record_id])


def _answer(
    request: HttpRequest, kind: PartKind, *, account_id: int, message: Label, undo_url: str = ""
) -> HttpResponse:
    """The panel as it now is with a toast; without a script, back to the card.

    A request that did not come from the panel (the toast's undo) tells the page to load the panel anew.
    """
    if not is_fragment_request(request):
        messages.success(request, str(message))
        return HttpResponseRedirect(f"{account_url(account_id)}#{kind.panel}", status=303)
    stale = kind.also
    if request.headers.get("HX-Target"):
        account = account_by_id(account_id, actor_of(request))
        response = render_panel(request, ACCOUNT, account, key=kind.panel, has_focus=True)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#{kind.panel}", "outerHTML"
    else:
        response, stale = HttpResponse(status=204), (kind.panel, *kind.also)
    for panel in stale:
        response = with_trigger(response, f"panel-{panel}")
    return with_toast(response, str(message), undo_url=undo_url)
