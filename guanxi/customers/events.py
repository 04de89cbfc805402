"""What can happen to customers. An event tells of one, or of a block of some thousands that changed at once."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent

MOST_KEYS_IN_EVENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(DomainEvent):
    """An account came into being."""

    name: ClassVar[str] = "customers.account_created"
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(DomainEvent):
    """Fields of an account changed, or the same fields of many; `fields` are their names: owner, not owner_id."""

    name: ClassVar[str] = "customers.account_changed"
    account_ids: tuple[int, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTrashed(DomainEvent):
    """An account went into the trash, or many at once."""

    name: ClassVar[str] = "customers.account_trashed"
    account_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRestored(DomainEvent):
    """An account came out of the trash, or many at once."""

    name: ClassVar[str] = "customers.account_restored"
    account_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalKeysAdded(DomainEvent):
    """Accounts became known under further keys of a system; `keys` is empty when there were too many to list."""

    name: ClassVar[str] = "customers.external_keys_added"
    system: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChanged(DomainEvent):
    """What belongs to accounts was added, changed, removed or put back, one or many; `part` is its object's key."""

    name: ClassVar[str] = "customers.part_changed"
    account_ids: tuple[int, ...]
    part: str
    record_ids: tuple[int, ...]
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsMerged(DomainEvent):
    """Two accounts became one, or were separated again."""

    name: ClassVar[str] = "customers.accounts_merged"
    kept_id: int
    merged_id: int
    is_undone: bool
