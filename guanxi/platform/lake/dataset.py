"""Dataset declarations: what analytics may read, with grain, columns, units and sensitivity."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DatasetColumn:
    """One column: `sql` computes it from the table's row, `type` is a PostgreSQL type, `unit` is stated for numbers.

    `field` is the field of the object whose rights protect it, where it is one; `sensitivity` its class of protection.
    """

    name: str
    sql: str
    type: str
    unit: str = ""
    sensitivity: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table as analytics sees it: one that is only ever added to, or one of records that change.

    `grain` says in words what one row is. `day_column` names the day by which files are split into months, "" when they
    are not. `key_column` is a rising bigint key, `transaction_column` holds the number of the transaction that wrote
    the row. `account_column` names the column by which a reader's row rule narrows the rows. Of rows that change,
    `version_column` says which of several copies is the newest, and the transaction is told by PostgreSQL itself.
    `within` is the condition that its rows meet, where several objects share the table.
    """

    key: str
    table: str
    grain: str
    columns: tuple[DatasetColumn, ...]
    day_column: str = ""
    key_column: str = "id"
    transaction_column: str = "recorded_transaction"
    account_column: str = "account_id"
    version_column: str = ""
    within: str = ""

    @property
    def is_changing(self) -> bool:
        """Whether rows change after they were written."""
        return bool(self.version_column)

    def select_sql(self) -> str:
        """The SELECT list: each declared column."""
        return ", ".join(f'({column.sql})::{column.type} AS "{column.name}"' for column in self.columns)


Source = Callable[[], Iterable[Dataset]]
_datasets: dict[str, Dataset] = {}
_sources: list[Source] = []


def register_dataset(dataset: Dataset) -> None:
    """Make a dataset known to the refresh job. Raises: ValueError for a key in use; a defect of the code."""
    if dataset.key in _datasets:
        raise ValueError(f"The dataset {dataset.key} is registered twice.")
    _datasets[dataset.key] = dataset


def register_source(source: Source) -> None:
    """Let a room declare datasets of what people made, which are other ones tomorrow."""
    _sources.append(source)


def registered_datasets() -> tuple[Dataset, ...]:
    """All datasets of now, by key."""
    known = dict(_datasets)
    for source in _sources:
        known |= {dataset.key: dataset for dataset in source()}
    return tuple(known[key] for key in sorted(known))
