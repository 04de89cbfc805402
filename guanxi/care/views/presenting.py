"""The queue as its page shows it: plain values and display strings, read in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.cache import caches
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.care.choices import REASONS, Answer, Hold, Tone
from guanxi.care.models import QueueRow
from guanxi.care.queries import sees_money
from guanxi.care.rules import URGENCY_CAP
from guanxi.care.views.later import later_menu
from guanxi.care.views.row import Factor, Opened, RowView, Text
from guanxi.care.views.wording import (
    category_name,
    evidence_of,
    facts_url,
    hours_of,
    occasion_name,
    strategy_words,
    topic_of,
)
from guanxi.catalog.facade import category_names
from guanxi.customers.facade import AccountRow, MainContact, account_rows, dialable_numbers, main_contacts
from guanxi.engagement.choices import CHANNELS
from guanxi.engagement.facade import Draft, Person, draft, kept_wordings
from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.queries import company_name
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.value.choices import GRADE_NAMES
from guanxi.value.facade import IndexRow, index_rows

TONES: Mapping[str, str] = {Tone.PAST_IDEAL: "away", Tone.PAST_MAXIMUM: "danger"}
SPARK_SIZE = (54, 24)
KEPT_SECONDS = 60
WHY, WHEN = "why", "later"


@dataclass(frozen=True, slots=True)
class Known:
    """What a page read once for all its rows."""

    actor: Actor
    today: date
    accounts: Mapping[int, AccountRow]
    values: Mapping[int, IndexRow]
    contacts: Mapping[int, MainContact]
    categories: Mapping[int, str]


def known_of(actor: Actor, rows: Sequence[QueueRow], *, today: date) -> Known:
    """Read what the rows need: accounts, values, contacts; three queries, with the categories four."""
    ids = [row.account_id for row in rows]
    needs_categories = any("category_id" in row.evidence or row.further for row in rows)
    return Known(
        actor=actor,
        today=today,
        accounts=account_rows(actor, ids) if ids else {},
        values=index_rows(ids, actor) if ids else {},
        contacts=main_contacts(ids, actor) if ids else {},
        categories=_kept_categories() if needs_categories else {},
    )


def row_views(rows: Iterable[QueueRow], *, known: Known, opened_id: int | None = None) -> list[RowView]:
    """The rows as shown, numbered from 1; the one with `opened_id` is open."""
    return [
        row_view(row, place=place, known=known, is_open=row.pk == opened_id)
        for place, row in enumerate(rows, start=1)
        if row.account_id in known.accounts
    ]


def row_view(row: QueueRow, *, place: int, known: Known, is_open: bool = False, asks: str = "") -> RowView:
    """One row as shown. An open one `asks` WHY it is not useful, or until WHEN it is put off, or nothing."""
    value, contact = known.values.get(row.account_id), known.contacts.get(row.account_id)
    reason, channel = REASONS.get(row.reason), CHANNELS.get(row.channel)
    return RowView(
        id=row.pk,
        url=f"/today/rows/{row.pk}/",
        card_url=f"/accounts/{row.account_id}/",
        account_id=row.account_id,
        rank=place,
        name=known.accounts[row.account_id].label,
        contact=_contact(known.accounts[row.account_id], contact),
        grade=graphics.grade(value.grade, str(GRADE_NAMES[value.grade])) if value else "",
        index=formats.number(value.index, decimals=1) if value else formats.MISSING,
        spark=graphics.spark(value.known_trend, *SPARK_SIZE) if value else "",
        delta=graphics.delta(value.change) if value else "",
        reason=str(reason.label) if reason else row.reason,
        tone=TONES.get(row.tone, ""),
        tone_label=str(Tone(row.tone).label),
        evidence=evidence_of(row.reason, row.evidence, categories=known.categories, today=known.today),
        evidence_url=facts_url(row),
        channel=str(channel.label) if channel else formats.MISSING,
        channel_icon=channel.icon if channel else "phone-off",
        hours=hours_of(row),
        topic=topic_of(row, categories=known.categories),
        hold=str(Hold(row.hold).label),
        opened=_opened(row, known=known, asks=asks) if is_open else None,
    )


def _contact(account: AccountRow, contact: MainContact | None) -> str:
    """The main contact with the title; a person's own name is not said twice."""
    if contact is None:
        return ""
    name = "" if contact.full_name == account.name else contact.full_name
    return " · ".join(part for part in (name, contact.title) if part)


def _opened(row: QueueRow, *, known: Known, asks: str) -> Opened:
    drafted = _draft(row, known=known)
    return Opened(
        draft=drafted,
        next_variant=drafted.variant % drafted.variants + 1 if drafted else 1,
        factors=_factors(row, known=known),
        further=tuple(_further(row, known=known)),
        strategy=strategy_words(row.evidence),
        number=dialable_numbers(known.actor, [row.account_id]).get(row.account_id, ""),
        answers=tuple((number, key, label) for number, (key, label) in enumerate(Answer.choices, start=1))
        if asks == WHY
        else (),
        later=later_menu(known.today),
        is_later_open=asks == WHEN,
    )


def _draft(row: QueueRow, *, known: Known) -> Draft | None:
    wordings = kept_wordings(known.actor)
    language = get_language() or "en"
    if (row.reason, language[:2], False) not in wordings:
        return None
    contact = known.contacts.get(row.account_id)
    person = Person(contact.family_name, contact.given_name, contact.title, contact.salutation) if contact else Person()
    return draft(
        row.reason,
        wordings=wordings,
        person=person,
        closeness=contact.closeness if contact else 0,
        language=language,
        variant=row.variant,
        values=_placeholders(row, known=known),
    )


def _placeholders(row: QueueRow, *, known: Known) -> dict[str, str]:
    on = row.evidence.get("on")
    is_date = row.reason == "date"
    days = row.evidence.get("days")
    return {
        "user_name": known.actor.name,
        "company": _kept_company(),
        "account": known.accounts[row.account_id].label,
        "days": str(days) if days is not None else "",
        "category": category_name(row.evidence, known.categories) if row.reason == "replenishment" else "",
        "occasion": occasion_name(row.evidence) if is_date else "",
        "day": formats.relative_day(date.fromisoformat(str(on)), today=known.today) if on else "",
    }


def _factors(row: QueueRow, *, known: Known) -> tuple[Factor, ...]:
    """Money, risk, response, cost: the four numbers that the priority is made of."""
    is_money_shown = sees_money(known.actor)
    return (
        Factor(
            _("At stake"),
            graphics.bar(min(100.0, row.stake**0.5 / 10)) if is_money_shown else graphics.bar(None),
            formats.money(row.stake) if is_money_shown else formats.MISSING,
            _("Margin of a year that this reason is about."),
        ),
        Factor(
            _("Risk"),
            graphics.bar(100 * row.urgency / URGENCY_CAP, "awayf"),
            f"{formats.number(row.urgency, decimals=1)}×",
            _("Risk by now, as a multiple of that at the usual moment."),
        ),
        Factor(
            _("Response"),
            graphics.bar(100 * row.chance),
            formats.percent(row.chance, decimals=0),
            _("How often customers react to this channel at this hour."),
        ),
        Factor(_("Cost"), graphics.bar(row.minutes, "mutf"), formats.duration(row.minutes), _("A person's time.")),
    )


def _further(row: QueueRow, *, known: Known) -> Iterable[tuple[Text, str]]:
    for item in row.further:
        reason = REASONS.get(item["reason"])
        sentence = evidence_of(item["reason"], item["evidence"], categories=known.categories, today=known.today)
        yield (reason.label if reason else item["reason"], sentence)


def _kept_company() -> str:
    """The name of the company; a change shows within a minute, as with the categories and the wordings."""
    return caches["process"].get_or_set("care:company", company_name, KEPT_SECONDS) or ""


def _kept_categories() -> Mapping[int, str]:
    return caches["process"].get_or_set(f"care:categories:{get_language()}", category_names, KEPT_SECONDS) or {}
