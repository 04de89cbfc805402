"""Words of these pages."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.rules import browser_of

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
