"""Classes in the list of customers."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.facade import class_name, scheme_name
from guanxi.customers.queries import ids_in_class, schemes
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import Label, ListFilter, View, Visible


def class_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """The classes of all schemes, each with its scheme."""
    return [
        (f"{scheme.id}:{key}", _("%(scheme)s: %(name)s") % {"scheme": scheme_name(scheme.id), "name": name})
        for scheme in schemes().values()
        for key, *_names in scheme.classes
        if (name := class_name(scheme.id, key))
    ]


def narrow_class(visible: Visible, value: str, view: View) -> Visible:
    """The customers of one class of a scheme."""
    scheme, _mark, key = value.partition(":")
    if not (scheme.isascii() and scheme.isdecimal() and len(scheme) < 19):
        return visible.none()
    return visible.filter(pk__in=ids_in_class(int(scheme), key, view.actor))


contribute(
    "account", filters=(ListFilter("class", pgettext_lazy("part", "Class"), class_choices, narrow_class, position=45),)
)
