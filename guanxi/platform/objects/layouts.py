"""How cards and forms are arranged for somebody: which fields stand where under which heading, and which panels.

A layout is one list of places: marks, and between them "field:key" and "panel:key". It is no right: what it hides on
card and form stands in lists, exports and the API as before. What it does not name, because it was made later, stands
at the end of the fields, or where its panel usually stands.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.policy import policy_in_use
from guanxi.platform.objects.models import RecordLayout
from guanxi.platform.objects.spec import Panel
from guanxi.platform.preferences.locale import in_language

SECTION, HIDDEN_FIELDS, MAIN, SIDE, HIDDEN_PANELS = "section", "hidden-fields", "main", "side", "hidden-panels"
FIELD, PANEL = "field:", "panel:"
EVERYBODY = "all"
LONGEST_NAME = 40
MOST_SECTIONS = 20
Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under a heading, "" for none, by key."""

    name_zh: str
    name_en: str
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """The heading in the language of the page."""
        return in_language(self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands where: fields in sections and out of sight, panels in two columns and out of sight, all by key."""

    sections: tuple[Section, ...] = (Section("", "", ()),)
    hidden_fields: tuple[str, ...] = ()
    main: tuple[str, ...] = ()
    side: tuple[str, ...] = ()
    hidden_panels: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The layout as one list of places."""
        sections = (place for part in self.sections for place in (SECTION, *_marked(FIELD, part.fields)))
        panels = ((MAIN, self.main), (SIDE, self.side), (HIDDEN_PANELS, self.hidden_panels))
        return (
            *sections,
            HIDDEN_FIELDS,
            *_marked(FIELD, self.hidden_fields),
            *(place for mark, keys in panels for place in (mark, *_marked(PANEL, keys))),
        )

    @property
    def names(self) -> tuple[Names, ...]:
        """The headings of the sections, Chinese and English."""
        return tuple((part.name_zh, part.name_en) for part in self.sections)

    def sections_of(self, keys: Iterable[str]) -> tuple[Section, ...]:
        """The sections with those of the fields that are not hidden, the rest at the end of the last; none is empty."""
        known = tuple(key for key in keys if key not in self.hidden_fields)
        placed = {key for part in self.sections for key in part.fields}
        late = tuple(key for key in known if key not in placed)
        *others, last = self.sections
        filled = (*others, Section(last.name_zh, last.name_en, (*last.fields, *late)))
        found = (Section(part.name_zh, part.name_en, tuple(filter(known.__contains__, part.fields))) for part in filled)
        return tuple(part for part in found if part.fields)

    def panels_at(self, place: str, panels: Sequence[Panel]) -> tuple[Panel, ...]:
        """The panels of one place in their order; those that nobody placed stand at the end of their usual one."""
        named = {MAIN: self.main, SIDE: self.side}.get(place, ())
        known = {panel.key: panel for panel in panels}
        placed = {*self.main, *self.side, *self.hidden_panels}
        late = (panel for panel in panels if panel.place == place and panel.key not in placed)
        return (*(known[key] for key in named if key in known), *late)


def _marked(mark: str, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(mark + key for key in keys)


def read_layout(places: Sequence[str], names: Sequence[Sequence[str]]) -> Layout:
    """The layout that a list of places says; sections that have neither field nor heading are left out.

    Raises: RuleViolation("layout.places") for what is no such list.
    """
    marks = (SECTION, HIDDEN_FIELDS, MAIN, SIDE, HIDDEN_PANELS)
    kept: list[tuple[str, list[str]]] = []
    for place in places:
        if place in marks:
            kept.append((place, []))
        elif kept and place.startswith(FIELD if kept[-1][0] in marks[:2] else PANEL):
            kept[-1][1].append(place.partition(":")[2])
        else:
            raise _no_layout()
    parts = [keys for mark, keys in kept if mark == SECTION]
    rest = {mark: tuple(keys) for mark, keys in kept if mark != SECTION}
    tokens = [place for place in places if place not in marks]
    if len(rest) + len(parts) < len(kept) or len(set(tokens)) < len(tokens) or not 0 < len(parts) <= MOST_SECTIONS:
        raise _no_layout()
    if len(names) < len(parts) or any(len(name) > LONGEST_NAME for pair in names for name in pair):
        raise _no_layout()
    found = tuple(
        Section(zh, en, tuple(keys)) for (zh, en), keys in zip(names, parts, strict=False) if keys or zh or en
    )
    return Layout(
        found or (Section("", "", ()),), *(rest.get(mark, ()) for mark in (HIDDEN_FIELDS, MAIN, SIDE, HIDDEN_PANELS))
    )


def _no_layout() -> RuleViolation:
    return RuleViolation(
        "layout.places",
        "A layout has at most %(most)s sections, headings of at most %(longest)s characters, and everything once.",
        most=MOST_SECTIONS,
        longest=LONGEST_NAME,
    )


def completed(layout: Layout, fields: Collection[str], panels: Sequence[Panel]) -> Layout:
    """The layout with everything that there is now, and nothing else: as it is shown to who changes it."""
    known = {panel.key for panel in panels}
    hidden = set(layout.hidden_fields)
    empty = tuple(part for part in layout.sections if not set(part.fields) & set(fields))
    sections = layout.sections_of(fields)
    named = tuple(Section(part.name_zh, part.name_en, ()) for part in empty if part.name_zh or part.name_en)
    return Layout(
        (*sections, *named) or (Section("", "", ()),),
        tuple(key for key in fields if key in hidden),
        tuple(panel.key for panel in layout.panels_at(MAIN, panels)),
        tuple(panel.key for panel in layout.panels_at(SIDE, panels)),
        tuple(key for key in layout.hidden_panels if key in known),
    )


def moved(places: Sequence[str], place: str, *, steps: int) -> tuple[str, ...]:
    """The list with one place moved so many steps, over a mark as over any other; none leaves its fields or panels."""
    if place not in places:
        return tuple(places)
    kept = list(places)
    at = kept.index(place)
    first, last = (1, kept.index(MAIN) - 1) if place.startswith(FIELD) else (kept.index(MAIN) + 1, len(kept) - 1)
    kept.insert(max(first, min(at + steps, last)), kept.pop(at))
    return tuple(kept)


def shown_again(places: Sequence[str], place: str) -> tuple[str, ...]:
    """The list with a hidden field at the end of the shown ones, or a hidden panel on top of the side."""
    if place not in places:
        return tuple(places)
    kept = [other for other in places if other != place]
    kept.insert(kept.index(HIDDEN_FIELDS) if place.startswith(FIELD) else kept.index(SIDE) + 1, place)
    return tuple(kept)


def layout_for(object_key: str, actor: Actor) -> Layout:
    """How cards and forms of the object are arranged for the actor; it costs no query.

    The layout of the nearest unit above goes first, then that of one of the roles in the order of their keys, then that
    of everybody.
    """
    found = _layouts(policy_in_use()).get(object_key, {})
    audiences = (*map(_of_unit, reversed(actor.unit_path)), *map(_of_role, sorted(actor.roles)), EVERYBODY)
    return next((found[audience] for audience in audiences if audience in found), Layout())


@lru_cache(maxsize=4)
def _layouts(version: int) -> Mapping[str, Mapping[str, Layout]]:  # noqa: ARG001  # the version is the cache key
    found: dict[str, dict[str, Layout]] = {}
    for row in RecordLayout.objects.select_related("role"):
        audience = EVERYBODY
        if row.role is not None:
            audience = _of_role(row.role.key)
        elif row.unit_id is not None:
            audience = _of_unit(row.unit_id)
        found.setdefault(row.object_key, {})[audience] = read_layout(row.places, row.names)
    return found


def _of_unit(unit_id: int) -> str:
    return f"unit:{unit_id}"


def _of_role(key: str) -> str:
    return f"role:{key}"
