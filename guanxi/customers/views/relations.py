"""The picture of a customer's relationships, and the map of who decides."""

from dataclasses import dataclass
from itertools import accumulate
from unicodedata import east_asian_width

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guanxi.customers.analyses.relations import Layout, Place, influence_map, rings
from guanxi.customers.choices import INFLUENCE, AccountKind, Bond, DecisionRole, Stance
from guanxi.customers.objects import account_url
from guanxi.customers.queries import MEMBER, ContactRow, Link, Party, Picture, account_by_id, relation_picture
from guanxi.platform.access.limits import ReadKind, count_reads
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.addresses import record_url

LABEL_WIDTH, LABEL_HEIGHT = 128.0, 36.0
LONGEST_LABEL = 11
"""In Chinese characters."""
LATIN_WIDTH = 0.55
ROLES = tuple(role.value for role in DecisionRole)


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a picture, by its upper left corner and its middle."""

    left: float
    top: float
    x: float
    y: float
    name: str
    label: str
    note: str
    url: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two boxes: as wide as the two are close."""

    path: str
    kind: str
    bond: int
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture ready to be drawn."""

    layout: Layout
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]


@require_safe
def relations_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """The picture of who knows whom around a customer, the map of who decides, and both as a list."""
    actor = actor_of(request)
    account = account_by_id(account_id, actor)
    count_reads(actor, ReadKind.VIEW)
    is_person = account.kind == AccountKind.PERSON
    picture = relation_picture(account_id, name=account.name, is_person=is_person, actor=actor)
    related = [link for link in picture.links if link.kind != MEMBER]
    context = {
        "account": account,
        "back_url": account_url(account_id),
        "drawing": _drawing(picture) if picture.links else None,
        "map": _influence_drawing(picture) if picture.people else None,
        "related": [(link, Bond(link.bond).label) for link in related],
        "people": [_person_line(row) for row in picture.people],
    }
    return render(request, "customers/relations.html", context)


def _drawing(picture: Picture) -> Drawing:
    """The picture of rings with a line for each link between two that are shown."""
    parties = picture.parties
    layout = rings(picture.centre.key, [(link.one.key, link.other.key) for link in picture.links])
    places = {place.key: place for place in layout.places}
    notes = _notes(picture, layout)
    nodes = tuple(
        _node(
            place,
            parties[place.key],
            note=notes.get(place.key, ""),
            tone="me" if place.ring == 0 else ("person" if parties[place.key].is_person else "firm"),
        )
        for place in layout.places
    )
    shown = (link for link in picture.links if link.one.key in places and link.other.key in places)
    return Drawing(layout, nodes, tuple(_line(places[link.one.key], places[link.other.key], link) for link in shown))


def _notes(picture: Picture, layout: Layout) -> dict[str, str]:
    """What stands below a name: what the party is to one that is nearer to the middle."""
    rings_of = {place.key: place.ring for place in layout.places}
    notes: dict[str, str] = {}
    for link in picture.links:
        one, other = rings_of.get(link.one.key, 0), rings_of.get(link.other.key, 0)
        if one != other:
            notes.setdefault(*((link.one.key, link.words) if one > other else (link.other.key, link.inverse)))
    return notes


def _influence_drawing(picture: Picture) -> Drawing:
    """The customer's people by their say and its weight, with who of them knows whom."""
    people = {f"p{row.id}": row for row in picture.people}
    layout = influence_map([(key, ROLES.index(row.decision_role), row.influence) for key, row in people.items()])
    places = {place.key: place for place in layout.places}
    parties = picture.parties
    nodes = tuple(
        _node(
            place,
            parties[place.key],
            note=f"{DecisionRole(people[place.key].decision_role).label} · {_influence(people[place.key])}",
            tone=people[place.key].stance,
        )
        for place in layout.places
    )
    among = (link for link in picture.links if link.one.key in places and link.other.key in places)
    return Drawing(layout, nodes, tuple(_line(places[link.one.key], places[link.other.key], link) for link in among))


def _node(place: Place, party: Party, *, note: str, tone: str) -> Node:
    """The box of a party; a long name is cut there and stands whole in its title."""
    left, top = round(place.x - LABEL_WIDTH / 2, 1), round(place.y - LABEL_HEIGHT / 2, 1)
    return Node(left, top, place.x, place.y, party.label, _short(party.name), _short(note), party.url, tone)


def _short(text: str) -> str:
    """A text cut to what a box has room for: Latin letters are a little more than half as wide as characters."""
    ends = list(accumulate(1.0 if east_asian_width(character) in "WF" else LATIN_WIDTH for character in text))
    if not ends or ends[-1] <= LONGEST_LABEL:
        return text
    return f"{text[: sum(end <= LONGEST_LABEL - 1 for end in ends)]}…"


def _line(one: Place, other: Place, link: Link) -> Line:
    """A straight line, or between two of one height an arc above the boxes that lie between."""
    bend = 46.0 if one.y == other.y and abs(one.x - other.x) > LABEL_WIDTH * 1.5 else 0.0
    middle_x, middle_y = (one.x + other.x) / 2, (one.y + other.y) / 2 - bend
    path = f"M{one.x} {one.y}Q{round(middle_x, 1)} {round(middle_y, 1)} {other.x} {other.y}"
    return Line(path, link.kind, link.bond, f"{link.one.name} – {link.words} – {link.other.name}")


def _influence(row: ContactRow) -> str:
    return str(dict(INFLUENCE)[row.influence])


def _person_line(row: ContactRow) -> dict[str, object]:
    """A contact as a line of the list beside the map."""
    return {
        "name": row.name,
        "url": record_url("contact", row.id),
        "title": row.title,
        "role": DecisionRole(row.decision_role).label,
        "influence": _influence(row),
        "stance": Stance(row.stance).label,
        "tone": row.stance,
    }
