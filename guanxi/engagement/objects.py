"""What engagement contributes: its line on the page of settings."""

from django.utils.translation import gettext_lazy as _

from guanxi.engagement.models import MessageTemplate
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.ui.navigation import SettingsEntry, register_settings

register_settings(
    SettingsEntry(
        "wordings",
        _("Message wordings"),
        _("What a drafted message says, by reason, language and closeness."),
        "message-2",
        "wordings",
        group=_("For the house"),
        order=50,
        is_shown=lambda actor: may(actor, MessageTemplate, Action.EDIT),
    )
)
