"""Making a customer of what a signature or a business card says."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from guanxi.customers.choices import AccountKind
from guanxi.customers.commands.accounts import create_account
from guanxi.customers.commands.contacts import create_contact
from guanxi.customers.commands.points import add_point
from guanxi.customers.rules import split_name
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.objects.alike import EntryPoint, look_for_alike, note_alike


@dataclass(frozen=True, slots=True)
class Captured:
    """What was read and looked over: the person, the firm, ways to reach the person by their type.

    With `account_id` the person is added to that customer; else the firm is a new one, or without a firm the person.
    """

    account_id: int | None
    company: str
    person: str
    title: str
    department: str
    website: str
    address: str
    points: Mapping[str, str]


@transaction.atomic
def capture(card: Captured, *, actor: Actor) -> int:
    """Make the customer and the contact, or the contact alone. Returns the account's id.

    Raises: NotFound, AccessDenied, RuleViolation("capture.empty" | "record.invalid" | "point.…"),
    Conflict("record.alike").
    """
    if not card.person and (not card.company or card.account_id is not None):
        raise RuleViolation("capture.empty", "A name is needed: that of a person or of a firm.", field="person")
    account_id, is_new = card.account_id, card.account_id is None
    if account_id is None:
        values = {
            "kind": AccountKind.ORGANISATION if card.company else AccountKind.PERSON,
            "name": card.company or card.person,
            "website": card.website,
            "address": card.address,
        }
        looked = look_for_alike("account", {**values, **card.points}, entry=EntryPoint.CAPTURE, actor=actor)
        account_id = create_account(values, actor=actor).pk
        note_alike(looked, account_id, actor=actor)
    contact_id = None
    if card.person and (card.company or card.account_id is not None):
        family, given = split_name(card.person)
        person = {
            "account_id": account_id,
            "family_name": family,
            "given_name": given,
            "title": card.title,
            "department": card.department,
            "is_main": is_new,
        }
        contact_id = create_contact(person, actor=actor).pk
    for kind, value in card.points.items():
        if value:
            try:
                add_point(account_id, {"contact_id": contact_id, "type": kind, "value": value}, actor=actor)
            except RuleViolation as error:
                raise RuleViolation(error.code, error.sentence, **{**error.data, "field": kind}) from error
    return account_id
