"""Progress of a run: how far it is, whether it was cancelled, how it ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.kernel.errors import GuanxiError
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.jobs.queue import defer

WRITE_INTERVAL_SECONDS = 0.5
UNEXPECTED = gettext_noop("The run ended unexpectedly.")


class RunCancelled(Exception):
    """A person asked the run to stop; it stops between two steps."""


@dataclass(slots=True)
class Progress:
    """The running counter of one run; it writes at most twice a second."""

    run_id: int
    done: int = 0
    total: int = 0
    _written_at: float = field(default=0.0, repr=False)

    def expect(self, total: int, *, unit: str = "") -> None:
        """State how many steps there will be."""
        self.total = total
        JobRun.objects.filter(pk=self.run_id).update(total=total, unit=unit)

    def advance(self, steps: int = 1, *, message: str = "") -> None:
        """Count steps. Raises: RunCancelled when a person asked for it."""
        self.done += steps
        if monotonic() - self._written_at >= WRITE_INTERVAL_SECONDS:
            self._write(message)

    def _write(self, message: str) -> None:
        self._written_at = monotonic()
        run = JobRun.objects.filter(pk=self.run_id)
        run.update(done=self.done, **({"message": message[:500]} if message else {}))
        if run.values_list("cancel_requested", flat=True).first():
            raise RunCancelled


def start_run(
    job_name: str,
    *,
    title: str,
    started_by_id: int | None = None,
    queue: str = "default",
    lock: str | None = None,
    arguments: dict[str, object] | None = None,
) -> int:
    """Create a run and defer its task, both with the surrounding transaction. Returns the run's id.

    The task receives `run_id` and the arguments.
    """
    run = JobRun.objects.create(job_name=job_name, title=title, started_by_id=started_by_id)
    defer(job_name, queue=queue, lock=lock, run_id=run.pk, **(arguments or {}))
    return run.pk


@contextmanager
def running(run_id: int) -> Iterator[Progress]:
    """Mark a run as running for the length of the block, then as done, cancelled or failed with its reason."""
    JobRun.objects.filter(pk=run_id).update(state=RunState.RUNNING, started_at=timezone.now())
    progress = Progress(run_id)
    state, message = RunState.FAILED, UNEXPECTED
    try:
        yield progress
        state, message = RunState.DONE, ""
    except RunCancelled:
        state, message = RunState.CANCELLED, ""
    except GuanxiError as error:
        message = str(error)
        raise
    finally:
        JobRun.objects.filter(pk=run_id).update(
            state=state, message=message[:500], done=progress.done, finished_at=timezone.now()
        )


def request_cancel(run_id: int) -> None:
    """Ask a run to stop; a waiting run is cancelled at once."""
    JobRun.objects.filter(pk=run_id).update(cancel_requested=True)
    JobRun.objects.filter(pk=run_id, state=RunState.WAITING).update(state=RunState.CANCELLED)
