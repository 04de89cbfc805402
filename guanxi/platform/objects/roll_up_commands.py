"""Verbs about roll-ups that people make."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.platform.access.policy import note_policy_change
from guanxi.platform.access.protection import ENCRYPTED
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.customfields.commands import begin_design, keys_of, set_retired
from guanxi.platform.customfields.models import CustomRollUp
from guanxi.platform.customfields.rules import MOST_ROLL_UPS, in_both, key_from
from guanxi.platform.objects.conditions import BARE, Where, condition_q, conditions_of, parse_where
from guanxi.platform.objects.fields import ObjectField, readable
from guanxi.platform.objects.registry import fields_of, listed_object


@transaction.atomic
def make_roll_up(made: CustomRollUp, *, actor: Actor) -> CustomRollUp:
    """Make a roll-up of the object that `made` names; its key is made of its name.

    Raises: AccessDenied, RuleViolation("customfields.many" | "customfields.name" | "customfields.roll_up" |
    "customfields.where").
    """
    begin_design(actor)
    known = CustomRollUp.objects.filter(object_key=made.object_key, retired_at__isnull=True).count()
    if known >= MOST_ROLL_UPS:
        raise RuleViolation("customfields.many", "An object has at most %(most)s roll-ups.", most=MOST_ROLL_UPS)
    made.name_zh, made.name_en = in_both(made.name_zh, made.name_en)
    made.key = key_from(made.name_en, taken=keys_of(made.object_key))
    _require_sense(made)
    _require_conditions(made, actor)
    made.save()
    begin_entry(actor, action="make_roll_up", object_key=made.object_key, reason=made.key)
    note_policy_change()
    return made


@transaction.atomic
def edit_roll_up(
    roll_up_id: int, *, name_zh: str, name_en: str, where: str | None = None, actor: Actor
) -> CustomRollUp:
    """Call a roll-up something else, or give it other conditions; without `where` it keeps those that it has.

    Raises: AccessDenied, NotFound, RuleViolation("customfields.name" | "customfields.roll_up" | "customfields.where").
    """
    begin_design(actor)
    made = _roll_up(roll_up_id)
    made.name_zh, made.name_en = in_both(name_zh, name_en)
    if where is not None and where != made.where:
        made.where = where
        _require_conditions(made, actor)
    _require_sense(made)
    made.save(update_fields=["name_zh", "name_en", "where"])
    begin_entry(actor, action="edit_roll_up", object_key=made.object_key, reason=made.key)
    note_policy_change()
    return made


@transaction.atomic
def retire_roll_up(roll_up_id: int, *, is_retired: bool = True, actor: Actor) -> None:
    """Take a roll-up out of sight, or bring it back. Raises: AccessDenied, NotFound."""
    begin_design(actor)
    made = _roll_up(roll_up_id)
    set_retired(made, is_retired=is_retired)
    action = "retire_roll_up" if is_retired else "bring_roll_up_back"
    begin_entry(actor, action=action, object_key=made.object_key, reason=made.key)
    note_policy_change()


def _roll_up(roll_up_id: int) -> CustomRollUp:
    found = CustomRollUp.objects.select_for_update().filter(pk=roll_up_id).first()
    if found is None:
        raise NotFound("customfields.no_roll_up", "There is no such roll-up.")
    return found


def _require_sense(made: CustomRollUp) -> None:
    try:
        made.full_clean()
    except ValidationError as error:
        raise RuleViolation(
            "customfields.roll_up", "This roll-up is not complete.", fields=error.message_dict
        ) from error


def _require_conditions(made: CustomRollUp, actor: Actor) -> None:
    """The conditions are about fields of the records that are added up, which the actor may read whole."""
    try:
        where = parse_where(made.where)
        if where is not None:
            known = {item.key: item for item in readable(fields_of(listed_object(made.source)), actor)}
            condition_q(where, fields=known, today=timezone.localdate())
            _require_no_numbers(where, known)
    except RuleViolation as error:
        if error.code == "customfields.where":
            raise
        raise RuleViolation("customfields.where", "Something is missing in a condition.", field="where") from error


def _require_no_numbers(where: Where, known: Mapping[str, ObjectField]) -> None:
    """What is encrypted with the records does not stand in clear in a definition."""
    for condition in conditions_of(where):
        if known[condition.field].sensitivity in ENCRYPTED and condition.operator not in BARE:
            raise RuleViolation(
                "customfields.where",
                "Identity and bank numbers cannot stand in a condition: ask whether they are filled in.",
                field="where",
            )
