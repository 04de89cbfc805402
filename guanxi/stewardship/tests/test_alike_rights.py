"""What looks alike tells nobody a number that he may not read."""

from collections.abc import Callable

import pytest

from guanxi.customers.commands import add_contact_point, edit_account
from guanxi.customers.models import Account, ContactPoint
from guanxi.customers.queries.captured import known_people
from guanxi.stewardship.queries.alike import alike_records
from tests.cast import Cast, SignIn

TAX_ID = "91320594MA1X2C7Q0A"
MOBILE, MAIL = "13801346021", "gu@lanchuan.example"


@pytest.fixture
def known(cast: Cast, new_account: Callable[..., Account]) -> Account:
    """A customer of Alice's with a number, an address and a tax id."""
    account = new_account()
    edit_account(account.pk, {"tax_id": TAX_ID}, actor=cast.dora)
    for kind, value in (("mobile", MOBILE), ("mail", MAIL)):
        add_contact_point(ContactPoint(account=account, type=kind, value=value), actor=cast.alice)
    return account


@pytest.mark.parametrize("typed", [{"mobile": MOBILE}, {"phone": MOBILE}, {"mail": MAIL}])
def test_a_masked_number_is_not_found_by_guessing(
    cast: Cast, known: Account, sign_in: SignIn, typed: dict[str, str]
) -> None:
    values = {"kind": "organisation", "name": "毫不相干", **typed}
    assert [found.title for found in alike_records("account", values, cast.alice)] == [known.name]
    assert [found.title for found in known_people(values, cast.alice)] == [known.name]
    assert (alike_records("account", values, cast.bob), known_people(values, cast.bob)) == ((), ())
    page = sign_in(cast.bob).post("/objects/account/alike/", values)
    assert (page.status_code, known.name in page.content.decode()) == (200, False)


def test_a_tax_id_is_not_found_by_guessing(cast: Cast, known: Account) -> None:
    values = {"kind": "organisation", "name": "毫不相干", "tax_id": TAX_ID}
    assert [found.title for found in alike_records("account", values, cast.dora)] == [known.name]
    assert (alike_records("account", values, cast.alice), alike_records("account", values, cast.bob)) == ((), ())
