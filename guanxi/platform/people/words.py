"""Words of these pages."""

from collections.abc import Mapping

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy

from guanxi.platform.access.catalogue import ProtectedObject
from guanxi.platform.access.limits import ReadKind
from guanxi.platform.access.rules import Action, AllOf, AnyOf, FieldAccess, FieldIn, RowRule, rule_data
from guanxi.platform.accounts.models import UnitKind
from guanxi.platform.accounts.rules import browser_of
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.ui.format import enumeration

ACTION_WORDS: Mapping[Action, str | Promise] = {
    Action.VIEW: _l("See"),
    Action.CREATE: _l("Create"),
    Action.EDIT: _l("Edit"),
    Action.DELETE: _l("Delete"),
    Action.EXPORT: _l("Export"),
    Action.TRANSFER: _l("Hand over"),
    Action.REVEAL: _l("Reveal"),
    Action.ADMINISTER: _l("Administer"),
}


def browser_words(description: str) -> str:
    """A browser in words: "Chrome on Windows"."""
    browser = browser_of(description)
    if browser.name and browser.system:
        return _("%(browser)s on %(system)s") % {"browser": browser.name, "system": browser.system}
    return browser.name or browser.system or _("Unknown browser")


SENSITIVITY_WORDS: Mapping[str, str | Promise] = {
    "": _l("Everything else"),
    "identity": _l("Identity and tax numbers"),
    "bank": _l("Bank accounts and cards"),
    "reach": _l("Phone numbers and addresses"),
    "cost": _l("Cost and margin"),
    "credit": _l("Credit"),
}
LEVEL_WORDS: Mapping[FieldAccess, str | Promise] = {
    FieldAccess.HIDDEN: pgettext_lazy("field", "Hidden"),
    FieldAccess.MASKED: pgettext_lazy("field", "Masked"),
    FieldAccess.READ: pgettext_lazy("field", "Read"),
    FieldAccess.WRITE: pgettext_lazy("field", "Write"),
}
ROW_WORDS: Mapping[str, str | Promise] = {
    "everyone": pgettext_lazy("rows", "All"),
    "unit_and_below": pgettext_lazy("rows", "Own department and below"),
    "unit": pgettext_lazy("rows", "Own department"),
    "owner": pgettext_lazy("rows", "Own"),
    "team": pgettext_lazy("rows", "As collaborator"),
    "shared": pgettext_lazy("rows", "Shared with me"),
    "nobody": pgettext_lazy("rows", "None"),
}
UNIT_KINDS: Mapping[UnitKind, str | Promise] = {
    UnitKind.COMPANY: pgettext_lazy("unit", "Company"),
    UnitKind.BRANCH: pgettext_lazy("unit", "Branch"),
    UnitKind.REGION: pgettext_lazy("unit", "Region"),
}
SHARE_WAYS: Mapping[str, str | Promise] = {
    "view": pgettext_lazy("share", "see"),
    "edit": pgettext_lazy("share", "see and change"),
    "team": pgettext_lazy("share", "work on it as a collaborator"),
}
READ_WORDS: Mapping[ReadKind, str | Promise] = {
    ReadKind.VIEW: _l("Records opened"),
    ReadKind.REVEAL: _l("Values revealed"),
    ReadKind.EXPORT: _l("Rows exported"),
}


def rule_words(rule: RowRule, model: type[Model]) -> str:
    """A row rule in words: "Own + Shared with me", "Own department; Region: East, South"."""
    match rule:
        case AnyOf(rules=rules):
            return " + ".join(rule_words(part, model) for part in rules)
        case AllOf(rules=rules):
            return _("; ").join(rule_words(part, model) for part in rules)
        case FieldIn(field=name, values=values):
            return _("%(field)s: %(values)s") % {"field": field_words(model, name), "values": enumeration(values)}
        case _:
            return str(ROW_WORDS[str(rule_data(rule))])


def field_words(model: type[Model], name: str) -> str:
    """What a column is called; its name where the model has no such column."""
    own = next((item for item in model._meta.concrete_fields if name in (item.name, item.attname)), None)
    return str(own.verbose_name) if own is not None else name


def object_words(item: ProtectedObject) -> str:
    """What the records of an object are called."""
    spec = next((spec for spec in object_specs() if spec.key == item.key), None)
    return str(spec.plural if spec is not None else item.protection.label or item.key)


def sensitivity_words(sensitivity: str) -> str:
    """What a class of protected fields is called."""
    return str(SENSITIVITY_WORDS.get(sensitivity, sensitivity))
