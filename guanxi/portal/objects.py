"""What the portal adds: its pages, what came in on a customer's card, where customers came from."""

from collections.abc import Mapping

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import may, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.erasing import WORDS, EraseRule, WordPlace, register_erase_rule, register_word_places
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import Label, Panel, RecordAct, View
from guanxi.platform.ui.navigation import NavigationEntry, minute_old, register_navigation
from guanxi.portal.commands import count_sent_files, erase_sent_files
from guanxi.portal.models import Origin, Submission, SubmissionFile, WebForm
from guanxi.portal.queries.submissions import held_count, submissions_of

REASON = "portal: where customers came from is kept for all customers"
MOST_ON_CARD = 3


def is_seen(actor: Actor) -> bool:
    """Whether the person sees forms."""
    return may(actor, WebForm, Action.VIEW)


def waiting(actor: Actor) -> int:
    """How much waits in quarantine for who sets forms up."""
    return held_count(actor) if may(actor, WebForm, Action.EDIT) else 0


def all_origins() -> GuardedQuerySet[Origin]:
    """Where customers came from, to narrow accounts that a grant has narrowed already."""
    return unscoped(Origin, reason=REASON)


def forms_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """What came in by forms from this customer; left out where nothing did."""
    rows = submissions_of(view.actor, account_id=record.pk)
    return {"rows": rows[:MOST_ON_CARD], "more": max(0, len(rows) - MOST_ON_CARD)} if rows else None


def _origin_field(key: str, label: Label) -> ObjectField:
    return ObjectField(
        key=key,
        label=label,
        kind=FieldType.TEXT,
        column=key,
        model=Origin,
        beside=all_origins,
        is_editable=False,
    )


def _link_act(object_key: str) -> RecordAct:
    return RecordAct(
        "preference_link",
        _l("Link to the preference page"),
        "adjustments",
        lambda pk: reverse("preference_link", args=[object_key, pk]),
        Action.EDIT,
        80,
    )


register_belongings(
    Belonging(Submission, _l("Sent by web form"), "account", "account"),
    Belonging(Submission, object_key="contact", link="contact"),
    Belonging(SubmissionFile, _l("Files sent by web form"), "account", "account"),
    Belonging(Origin, object_key="account", link="account", stays=True),
)
register_word_places(WordPlace(Submission, ("answers",), is_deleted=True))
register_erase_rule(
    EraseRule("sent_files", _l("Files sent by web form"), count_sent_files, erase_sent_files, WORDS - 1)
)
contribute(
    "account",
    fields=(
        _origin_field("utm_source", _l("Campaign source")),
        _origin_field("utm_medium", _l("Campaign medium")),
        _origin_field("utm_campaign", _l("Campaign")),
    ),
    panels=(Panel("web_forms", _l("Web forms"), "portal/_card.html", forms_panel, "side", 65),),
    acts=(_link_act("account"),),
)
contribute("contact", acts=(_link_act("contact"),))
register_navigation(
    NavigationEntry(
        "web_forms",
        _l("Web forms"),
        "forms",
        "web_forms",
        _l("Information"),
        78,
        count=minute_old("web_forms", waiting),
        is_shown=is_seen,
    )
)
