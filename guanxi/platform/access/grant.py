"""Grant: an actor's permission to do one thing with one object, as a queryset and a set of fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import Q

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, no_such_record
from guanxi.platform.access import policy
from guanxi.platform.access.guard import GuardedQuerySet, admit
from guanxi.platform.access.prepared import Prepared, Slot
from guanxi.platform.access.protection import Protection, protection_of, sensitivity_of
from guanxi.platform.access.rules import (
    Action,
    AllOf,
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
from guanxi.platform.access.sharing import AmongShared, is_shared_with

ModelType = TypeVar("ModelType", bound=models.Model)
REASONS_FILE = Path(__file__).with_name("unscoped_reasons.txt")
WRITING = frozenset({Action.CREATE, Action.EDIT, Action.DELETE, Action.TRANSFER, Action.ADMINISTER})
OF_PARTS = {Action.CREATE: Action.EDIT, Action.DELETE: Action.EDIT}
"""What belongs to a record is added and thrown away by who may edit that record."""
FOLLOWED_REASON = "access: whether a record is reached is told from the one it follows"


@dataclass(frozen=True, slots=True)
class Grant(Generic[ModelType]):
    """What `actor` may do with `model` under `action`: the rows by `rule`, the fields by `field_access`."""

    model: type[ModelType]
    actor: Actor
    action: Action
    rule: RowRule

    def queryset(self) -> GuardedQuerySet[ModelType]:
        """The rows that this grant reaches, admitted."""
        protection = protection_of(self.model)
        rows: GuardedQuerySet[ModelType] = _all_rows(self.model)
        if self.rule == Everyone():
            return rows
        if protection.follows:
            links = (name for name in (protection.follows, protection.also_follows) if name)
            return rows.filter(**{f"{name}__in": self.followed().queryset().values("pk") for name in links})
        condition = _condition(self.rule, actor=self.actor, protection=protection, action=self.action)
        return rows if condition is None else rows.filter(condition)

    def followed(self) -> "Grant[Any]":
        """The same permission as a grant of the records that these follow; an object's own grant if it follows none."""
        protection = protection_of(self.model)
        if not protection.follows:
            return self
        field = self.model._meta.get_field(protection.follows)
        target = field.related_model
        if not isinstance(target, type):
            raise TypeError(f"{self.model.__name__}.{field.name} points to nothing that can be followed.")
        return Grant(target, self.actor, OF_PARTS.get(self.action, self.action), self.rule)

    def get(self, record_id: int) -> ModelType:
        """One row by id.

        Raises: NotFound("record.not_found") when it does not exist or must not be seen.
        """
        found: list[ModelType] = _ONE_RECORD(self, record_id=record_id)
        if not found:
            raise no_such_record()
        return found[0]

    def live(self, record_id: int) -> ModelType:
        """One row by id that does not lie in the trash. Raises: NotFound("record.not_found")."""
        found = self.get(record_id)
        if getattr(found, "trashed_at", None) is not None:
            raise no_such_record()
        return found

    def field_access(self, field: str) -> FieldAccess:
        """What the actor may do with a field of this object."""
        return self.class_access(sensitivity_of(self.model, field))

    def class_access(self, sensitivity: str) -> FieldAccess:
        """What the actor may do with fields of this object that are of a class of protection."""
        access = _field_access(self.actor, protection_of(self.model).key, sensitivity)
        return min(access, FieldAccess.READ) if self.actor.read_only else access

    def accept(self, values: Iterable[str]) -> None:
        """Check that every field whose name is among `values` may be written.

        Raises: AccessDenied("field.not_writable") naming the first field that may not.
        """
        for field in values:
            if self.field_access(field) < FieldAccess.WRITE:
                raise AccessDenied("field.not_writable", "You may not change “%(field)s”.", field=field)


_ONE_RECORD: Prepared[Grant[Any]] = Prepared(lambda permission: permission.queryset().filter(pk=Slot("record_id")))


def grant(actor: Actor, model: type[ModelType], action: Action = Action.VIEW) -> Grant[ModelType]:
    """The one door to the data: what `actor` may do with `model`.

    Raises: AccessDenied("access.denied") when no role of the actor allows the action on any row.
    """
    if actor.read_only and action in WRITING:
        raise AccessDenied("access.read_only", "This sign-in may only read.")
    rule = _rule_for(actor, model, action)
    if rule == Nobody():
        raise AccessDenied(
            "access.denied",
            "Your role does not allow “%(action)s” on “%(object)s”.",
            action=action.value,
            object=protection_of(model).key,
        )
    return Grant(model, actor, action, rule)


def may(actor: Actor, model: type[models.Model], action: Action) -> bool:
    """Whether any role of the actor allows the action on some row."""
    if actor.read_only and action in WRITING:
        return False
    return _rule_for(actor, model, action) != Nobody()


def may_act_on(actor: Actor, record: models.Model, action: Action, *, counts_shares: bool = True) -> bool:
    """Whether the actor may do this with this very record; told from the record at hand.

    Only where nothing but a share can decide, the database is asked, once for each record at hand; with
    `counts_shares` false a share decides nothing. A rule about a column of another table counts as not reaching it.
    Of a record that follows another, that one is asked about; it is read once for each record at hand.
    """
    protection = protection_of(type(record))
    if actor.read_only and action in WRITING:
        return False
    rule = _rule_for(actor, type(record), action)
    if protection.follows:
        if rule in (Everyone(), Nobody()):
            return rule == Everyone()
        asked = OF_PARTS.get(action, action)
        links = [name for name in (protection.follows, protection.also_follows) if name]
        found = [_followed_by(record, name) for name in links]
        return all(item is not None and may_act_on(actor, item, asked, counts_shares=counts_shares) for item in found)
    return is_reached(
        rule,
        actor=actor,
        owner_id=_column_of(record, protection.owner_field),
        unit_id=_column_of(record, protection.unit_field),
        value_of=lambda name: str(_column_of(record, name)),
        is_shared=lambda rule: counts_shares and is_shared_with(actor, record, rule=rule, to_edit=action in WRITING),
    )


def _followed_by(record: models.Model, name: str) -> models.Model | None:
    """The record that a record follows by this link; kept beside it, so that it is read once."""
    kept: dict[str, models.Model | None] = record.__dict__.setdefault("_followed", {})
    if name not in kept:
        field = type(record)._meta.get_field(name)
        known = record._state.fields_cache.get(name)
        kept[name] = known if isinstance(known, models.Model) else _read_followed(record, field)
    return kept[name]


def _read_followed(record: models.Model, field: Any) -> models.Model | None:
    followed: type[models.Model] = field.related_model
    return unscoped(followed, reason=FOLLOWED_REASON).filter(pk=getattr(record, field.attname)).first()


def _column_of(record: models.Model, name: str) -> Any:
    """What a record holds in a column, by the name of the field or of the column; None for what it does not have."""
    own = (column.attname for column in record._meta.concrete_fields if name in (column.name, column.attname))
    return next((getattr(record, column) for column in own), None)


def unscoped(model: type[ModelType], *, reason: str) -> GuardedQuerySet[ModelType]:
    """All rows, for work of the system itself. Every reason stands in the committed file of reasons.

    Raises: ValueError for a reason that is not in the file; this is a defect of the code.
    """
    if reason not in allowed_reasons():
        raise ValueError(f"“{reason}” is not in {REASONS_FILE.name}.")
    return _all_rows(model)


def _all_rows(model: type[ModelType]) -> GuardedQuerySet[ModelType]:
    """All rows of the object, admitted."""
    rows: GuardedQuerySet[ModelType] = admit(GuardedQuerySet(model))
    protection = getattr(model, "protection", None)  # what stands beside records has none of its own
    within = protection.within if isinstance(protection, Protection) else ()
    return rows.filter(**dict(within)) if within else rows


@lru_cache(maxsize=1)
def allowed_reasons() -> frozenset[str]:
    """The committed reasons for which the system may read without a person's rights."""
    lines = REASONS_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _rule_for(actor: Actor, model: type[models.Model], action: Action) -> RowRule:
    """The row rule for doing this with records of a model: its own, or that of what it follows."""
    asked = OF_PARTS.get(action, action) if protection_of(model).follows else action
    return _row_rule(actor, _root_key(model), asked)


def _root_key(model: type[models.Model]) -> str:
    protection = protection_of(model)
    if not protection.follows:
        return protection.key
    target = model._meta.get_field(protection.follows).related_model
    return _root_key(target) if isinstance(target, type) else protection.key


@lru_cache(maxsize=4096)
def _row_rule(actor: Actor, object_key: str, action: Action) -> RowRule:
    if actor.scopes is not None and f"{object_key}:{action.value}" not in actor.scopes:
        return Nobody()
    if policy.SYSTEM_ROLE in actor.roles:
        return Everyone()
    return policy.row_rule(actor, object_key=object_key, action=action)


@lru_cache(maxsize=4096)
def _field_access(actor: Actor, object_key: str, sensitivity: str) -> FieldAccess:
    if policy.SYSTEM_ROLE in actor.roles:
        return FieldAccess.WRITE
    return policy.field_access(actor, object_key=object_key, sensitivity=sensitivity)


def _condition(rule: RowRule, *, actor: Actor, protection: Protection, action: Action) -> Q | None:
    """The rule as a condition; None = all rows. A rule that cannot apply to the object reaches nothing."""
    nothing = Q(pk__in=[])
    match rule:
        case Everyone():
            return None
        case Owner():
            return Q(**{protection.owner_field: actor.user_id}) if protection.owner_field else nothing
        case Unit(and_below=below):
            if not protection.unit_field:
                return nothing
            units = actor.unit_ids if below else (actor.unit_id,)
            return Q(**{f"{protection.unit_field}__in": [unit for unit in units if unit is not None]})
        case FieldIn(field=field, values=values):
            return Q(**{f"{field}__in": values})
        case AnyOf(rules=rules) | AllOf(rules=rules):
            parts = [_condition(part, actor=actor, protection=protection, action=action) for part in rules]
            return _combined(parts, every=isinstance(rule, AllOf))
        case SharedWithActor() | TeamMember():
            return Q(AmongShared(actor, protection.key, is_team=rule == TeamMember(), to_edit=action in WRITING))
        case _:
            return nothing


def _combined(parts: Sequence[Q | None], *, every: bool) -> Q | None:
    """All or any of some conditions. None of no conditions is everything of all, and nothing of any."""
    if not every and any(part is None for part in parts):
        return None
    combined: Q | None = None if every else Q(pk__in=[])
    for part in parts:
        if part is not None:
            combined = part if combined is None else (combined & part if every else combined | part)
    return combined
