"""The back office of the demo company: a small ERP in a SQLite file, a connection to it, and runs that have been."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.ledger.adapters.addresses import sources_folder
from guanxi.ledger.choices import ConnectionKind, Deletions, PullTarget
from guanxi.ledger.commands import PullOrder, create_connection, create_pull, run_pull
from guanxi.ledger.models import Pull

FILE = "erp-demo.sqlite"
TABLES = """
CREATE TABLE 客户 (编号 INTEGER PRIMARY KEY, 客户名称 TEXT, 城市 TEXT, 行业 TEXT, 更新时间 TEXT);
CREATE TABLE 物料 (货号 TEXT PRIMARY KEY, 名称 TEXT, 价格 REAL, 更新时间 TEXT);
CREATE TABLE 订单行 (行号 INTEGER PRIMARY KEY, 订单号 TEXT, 客户编号 INTEGER, 货号 TEXT, 数量 REAL, 金额 REAL,
    下单时间 TEXT, 更新时间 TEXT);
"""
MATERIALS = (("ERP-101", "五层瓦楞箱", 6.8), ("ERP-102", "缠绕膜", 42.0), ("ERP-103", "封箱胶带", 3.2))
NEW_FIRMS = (
    ("嘉禾纸业有限公司", "苏州", "造纸"),
    ("远帆物流股份有限公司", "宁波", "物流"),
    ("润泽食品有限公司", "无锡", "食品"),
)
PULLS = (
    (PullTarget.ACCOUNT, "ERP 客户", "客户", "编号", 60, {"客户名称": "name", "城市": "city", "行业": "industry"}),
    (PullTarget.PRODUCT, "ERP 物料", "物料", "货号", 1_440, {"货号": "code", "名称": "name", "价格": "price"}),
    (
        *(PullTarget.PURCHASE, "ERP 订单", "订单行", "行号", 15),
        {
            "订单号": "basket_id",
            "客户编号": "account_key",
            "货号": "product",
            "数量": "quantity",
            "金额": "amount",
            "下单时间": "occurred_at",
        },
    ),
)


def connect_office(firms: Sequence[Account], *, today: date, actor: Actor) -> None:
    """Fill the ERP with customers whom the company knows and some new ones, connect it, and let three runs pass."""
    path = sources_folder() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as office:
        office.executescript(TABLES)
        _fill(office, firms, today=today)
        connection = create_connection(
            {"system": "erp", "name": "ERP", "kind": ConnectionKind.SQLITE.value, "address": FILE}, actor=actor
        )
        pulls = [_pull(connection.pk, *entry, actor=actor) for entry in PULLS]
        _run(pulls, actor)
        _go_on(office, today=today)
        _run(pulls, actor)
        _spoil(office, today=today)
        _run(pulls[2:], actor)


def _fill(office: sqlite3.Connection, firms: Sequence[Account], *, today: date) -> None:
    at = _stamp(today - timedelta(days=2), 9)
    known = [(firm.name, firm.city, firm.industry) for firm in firms[:20]]
    rows = [(number, *entry, at) for number, entry in enumerate([*known, *NEW_FIRMS], 1)]
    office.executemany("INSERT INTO 客户 VALUES (?, ?, ?, ?, ?)", rows)
    office.executemany("INSERT INTO 物料 VALUES (?, ?, ?, ?)", [(*entry, at) for entry in MATERIALS])
    lines = []
    for number in range(1, 121):
        code, _name, price = MATERIALS[number % 3]
        ordered = _stamp(today - timedelta(days=2 + number % 60), 9 + number % 8)
        amount = round(price * (10 + number % 40), 2)
        order = f"SO-{number // 2:04}"
        lines.append((number, order, 1 + number % len(rows), code, 10 + number % 40, amount, ordered, at))
    office.executemany("INSERT INTO 订单行 VALUES (?, ?, ?, ?, ?, ?, ?, ?)", lines)
    office.commit()


def _go_on(office: sqlite3.Connection, *, today: date) -> None:
    """A day later: a line was corrected, one was deleted, some are new."""
    at = _stamp(today - timedelta(days=1), 17)
    office.execute("UPDATE 订单行 SET 金额 = 金额 - 20, 更新时间 = ? WHERE 行号 = 7", (at,))
    office.execute("DELETE FROM 订单行 WHERE 行号 = 9")
    office.execute("UPDATE 客户 SET 城市 = '常州', 更新时间 = ? WHERE 编号 = 22", (at,))
    for number in range(201, 209):
        office.execute(
            "INSERT INTO 订单行 VALUES (?, ?, ?, 'ERP-101', 50, 340, ?, ?)",
            (number, f"SO-{number}", number % 20 + 1, at, at),
        )
    office.commit()


def _spoil(office: sqlite3.Connection, *, today: date) -> None:
    """A line names a material that nobody knows: it is refused, with the reason."""
    at = _stamp(today - timedelta(days=1), 18)
    office.execute("INSERT INTO 订单行 VALUES (301, 'SO-301', 3, 'ERP-999', 5, 60, ?, ?)", (at, at))
    office.commit()


def _pull(connection_id: int, target: PullTarget, name: str, *entry: object, actor: Actor) -> Pull:
    statement, key, minutes, mapping = entry
    pairs = [[column, field] for column, field in mapping.items()] if isinstance(mapping, dict) else []
    values = {
        "name": name,
        "target": target.value,
        "statement": statement,
        "key_column": key,
        "every_minutes": minutes,
        "mapping": pairs,
        "cursor_column": "更新时间",
        "deletions": Deletions.SWEEP.value,
        **({"known_by": "name"} if target == PullTarget.ACCOUNT else {}),
    }
    return create_pull(connection_id, values, actor=actor)


def _run(pulls: Sequence[Pull], actor: Actor) -> None:
    for pull in pulls:
        run_pull(pull.pk, PullOrder(), actor=actor)


def _stamp(day: date, hour: int) -> str:
    return datetime.combine(day, time(hour)).isoformat(sep=" ")
