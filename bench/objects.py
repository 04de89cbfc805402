"""Whole-request times of the object kernel at 1,000,000 accounts and 200,000 contracts; and changes of many.

Each address is asked 60 times over one kept connection by somebody who sees everything. Creating, saving and moving are
posts with what they bring back. The change of 50,000 records and its undo run as the job runs them.
"""

import json
import re
import statistics
import time
import urllib.parse
from collections.abc import Callable

from bench.crowd import ACCOUNTS, BATCH, CONTRACT, CONTRACTS, connect, gather
from bench.pages import TIMES, Client, floor_times, free_port, start, stopped, times_of
from bench.record import record
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.objects.bulk import change_many, undo_change, write_change, write_undo
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.registry import object_spec

WHO = "admin"
MANY = 50_000
LIST = f"/objects/{CONTRACT}/"
LIMITS = {
    "objects_list_first": (18, 30),
    "objects_list_500": (25, 40),
    "objects_filter_custom": (30, 50),
    "objects_group": (100, 160),
    "objects_search_zh": (25, 40),
    "objects_palette": (25, 40),
    "objects_board_20k": (50, 80),
    "objects_create": (40, 60),
    "objects_save": (30, 45),
    "objects_stage_drag": (45, 70),
}
SECONDS = {"objects_bulk_50k": 15.0, "objects_bulk_undo": 15.0}


def where(*condition: str) -> str:
    """A condition as an address has it."""
    return urllib.parse.quote(json.dumps(condition))


def pages() -> dict[str, tuple[str, int]]:
    """The measured pages, each with the records of its object."""
    words = urllib.parse.quote("精密")
    return {
        "objects_list_first": ("/accounts/", ACCOUNTS),
        "objects_list_500": ("/accounts/?page=500", ACCOUNTS),
        "objects_filter_custom": (f"/accounts/?where={where('x_segment', 'is', 's7')}", ACCOUNTS),
        "objects_group": (f"{LIST}?group=x_stage", CONTRACTS),
        "objects_search_zh": (f"/accounts/?q={words}", ACCOUNTS),
        "objects_palette": (f"/palette/?q={words}", ACCOUNTS),
        "objects_board_20k": (f"{LIST}board/?where={where('x_batch', 'is', 'b3')}", BATCH),
    }


def timed(work: Callable[[int], None]) -> list[float]:
    """Milliseconds of each run, sorted; two runs before are not counted."""
    for number in range(2):
        work(number)
    found = []
    for number in range(2, TIMES + 2):
        started = time.perf_counter()
        work(number)
        found.append((time.perf_counter() - started) * 1000)
    return sorted(found)


def note(name: str, found: list[float], *, rows: int, floor: float) -> None:
    """Record the median and the 95th percentile beside their limits."""
    p50, p95 = LIMITS[name]
    values = {"p50": statistics.median(found), "p95": found[int(len(found) * 0.95) - 1], "p95_limit": p95}
    record(name, "ms", rows=rows, what="limit of p50, ms", reference=p50, floor=floor, **values)


def form_of(page: str) -> dict[str, str]:
    """What the fields of a form hold, but for its ticks."""
    body = page.partition('id="record-form"')[2].partition("</form>")[0]
    found = dict(re.findall(r'<input [^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', body))
    found |= {name: "" for name in re.findall(r'<(?:input|textarea) [^>]*?name="([^"]+)"', body) if name not in found}
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        found[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    return found


def writes(client: Client, floor: float) -> None:
    """Creating, saving, moving a card."""
    with connect() as connection:
        sql = "SELECT r.id FROM customfields_customrecord r WHERE custom ->> 't_x_batch' = 'b3' ORDER BY id LIMIT 100"
        ids = [row[0] for row in connection.execute(sql).fetchall()]
    new = form_of(client.get(f"{LIST}new/")) | {"x_stage": "draft", "x_amount": "1000"}

    def create(number: int) -> None:
        client.post(f"{LIST}new/", new | {"name": f"New {number}"})

    def save(number: int) -> None:
        client.post(f"{LIST}{ids[number]}/edit/", forms[number] | {"name": f"Saved {number}"})

    def move(number: int) -> None:
        address = f"{LIST}{ids[number]}/move/?where={where('x_batch', 'is', 'b3')}"
        client.post(address, {"lane": "talks" if number % 2 else "offer"}, is_fragment=True)

    forms = [form_of(client.get(f"{LIST}{record_id}/edit/")) for record_id in ids[: TIMES + 2]]
    note("objects_create", timed(create), rows=CONTRACTS, floor=floor)
    note("objects_save", timed(save), rows=CONTRACTS, floor=floor)
    note("objects_stage_drag", timed(move), rows=BATCH, floor=floor)


def many() -> None:
    """A change of 50,000 records and its undo, as the background does them."""
    actor = actor_by_user_id(User.objects.get(email__startswith=f"{WHO}@").pk)
    model = object_spec("account").model
    ids = list(grant(actor, model, Action.EDIT).queryset().order_by("pk").values_list("pk", flat=True)[:MANY])
    values = {"city": f"Bench {time.time():.0f}"}
    started = change_many("account", ids, action=BulkAction.EDIT, values=values, title="bench", actor=actor)
    _timed_seconds("objects_bulk_50k", lambda: write_change(started.id))
    undo_change(started.id, title="bench", actor=actor)
    _timed_seconds("objects_bulk_undo", lambda: write_undo(started.id))


def _timed_seconds(name: str, work: Callable[[], int]) -> None:
    began = time.perf_counter()
    changed = work()
    seconds = time.perf_counter() - began
    if changed != MANY:
        raise RuntimeError(f"{name}: {changed} of {MANY} records changed")
    record(name, "s", rows=MANY, what="limit, s", reference=SECONDS[name], value=seconds)


def main() -> None:
    """Bring the crowd together, start, measure, stop."""
    gather()
    many()
    port = free_port()
    process, _ = start(port)
    try:
        floor = statistics.median(floor_times())
        client = Client(port, WHO)
        for name, (path, rows) in pages().items():
            note(name, times_of(client, path, times=TIMES), rows=rows, floor=floor)
        writes(client, floor)
    finally:
        stopped(process)


if __name__ == "__main__":
    main()
