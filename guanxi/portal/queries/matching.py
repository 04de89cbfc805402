"""Whose record a visitor's number or address leads to. Nobody but the system is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.customers.facade import contacts_named, point_holders
from guanxi.portal.rules.fields import REACHING


@dataclass(frozen=True, slots=True)
class Match:
    """The one account that the visitor is known at, and the contact, None where only the account is known."""

    account_id: int
    contact_id: int | None


def match_of(reaching: Mapping[str, str], *, name: str) -> Match | None:
    """The one whose number or mail address was given, exactly; None for nobody, or for several accounts. Two queries.

    `reaching` are what was given, by type, in the form in which they are compared.
    """
    given = [normalised for kind, normalised in reaching.items() if kind in REACHING]
    holders = [holder for holder in point_holders(given) if holder.type in REACHING]
    accounts = {holder.account_id for holder in holders}
    if len(accounts) != 1:
        return None
    account_id = accounts.pop()
    contacts = {holder.contact_id for holder in holders if holder.contact_id is not None}
    named = contacts_named(account_id, name)
    both = contacts & set(named)
    if len(both) == 1:
        return Match(account_id, both.pop())
    if len(contacts) == 1:
        return Match(account_id, contacts.pop())
    return Match(account_id, named[0] if len(named) == 1 else None)
