"""Programs hand files in, ask how far they are, and take them back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.customers.models import Account
from guanxi.platform.access.grant import grant
from guanxi.platform.transfer.commands import check, undo_import, write_import
from guanxi.platform.transfer.models import Import
from tests.api.conftest import Answer, Caller, code_of
from tests.cast import Cast

IMPORTS = "/api/v1/imports"
SHEET = "Firm,Town,Day\n岚川,苏州,2020-01-02\n云杉,杭州,soon\n"


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> None:
    """A folder of its own for the files."""
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # the settings of the test


def hand_in(caller: Caller, text: str = SHEET, **wishes: str) -> Answer:
    """Send a sheet of customers with wishes."""
    sent = {"file": SimpleUploadedFile("crm.csv", text.encode()), "object": "account", **wishes}
    return caller.client.post(IMPORTS, sent, headers={"authorization": f"Bearer {caller.token}"})


def names(cast: Cast) -> list[str]:
    rows = grant(cast.dora, Account).queryset().filter(trashed_at__isnull=True)
    return sorted(rows.values_list("name", flat=True))


def test_a_file_is_tried_written_and_taken_back(alice: Caller, cast: Cast) -> None:
    columns = {"Firm": "name", "Town": "city", "Day": "since_on"}
    answer = hand_in(alice, columns=json.dumps(columns), known_by="name", dry_run="true")
    told = answer.json()
    assert (answer.status_code, told["state"], told["columns"]) == (202, "checking", columns)
    place = f"{IMPORTS}/{told['id']}"
    check(told["id"])
    tried = alice.get(place).json()
    assert [tried[key] for key in ("state", "read", "created", "errors")] == ["ready", 2, 1, 1]
    assert [(found["column"], found["rows"]) for found in tried["problems"]] == [(2, 1)]
    assert names(cast) == []
    assert alice.post(f"{place}/write", None).status_code == 202
    write_import(told["id"])
    assert names(cast) == ["岚川"]
    faults = alice.get(f"{place}/faults")
    assert ("云杉" in faults.getvalue().decode(), faults.headers["Content-Type"]) == (True, "text/csv; charset=utf-8")
    assert alice.post(f"{place}/undo", None).json()["state"] == "undoing"
    undo_import(told["id"])
    assert (names(cast), alice.get(place).json()["state"]) == ([], "undone")


def test_a_file_is_written_without_a_trial(alice: Caller, cast: Cast) -> None:
    told = hand_in(alice, "单位全称,客户编号\n岚川,E-1\n", system="erp").json()
    write_import(told["id"])
    done = alice.get(f"{IMPORTS}/{told['id']}").json()
    assert (done["state"], done["created"], Import.objects.get().system) == ("done", 1, "erp")
    assert names(cast) == ["岚川"]


def test_what_is_wrong_is_told_and_leaves_nothing(alice: Caller, tmp_path: Path) -> None:
    assert code_of(hand_in(alice, columns="[1]")) == "import.wishes"
    assert code_of(hand_in(alice, columns='{"No such": "name"}')) == "import.column"
    assert code_of(hand_in(alice, columns='{"Firm": "owner_id"}')) == "import.mapping"
    assert code_of(hand_in(alice, "")) == "document.size"
    assert alice.post(IMPORTS, {}).status_code == 422
    assert (Import.objects.count(), [path for path in tmp_path.rglob("*") if path.is_file()]) == (0, [])


def test_an_import_is_its_owners_alone(
    alice: Caller, charlie: Caller, cast: Cast, calling: Callable[..., Caller]
) -> None:
    told = hand_in(alice).json()
    place = f"{IMPORTS}/{told['id']}"
    for caller in (charlie, calling(cast.bob)):
        assert code_of(caller.get(place)) == "import.not_found"
        assert caller.get(f"{place}/faults").status_code == 404
        assert caller.post(f"{place}/undo", None).status_code == 404
    reading = calling(cast.alice, is_read_only=True)
    assert hand_in(reading).status_code == 403
    assert alice.client.post(IMPORTS, {}).status_code == 401
    assert Import.objects.count() == 1
