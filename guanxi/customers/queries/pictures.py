"""Named reads for pictures of relationships: who stands around a customer, two steps far."""

from collections.abc import Iterable
from dataclasses import dataclass

from guanxi.customers.queries.accounts import ContactRow, contacts_of
from guanxi.customers.queries.relationships import (
    Party,
    RelationshipRow,
    relationship_types,
    relationships_of,
    type_words,
)
from guanxi.kernel.actor import Actor

MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the picture: what `one` is to `other` in words, and the other way round, how close, of which kind."""

    one: Party
    other: Party
    words: str
    inverse: str
    bond: int
    kind: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Who stands around a customer: the customer itself, its people, and the links, own ones first."""

    centre: Party
    people: tuple[ContactRow, ...]
    links: tuple[Link, ...]

    @property
    def parties(self) -> dict[str, Party]:
        """All parties by key."""
        found = {self.centre.key: self.centre}
        for link in self.links:
            found.setdefault(link.one.key, link.one)
            found.setdefault(link.other.key, link.other)
        return found


def relation_picture(account_id: int, *, name: str, is_person: bool, actor: Actor) -> Picture:
    """The customer, its people, whom they know, and whom those know. Four queries."""
    centre = Party(account_id, None, name, name, is_person=is_person)
    people, _points = contacts_of(account_id, actor)
    own = relationships_of([account_id], actor)
    near = {party.account_id for row in own for party in (row.one, row.other)} - {account_id}
    known = {row.id for row in own}
    further = [row for row in relationships_of(sorted(near), actor) if row.id not in known] if near else []
    members = tuple(
        Link(Party(account_id, row.id, row.name, name, is_person=True), centre, row.title, "", 1, MEMBER)
        for row in people
    )
    return Picture(centre, people, (*_links(own), *members, *_links(further)))


def _links(rows: Iterable[RelationshipRow]) -> tuple[Link, ...]:
    types = relationship_types()
    return tuple(
        Link(
            row.one,
            row.other,
            type_words(row.type_key, is_first=True),
            type_words(row.type_key, is_first=False),
            row.bond,
            types[row.type_key].joins if row.type_key in types else "any",
        )
        for row in rows
    )
