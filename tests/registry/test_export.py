"""A list as a file: what is in it, for whom, and that no spreadsheet runs it."""

import csv
from collections.abc import Callable
from io import BytesIO, StringIO

from django.test import Client
from openpyxl import load_workbook

from guanxi.customers.models import Account
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from tests.cast import Cast, SignIn
from tests.registry.conftest import TAX_ID, Secret


def table(client: Client, address: str) -> list[list[str]]:
    """The rows of a CSV export, its head first."""
    answer = client.get(address)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a file
    return list(csv.reader(StringIO(text)))


def test_the_file_is_the_list(cast: Cast, new_account: Callable[..., Account], sign_in: SignIn) -> None:
    new_account("甲", city="苏州", kind="person", since_on="2020-05-01")
    new_account("乙", city="杭州")
    address = "/objects/account/export/?cols=name,kind,since_on,owner,city&sort=-name"
    assert table(sign_in(cast.dora), address) == [
        ["Name", "Kind", "Customer since", "Owner", "City"],
        ["乙", "Organisation", "", "Test Alice", "杭州"],
        ["甲", "Person", "2020-05-01", "Test Alice", "苏州"],
    ]
    narrowed = address + '&where=["city","is","苏州"]'
    assert [row[0] for row in table(sign_in(cast.dora), narrowed)] == ["Name", "甲"]
    entry = AuditEntry.objects.filter(action="export").latest("at")
    assert (entry.record_count, entry.user_id) == (1, cast.dora.user_id)


def test_a_workbook_has_days_as_days(cast: Cast, new_account: Callable[..., Account], sign_in: SignIn) -> None:
    new_account("=1+1", since_on="2020-05-01", city="a\x0bb")
    answer = sign_in(cast.dora).get("/objects/account/export/?cols=name,since_on,city&format=xlsx")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]  # a file
    assert sheet is not None
    name, since_on, city = next(iter(sheet.iter_rows(min_row=2)))
    assert (name.data_type, name.value, city.value) == ("s", "=1+1", "ab")
    assert str(since_on.value) == "2020-05-01 00:00:00"


def test_no_spreadsheet_runs_what_somebody_typed(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    for text in ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx"):
        new_account("客户", city=text)
    rows = table(sign_in(cast.dora), "/objects/account/export/?cols=city")[1:]
    assert len(rows) == 5
    assert all(row[0].startswith("'") for row in rows)


def test_reading_is_not_exporting(secret: Secret, cast: Cast, sign_in: SignIn) -> None:
    for actor in (cast.alice, cast.bob, cast.charlie):
        assert sign_in(actor).get("/objects/account/export/").status_code == 403
        assert "/objects/account/export/" not in sign_in(actor).get("/accounts/").content.decode()
    assert AuditEntry.objects.filter(action="export").count() == 0


def test_hidden_and_masked_fields_stay_so_in_a_file(secret: Secret, cast: Cast, sign_in: SignIn) -> None:
    rows: dict[tuple[str, str], object] = {("account", "view"): "everyone", ("account", "export"): "owner"}
    for access, shown in ((FieldAccess.HIDDEN, None), (FieldAccess.MASKED, "****5P")):
        define_role("staff", name="S", rows=rows, fields={("*", "identity"): int(access)}, actor=system_actor("Tests"))
        assert cast.alice.user_id is not None
        actor = actor_by_user_id(cast.alice.user_id)
        found = table(sign_in(actor), "/objects/account/export/?cols=name,tax_id")
        assert TAX_ID not in str(found)
        assert found[1][1:] == ([shown] if shown else [])
    assert table(sign_in(cast.dora), "/objects/account/export/?cols=tax_id")[1] == [TAX_ID]
