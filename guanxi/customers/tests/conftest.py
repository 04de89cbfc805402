"""What the tests of customers play with: an account of Alice's with one part of each kind."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from guanxi.customers.commands import (
    add_account_class,
    add_affiliation,
    add_contact,
    add_contact_point,
    add_external_keys,
    add_important_date,
    add_trait,
    set_classification,
)
from guanxi.customers.commands.parts import Part
from guanxi.customers.models import (
    Account,
    AccountClass,
    Affiliation,
    Contact,
    ContactPoint,
    ImportantDate,
    Trait,
)
from tests.cast import Cast

NUMBER = "138 0013 6021"
KEY = "CARD-40012377"
TIERS = (("top", "战略", "Strategic"), ("steady", "稳定", "Steady"))


@dataclass(frozen=True, slots=True)
class Kept:
    """Alice's account and, by key, one part of each kind; `other` is a further account of hers."""

    account: Account
    other: Account
    parts: dict[str, Part]

    def address(self, key: str, act: str) -> str:
        """The address under which an act on a part stands."""
        folder = {"contact_point": "points", "important_date": "dates", "account_class": "classes"}
        return f"/accounts/{self.account.pk}/{folder.get(key, key + 's')}/{self.parts[key].pk}/{act}/"


@pytest.fixture
def kept(cast: Cast, new_account: Callable[..., Account]) -> Kept:
    """One part of each kind, with a number and a key that must not get out."""
    alice, account, other = cast.alice, new_account("岚川精密仪器"), new_account("云杉包装")
    tier = set_classification(("tier", "分级", "Tier"), classes=TIERS, actor=cast.dora)
    contact = add_contact(Contact(account=account, family_name="周", given_name="砚秋", is_main=True), actor=alice)
    point = ContactPoint(account=account, contact=contact, type="mobile", value=NUMBER)
    entry = ImportantDate(account=account, contact=contact, type="birthday", calendar="lunar", month=10, day=18)
    trait = Trait(account=account, contact=contact, kind="taboo", text="不饮酒")
    entry_class = AccountClass(account=account, classification=tier, class_key="top")
    add_external_keys("shop", [(KEY, account.pk)], actor=alice)
    parts: dict[str, Part] = {
        "contact": contact,
        "contact_point": add_contact_point(point, actor=alice),
        "important_date": add_important_date(entry, actor=alice),
        "trait": add_trait(trait, actor=alice),
        "affiliation": add_affiliation(Affiliation(account=other, contact=contact, title="顾问"), actor=alice),
        "account_class": add_account_class(entry_class, actor=alice),
    }
    return Kept(account, other, parts)
