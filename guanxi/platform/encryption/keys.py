"""The keys of an installation as a file of lines: which encrypts now, which can still be read, which one indexes.

A line is `key <id> <secret> <since>` or `index <secret>`; secrets are 32 bytes in base64, `since` is when the key came
into use, in UTC. The first key is the one that encrypts. No Django and no settings: the file is read before both.
"""

import base64
import os
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

SECRET_BYTES = 32
KEYS_FILE_NAME = "encryption_keys"
ALLOWED = "lines “key <id> <32 bytes in base64> <time>” and one line “index <32 bytes in base64>”"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of AES-256: its name in stored texts, its 32 bytes, and since when it has been in use."""

    id: str
    secret: bytes
    since: datetime


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that texts can be read with, the first of which encrypts, and the secret of the blind index."""

    keys: tuple[Key, ...]
    index: bytes

    @property
    def primary(self) -> Key:
        """The key that encrypts."""
        return self.keys[0]

    def key(self, key_id: str) -> Key | None:
        """The key with this name; None when it is not here."""
        return next((key for key in self.keys if key.id == key_id), None)


def new_key() -> Key:
    """A fresh random key."""
    return Key(secrets.token_hex(4), secrets.token_bytes(SECRET_BYTES), datetime.now(UTC).replace(microsecond=0))


def new_ring() -> KeyRing:
    """The keys of a new installation."""
    return KeyRing((new_key(),), secrets.token_bytes(SECRET_BYTES))


def with_primary(ring: KeyRing, key: Key) -> KeyRing:
    """The ring with another key that encrypts; the former ones can still be read with."""
    return replace(ring, keys=(key, *ring.keys))


def without(ring: KeyRing, key_ids: frozenset[str]) -> KeyRing:
    """The ring without keys that nothing uses any more; the one that encrypts stays."""
    kept = tuple(key for key in ring.keys if key is ring.primary or key.id not in key_ids)
    return replace(ring, keys=kept)


def joined(ring: KeyRing, other: KeyRing) -> KeyRing:
    """The ring with what another one has besides: a backup has to read what was written while it was made."""
    known = {key.id for key in ring.keys}
    return replace(ring, keys=(*ring.keys, *(key for key in other.keys if key.id not in known)))


def ring_text(ring: KeyRing) -> str:
    """The ring as the file holds it."""
    lines = [f"key {key.id} {_words(key.secret)} {key.since.isoformat()}" for key in ring.keys]
    return "\n".join((*lines, f"index {_words(ring.index)}", ""))


def parse_ring(text: str) -> KeyRing:
    """The ring that lines describe; semicolons stand for ends of lines where a setting has one line alone.

    Raises: ValueError saying what is allowed.
    """
    keys: list[Key] = []
    indexes: list[bytes] = []
    for line in text.replace(";", "\n").splitlines():
        match line.split():
            case ["key", name, secret, since] if name.isascii() and name.isalnum():
                keys.append(Key(name, _secret(secret), _instant(since)))
            case ["index", secret]:
                indexes.append(_secret(secret))
            case [] | ["#", *_]:
                continue
            case _:
                raise ValueError(ALLOWED)
    if not keys or len(indexes) != 1 or len({key.id for key in keys}) < len(keys):
        raise ValueError(ALLOWED)
    return KeyRing(tuple(keys), indexes[0])


def write_ring(path: Path, ring: KeyRing) -> None:
    """Replace the file of keys at once, readable by its owner alone; it is on disk when this returns."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(ring_text(ring))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _flush_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Bring the new name to disk: a key that a power cut takes away takes all with it that it encrypted."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode("ascii")


def _secret(text: str) -> bytes:
    try:
        found = base64.urlsafe_b64decode(text)
    except ValueError as error:
        raise ValueError(ALLOWED) from error
    if len(found) != SECRET_BYTES:
        raise ValueError(ALLOWED)
    return found


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(ALLOWED) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
