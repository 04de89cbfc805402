"""Texts at rest: what was sealed is read in its own place alone, and found by its token."""

import pytest

from guanxi.platform.encryption.cipher import (
    CannotRead,
    blind_token,
    compared,
    is_sealed,
    key_id_of,
    seal,
    token_of,
    unseal,
)
from guanxi.platform.encryption.keys import new_key, new_ring, with_primary

NUMBER = "91320594MA1XK7QW5P"
PLACE = "account.tax_id"


def test_a_sealed_number_holds_no_piece_of_it_and_never_looks_the_same() -> None:
    ring = new_ring()
    first, second = seal(NUMBER, place=PLACE, ring=ring), seal(NUMBER, place=PLACE, ring=ring)
    assert first != second
    assert not any(NUMBER[start : start + 4] in first for start in range(len(NUMBER) - 3))
    assert is_sealed(first)
    assert key_id_of(first) == ring.primary.id
    assert unseal(first, place=PLACE, ring=ring) == unseal(second, place=PLACE, ring=ring) == NUMBER


def test_a_number_is_not_read_in_another_place_nor_with_another_token_or_key() -> None:
    ring = new_ring()
    stored = seal(NUMBER, place=PLACE, ring=ring)
    other = seal("110101199003074514", place=PLACE, ring=ring)
    swapped = stored.replace(token_of(stored), token_of(other))
    broken = stored[:-6] + ("AAAAAA" if not stored.endswith("AAAAAA") else "BBBBBB")
    for text, place, keys in (
        (stored, "contract.t_x_secret", ring),
        (swapped, PLACE, ring),
        (broken, PLACE, ring),
        (stored, PLACE, new_ring()),
        ("enc:1:", PLACE, ring),
        ("enc:1:x:y:z", PLACE, ring),
        (f"enc:1:{ring.primary.id}::", PLACE, ring),
        (f"enc:1:{ring.primary.id}::!!", PLACE, ring),
    ):
        with pytest.raises(CannotRead):
            unseal(text, place=place, ring=keys)


def test_a_former_key_still_reads() -> None:
    ring = new_ring()
    stored = seal(NUMBER, place=PLACE, ring=ring)
    later = with_primary(ring, new_key())
    assert unseal(stored, place=PLACE, ring=later) == NUMBER
    assert key_id_of(seal(NUMBER, place=PLACE, ring=later)) == later.primary.id != ring.primary.id


@pytest.mark.parametrize(
    "written",
    [
        "91320594ma1xk7qw5p",
        " 9132 0594 MA1X K7QW 5P ",
        "9132-0594-MA1X-K7QW-5P",
        "９１３２０５９４ＭＡ１ＸＫ７ＱＷ５Ｐ",
    ],
)
def test_ways_to_write_a_number_are_one_number(written: str) -> None:
    ring = new_ring()
    assert compared(written) == NUMBER
    assert blind_token(written, place=PLACE, ring=ring) == token_of(seal(NUMBER, place=PLACE, ring=ring))


def test_equal_numbers_of_two_places_or_two_houses_cannot_be_told_to_be_equal() -> None:
    ring = new_ring()
    tokens = {
        blind_token(NUMBER, place=PLACE, ring=ring),
        blind_token(NUMBER, place="contract.t_x_secret", ring=ring),
        blind_token(NUMBER, place=PLACE, ring=new_ring()),
    }
    assert len(tokens) == 3
