"""What can happen to customers."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(DomainEvent):
    """An account came into being."""

    name: ClassVar[str] = "customers.account_created"
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(DomainEvent):
    """Fields of an account changed."""

    name: ClassVar[str] = "customers.account_changed"
    account_id: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTrashed(DomainEvent):
    """An account went into the trash."""

    name: ClassVar[str] = "customers.account_trashed"
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRestored(DomainEvent):
    """An account came out of the trash."""

    name: ClassVar[str] = "customers.account_restored"
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalKeysAdded(DomainEvent):
    """Accounts became known under further keys of a system; `keys` is empty when there were too many to list."""

    name: ClassVar[str] = "customers.external_keys_added"
    system: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChanged(DomainEvent):
    """Something that belongs to an account was added, changed, removed or put back; `part` is its object's key."""

    name: ClassVar[str] = "customers.part_changed"
    account_id: int
    part: str
    record_id: int
    action: str
