"""What an import wrote is found by words: beside the writing, after a fault, and never by older words than its own."""

from collections.abc import Collection
from pathlib import Path

import pytest

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account, Contact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.files.storage import NewFile
from guanxi.platform.search.models import SearchEntry
from guanxi.platform.transfer import commands, indexing
from guanxi.platform.transfer.blocks import REASON
from guanxi.platform.transfer.commands import take_file_in, write_import
from guanxi.platform.transfer.models import Import
from tests.cast import Cast

NAMES = [f"云杉{word}印务有限公司" for word in "甲乙丙丁戊己庚"]
SHEET = "\n".join(("客户名称,联系人", *(f"{name},张三" for name in NAMES)))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(settings: object, tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Seven customers with a contact each, in blocks of two."""
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # the settings of the test
    monkeypatch.setattr(commands, "BLOCK", 2)
    content = SHEET.encode()
    return take_file_in("account", NewFile("ledger.csv", len(content), [content]), actor=cast.dora)


def found(words: str) -> dict[str, int]:
    """How many records of each object are found by a token."""
    rows = SearchEntry.objects.all()
    return {
        key: sum(token.endswith(words) for row in rows.filter(object_key=key) for token in row.tokens)
        for key in ("account", "contact")
    }


def test_customers_and_their_contacts_are_found_when_the_import_is_done(file: Import) -> None:
    done = write_import(file.pk)
    done.refresh_from_db()
    assert (done.written_to, done.indexed_to) == (8, 8)
    assert found(":云杉") == {"account": 7, "contact": 7}
    assert unscoped(Contact, reason=REASON).count() == 7


def test_what_was_written_and_not_indexed_is_indexed_when_the_import_goes_on(
    file: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, blocks = indexing.index_saved, []

    def dying(spec: object, ids: Collection[int], parted: Collection[int]) -> None:
        blocks.append(len(ids))
        if len(blocks) == 2:
            raise ZeroDivisionError
        index(spec, ids, parted)  # type: ignore[arg-type]  # a spec

    with monkeypatch.context() as patch:
        patch.setattr(indexing, "index_saved", dying)
        with pytest.raises(ZeroDivisionError):
            write_import(file.pk)
    file.refresh_from_db()
    assert (blocks, file.indexed_to) == ([2, 2], 3)
    assert file.written_to > file.indexed_to
    assert found(":云杉") == {"account": 2, "contact": 2}
    write_import(file.pk)
    assert found(":云杉") == {"account": 7, "contact": 7}
    assert unscoped(Account, reason=REASON).count() == 7


def test_a_name_that_somebody_changed_meanwhile_is_the_one_that_is_found(
    file: Import, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = indexing.Follower.follow
    renamed: list[Account] = []

    def renaming(self: indexing.Follower, saved: object, *, to_row: int) -> None:
        if not renamed:
            account = unscoped(Account, reason=REASON).get(name=NAMES[0])
            renamed.append(edit_account(account.pk, {"name": "白榆有限公司"}, actor=cast.dora))
        follow(self, saved, to_row=to_row)  # type: ignore[arg-type]  # what was saved

    monkeypatch.setattr(indexing.Follower, "follow", renaming)
    write_import(file.pk)
    assert found(":白榆") == {"account": 1, "contact": 1}
    assert found(":云杉") == {"account": 6, "contact": 6}
