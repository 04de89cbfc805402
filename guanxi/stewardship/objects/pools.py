"""What pools contribute: the day on which a customer leaves on list and card, the ways into a pool, the navigation."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape

from django.db.models import F, Model, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _l

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import (
    Label,
    ListAct,
    ListColumn,
    ListFilter,
    Mark,
    Narrowed,
    Ordering,
    Panel,
    RecordAct,
    Rows,
    View,
    Visible,
)
from guanxi.platform.records.room import register_room
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, SettingsEntry, register_navigation, register_settings
from guanxi.stewardship.models import AccountLock, HoldingTerm, PoolEntry
from guanxi.stewardship.objects.pool_words import leaving_words, left_words
from guanxi.stewardship.queries.pools import (
    administers_pools,
    all_holding_terms,
    is_any_pool,
    leaving_days,
    lock_of,
    room_of_owners,
    stay_of,
)
from guanxi.stewardship.rules.pools import SOON_DAYS

LEAVING = "stewardship.leaving"
WEEK, MONTH = 7, 30


def days_of(rows: Rows, view: View) -> Mapping[int, date]:
    """When the accounts of a page leave their owners, read once per page."""
    if LEAVING not in view.memo:
        view.memo[LEAVING] = leaving_days(view.actor, [row.pk for row in rows])
    found: Mapping[int, date] = view.memo[LEAVING]
    return found


def leaving_cells(rows: Rows, view: View) -> list[str]:
    """How much time is left; under three days red, and with a diamond instead of a dot."""
    known = days_of(rows, view)
    return [_leaving(known.get(row.pk), view.today) for row in rows]


def _leaving(day: date | None, today: date) -> str:
    return _leaving_markup(day, today=today) if day is not None else formats.MISSING


@formats.kept
def _leaving_markup(day: date, *, today: date) -> str:
    tone, words = tone_of(day, today=today), escape(left_words(day, today=today))
    title = escape(formats.full_day(day))
    return SafeString(f'<span class="nw" title="{title}"><span class="dot{tone}"></span> {words}</span>')


def tone_of(day: date, *, today: date) -> str:
    """The class of the dot: danger has another shape too."""
    days = (day - today).days
    return " danger" if days < SOON_DAYS else " away" if days <= WEEK else ""


def leaving_mark(record: Model, view: View) -> str:
    """The tag beside the name when a customer leaves within a month, or waits in a pool."""
    day = days_of([record], view).get(record.pk)
    if day is None or (day - view.today).days > MONTH:
        return ""
    tone = tone_of(day, today=view.today)
    words = escape(leaving_words(day, today=view.today))
    return SafeString(f'<span class="tag{tone}"><span class="dot{tone}"></span>{words}</span>')


def leaving_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """Within three days, a week, a month."""
    return [
        ("3", _l("Within three days")),
        ("7", _l("Within a week")),
        ("30", _l("Within a month")),
    ]


def narrow_leaving(visible: Visible, value: str, view: View) -> Visible:
    """Accounts that leave within so many days."""
    days = int(value) if value in {"3", "7", "30"} else MONTH
    terms = all_holding_terms().filter(leaves_on__lte=view.today + timedelta(days=days))
    return visible.filter(pk__in=terms.values("pk"), owner__isnull=False)


def by_leaving(narrowed: Narrowed, is_falling: bool) -> QuerySet[HoldingTerm, int]:
    """The accounts by the day on which they leave."""
    terms = all_holding_terms().filter(leaves_on__isnull=False, pk__in=narrowed.rows.order_by().values("pk"))
    order = F("leaves_on").desc() if is_falling else F("leaves_on").asc()
    return terms.order_by(order, "pk").values_list("pk", flat=True)


def pool_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """How long an account stays with its owner, its lock, or since when it waits in a pool."""
    owner_id = getattr(record, "owner_id", None)
    stay = stay_of(view.actor, record.pk) if owner_id is None else None
    day = days_of([record], view).get(record.pk) if owner_id is not None else None
    lock = lock_of(view.actor, record.pk)
    is_locked = lock is not None and lock.until_on >= view.today
    can_return = owner_id is not None and is_any_pool() and may_act_on(view.actor, record, Action.EDIT)
    can_lock = can_return and may_act_on(view.actor, record, Action.TRANSFER)
    if not (stay or day or is_locked or can_return):
        return None
    former = people([stay.former_owner_id]).get(stay.former_owner_id) if stay and stay.former_owner_id else None
    return {
        "pool": stay.pool.label if stay else "",
        "since": formats.day(stay.entered_at.date(), today=view.today) if stay else "",
        "former": former.name if former else "",
        "leaves": leaving_words(day, today=view.today) if day else "",
        "leaves_on": formats.full_day(day) if day else "",
        "tone": tone_of(day, today=view.today) if day else "",
        "lock": lock if is_locked else None,
        "locked_until": formats.day(lock.until_on, today=view.today) if lock and is_locked else "",
        "can_return": can_return,
        "can_lock": can_lock,
    }


def works_with_customers(actor: Actor) -> bool:
    """Whether customers are anything to a person at all; which pools are, the page itself says."""
    return may(actor, PoolEntry, Action.VIEW)


def return_url(account_id: int) -> str:
    """The address of the form that returns one account to a pool."""
    return f"{reverse('return_to_pool')}?id={account_id}"


register_room("account", room_of_owners)
register_belongings(
    Belonging(AccountLock, object_key="account", link="account"),
    Belonging(HoldingTerm, object_key="account", link="account", stays=True),
    Belonging(PoolEntry, _l("Stays in pools"), object_key="account", link="account", stays=True),
)
contribute(
    "account",
    fields=(
        ObjectField(
            "leaves_on", _l("Leaves the owner"), FieldType.DATE, "leaves_on", HoldingTerm, beside=all_holding_terms
        ),
    ),
    columns=(
        ListColumn(
            "leaving",
            _l("Time left"),
            leaving_cells,
            Ordering(beside=by_leaving),
            position=62,
            is_shown_on_phone=False,
        ),
    ),
    filters=(ListFilter("leaving", _l("Leaves soon"), leaving_choices, narrow_leaving, position=62),),
    marks=(Mark("leaving", leaving_mark, 60),),
    panels=(Panel("pool", _l("Pool"), "stewardship/_pool_panel.html", pool_panel, "side", 46),),
    acts=(RecordAct("return", _l("Return to a pool"), "pool", return_url, Action.EDIT, 60),),
    list_acts=(
        ListAct(
            "return",
            _l("Return to a pool"),
            "pool",
            "return_to_pool",
            is_offered=lambda actor: is_any_pool(),  # the same for everybody
        ),
    ),
)
register_navigation(
    NavigationEntry(
        "pool", _l("Pool"), "pool", "pool", _l("Customers"), 26, key_letter="w", is_shown=works_with_customers
    )
)
register_settings(
    SettingsEntry(
        "pools",
        _l("Pools"),
        _l("Who takes over customers whom nobody looks after, and by which rules they come there."),
        "pool",
        "pool_settings",
        group=_l("For the house"),
        order=45,
        is_shown=administers_pools,
    )
)
