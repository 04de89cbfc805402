"""The queue: tasks by name, deferred inside the transaction of the change that asks for them."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
_asked_for: set[str] = set()


def task(
    name: str, *, queue: str = "default", attempts: int = 1
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Register a function as the task `name`; it is tried `attempts` times with growing pauses.

    It may be begun again at any moment, since the one that did it before may have died.
    """
    _asked_for.add(name)
    retry = RetryStrategy(max_attempts=attempts, exponential_wait=3) if attempts > 1 else None

    def register(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        app.task(name=name, queue=queue, retry=retry or False)(function)
        return function

    return register


def periodic(
    name: str, *, cron: str, queue: str = "default"
) -> Callable[[Callable[[int], None]], Callable[[int], None]]:
    """Register a function to run on a schedule (`cron` in UTC); it receives the time it was due as a Unix time."""

    def register(function: Callable[[int], None]) -> Callable[[int], None]:
        def scheduled(timestamp: int) -> None:  # the queue names what it hands over
            function(timestamp)

        registered = app.task(name=name, queue=queue, pass_context=False)(scheduled)
        app.periodic(cron=cron, periodic_id=name)(registered)
        return function

    return register


def defer(name: str, *, queue: str = "default", lock: str | None = None, **arguments: object) -> None:
    """Put a task into the queue on Django's own connection, so that it commits with the surrounding change.

    Tasks with one `lock` run one after the other.
    """
    app.configure_task(name, queue=queue, lock=lock, allow_unknown=True).defer(**arguments)  # type: ignore[arg-type]  # JSON values


def is_waiting(name: str) -> bool:
    """Whether a task stands in the queue that has not begun: it will see what is committed before it begins."""
    return bool(ProcrastinateJob.objects.filter(task_name=name, status="todo").exists())


def is_asked_for(name: str) -> bool:
    """Whether a task is there because somebody or something asked for it; schedules come by themselves."""
    return name in _asked_for
