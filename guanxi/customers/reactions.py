"""What can happen to customers is made known here; customers themselves react to nothing."""

from guanxi.customers.events import (
    AccountChanged,
    AccountCreated,
    AccountRestored,
    AccountsMerged,
    AccountTrashed,
    ExternalKeysAdded,
    PartChanged,
)
from guanxi.platform.events.registry import register_event

register_event(AccountCreated)
register_event(AccountChanged)
register_event(AccountTrashed)
register_event(AccountRestored)
register_event(AccountsMerged)
register_event(ExternalKeysAdded)
register_event(PartChanged)
