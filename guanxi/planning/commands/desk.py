"""What a steward answers about missing and stale values: the values, or that what is known is still right."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from guanxi.customers.facade import edit_account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.planning.commands.scoring import refresh_some, verify_item


@transaction.atomic
def put_right(
    account_id: int,
    values: Mapping[str, object],
    *,
    still_right: Collection[int] = (),
    version: int | None = None,
    actor: Actor,
) -> None:
    """Write values of an account, say of some places that what stands there is still right, and score it anew.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation("desk.nothing") when nothing is said.
    """
    if not values and not still_right:
        raise RuleViolation("desk.nothing", "Fill in a value, or choose another answer.")
    if values:
        edit_account(account_id, values, version=version, actor=actor)
    for binding_id in sorted(still_right):
        verify_item(account_id, binding_id=binding_id, actor=actor)
    refresh_some([account_id], as_of=timezone.localdate())
