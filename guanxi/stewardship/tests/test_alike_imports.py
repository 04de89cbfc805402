"""Rows of files that look like customers who are there, or like each other: counted, told, refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.customers.commands import add_contact_point, edit_account
from guanxi.customers.models import Account, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.files.storage import NewFile
from guanxi.platform.objects.alike import Candidate, EntryPoint, Treatment
from guanxi.platform.transfer import commands
from guanxi.platform.transfer.commands import check, take_file_in, undo_import, write_import
from guanxi.platform.transfer.models import Import, ImportedRow
from guanxi.stewardship.commands.duplicates import REASON
from guanxi.stewardship.commands.likeness import set_house_rule
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.batches import file_matcher
from guanxi.stewardship.rules.likeness import ACCOUNT, DEFAULTS, EntryRule
from tests.cast import Cast, SignIn

HEAD = "单位全称,手机,所在城市\n"
KNOWN = "岚川精密仪器（苏州）有限公司"
SHEET = f"""{HEAD}岚川精密仪器公司,,苏州
云杉包装有限公司,13801346021,南京
青屿生物科技有限公司,13601775520,上海
云杉包裝公司,,
白榆印务有限公司,,杭州
青屿生物股份有限公司,136-0177-5520,
"""
"""Row 2 is a customer who is there, row 5 is row 3 in other characters, row 7 has the number of row 4."""


@pytest.fixture
def take(settings: object, tmp_path: Path) -> Callable[..., Import]:
    """Takes a text in as a file."""
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # the settings of the test

    def taken(text: str, actor: Actor) -> Import:
        content = text.encode()
        return take_file_in("account", NewFile("customers.csv", len(content), [content]), actor=actor)

    return taken


def treat(treatment: Treatment, actor: Actor) -> None:
    usual = DEFAULTS[ACCOUNT]
    told = EntryRule(treatment, usual.entries[EntryPoint.IMPORT].least)
    rule = replace(usual, entries={**usual.entries, EntryPoint.IMPORT: told})
    set_house_rule(ACCOUNT, rule, actor=actor)


def names() -> list[str]:
    return list(Account._base_manager.filter(trashed_at__isnull=True).order_by("pk").values_list("name", flat=True))


def pairs() -> set[tuple[str, str]]:
    named = dict(Account._base_manager.values_list("pk", "name"))
    rows = unscoped(Twin, reason=REASON).values_list("first_id", "second_id")
    return {(named[first], named[second]) for first, second in rows}


def alike_numbers(file: Import) -> list[int]:
    rows = ImportedRow.objects.filter(file=file, problems__contains=[["alike"]])
    return list(rows.order_by("number").values_list("number", flat=True))


@pytest.mark.parametrize("block", [2_000, 2])
def test_a_trial_counts_likely_duplicates_and_the_import_puts_them_on_the_desk(
    block: int,
    take: Callable[..., Import],
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    new_account: Callable[..., Account],
) -> None:
    monkeypatch.setattr(commands, "BLOCK", block)
    new_account(KNOWN)
    file = check(take(SHEET, cast.alice).pk)
    assert (file.counts, alike_numbers(file)) == ({"created": 6, "alike": 3}, [2, 5, 7])
    assert (names(), pairs()) == ([KNOWN], set())
    file = write_import(file.pk)
    assert (file.counts, alike_numbers(file), len(names())) == ({"created": 6, "alike": 3}, [2, 5, 7], 7)
    assert pairs() == {
        (KNOWN, "岚川精密仪器公司"),
        ("云杉包装有限公司", "云杉包裝公司"),
        ("青屿生物科技有限公司", "青屿生物股份有限公司"),
    }
    undo_import(file.pk)
    assert names() == [KNOWN]


@pytest.mark.parametrize("block", [2_000, 2])
def test_rows_that_the_house_refuses_are_faulty_and_the_rest_goes_in(
    block: int,
    take: Callable[..., Import],
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    new_account: Callable[..., Account],
) -> None:
    monkeypatch.setattr(commands, "BLOCK", block)
    treat(Treatment.BLOCK, cast.dora)
    new_account(KNOWN)
    file = check(take(SHEET, cast.alice).pk)
    assert (file.counts, alike_numbers(file)) == ({"created": 3, "error": 3, "alike": 3}, [2, 5, 7])
    file = write_import(file.pk)
    assert file.counts == {"created": 3, "error": 3, "alike": 3}
    assert names() == [KNOWN, "云杉包装有限公司", "青屿生物科技有限公司", "白榆印务有限公司"]
    assert pairs() == set()


def test_where_the_house_does_nothing_nothing_is_looked_for(
    take: Callable[..., Import], cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    treat(Treatment.OFF, cast.dora)
    new_account(KNOWN)
    file = write_import(take(SHEET, cast.alice).pk)
    assert (file.counts, pairs()) == ({"created": 6}, set())
    assert "Likely duplicates" not in sign_in(cast.alice).get(f"/import/{file.pk}/").content.decode()


def test_the_page_names_whom_the_importer_sees_and_of_others_only_that_they_are_there(
    take: Callable[..., Import], cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account(KNOWN)
    theirs = new_account("青屿生物科技（上海）有限公司")
    add_contact_point(ContactPoint(account=theirs, type="mobile", value="13601775520"), actor=cast.alice)
    edit_account(theirs.pk, {"owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}, actor=cast.dora)
    file = check(take(SHEET, cast.alice).pk)
    client = sign_in(cast.alice)
    page = client.get(f"/import/{file.pk}/").content.decode()
    assert f"/import/{file.pk}/?show=alike" in page
    shown = client.get(f"/import/{file.pk}/?show=alike").content.decode()
    assert f'href="/accounts/{account.pk}/"' in shown
    assert all(words in shown for words in ("looks like row 3 of the file", "One that you do not see", "Charlie"))
    assert f"/accounts/{theirs.pk}/" not in shown
    assert theirs.name not in shown
    treat(Treatment.BLOCK, cast.dora)
    check(file.pk)
    faults = b"".join(client.get(f"/import/{file.pk}/faults/").streaming_content).decode()  # type: ignore[attr-defined]  # it is streamed
    assert ("looks like a record that is there already" in faults, theirs.name in faults) == (True, False)


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    cast: Cast, new_account: Callable[..., Account]
) -> None:
    new_account(KNOWN)

    def counted(rows: int) -> int:
        values = [
            {"kind": "organisation", "name": f"岚川精密{place}有限公司", "mobile": f"138013460{place:02}"}
            for place in range(rows)
        ]
        candidates = [Candidate(place, told) for place, told in enumerate(values, 2)]
        matcher = file_matcher(ACCOUNT, EntryPoint.IMPORT, remembers=True)
        with CaptureQueriesContext(connection) as queries:
            matcher.hits(candidates)
        return len(queries)

    assert counted(2) == counted(50) <= 5


def test_persons_who_share_no_more_than_name_and_city_are_no_duplicates(
    take: Callable[..., Import], cast: Cast
) -> None:
    text = "姓名,客户类型,所在城市,手机\n王伟,个人,苏州,\n王伟,个人,苏州,13801346021\n王伟,个人,南京,13801346021\n"
    file = take(text, cast.alice)
    file.mapping, file.known_by = {"0": "name", "1": "kind", "2": "city", "3": "mobile"}, ""
    file.save()
    assert alike_numbers(check(file.pk)) == [4]
