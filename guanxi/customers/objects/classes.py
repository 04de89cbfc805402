"""Classes in the list of customers, and the settings that make them."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.facade import class_name, scheme_name
from guanxi.customers.models import Classification
from guanxi.customers.queries import ids_in_class, ids_with_class, schemes
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import Label, ListFilter, View, Visible
from guanxi.platform.ui.navigation import SettingsEntry, register_settings


def class_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """The classes of all schemes, each with its scheme, and after them who has no class in it."""
    found: list[tuple[str, Label]] = []
    for scheme in schemes().values():
        named = [(item.key, class_name(scheme.id, item.key)) for item in scheme.classes]
        for key, name in (*named, ("", _("no class"))):
            words = _("%(scheme)s: %(name)s") % {"scheme": scheme_name(scheme.id), "name": name}
            found.append((f"{scheme.id}:{key}", words))
    return found


def narrow_class(visible: Visible, value: str, view: View) -> Visible:
    """The customers of one class of a scheme; without a key those whom the scheme does not sort."""
    scheme, mark, key = value.partition(":")
    if not (mark and scheme.isascii() and scheme.isdecimal() and len(scheme) < 19):
        return visible.none()
    if not key:
        return visible.exclude(pk__in=ids_with_class(int(scheme), view.actor))
    return visible.filter(pk__in=ids_in_class(int(scheme), key, view.actor))


contribute(
    "account", filters=(ListFilter("class", pgettext_lazy("part", "Class"), class_choices, narrow_class, position=45),)
)
register_settings(
    SettingsEntry(
        "classifications",
        _("Classifications"),
        _("How customers are sorted: the classes of each scheme, whom each means, and who may set it."),
        "category",
        "classifications",
        group=_("For the house"),
        order=43,
        is_shown=lambda actor: may(actor, Classification, Action.ADMINISTER),
    )
)
