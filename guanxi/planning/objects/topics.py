"""What the bell tells of the plan: questionnaires, sign-offs, briefings, and values past their limit."""

from collections.abc import Collection, Mapping

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.kernel.actor import Actor
from guanxi.planning.events import NEEDS_CLOSING, NEEDS_REMINDER, NEEDS_ROUND, PLAN_BRIEFING, PLAN_SIGNOFF, STALE_VALUES
from guanxi.planning.models import InformationPlan
from guanxi.planning.queries.needs import own_sheets_in
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import unit_names
from guanxi.platform.objects.topics import Subject, Topic, register_topic
from guanxi.platform.ui import format as formats


def version_name(plan: InformationPlan) -> str:
    """A version by year and number."""
    return _("%(year)s, version %(number)s") % {"year": plan.year, "number": plan.number}


def plan_name(plan: InformationPlan) -> str:
    """A version by year and number, with the product line and the department that it is for."""
    parts = (version_name(plan), plan.product_line, unit_names().get(plan.unit_id or 0, ""))
    return " · ".join(part for part in parts if part)


def _rounds(ids: Collection[int], actor: Actor) -> Mapping[int, Subject]:
    return {
        row.round.pk: Subject(
            _("Information plan %(version)s") % {"version": plan_name(row.plan)},
            reverse("needs_sheet", args=[row.sheet.pk]),
        )
        for row in own_sheets_in(ids, actor)
    }


def _closing(ids: Collection[int], actor: Actor) -> Mapping[int, Subject]:
    """The rounds that still wait for the reader, with the day on which they end."""
    today = timezone.localdate()
    return {
        row.round.pk: Subject(
            _("Information plan %(version)s, open until %(day)s")
            % {"version": plan_name(row.plan), "day": formats.day(row.round.closes_on, today=today)},
            reverse("needs_sheet", args=[row.sheet.pk]),
        )
        for row in own_sheets_in(ids, actor)
        if row.is_open and row.sheet.handed_in_at is None
    }


def _versions(ids: Collection[int], actor: Actor) -> Mapping[int, Subject]:
    if not may(actor, InformationPlan, Action.VIEW):
        return {}
    rows = grant(actor, InformationPlan).queryset().filter(pk__in=list(ids), trashed_at__isnull=True)
    return {plan.pk: Subject(plan_name(plan), f"{reverse('plan')}?version={plan.pk}") for plan in rows}


def _own(ids: Collection[int], actor: Actor) -> Mapping[int, Subject]:
    url = f"{reverse('account_list')}?owner=me&sort=freshness"
    return {user_id: Subject("", url) for user_id in ids if user_id == actor.user_id}


def _round_words(who: str, count: int) -> str:  # noqa: ARG001  # the shape of all topics
    return _("%(who)s asks which information you need, collect or keep") % {"who": who}


def _reminder_words(who: str, count: int) -> str:  # noqa: ARG001  # as above
    return _("%(who)s still waits for your answers on the information you need, collect or keep") % {"who": who}


def _closing_words(who: str, count: int) -> str:  # noqa: ARG001  # as above
    return _("Your answers on the information you need, collect or keep are still missing")


def _signoff_words(who: str, count: int) -> str:  # noqa: ARG001  # as above
    return _("%(who)s asks your department to sign off the information plan") % {"who": who}


def _briefing_words(who: str, count: int) -> str:  # noqa: ARG001  # as above
    return _("%(who)s put an information plan in force: read it and confirm once") % {"who": who}


def _stale_words(who: str, count: int) -> str:  # noqa: ARG001  # as above
    words = ngettext(
        "%(count)s value of your customers went past its limit: is it still right?",
        "%(count)s values of your customers went past their limit: are they still right?",
        count,
    )
    return words % {"count": formats.number(count)}


register_topic(
    Topic(NEEDS_ROUND, "clipboard-list", _round_words, _rounds),
    Topic(NEEDS_REMINDER, "clipboard-list", _reminder_words, _rounds),
    Topic(NEEDS_CLOSING, "clipboard-list", _closing_words, _closing),
    Topic(PLAN_SIGNOFF, "signature", _signoff_words, _versions),
    Topic(PLAN_BRIEFING, "book", _briefing_words, _versions),
    Topic(STALE_VALUES, "clock-exclamation", _stale_words, _own),
)
