"""What handovers add: the owner history on a customer's card, the act "Hand over", the way to the pages."""

from collections.abc import Mapping

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.customers.facade import account_grant
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import User
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import Panel, RecordAct, View
from guanxi.platform.people.acts import PersonAct, register_person_act
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation
from guanxi.stewardship.models.handovers import HandoverItem, OwnerPeriod, OwnerWay
from guanxi.stewardship.queries.handovers import owned_ids, owner_periods


def owners_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """Who looked after the customer from when to when; left out while there was only one owner and nothing to do."""
    periods = owner_periods(view.actor, int(record.pk))
    can_hand_over = may_act_on(view.actor, record, Action.TRANSFER, counts_shares=False)
    if len(periods) < 2 and not can_hand_over:
        return None
    shown = [(period, OwnerWay(period.way).label) for period in periods]
    return {"periods": shown, "can_hand_over": can_hand_over}


def hands_over(actor: Actor) -> bool:
    """Whether the person may hand over customers at all."""
    try:
        account_grant(actor, Action.TRANSFER)
    except AccessDenied:
        return False
    return True


def handover_address(user: User, actor: Actor) -> str:
    """Where the customers of a person are handed over; "" when there are none that the actor may hand over."""
    if not hands_over(actor) or not owned_ids(actor, user.pk):
        return ""
    return f"{reverse('handover_new')}?person={user.pk}"


def takes_over(actor: Actor) -> bool:
    """Whether the person looks after customers and leads no handovers, whose page names what was taken over too."""
    return may(actor, OwnerPeriod, Action.VIEW) and not hands_over(actor)


register_person_act(
    PersonAct(
        "hand_over",
        _("Looks after customers? Each of them passes to a colleague who signs for it."),
        _("Hand customers over"),
        handover_address,
    )
)
register_belongings(
    Belonging(OwnerPeriod, object_key="account", link="account", stays=True),
    Belonging(HandoverItem, _("Handovers"), "account", "account", stays=True),
)
contribute(
    "account",
    panels=(Panel("owners", _("Who looked after it"), "stewardship/_owners.html", owners_panel, "side", 60),),
    acts=(
        RecordAct(
            "hand_over",
            _("Hand over"),
            "user-share",
            lambda pk: reverse("account_hand_over", args=[pk]),
            Action.TRANSFER,
            40,
        ),
    ),
)
register_navigation(
    NavigationEntry(
        "handovers", _("Handovers"), "arrows-exchange", "handovers", _("Information"), 66, is_shown=hands_over
    ),
    NavigationEntry(
        "handovers_own",
        _("Taken over"),
        "signature",
        "handovers_own",
        _("Information"),
        67,
        is_shown=takes_over,
    ),
)
