"""What holds and restrictions contribute: marks and a panel on cards, ways to them, and what the lower rooms ask."""

from collections.abc import Mapping
from dataclasses import dataclass
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

MEMO = "stewardship.restraints"


@dataclass(frozen=True, slots=True)
class Restraints:
    """The holds and restrictions of a customer that the viewer may know of."""

    holds: tuple[LegalHold, ...]
    restrictions: tuple[Restriction, ...]

    def restriction_of(self, contact_id: int | None) -> Restriction | None:
        """What restricts the use of a contact, or without one of the customer; a customer's holds for its contacts."""
        meant = (item for item in self.restrictions if item.contact_id in (contact_id, None))
        return next(meant, None)


def restraints_of(account_id: int, view: View) -> Restraints:
    """The holds and restrictions of a customer, read once for each page; two queries at most."""
    key = f"{MEMO}:{account_id}"
    if key not in view.memo:
        view.memo[key] = Restraints(
            holds_of_account(view.actor, account_id), restrictions_of_account(view.actor, account_id)
        )
    found: Restraints = view.memo[key]
    return found


def account_mark(record: Model, view: View) -> str:
    """The tags beside the name of a customer who must not be used, or who is kept under a hold."""
    found = restraints_of(record.pk, view)
    tags = [_tag("danger", _("Do not use"))] if found.restriction_of(None) else []
    return SafeString("".join([*tags, _tag("away", _("Legal hold"))] if found.holds else tags))


def contact_mark(record: Model, view: View) -> str:
    """The tag beside the name of a contact who must not be used."""
    found = restraints_of(getattr(record, "account_id", 0), view)
    return SafeString(_tag("danger", _("Do not use"))) if found.restriction_of(record.pk) else ""


def _tag(tone: str, words: str) -> str:
    return f'<span class="tag {tone}"><span class="dot {tone}"></span>{escape(words)}</span>'


def privacy_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """Holds and restrictions of a customer and its contacts, with what the viewer may do about them."""
    found = restraints_of(record.pk, view)
    can_hold, can_restrict = may(view.actor, LegalHold, Action.CREATE), may_act_on(view.actor, record, Action.EDIT)
    if not (found.holds or found.restrictions or can_hold or can_restrict):
        return None
    return {
        "holds": [
            {
                "id": hold.pk,
                "reason": hold.reason,
                "until": formats.day(hold.until_on, today=view.today),
                "is_due": hold.until_on < view.today,
            }
            for hold in found.holds
        ],
        "restrictions": [
            {"id": item.pk, "who": item.contact.name if item.contact else "", "reason": item.reason}
            for item in found.restrictions
        ],
        "can_hold": can_hold,
        "can_release": may(view.actor, LegalHold, Action.EDIT),
        "can_restrict": can_restrict and found.restriction_of(None) is None,
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
