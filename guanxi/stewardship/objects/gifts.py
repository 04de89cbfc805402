"""Gifts and posted materials on the cards of customers and of their people, and the way to the page of all."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.ledger.facade import GivingRow, givings_of
from guanxi.platform.access.grant import may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import Panel, RecordAct, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation
from guanxi.stewardship.objects.pools import works_with_customers
from guanxi.stewardship.queries.gifts import contact_names

SHOWN = 4


def gifts_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """What the customer and its people were given: the worth of this year, and the last things."""
    rows = givings_of(view.actor, record.pk)
    named = [row.contact_id for row in rows[:SHOWN] if row.contact_id]
    names = contact_names(view.actor, named) if named else {}
    return _panel(rows, record, view, names=names, new_url=reverse("gift_new", args=[record.pk]))


def contact_gifts_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """What a contact was given, at the customer where the contact is now."""
    account_id = getattr(record, "account_id", None)
    if account_id is None:
        return None
    rows = [row for row in givings_of(view.actor, account_id) if row.contact_id == record.pk]
    return _panel(rows, record, view, names={}, new_url=reverse("contact_gift", args=[record.pk]))


def _panel(
    rows: Sequence[GivingRow], record: Model, view: View, *, names: Mapping[int, str], new_url: str
) -> Mapping[str, object] | None:
    """The panel; nothing for who could only look at what is empty."""
    can_give = may_act_on(view.actor, record, Action.EDIT)
    if not rows and not can_give:
        return None
    days = {row.id: timezone.localtime(row.occurred_at).date() for row in rows}
    of_year = [row for row in rows if days[row.id].year == view.today.year]
    worth = sum((row.worth or Decimal(0) for row in of_year), Decimal(0))
    return {
        "new_url": new_url if can_give else "",
        "worth": formats.money_full(worth) if of_year else "",
        "rows": [
            {
                "icon": "gift" if row.is_gift else "package",
                "item": row.item or (_("Gift") if row.is_gift else _("Material")),
                "who": names.get(row.contact_id or 0, ""),
                "occasion": row.occasion,
                "worth": formats.money_full(row.worth) if row.worth is not None else formats.MISSING,
                "day": formats.day(days[row.id], today=view.today),
            }
            for row in rows[:SHOWN]
        ],
    }


register_navigation(
    NavigationEntry("gifts", _l("Gifts"), "gift", "gifts", _l("Customers"), 28, is_shown=works_with_customers)
)
contribute(
    "account",
    panels=(Panel("gifts", _l("Gifts and materials"), "stewardship/_gifts_panel.html", gifts_panel, "side", 42),),
    acts=(
        RecordAct(
            "give", _l("Give a gift or material"), "gift", lambda pk: reverse("gift_new", args=[pk]), Action.EDIT, 8
        ),
    ),
)
contribute(
    "contact",
    panels=(
        Panel("gifts", _l("Gifts and materials"), "stewardship/_gifts_panel.html", contact_gifts_panel, "side", 42),
    ),
    acts=(
        RecordAct(
            "give", _l("Give a gift or material"), "gift", lambda pk: reverse("contact_gift", args=[pk]), Action.EDIT, 8
        ),
    ),
)
