"""The command palette: go, find, create, act on the record at hand; by keys alone, or as a page without a script."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from guanxi.kernel.errors import GuanxiError
from guanxi.platform.access.grant import grant, may_act_on
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.own_records import favourites_among, own_records
from guanxi.platform.objects.registry import acts_of
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.search.entries import Described, IndexRow, index_row, plain_title
from guanxi.platform.search.tokens import letters_of, normalise, query_tokens
from guanxi.platform.ui.bulk import ICONS, acts_on
from guanxi.platform.ui.hits import Hit, found_hits, hits_of_all, open_objects
from guanxi.platform.ui.navigation import address_of, creations_for, navigation_for, settings_for
from guanxi.platform.ui.responses import page_or_fragment

MOST_HITS, MOST_COMMANDS, MOST_OWN = 6, 6, 6
LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the palette. With `is_post` its address is posted to, with the field `name` holding `value`.

    `hints` stand quietly at its end; `keys` are the keys that do the same; `also` are further words it is found by.
    """

    label: str
    icon: str
    url: str
    hints: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    is_post: bool = False
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Options under one heading."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class AtHand:
    """The record that the person looks at."""

    spec: ObjectSpec
    record: Model


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """What the words find; without words what one can do with the record at hand, favourites and what was open."""
    view = View(actor_of(request), timezone.localdate())
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    at_hand = record_at_hand(request.GET.get("on", ""), view)
    sections = answers(words, at_hand, view) if words else first_offers(at_hand, view)
    context = {
        "words": words,
        "sections": sections,
        "count": sum(len(section.options) for section in sections),
        "at_hand": at_hand,
        "on": f"{at_hand.spec.key}:{at_hand.record.pk}" if at_hand else "",
    }
    return page_or_fragment(request, page="ui/palette.html", fragment="ui/_palette_results.html", context=context)


def record_at_hand(text: str, view: View) -> AtHand | None:
    """The record of "account:12" if the person sees it and it does not lie in the trash."""
    key, _colon, record_id = text.partition(":")
    spec = next((item for item in open_objects(view) if item.key == key), None)
    if spec is None or not (record_id.isascii() and record_id.isdecimal() and len(record_id) < 19):
        return None
    try:
        record: Model = grant(view.actor, spec.model).get(int(record_id))
    except GuanxiError:
        return None
    return AtHand(spec, record) if getattr(record, "trashed_at", None) is None else None


def first_offers(at_hand: AtHand | None, view: View) -> tuple[Section, ...]:
    """What is offered before anything is typed."""
    own = own_records(view.actor)
    here = (at_hand.spec.key, at_hand.record.pk) if at_hand else ("", 0)
    favourites = [record for record in own.favourites if record != here]
    opened = [record for record in own.opened if record != here and record not in set(own.favourites)]
    lines = hits_of_all((*favourites[: 2 * MOST_OWN], *opened[: 2 * MOST_OWN]), view=view, limit=4 * MOST_OWN)
    marked = set(favourites)
    sections = (
        _acts_section(at_hand, view),
        _hits_section(_("Favourites"), [hit for hit in lines if (hit.object_key, hit.record_id) in marked]),
        _hits_section(_("Opened lately"), [hit for hit in lines if (hit.object_key, hit.record_id) not in marked]),
    )
    found = tuple(section for section in sections if section.options)
    return found or (Section(_("Go to"), tuple(_ways(view))[:MOST_COMMANDS]),)


def answers(words: str, at_hand: AtHand | None, view: View) -> tuple[Section, ...]:
    """What the words find: commands that begin with them, records, further commands."""
    offered = (
        _acts_section(at_hand, view),
        Section(_("Go to"), tuple(_ways(view))),
        Section(_("New"), tuple(_creations(view))),
    )
    begun = [_matching(section, words, is_begun=True) for section in offered]
    others = [_matching(section, words, is_begun=False) for section in offered]
    found = (*begun, *_records(words, view), *others)
    return tuple(section for section in found if section.options)


def _records(words: str, view: View) -> Iterator[Section]:
    """The records of each object that match, a few of each, with a way to all of them."""
    for spec in open_objects(view):
        found = found_hits(spec, words, view=view, limit=MOST_HITS)
        if found is None:
            continue
        more = [Option(_("All that match"), "arrow-right", found.more_url)] if found.more_url else []
        yield Section(str(found.label), (*map(_hit_option, found.hits), *more))


def _hits_section(label: str, hits: Iterable[Hit]) -> Section:
    return Section(label, tuple(map(_hit_option, hits))[:MOST_OWN])


def _hit_option(hit: Hit) -> Option:
    return Option(hit.name, hit.icon, hit.url, hints=hit.hints)


def _ways(view: View) -> Iterator[Option]:
    """The pages of the sidebar, then those of the settings."""
    for way in navigation_for(view.actor):
        keys = ("G", way.key_letter.upper()) if way.key_letter else ()
        label = str(way.label)
        yield Option(label, way.icon, address_of(way), _quiet(way.group), keys, _in_all_languages(way.label))
    for entry in settings_for(view.actor):
        also = _in_all_languages(entry.label)
        yield Option(str(entry.label), entry.icon, reverse(entry.url_name), hints=(_("Settings"),), also=also)
    yield Option(_("Keyboard"), "keyboard", reverse("keyboard"), keys=("?",), also=("快捷键", "keyboard shortcuts"))


def _quiet(group: Label) -> tuple[str, ...]:
    return (str(group),) if group else ()


def _creations(view: View) -> Iterator[Option]:
    for entry in creations_for(view.actor):
        label = _("New: %(object)s") % {"object": entry.label}
        yield Option(label, "plus", address_of(entry), also=_in_all_languages(entry.label))


def _acts_section(at_hand: AtHand | None, view: View) -> Section:
    if at_hand is None:
        return Section("", ())
    return Section(str(at_hand.record), tuple(_acts(at_hand, view)))


def _acts(at_hand: AtHand, view: View) -> Iterator[Option]:
    """What the person may do with the record: what its capabilities offer, the star, what one does with many."""
    spec, record = at_hand.spec, at_hand.record
    for act in acts_of(spec.key):
        if may_act_on(view.actor, record, act.right):
            also = _in_all_languages(act.label)
            yield Option(str(act.label), act.icon, act.url(record.pk), also=also, is_post=act.is_post)
    yield _star(at_hand, view)
    rights = {BulkAction.ASSIGN: Action.TRANSFER, BulkAction.TRASH: Action.DELETE}
    offered = {act.action for act in acts_on(spec, view)}
    for action, right in rights.items():
        if action in offered and may_act_on(view.actor, record, right):
            url, also = reverse("bulk", args=[spec.key]), _in_all_languages(action.label)
            label = str(action.label)
            yield Option(label, ICONS[action], url, also=also, is_post=True, name="action", value=action.value)


def _star(at_hand: AtHand, view: View) -> Option:
    spec, record = at_hand.spec, at_hand.record
    is_favourite = record.pk in favourites_among(spec.key, [record.pk], actor=view.actor)
    label = _("Take the star away") if is_favourite else _("Mark with a star")
    return Option(
        label,
        "star-off" if is_favourite else "star",
        reverse("favourite", args=[spec.key, record.pk]),
        also=("收藏", "favourite"),
        is_post=True,
        name="is_favourite",
        value="0" if is_favourite else "1",
    )


def _in_all_languages(label: Label) -> tuple[str, ...]:
    """A label in each language of the interface: who reads one types the other at times."""
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(str(label))
    return tuple(found)


def _matching(section: Section, words: str, *, is_begun: bool) -> Section:
    """The section with the commands that the words begin, or with the others that they find."""
    options = tuple(option for option in section.options if _match(option, words) is is_begun)
    return replace(section, options=options[:MOST_COMMANDS])


def _match(option: Option, words: str) -> bool | None:
    """Whether the words begin the option's name in some language; None when they do not find it."""
    asked = _asked(words)
    rows = [_row_of(text) for text in (option.label, *option.also)]
    if not any(any(tokens <= row.tokens for tokens in asked.alternatives) for row in rows):
        return None
    return any(asked.begins(row.entry) for row in rows)


@dataclass(frozen=True, slots=True)
class _Command:
    """A name of a command as words are compared with it."""

    entry: IndexRow
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed, as names are compared with it."""

    title: str
    letters: str
    alternatives: tuple[frozenset[str], ...]

    def begins(self, entry: IndexRow) -> bool:
        """Whether a name begins with it, in characters, pinyin or initials."""
        heads: tuple[Any, ...] = (entry.sound, entry.initials) if self.letters else ()
        return entry.title.startswith(self.title) or any(head.startswith(self.letters) for head in heads)


@lru_cache(maxsize=256)
def _asked(words: str) -> _Asked:
    plain = normalise(words).strip()
    alternatives = query_tokens(words, reach=FieldAccess.HIDDEN)
    return _Asked(plain_title(words), letters_of(plain), tuple(map(frozenset, alternatives)))


@lru_cache(maxsize=2_048)
def _row_of(text: str) -> _Command:
    row = index_row(Described(0, text))
    return _Command(row, frozenset(row.tokens))
