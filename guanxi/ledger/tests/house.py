"""A back office to pull from, for tests: its tables in any SQL database, and how both sides are compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from sqlalchemy import Engine, create_engine, text

from guanxi.catalog.models import Product
from guanxi.customers.models import Account, Relation
from guanxi.kernel.actor import Actor
from guanxi.ledger.choices import ConnectionKind, Deletions, PullTarget
from guanxi.ledger.commands.connections import create_connection, create_pull
from guanxi.ledger.models import Connection, Fact, Pull
from guanxi.platform.access.grant import unscoped

REASON = "demo: the demo company is made by the system"
SYSTEM = "erp"
CUSTOMERS = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(200) NOT NULL, city VARCHAR(80), "
    "tax_no VARCHAR(40), updated_at TIMESTAMP NULL)"
)
ITEMS = "CREATE TABLE items (sku VARCHAR(40) PRIMARY KEY, title VARCHAR(200), price DECIMAL(12, 2))"
LINES = (
    "CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_no VARCHAR(40), customer_id INTEGER, sku VARCHAR(40), "
    "qty DECIMAL(12, 3), total DECIMAL(12, 2), ordered_at TIMESTAMP NULL, updated_at TIMESTAMP NULL)"
)
ACCOUNT_MAPPING = [["name", "name"], ["city", "city"], ["tax_no", "tax_id"]]
ITEM_MAPPING = [["sku", "code"], ["title", "name"], ["price", "price"]]
LINE_MAPPING = [
    *(["order_no", "basket_id"], ["customer_id", "account_key"], ["sku", "product"]),
    *(["qty", "quantity"], ["total", "amount"], ["ordered_at", "occurred_at"]),
]
PULLS = {
    PullTarget.ACCOUNT: ("customers", ACCOUNT_MAPPING, "id", "updated_at"),
    PullTarget.PRODUCT: ("items", ITEM_MAPPING, "sku", ""),
    PullTarget.PURCHASE: ("order_lines", LINE_MAPPING, "id", "updated_at"),
}


@dataclass(frozen=True, slots=True)
class Office:
    """A back office: the way in for the tests, the connection, its pulls by what they bring."""

    engine: Engine
    connection: Connection
    pulls: dict[PullTarget, Pull]

    def run(self, *statements: str) -> None:
        """Change something in the back office."""
        with self.engine.begin() as opened:
            for statement in statements:
                opened.execute(text(statement))

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Read something there."""
        with self.engine.connect() as opened:
            return [tuple(row) for row in opened.execute(text(statement))]


def relations() -> None:
    """The relation that new customers have."""
    Relation.objects.get_or_create(pk="customer", defaults={"name_zh": "客户", "name_en": "Customer"})


def open_office(
    engine: Engine, actor: Actor, *, values: Mapping[str, object], deletions: Deletions = Deletions.SWEEP
) -> Office:
    """A back office with empty tables, and a connection to it with three pulls."""
    with engine.begin() as opened:
        for statement in (CUSTOMERS, ITEMS, LINES):
            opened.execute(text(statement))
    relations()
    connection = create_connection({"system": SYSTEM, "name": "ERP", **values}, actor=actor)
    return Office(engine, connection, add_pulls(connection, actor, deletions=deletions))


def add_pulls(
    connection: Connection, actor: Actor, *, deletions: Deletions = Deletions.SWEEP
) -> dict[PullTarget, Pull]:
    """Customers, products and order lines of a connection."""
    return {
        target: create_pull(
            connection.pk,
            {
                "name": target.value,
                "target": target.value,
                "statement": statement,
                "mapping": mapping,
                "key_column": key,
                "cursor_column": cursor,
                "deletions": deletions.value,
            },
            actor=actor,
        )
        for target, (statement, mapping, key, cursor) in PULLS.items()
    }


def sqlite_office(actor: Actor, *, deletions: Deletions = Deletions.SWEEP, file: str = "erp.sqlite") -> Office:
    """A back office in a SQLite file."""
    folder = settings.DATA_FOLDER / "sources"
    folder.mkdir(exist_ok=True)
    (folder / file).unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{folder / file}")
    with engine.begin() as opened:
        opened.execute(text("CREATE TABLE begun (id INTEGER)"))
    return open_office(
        engine, actor, deletions=deletions, values={"kind": ConnectionKind.SQLITE.value, "address": file}
    )


def accounts() -> set[tuple[str, str]]:
    """The customers that there are: name and city."""
    rows = unscoped(Account, reason=REASON).filter(trashed_at__isnull=True)
    return set(rows.values_list("name", "city"))


def products() -> set[tuple[str, str, Decimal | None]]:
    """The products that there are."""
    rows = unscoped(Product, reason=REASON).filter(trashed_at__isnull=True)
    return set(rows.values_list("code", "name", "price"))


def standing_lines() -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    """The purchases that stand: customer's name, order, quantity, amount; what was corrected or withdrawn is not."""
    facts = list(unscoped(Fact, reason=REASON).filter(source=SYSTEM))
    corrected = {fact.corrects for fact in facts if fact.corrects}
    names = dict(unscoped(Account, reason=REASON).values_list("pk", "name"))
    return sorted(
        (names[fact.account_id], str((fact.payload or {}).get("basket_id")), fact.quantity, fact.amount)
        for fact in facts
        if fact.source_id not in corrected and fact.sub_kind != "voided"
    )


def decimals(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Rows of the back office with their numbers as the ledger has them."""
    return sorted((row[0], row[1], Decimal(str(row[2])), Decimal(str(row[3]))) for row in rows)
