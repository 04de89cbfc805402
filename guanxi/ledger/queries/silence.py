"""Conditions on accounts and contacts of whom the ledger has heard nothing for long, for rules of retention.

What was corrected or withdrawn counts as heard: in doubt a record is kept.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from guanxi.customers.facade import absorbing_accounts
from guanxi.ledger.models import Fact
from guanxi.ledger.rules import BUYING
from guanxi.platform.access.grant import unscoped

REASON = "retention: rules are applied to all records, whoever sees them"


def silent_accounts(before: datetime | None) -> Q:
    """Accounts made before an instant of which no fact is of a later day, nor of one that was merged into them."""
    return Q(created_at__lt=before) & _without_fact(Q(occurred_at__gte=before))


def accounts_without_purchase(before: datetime | None) -> Q:
    """Accounts made before an instant that never bought, and no account that was merged into them did."""
    bought = Q(pk__in=[])
    for kind, sub_kind in sorted(BUYING):
        bought |= Q(kind=kind, sub_kind=sub_kind)
    return Q(created_at__lt=before) & _without_fact(bought)


def silent_contacts(before: datetime | None) -> Q:
    """Contacts made before an instant of whom no fact is of a later day."""
    facts = unscoped(Fact, reason=REASON).filter(occurred_at__gte=before, contact_id=OuterRef("pk"))
    return Q(created_at__lt=before) & ~Q(Exists(facts))


def _without_fact(meant: Q) -> Q:
    """Accounts without such a fact of their own, or of an account that was merged into them."""
    own = unscoped(Fact, reason=REASON).filter(meant, account=OuterRef("pk"))
    former = unscoped(Fact, reason=REASON).filter(meant, account=OuterRef("former_id"))
    return ~Q(Exists(own)) & ~Q(pk__in=absorbing_accounts(Exists(former)))
