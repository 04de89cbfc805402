"""Who finds records like new ones: for forms, files, programs and connections; and the page of the house's rules."""

from collections.abc import Sequence
from functools import partial

from django.utils.translation import gettext_lazy as _l

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.alike import AlikeSource, EntryPoint, Hit, Matcher, Treatment, register_alike
from guanxi.platform.ui.navigation import SettingsEntry, register_settings
from guanxi.stewardship.commands.duplicates import keep_pairs
from guanxi.stewardship.models import LikenessRule, Twin
from guanxi.stewardship.queries.alike import alike_hits, alike_records, shown_hits
from guanxi.stewardship.queries.batches import file_matcher
from guanxi.stewardship.queries.likeness import entry_rule, house_rule
from guanxi.stewardship.rules.likeness import ACCOUNT, CONTACT


def sets_rules(actor: Actor) -> bool:
    """Whether the actor says what the house takes for the same."""
    return may(actor, LikenessRule, Action.ADMINISTER)


def _treatment(object_key: str, entry: EntryPoint) -> Treatment:
    return entry_rule(house_rule(object_key), entry).treatment


def _matcher(object_key: str, entry: EntryPoint, remembers: bool) -> Matcher:
    return file_matcher(object_key, entry, remembers=remembers)


def _keep(object_key: str, pairs: Sequence[tuple[int, Hit]], actor: Actor) -> None:  # noqa: ARG001  # the shape of all keepers
    keep_pairs(object_key, pairs)


def _may_force(actor: Actor) -> bool:
    """Who decides of duplicates may make one."""
    return may(actor, Twin, Action.EDIT)


for key in (ACCOUNT, CONTACT):
    register_alike(
        key,
        AlikeSource(
            find=partial(alike_records, key),
            treatment=partial(_treatment, key),
            hits=partial(alike_hits, key),
            matcher=partial(_matcher, key),
            shown=partial(shown_hits, key),
            keep=partial(_keep, key),
            may_force=_may_force,
        ),
    )
register_settings(
    SettingsEntry(
        "duplicates",
        _l("Duplicates"),
        _l("What the house takes for the same customer or contact, and what is done about it at each way in."),
        "copy",
        "likeness_settings",
        group=_l("For the house"),
        order=46,
        is_shown=sets_rules,
    )
)
