"""The job that keeps the lake current."""

from guanxi.platform.jobs.queue import periodic
from guanxi.platform.lake.dataset import registered_datasets
from guanxi.platform.lake.refresh import forget_others, refresh_dataset


@periodic("lake.refresh", cron="*/15 * * * *", queue="analysis")
def refresh_lake(timestamp: int) -> None:  # noqa: ARG001  # the schedule's argument
    """Carry new rows of every dataset into the lake; what is declared no more goes out of it."""
    datasets = registered_datasets()
    for dataset in datasets:
        refresh_dataset(dataset)
    forget_others({dataset.key for dataset in datasets})
