"""What follows when many accounts or contacts were changed at once, or tagged: the same as from the verbs for one."""

from guanxi.customers.commands.indexing import index_accounts
from guanxi.customers.commands.parts import owned_by
from guanxi.customers.events import AccountChanged, AccountRestored, AccountTrashed, PartChanged
from guanxi.customers.models import Contact
from guanxi.platform.access.grant import grant
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action
from guanxi.platform.events.commands import publish
from guanxi.platform.objects.spec import WrittenBlock


def follow_accounts(block: WrittenBlock) -> None:
    """Tell of all accounts of a block with one event."""
    if block.trashed_at is None:
        publish(AccountChanged(account_ids=block.ids, fields=block.fields))
    elif block.is_undo:
        publish(AccountRestored(account_ids=block.ids))
    else:
        publish(AccountTrashed(account_ids=block.ids))


def follow_contacts(block: WrittenBlock) -> None:
    """Let what belongs to contacts go with them and come back, and tell of all contacts of a block with one event."""
    rows = grant(block.actor, Contact, Action.EDIT).queryset().filter(Among("pk", block.ids))
    account_ids = tuple(rows.order_by("account_id").values_list("account_id", flat=True).distinct())
    action = "edit_contact"
    if block.trashed_at is not None:
        action = "restore_contact" if block.is_undo else "remove_contact"
        _move_parts(block)
        index_accounts(account_ids)
    publish(PartChanged(account_ids=account_ids, part="contact", record_ids=block.ids, action=action))


def _move_parts(block: WrittenBlock) -> None:
    """Put what is in use into the trash with its contact, or take out what went there together with it."""
    former, present = (block.trashed_at, None) if block.is_undo else (None, block.trashed_at)
    for rows in owned_by(block.ids, actor=block.actor):
        rows.filter(trashed_at=former).update(trashed_at=present)
