"""What a person sees of a record, and why: the rules tried in order, the fields beside what the owner sees."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may, may_act_on
from guanxi.platform.access.limits import ReadKind, limit_of
from guanxi.platform.access.masking import masked
from guanxi.platform.access.policy import row_rule
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import (
    Action,
    AnyOf,
    Everyone,
    FieldAccess,
    FieldIn,
    Nobody,
    Owner,
    RowRule,
    SharedWithActor,
    TeamMember,
    Unit,
    is_reached,
)
from guanxi.platform.accounts.queries import people, unit_names
from guanxi.platform.accounts.sharing_queries import ShareLine, shares_with
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.people.role_sheet import row_objects
from guanxi.platform.people.words import (
    LEVEL_WORDS,
    SHARE_WAYS,
    field_words,
    object_words,
    rule_words,
    sensitivity_words,
)
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.values import texts

COUNTED = 1_000
TICKS = (Action.EDIT, Action.DELETE, Action.EXPORT, Action.TRANSFER)


@dataclass(frozen=True, slots=True)
class TriedRule:
    """One rule that was tried on the record: whether it reaches it, and because of what."""

    words: str
    reason: str
    is_hit: bool
    share: ShareLine | None = None


@dataclass(frozen=True, slots=True)
class SeenField:
    """One field as the owner and as the person sees it; None = it is hidden."""

    label: str
    for_beside: str | None
    for_person: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person sees of one record."""

    is_seen: bool
    may_edit: bool
    tried: tuple[TriedRule, ...]
    fields: tuple[SeenField, ...]

    @property
    def is_partial(self) -> bool:
        """Whether some field is hidden or masked for the person."""
        return any(item.reason for item in self.fields)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a person reaches among the records of one object; `count` is capped, None for who sees none."""

    label: str
    view: str
    ticks: tuple[bool, ...]
    export_limit: int | None
    count: int | None
    is_more: bool


def explained(spec: ObjectSpec, record: Model, *, person: Actor, beside: Actor, view: View) -> Explanation:
    """Why a person sees a record or does not, and what `beside` sees of it, who is the owner where there is one.

    Values are shown as far as the actor of the view may read them too.
    """
    viewer = view.actor
    shares = shares_with(person, spec.key, int(record.pk))
    tried: list[TriedRule] = []
    for role in person.roles:
        rule = row_rule(replace(person, roles=(role,)), object_key=spec.key, action=Action.VIEW)
        for part in _parts(rule):
            line = _tried(part, record, person=person, viewer=viewer, shares=shares)
            if line not in tried:
                tried.append(line)
    is_seen = may_act_on(person, record, Action.VIEW)
    fields = _seen_fields(spec, record, person=person, beside=beside, view=view) if is_seen else ()
    return Explanation(is_seen, may_act_on(person, record, Action.EDIT), tuple(tried), fields)


def _parts(rule: RowRule) -> Iterator[RowRule]:
    """The ways in which a rule can reach a row, one by one."""
    if isinstance(rule, AnyOf):
        for part in rule.rules:
            yield from _parts(part)
    else:
        yield rule


def _tried(rule: RowRule, record: Model, *, person: Actor, viewer: Actor, shares: tuple[ShareLine, ...]) -> TriedRule:
    protection = protection_of(type(record))
    given = [share for share in shares if (share.way == "team") == isinstance(rule, TeamMember)]
    is_hit = is_reached(
        rule,
        actor=person,
        owner_id=_value(record, protection.owner_field),
        unit_id=_value(record, protection.unit_field),
        value_of=lambda name: str(_value(record, name)),
        is_shared=lambda part: any((share.way == "team") == isinstance(part, TeamMember) for share in shares),
    )
    is_share = isinstance(rule, SharedWithActor | TeamMember)
    share = given[0] if is_share and given else None
    words = rule_words(rule, type(record))
    return TriedRule(words, _reason(rule, record, person=person, viewer=viewer, share=share), is_hit, share)


def _value(record: Model, name: str) -> Any:
    return getattr(record, name, None) if name and "__" not in name else None


def _reason(rule: RowRule, record: Model, *, person: Actor, viewer: Actor, share: ShareLine | None) -> str:
    """What decided, in a sentence."""
    protection = protection_of(type(record))
    match rule:
        case Everyone():
            return _("The role reaches all records of this kind.")
        case Nobody():
            return _("The role reaches no record of this kind.")
        case Owner():
            owner_id = _value(record, protection.owner_field)
            names = people([owner_id]) if owner_id else {}
            return _("The owner is %(name)s.") % {"name": names[owner_id].name} if names else _("It has no owner.")
        case Unit():
            units = unit_names()
            record_unit = units.get(_value(record, protection.unit_field), _("no department"))
            own = units.get(person.unit_id or 0, _("no department"))
            return _("The record belongs to %(record)s, the person to %(person)s.") % {
                "record": record_unit,
                "person": own,
            }
        case SharedWithActor() | TeamMember():
            return _share_words(share) if share else _("Nobody shared it so.")
        case FieldIn(field=name):
            return _field_reason(record, name, viewer=viewer)
        case _:
            return ""


def _share_words(share: ShareLine) -> str:
    end = _("until %(day)s") % {"day": formats.full_day(share.last_day)} if share.last_day else _("without an end")
    words = _("%(by)s shared it with %(whom)s, %(end)s: %(way)s.")
    return words % {"by": share.shared_by or "—", "whom": share.whom, "end": end, "way": SHARE_WAYS[share.way]}


def _field_reason(record: Model, name: str, *, viewer: Actor) -> str:
    is_read = grant(viewer, type(record)).field_access(name.removesuffix("_id")) >= FieldAccess.READ
    value = _value(record, name)
    shown = str(value) if is_read and value not in (None, "") else formats.MISSING
    return _("%(field)s here: %(value)s.") % {"field": field_words(type(record), name), "value": shown}


def _seen_fields(spec: ObjectSpec, record: Model, *, person: Actor, beside: Actor, view: View) -> tuple[SeenField, ...]:
    """The fields that hold something, as both see them."""
    found = []
    for item in fields_of(spec):
        value = getattr(record, item.column, None) if item.beside is None else None
        if value in (None, ""):
            continue
        shown = texts(item, [value], view)[0]
        own, theirs = min(item.access(view.actor), item.access(beside)), item.access(person)
        reason = "" if theirs >= FieldAccess.READ else _level_reason(item, theirs)
        found.append(
            SeenField(str(item.label), _as_seen(item, shown, own), _as_seen(item, shown, min(own, theirs)), reason)
        )
    return tuple(found)


def _level_reason(item: ObjectField, level: FieldAccess) -> str:
    sensitivity = protection_of(item.model).sensitivities.get(item.protected_name, "")
    return f"{sensitivity_words(sensitivity)}: {LEVEL_WORDS[level]}"


def _as_seen(item: ObjectField, shown: str, level: FieldAccess) -> str | None:
    if level <= FieldAccess.HIDDEN:
        return None
    sensitivity = protection_of(item.model).sensitivities.get(item.protected_name, "")
    return shown if level >= FieldAccess.READ else masked(shown, sensitivity=sensitivity)


def reaches(person: Actor) -> tuple[Reach, ...]:
    """How far a person reaches among all kinds of records; one capped count each."""
    found = []
    for item in row_objects():
        rule = row_rule(person, object_key=item.key, action=Action.VIEW)
        count = _counted(person, item.model) if may(person, item.model, Action.VIEW) else None
        found.append(
            Reach(
                label=object_words(item),
                view=rule_words(rule, item.model),
                ticks=tuple(may(person, item.model, action) for action in TICKS),
                export_limit=limit_of(person, ReadKind.EXPORT).most,
                count=None if count is None else min(count, COUNTED),
                is_more=(count or 0) > COUNTED,
            )
        )
    return tuple(found)


def _counted(person: Actor, model: type[Model]) -> int:
    return int(grant(person, model).queryset()[: COUNTED + 1].count())
