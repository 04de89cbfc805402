"""The closed lists of the value capability that others may use."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

GRADES = ("S", "A", "B", "C", "D")
GRADE_NAMES = {
    "S": _("Core"),
    "A": _("Key"),
    "B": _("Growing"),
    "C": _("Ordinary"),
    "D": _("Sleeping"),
}
FAMILY_NAMES = {
    "purchase": _("Purchases"),
    "participation": _("Events"),
    "survey": _("Surveys"),
    "suggestion": _("Suggestions"),
    "referral": _("Referrals"),
    "advocacy": _("Advocacy"),
    "steadfastness": _("Steadfast"),
    "coverage": _("Coverage"),
    "business": _("Joint business"),
    "delivery": _("Deliveries"),
    "contact": pgettext_lazy("of indicators", "Contact"),
}
FAMILY_HINTS = {
    "purchase": _("Frequency, amount, variety, margin, recency"),
    "participation": _("Attended of those invited"),
    "survey": _("Answered × complete × consistent"),
    "suggestion": _("Adopted ones weigh more"),
    "referral": _("Made, converted, their value"),
    "advocacy": _("Public mentions × reach"),
    "steadfastness": _("Buys on while a competitor is in promotion"),
    "coverage": _("Mentions and their reach"),
    "business": _("Deals brought and bought"),
    "delivery": _("Deliveries made to us"),
    "contact": _("How often we are in touch"),
}
