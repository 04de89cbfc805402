"""What consents contribute to customers: the way to them from the card, and what becomes of them with the record."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from guanxi.platform.access.rules import Action
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import RecordAct
from guanxi.stewardship.models import ConsentRecord

register_belongings(
    Belonging(ConsentRecord, _l("Consents"), "account", "account"),
    Belonging(ConsentRecord, _l("Consents"), "contact", "contact"),
)
contribute(
    "account",
    acts=(
        RecordAct(
            "consents", _l("Consents"), "circle-check", lambda pk: reverse("consents", args=[pk]), Action.VIEW, 45
        ),
    ),
)
