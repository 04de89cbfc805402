"""What holds and restrictions contribute: marks and a panel on cards, ways to them, and what the lower rooms ask."""

from collections.abc import Mapping
from html import escape

from django.db.models import Model
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.restraints import register_holds, register_restraint
from guanxi.platform.objects.spec import Mark, Panel, RecordAct, View
from guanxi.platform.ui import format as formats
from guanxi.stewardship.models import LegalHold, Restriction, SubjectRequest
from guanxi.stewardship.queries.restraints import (
    contacts_of_restricted,
    holds_of_account,
    holds_of_records,
    restricted,
    restrictions_of_account,
)

HOLDS, RESTRICTIONS = "stewardship.holds", "stewardship.restrictions"


def held_by(account_id: int, view: View) -> tuple[LegalHold, ...]:
    """The holds of a customer that the viewer may know of, read once for each page; one query at most."""
    key = f"{HOLDS}:{account_id}"
    if key not in view.memo:
        view.memo[key] = holds_of_account(view.actor, account_id)
    found: tuple[LegalHold, ...] = view.memo[key]
    return found


def restricting(account_id: int, view: View) -> tuple[Restriction, ...]:
    """The restrictions of a customer and its contacts, read once for each page; one query."""
    key = f"{RESTRICTIONS}:{account_id}"
    if key not in view.memo:
        view.memo[key] = restrictions_of_account(view.actor, account_id)
    found: tuple[Restriction, ...] = view.memo[key]
    return found


def is_restricted(account_id: int, contact_id: int | None, view: View) -> bool:
    """Whether a customer must not be used, or a contact: what holds for the customer holds for its contacts."""
    return any(item.contact_id in (contact_id, None) for item in restricting(account_id, view))


def account_mark(record: Model, view: View) -> str:
    """The tags beside the name of a customer who must not be used, or who is kept under a hold."""
    tags = [_tag("danger", _("Do not use"))] if is_restricted(record.pk, None, view) else []
    tags += [_tag("away", _("Legal hold"))] if held_by(record.pk, view) else []
    return SafeString("".join(tags))


def contact_mark(record: Model, view: View) -> str:
    """The tag beside the name of a contact who must not be used."""
    is_meant = is_restricted(getattr(record, "account_id", 0), record.pk, view)
    return SafeString(_tag("danger", _("Do not use"))) if is_meant else ""


def _tag(tone: str, words: str) -> str:
    return f'<span class="tag {tone}"><span class="dot {tone}"></span>{escape(words)}</span>'


def privacy_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """Holds and restrictions of a customer and its contacts, with what the viewer may do about them."""
    holds, restrictions = held_by(record.pk, view), restricting(record.pk, view)
    can_hold, can_restrict = may(view.actor, LegalHold, Action.CREATE), may_act_on(view.actor, record, Action.EDIT)
    if not (holds or restrictions or can_hold or can_restrict):
        return None
    return {
        "holds": [
            {
                "id": hold.pk,
                "reason": hold.reason,
                "until": formats.day(hold.until_on, today=view.today),
                "is_due": hold.until_on < view.today,
            }
            for hold in holds
        ],
        "restrictions": [
            {"id": item.pk, "who": item.contact.name if item.contact else "", "reason": item.reason}
            for item in restrictions
        ],
        "can_hold": can_hold,
        "can_release": may(view.actor, LegalHold, Action.EDIT),
        "can_restrict": can_restrict and not is_restricted(record.pk, None, view),
        "can_lift": may(view.actor, SubjectRequest, Action.EDIT),
    }


register_holds(holds_of_records)
register_restraint(restricted)
register_restraint(contacts_of_restricted)
register_belongings(
    Belonging(LegalHold, object_key="account", link="account"),  # no label: it is no part of the person's copy
    Belonging(Restriction, _l("Restrictions of use"), "account", "account"),
    Belonging(Restriction, _l("Restrictions of use"), "contact", "contact"),
)
contribute(
    "account",
    marks=(Mark("restraints", account_mark, 10),),
    panels=(Panel("privacy", _l("Privacy"), "stewardship/_privacy_panel.html", privacy_panel, "side", 47),),
    acts=(
        RecordAct(
            "restrict",
            _l("Stop using"),
            "ban",
            lambda pk: reverse("restrict", args=["account", pk]),
            Action.EDIT,
            91,
        ),
    ),
)
contribute(
    "contact",
    marks=(Mark("restraints", contact_mark, 10),),
    acts=(
        RecordAct(
            "restrict",
            _l("Stop using"),
            "ban",
            lambda pk: reverse("restrict", args=["contact", pk]),
            Action.EDIT,
            91,
        ),
    ),
)
