"""A text at rest: encrypted with AES-256-GCM, beside it a token by which equal numbers are found. Pure functions.

Stored form: `enc:1:<key id>:<token>:<box>`. The box is base64 of a random nonce of 12 bytes, the ciphertext and its
tag. What stands before the box, and the place (object and field) that the text belongs to, are authenticated with it:
a stored text that is moved to another field, or gets another token, cannot be read. The token is an HMAC-SHA-256 of
the number as it is compared, cut to 128 bits, under a key of its own and bound to the place as well.

Source: NIST SP 800-38D (2007) for GCM with random nonces; RFC 2104 (1997) for HMAC.
"""

import base64
import hmac
import re
import secrets
import unicodedata
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guanxi.platform.encryption.keys import KeyRing

PREFIX = "enc:1:"
NONCE_BYTES = 12
TOKEN_BYTES = 16
TOKEN_PLACE = 4
KEY_PLACE = 3
PARTS = 5
BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212\u00ad]+")


class CannotRead(Exception):
    """A stored text cannot be read: its key is not here, or it was changed or moved."""


def seal(clear: str, *, place: str, ring: KeyRing, has_token: bool = True) -> str:
    """A text as it is stored."""
    key = ring.primary
    token = blind_token(clear, place=place, ring=ring) if has_token else ""
    head = f"{PREFIX}{key.id}:{token}:"
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = nonce + AESGCM(key.secret).encrypt(nonce, clear.encode(), _bound(head, place))
    return head + base64.urlsafe_b64encode(box).decode("ascii")


def unseal(stored: str, *, place: str, ring: KeyRing) -> str:
    """The text that was stored in a place. Raises: CannotRead."""
    parts = stored.split(":")
    key = ring.key(parts[KEY_PLACE - 1]) if len(parts) == PARTS and is_sealed(stored) else None
    if key is None:
        raise CannotRead
    head = stored[: -len(parts[-1])]
    try:
        box = base64.urlsafe_b64decode(parts[-1])
        found = AESGCM(key.secret).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _bound(head, place))
        return found.decode()
    except (InvalidTag, ValueError) as error:
        raise CannotRead from error


def is_sealed(text: object) -> bool:
    """Whether a stored text is an encrypted one."""
    return isinstance(text, str) and text.startswith(PREFIX)


def token_of(stored: str) -> str:
    """The token of an encrypted text, "" for one without."""
    parts = stored.split(":")
    return parts[TOKEN_PLACE - 1] if len(parts) == PARTS and is_sealed(stored) else ""


def key_id_of(stored: str) -> str:
    """The name of the key of an encrypted text, "" for a clear one."""
    return stored.split(":")[KEY_PLACE - 1] if is_sealed(stored) and stored.count(":") >= KEY_PLACE else ""


def blind_token(number: str, *, place: str, ring: KeyRing) -> str:
    """By what equal numbers of one place are found without reading them."""
    digest = hmac.new(ring.index, f"{place}\n{compared(number)}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode("ascii").rstrip("=")


def compared(number: str) -> str:
    """A number as it is compared: half width, capital letters, no blanks and dashes."""
    return BETWEEN.sub("", unicodedata.normalize("NFKC", number)).upper()


def _bound(head: str, place: str) -> bytes:
    return f"{head}\n{place}".encode()
