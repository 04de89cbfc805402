"""What care contributes: the way to Today, and last and next contact on the list and card of accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import escape

from django.db import models
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.care.adapters.planning import cadence_overrides
from guanxi.care.choices import REASONS, Tone
from guanxi.care.commands import hand_rows_over, waiting_rows
from guanxi.care.models import AccountCadence, CadenceRule, CareSetting, CategoryRhythm, ContactState, QueueRow
from guanxi.care.queries import (
    NextContact,
    all_contact_states,
    narrowed_by_due,
    next_contacts,
    open_row_count,
    rhythm_of,
)
from guanxi.care.rules import Cadence, cadence_for, reasoned_cadence
from guanxi.customers.choices import ContactedBy
from guanxi.customers.facade import Strategy, class_name, scheme_name, sees_classes, strategy_of
from guanxi.engagement.choices import CHANNELS
from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.ledger.facade import KindSummary, counted_facts, last_of, outbound, touches
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.owned import OwnedKind, register_owned
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import (
    Figure,
    FigureSource,
    Label,
    ListColumn,
    ListFilter,
    Panel,
    Rows,
    View,
    Visible,
)
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, SettingsEntry, register_navigation, register_settings
from guanxi.value.facade import grades_of

MEMO, FRESH = "care.next_contacts", "care.contact_now"
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
    return _last_markup(localdate(contact.last_touch_at), contact.last_channel, today=view.today)


@formats.kept
def _last_markup(day: date, channel_key: str, *, today: date) -> str:
    words = escape(formats.relative_day(day, today=today))
    channel = CHANNELS.get(channel_key)
    return SafeString(f'<span title="{escape(str(channel.label))}">{words}</span>') if channel else SafeString(words)


def _next(contact: NextContact | None, view: View) -> str:
    if contact is None or contact.due_on is None:
        return formats.MISSING
    return _next_markup(contact.due_on, contact.tone, today=view.today)


@formats.kept
def _next_markup(due_on: date, tone: Tone, *, today: date) -> str:
    words, label = escape(due_words(due_on, today=today)), escape(str(tone.label))
    return SafeString(f'<span class="nw"><span class="dot{DOTS.get(tone, "")}" title="{label}"></span> {words}</span>')


def next_contact_figure(record: models.Model, view: View) -> Figure:
    """The next contact of a card: its day, and why."""
    contact = contact_now(record.pk, view)
    url = f"/accounts/{record.pk}/facts/?kind=interaction"
    if contact is None or contact.last_touch_at is None:
        return Figure(_("Next contact"), formats.MISSING, _("No contact on record"), url=url, icon="clock")
    since = formats.relative_day(localtime(contact.last_touch_at).date(), today=view.today)
    reason = REASONS.get(contact.reason)
    note = _("last contact %(day)s") % {"day": since}
    if reason is not None:
        return Figure(_("Next contact"), _("today"), f"{reason.label} · {note}", url=url, icon=reason.icon)
    return Figure(_("Next contact"), due_words(contact.due_on, today=view.today), note, url=url, icon="clock")


def contact_now(account_id: int, view: View) -> NextContact | None:
    """Last and next contact of one account as the ledger has it at this moment.

    The stored state follows a fact within seconds; a page that has just logged one must not wait for it.
    """
    key = f"{FRESH}:{account_id}"
    if key not in view.memo:
        counts = counted_facts(view, account_id)
        known = next_contacts(view.actor, [account_id], today=view.today).get(account_id)
        view.memo[key] = _moved(account_id, known, counts, today=view.today)
    found: NextContact | None = view.memo[key]
    return found


def _moved(
    account_id: int, known: NextContact | None, counts: Sequence[KindSummary], *, today: date
) -> NextContact | None:
    """The stored state moved to the last touch; a contact of ours today leaves no reason for another one."""
    touched_at, contacted_at = last_of(counts, touches()), last_of(counts, outbound())
    reason = known.reason if known and (contacted_at is None or localdate(contacted_at) < today) else ""
    if known and known.last_touch_at == touched_at:
        return replace(known, reason=reason)
    if touched_at is None:
        return replace(known, due_on=None, red_on=None, last_touch_at=None, reason=reason) if known else None
    touched_on = localdate(touched_at)
    cadence = (known.cadence if known else None) or _first_cadence(account_id)
    return NextContact(
        due_on=touched_on + timedelta(days=cadence.ideal_days),
        red_on=touched_on + timedelta(days=cadence.maximum_days),
        tone=Tone.PLANNED,
        last_touch_at=touched_at,
        last_channel=known.last_channel if known else "",
        reason=reason,
        cadence=cadence,
    )


def _first_cadence(account_id: int) -> Cadence:
    """The interval of an account that has no stored state yet."""
    grade = grades_of([account_id]).get(account_id, "")
    return cadence_for(grade, rhythm_days=0, overrides=cadence_overrides([account_id]), account_id=account_id)


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """The strategy that holds for a customer as a card shows it: whose it is, and what it says."""

    name: str
    scheme: str
    url: str
    channels: str
    contacted_by: Label
    tone: str
    offer: str


@dataclass(frozen=True, slots=True)
class CadencePanel:
    """The contact rhythm as a card shows it; `cadence` is None before it was planned for.

    `reason` says what it comes from where a strategy holds, "" else.
    """

    cadence: Cadence | None
    can_edit: bool
    strategy: StrategyLine | None = None
    reason: Label = ""


def cadence_panel(record: models.Model, view: View) -> Mapping[str, object]:
    """The wanted interval of an account, and the way to change it."""
    panel = cadence_panel_of(record.pk, view, can_edit=may_act_on(view.actor, record, Action.EDIT))
    return {
        "cadence": panel.cadence,
        "can_edit": panel.can_edit,
        "strategy": panel.strategy,
        "reason": panel.reason,
    }


def cadence_panel_of(account_id: int, view: View, *, can_edit: bool) -> CadencePanel:
    """The wanted interval of an account by its id."""
    contact = contact_now(account_id, view)
    cadence = contact.cadence if contact else None
    strategy = strategy_of(account_id, view.actor)
    if strategy is None:
        return CadencePanel(cadence, can_edit)
    reason = _reason(account_id, strategy, view) if cadence else ""
    return CadencePanel(cadence, can_edit, _strategy_line(strategy), reason)


def _strategy_line(strategy: Strategy) -> StrategyLine:
    labels = [str(CHANNELS[key].label) for key in strategy.channels if key in CHANNELS]
    return StrategyLine(
        name=class_name(strategy.scheme_id, strategy.class_key),
        scheme=scheme_name(strategy.scheme_id),
        url=f"/classes/#class-{strategy.scheme_id}-{strategy.class_key}",
        channels=" → ".join(labels),
        contacted_by=ContactedBy(strategy.contacted_by).label,
        tone=strategy.tone,
        offer=strategy.offer,
    )


def _reason(account_id: int, strategy: Strategy, view: View) -> Label:
    """What the interval of an account comes from whose class has a strategy."""
    grade = grades_of([account_id]).get(account_id, "")
    overrides = cadence_overrides([account_id], strategies={account_id: strategy})
    rhythm = rhythm_of(view.actor, account_id)
    return reasoned_cadence(grade, rhythm_days=rhythm, overrides=overrides, account_id=account_id)[1].label


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
register_navigation(
    NavigationEntry(
        "classes", _l("Classes"), "triangle-square-circle", "classes", _l("Analysis"), 66, is_shown=sees_classes
    )
)
register_settings(
    SettingsEntry(
        "working_day",
        _l("My working day"),
        _l("How many contacts a day holds, from when to when you work, when nobody is called."),
        "clock",
        "working_day",
        order=20,
        is_shown=lambda actor: may(actor, CareSetting, Action.EDIT),
    ),
    SettingsEntry(
        "cadence",
        _l("Contact rhythm"),
        _l("How often customers of each grade should hear from us."),
        "calendar-repeat",
        "cadence",
        group=_l("For the house"),
        order=40,
        is_shown=lambda actor: may(actor, CadenceRule, Action.EDIT),
    ),
)
register_belongings(
    Belonging(AccountCadence, _l("Contact rhythms"), "account", "account"),
    *(
        Belonging(model, object_key="account", link="account", stays=True)
        for model in (ContactState, CategoryRhythm, QueueRow)
    ),
)
register_owned("account", OwnedKind("queue_row", _l("Rows of Today"), "sun", waiting_rows, hand_rows_over, 10))
contribute(
    "account",
    fields=(
        ObjectField(
            "last_contact",
            _l("Last contact"),
            FieldType.DATETIME,
            "last_touch_at",
            ContactState,
            beside=all_contact_states,
        ),
        ObjectField(
            "next_contact", _l("Next contact"), FieldType.DATE, "due_on", ContactState, beside=all_contact_states
        ),
    ),
    columns=(
        ListColumn("last_contact", _l("Last contact"), last_cells, position=60, is_shown_on_phone=False),
        ListColumn("next_contact", _l("Next contact"), next_cells, position=61),
    ),
    filters=(ListFilter("contact", _l("Contact overdue"), due_choices, narrow_due, position=60),),
    figures=(FigureSource("next_contact", next_contact_figure, position=20),),
    panels=(Panel("cadence", _l("Contact rhythm"), "care/_cadence.html", cadence_panel, "side", 45),),
)
