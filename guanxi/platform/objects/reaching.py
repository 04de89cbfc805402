"""Which records of an object a Grant reaches under conditions: what lists, the API and roll-ups begin with."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanxi.platform.access.grant import Grant
from guanxi.platform.access.protection import protection_of
from guanxi.platform.objects.conditions import Where, condition_q
from guanxi.platform.objects.fields import readable
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import ObjectSpec, Visible


def reached_rows(
    spec: ObjectSpec, permission: Grant[Any], *, where: Where | None, today: date, is_trashed: bool = False
) -> Visible:
    """The rows that a Grant reaches and that meet conditions: those in use, or those in the trash.

    Raises: RuleViolation("list.where") for a condition on a field that the actor may not read whole.
    """
    rows: Visible = permission.queryset()
    if hasattr(spec.model, "trashed_at"):
        rows = rows.filter(trashed_at__isnull=not is_trashed, **_followed_in_use(spec))
    if where is None:
        return rows
    known = {item.key: item for item in readable(fields_of(spec), permission.actor)}
    return rows.filter(condition_q(where, fields=known, today=today))


def _followed_in_use(spec: ObjectSpec) -> Mapping[str, object]:
    """What follows a record is out of sight while that record lies in the trash."""
    follows = protection_of(spec.model).follows
    return {f"{follows}__trashed_at__isnull": True} if follows else {}
