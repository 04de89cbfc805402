"""Reads of note: what was revealed, exported and changed in bulk, by whom, from where."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from guanxi.platform.access.catalogue import protected_object
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import active_people
from guanxi.platform.accounts.reading_queries import NotedRead, noted_reads
from guanxi.platform.people.views.people import administers
from guanxi.platform.people.words import object_words
from guanxi.platform.search.tokens import sort_key
from guanxi.platform.ui.navigation import SettingsEntry, register_settings

PER_PAGE = 50
MOST_PEOPLE = 2_000
DEEDS = {
    "reveal": pgettext_lazy("deed", "revealed"),
    "export": pgettext_lazy("deed", "exported"),
    "bulk_edit": pgettext_lazy("deed", "changed many"),
    "bulk_assign": pgettext_lazy("deed", "handed many over"),
    "bulk_tag": pgettext_lazy("deed", "tagged many"),
    "bulk_trash": pgettext_lazy("deed", "moved many to the trash"),
    "remove_for_good": pgettext_lazy("deed", "deleted for good"),
}
WAYS = {
    "web": pgettext_lazy("surface", "pages"),
    "api": pgettext_lazy("surface", "API"),
    "job": pgettext_lazy("surface", "in the background"),
    "command_line": pgettext_lazy("surface", "command line"),
    "connector": pgettext_lazy("surface", "connection"),
}


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One entry as the page shows it; `what` names the kind of records."""

    entry: NotedRead
    deed: str
    what: str
    way: str


@require_safe
def reads_page(request: HttpRequest) -> HttpResponse:
    """The entries of note, fifty at a time, of one person or one deed where the address says so."""
    asked = request.GET
    person = asked.get("person", "")
    user_id = int(person) if person.isascii() and person.isdecimal() and len(person) < 19 else None
    deed = asked.get("deed", "") if asked.get("deed", "") in DEEDS else ""
    entries = noted_reads(
        actor_of(request), user_id=user_id, action=deed, before=_instant(asked.get("before", "")), limit=PER_PAGE + 1
    )
    context = {
        "lines": [_line(entry) for entry in entries[:PER_PAGE]],
        "before": entries[PER_PAGE - 1].at.isoformat() if len(entries) > PER_PAGE else "",
        "people": sorted(_offered_people(), key=lambda person: sort_key(person[1])),
        "deeds": DEEDS.items(),
        "user_id": user_id,
        "deed": deed,
    }
    return render(request, "people/reads.html", context)


def _offered_people() -> list[tuple[int, str]]:
    return [(person.id, person.name) for person in active_people(limit=MOST_PEOPLE)]


def _line(entry: NotedRead) -> ReadLine:
    item = protected_object(entry.object_key)
    return ReadLine(
        entry=entry,
        deed=str(DEEDS[entry.action]),
        what=object_words(item) if item is not None else entry.object_key,
        way=str(WAYS.get(entry.surface, entry.surface)),
    )


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


register_settings(
    SettingsEntry(
        "reads",
        _("Reads of note"),
        _("What was revealed, exported or changed in bulk, by whom and from where."),
        "list-search",
        "reads",
        group=_("For the house"),
        order=230,
        is_shown=administers,
    )
)
