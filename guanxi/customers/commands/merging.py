"""What follows when two accounts, or two contacts, become one, and when they are separated again."""

from guanxi.customers.commands.indexing import index_accounts, index_contacts_of
from guanxi.customers.commands.relationships import follow_contacts_home
from guanxi.customers.events import AccountsMerged
from guanxi.customers.models import AccountAlias, Contact
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.events.commands import publish
from guanxi.platform.objects.merging import REASON, Pair


def follow_account_merge(pair: Pair, actor: Actor, is_undo: bool) -> None:  # noqa: ARG001  # the shape of what follows
    """Let what the ledger knows of the merged account be read as the kept one's, and find its contacts there."""
    if is_undo:
        AccountAlias.objects.filter(former_id=pair.merged_id).delete()
        index_contacts_of(pair.merged_id)
    else:
        AccountAlias.objects.update_or_create(former_id=pair.merged_id, defaults={"account_id": pair.kept_id})
    index_contacts_of(pair.kept_id)
    publish(AccountsMerged(kept_id=pair.kept_id, merged_id=pair.merged_id, is_undone=is_undo))


def follow_contact_merge(pair: Pair, actor: Actor, is_undo: bool) -> None:  # noqa: ARG001  # the shape of what follows
    """Find the accounts of both contacts by what they have now, where their relationships stand, too."""
    follow_contacts_home((pair.kept_id, pair.merged_id))
    rows = unscoped(Contact, reason=REASON).filter(pk__in=(pair.kept_id, pair.merged_id))
    index_accounts(sorted(set(rows.values_list("account_id", flat=True))))
