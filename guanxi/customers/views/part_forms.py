"""The kinds of parts of an account, and the form of one part, filled for one person."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from guanxi.customers import commands
from guanxi.customers.commands.parts import Part
from guanxi.customers.facade import class_name, scheme_name
from guanxi.customers.forms import (
    AccountClassForm,
    AffiliationForm,
    ContactForm,
    ContactPointForm,
    ImportantDateForm,
    RelationshipForm,
    TraitForm,
)
from guanxi.customers.models import (
    AccountClass,
    Affiliation,
    Contact,
    ContactPoint,
    ImportantDate,
    Relationship,
    Trait,
)
from guanxi.customers.queries import (
    POINT_MASKS,
    account_by_id,
    classes_and_keys,
    consent_day,
    contact_names,
    is_open_to,
    relationship_types,
    relationships_of,
    schemes,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import grant
from guanxi.platform.access.masking import masked
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.objects.spec import Label
from guanxi.platform.ui import format as formats


@dataclass(frozen=True, slots=True)
class PartKind:
    """One kind of part: `folder` is its word in addresses, `panel` the panel of the card that shows it.

    A change of it shows in the panels `also`, too.
    """

    key: str
    folder: str
    panel: str
    model: type[Part]
    form: type[forms.Form]
    add: Callable[..., Part]
    edit: Callable[..., Part]
    remove: Callable[..., Part]
    restore: Callable[..., Part]
    new_title: Label
    edit_title: Label
    added: Label
    removed: Label
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form with what the person may not change beside it, as (label, value)."""

    form: forms.Form
    fixed: tuple[tuple[Label, str], ...] = ()
    can_remove: bool = True


PARTS = (
    PartKind(
        "contact",
        "contacts",
        "contacts",
        Contact,
        ContactForm,
        commands.add_contact,
        commands.edit_contact,
        commands.remove_contact,
        commands.restore_contact,
        _("New contact"),
        _("Change contact"),
        _("Contact added."),
        _("Contact removed."),
        also=("dates", "traits"),
    ),
    PartKind(
        "contact_point",
        "points",
        "contacts",
        ContactPoint,
        ContactPointForm,
        commands.add_contact_point,
        commands.edit_contact_point,
        commands.remove_contact_point,
        commands.restore_contact_point,
        _("New way to reach"),
        _("Change way to reach"),
        _("Way to reach added."),
        _("Way to reach removed."),
    ),
    PartKind(
        "affiliation",
        "affiliations",
        "contacts",
        Affiliation,
        AffiliationForm,
        commands.add_affiliation,
        commands.edit_affiliation,
        commands.remove_affiliation,
        commands.restore_affiliation,
        _("Role at another customer"),
        _("Change role"),
        _("Role added."),
        _("Role removed."),
    ),
    PartKind(
        "important_date",
        "dates",
        "dates",
        ImportantDate,
        ImportantDateForm,
        commands.add_important_date,
        commands.edit_important_date,
        commands.remove_important_date,
        commands.restore_important_date,
        _("New important date"),
        _("Change important date"),
        _("Important date added."),
        _("Important date removed."),
    ),
    PartKind(
        "trait",
        "traits",
        "traits",
        Trait,
        TraitForm,
        commands.add_trait,
        commands.edit_trait,
        commands.remove_trait,
        commands.restore_trait,
        _("Worth knowing"),
        _("Worth knowing"),
        _("Noted."),
        _("Note removed."),
    ),
    PartKind(
        "account_class",
        "classes",
        "fields",
        AccountClass,
        AccountClassForm,
        commands.add_account_class,
        commands.edit_account_class,
        commands.remove_account_class,
        commands.restore_account_class,
        _("Sort into a class"),
        _("Change class"),
        _("Class added."),
        _("Class removed."),
    ),
    PartKind(
        "relationship",
        "relationships",
        "relations",
        Relationship,
        RelationshipForm,
        commands.add_relationship,
        commands.edit_relationship,
        commands.remove_relationship,
        commands.restore_relationship,
        _("New relationship"),
        _("Change relationship"),
        _("Relationship added."),
        _("Relationship removed."),
        also=("group",),
    ),
)


def filled_form(
    kind: PartKind, request: HttpRequest, *, account_id: int, record: Part | None, actor: Actor
) -> FilledForm:
    """The form of a new part or of `record`, without the fields that the person may not write.

    Masked values stay masked beside it. Raises: AccessDenied("field.not_writable") for a new part when the person may
    not write what it must have.
    """
    start = _initial(kind, record) if record else {"contact_id": request.GET.get("contact", "")}
    if isinstance(record, Relationship):
        start |= _sides(record, account_id=account_id, actor=actor)
    name = f"{kind.folder}-{record.pk if record else 'new'}"
    data = request.POST if request.method == "POST" else None
    form = kind.form(data, initial=start, auto_id=f"id_{name}_%s")
    _fill_choices(form, account_id=account_id, record=record, actor=actor)
    fixed = _fix(form, record, kind=kind, actor=actor)
    trash = grant(actor, kind.model, Action.EDIT).field_access("trashed_at")
    return FilledForm(form, fixed, can_remove=trash >= FieldAccess.WRITE)


def _initial(kind: PartKind, record: Part) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in kind.form.base_fields if hasattr(record, name)}
    if isinstance(record, ContactPoint):
        values["consent_at"] = consent_day(record.consent_at)
    if isinstance(record, AccountClass):
        values["choice"] = f"{record.classification_id}:{record.class_key}"
    return values


def _sides(record: Relationship, *, account_id: int, actor: Actor) -> dict[str, Any]:
    """The two sides of a relationship as its form calls them, seen from one account."""
    found = next((row for row in relationships_of([account_id], actor) if row.id == record.pk), None)
    if found is None:
        raise no_such_record()
    near, far, is_far_first = found.side(account_id)
    mark = "1" if is_far_first or relationship_types()[found.type_key].is_symmetric else "2"
    return {"other": far.label, "relation": f"{found.type_key}:{mark}", "contact_id": near.contact_id or ""}


def _fill_choices(form: forms.Form, *, account_id: int, record: Part | None, actor: Actor) -> None:
    """Fill in whom of the account a part may belong to, and which classes are open to it."""
    person, choice = form.fields.get("contact_id"), form.fields.get("choice")
    if isinstance(person, forms.ChoiceField):
        names = contact_names(account_id, actor)
        person.choices = [("", _text("The customer itself")), *((str(pk), name) for pk, name in names)]
    relation = form.fields.get("relation")
    if isinstance(relation, forms.ChoiceField):
        relation.choices = _relation_choices(record.type_id if isinstance(record, Relationship) else "")
    if isinstance(choice, forms.ChoiceField):
        choice.choices = _class_choices(account_id, record=record, actor=actor)


def _class_choices(account_id: int, *, record: Part | None, actor: Actor) -> list[Any]:
    """The classes open to an account by scheme, of the schemes by which the person may sort."""
    taken = {row.scheme_id for row in classes_and_keys(account_id, actor)[0]}
    own = (record.classification_id, record.class_key) if isinstance(record, AccountClass) else (0, "")
    return [
        (
            scheme_name(scheme.id),
            [
                (f"{scheme.id}:{item.key}", class_name(scheme.id, item.key))
                for item in scheme.classes
                if item.is_active or (scheme.id, item.key) == own
            ],
        )
        for scheme in schemes().values()
        if (scheme.id == own[0] if record else is_open_to(scheme, actor) and scheme.id not in taken)
    ]


def _relation_choices(own_key: str) -> list[tuple[str, str]]:
    """What the other party can be, by type and side: 1 = it is the first party, 2 = the second.

    A type that is not in use any more is offered only where it is the relationship's own.
    """
    return [
        (f"{item.key}:{mark}", item.words(is_first=mark == "1"))
        for item in relationship_types().values()
        if item.is_active or item.key == own_key
        for mark in ("1" if item.is_symmetric else "12")
    ]


def _fix(form: forms.Form, record: Part | None, *, kind: PartKind, actor: Actor) -> tuple[tuple[Label, str], ...]:
    """Take the fields out that may not be written; those that may be read, if only masked, are shown."""
    permission = grant(actor, kind.model, Action.EDIT)
    if record is None:
        permission.accept({name: None for name, field in form.fields.items() if field.required})
    closed = [name for name in form.fields if permission.field_access(name) < FieldAccess.WRITE]
    if isinstance(record, ContactPoint) and "value" in closed:
        closed = list(dict.fromkeys(("type", *closed)))
    if isinstance(record, Affiliation):
        form.initial["account_id"] = account_by_id(record.account_id, actor).name
        closed = list(dict.fromkeys(("account_id", *closed)))
    if isinstance(record, Relationship):
        closed = list(dict.fromkeys(("other", "relation", "contact_id", *closed)))
    fixed = []
    for name in closed:
        access, field = permission.field_access(name), form.fields.pop(name)
        shown = _shown(field, form.initial.get(name), access=access, record=record) if record else ""
        if shown:
            fixed.append((str(field.label), shown))
    return tuple(fixed)


def _shown(field: forms.Field, value: object, *, access: FieldAccess, record: Part) -> str:
    """What a field holds in words, as far as it may be read; "" for nothing."""
    if access == FieldAccess.HIDDEN or value in (None, "", False):
        return ""
    if access == FieldAccess.MASKED:
        return masked(str(value), sensitivity=POINT_MASKS.get(getattr(record, "type", ""), ""))
    if isinstance(field, forms.ChoiceField):
        return str(dict(_flat_choices(field)).get(str(value), value))
    if isinstance(value, date):
        return formats.full_day(value)
    return _text("Yes") if value is True else str(value)


def _flat_choices(field: forms.ChoiceField) -> Iterator[tuple[str, Label]]:
    """The choices of a field, those in groups as well."""
    for value, label in cast("Iterable[tuple[Any, Any]]", field.choices):
        entries = label if isinstance(label, list | tuple) else ((value, label),)
        yield from ((str(key), words) for key, words in entries)
