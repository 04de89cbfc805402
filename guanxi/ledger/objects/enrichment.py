"""What outside sources contribute: their proposals on the card, looking up one or many customers, the settings."""

from collections.abc import Mapping, Sequence

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import AccountKind
from guanxi.kernel.actor import Actor
from guanxi.ledger.choices import QuestionState
from guanxi.ledger.commands.enriching import value_of
from guanxi.ledger.models import EnrichmentProposal, EnrichmentQuestion, EnrichmentSource
from guanxi.ledger.queries.enrichment import (
    has_sources,
    last_questions,
    open_proposals,
    proposable_fields,
    proposed_account_ids,
)
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import Label, ListAct, ListFilter, Panel, View, Visible
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import SettingsEntry, register_settings
from guanxi.platform.ui.values import texts


def proposals_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """What outside sources say otherwise of a firm, field by field beside what we have; and when each was asked."""
    if not has_sources() or getattr(record, "kind", "") != AccountKind.ORGANISATION:
        return None
    can_edit = may_act_on(view.actor, record, Action.EDIT)
    lines = _lines(record, view)
    asked = last_questions(record.pk)
    if not (lines or can_edit):
        return None
    return {
        "lines": lines,
        "can_edit": can_edit,
        "can_take_all": can_edit and sum(bool(line["can_take"]) for line in lines) > 1,
        "look_up_url": f"{reverse('look_up')}?id={record.pk}",
        "asked": [
            {
                "source": row.source_name,
                "state": QuestionState(row.state).label,
                "day": formats.day(timezone.localtime(row.asked_at).date(), today=view.today),
            }
            for row in asked
        ],
        "version": getattr(record, "version", 0),
    }


def _lines(record: Model, view: View) -> list[dict[str, object]]:
    fields = proposable_fields()
    lines: list[dict[str, object]] = []
    for row in open_proposals(record.pk, view.actor):
        item = fields.get(row.field)
        access = item.access(view.actor) if item is not None else FieldAccess.HIDDEN
        if item is None or access < FieldAccess.READ:
            continue
        present, proposed = item.value_of(record), value_of(row, item)
        if present == proposed:
            continue
        present_text, proposed_text = texts(item, [present, proposed], view)
        lines.append(
            {
                "id": row.pk,
                "label": item.label,
                "present": present_text,
                "proposed": proposed_text,
                "source": row.source.name,
                "day": formats.day(timezone.localtime(row.told_at).date(), today=view.today),
                "can_take": access >= FieldAccess.WRITE,
            }
        )
    return lines


def proposal_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """Those for whom something is proposed."""
    return [("open", _("Something to decide"))] if has_sources() else []


def narrow_proposed(visible: Visible, value: str, view: View) -> Visible:
    """The customers for whom outside sources propose something."""
    return visible.filter(pk__in=proposed_account_ids(view.actor)) if value == "open" else visible.none()


def can_look_up(actor: Actor) -> bool:  # noqa: ARG001  # the same for everybody
    """Whether there is anybody to ask."""
    return has_sources()


register_belongings(
    Belonging(EnrichmentProposal, _("Proposals of outside sources"), "account", "account"),
    Belonging(EnrichmentQuestion, _("Questions to outside sources"), "account", "account"),
)
register_settings(
    SettingsEntry(
        "enrichment",
        _("Outside sources"),
        _("Registers and data services that are asked about firms, what goes where, and what they were told."),
        "world-search",
        "enrichment_sources",
        group=_("For the house"),
        order=61,
        is_shown=lambda actor: may(actor, EnrichmentSource, Action.ADMINISTER),
    )
)
contribute(
    "account",
    filters=(ListFilter("proposals", _("Outside sources"), proposal_choices, narrow_proposed, 68, is_offered=False),),
    panels=(Panel("proposals", _("Outside sources"), "ledger/_proposals.html", proposals_panel, "side", 32),),
    list_acts=(ListAct("look_up", _("Look up"), "world-search", "look_up", is_offered=can_look_up),),
)
