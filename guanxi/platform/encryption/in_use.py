"""The keys that this process works with: those of the settings, or those of the file, read again when it changes."""

import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from guanxi.kernel.errors import ConfigurationError
from guanxi.platform.encryption import cipher
from guanxi.platform.encryption.keys import KeyRing, parse_ring


class Unreadable(str):
    """The sentence that stands for a value which cannot be read; `stored` is what the database holds."""

    __slots__ = ("stored",)
    stored: str

    def __new__(cls, stored: str) -> "Unreadable":
        """The sentence in the language of the reader."""
        made = super().__new__(cls, gettext("Cannot be read: its key is missing."))
        made.stored = stored
        return made

    def __str__(self) -> str:
        """Itself, so that whoever makes a text of it still knows what it is."""
        return self


def keys_file() -> Path | None:
    """The file that holds the keys; None where the settings give them."""
    path: Path | None = settings.ENCRYPTION_KEYS_FILE
    return path


def ring() -> KeyRing:
    """The keys as they are now. Raises: ConfigurationError("encryption.keys") when they cannot be read."""
    path = keys_file()
    if path is None:
        return _parsed(settings.ENCRYPTION_KEYS)
    try:
        status = os.stat(path)
        return _read(path, status.st_mtime_ns, status.st_ino)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            "encryption.keys", "The keys in %(file)s cannot be read: %(reason)s.", file=str(path), reason=str(error)
        ) from error


@lru_cache(maxsize=4)
def _parsed(text: str) -> KeyRing:
    return parse_ring(text)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, inode: int) -> KeyRing:  # noqa: ARG001  # what shows that the file is another one
    return parse_ring(path.read_text(encoding="ascii"))


def seal_text(clear: str, *, place: str, has_token: bool = True) -> str:
    """A text as it is stored; nothing stays nothing, and what could not be read stays as it was stored.

    Raises: ConfigurationError("encryption.keys").
    """
    if isinstance(clear, Unreadable):
        return clear.stored
    return cipher.seal(clear, place=place, ring=ring(), has_token=has_token) if clear else clear


def open_text(stored: str, *, place: str) -> str:
    """The text that was stored; one that was never encrypted as it stands, one without its key as `Unreadable`."""
    if not cipher.is_sealed(stored):
        return stored
    try:
        return cipher.unseal(stored, place=place, ring=ring())
    except (cipher.CannotRead, ConfigurationError):
        return Unreadable(stored)


def number_token(number: str, *, place: str) -> str:
    """By what a number is found in a place without reading it. Raises: ConfigurationError("encryption.keys")."""
    return cipher.blind_token(number, place=place, ring=ring())
