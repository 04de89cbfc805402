"""Wanted intervals and each person's working day."""

from collections.abc import Mapping
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from guanxi.care.commands.contact import note_facts
from guanxi.care.models import AccountCadence, CadenceRule, CareSetting
from guanxi.care.rules import Cadence, WorkingDay, require_cadence, require_working_day
from guanxi.customers.facade import require_editable
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import change, create

Rule = TypeVar("Rule", CadenceRule, AccountCadence)


def set_cadence(grade: str, *, cadence: Cadence, version: int | None = None, actor: Actor) -> int:
    """Set the wanted interval of a grade. Returns the rule's id. `version` is 0 for who saw no rule.

    Raises: AccessDenied, Conflict("record.changed" | "record.taken"),
    RuleViolation("cadence.range" | "cadence.order").
    """
    require_cadence(cadence)
    known = grant(actor, CadenceRule, Action.EDIT).queryset().filter(grade=grade).first()
    return _set(known, CadenceRule(grade=grade), cadence=cadence, version=version, actor=actor)


def reset_cadence(grade: str, *, version: int | None = None, actor: Actor) -> None:
    """Go back to the default interval of a grade. Raises: AccessDenied, Conflict("record.changed")."""
    known = grant(actor, CadenceRule, Action.EDIT).queryset().filter(grade=grade).first()
    if known is not None:
        _put_aside(known, version=version, actor=actor)


@transaction.atomic
def set_account_cadence(account_id: int, *, cadence: Cadence, version: int | None = None, actor: Actor) -> int:
    """Set the wanted interval of one account; its next contact moves at once. Returns the rule's id.

    Raises: NotFound, and as `set_cadence`.
    """
    require_cadence(cadence)
    require_editable(account_id, actor=actor)
    known = grant(actor, AccountCadence, Action.EDIT).queryset().filter(account=account_id).first()
    rule_id = _set(known, AccountCadence(account_id=account_id), cadence=cadence, version=version, actor=actor)
    note_facts([account_id])
    return rule_id


@transaction.atomic
def reset_account_cadence(account_id: int, *, version: int | None = None, actor: Actor) -> None:
    """Let the account's grade and rhythm decide again. Raises: NotFound, AccessDenied, Conflict("record.changed")."""
    require_editable(account_id, actor=actor)
    known = grant(actor, AccountCadence, Action.EDIT).queryset().filter(account=account_id).first()
    if known is not None:
        _put_aside(known, version=version, actor=actor)
        note_facts([account_id])


def _put_aside(known: Rule, *, version: int | None, actor: Actor) -> None:
    """Put a rule into the trash; one that lies there already stays as it is."""
    with change(type(known), known.pk, action="reset_cadence", version=version, actor=actor, also_trashed=True) as work:
        work.record.trashed_at = work.record.trashed_at or timezone.now()


def _set(known: Rule | None, fresh: Rule, *, cadence: Cadence, version: int | None, actor: Actor) -> int:
    """Write the interval into the known rule, one that was put aside included, or into a fresh one."""
    if known is None:
        fresh.ideal_days, fresh.maximum_days = cadence.ideal_days, cadence.maximum_days
        with create(fresh, actor=actor) as work:
            return int(work.record.pk)
    with change(
        type(known), known.pk, action="set_cadence", version=version, actor=actor, also_trashed=True
    ) as changed:
        changed.record.ideal_days, changed.record.maximum_days = cadence.ideal_days, cadence.maximum_days
        changed.record.trashed_at = None
    return int(known.pk)


@transaction.atomic
def change_setting(user_id: int, *, values: Mapping[str, int], version: int | None = None, actor: Actor) -> int:
    """Change a person's capacity and hours by field name; what is not named stays. Returns the setting's id.

    It counts from the next plan. `version` is 0 for who saw the defaults. Raises: NotFound for a person out of
    reach, AccessDenied, Conflict("record.changed" | "record.taken"),
    RuleViolation("working_day.capacity" | "working_day.hours").
    """
    permission = grant(actor, CareSetting, Action.EDIT)
    known = grant(actor, CareSetting).queryset().filter(user_id=user_id).first()
    if known is None:
        setting = CareSetting(user_id=user_id, **values)
        require_working_day(_day_of(setting))
        with create(setting, actor=actor) as work:
            permission.get(work.record.pk)
            return int(work.record.pk)
    with change(CareSetting, known.pk, action="change_setting", version=version, actor=actor) as changed:
        for name, value in values.items():
            setattr(changed.record, name, value)
        require_working_day(_day_of(changed.record))
    return int(known.pk)


def _day_of(setting: CareSetting) -> WorkingDay:
    return WorkingDay(
        setting.contacts_per_day,
        setting.minutes_per_day,
        setting.works_from_hour,
        setting.works_to_hour,
        setting.quiet_from_hour,
        setting.quiet_to_hour,
    )
