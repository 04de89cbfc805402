"""Wanted intervals and each person's working day."""

from collections.abc import Mapping

from guanxi.care.choices import CadenceScope
from guanxi.care.models import CadenceRule, CareSetting
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.records.change import change, create


def set_cadence(scope: CadenceScope, key: str, *, ideal_days: int, maximum_days: int, actor: Actor) -> int:
    """Set the wanted interval of a grade or an account. Returns the rule's id.

    Raises: AccessDenied, Conflict("record.taken") for a maximum below the ideal.
    """
    known = grant(actor, CadenceRule).queryset().filter(scope=scope, key=key).first()
    if known is None:
        rule = CadenceRule(scope=scope, key=key, ideal_days=ideal_days, maximum_days=maximum_days)
        with create(rule, actor=actor) as work:
            return int(work.record.pk)
    with change(CadenceRule, known.pk, action="set_cadence", actor=actor) as changed:
        changed.record.ideal_days, changed.record.maximum_days = ideal_days, maximum_days
    return int(known.pk)


def change_setting(user_id: int, *, values: Mapping[str, int], actor: Actor) -> int:
    """Change a person's capacity and hours by field name. Returns the setting's id. Raises: AccessDenied,
    Conflict."""
    known = grant(actor, CareSetting).queryset().filter(user_id=user_id).first()
    if known is None:
        with create(CareSetting(user_id=user_id, **values), actor=actor) as work:
            return int(work.record.pk)
    with change(CareSetting, known.pk, action="change_setting", actor=actor) as changed:
        for name, value in values.items():
            setattr(changed.record, name, value)
    return int(known.pk)
