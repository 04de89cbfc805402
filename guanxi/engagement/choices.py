"""The channels through which we reach customers."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel.

    `point_types` are the kinds of contact points that open it. `minutes` is what one contact takes a person.
    `sub_kind` is the ledger's interaction that a contact through it becomes. `is_automatic` channels can
    carry a touch that no person makes; `needs_consent` channels are used only where the customer agreed.
    """

    key: str
    label: Promise
    icon: str
    point_types: tuple[str, ...]
    minutes: int
    sub_kind: str
    is_automatic: bool = False
    needs_consent: bool = False


PHONE, WECOM, SMS, MAIL, VISIT, LETTER = "phone", "wecom", "sms", "mail", "visit", "letter"

CHANNELS: Mapping[str, Channel] = {
    channel.key: channel
    for channel in (
        Channel(PHONE, _("Phone"), "phone", ("mobile", "phone"), 12, "call"),
        Channel(WECOM, _("WeCom"), "brand-wechat", ("wecom", "wechat"), 6, "message_sent", True, True),
        Channel(SMS, _("SMS"), "message", ("mobile",), 3, "sms_sent", True, True),
        Channel(MAIL, _("E-mail"), "mail", ("mail",), 8, "mail_sent", True, True),
        Channel(VISIT, _("Visit"), "map-pin", ("address",), 60, "visit"),
        Channel(LETTER, _("Letter"), "mailbox", ("address",), 15, "material_posted", False, True),
    )
}
CHANNEL_CHOICES = tuple((channel.key, channel.label) for channel in CHANNELS.values())

REASON_NAMES: Mapping[str, Promise] = {
    "overdue": _("Contact overdue"),
    "falling": _("Index falling"),
    "date": _("Important date"),
    "replenishment": _("Replenishment due"),
}
"""The reasons that have wordings of their own."""

LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
CLOSENESS: Mapping[str, Promise] = {"formal": _("We hardly know each other"), "close": _("We know each other well")}

PLACEHOLDER_NAMES: Mapping[str, Promise] = {
    "salutation": _("how the customer is addressed"),
    "user_name": _("the name of who writes"),
    "company": _("the name of our company"),
    "account": _("the name of the customer"),
    "days": _("days since the last contact or purchase"),
    "category": _("what they usually buy"),
    "occasion": _("the day that is celebrated"),
    "day": _("when that day is"),
}
"""What can be filled in, by its name between braces."""
