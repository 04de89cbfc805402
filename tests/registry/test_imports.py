"""Files become records: what was tried is what is written, nothing is lost half-way, all of it can be taken back."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
import typer
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from openpyxl import Workbook

from guanxi.customers.commands import edit_account
from guanxi.customers.facade import account_ids_by_keys
from guanxi.customers.models import Account, Contact, ContactPoint, ImportantDate, Relation, RelationshipType
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.files.storage import NewFile
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.transfer import cli, commands
from guanxi.platform.transfer.commands import check, take_file_in, undo_import, write_import
from guanxi.platform.transfer.faults import sentence_of
from guanxi.platform.transfer.jobs import forget, go_on
from guanxi.platform.transfer.mapping import Columns
from guanxi.platform.transfer.models import Import, ImportedRow, ImportState, ImportTemplate
from guanxi.platform.transfer.queries import mapping_of, path_of
from guanxi.platform.ui.hits import found_hits
from tests.cast import Cast, SignIn
from tests.registry.conftest import REASON, TAX_ID, Secret
from tests.registry.contracts import add_field, all_rows, fresh

SHEET = """单位全称,纳税人识别号,联系人姓名,手机,职位,客户经理,首次合作,所在城市
岚川精密仪器（苏州）有限公司,91320594MA1X2C7Q0A,顾明哲,13801346021,采购总监,Test Alice,2019/4/8,苏州
岚川精密仪器（苏州）有限公司,91320594MA1X2C7Q0A,沈若溪,136-0177-5520,设备科长,Test Alice,,
青屿生物科技,,许南乔,,,,43566,南京
白榆印务,,冯亦舒,123,经理,Test Alice,2022-13-05,
"""


@pytest.fixture
def take(settings: object, tmp_path: Path) -> Callable[..., Import]:
    """Takes a text in as a file."""
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # the settings of the test

    def taken(text: str, actor: Actor, *, key: str = "account") -> Import:
        content = text.encode("gb18030")
        return take_file_in(key, NewFile("ledger.csv", len(content), [content]), actor=actor)

    return taken


def accounts(actor: Actor) -> dict[str, Account]:
    """The accounts that the actor sees, by name."""
    rows = grant(actor, Account).queryset().filter(trashed_at__isnull=True).order_by("pk")
    return {row.name: row for row in rows}


def outcomes(file: Import) -> list[tuple[int, str]]:
    """What became of the rows."""
    rows = ImportedRow.objects.filter(file=file, object_key=file.object_key).order_by("number", "pk")
    return list(rows.values_list("number", "outcome"))


def test_a_trial_writes_nothing_and_says_what_the_import_then_does(take: Callable[..., Import], cast: Cast) -> None:
    file = take(SHEET, cast.dora)
    assert set(mapping_of(file).values()) == {
        *("name", "tax_id", "contact_name", "mobile", "contact_title", "owner", "since_on", "city")
    }
    tried = check(file.pk)
    assert tried.counts == {"created": 2, "repeated": 1, "error": 1}
    assert (accounts(cast.dora), tried.state) == ({}, ImportState.READY)
    told = {(problem["code"], problem["is_doubt"]) for problem in tried.problems}
    assert {("not_a_date", False), ("serial_date", True)} <= told
    before = outcomes(file)
    written = write_import(file.pk)
    assert (written.counts, outcomes(file)) == (tried.counts, before)


def test_customers_and_the_people_at_them_come_from_one_sheet(take: Callable[..., Import], cast: Cast) -> None:
    write_import(take(SHEET, cast.dora).pk)
    found = accounts(cast.dora)
    first = found["岚川精密仪器（苏州）有限公司"]
    assert (first.owner_id, first.unit_id, first.kind) == (cast.alice.user_id, cast.alice.unit_id, "organisation")
    assert (str(first.since_on), first.city, first.tax_id) == ("2019-04-08", "苏州", "91320594MA1X2C7Q0A")
    assert str(found["青屿生物科技"].since_on) == "2019-04-11"
    assert found["青屿生物科技"].owner_id == cast.dora.user_id
    people = grant(cast.dora, Contact).queryset().filter(account=first).order_by("pk")
    assert [(row.family_name, row.given_name, row.title) for row in people] == [
        ("顾", "明哲", "采购总监"),
        ("沈", "若溪", "设备科长"),
    ]
    points = grant(cast.dora, ContactPoint).queryset().filter(account=first).order_by("pk")
    assert [row.normalised for row in points] == ["+8613801346021", "+8613601775520"]
    for words in ("lanchuan", "若溪", "6021"):
        hits = found_hits(object_spec("account"), words, view=View(cast.alice, timezone.localdate()), limit=5)
        assert hits is not None
        assert [hit.name for hit in hits.hits] == [first.name]
    assert AuditEntry.objects.filter(action="import", object_key="account", record_count=3).exists()


def test_birthdays_and_founding_days_come_from_the_sheet_once(take: Callable[..., Import], cast: Cast) -> None:
    """Of the contact where the row names one, in either calendar, with a year or without."""
    sheet = """公司名称,成立日期,联系人,生日
岚川精密仪器,2004-06-18,顾明哲,1984年5月3日
岚川精密仪器,,沈若溪,农历八月十五
青屿生物科技,,许南乔,11-02
林知远,,,1991/12/5
白榆印务,1996,,
云杉物流,,唐立,2月30日
"""
    written = write_import(take(sheet, cast.dora).pk)
    assert written.counts == {"created": 3, "repeated": 1, "error": 2}
    again = take(sheet, cast.dora)
    assert write_import(again.pk).counts == {"same": 3, "repeated": 1, "error": 2}
    days = grant(cast.dora, ImportantDate).queryset().filter(trashed_at__isnull=True).order_by("pk")
    shown = days.values_list("account__name", "contact__name", "type", "calendar", "year", "month", "day")
    assert list(shown) == [
        ("岚川精密仪器", "顾明哲", "birthday", "solar", 1984, 5, 3),
        ("岚川精密仪器", None, "founding", "solar", 2004, 6, 18),
        ("岚川精密仪器", "沈若溪", "birthday", "lunar", None, 8, 15),
        ("青屿生物科技", "许南乔", "birthday", "solar", None, 11, 2),
        ("林知远", None, "birthday", "solar", 1991, 12, 5),
    ]
    told = {(problem["code"], problem["text"]) for problem in written.problems}
    assert ("not_a_date", "1996") in told
    undo_import(written.pk)
    assert not days.exists()


def test_who_gets_customers_by_an_import_is_told_once(take: Callable[..., Import], cast: Cast) -> None:
    sheet = "客户名称,负责人\n岚川,Test Alice\n云杉,Test Alice\n白榆,Test Dora\n青屿,\n"
    file = take(sheet, cast.dora)
    write_import(file.pk)
    write_import(take(sheet, cast.dora).pk)
    told = OutboxEvent.objects.filter(name="platform.records_assigned").values_list("payload", flat=True)
    assert [(found["owner_id"], found["count"], found["by_id"]) for found in told] == [
        (cast.alice.user_id, 2, cast.dora.user_id)
    ]


def test_the_same_file_again_changes_nothing(take: Callable[..., Import], cast: Cast) -> None:
    write_import(take(SHEET, cast.dora).pk)
    versions = {name: row.version for name, row in accounts(cast.dora).items()}
    again = write_import(take(SHEET, cast.dora).pk)
    assert again.counts == {"same": 2, "repeated": 1, "error": 1}
    assert {name: row.version for name, row in accounts(cast.dora).items()} == versions
    assert unscoped(Contact, reason=REASON).count() == 3


def test_what_is_empty_in_the_file_stays_and_the_undo_gives_back_what_was(
    take: Callable[..., Import], secret: Secret, cast: Cast
) -> None:
    file = take(f"客户名称,税号,城市,简称\n岚川新名,{TAX_ID},,岚川\n云杉包装,,杭州,\n", cast.dora)
    write_import(file.pk)
    changed = unscoped(Account, reason=REASON).get(pk=secret.account.pk)
    assert (changed.name, changed.city, changed.short_name) == ("岚川新名", "苏州", "岚川")
    undone = undo_import(file.pk)
    back = unscoped(Account, reason=REASON).get(pk=secret.account.pk)
    assert (back.name, back.short_name, back.tax_id, back.version) == (
        secret.account.name,
        "",
        TAX_ID,
        changed.version + 1,
    )
    assert (undone.state, undone.kept, "云杉包装" in accounts(cast.dora)) == (ImportState.UNDONE, 0, False)
    hits = found_hits(object_spec("account"), "岚川新名", view=View(cast.alice, timezone.localdate()), limit=5)
    assert hits is None


def test_the_undo_keeps_what_somebody_changed_since_and_says_so(take: Callable[..., Import], cast: Cast) -> None:
    file = take(SHEET, cast.dora)
    write_import(file.pk)
    touched = accounts(cast.dora)["青屿生物科技"]
    edit_account(touched.pk, {"city": "无锡"}, actor=cast.dora)
    undone = undo_import(file.pk)
    assert (set(accounts(cast.dora)), undone.kept) == ({"青屿生物科技"}, 1)
    kept = ImportedRow.objects.filter(file=file, is_kept=True, object_key="account")
    assert [(row.number, row.record_id) for row in kept] == [(4, touched.pk)]
    assert unscoped(Contact, reason=REASON).filter(trashed_at__isnull=True).get().account_id == touched.pk
    assert (
        not unscoped(Contact, reason=REASON).filter(trashed_at__isnull=True, account__name__startswith="岚川").exists()
    )
    assert undo_import(file.pk).kept == 1


@pytest.mark.parametrize("block", [1, 2, 50])
def test_rows_of_one_customer_in_several_blocks_are_one_customer(
    block: int, take: Callable[..., Import], secret: Secret, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "BLOCK", block)
    lines = (f"岚川一,{TAX_ID},A 街", f"岚川二,{TAX_ID},", "新来的,91320000MA00000000,B 街", f"岚川三,{TAX_ID},C 街")
    file = take("\n".join(("客户名称,税号,地址", *lines, "新来的公司,91320000MA00000000,")), cast.dora)
    tried = check(file.pk).counts
    assert write_import(file.pk).counts == tried == {"updated": 1, "created": 1, "repeated": 3}
    now = unscoped(Account, reason=REASON).get(pk=secret.account.pk)
    assert (now.name, now.address, "新来的公司" in accounts(cast.dora)) == ("岚川三", "C 街", True)
    assert undo_import(file.pk).kept == 0
    back = unscoped(Account, reason=REASON).get(pk=secret.account.pk)
    assert (back.name, back.address, set(accounts(cast.dora))) == (secret.account.name, "", {secret.account.name})


def test_an_import_that_died_between_two_blocks_goes_on_where_it_stopped(
    take: Callable[..., Import], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "BLOCK", 2)
    names = [f"公司{number}" for number in range(7)]
    file = take("\n".join(("客户名称,联系人", *(f"{name},张三" for name in names))), cast.dora)
    with pytest.raises(ZeroDivisionError):
        write_import(file.pk, Dying(4))
    assert len(accounts(cast.dora)) == 4
    assert write_import(file.pk).rows == 7
    assert sorted(accounts(cast.dora)) == names
    assert [number for number, _outcome in outcomes(file)] == list(range(2, 9))
    assert unscoped(Contact, reason=REASON).count() == 7
    with pytest.raises(ZeroDivisionError):
        undo_import(file.pk, Dying(4))
    assert undo_import(file.pk).kept == 0
    assert accounts(cast.dora) == {}


class Dying:
    """Watches a work until so many rows are done, and dies."""

    def __init__(self, rows: int) -> None:
        self.left = rows

    def expect(self, total: int, *, unit: str = "") -> None:
        """Whatever there will be."""

    def advance(self, steps: int = 1, *, message: str = "") -> None:  # noqa: ARG002  # the shape of a progress
        """Die in time."""
        self.left -= steps
        if self.left <= 0:
            raise ZeroDivisionError


def test_rows_end_where_the_rights_of_the_importer_end(take: Callable[..., Import], secret: Secret, cast: Cast) -> None:
    text = "客户名称,城市,负责人\n岚川精密仪器,南京,\n我的客户,常州,\n别人的客户,常州,Test Dora\n"
    file = take(text, cast.alice)
    assert write_import(file.pk).counts == {"updated": 1, "created": 1, "error": 1}
    assert set(accounts(cast.dora)) == {"岚川精密仪器", "我的客户"}
    with pytest.raises(AccessDenied):
        take(text, cast.token)


def test_who_may_not_make_records_changes_those_that_are_there(
    take: Callable[..., Import], secret: Secret, cast: Cast
) -> None:
    rows = {("account", action): "owner" for action in ("view", "edit")}
    define_role("staff", name="Staff", rows=rows, fields={}, actor=system_actor("Tests"))
    file = take("客户名称,城市\n岚川精密仪器,南京\n新客户,常州\n", fresh(cast.alice))
    assert write_import(file.pk).counts == {"updated": 1, "error": 1}
    assert set(accounts(cast.dora)) == {"岚川精密仪器"}


def test_a_run_that_died_is_begun_again_and_old_imports_are_forgotten(take: Callable[..., Import], cast: Cast) -> None:
    tried, written, old = (take(SHEET, cast.dora) for _number in range(3))
    write_import(old.pk)
    late = timezone.now() - timedelta(minutes=11)
    Import.objects.filter(pk=tried.pk).update(state=ImportState.CHECKING, moved_at=late)
    Import.objects.filter(pk=written.pk).update(state=ImportState.WRITING, moved_at=late)
    Import.objects.filter(pk=old.pk).update(moved_at=timezone.now() - timedelta(days=32))
    go_on(0)
    states = dict(Import.objects.values_list("pk", "state"))
    assert (states[tried.pk], states[written.pk]) == (ImportState.READY, ImportState.DONE)
    forget(0)
    assert set(Import.objects.values_list("pk", flat=True)) == {tried.pk, written.pk}
    assert not ImportedRow.objects.filter(file_id=old.pk).exists()


def test_who_must_not_write_numbers_is_offered_no_column_of_them(take: Callable[..., Import], cast: Cast) -> None:
    text = "客户名称,联系人,手机,邮箱\n新客户,张三,13801346021,a@b.cn\n"
    file = take(text, cast.bob)
    assert set(mapping_of(file).values()) == {"name", "contact_name"}
    assert write_import(file.pk).counts == {"created": 1}
    assert (unscoped(Contact, reason=REASON).count(), unscoped(ContactPoint, reason=REASON).count()) == (1, 0)
    owned = take(text, cast.alice)
    define_role(
        "staff",
        name="Staff",
        rows={("account", "view"): "owner", ("account", "create"): "owner"},
        fields={},
        actor=system_actor("Tests"),
    )
    assert "mobile" in mapping_of(owned).values()
    with pytest.raises(AccessDenied):
        check(owned.pk)


def test_who_imported_takes_it_back_without_the_right_to_delete(take: Callable[..., Import], cast: Cast) -> None:
    file = take("客户名称,联系人,手机\n新客户,张三,13801346021\n", cast.alice)
    write_import(file.pk)
    assert undo_import(file.pk).kept == 0
    assert accounts(cast.dora) == {}
    assert not unscoped(ContactPoint, reason=REASON).filter(trashed_at__isnull=True).exists()


def test_rows_of_a_record_that_is_refused_are_refused_together(take: Callable[..., Import], cast: Cast) -> None:
    rows = ("新客户,91320000MA00000001,,张三", "新客户,91320000MA00000001,Test Dora,李四", "别的,,,王五")
    file = take("\n".join(("客户名称,简称,负责人,联系人", *rows)), cast.alice)
    commands.set_columns(file, Columns(mapping_of(file), known_by="name"), actor=cast.alice)
    assert write_import(file.pk).counts == {"error": 2, "created": 1}
    assert set(accounts(cast.dora)) == {"别的"}
    assert unscoped(Contact, reason=REASON).count() == 1


def test_a_row_without_a_name_lacks_the_name_and_nothing_that_is_made_of_it(
    take: Callable[..., Import], cast: Cast
) -> None:
    tried = check(take("客户名称,城市\n,苏州\n新客户,\n", cast.dora).pk)
    faults = [
        (problem["column"], problem["code"], problem["rows"]) for problem in tried.problems if not problem["is_doubt"]
    ]
    assert (tried.counts, faults) == ({"error": 1, "created": 1}, [(0, "missing", 1)])
    (problem,) = ImportedRow.objects.get(file=tried, number=2).problems
    with override("en"):
        assert sentence_of(problem, {0: "名称"}) == "名称: is missing"


def test_what_is_too_long_for_a_part_is_told_and_not_cut(take: Callable[..., Import], cast: Cast) -> None:
    file = take(f"客户名称,联系人,职务\n新客户,张三,{'长' * 81}\n", cast.alice)
    assert write_import(file.pk).counts == {"error": 1}


NUMBERED = """CustomerID,surname,given_name,city
C-1,Wong,Amy,London
C-2,王,伟,苏州
C-3,王,伟,杭州
C-4,,,南京
"""


def test_customers_are_known_by_the_number_of_another_system(take: Callable[..., Import], cast: Cast) -> None:
    file = take(NUMBERED, cast.dora)
    assert (file.known_by, file.system) == ("external_number", "ledger")
    assert check(file.pk).counts == write_import(file.pk).counts == {"created": 4}
    found = account_ids_by_keys("ledger", ["C-1", "C-2", "C-3", "C-4"])
    rows = unscoped(Account, reason=REASON).in_bulk(found.values())
    told = [(rows[pk].name, rows[pk].kind, rows[pk].city) for _key, pk in sorted(found.items())]
    assert told == [
        ("Amy Wong", "person", "London"),
        ("王伟", "person", "苏州"),
        ("王伟", "person", "杭州"),
        ("C-4", "person", "南京"),
    ]
    again = take(NUMBERED.replace("London", "Leeds"), cast.dora)
    assert write_import(again.pk).counts == {"updated": 1, "same": 3}
    assert undo_import(file.pk).kept == 1
    assert account_ids_by_keys("ledger", ["C-1", "C-2"]) == {"C-1": found["C-1"]}
    assert write_import(take(NUMBERED, cast.dora).pk).counts == {"updated": 1, "created": 3}


def test_a_customer_with_a_tax_id_gets_the_number_of_the_other_system(
    take: Callable[..., Import], secret: Secret, cast: Cast
) -> None:
    sheet = f"客户编号,客户名称,税号\nE-7,{secret.account.name},{TAX_ID}\nE-8,{secret.account.name},\n"
    assert write_import(take(sheet, cast.dora).pk).counts == {"updated": 1, "created": 1, "alike": 1}
    found = account_ids_by_keys("ledger", ["E-7", "E-8"])
    assert (found["E-7"], found["E-8"] != secret.account.pk) == (secret.account.pk, True)


def test_cells_that_speak_against_a_field_are_not_guessed_into_it(take: Callable[..., Import], cast: Cast) -> None:
    file = take("Dt_Customer,Z_CostContact,Company name\n2012-09-04,3,Alba\n2014-03-08,3,Lona\n", cast.dora)
    assert mapping_of(file) == {0: "since_on", 2: "name"}


def test_a_customer_of_somebody_else_is_neither_changed_nor_doubled_nor_shown(
    take: Callable[..., Import], new_account: Callable[..., Account], cast: Cast
) -> None:
    hidden = new_account("藏着的客户")
    edit_account(hidden.pk, {"owner_id": cast.dora.user_id, "unit_id": cast.dora.unit_id}, actor=cast.dora)
    file = write_import(take("客户名称,城市\n藏着的客户,南京\n", cast.alice).pk)
    assert file.counts == {"error": 1}
    assert [(row.record_id, row.problems[0][1]) for row in ImportedRow.objects.filter(file=file)] == [(None, "foreign")]
    assert unscoped(Account, reason=REASON).get(pk=hidden.pk).city == ""


def test_a_field_that_must_not_be_written_is_no_column(
    take: Callable[..., Import], cast: Cast, sign_in: SignIn
) -> None:
    file = take(f"客户名称,税号\n新客户,{TAX_ID}\n", cast.alice)
    assert set(mapping_of(file).values()) == {"name"}
    client = sign_in(cast.alice)
    answer = client.post(f"/import/{file.pk}/change/", {"column0": "name", "column1": "tax_id"})
    assert (answer.status_code, mapping_of(Import.objects.get(pk=file.pk))) == (422, {0: "name"})
    for actor in (cast.dora, cast.charlie):
        for path in ("", "faults/"):
            assert sign_in(actor).get(f"/import/{file.pk}/{path}").status_code == 404
        assert sign_in(actor).post(f"/import/{file.pk}/go/", {"do": "write"}).status_code == 404


def test_an_object_that_people_made_is_imported_like_any_other(
    take: Callable[..., Import], contract: ObjectSpec, secret: Secret, cast: Cast
) -> None:
    add_field(contract, FieldType.MULTI_CHOICE, "Uses", cast.dora, choices=[["a", "甲", "A"], ["b", "乙", "B"]])
    dora = fresh(cast.dora)
    rows = (
        "Name,Customer,Stage,Amount,Ends,Uses",
        "C-1,岚川精密仪器,签署,￥1.2万,2027年3月,甲、B",
        "C-2,nobody,Signed,x,,",
    )
    text = "\n".join(rows)
    file = take(text, dora, key=contract.key)
    assert write_import(file.pk).counts == {"created": 1, "error": 1}
    (made,) = all_rows(contract, dora)
    assert made.custom == {
        "l_x_customer": secret.account.pk,
        "t_x_stage": "signed",
        "n_x_amount": "12000.0",
        "d_x_ends": "2027-03-01",
        "m_x_uses": ["a", "b"],
    }
    faulty = ImportedRow.objects.get(file=file, outcome="error")
    assert {problem[1] for problem in faulty.problems} == {"unknown", "not_a_number"}


@pytest.fixture
def desk(settings: object, tmp_path: Path, cast: Cast, sign_in: SignIn) -> Client:
    """Dora at her browser."""
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # the settings of the test
    return sign_in(cast.dora)


def upload(desk: Client, text: str) -> Import:
    """Hand a file in by the page."""
    sent = {"object": "account", "file": SimpleUploadedFile("customers.csv", text.encode("utf-8-sig"))}
    assert desk.post("/import/", sent).status_code == 303
    return Import.objects.latest("pk")


def test_the_pages_lead_from_the_file_to_the_result(desk: Client, cast: Cast) -> None:
    file = upload(desk, "单位全称,客户经理,首次合作\n岚川,Test Nobody,2022-13-05\n云杉,Test Alice,2021-01-02\n")
    address = f"/import/{file.pk}/"
    page = desk.get(address).content.decode()
    assert ("Import 1 row" in page, "there is nobody" in page, "is no day of the calendar" in page) == (
        True,
        True,
        True,
    )
    change = f"{address}change/"
    desk.post(change, {"do": "words", "field": "owner", "text": "Test Nobody", "as": "Test Bob"})
    assert 'name="as" value="2022-13-05"' in desk.get(f"{address}?show=error&cell=2:2").content.decode()
    desk.post(change, {"do": "cell", "row": "2", "column": "2", "as": "2022-12-05"})
    assert Import.objects.get(pk=file.pk).counts == {"created": 2}
    desk.post(change, {"do": "template", "name": "Ledger"})
    assert ImportTemplate.objects.get().columns == [
        ["单位全称", "name"],
        ["客户经理", "owner"],
        ["首次合作", "since_on"],
    ]
    assert desk.post(f"{address}go/", {"do": "write"}).status_code == 303
    assert 'hx-trigger="every 1s"' in desk.get(address).content.decode()
    write_import(file.pk)
    assert {row.owner_id for row in accounts(cast.dora).values()} == {cast.alice.user_id, cast.bob.user_id}
    shown = desk.get(f"{address}?show=created").content.decode()
    assert all(f"/accounts/{row.pk}/" in shown for row in accounts(cast.dora).values())
    assert desk.post(change, {"column0": "name"}).status_code == 409
    assert desk.post(f"{address}go/", {"do": "undo"}).status_code == 303
    undo_import(file.pk)
    assert (accounts(cast.dora), "was taken back" in desk.get(address).content.decode()) == ({}, True)
    assert desk.get("/import/").status_code == 200


def test_another_sheet_of_the_workbook_is_read(desk: Client) -> None:
    book = Workbook()
    book.create_sheet("Notes", 0).append(["Notes"])
    customers = book.create_sheet("客户")
    customers.append(["单位全称", "会员号"])
    customers.append(["岚川", "M-1"])
    content = io.BytesIO()
    book.save(content)
    sent = {"object": "account", "file": SimpleUploadedFile("book.xlsx", content.getvalue())}
    desk.post("/import/", sent)
    file = Import.objects.latest("pk")
    address = f"/import/{file.pk}/"
    assert "客户" in desk.get(address).content.decode()
    desk.post(f"{address}change/", {"do": "sheet", "sheet": "客户"})
    file.refresh_from_db()
    assert (mapping_of(file), file.counts) == ({0: "name", 1: "external_number"}, {"created": 1})
    assert 'name="system"' in desk.get(address).content.decode()
    desk.post(f"{address}change/", {"column0": "name", "column1": "external_number", "system": "till"})
    write_import(file.pk)
    assert list(account_ids_by_keys("till", ["M-1"])) == ["M-1"]


def test_a_kept_mapping_is_used_for_the_next_file_of_its_kind(desk: Client) -> None:
    first = upload(desk, "A,B\n岚川,苏州\n")
    assert mapping_of(first) == {}
    address = f"/import/{first.pk}/change/"
    desk.post(address, {"column0": "name", "column1": "city", "known_by": "name", "known_rows": "skip"})
    desk.post(address, {"do": "template", "name": "A and B"})
    second = upload(desk, "B,C,A\n杭州,x,云杉\n")
    assert (mapping_of(second), second.known_by, second.known_rows) == ({0: "city", 2: "name"}, "name", "skip")


def test_faulty_rows_come_back_in_the_layout_of_the_file(desk: Client) -> None:
    file = upload(desk, "单位全称,备注,首次合作\n=cmd(),+1,2022-13-05\n云杉,,2021-01-02\n")
    answer = desk.get(f"/import/{file.pk}/faults/")
    text = answer.getvalue().decode("utf-8-sig")
    head, *rows = csv.reader(text.splitlines())
    assert head[1:] == ["单位全称", "备注", "首次合作"]
    assert [row[1:] for row in rows] == [["'=cmd()", "'+1", "2022-13-05"]]
    corrected = text.replace("2022-13-05", "2022-12-05")
    again = upload(desk, corrected)
    assert Import.objects.get(pk=again.pk).counts == {"created": 1}


def test_what_is_no_table_is_refused_and_leaves_nothing(desk: Client, tmp_path: Path) -> None:
    for name, content in (("x.csv", b""), ("x.pdf", b"%PDF-1.7\n\x00\x01"), ("x.xlsx", b"PK\x03\x04broken")):
        answer = desk.post("/import/", {"object": "account", "file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 422
    assert (Import.objects.count(), [path for path in tmp_path.rglob("*") if path.is_file()]) == (0, [])


def test_the_command_line_tries_writes_and_takes_back(
    settings: object, tmp_path: Path, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]  # the settings of the test
    path, faults = tmp_path / "sheet.csv", tmp_path / "faults.csv"
    path.write_text(SHEET, encoding="utf-8")
    cli.import_file("account", path, dry_run=True, as_json=True)
    tried = json.loads(capsys.readouterr().out)
    assert {key: tried[key] for key in ("read", "created", "updated", "duplicates", "errors")} == {
        "read": 4,
        "created": 2,
        "updated": 0,
        "duplicates": 1,
        "errors": 1,
    }
    assert accounts(cast.dora) == {}
    cli.import_file("account", path, errors=faults, as_json=True)
    done = json.loads(capsys.readouterr().out)
    assert (done["created"], len(accounts(cast.dora)), "白榆印务" in faults.read_text(encoding="utf-8")) == (2, 2, True)
    cli.import_file(undo=done["id"], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"id": done["id"], "undone": True, "kept": 0}
    assert accounts(cast.dora) == {}
    cli.import_file("account", path, columns=["客户经理=", "职位=note"], known_by="name", dry_run=True, as_json=True)
    columns = json.loads(capsys.readouterr().out)["columns"]
    assert ("客户经理" in columns, columns["职位"]) == (False, "note")
    with pytest.raises(typer.Exit):
        cli.import_file("account", path, columns=["No such=name"])
    assert "no column “No such”" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_a_trial_needs_no_transaction_and_locks_nothing(
    take: Callable[..., Import], secret: Secret, cast: Cast
) -> None:
    file = take(f"客户名称,税号\n岚川新名,{TAX_ID}\n", cast.dora)
    assert check(file.pk).counts == {"updated": 1}
    assert write_import(file.pk).counts == {"updated": 1}
    assert unscoped(Account, reason=REASON).get(pk=secret.account.pk).name == "岚川新名"


def test_the_first_import_of_a_new_installation_is_written(
    settings: object, tmp_path: Path, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]  # the settings of the test
    Relation.objects.all().delete()
    RelationshipType.objects.all().delete()
    import_module("guanxi.customers.migrations.0001_first_release").begin(apps, None)
    path = tmp_path / "sheet.csv"
    path.write_text("单位全称,客户关系\n岚川,\n青屿,媒体\n", encoding="utf-8")
    cli.import_file("account", path, as_json=True)
    assert json.loads(capsys.readouterr().out)["created"] == 2
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_import_is_taken_back_once(take: Callable[..., Import], cast: Cast) -> None:
    file = take(SHEET, cast.dora)
    with pytest.raises(Conflict):
        commands.begin_undo(file, title="Undo", actor=cast.dora)
    write_import(file.pk)
    assert path_of(file).is_file()
    undo_import(file.pk)
    file.refresh_from_db()
    with pytest.raises(Conflict):
        commands.begin_undo(file, title="Undo", actor=cast.dora)
