"""Masking: what remains of a protected value for somebody who may not read all of it."""

from collections.abc import Callable, Mapping

from guanxi.platform.encryption.in_use import Unreadable

MASK = "****"


def mask_phone(value: str) -> str:
    """Keep the first three and the last four digits: 138****6021."""
    return f"{value[:3]}{MASK}{value[-4:]}" if len(value) >= 8 else MASK


def mask_mail(value: str) -> str:
    """Keep the first letter and the domain: l****@example.com."""
    name, at, domain = value.partition("@")
    return f"{name[:1]}{MASK}@{domain}" if at else MASK


def mask_identity(value: str) -> str:
    """Keep the last two characters of an identity or tax number."""
    return f"{MASK}{value[-2:]}" if len(value) >= 8 else MASK


def mask_bank(value: str) -> str:
    """Keep the last four digits of a bank account or card, as on a receipt: ****6021."""
    return f"{MASK}{value[-4:]}" if len(value) >= 12 else MASK


def mask_reach(value: str) -> str:
    """Mask a way to reach somebody as what it is: an address or a number."""
    return mask_mail(value) if "@" in value else mask_phone(value)


def mask_all(value: str) -> str:  # noqa: ARG001  # same shape as the other masks
    """Keep nothing."""
    return MASK


MASKS: Mapping[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "mail": mask_mail,
    "reach": mask_reach,
    "identity": mask_identity,
    "bank": mask_bank,
}


def masked(value: str, *, sensitivity: str) -> str:
    """The part of `value` that may be shown under a sensitivity; an empty value stays empty.

    That a value cannot be read is told to everybody who is told of the value.
    """
    if isinstance(value, Unreadable):
        return value
    return MASKS.get(sensitivity, mask_all)(value) if value else value
