"""What the collaboration room adds to every object: panels of the card, the bell, a line of the settings."""

from django.utils.translation import gettext_lazy as _

from guanxi.platform.collaboration.models import Comment, Document, Following, Notification
from guanxi.platform.collaboration.panels import comments_panel, documents_panel, history_panel
from guanxi.platform.collaboration.trash import trashes_of
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.registry import contribute_everywhere
from guanxi.platform.objects.spec import Panel
from guanxi.platform.ui.navigation import (
    Bell,
    FrameFiles,
    SettingsEntry,
    register_bell,
    register_files,
    register_settings,
)

contribute_everywhere(
    panels=(
        Panel("comments", _("Comments"), "collaboration/_comments.html", comments_panel, "main", 25),
        Panel("documents", _("Documents"), "collaboration/_documents.html", documents_panel, "side", 60),
        Panel("history", _("History"), "collaboration/_history_panel.html", history_panel, "side", 900),
    )
)
register_belongings(
    Belonging(Comment, _("Comments")),
    Belonging(Document, _("Documents")),
    Belonging(Following),
    Belonging(Notification),
)
register_bell(Bell("notifications", "notification_count", _("Notifications")))
register_files(
    FrameFiles(styles=("guanxi/collaboration/collaboration.css",), scripts=("guanxi/collaboration/collaboration.js",))
)
register_settings(
    SettingsEntry(
        "trash",
        _("Trash"),
        _("What was thrown away, by whom; it can be taken out again."),
        "trash",
        "trashes",
        order=60,
        is_shown=lambda actor: bool(trashes_of(actor)),
    ),
    SettingsEntry(
        "notifications",
        _("My notifications"),
        _("What the bell shows, what comes by mail and how often."),
        "bell",
        "notification_settings",
        order=30,
    ),
)
