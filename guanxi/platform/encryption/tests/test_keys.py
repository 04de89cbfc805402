"""The file of keys: read as it was written, replaced as a whole, refused when it is not one."""

import stat
from pathlib import Path

import pytest

from guanxi.platform.encryption.keys import (
    joined,
    new_key,
    new_ring,
    parse_ring,
    ring_text,
    with_primary,
    without,
    write_ring,
)


def test_a_ring_is_read_as_it_was_written(tmp_path: Path) -> None:
    ring = with_primary(new_ring(), new_key())
    path = tmp_path / "encryption_keys"
    write_ring(path, ring)
    assert parse_ring(path.read_text()) == ring
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["encryption_keys"]
    assert parse_ring("# ours\n\n" + ring_text(ring).replace("\n", ";")) == ring


def test_a_key_that_encrypts_is_never_taken_out() -> None:
    first = new_ring()
    ring = with_primary(first, new_key())
    assert without(ring, frozenset({first.primary.id, ring.primary.id})).keys == (ring.primary,)
    assert joined(ring, first) == ring
    assert joined(first, ring).keys == (first.primary, ring.primary)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key",
        "index AAAA",
        ring_text(new_ring()).replace("index", "# index"),
        ring_text(new_ring()).replace("key ", "key :"),
        ring_text(new_ring()) * 2,
        ring_text(new_ring()).replace("T", " "),
    ],
)
def test_what_is_no_ring_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes in base64"):
        parse_ring(text)
