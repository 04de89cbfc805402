"""Repeated work is called as the queue calls it."""

from inspect import signature

from procrastinate.contrib.django import app


def test_every_schedule_takes_the_time_by_the_name_under_which_the_queue_gives_it() -> None:
    known = [found.task for found in app.periodic_registry.periodic_tasks.values()]
    assert {"care.plan_nightly", "ledger.adopt_waiting_facts", "transfer.go_on"} <= {task.name for task in known}
    for task in known:
        signature(task.func).bind(timestamp=0)
