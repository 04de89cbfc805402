"""How fast 100,000 rows become customers, with validation, search for known ones, history and audit; and the undo.

The rows have a customer each with tax id, city, address, owner, first day, and a contact with job title and mobile:
two records and their link. A second file has the customers alone, one record a row, as the peers were measured. Both
are written into a company that has 100,000 customers already, by the command line's own way, in this process.
"""

import csv
import resource
import tempfile
import time
from pathlib import Path

from bench.crowd import connect
from bench.record import record
from guanxi.kernel.actor import Surface
from guanxi.platform.accounts.queries import active_people, system_actor
from guanxi.platform.files.storage import NewFile
from guanxi.platform.transfer.commands import take_file_in, undo_import, write_import
from guanxi.platform.transfer.models import Import, Outcome

ROWS = 100_000
LEAST = 4_000
MOST_MEMORY = 1_000
HEAD = ("单位全称", "统一社会信用代码", "所在城市", "详细地址", "客户经理", "首次合作", "联系人姓名", "职务", "手机")
CUSTOMER_COLUMNS = 6
PLACES = ("苏州", "杭州", "南京", "宁波", "常州", "无锡", "上海", "嘉兴")
FIRST, SECOND = "云岚松竹清远恒嘉瑞博锦华东方泰和", "杉川泽屿湖山石林峰原海波光晨星"
KINDS = ("精密仪器", "医疗器械", "生物科技", "物流", "包装", "户外用品", "食品", "印务")


def main() -> None:
    """Import each file, then take it back."""
    connect()
    owners = [person.name for person in active_people()][:40]
    for name, width in (("customers", len(HEAD)), ("customers_alone", CUSTOMER_COLUMNS)):
        taken = taken_file(owners, width)
        import_it(taken.pk, name)
        undo_it(taken.pk, name)


def taken_file(owners: list[str], width: int) -> Import:
    """A file of so many columns, taken in by who works on the command line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        write_file(path, owners=owners, mark=time.time_ns() % 10**9, width=width)
        actor = system_actor("Command line", surface=Surface.COMMAND_LINE)
        with path.open("rb") as source:
            file = NewFile(path.name, path.stat().st_size, iter(lambda: source.read(1_000_000), b""))
            return take_file_in("account", file, actor=actor)


def import_it(import_id: int, name: str) -> None:
    """Write the rows."""
    started = time.perf_counter()
    done = write_import(import_id)
    seconds = time.perf_counter() - started
    if done.counts.get(Outcome.CREATED) != ROWS:
        raise SystemExit(f"The import says {done.counts}.")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    limits = {"memory_mb": memory, "memory_limit": MOST_MEMORY}
    record(f"{name}_import", "rows/s", rows=ROWS, value=ROWS / seconds, what="limit, rows/s", reference=LEAST, **limits)


def undo_it(import_id: int, name: str) -> None:
    """Take the rows back."""
    started = time.perf_counter()
    undone = undo_import(import_id)
    seconds = time.perf_counter() - started
    if undone.kept:
        raise SystemExit(f"The undo left {undone.kept} rows.")
    record(f"{name}_undo", "rows/s", rows=ROWS, value=ROWS / seconds, what="limit, rows/s", reference=LEAST)


def write_file(path: Path, *, owners: list[str], mark: int, width: int) -> None:
    """Write the first columns of the rows; names and numbers are new in each run by `mark`."""
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        lines = csv.writer(target)
        lines.writerow(HEAD[:width])
        for number in range(ROWS):
            place = PLACES[number % len(PLACES)]
            word = FIRST[number % len(FIRST)] + SECOND[number // 16 % len(SECOND)]
            name = f"{place}{word}{KINDS[number % len(KINDS)]}{mark}{number}有限公司"
            tax_id = f"91{mark:09d}{number:07d}"
            person = "顾沈许唐冯陆苏林"[number % 8] + word
            mobile = f"138{(mark + number) % 10**8:08d}"
            row = (name, tax_id, place, f"{word}路 {number} 号", owners[number % len(owners)], "2021-03-15")
            lines.writerow((*row, person, "采购经理", mobile)[:width])


if __name__ == "__main__":
    main()
