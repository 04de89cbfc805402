"""The worker process: takes jobs from the queue until it is told to stop."""

import asyncio
import signal

from procrastinate import App
from procrastinate.contrib.django import app

CONCURRENCY = 4
REACTION_CONCURRENCY = 2
ALL_QUEUES = ("reactions", "default", "analysis")
GRACE_SECONDS = 20.0
"""How long running jobs may still take when the worker is told to stop."""


def run_worker(*, wait: bool = True, queues: tuple[str, ...] = ()) -> None:
    """Work until SIGINT or SIGTERM (`wait`), or until the queue is empty.

    Always on procrastinate's own connector: on Django's it would leave jobs untouched. Reactions have slots
    of their own, so that a long job never delays what follows from a person's click.
    """
    asyncio.run(_work(wait=wait, queues=queues))


async def _work(*, wait: bool, queues: tuple[str, ...]) -> None:
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]  # the Django connector has it
    async with worker_app.open_async():
        if queues or not wait:
            await worker_app.run_worker_async(queues=list(queues) or list(ALL_QUEUES), wait=wait, concurrency=1)
        else:
            await _work_side_by_side(worker_app)


async def _work_side_by_side(worker_app: App) -> None:
    """Run both groups of slots until a signal comes, or until one of them ends by itself.

    One ends by itself when the database is lost; then both end, and whoever keeps this process running starts
    it again. The signals are ours to handle: of two workers in one process only the second would hear them.
    """
    slots = (
        ("reactions", ["reactions"], REACTION_CONCURRENCY),
        ("work", ["default", "analysis"], CONCURRENCY),
    )
    tasks = [
        asyncio.create_task(
            worker_app.run_worker_async(
                name=name,
                queues=queues,
                concurrency=concurrency,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_SECONDS,
            )
        )
        for name, queues, concurrency in slots
    ]
    is_stop_asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, is_stop_asked.set)
    stop = asyncio.create_task(is_stop_asked.wait())
    await asyncio.wait((*tasks, stop), return_when=asyncio.FIRST_COMPLETED)
    for task in (*tasks, stop):
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures and not is_stop_asked.is_set():
        raise failures[0]
