"""How many queries each page takes: a committed number that does not depend on the number of records."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.platform.ui import lists
from tests.cast import Cast, SignIn
from tests.registry.conftest import MakeAccounts

BASELINE = Path(__file__).with_name("query_counts.json")
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("count", [3, 30])
def test_the_number_of_queries_is_the_committed_one(
    count: int, cast: Cast, sign_in: SignIn, make_accounts: MakeAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", count - 1)
    account, client = make_accounts(count)[0], sign_in(cast.alice)
    card = f"/accounts/{account.pk}/"
    addresses = {
        "list": "/accounts/",
        "list, page 2": "/accounts/?page=2",
        "list, searched": "/accounts/?q=kehu",
        "card": card,
        "facts": f"{card}facts/",
        "preview": f"{card}preview/",
        "today": "/",
        "pyramid": "/pyramid/",
    }
    counts = {}
    for name, address in addresses.items():
        headers = HTMX if name == "preview" else {}
        client.get(address, headers=headers)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address, headers=headers).status_code == 200, name
        counts[name] = len(captured)
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
