"""Work that runs in a process of its own and is killed with SIGKILL: how all tests of crashes do it.

A test that wants a worker killed at *every* moment gives the work and what goes on with it to `killed_at_each_write`.
Triggers on every table let the process stop before its n-th statement that writes, at a lock which the test holds; so
it provably waits there when it is killed. Then what the house does to go on is started, and killed one write later; and
so on, until it lives to its end. Moments within a transaction, between two of them and before the first all come by. A
test that wants to kill in a way of its own starts the process by `started`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from pprint import pformat
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, models

from guanxi.platform.access.policy import use_policy
from guanxi.platform.encryption.fields import EncryptedTextField
from guanxi.platform.events.commands import DELIVER
from guanxi.platform.events.models import OutboxEvent
from tests.waiting import wait_until

Work = Callable[..., object]
LOCK = 7_041_776
FOLDERS = ("DATA_FOLDER", "LAKE_FOLDER", "MEDIA_ROOT")
PLACE = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
UNLIKE = (models.DateTimeField, models.UUIDField, models.JSONField, ArrayField, models.BinaryField, EncryptedTextField)
"""Columns whose values differ from run to run."""

FEWEST = 4
KEPT = ("auth", "contenttypes", "sessions")
"""Django's own applications, which no work writes to."""

PASSING = ("password", "digest", "recorded_transaction", "next_transaction", "done", "total")
"""Columns of salted words, of sums over instants, of numbers of transactions, and of how far the last run came."""

_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.killing_ready"])
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_ALL_TABLES = "relname <> 'killing_stop'"
_TRIGGERS = """
CREATE SEQUENCE killing_writes;
CREATE TABLE killing_stop (at bigint NOT NULL);
INSERT INTO killing_stop VALUES (0);
CREATE FUNCTION killing_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 AND nextval('killing_writes') = (SELECT at FROM killing_stop) THEN
        PERFORM pg_advisory_xact_lock(7041776);
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE place regclass;
BEGIN
    FOR place IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> 'killing_stop'
    LOOP
        EXECUTE format('CREATE TRIGGER a_killing_pause BEFORE INSERT OR UPDATE OR DELETE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION killing_pause()', place);
    END LOOP;
END $$;
"""
_NO_TRIGGERS = "DROP FUNCTION killing_pause() CASCADE; DROP TABLE killing_stop; DROP SEQUENCE killing_writes"


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """Which database and which folders another process works on: those of the test."""

    database: Mapping[str, object]
    folders: Mapping[str, object]


def started(work: Work, *arguments: object) -> BaseProcess:
    """Start a function of a module in a process of its own, on the test's database and in its folders."""
    around = _Surroundings(
        {name: connection.settings_dict[name] for name in PLACE}, {name: getattr(settings, name) for name in FOLDERS}
    )
    process = _PROCESSES.Process(target=_work, args=(around, work, arguments))
    process.start()
    return process


def _work(around: _Surroundings, work: Work, arguments: tuple[object, ...]) -> None:
    connection.settings_dict.update(around.database)
    for name, folder in around.folders.items():
        setattr(settings, name, folder)
    work(*arguments)


def kill(process: BaseProcess) -> None:
    """Kill a process as a power cut would, and wait until the server knows that it is gone."""
    process.kill()
    process.join()
    wait_until(is_alone)


def is_alone() -> bool:
    """Whether nobody else is at work on the test's database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND (state <> 'idle' OR wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone() == (0,))


def done(work: Work, *arguments: object) -> None:
    """Let work be done in a process of its own that nobody disturbs."""
    process = started(work, *arguments)
    process.join()
    assert process.exitcode == 0


def killed_at_each_write(work: Work, goes_on: Work, *, step: int = 1) -> int:
    """Kill the work before a write, and what goes on with it `step` writes later each time, until that ends.

    Both are functions of a module without arguments. Returns how often something was killed.
    """
    kills = 0
    with _stopping() as stop:
        while _is_killed(goes_on if kills else work, at=1 + kills * step, stop=stop):
            kills += 1
        stop(0)
        done(goes_on)
    return kills


def require_same_end(world: Work, work: Work, goes_on: Work, *, folder: Path, step: int = 1) -> int:
    """Let work that is killed before each write come to the same end as work that nobody disturbs.

    `world` makes what both begin with, in a database and a folder of the test's own that are empty but for it; they
    stay as the killed work left them. Returns how often it was killed.
    """
    _begin_anew(folder)
    world()
    done(work)
    expected = picture()
    _begin_anew(folder)
    world()
    kills = killed_at_each_write(work, goes_on, step=step)
    found = differences(picture(), expected)
    assert not found, f"After {kills} kills: {pformat(found, width=160)}"
    assert kills >= FEWEST
    return kills


def killed_before_writing_to(table: str, work: Work) -> None:
    """Kill work before its first write to a table."""
    with _stopping(f"relname = '{table}'") as stop:
        assert _is_killed(work, at=1, stop=stop)


def _is_killed(work: Work, *, at: int, stop: Callable[[int], None]) -> bool:
    """Start work and kill it where it stops; False when it came to its end without a stop."""
    stop(at)
    process = started(work)
    wait_until(lambda: not process.is_alive() or _is_waiting(), seconds=120)
    if not process.is_alive():
        assert process.exitcode == 0
        return False
    process.kill()
    process.join()
    _say("SELECT pg_advisory_unlock(%s)", LOCK)
    wait_until(is_alone)
    _say("SELECT pg_advisory_lock(%s)", LOCK)
    return True


@contextmanager
def _stopping(tables: str = _ALL_TABLES) -> Iterator[Callable[[int], None]]:
    """Put the triggers up; yields what says before which write to stop, 0 for none."""
    _say(_TRIGGERS.replace(_ALL_TABLES, tables))
    _say("SELECT pg_advisory_lock(%s)", LOCK)

    def stop(at: int) -> None:
        _say("SELECT setval('killing_writes', 1, false)")
        _say("UPDATE killing_stop SET at = %s", at)

    try:
        yield stop
    finally:
        _say("SELECT pg_advisory_unlock(%s)", LOCK)
        _say(_NO_TRIGGERS)


def somebody_waits() -> bool:
    """Whether a statement waits for a lock that somebody else holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone() != (0,))


def _is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", [LOCK]
        )
        return bool(cursor.fetchone() == (1,))


def _say(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def _begin_anew(folder: Path) -> None:
    """Empty the database, whose keys count from one again, the test's folder, and what this process knows."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    call_command("flush", interactive=False, verbosity=0, reset_sequences=True, inhibit_post_migrate=True)
    _say("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers RESTART IDENTITY CASCADE")
    caches["process"].clear()
    use_policy(None)


def picture(*, without: tuple[type[models.Model], ...] = ()) -> dict[str, Counter[tuple[object, ...]]]:
    """What every table holds, but for keys and instants, and which jobs wait; to be compared with another picture."""
    found: dict[str, Counter[tuple[object, ...]]] = {"told": _told()}
    for model in apps.get_models(include_auto_created=True):
        if (
            model._meta.managed
            and not model._meta.proxy
            and model._meta.app_label not in KEPT
            and model not in (OutboxEvent, *without)
        ):
            rows = model._base_manager.values_list(*_compared(model), "pk")
            found[model._meta.label] = Counter(tuple(map(_plain, row[:-1])) for row in rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, count(*) FROM procrastinate_jobs WHERE task_name <> %s GROUP BY 1", [DELIVER])
        found["jobs"] = Counter({(name,): count for name, count in cursor.fetchall()})
    return {label: rows for label, rows in found.items() if rows}


def _told() -> Counter[tuple[object, ...]]:
    """What the house was told: how often each event told of each record, in however large blocks it did."""
    found: Counter[tuple[object, ...]] = Counter()
    for name, payload in OutboxEvent.objects.values_list("name", "payload"):
        lists = [value for value in payload.values() if isinstance(value, list)]
        ids = [item for value in lists for item in value if isinstance(item, int)]
        found.update((name, item) for item in ids or [0])
    return found


def _compared(model: type[models.Model]) -> list[str]:
    return [
        column.name
        for column in model._meta.concrete_fields
        if not (column.primary_key or column.is_relation or isinstance(column, UNLIKE))
        if column.name not in PASSING and not column.name.endswith("_id") and not column.name.startswith("pgh_")
    ]


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return None
    return _UUID.sub("…", value) if isinstance(value, str) else value


def differences(left: Mapping[str, Counter[Any]], right: Mapping[str, Counter[Any]]) -> dict[str, object]:
    """Where two pictures differ: by table, what one has more and what the other has more. {} when they are alike."""
    return {
        label: (
            dict(left.get(label, Counter()) - right.get(label, Counter())),
            dict(right.get(label, Counter()) - left.get(label, Counter())),
        )
        for label in sorted({*left, *right})
        if left.get(label) != right.get(label)
    }
