"""Imports, merges and their undo, killed before each of their writes, end as those that nobody disturbed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account, Contact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.files.storage import NewFile
from guanxi.platform.jobs.models import JobRun
from guanxi.platform.objects.merging import Pair, merge_records, undo_merge
from guanxi.platform.objects.models import Merge
from guanxi.platform.transfer import commands, jobs
from guanxi.platform.transfer.commands import begin_import, begin_undo, take_file_in
from guanxi.platform.transfer.models import Import, ImportState
from tests.cast import new_cast
from tests.killing import Work, require_same_end
from tests.registry.conftest import REASON
from tests.registry.test_merging import KEPT, MERGED, customer

NAMES = [f"公司{number}" for number in range(5)]
SHEET = "\n".join(
    ("客户名称,联系人,手机,所在城市", *(f"{name},张三,1380134602{n},苏州" for n, name in enumerate(NAMES)))
)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    """Files in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path


def file_of_customers() -> Import:
    """A sheet of five customers, one of whom is there already, that Dora begins to import."""
    cast, content = new_cast(), f"{SHEET}\n".encode()
    customer(NAMES[2], "王五", "13801346099", actor=cast.alice)
    file = take_file_in("account", NewFile("customers.csv", len(content), [content]), actor=cast.dora)
    begin_import(file, title="Import", actor=cast.dora, is_tried=False)
    return file


def import_rows() -> None:
    """The job of the import, in blocks of two rows."""
    file, commands.BLOCK = Import.objects.get(), 2
    assert file.run_id is not None
    work = jobs.write_rows if JobRun.objects.get(pk=file.run_id).title == "Import" else jobs.take_rows_back
    work(file.run_id, file.pk)


def go_on_importing() -> None:
    """The schedule that looks for imports that stand still, which does not wait here; then the job, begun again."""
    jobs.STALE, commands.BLOCK = timedelta(0), 2
    jobs.go_on(0)
    import_rows()


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_before_each_write_ends_as_one_that_was_not(tmp_path: Path) -> None:
    require_same_end(file_of_customers, import_rows, go_on_importing, folder=tmp_path, step=2)
    assert Import.objects.get().counts == {"created": 4, "updated": 1}
    assert AuditEntry.objects.get(action="import").record_count == 5


def imported() -> None:
    """The file, written; somebody has changed one of the new customers since, and Dora begins to take it back."""
    file = file_of_customers()
    commands.write_import(file.pk)
    changed = unscoped(Account, reason=REASON).get(name=NAMES[4])
    edit_account(changed.pk, {"city": "南京"}, actor=system_actor("Tests"))
    cast_id = file.user_id
    assert cast_id is not None
    begin_undo(Import.objects.get(), title="Undo", actor=actor_by_user_id(cast_id))


@pytest.mark.django_db(transaction=True)
def test_taking_an_import_back_killed_before_each_write_ends_as_one_that_was_not(tmp_path: Path) -> None:
    require_same_end(imported, import_rows, go_on_importing, folder=tmp_path, step=2)
    assert (Import.objects.get().state, Import.objects.get().kept) == (ImportState.UNDONE, 1)
    assert set(unscoped(Account, reason=REASON).filter(trashed_at=None).values_list("name", flat=True)) == {
        NAMES[2],
        NAMES[4],
    }


def two_customers() -> None:
    """Two customers with contacts, numbers and a purchase each."""
    cast = new_cast()
    customer(KEPT, "王五", "13801346021", actor=cast.alice)
    customer(MERGED, "李四", "13801346022", actor=cast.dora)


def merge() -> None:
    """Merge the second customer into the first, as a person does again who got no answer."""
    kept_id, merged_id = unscoped(Account, reason=REASON).order_by("pk").values_list("pk", flat=True)
    if not Merge.objects.exists():
        merge_records("account", Pair(kept_id, merged_id), taken=("city",), actor=system_actor("Tests"))


def separate() -> None:
    """Take the merge back, as a person does again who got no answer."""
    found = Merge.objects.get()
    if found.undone_at is None:
        undo_merge(found.pk, actor=system_actor("Tests"))


def two_merged() -> None:
    """Two customers that were merged."""
    two_customers()
    merge()


@pytest.mark.parametrize(("begin", "work"), [(two_customers, merge), (two_merged, separate)])
@pytest.mark.django_db(transaction=True)
def test_a_merge_and_its_undo_happen_whole_or_not_at_all(begin: Work, work: Work, tmp_path: Path) -> None:
    require_same_end(begin, work, work, folder=tmp_path, step=2)
    assert unscoped(Contact, reason=REASON).count() == 2
