"""What imports do in the background."""

import logging
from datetime import timedelta

from django.utils.translation import override

from guanxi.kernel.errors import GuanxiError
from guanxi.platform.access.policy import use_policy
from guanxi.platform.accounts.queries import people
from guanxi.platform.jobs.progress import RunCancelled, running
from guanxi.platform.jobs.queue import periodic, task
from guanxi.platform.transfer.commands import (
    CHECK_JOB,
    UNDO_JOB,
    WRITE_JOB,
    check,
    forget_imports,
    stop_import,
    undo_import,
    unfinished_imports,
    write_import,
)
from guanxi.platform.transfer.models import Import, ImportState

logger = logging.getLogger(__name__)
STALE = timedelta(minutes=10)


@task(CHECK_JOB)
def check_rows(run_id: int, import_id: int) -> None:
    """Try an import, in the language of who asked."""
    with running(run_id) as progress, override(_language(import_id)):
        try:
            if _is_at(import_id, ImportState.CHECKING):
                check(import_id, progress)
        except (RunCancelled, GuanxiError):
            stop_import(import_id, ImportState.DRAFT)
            raise


@task(WRITE_JOB)
def write_rows(run_id: int, import_id: int) -> None:
    """Write an import; a person may stop it between two blocks, and take back what is written."""
    with running(run_id) as progress, override(_language(import_id)):
        try:
            if _is_at(import_id, ImportState.WRITING):
                write_import(import_id, progress)
        except (RunCancelled, GuanxiError):
            stop_import(import_id)
            raise


@task(UNDO_JOB)
def take_rows_back(run_id: int, import_id: int) -> None:
    """Take an import back; stopped between two blocks, the rest can be taken back later."""
    with running(run_id) as progress:
        try:
            if _is_at(import_id, ImportState.UNDOING):
                undo_import(import_id, progress)
        except (RunCancelled, GuanxiError):
            stop_import(import_id)
            raise


@periodic("transfer.go_on", cron="*/10 * * * *")
def go_on(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Go on with imports whose run died; one that may not go on any more is stopped, and holds up no other."""
    use_policy(None)
    steps = {ImportState.CHECKING: check, ImportState.WRITING: write_import, ImportState.UNDOING: undo_import}
    for file in unfinished_imports(since=STALE):
        state = ImportState(file.state)
        try:
            with override(_language(file.pk)):
                steps[state](file.pk)
        except GuanxiError as error:
            logger.warning("The import %s was stopped: %s", file.pk, error)
            stop_import(file.pk, ImportState.DRAFT if state is ImportState.CHECKING else ImportState.STOPPED)


@periodic("transfer.forget", cron="10 3 * * *")
def forget(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Forget imports that cannot be taken back any more."""
    forget_imports()


def _is_at(import_id: int, state: ImportState) -> bool:
    """Whether an import is still at the step of a job; one that was begun again may come when it is over."""
    return Import.objects.filter(pk=import_id, state=state).exists()


def _language(import_id: int) -> str:
    """The language that the importer reads."""
    user_id = Import.objects.values_list("user_id", flat=True).get(pk=import_id)
    found = people([user_id]) if user_id is not None else {}
    return found[user_id].language if user_id in found else "zh-hans"
