"""Which way to reach a customer is meant by something that was not delivered. Pure functions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

CHANNEL_TYPES = {
    "mail": ("mail",),
    "email": ("mail",),
    "sms": ("mobile",),
    "phone": ("mobile", "phone"),
    "call": ("mobile", "phone"),
    "wecom": ("wecom",),
    "wechat": ("wechat",),
    "letter": ("address",),
    "post": ("address",),
}
"""The types of ways that a channel uses."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a customer: `normalised` as addresses are compared."""

    id: int
    contact_id: int | None
    type: str
    normalised: str


def way_meant(ways: Sequence[Way], *, addresses: Collection[str], channel: str, contact_id: int | None) -> int | None:
    """The way that did not reach anybody: the one with the address; without an address, the only one of the channel.

    `addresses` are the forms under which the address may be known, none when it was not told. None when no way or
    several could be meant: then nothing is noted.
    """
    if addresses:
        return next((way.id for way in ways if way.normalised in addresses), None)
    types = CHANNEL_TYPES.get(channel.lower(), ())
    of_channel = [way for way in ways if way.type in types and contact_id in (None, way.contact_id)]
    return of_channel[0].id if len(of_channel) == 1 else None
