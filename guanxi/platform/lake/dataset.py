"""Dataset declarations: what analytics may read, with grain, columns, units and sensitivity."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DatasetColumn:
    """One column: `sql` computes it from the table's row, `type` is a PostgreSQL type, `unit` is stated for numbers."""

    name: str
    sql: str
    type: str
    unit: str = ""
    sensitivity: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """An append-only table as analytics sees it.

    `grain` says in words what one row is. `day_column` names the day by which files are split into months.
    `key_column` is a rising bigint key, `transaction_column` holds the number of the transaction that wrote the row.
    `account_column` names the column by which a reader's row rule narrows the rows.
    """

    key: str
    table: str
    grain: str
    columns: tuple[DatasetColumn, ...]
    day_column: str
    key_column: str = "id"
    transaction_column: str = "recorded_transaction"
    account_column: str = "account_id"

    def select_sql(self) -> str:
        """The SELECT list: each declared column."""
        return ", ".join(f"({column.sql})::{column.type} AS {column.name}" for column in self.columns)


_datasets: dict[str, Dataset] = {}


def register_dataset(dataset: Dataset) -> None:
    """Make a dataset known to the refresh job. Raises: ValueError for a key in use; a defect of the code."""
    if dataset.key in _datasets:
        raise ValueError(f"The dataset {dataset.key} is registered twice.")
    _datasets[dataset.key] = dataset


def registered_datasets() -> tuple[Dataset, ...]:
    """All datasets, by key."""
    return tuple(_datasets[key] for key in sorted(_datasets))
