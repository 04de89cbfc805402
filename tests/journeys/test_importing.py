"""A file of customers: handed in, tried, written, taken back, with a real worker behind the pages."""

import subprocess
from collections.abc import Callable

from playwright.sync_api import expect

from guanxi.customers.models import Account
from guanxi.platform.access.grant import grant
from guanxi.platform.transfer.models import Import
from tests.cast import Cast
from tests.journeys.conftest import Visit

LIKE = "岚川精密仪器（苏州）有限公司"
SHEET = "客户名称,城市,联系人,手机\n岚川精密仪器公司,苏州,王小明,13912340001\n白榆印务有限公司,杭州,,\n,杭州,,\n"
FILE = {"name": "fair.csv", "mimeType": "text/csv", "buffer": SHEET.encode("gb18030")}


def names(cast: Cast) -> set[str]:
    """The customers that Dora sees."""
    rows = grant(cast.dora, Account).queryset().filter(trashed_at__isnull=True)
    return set(rows.values_list("name", flat=True))


def test_a_file_is_tried_written_and_taken_back(
    visit: Visit, cast: Cast, new_account: Callable[..., Account], worker: subprocess.Popen[bytes]
) -> None:
    new_account(LIKE, city="苏州")
    page = visit("/import/", who="dora")
    page.get_by_label("File").set_input_files(FILE)  # type: ignore[arg-type]  # a file that is only in memory
    page.get_by_role("button", name="Look into it").click()
    expect(page.get_by_role("button", name="Import 2 rows")).to_be_enabled(timeout=60_000)
    assert names(cast) == {LIKE}
    expect(page.get_by_text("Name: is missing")).to_be_visible()
    page.get_by_role("link", name="1", exact=True).last.click()
    expect(page.get_by_role("heading", name="Likely duplicates")).to_be_visible()
    expect(page.get_by_role("link", name=LIKE)).to_be_visible()
    page.get_by_role("link", name="Show the first rows").click()
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_role("button", name="Take the import back")).to_be_visible(timeout=60_000)
    assert names(cast) == {LIKE, "岚川精密仪器公司", "白榆印务有限公司"}
    page.get_by_role("button", name="Take the import back").click()
    expect(page.get_by_text("This import was taken back.")).to_be_visible(timeout=60_000)
    assert (names(cast), Import.objects.get().kept) == ({LIKE}, 0)
