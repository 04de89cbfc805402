"""Verbs about accounts themselves."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from guanxi.customers.commands.indexing import index_accounts, index_contacts_of, index_new_account
from guanxi.customers.events import (
    MOST_KEYS_IN_EVENT,
    AccountChanged,
    AccountCreated,
    AccountRestored,
    AccountTrashed,
    ExternalKeysAdded,
)
from guanxi.customers.models import Account, ExternalKey, Relation
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action, Everyone
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.records.change import change, create
from guanxi.platform.records.sealing import sealed_places
from guanxi.platform.records.values import PATH, assign
from guanxi.platform.search.commands import remove_records
from guanxi.platform.search.tokens import sort_key

SEARCHED_FIELDS = frozenset({"name", "short_name"})


def create_account(values: Mapping[str, object], *, actor: Actor) -> Account:
    """Create an account. Raises: AccessDenied, RuleViolation("record.invalid")."""
    account = Account()
    assign(account, values)
    account.name_key = sort_key(account.name)[:400]
    if account.owner_id is None and account.unit_id is None:
        account.owner_id, account.unit_id = actor.user_id, actor.unit_id
    with create(account, actor=actor) as work:
        index_new_account(account)
        work.publish(AccountCreated(account_id=account.pk))
    return account


@transaction.atomic
def edit_account(
    account_id: int, values: Mapping[str, object], *, version: int | None = None, action: str = "edit", actor: Actor
) -> Account:
    """Change fields of an account; `action` names the verb in the audit trail.

    Raises: NotFound, also for one in the trash, AccessDenied, Conflict("record.changed"), RuleViolation.
    """
    with change(Account, account_id, action=action, version=version, actor=actor) as work:
        assign(work.record, values)
        work.record.name_key = sort_key(work.record.name)[:400]
        work.publish(AccountChanged(account_ids=(account_id,), fields=_field_names(values)))
    sealed = {item.name for item in sealed_places(Account)}
    if any(name in SEARCHED_FIELDS or name in sealed or name.startswith(PATH) for name in values):
        index_accounts([account_id])
    if not SEARCHED_FIELDS.isdisjoint(values):
        index_contacts_of(account_id)
    return work.record


def _field_names(columns: Iterable[str]) -> tuple[str, ...]:
    """The names of the fields that columns hold: owner for owner_id."""
    names = {column.attname: column.name for column in Account._meta.concrete_fields}
    return tuple(sorted({names.get(column, column) for column in columns}))


@transaction.atomic
def trash_account(account_id: int, *, actor: Actor) -> None:
    """Put an account into the trash, where no search finds it; doing it again changes nothing.

    Raises: NotFound, AccessDenied without the right to delete it.
    """
    with change(Account, account_id, action="trash", right=Action.DELETE, actor=actor, also_trashed=True) as work:
        if work.record.trashed_at is None:
            work.record.trashed_at = timezone.now()
            work.publish(AccountTrashed(account_ids=(account_id,)))
    remove_records("account", [account_id])


@transaction.atomic
def restore_account(account_id: int, *, actor: Actor) -> None:
    """Take an account out of the trash; doing it again changes nothing.

    Raises: NotFound, AccessDenied without the right to delete it.
    """
    with change(Account, account_id, action="restore", right=Action.DELETE, actor=actor, also_trashed=True) as work:
        if work.record.trashed_at is not None:
            work.record.trashed_at = None
            work.publish(AccountRestored(account_ids=(account_id,)))
    index_accounts([account_id])


@transaction.atomic
def add_external_keys(system: str, keys: Sequence[tuple[str, int]], *, actor: Actor) -> int:
    """Make accounts known under keys of another system, (key, account id) each. Known keys stay as they are.

    Returns how many were new. Raises: AccessDenied without the right to edit accounts, NotFound for an account that the
    actor may not edit.
    """
    permission, ids = grant(actor, Account, Action.EDIT), {account_id for _, account_id in keys}
    if permission.rule != Everyone() and permission.queryset().filter(pk__in=ids).count() < len(ids):
        raise no_such_record()
    begin_entry(actor, action="add_external_keys", object_key="account", record_count=len(keys), reason=system)
    wanted = [key for key, _ in keys]
    known = set(ExternalKey.objects.filter(system=system, key__in=wanted).values_list("key", flat=True))
    fresh = [ExternalKey(system=system, key=key, account_id=account_id) for key, account_id in keys if key not in known]
    ExternalKey.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=5_000)
    names = tuple(row.key for row in fresh) if len(fresh) <= MOST_KEYS_IN_EVENT else ()
    if fresh:
        publish(ExternalKeysAdded(system=system, keys=names))
    return len(fresh)


def set_relations(relations: Iterable[tuple[str, str, str]]) -> None:
    """Write the editable list of relations, (key, Chinese, English) in order."""
    for position, (key, name_zh, name_en) in enumerate(relations):
        Relation.objects.update_or_create(
            pk=key, defaults={"name_zh": name_zh, "name_en": name_en, "position": position}
        )
