"""What care contributes: the way to Today, and last and next contact on the list and card of accounts."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import models
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.care.choices import REASONS, Tone
from guanxi.care.models import QueueRow
from guanxi.care.queries import NextContact, narrowed_by_due, next_contacts, open_row_count
from guanxi.engagement.choices import CHANNELS
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import (
    Figure,
    FigureSource,
    Label,
    ListColumn,
    ListFilter,
    Rows,
    View,
    Visible,
)
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation

MEMO = "care.next_contacts"
DOTS: Mapping[str, str] = {Tone.PAST_IDEAL: " away", Tone.PAST_MAXIMUM: " danger"}


def contacts_of(rows: Rows, view: View) -> Mapping[int, NextContact]:
    """Last and next contact of a page's accounts, read once per page."""
    if MEMO not in view.memo:
        view.memo[MEMO] = next_contacts(view.actor, [row.pk for row in rows], today=view.today)
    found: Mapping[int, NextContact] = view.memo[MEMO]
    return found


def last_cells(rows: Rows, view: View) -> list[str]:
    """When the last contact was, with its channel as a hint."""
    known = contacts_of(rows, view)
    return [_last(known.get(row.pk), view) for row in rows]


def next_cells(rows: Rows, view: View) -> list[str]:
    """When the next contact is due, with a dot that tells by colour and shape how late it is."""
    known = contacts_of(rows, view)
    return [_next(known.get(row.pk), view) for row in rows]


def _last(contact: NextContact | None, view: View) -> str:
    if contact is None or contact.last_touch_at is None:
        return formats.MISSING
    channel = CHANNELS.get(contact.last_channel)
    day = formats.relative_day(localdate(contact.last_touch_at), today=view.today)
    return SafeString(f'<span title="{escape(channel.label)}">{escape(day)}</span>') if channel else escape(day)


def _next(contact: NextContact | None, view: View) -> str:
    if contact is None or contact.due_on is None:
        return formats.MISSING
    day = escape(due_words(contact.due_on, today=view.today))
    label = escape(Tone(contact.tone).label)
    return SafeString(
        f'<span class="nw"><span class="dot{DOTS.get(contact.tone, "")}" title="{label}"></span> {day}</span>'
    )


def next_contact_figure(record: models.Model, view: View) -> Figure:
    """The next contact of a card: its day, and why."""
    contact = contacts_of([record], view).get(record.pk)
    url = f"/accounts/{record.pk}/facts/?kind=interaction"
    if contact is None or contact.last_touch_at is None:
        return Figure(_("Next contact"), formats.MISSING, _("No contact on record"), url=url, icon="clock")
    since = formats.relative_day(localtime(contact.last_touch_at).date(), today=view.today)
    reason = REASONS.get(contact.reason)
    note = _("last contact %(day)s") % {"day": since}
    if reason is not None:
        return Figure(_("Next contact"), _("today"), f"{reason.label} · {note}", url=url, icon=reason.icon)
    return Figure(_("Next contact"), due_words(contact.due_on, today=view.today), note, url=url, icon="clock")


def due_words(due_on: date | None, *, today: date) -> str:
    """When a contact is due: "in 5 days", or how late it is."""
    if due_on is not None and due_on < today:
        return _("%(days)s late") % {"days": formats.day_count((today - due_on).days)}
    return formats.relative_day(due_on, today=today)


def due_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """Past the ideal or past the maximum interval."""
    return [
        (Tone.PAST_IDEAL.value, Tone.PAST_IDEAL.label),
        (Tone.PAST_MAXIMUM.value, Tone.PAST_MAXIMUM.label),
    ]


def narrow_due(visible: Visible, value: str, view: View) -> Visible:
    """Accounts whose contact is overdue."""
    return narrowed_by_due(visible, is_red=value == Tone.PAST_MAXIMUM, today=view.today)


def open_rows(actor: Actor) -> int | None:
    """The figure beside "Today"."""
    return open_row_count(actor, localdate())


def _works_with_customers(actor: Actor) -> bool:
    return may(actor, QueueRow, Action.VIEW)


register_navigation(
    NavigationEntry(
        "today",
        _l("Today"),
        "sun",
        "today",
        order=1,
        tab_order=1,
        key_letter="t",
        count=open_rows,
        is_shown=_works_with_customers,
    )
)
contribute(
    "account",
    columns=(
        ListColumn("last_contact", _l("Last contact"), last_cells, position=60, is_shown_on_phone=False),
        ListColumn("next_contact", _l("Next contact"), next_cells, position=61),
    ),
    filters=(ListFilter("contact", _l("Contact overdue"), due_choices, narrow_due, position=60),),
    figures=(FigureSource("next_contact", next_contact_figure, position=20),),
)
