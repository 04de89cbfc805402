"""Pictures of relationships as numbers: rings around one party, a tree of companies, a map of who decides."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

MOST_NODES = 60
RINGS = 2
FIRST_RADIUS = 150.0
BETWEEN_RINGS = 115.0
ARC = 98.0
STRETCH = 1.5
MARGIN_X, MARGIN_Y = 80.0, 34.0
COLUMN, ROW, STACK = 150.0, 74.0, 42.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands, in units of the picture; `ring` is its distance from the middle."""

    key: str
    x: float
    y: float
    ring: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture: its size and its nodes, the middle first; `left_out` counts the nodes it has no room for."""

    width: float
    height: float
    places: tuple[Place, ...]
    left_out: int = 0


def rings(centre: str, links: Sequence[tuple[str, str]]) -> Layout:
    """Place the parties around one of them on rings by their distance, each near the one it is reached by.

    Steps: 1 distances by breadth, in the order of the links, 2 the nearest that there is room for, 3 each ring as wide
    as its nodes need, 4 the nodes of a ring spread evenly in the order of those they are reached by. The same links
    give the same picture. Grain of `links`: pair of keys, either way round.
    """
    parents, found = _reached(centre, links)
    shown = found[:MOST_NODES]
    by_ring = [[key for key in shown if parents[key][1] == ring] for ring in range(RINGS + 1)]
    radii = [0.0]
    for ring in range(1, RINGS + 1):
        least = FIRST_RADIUS if ring == 1 else radii[-1] + BETWEEN_RINGS
        radii.append(max(least, len(by_ring[ring]) * ARC / (2 * pi)))
    outermost = max((radii[ring] for ring in range(RINGS + 1) if by_ring[ring]), default=0.0)
    width, height = 2 * (outermost * STRETCH + MARGIN_X), 2 * (outermost + MARGIN_Y)
    angles = {centre: 0.0}
    places = [Place(centre, width / 2, height / 2, 0)]
    for ring in range(1, RINGS + 1):
        members = sorted(by_ring[ring], key=lambda key: angles[parents[key][0]])
        start = _start(members, angles=angles, parents=parents) if ring > 1 else -pi / 2
        for number, key in enumerate(members):
            angles[key] = start + 2 * pi * number / len(members)
            x, y = radii[ring] * STRETCH * cos(angles[key]), radii[ring] * sin(angles[key])
            places.append(Place(key, round(width / 2 + x, 1), round(height / 2 + y, 1), ring))
    return Layout(round(width, 1), round(height, 1), tuple(places), len(found) - len(shown))


def _reached(centre: str, links: Sequence[tuple[str, str]]) -> tuple[dict[str, tuple[str, int]], list[str]]:
    """By whom each party is reached and in how many steps; and the parties in that order, the middle first."""
    beside: dict[str, list[str]] = defaultdict(list)
    for one, other in links:
        beside[one].append(other)
        beside[other].append(one)
    parents, found = {centre: ("", 0)}, [centre]
    for key in found:
        steps = parents[key][1]
        for near in beside[key] if steps < RINGS else ():
            if near not in parents:
                parents[near] = (key, steps + 1)
                found.append(near)
    return parents, found


def _start(members: Sequence[str], *, angles: Mapping[str, float], parents: Mapping[str, tuple[str, int]]) -> float:
    """The angle of a ring's first node at which its nodes stand nearest to those they are reached by, on the mean."""
    gaps = [angles[parents[key][0]] - 2 * pi * number / len(members) for number, key in enumerate(members)]
    return sum(gaps) / len(gaps) if gaps else 0.0


def group_tree(
    member: int, links: Sequence[tuple[int, int]], *, names: Mapping[int, str]
) -> tuple[tuple[int, int], ...]:
    """The tree of companies that one belongs to, as (company, depth) from the top.

    `links` are (parent, subsidiary). Of several parents the one of the lower id counts; circles are walked once.
    """
    above: dict[int, int] = {}
    below: dict[int, list[int]] = defaultdict(list)
    for upper, lower in sorted(links):
        if lower not in above:
            above[lower] = upper
            below[upper].append(lower)
    top, walked = member, {member}
    while top in above and above[top] not in walked:
        top = above[top]
        walked.add(top)
    order: list[tuple[int, int]] = []
    seen: set[int] = set()
    waiting = [(top, 0)]
    while waiting:
        company, depth = waiting.pop()
        if company not in seen:
            seen.add(company)
            order.append((company, depth))
            waiting += [
                (sub, depth + 1) for sub in sorted(below[company], key=lambda pk: (names[pk], pk), reverse=True)
            ]
    return tuple(order)


def influence_map(people: Sequence[tuple[str, int, int]]) -> Layout:
    """Place people by what they have to say (columns) and how much weight it has (rows, the greatest on top).

    `people` are (key, column, influence from 0 to 3). Who shares a place stands below the other.
    """
    cells: dict[tuple[int, int], list[str]] = defaultdict(list)
    for key, column, influence in people:
        cells[column, influence].append(key)
    columns = sorted({column for column, _ in cells})
    places: list[Place] = []
    top = ROW
    for influence in sorted({level for _, level in cells}, reverse=True):
        tallest = max(len(keys) for (_, level), keys in cells.items() if level == influence)
        for position, column in enumerate(columns):
            for number, key in enumerate(cells.get((column, influence), ())):
                places.append(Place(key, COLUMN * (position + 0.5), top + STACK * number, influence))
        top += ROW + STACK * (tallest - 1)
    return Layout(COLUMN * max(len(columns), 1), top, tuple(places))
