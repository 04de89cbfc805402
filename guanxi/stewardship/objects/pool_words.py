"""Rules, limits and days of pools in words."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.platform.objects.criteria import criteria_of, exemptions_of
from guanxi.platform.ui import format as formats
from guanxi.stewardship.models import RecycleRule


def rule_sentence(rule: RecycleRule, *, relations: Sequence[str]) -> str:
    """A rule as a sentence: whom it is about, what counts, what excuses. `relations` are their names."""
    criterion = criteria_of("account").get(rule.criterion)
    what = str(criterion.sentence) % {"days": formats.number(rule.days)} if criterion else rule.criterion
    who = []
    if rule.grades:
        who.append(_("grade %(grades)s") % {"grades": "/".join(rule.grades)})
    if relations:
        who.append(formats.enumeration(relations))
    return _("%(what)s (%(who)s)") % {"what": what, "who": formats.enumeration(who)} if who else what


def rule_details(rule: RecycleRule, *, today: date) -> list[str]:
    """What else holds for a rule: the warning, what excuses, from when on it holds."""
    known = exemptions_of("account")
    found = [_("not: %(what)s") % {"what": known[key].label} for key in rule.exemptions if key in known]
    if rule.warn_days:
        words = ngettext("warned %(days)s day before", "warned %(days)s days before", rule.warn_days)
        found.append(words % {"days": rule.warn_days})
    if rule.manager_days is not None:
        words = ngettext("manager told %(days)s day before", "manager told %(days)s days before", rule.manager_days)
        found.append(words % {"days": rule.manager_days})
    if rule.starts_on > today:
        found.append(_("from %(day)s on") % {"day": formats.day(rule.starts_on, today=today)})
    return found


def leaving_words(day: date, *, today: date) -> str:
    """When a customer leaves: tonight, or in how many days."""
    days = (day - today).days
    if days <= 0:
        return _("leaves tonight")
    return ngettext("leaves in %(days)s day", "leaves in %(days)s days", days) % {"days": formats.number(days)}


def left_words(day: date, *, today: date) -> str:
    """How much time is left, below a heading that says of what."""
    days = (day - today).days
    return formats.day_count(days) if days > 0 else _("tonight")
