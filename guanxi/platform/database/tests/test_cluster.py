"""The embedded server: who may sign in, and that no killed process costs a committed row."""

import multiprocessing
import os
import signal
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from guanxi.kernel.errors import ConfigurationError, Conflict, ExternalFailure, GuanxiError
from guanxi.platform.database import cluster as cluster_module
from guanxi.platform.database.account import choose_account
from guanxi.platform.database.binaries import binaries_for
from guanxi.platform.database.cluster import server_process
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import (
    ServerOptions,
    keep_alive,
    running_server,
    server_state,
    start_server_to_stay,
    stop_server,
)
from guanxi.platform.database.locks import is_free, read_holder
from tests.waiting import wait_until

DURABLE = ServerOptions(memory_mb=512)
THROWAWAY = ServerOptions(memory_mb=512, is_durable=False)


@pytest.fixture
def layout(data_folder: Path) -> Iterator[Layout]:
    layout = Layout(data_folder)
    yield layout
    stop_server(layout)


def connect(layout: Layout, user: str = "guanxi") -> psycopg.Connection:
    return psycopg.connect(host=str(layout.socket_folder), user=user, dbname="guanxi", autocommit=True)


def answers(layout: Layout) -> bool:
    try:
        with connect(layout) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def is_cut(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def show(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


def number_of_rows(layout: Layout) -> int:
    with connect(layout) as connection:
        row = connection.execute("SELECT count(*) FROM deed").fetchone()
    assert row is not None
    return int(row[0])


def record_deeds(layout: Layout, count: int = 1000) -> None:
    with connect(layout) as connection:
        connection.execute("CREATE TABLE deed AS SELECT generate_series(1, %s) AS id", (count,))


def keeper_id(layout: Layout) -> int:
    keeper = read_holder(layout.keeper_lock)
    assert keeper is not None
    return keeper


def server_id(layout: Layout) -> int:
    process = server_process(layout)
    assert process is not None
    return int(process.pid)


@contextmanager
def user_process(layout: Layout) -> Iterator[int]:
    """Run a process that uses the server until it is killed; yield its number."""
    context = multiprocessing.get_context("spawn")
    is_using = context.Event()
    process = context.Process(target=use_forever, args=(layout, is_using))
    process.start()
    assert is_using.wait(60)
    assert process.pid is not None
    try:
        yield process.pid
    finally:
        process.kill()
        process.join()


def use_forever(layout: Layout, is_using: "multiprocessing.synchronize.Event") -> None:
    with running_server(layout, options=THROWAWAY):
        is_using.set()
        signal.pause()


def test_server_is_private_and_durable(layout: Layout) -> None:
    with running_server(layout, options=DURABLE), connect(layout) as connection:
        durable = [show(connection, name) for name in ("fsync", "full_page_writes", "data_checksums")]
        assert durable == ["on", "on", "on"]
        assert show(connection, "synchronous_commit") == "on"
        assert show(connection, "listen_addresses") == ""
        assert show(connection, "server_encoding") == "UTF8"
        rules = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        assert rules == (False,)
        assert stat.S_IMODE(layout.socket_folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(layout.database_folder.stat().st_mode) == 0o700
        rules_file = (layout.cluster_folder / "pg_hba.conf").read_text()
        assert rules_file == "local all postgres,guanxi peer map=guanxi\n"


def test_unknown_roles_are_refused(layout: Layout) -> None:
    with (
        running_server(layout, options=THROWAWAY),
        pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"),
    ):
        connect(layout, user="nobody")


def test_order_of_text_is_that_of_code_points(layout: Layout) -> None:
    with running_server(layout, options=THROWAWAY), connect(layout) as connection:
        rows = connection.execute("SELECT v FROM unnest(ARRAY['b', 'é', 'B', '中', 'a']) v ORDER BY v").fetchall()
    assert [row[0] for row in rows] == ["B", "a", "b", "é", "中"]


def test_last_user_stops_the_server(layout: Layout) -> None:
    with running_server(layout, options=THROWAWAY):
        first = server_id(layout)
        with running_server(layout, options=THROWAWAY):
            assert server_id(layout) == first
        assert answers(layout)
    assert server_process(layout) is None
    assert not server_state(layout).is_running


def test_users_that_start_at_once_share_one_server(layout: Layout) -> None:
    def use(_number: int) -> int:
        with running_server(layout, options=THROWAWAY):
            assert answers(layout)
            return server_id(layout)

    with running_server(layout, options=THROWAWAY), ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(use, range(8)))) == 1
    stop_server(layout)
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(use, range(4)))) == 4


def test_killed_user_leaves_no_server_behind(layout: Layout) -> None:
    with user_process(layout) as user:
        assert answers(layout)
        os.kill(user, signal.SIGKILL)
        wait_until(lambda: server_process(layout) is None)


def test_killed_backend_loses_nothing(layout: Layout) -> None:
    with running_server(layout, options=DURABLE):
        record_deeds(layout)
        with connect(layout) as bystander, connect(layout) as killed:
            os.kill(killed.info.backend_pid, signal.SIGKILL)
            wait_until(lambda: is_cut(bystander))  # the server has noticed, and cuts everybody off to recover
            wait_until(lambda: answers(layout))
        assert number_of_rows(layout) == 1000


def test_killed_server_is_started_again(layout: Layout) -> None:
    with running_server(layout, options=DURABLE):
        record_deeds(layout)
        former = server_id(layout)
        os.kill(former, signal.SIGKILL)
        wait_until(lambda: answers(layout) and server_id(layout) != former)
        assert number_of_rows(layout) == 1000


def test_killed_keeper_is_replaced_for_a_living_user(layout: Layout) -> None:
    with running_server(layout, options=DURABLE):
        record_deeds(layout)
        former = keeper_id(layout)
        os.kill(former, signal.SIGKILL)
        wait_until(lambda: is_free(layout.keeper_lock))
        keep_alive(layout, options=DURABLE)
        assert number_of_rows(layout) == 1000
        assert keeper_id(layout) != former


def test_start_after_everything_was_killed_recovers(layout: Layout) -> None:
    start_server_to_stay(layout, options=DURABLE)
    record_deeds(layout)
    os.kill(keeper_id(layout), signal.SIGSTOP)
    os.kill(server_id(layout), signal.SIGKILL)
    os.kill(keeper_id(layout), signal.SIGKILL)
    wait_until(lambda: is_free(layout.keeper_lock))
    with running_server(layout, options=DURABLE):
        assert number_of_rows(layout) == 1000


def test_orphaned_server_is_stopped_before_the_next_starts(layout: Layout) -> None:
    start_server_to_stay(layout, options=DURABLE)
    former = server_id(layout)
    os.kill(keeper_id(layout), signal.SIGKILL)
    wait_until(lambda: is_free(layout.keeper_lock))
    with running_server(layout, options=DURABLE):
        assert server_id(layout) != former
        assert answers(layout)


def test_number_of_another_process_in_the_process_file_does_no_harm(layout: Layout) -> None:
    with running_server(layout, options=THROWAWAY):
        pass
    lines = (str(os.getpid()), str(layout.cluster_folder), "1", "5432", "", "", "", "ready")
    (layout.cluster_folder / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert not server_state(layout).is_running
    with running_server(layout, options=THROWAWAY):
        assert answers(layout)


def test_server_stays_until_it_is_stopped(layout: Layout) -> None:
    start_server_to_stay(layout, options=THROWAWAY)
    with running_server(layout, options=THROWAWAY):
        assert server_state(layout).is_used
        with pytest.raises(Conflict, match="in use by other Guanxi commands"):
            stop_server(layout)
    assert server_state(layout).is_running
    assert stop_server(layout)
    assert not stop_server(layout)
    assert server_process(layout) is None


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_of_another_version_are_refused_untouched(layout: Layout) -> None:
    with running_server(layout, options=THROWAWAY):
        pass
    (layout.cluster_folder / "PG_VERSION").write_text("16\n")
    before = files_of(layout.cluster_folder)
    with (
        pytest.raises(GuanxiError, match="made by PostgreSQL 16, and this Guanxi brings PostgreSQL 18") as error,
        running_server(layout, options=THROWAWAY),
    ):
        pass
    assert error.value.code == "database.version"
    assert files_of(layout.cluster_folder) == before


def test_folder_with_other_things_is_refused(layout: Layout) -> None:
    account = choose_account(layout.cluster_folder)
    for folder in (layout.database_folder, layout.cluster_folder):
        folder.mkdir(mode=0o700)
        account.own(folder)
    (layout.cluster_folder / "letter.txt").write_text("Dear reader")
    with pytest.raises(GuanxiError, match="nothing it knows") as error, running_server(layout):
        pass
    assert error.value.code == "database.version"
    assert (layout.cluster_folder / "letter.txt").read_text() == "Dear reader"


def test_link_to_a_missing_folder_is_refused(layout: Layout) -> None:
    layout.database_folder.symlink_to(layout.data_folder / "elsewhere")
    with pytest.raises(GuanxiError, match="which is missing") as error, running_server(layout):
        pass
    assert error.value.code == "database.link"
    layout.database_folder.unlink()


def test_full_disk_is_a_clear_sentence(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "LEAST_FREE_DISK_BYTES", 2**62)
    with pytest.raises(ExternalFailure, match=r"is full: .* MB are free") as error:
        cluster_module.open_cluster(layout)
    assert error.value.code == "database.disk_full"
    assert not layout.cluster_folder.exists()


def test_full_disk_in_the_messages_is_named(layout: Layout) -> None:
    layout.make_folders()
    layout.database_folder.mkdir(mode=0o700)
    account = choose_account(layout.cluster_folder)
    cluster = cluster_module.Cluster(layout, account, binaries_for(account))
    messages = ['PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device']
    assert cluster_module.failure_of(cluster, messages=messages).code == "database.disk_full"
    other = cluster_module.failure_of(cluster, messages=["LOG:  hello", "FATAL:  could not map memory."])
    assert "could not map memory. Its messages" in str(other)


def test_long_paths_get_a_short_private_socket_folder(data_folder: Path) -> None:
    deep = data_folder / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    layout = Layout(deep)
    assert len(str(layout.socket_folder)) < 60
    with running_server(layout, options=THROWAWAY):
        assert answers(layout)
        assert stat.S_IMODE(layout.socket_folder.stat().st_mode) == 0o700
    layout.socket_folder.chmod(0o777)
    with pytest.raises(GuanxiError, match="closed to all others"), running_server(layout, options=THROWAWAY):
        pass
    layout.socket_folder.rmdir()


def test_data_folder_of_somebody_else_is_refused(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_server(layout, options=THROWAWAY):
        pass
    owner = layout.cluster_folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(ConfigurationError, match="start Guanxi as that user") as error:
        choose_account(layout.cluster_folder)
    assert error.value.code == "database.account_owner"
