"""The crowd that the object kernel is measured with: 1,000,000 accounts and 200,000 contracts, a made object.

Accounts are copies of the demo's 100,000 with what lists show of them; contracts are written as the kernel would.
"""

import os
from pathlib import Path

import django
import psycopg
from psycopg import sql

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
django.setup()

from guanxi.customers.models import Account  # noqa: E402  # Django must be set up first
from guanxi.kernel.fields import FieldType  # noqa: E402
from guanxi.platform.accounts.queries import system_actor  # noqa: E402
from guanxi.platform.customfields import commands  # noqa: E402
from guanxi.platform.customfields.adapters import build_index  # noqa: E402
from guanxi.platform.customfields.models import CustomField  # noqa: E402
from guanxi.platform.customfields.schema import current_schema  # noqa: E402
from guanxi.platform.database.address import libpq_uri  # noqa: E402
from guanxi.platform.objects.registry import object_spec  # noqa: E402
from guanxi.platform.records.models import Record  # noqa: E402
from guanxi.project import garbage  # noqa: E402
from guanxi.project.configuration import database_settings, load_configuration  # noqa: E402

garbage.settle()  # as processes of ours do before they work
ACCOUNTS, CONTRACTS, BATCH = 1_000_000, 200_000, 20_000
CONTRACT, SEGMENT = "x_contract", "x_segment"
STAGES = ("draft", "offer", "talks", "signed", "running", "ended")
TRACKED = ("customers_account", "customfields_customrecord")
COPIED = (
    ("customers_account", "id", ""),
    ("search_searchentry", "record_id", "WHERE object_key = 'account'"),
    ("value_valueindex", "account_id", ""),
    ("care_contactstate", "account_id", ""),
)


def connect() -> psycopg.Connection:
    """A connection to the measured database; each statement stands for itself."""
    settings = database_settings(load_configuration(os.environ, Path.cwd()))
    return psycopg.connect(libpq_uri(settings), autocommit=True)


def gather() -> None:
    """Bring the crowd together, unless it is there."""
    with connect() as connection:
        _multiply(connection)
    _make_object()
    with connect() as connection:
        _fill(connection)
        for table in (*(name for name, _key, _where in COPIED), "customfields_customrecord"):
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))
    _build_indexes()


def _multiply(connection: psycopg.Connection) -> None:
    """Copy accounts, and what lists show and find of them, until there are enough."""
    count, last = connection.execute("SELECT count(*), max(id) FROM customers_account").fetchone() or (0, 0)
    for times in range(1, max(0, (ACCOUNTS - count) // max(count, 1)) + 1):
        for table, key, where in COPIED:
            _copy(connection, table, key, where=where, offset=times * last, last=last)
    connection.execute(
        "SELECT setval(pg_get_serial_sequence('customers_account', 'id'), max(id)) FROM customers_account"
    )


def _copy(connection: psycopg.Connection, table: str, key: str, *, where: str, offset: int, last: int) -> None:
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped", [table]
    ).fetchall()
    names = [name for (name,) in found if name == key or name != "id"]
    values = [
        sql.SQL("{} + {}").format(sql.Identifier(name), sql.Literal(offset)) if name == key else sql.Identifier(name)
        for name in names
    ]
    condition = sql.SQL(where or "WHERE true") + sql.SQL(" AND {} <= {}").format(sql.Identifier(key), sql.Literal(last))
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(values),
            sql.Identifier(table),
            condition,
        )
    )


def _make_object() -> None:
    """The object "Contract" with five fields, and a field of the account, made as an administrator makes them."""
    actor = system_actor("bench")
    if CONTRACT in current_schema().objects:
        return
    names = {"name_zh": "合同", "name_en": "Contract", "plural_en": "Contracts", "icon": "file-text"}
    made = commands.make_object(names, taken=(), rights_of="account", actor=actor)
    model = object_spec(made.key).model
    if not issubclass(model, Record):
        raise TypeError("An object that people made has records.")

    def add(owner: type[Record], kind: FieldType, name: str, **values: object) -> None:
        target = str(values.pop("target", ""))
        given = {"name_zh": name, "name_en": name, **values}
        commands.make_field(owner, kind=kind, values=given, target=target, actor=actor)

    add(model, FieldType.LINK, "Customer", target="account")
    add(model, FieldType.CHOICE, "Stage", choices=[[key, key, key] for key in STAGES], is_indexed=True)
    add(model, FieldType.MONEY, "Amount")
    add(model, FieldType.DATE, "Ends")
    add(model, FieldType.TEXT, "Batch", is_indexed=True)
    add(Account, FieldType.TEXT, "Segment", is_indexed=True)
    commands.edit_object(made.key, {"board_field": "x_stage", "calendar_field": "x_ends"}, actor=actor)


def _fill(connection: psycopg.Connection) -> None:
    """200,000 contracts, and a segment for each tenth account, written past the history."""
    (there,) = connection.execute("SELECT count(*) FROM customfields_customrecord").fetchone() or (0,)
    if there >= CONTRACTS:
        return
    for table in TRACKED:
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    connection.execute(
        "UPDATE customers_account SET custom = custom || jsonb_build_object('t_x_segment', 's' || id / 10 % 20) "
        "WHERE id % 10 = 0"
    )
    connection.execute(
        """
        INSERT INTO customfields_customrecord (kind_id, name, name_key, owner_id, unit_id, custom, created_at)
        SELECT o.id, 'HT-' || n, 'ht-' || lpad(n::text, 8, '0'), u.id, u.unit_id,
            jsonb_build_object('l_x_customer', 1 + n %% 90000, 't_x_stage', (%(stages)s::text[])[1 + n %% 6],
                'n_x_amount', (n %% 900 + 1)::text || '000.00', 'd_x_ends', (date '2026-01-01' + n %% 700)::text,
                't_x_batch', 'b' || n / %(batch)s,
                's_since', to_char(now() - (n %% 60) * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
            now() - (n %% 400) * interval '1 day'
        FROM generate_series(1, %(contracts)s) AS n, customfields_customobject AS o,
            LATERAL (SELECT id, unit_id FROM accounts_user ORDER BY (id + n) %% 12, id LIMIT 1) AS u
        WHERE o.key = %(key)s
        """,
        {"stages": list(STAGES), "batch": BATCH, "contracts": CONTRACTS, "key": CONTRACT},
    )
    for table in TRACKED:
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))


def _build_indexes() -> None:
    for field in CustomField.objects.filter(is_indexed=True):
        build_index(field.pk, table=TRACKED[0] if field.object_key == "account" else TRACKED[1])


if __name__ == "__main__":
    gather()
