"""Changes of many records in the background, the search index written anew, numbers encrypted anew."""

from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.policy import use_policy
from guanxi.platform.customfields.commands import ENCRYPT_JOB, REINDEX_JOB
from guanxi.platform.jobs.progress import RunCancelled, running, start_run
from guanxi.platform.jobs.queue import periodic, task
from guanxi.platform.objects.bulk import BULK_JOB, UNDO_JOB, write_change, write_undo
from guanxi.platform.objects.reencrypting import RUN_JOB, RUN_TITLE, is_work_left, reencrypt
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.objects.reindexing import reindex
from guanxi.platform.objects.removal import (
    REMOVAL_JOB,
    empty_old_trash,
    stop_removal,
    unfinished_removals,
    write_removal,
)


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


@task(REINDEX_JOB, attempts=3)
def reindex_object(object_key: str) -> None:
    """Write the search index of an object anew, as its fields now are; doing it again changes nothing."""
    use_policy(None)
    spec = next((spec for spec in object_specs() if spec.key == object_key), None)
    for _done in reindex(spec) if spec is not None else ():
        continue


@task(ENCRYPT_JOB, attempts=3)
def encrypt_numbers() -> None:
    """Encrypt what stands clear and should not, and the other way round; doing it again changes nothing."""
    reencrypt()


@task(RUN_JOB)
def reencrypt_numbers(run_id: int) -> None:
    """Bring all encrypted texts to the key of now, while somebody may watch; a run that was killed is begun again."""
    with running(run_id) as progress:
        reencrypt(progress)


@periodic("objects.keep_encrypted", cron="41 * * * *")
def keep_encrypted(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Go on with what a killed run left, and take out keys that nothing uses any more."""
    if is_work_left():
        start_run(RUN_JOB, title=RUN_TITLE)


@task(REMOVAL_JOB)
def remove_records_for_good(run_id: int, removal_id: int) -> None:
    """Delete records for good, block by block; a person may stop it between two blocks, and the rest stays."""
    with running(run_id) as progress:
        try:
            write_removal(removal_id, progress)
        except (RunCancelled, AccessDenied):
            stop_removal(removal_id)
            raise


@periodic("objects.empty_trash", cron="40 * * * *")
def empty_trash(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Go on with removals that were interrupted, and delete what has lain in the trash too long."""
    use_policy(None)
    for removal_id in unfinished_removals():
        try:
            write_removal(removal_id)
        except AccessDenied:
            stop_removal(removal_id)  # who asked for it may not do it any more
    empty_old_trash()
