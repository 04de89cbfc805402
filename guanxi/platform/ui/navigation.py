"""The ways into the product: entries of the sidebar, of the "New" button and the target of the search box.

Capabilities register theirs in `apps.py` when the program starts; afterwards the registry is only read. This
room names none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.core.cache import caches
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.customfields.schema import current_schema
from guanxi.platform.objects.registry import made_specs, object_specs

Label = str | Promise
COUNT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """One page that the sidebar names.

    `group` is the heading it stands under ("" = on top); groups follow their first entry's `order`.
    `tab_order` > 0 puts it on the phone's tab bar as well. `key_letter` opens it after G on the keyboard.
    `count` returns the figure beside the label without a slow query (a minute old is fine), None for none.
    `is_shown` hides the entry from actors who may not open it; None shows it to everybody. `url` stands instead of the
    name of an address that has parameters.
    """

    key: str
    label: Label
    icon: str
    url_name: str
    group: Label = ""
    order: int = 100
    tab_order: int = 0
    key_letter: str = ""
    count: Callable[[Actor], int | None] | None = None
    is_shown: Callable[[Actor], bool] | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class SettingsEntry:
    """One line of the page of settings: what it is called, what one sets there, where it is.

    `group` is the heading it stands under ("" = what is one's own, on top).
    """

    key: str
    label: Label
    text: Label
    icon: str
    url_name: str
    group: Label = ""
    order: int = 100
    is_shown: Callable[[Actor], bool] | None = None


@dataclass(frozen=True, slots=True)
class CreationEntry:
    """One line of the "New" button; `url` stands instead of the name of an address that has parameters."""

    key: str
    label: Label
    icon: str
    url_name: str
    order: int = 100
    is_shown: Callable[[Actor], bool] | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class SearchTarget:
    """The list that the search box asks; the words go to its parameter `q`."""

    url_name: str
    placeholder: Label


@dataclass(frozen=True, slots=True)
class Bell:
    """What waits for a person: `url_name` is its page, `count_url_name` answers the figure on the bell."""

    url_name: str
    count_url_name: str
    label: Label


@dataclass(frozen=True, slots=True)
class FrameFiles:
    """Files of another room that every page loads, because what it adds stands on the cards of all objects."""

    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


@cache
def _named(url_name: str) -> str:
    return reverse(url_name)


def address_of(entry: NavigationEntry | CreationEntry) -> str:
    """Where an entry leads; named addresses do not change while the program runs."""
    return entry.url or _named(entry.url_name)


def minute_old(key: str, count: Callable[[Actor], int]) -> Callable[[Actor], int | None]:
    """A figure beside an entry that is counted once a minute for each person, and left out when it is nothing."""

    def known(actor: Actor) -> int | None:
        name = f"navigation.{key}:{actor.user_id}:{actor.policy_version}"
        found = caches["process"].get_or_set(name, lambda: count(actor), COUNT_SECONDS)
        return int(found or 0) or None

    return known


_entries: dict[str, NavigationEntry] = {}
_creations: dict[str, CreationEntry] = {}
_search: dict[str, SearchTarget] = {}
_settings: dict[str, SettingsEntry] = {}
_bell: dict[str, Bell] = {}
_files: list[FrameFiles] = []


def register_navigation(*entries: NavigationEntry) -> None:
    """Add pages to the sidebar. Raises: ValueError when a key is taken; this is a defect of the code."""
    for entry in entries:
        if entry.key in _entries:
            raise ValueError(f"The navigation entry {entry.key} is registered twice.")
        _entries[entry.key] = entry


def register_creation(*entries: CreationEntry) -> None:
    """Add lines to the "New" button. Raises: ValueError when a key is taken; this is a defect of the code."""
    for entry in entries:
        if entry.key in _creations:
            raise ValueError(f"The creation entry {entry.key} is registered twice.")
        _creations[entry.key] = entry


def register_settings(*entries: SettingsEntry) -> None:
    """Add lines to the page of settings. Raises: ValueError when a key is taken; this is a defect of the code."""
    for entry in entries:
        if entry.key in _settings:
            raise ValueError(f"The settings entry {entry.key} is registered twice.")
        _settings[entry.key] = entry


def register_search(target: SearchTarget) -> None:
    """Name the list the search box asks. Raises: ValueError for a second one: a defect of the code."""
    if _search:
        raise ValueError("The search box has a target already.")
    _search["box"] = target


def register_bell(bell: Bell) -> None:
    """Hang the bell into the top bar. Raises: ValueError for a second one: a defect of the code."""
    if _bell:
        raise ValueError("There is a bell already.")
    _bell["bell"] = bell


def register_files(files: FrameFiles) -> None:
    """Let every page load these files as well."""
    _files.append(files)


def navigation_for(actor: Actor) -> tuple[NavigationEntry, ...]:
    """The entries this actor may open, in order."""
    shown = (entry for entry in _entries.values() if entry.is_shown is None or entry.is_shown(actor))
    return (*sorted(shown, key=lambda entry: (entry.order, entry.key)), *_made_entries(actor))


def _made_entries(actor: Actor) -> list[NavigationEntry]:
    """The objects that people made and want to have in the sidebar."""
    named = {item.key for item in current_schema().objects.values() if item.is_in_navigation}
    return [
        NavigationEntry(spec.key, spec.plural, spec.icon, "", _("Your own objects"), url=spec.list_url)
        for spec in made_specs()
        if spec.key in named and may(actor, spec.model, Action.VIEW)
    ]


def creations_for(actor: Actor) -> tuple[CreationEntry, ...]:
    """The lines of the "New" button for this actor, in order."""
    shown = (entry for entry in _creations.values() if entry.is_shown is None or entry.is_shown(actor))
    others = (
        CreationEntry(spec.key, spec.label, spec.icon, "", url=f"/objects/{spec.key}/new/")
        for spec in object_specs()
        if spec.verbs is not None and spec.key not in _creations and may(actor, spec.model, Action.CREATE)
    )
    return (*sorted(shown, key=lambda entry: (entry.order, entry.key)), *others)


def settings_for(actor: Actor) -> tuple[SettingsEntry, ...]:
    """The lines of the page of settings for this actor, in order."""
    shown = (entry for entry in _settings.values() if entry.is_shown is None or entry.is_shown(actor))
    return tuple(sorted(shown, key=lambda entry: (entry.order, entry.key)))


def search_target() -> SearchTarget | None:
    """The list the search box asks, if one is registered."""
    return _search.get("box")


def bell() -> Bell | None:
    """The bell of the top bar, if one is registered."""
    return _bell.get("bell")


def frame_files() -> tuple[FrameFiles, ...]:
    """The files of other rooms that every page loads, in the order in which they were registered."""
    return tuple(_files)
