"""Changes of many records in the background."""

from guanxi.platform.jobs.progress import running
from guanxi.platform.jobs.queue import task
from guanxi.platform.objects.bulk import BULK_JOB, UNDO_JOB, write_change, write_undo


@task(BULK_JOB)
def change_many_records(run_id: int, change_id: int) -> None:
    """Write a change block by block; a person may stop it between two blocks."""
    with running(run_id) as progress:
        write_change(change_id, progress)


@task(UNDO_JOB)
def undo_change_of_many(run_id: int, change_id: int) -> None:
    """Take a change back block by block."""
    with running(run_id) as progress:
        write_undo(change_id, progress)
