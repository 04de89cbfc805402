"""What the ledger contributes to the account: timeline, purchases, the way to log a contact."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import uuid4

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.catalog.facade import product_labels
from guanxi.ledger import commands
from guanxi.ledger.commands.forgetting import count_pulled, forget_pulled
from guanxi.ledger.facade import counted_facts
from guanxi.ledger.models import CompetitorPromotion, Connection, Fact, PulledRow, RefusedRow
from guanxi.ledger.queries import FactRow, facts_of_account, last_days, purchases_by_category
from guanxi.ledger.queries.keeping import narrowed_by_staying
from guanxi.ledger.queries.promises import open_promises
from guanxi.ledger.queries.silence import accounts_without_purchase, silent_accounts, silent_contacts
from guanxi.ledger.rules import BUYING, FACT_KINDS, touches
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.criteria import Criterion, Exemption, register_criteria, register_exemptions
from guanxi.platform.objects.erasing import BESIDE, LAKE, EraseRule, register_erase_rule
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.retention import RetentionCondition, Span, register_retention
from guanxi.platform.objects.spec import Label, ListFilter, Panel, RecordAct, View, Visible
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, SettingsEntry, register_navigation, register_settings

TIMELINE_ROWS = 12
PURCHASE_KIND = "purchase"
ICONS = {
    "interaction": "message-circle",
    "profile": "id",
    "purchase": "shopping-cart",
    "participation": "calendar-event",
    "survey": "forms",
    "suggestion": "bulb",
    "referral": "users-plus",
    "advocacy": "speakerphone",
}
INTERACTION_ICONS = {
    "call": "phone",
    "visit": "map-pin",
    "meeting": "users",
    "mail_sent": "mail",
    "mail_received": "mail",
    "gift_given": "gift",
    "material_posted": "package",
    "message_sent": "message",
    "message_received": "message",
}
SUBJECTS = ("subject", "event", "survey", "gift", "material")
"""Where a fact says what it is about, in this order."""
WORDS = ("note", "text", "reason", "occasion")
"""Where a fact holds words, in this order."""
QUICK_KINDS = (
    ("call", "phone", _l("Log a phone call"), "r"),
    ("message_sent", "message", _l("Log a message"), ""),
    ("visit", "map-pin", _l("Log a visit"), ""),
    ("mail_sent", "mail", _l("Log a mail"), ""),
)


def timeline_panel(record: Model, view: View) -> Mapping[str, object]:
    """The latest facts, and the composer that logs a contact."""
    return timeline_of(record.pk, view, can_log=may_act_on(view.actor, record, Action.EDIT))


def timeline_of(account_id: int, view: View, *, can_log: bool) -> Mapping[str, object]:
    """The timeline of an account; `once` names the next act of logging, so that a form sent twice logs once."""
    page = facts_of_account(view.actor, account_id, limit=TIMELINE_ROWS)
    totals: dict[str, int] = {}
    for entry in counted_facts(view, account_id):
        totals[entry.kind] = totals.get(entry.kind, 0) + entry.count
    return {
        "account_id": account_id,
        "once": uuid4().hex,
        "items": timeline_items(page.rows),
        "kinds": [(kind.name, _(kind.label), totals[kind.name]) for kind in FACT_KINDS.values() if kind.name in totals],
        "total": sum(totals.values()),
        "has_more": page.next_before is not None,
        "quick": QUICK_KINDS,
        "can_log": can_log,
        "promises": promise_lines(account_id, view),
    }


def promise_lines(account_id: int, view: View) -> list[dict[str, object]]:
    """What was promised and is not kept, as the timeline shows it on top."""
    promises = open_promises(view.actor, account_id)
    names = people(item.user_id for item in promises if item.user_id)
    return [
        {
            "id": item.fact_id,
            "words": item.words,
            "due_on": item.due_on,
            "is_late": item.due_on is not None and item.due_on < view.today,
            "who": names[item.user_id].name if item.user_id in names else "",
        }
        for item in promises
    ]


def timeline_items(rows: tuple[FactRow, ...]) -> list[dict[str, object]]:
    """Facts as the timeline shows them; purchases of one day and place are one item."""
    names = people(row.user_id for row in rows if row.user_id)
    products = product_labels(row.product_id for row in rows if row.product_id)
    items: list[dict[str, object]] = []
    month = ""
    for group in grouped(rows):
        first = group[0]
        local = timezone.localtime(first.occurred_at)
        heading = formats.month(local.date())
        user = names.get(first.user_id) if first.user_id else None
        items.append(
            {
                "id": first.id,
                "month": heading if heading != month else "",
                "day": formats.day(local.date(), today=local.date()),  # the month above it says the year
                "icon": INTERACTION_ICONS.get(first.sub_kind, ICONS.get(first.kind, "point")),
                "tone": "buy" if first.kind == PURCHASE_KIND else "",
                "title": _title(first),
                "amount": _amount(group),
                "text": _text(group, products=products),
                "who": user.name if user else "",
                "source": "" if first.is_typed else first.source,
                "is_correction": first.is_correction,
            }
        )
        month = heading
    return items


def grouped(rows: tuple[FactRow, ...]) -> list[list[FactRow]]:
    """Neighbouring purchase lines of one direction, moment and place together; every other fact alone."""
    groups: list[list[FactRow]] = []
    for row in rows:
        last = groups[-1][0] if groups else None
        is_same = (
            last is not None
            and row.kind == last.kind == PURCHASE_KIND
            and (row.sub_kind, row.occurred_at, row.place) == (last.sub_kind, last.occurred_at, last.place)
        )
        if is_same:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def sub_kind_label(row: FactRow) -> str:
    """What happened, in the active language."""
    kind = FACT_KINDS.get(row.kind)
    sub_kind = kind.sub_kind(row.sub_kind) if kind else None
    return _(sub_kind.label) if sub_kind else row.sub_kind


def _title(row: FactRow) -> str:
    subject = next((row.payload[name] for name in SUBJECTS if row.payload.get(name)), "")
    if not subject:
        return sub_kind_label(row)
    return _("%(happening)s: %(subject)s") % {"happening": sub_kind_label(row), "subject": subject}


def _amount(group: list[FactRow]) -> str:
    amounts = [row.amount for row in group if row.amount is not None]
    return formats.money(sum(amounts)) if amounts else ""


def _text(group: list[FactRow], *, products: Mapping[int, str]) -> str:
    first = group[0]
    if first.kind == PURCHASE_KIND:
        named = [products[row.product_id] for row in group if row.product_id and row.product_id in products]
        shown = formats.enumeration(dict.fromkeys(named[:3]))
        if len(group) <= 3:
            return shown
        return _("%(products)s and %(count)s more") % {"products": shown, "count": len(group) - 3}
    return str(next((first.payload[name] for name in WORDS if first.payload.get(name)), ""))


def purchases_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """What is bought by category: amount, how often, when last."""
    rows = purchases_by_category(view.actor, record.pk)
    if not rows:
        return None
    return {"rows": rows, "lines": sum(row.lines for row in rows)}


def followed_up_since(account_ids: Sequence[int]) -> dict[int, date | None]:
    """The day of the last contact with each account, None for those that never had any."""
    known = last_days(account_ids, touches())
    return {account_id: known.get(account_id) for account_id in account_ids}


def bought_since(account_ids: Sequence[int]) -> dict[int, date | None]:
    """The day of the last purchase of each account, None for those that never bought."""
    known = last_days(account_ids, BUYING)
    return {account_id: known.get(account_id) for account_id in account_ids}


def never_bought(account_ids: Sequence[int]) -> dict[int, date | None]:
    """The accounts that never bought, None for each."""
    known = last_days(account_ids, BUYING)
    return {account_id: None for account_id in account_ids if account_id not in known}


def buyers(account_ids: Sequence[int]) -> frozenset[int]:
    """Those of the accounts that ever bought."""
    return frozenset(last_days(account_ids, BUYING))


def staying_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """Those who bought again within a year, and those who did not."""
    return [("yes", _l("Bought again within a year")), ("no", _l("Did not buy again within a year"))]


def narrow_staying(visible: Visible, value: str, view: View) -> Visible:
    """Of those who bought in the year before the last one, who bought in the last one too, or did not."""
    return narrowed_by_staying(visible, stayed=value == "yes", today=view.today)


register_criteria(
    "account",
    Criterion(
        "no_follow_up", _l("No follow-up"), _l("Nobody followed up for %(days)s days"), followed_up_since, position=10
    ),
    Criterion("no_deal", _l("No deal"), _l("No purchase for %(days)s days"), bought_since, position=20),
    Criterion("never_won", _l("Never won"), _l("Never bought, after %(days)s days"), never_bought, position=40),
)
register_retention(
    "account",
    RetentionCondition("no_fact", _l("No fact in the ledger for %(count)s months"), Span.MONTHS, silent_accounts, 20),
    RetentionCondition(
        "never_bought",
        _l("Never bought, and was made more than %(count)s months ago"),
        Span.MONTHS,
        accounts_without_purchase,
        30,
    ),
)
register_retention(
    "contact",
    RetentionCondition("no_fact", _l("No fact in the ledger for %(count)s months"), Span.MONTHS, silent_contacts, 20),
)
register_exemptions("account", Exemption("has_purchase", _l("Has bought before"), buyers, position=10))
register_navigation(
    NavigationEntry(
        "promotions",
        _l("Competitor promotions"),
        "speakerphone",
        "promotions",
        _l("Analysis"),
        60,
        is_shown=lambda actor: may(actor, CompetitorPromotion, Action.VIEW),
    )
)
register_navigation(
    NavigationEntry(
        "typed_facts",
        _l("Nobody typed"),
        "keyboard",
        "typed_facts",
        _l("Analysis"),
        64,
        is_shown=lambda actor: may(actor, Fact, Action.VIEW),
    )
)
register_belongings(
    Belonging(
        Fact,
        object_key="account",
        link="account",
        holds=_l("Facts in the ledger are never deleted, and neither is the customer that they are about."),
        stays=True,
    )
)
register_erase_rule(
    EraseRule(
        "facts",
        _l("Facts made anonymous"),
        commands.count_facts,
        commands.erase_facts,
        BESIDE - 10,
        holding=(Fact,),
    )
)
register_erase_rule(
    EraseRule(
        "lake_facts",
        _l("Files of the lake with facts"),
        commands.count_lake_files,
        commands.rewrite_lake,
        LAKE,
        runs_outside=True,
    )
)
register_erase_rule(
    EraseRule(
        "pulled_rows",
        _l("Rows of other systems forgotten"),
        count_pulled,
        forget_pulled,
        BESIDE - 12,
        holding=(PulledRow, RefusedRow),
    )
)
register_settings(
    SettingsEntry(
        "connections",
        _l("Connections"),
        _l("Databases and web services of the house from which customers, products and orders come by themselves."),
        "plug-connected",
        "connections",
        group=_l("For the house"),
        order=60,
        is_shown=lambda actor: may(actor, Connection, Action.ADMINISTER),
    )
)
contribute(
    "account",
    filters=(ListFilter("stayed", _l("Stayed"), staying_choices, narrow_staying, 66, is_offered=False),),
    panels=(
        Panel("timeline", _l("Timeline"), "ledger/_timeline.html", timeline_panel, "main", 20),
        Panel("purchases", _l("Purchases"), "ledger/_purchases.html", purchases_panel, "main", 30),
    ),
    acts=(
        RecordAct("log", _l("Log contact"), "pencil-plus", lambda pk: f"/accounts/{pk}/#log", Action.EDIT, 5),
        RecordAct("facts", _l("All facts"), "history", lambda pk: reverse("facts", args=[pk]), position=40),
    ),
)
