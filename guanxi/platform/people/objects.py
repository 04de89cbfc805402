"""What the people room adds to every object: with whom a record is shared."""

from django.utils.translation import gettext_lazy as _

from guanxi.platform.objects.registry import contribute_everywhere
from guanxi.platform.objects.spec import Panel
from guanxi.platform.people.views.sharing import sharing_place

contribute_everywhere(
    panels=(Panel("sharing", _("Shared with"), "people/_sharing_place.html", sharing_place, "side", 70),)
)
