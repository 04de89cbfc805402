"""Who knows whom in the demo company: groups of firms, schoolmates across them, and where contacts stand."""

from collections.abc import Sequence

from guanxi.customers.choices import RELATIONSHIP_TYPES
from guanxi.customers.commands import add_relationship, edit_contact, set_relationship_types
from guanxi.customers.models import Account, Contact, Relationship
from guanxi.kernel.actor import Actor

BETWEEN_FIRMS = (
    (0, 1, "parent", 3, "全资"),
    (0, 2, "parent", 2, "控股 60%"),
    (1, 3, "parent", 2, ""),
    (0, 4, "supplier", 2, "供轴承件"),
    (5, 0, "competitor", 1, ""),
    (6, 0, "referrer", 3, "2023 年展会上介绍"),
    (2, 7, "partner", 2, "合作实验室"),
    (7, 8, "parent", 2, ""),
)
BETWEEN_PEOPLE = (
    (0, 4, "classmate", 3, "浙大机械系"),
    (0, 6, "hometown", 2, "宁波"),
    (1, 2, "relative", 2, "表亲"),
    (2, 5, "former_colleague", 2, ""),
    (1, 7, "comrade", 3, ""),
)
STANCES = (("supporter", 3), ("neutral", 2), ("supporter", 1), ("opponent", 2), ("unknown", 0))


def add_relationships(accounts: Sequence[Account], contacts: Sequence[Contact], *, actor: Actor) -> None:
    """Relate the firms of every manager among each other, and their people; say where people stand.

    The places of the lists count the firms of one manager, and of people the main contacts of those firms.
    """
    set_relationship_types(RELATIONSHIP_TYPES)
    owned: dict[int | None, list[Account]] = {}
    for account in accounts:
        if account.kind == "organisation":
            owned.setdefault(account.owner_id, []).append(account)
    mains = {contact.account_id: contact for contact in contacts if contact.is_main}
    for firms in owned.values():
        for one, other, kind, bond, note in BETWEEN_FIRMS:
            if max(one, other) < len(firms):
                _relate(firms[one], firms[other], kind, bond=bond, note=note, actor=actor)
        for one, other, kind, bond, note in BETWEEN_PEOPLE:
            if max(one, other) < len(firms):
                people = mains[firms[one].pk], mains[firms[other].pk]
                _relate(people[0], people[1], kind, bond=bond, note=note, actor=actor)
    for firms in owned.values():
        first = {account.pk for account in firms[:3]}
        for place, contact in enumerate(item for item in contacts if item.account_id in first):
            stance, influence = STANCES[place % len(STANCES)]
            edit_contact(contact.pk, {"stance": stance, "influence": influence}, actor=actor)


def _relate(one: Account | Contact, other: Account | Contact, kind: str, *, bond: int, note: str, actor: Actor) -> None:
    (here, first), (there, second) = _ends(one), _ends(other)
    relationship = Relationship(
        type_id=kind,
        account_id=here,
        contact_id=first,
        other_account_id=there,
        other_contact_id=second,
        bond=bond,
        source="拜访",
        note=note,
    )
    add_relationship(relationship, actor=actor)


def _ends(party: Account | Contact) -> tuple[int, int | None]:
    return (party.account_id, party.pk) if isinstance(party, Contact) else (party.pk, None)
