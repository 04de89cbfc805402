"""Reads of legal holds and restrictions: what must be kept, who must not be used."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from guanxi.customers.facade import current_ids, former_accounts
from guanxi.customers.models import Account, Contact
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.objects.restraints import Hold
from guanxi.stewardship.choices import RequestState
from guanxi.stewardship.models import Erasure, LegalHold, Restriction, SubjectRequest

HOLDS = "holds: what is under a legal hold is kept, whoever asks"
RESTRAINTS = "restraints: who must not be used is left out, whoever asks"
SYSTEM_NAME = "Guanxi"
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A legal hold in force, with the name of the customer as far as the reader may see it.

    `is_trashed` is true of a customer who lies in the trash and has no card.
    """

    hold: LegalHold
    subject: str
    is_trashed: bool
    by: str
    is_due: bool


def held_on_accounts() -> GuardedQuerySet[LegalHold]:
    """The holds in force, of all customers."""
    return unscoped(LegalHold, reason=HOLDS).filter(released_at__isnull=True, trashed_at__isnull=True).order_by()


def account_path(model: type[Any]) -> str:
    """By which links a record of a model leads to the customer that it follows: "pk", "account", … "" for none."""
    path, current = [], model
    while current is not Account:
        follows = protection_of(current).follows
        target = current._meta.get_field(follows).related_model if follows else None
        if not isinstance(target, type):
            return ""
        path.append(follows)
        current = target
    return "__".join(path) or "pk"


def held_condition(model: type[Any]) -> Q:
    """The records of a model that are under a hold, with their customer or with the one it was merged into."""
    path = account_path(model)
    if not path:
        return Q(pk__in=[])
    held = held_on_accounts().values("account_id")
    return Q(**{f"{path}__in": held}) | Q(**{f"{path}__in": former_accounts(held)})


def holds_of_records(object_key: str, ids: Sequence[int]) -> Mapping[int, Hold]:
    """Those of the records of an object that are under a hold, each with the one that lasts longest; four queries."""
    accounts = _accounts_of(object_key, ids)
    current = current_ids(set(accounts.values())) if accounts else {}
    holds = _holds_of_accounts({*accounts.values(), *current.values()})
    found = {pk: holds.get(account) or holds.get(current.get(account, 0)) for pk, account in accounts.items()}
    return {pk: hold for pk, hold in found.items() if hold is not None}


def _holds_of_accounts(account_ids: Collection[int]) -> dict[int, Hold]:
    rows = held_on_accounts().filter(account__in=account_ids).order_by("until_on", "pk")
    lines = list(rows.values_list("account_id", "placed_by_id", "until_on")) if account_ids else []
    names = {user_id: person.name for user_id, person in people(by for _id, by, _until in lines if by).items()}
    return {account_id: Hold(names.get(by, SYSTEM_NAME), until_on) for account_id, by, until_on in lines}


def _accounts_of(object_key: str, ids: Sequence[int]) -> dict[int, int]:
    """The customers that records of an object follow, or are, by the id of the record; one query."""
    model = next((spec.model for spec in object_specs() if spec.key == object_key), None)
    path = account_path(model) if model is not None else ""
    if model is None or not path or not ids:
        return {}
    rows = unscoped(model, reason=HOLDS).filter(Among("pk", list(ids))).order_by()
    return dict(rows.values_list("pk", path))


def accounts_of(object_key: str, ids: Sequence[int]) -> list[int]:
    """The customers that records of an object follow, or are; one query."""
    return sorted(set(_accounts_of(object_key, ids).values()))


def lock_accounts(account_ids: Iterable[int]) -> None:
    """Wait until nobody places a hold on these customers, and let nobody until the transaction ends."""
    rows = unscoped(Account, reason=HOLDS).filter(Among("pk", sorted(set(account_ids)))).order_by("pk")
    list(rows.select_for_update().values_list("pk", flat=True))


def lock_accounts_of(object_key: str, ids: Sequence[int]) -> None:
    """Lock the customers that records of an object follow, or are; in the order of their ids."""
    lock_accounts(accounts_of(object_key, ids))


def is_erased_or_being_erased(account_id: int) -> bool:
    """Whether a customer or one of its contacts is being erased, or the customer was."""
    if Erasure.objects.filter(object_key="account", record_id=account_id).exists():
        return True
    rows = unscoped(SubjectRequest, reason=HOLDS).filter(state=RequestState.RUNNING)
    for object_key, record_id, records in rows.values_list("object_key", "record_id", "records"):
        meant = {object_key: [record_id], **records}
        if account_id in meant.get("account", ()) or account_id in accounts_of("contact", meant.get("contact", ())):
            return True
    return False


def restricted(object_key: str) -> QuerySet[Any, Any]:
    """The ids of the customers or contacts whose use is restricted; a query."""
    rows = unscoped(Restriction, reason=RESTRAINTS).filter(lifted_at__isnull=True, trashed_at__isnull=True).order_by()
    if object_key == "contact":
        return rows.filter(contact__isnull=False).values_list("contact_id", flat=True)
    found = rows.filter(contact__isnull=True) if object_key == "account" else rows.none()
    return found.values_list("account_id", flat=True)


def contacts_of_restricted(object_key: str) -> QuerySet[Any, Any]:
    """The ids of the contacts of customers whose use is restricted; a query."""
    rows = unscoped(Contact, reason=RESTRAINTS).order_by()
    found = rows.filter(account__in=restricted("account")) if object_key == "contact" else rows.none()
    return found.values_list("pk", flat=True)


def holds_of_account(actor: Actor, account_id: int) -> tuple[LegalHold, ...]:
    """The holds in force on a customer, as far as the actor may know of holds; one query at most."""
    if not may(actor, LegalHold, Action.VIEW):
        return ()
    rows = grant(actor, LegalHold).queryset().filter(account=account_id, released_at__isnull=True)
    return tuple(rows.filter(trashed_at__isnull=True).order_by("-pk"))


def restrictions_of_account(actor: Actor, account_id: int) -> tuple[Restriction, ...]:
    """The restrictions in force on a customer and its contacts that the actor may see; one query."""
    rows = grant(actor, Restriction).queryset().filter(account=account_id, lifted_at__isnull=True)
    return tuple(rows.filter(trashed_at__isnull=True).select_related("contact").order_by("contact_id", "-pk"))


def hold_rows(actor: Actor, *, today: date) -> tuple[HoldRow, ...]:
    """The holds in force, those to look at again first; three queries."""
    if not may(actor, LegalHold, Action.VIEW):
        return ()
    rows = grant(actor, LegalHold).queryset().filter(released_at__isnull=True, trashed_at__isnull=True)
    holds = list(rows.order_by("until_on", "pk")[:MOST_SHOWN])
    visible: dict[int, tuple[str, bool]] = {}
    if may(actor, Account, Action.VIEW):
        seen = grant(actor, Account).queryset().filter(pk__in=[hold.account_id for hold in holds])
        found = seen.values_list("pk", "name", "trashed_at")
        visible = {account_id: (name, trashed_at is not None) for account_id, name, trashed_at in found}
    names = people(hold.placed_by_id for hold in holds if hold.placed_by_id)
    return tuple(
        HoldRow(
            hold,
            *visible.get(hold.account_id, ("", False)),
            names[hold.placed_by_id].name if hold.placed_by_id in names else SYSTEM_NAME,
            hold.until_on < today,
        )
        for hold in holds
    )
