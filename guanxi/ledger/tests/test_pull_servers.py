"""Pulling from servers that are started for real, and from one that changes meanwhile."""

import random
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection
from sqlalchemy import create_engine, text

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import ExternalFailure, GuanxiError, RuleViolation
from guanxi.ledger.adapters.addresses import PRIVATE_ADDRESSES
from guanxi.ledger.adapters.web_services import WebSource
from guanxi.ledger.choices import ConnectionKind, Paging, PullTarget
from guanxi.ledger.commands.connections import create_connection, create_pull, edit_pull, try_connection
from guanxi.ledger.commands.pulling import PullOrder, run_pull
from guanxi.ledger.models import Connection, Pull, PullRun
from guanxi.ledger.tests.house import (
    Office,
    accounts,
    decimals,
    open_office,
    products,
    relations,
    standing_lines,
)
from guanxi.ledger.tests.servers import PASSWORD, WebOffice, mariadb_engine, mariadb_server, web_service
from guanxi.platform.database.layout import DATABASE_NAME, ROLE_NAME, Layout
from guanxi.platform.database.lease import ServerOptions, running_server
from guanxi.platform.preferences.registry import set_preference

CUSTOMERS = 1_000
THERE = "SELECT c.name, order_no, qty, total FROM order_lines o JOIN customers c ON c.id = customer_id"


@pytest.fixture(scope="session")
def mariadb_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a MariaDB server that lives as long as the tests."""
    with mariadb_server(tmp_path_factory.mktemp("m")) as port:
        yield port


@pytest.fixture
def mariadb(mariadb_port: int, system: Actor) -> Office:
    """A back office in MariaDB, with customers, products and lines."""
    engine = mariadb_engine(mariadb_port)
    with engine.begin() as opened:
        for table in ("customers", "items", "order_lines"):
            opened.execute(text(f"DROP TABLE IF EXISTS {table}"))
    values = {"port": mariadb_port, "database": "erp", "user_name": "erp", "secret": PASSWORD}
    there = {"kind": ConnectionKind.MYSQL.value, "address": "127.0.0.1", **values}
    return filled(open_office(engine, system, values=there))


@pytest.fixture
def web(db: None) -> Iterator[WebOffice]:
    """A web service with 25 customers."""
    relations()
    with web_service() as office:
        office.rows["/v1/customers"] = [
            {"id": number, "name": f"客户 {number}", "address": {"city": "杭州"}, "updated_at": f"2026-03-{number:02}"}
            for number in range(1, 26)
        ]
        yield office


def filled(office: Office) -> Office:
    """The back office with many rows."""
    with office.engine.begin() as opened:
        opened.execute(
            text("INSERT INTO customers VALUES (:id, :name, '苏州', '', '2026-03-01 10:00:00')"),
            [{"id": number, "name": f"客户 {number}"} for number in range(1, CUSTOMERS + 1)],
        )
        opened.execute(text("INSERT INTO items VALUES ('GREEN', '绿茶', 88.00)"))
        opened.execute(
            text(
                "INSERT INTO order_lines VALUES (:id, :no, :id, 'GREEN', 1, 88, '2026-03-02 09:00:00', "
                "'2026-03-02 09:00:00')"
            ),
            [{"id": number, "no": f"O-{number}"} for number in range(1, CUSTOMERS + 1)],
        )
    return office


def pull_all(office: Office, actor: Actor) -> list[PullRun]:
    """A run of each pull."""
    return [run_pull(pull.pk, PullOrder(), actor=actor) for pull in office.pulls.values()]


def assert_agreement(office: Office) -> None:
    """Both sides hold the same customers, products and lines."""
    assert accounts() == set(office.rows("SELECT name, city FROM customers"))
    assert products() == set(office.rows("SELECT sku, title, price FROM items"))
    assert standing_lines() == decimals(office.rows(THERE))


def test_mariadb_is_pulled_whole(mariadb: Office, system: Actor) -> None:
    runs = pull_all(mariadb, system)
    assert [run.created for run in runs] == [CUSTOMERS, 1, CUSTOMERS]
    assert_agreement(mariadb)


def test_a_mariadb_that_changes_during_the_run_agrees_row_for_row_after_one_more(
    mariadb: Office, system: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.ledger.adapters.databases.BLOCK_ROWS", 300)
    stop, begun = Event(), Event()
    changes = Thread(target=change_all_the_time, args=(mariadb, stop, begun), daemon=True)
    changes.start()
    try:
        begun.wait(30)
        pull_all(mariadb, system)
        pull_all(mariadb, system)
    finally:
        stop.set()
        changes.join()
    pull_all(mariadb, system)
    assert len(mariadb.rows("SELECT id FROM customers WHERE id > 100000")) > 20
    assert_agreement(mariadb)


def change_all_the_time(office: Office, stop: Event, begun: Event) -> None:
    """Insert, change and delete rows until it is told to stop."""
    chance, number = random.Random(7), 100_000
    while not stop.is_set():
        number += 1
        some = chance.randint(1, CUSTOMERS)
        office.run(
            f"INSERT INTO customers VALUES ({number}, '新客户 {number}', '杭州', '', now())",
            f"INSERT INTO order_lines VALUES ({number}, 'N-{number}', {number}, 'GREEN', 2, 50, now(), now())",
            f"UPDATE customers SET city = 'city {number}', updated_at = now() WHERE id = {some}",
            f"UPDATE order_lines SET total = total + 1, updated_at = now() WHERE id = {chance.randint(1, CUSTOMERS)}",
            f"DELETE FROM order_lines WHERE id = {chance.randint(1, CUSTOMERS)}",
        )
        if number == 100_020:
            begun.set()


def test_a_connection_only_reads_and_a_long_statement_is_ended(mariadb: Office, system: Actor) -> None:
    pull = mariadb.pulls[PullTarget.ACCOUNT]
    with pytest.raises(RuleViolation, match="Only one SELECT"):
        edit_pull(pull.pk, {"statement": "DELETE FROM customers"}, actor=system)
    Connection._base_manager.update(timeout_seconds=1)
    edit_pull(pull.pk, {"statement": "SELECT c.*, sleep(5) AS nap FROM customers c"}, actor=system)
    with pytest.raises(ExternalFailure) as failure:
        run_pull(pull.pk, PullOrder(), actor=system)
    assert "interrupted" in str(failure.value)
    assert accounts() == set()


def test_a_wrong_password_is_told_without_it(mariadb: Office, system: Actor) -> None:
    Connection._base_manager.update(secret="another secret")
    tried = try_connection(mariadb.connection.pk, actor=system)
    assert tried.failure is not None
    assert "Access denied" in str(tried.failure)
    assert "another secret" not in str(tried.failure)


def test_trying_names_the_tables(mariadb: Office, system: Actor) -> None:
    assert list(try_connection(mariadb.connection.pk, actor=system).tables) == ["customers", "items", "order_lines"]


def test_postgresql_is_pulled_and_agrees(data_folder: Path, system: Actor) -> None:
    layout = Layout(data_folder)
    with running_server(layout, options=ServerOptions(memory_mb=256, is_durable=False)):
        folder = str(layout.socket_folder)
        engine = create_engine(f"postgresql+psycopg://{ROLE_NAME}@/{DATABASE_NAME}?host={folder}")
        values = {"address": folder, "database": DATABASE_NAME, "user_name": ROLE_NAME}
        office = filled(open_office(engine, system, values={"kind": ConnectionKind.POSTGRESQL.value, **values}))
        pull_all(office, system)
        office.run(
            "UPDATE order_lines SET total = 7, updated_at = now() WHERE id < 50", "DELETE FROM customers WHERE id = 5"
        )
        office.run("DELETE FROM order_lines WHERE id = 5")
        pull_all(office, system)
        assert_agreement(office)
        engine.dispose()


def web_pull(web: WebOffice, actor: Actor, **values: object) -> Pull:
    """A pull of the customers of the web service."""
    address = f"http://127.0.0.1:{web.port}/v1"
    kind = ConnectionKind.REST.value
    connection = create_connection(
        {"system": "shop", "name": "Shop", "kind": kind, "address": address, "header": "X-Key", "secret": PASSWORD},
        actor=actor,
    )
    mapping = [["name", "name"], ["address.city", "city"]]
    usual = {"name": "customers", "target": "account", "statement": "customers", "rows_path": "data.items"}
    columns = {"mapping": mapping, "key_column": "id", "cursor_column": "updated_at", "overlap": 0}
    sizes = {"size_parameter": "limit", "page_size": 10, "since_parameter": "since"}
    return create_pull(connection.pk, {**usual, **columns, **sizes, **values}, actor=actor)


@pytest.mark.parametrize(
    ("way", "parameters"),
    [
        ("page", {"paging": Paging.PAGE.value}),
        ("token", {"paging": Paging.TOKEN.value, "token_path": "next", "page_parameter": "after"}),
        ("link", {"paging": Paging.LINK.value}),
    ],
)
def test_a_web_service_is_read_page_by_page(
    web: WebOffice, system: Actor, way: str, parameters: dict[str, object]
) -> None:
    web.paging = way
    pull = web_pull(web, system, **parameters)
    assert run_pull(pull.pk, PullOrder(), actor=system).created == 25
    assert set(web.secrets) == {PASSWORD}
    web.rows["/v1/customers"][3] |= {"name": "改名", "updated_at": "2026-04-01"}
    asked = len(web.asked)
    assert run_pull(pull.pk, PullOrder(), actor=system).updated == 1
    assert all("since=2026-03-25" in address for address in web.asked[asked : asked + 1])
    assert ("改名", "杭州") in accounts()


def test_a_busy_service_is_asked_again_after_the_pause_it_names(
    web: WebOffice, system: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(WebSource.__init__, "__kwdefaults__", {"pause": pauses.append})
    web.failures = [(429, {"Retry-After": "7"}), (503, {})]
    pull = web_pull(web, system, paging=Paging.PAGE.value)
    assert run_pull(pull.pk, PullOrder(), actor=system).created == 25
    assert pauses == [7.0, 2.0]


def test_a_service_that_leads_elsewhere_is_not_followed(web: WebOffice, system: Actor) -> None:
    web.failures = [(302, {"Location": "http://169.254.169.254/latest/meta-data/"})]
    pull = web_pull(web, system, paging=Paging.PAGE.value)
    with pytest.raises(ExternalFailure, match="status 302"):
        run_pull(pull.pk, PullOrder(), actor=system)
    assert len(web.asked) == 1


def test_lines_of_orders_are_rows(web: WebOffice, system: Actor) -> None:
    web.rows["/v1/orders"] = [
        {"no": "O-1", "at": "2026-03-02T09:00:00Z", "lines": [{"id": 1, "sum": 5}, {"id": 2, "sum": 6}]}
    ]
    pull = web_pull(
        web, system, target="purchase", statement="orders", lines_path="lines", key_column="lines.id", cursor_column="",
        mapping=[["no", "account_key"], ["at", "occurred_at"], ["lines.sum", "amount"]],
    )  # fmt: skip
    run = run_pull(pull.pk, PullOrder(), actor=system)
    assert (run.read, run.created, run.waiting) == (2, 2, 2)


def reach(address: str, actor: Actor) -> None:
    """Try a web service. Raises: GuanxiError."""
    values = {"system": "x", "name": "X", "kind": ConnectionKind.REST.value, "address": address}
    tried = try_connection(create_connection(values, actor=actor).pk, actor=actor)
    if tried.failure is not None:
        raise tried.failure


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/", "http://[fe80::1]/", "http://0.0.0.0/", "ftp://x/", "file:///etc"]
)
def test_the_inside_of_the_machine_is_not_reached(db: None, system: Actor, address: str) -> None:
    with pytest.raises(GuanxiError) as refusal:
        reach(address, system)
    assert refusal.value.code in {"connection.address", "connection.scheme"}


def test_private_networks_can_be_closed(web: WebOffice, system: Actor) -> None:
    pull = web_pull(web, system)
    set_preference(PRIVATE_ADDRESSES, False)
    with pytest.raises(RuleViolation, match=r"127\.0\.0\.1 is not an address"):
        run_pull(pull.pk, PullOrder(), actor=system)
    assert web.asked == []


def test_the_own_database_is_not_pulled_from(db: None, system: Actor) -> None:
    folder = str(connection.settings_dict["HOST"])
    values = {"system": "x", "name": "X", "kind": ConnectionKind.POSTGRESQL.value, "address": folder}
    tried = try_connection(create_connection(values, actor=system).pk, actor=system)
    assert tried.failure is not None
    assert tried.failure.code == "connection.address"


def test_texts_that_no_database_takes_stop_nobody(web: WebOffice, system: Actor) -> None:
    web.rows["/v1/customers"] = [
        {"id": "a\x00", "name": "岚\x00川", "address": {"city": "\ud800苏州"}, "updated_at": "2026-03-01\x00"},
        {"id": "b", "name": "云杉", "address": {"city": "杭州"}, "updated_at": "2026-03-02"},
    ]
    run = run_pull(web_pull(web, system, page_size=10_000).pk, PullOrder(), actor=system)
    assert (run.created, run.refused) == (2, 0)
    assert accounts() == {("岚川", "?苏州"), ("云杉", "杭州")}


def test_numbers_without_end_are_refused_and_the_rest_goes_in(web: WebOffice, system: Actor) -> None:
    web.rows["/v1/orders"] = [
        {"id": number, "no": "O-1", "at": "2026-03-02T09:00:00Z", "sum": amount}
        for number, amount in enumerate((float("nan"), float("inf"), 10**400, 5), start=1)
    ]
    pull = web_pull(
        web, system, target="purchase", statement="orders", key_column="id", cursor_column="",
        mapping=[["no", "account_key"], ["at", "occurred_at"], ["sum", "amount"]],
    )  # fmt: skip
    run = run_pull(pull.pk, PullOrder(), actor=system)
    assert (run.read, run.created, run.refused) == (4, 1, 3)
