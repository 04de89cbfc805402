"""What stands on the card of every object: its fields, and the records that lead to it."""

from django.utils.translation import gettext_lazy as _

from guanxi.platform.objects.registry import contribute_everywhere
from guanxi.platform.objects.spec import Panel
from guanxi.platform.ui.panels import fields_panel, related_panel

contribute_everywhere(
    panels=(
        Panel("fields", _("Details"), "ui/_fields.html", fields_panel, "main", 5),
        Panel("related", _("Related records"), "ui/_related.html", related_panel, "side", 25),
    )
)
