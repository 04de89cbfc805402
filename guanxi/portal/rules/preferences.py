"""What the preference centre offers, and what holds of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop as _

from guanxi.portal.rules.matching import CHANNELS_OF_POINTS, MARKETING

ANY = "any"
CHANNELS = ("phone", "sms", "mail", "wecom", "letter")
Pair = tuple[str, str]
"""A purpose and a channel."""


@dataclass(frozen=True, slots=True)
class OfferedPurpose:
    """A purpose that a person agrees to on the page, in plain words; the channels that it is asked for by."""

    key: str
    title: str
    sentence: str
    channels: tuple[str, ...] = CHANNELS


PURPOSES = (
    OfferedPurpose(
        "service",
        _("Orders and service"),
        _("We may contact you about your orders, deliveries, repairs and questions."),
    ),
    OfferedPurpose("marketing", _("News and offers"), _("We may send you news, invitations and offers.")),
    OfferedPurpose("survey", _("Surveys"), _("We may ask you how satisfied you are.")),
    OfferedPurpose(
        "profiling",
        _("Suggestions that fit you"),
        _("We may use what you bought and asked for to suggest what fits you."),
        (ANY,),
    ),
)
ASKED = {
    "export": _("A copy of everything you keep about me"),
    "correct": _("A correction"),
    "restrict": _("Use nothing of me any more, and keep it"),
    "erase": _("Erase what you keep about me"),
}
"""What a person can ask for on the page, by the kind of the request."""
OFFERED: tuple[Pair, ...] = tuple((purpose.key, channel) for purpose in PURPOSES for channel in purpose.channels)


def field_name(pair: Pair) -> str:
    """The name of a tick in the page's form."""
    return f"{pair[0]}-{pair[1]}"


def holding(said: Mapping[Pair, tuple[bool, datetime]], pair: Pair) -> Pair | None:
    """Which of what was said decides of a purpose and channel: the later one of it and of all channels together."""
    known = [key for key in (pair, (pair[0], ANY)) if key in said]
    return max(known, key=lambda key: said[key][1], default=None)


def is_agreed(said: Mapping[Pair, tuple[bool, datetime]], pair: Pair) -> bool:
    """Whether a purpose and channel is agreed to."""
    key = holding(said, pair)
    return key is not None and said[key][0]


def changes(said: Mapping[Pair, tuple[bool, datetime]], chosen: Sequence[Pair]) -> dict[Pair, bool]:
    """What a person says anew by choosing these: agreed to or taken back, by purpose and channel."""
    wanted = set(chosen)
    return {pair: pair in wanted for pair in OFFERED if (pair in wanted) != is_agreed(said, pair)}


def point_consents(changed: Mapping[Pair, bool], agreed: Sequence[Pair]) -> dict[str, str]:
    """What follows for the ways to reach the person whose channels changed, by their type: given or withdrawn."""
    touched = {channel for purpose, channel in changed if purpose == MARKETING}
    held = {channel for purpose, channel in agreed if purpose == MARKETING}
    return {
        kind: "given" if held & set(channels) else "withdrawn"
        for kind, channels in CHANNELS_OF_POINTS.items()
        if touched & set(channels)
    }
