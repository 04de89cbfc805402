"""The booth as an object, with a panel and a filter for the customers that have one."""

from collections.abc import Mapping, Sequence

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from exhibitions.models import Booth
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.addresses import record_url
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.registry import contribute, register_object
from guanxi.platform.objects.spec import Label, ListFilter, ObjectSpec, Panel, View, Visible
from guanxi.platform.objects.verbs import Kind, with_usual
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation

MOST_BOOTHS = 10
BOOTH = ObjectSpec(
    key="booth",
    model=Booth,
    label=_("Booth"),
    plural=_("Booths"),
    icon="building-store",
    columns=(),
    api_name="booths",
    fields=("name", "account", "hall", "opens_on", "rent", "updated_at"),
    bulk_fields=("hall", "opens_on"),
    calendar_field="opens_on",
)


def booths_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """The booths of a customer; None where there are none."""
    rows = grant(view.actor, Booth).queryset().filter(account=record.pk, trashed_at__isnull=True).order_by("-pk")
    booths = [(record_url("booth", row.pk), row.name, row.hall) for row in rows[:MOST_BOOTHS]]
    return {"booths": booths} if booths else None


def booth_choices(view: View) -> Sequence[tuple[str, Label]]:
    """Customers with a booth."""
    return [("yes", _("Has a booth"))]


def narrow_booth(visible: Visible, value: str, view: View) -> Visible:
    """Customers that have a booth which the person may see."""
    booths = grant(view.actor, Booth).queryset().filter(trashed_at__isnull=True)
    return visible.filter(pk__in=booths.values("account")) if value == "yes" else visible


register_object(with_usual(BOOTH, Kind(Booth, searched=("name", "hall"))))
register_belongings(Belonging(Booth, _("Booths"), "account", "account"))
contribute(
    "account",
    panels=(Panel("booths", _("Booths"), "exhibitions/_booths.html", booths_panel, "side", 90),),
    filters=(ListFilter("booth", _("Booth"), booth_choices, narrow_booth, 90),),
)
register_navigation(
    NavigationEntry(
        "booths",
        _("Booths"),
        "building-store",
        "",
        _("Customers"),
        28,
        is_shown=lambda actor: may(actor, Booth, Action.VIEW),
        url="/objects/booth/",
    )
)
