"""What is declared is also registered: events, contributions, migrations."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.utils.functional import Promise

from guanxi.kernel.events import DomainEvent
from guanxi.platform.events.registry import event_types
from guanxi.platform.objects import registry
from guanxi.platform.objects.spec import Panel


def _kinds_of(event: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    for kind in event.__subclasses__():
        yield kind
        yield from _kinds_of(kind)


def test_every_event_is_registered_under_the_name_of_its_capability() -> None:
    declared = {kind.name: kind for kind in _kinds_of(DomainEvent) if kind.__module__.startswith("guanxi.")}
    assert set(declared) == {event.name for event in event_types() if event.__module__.startswith("guanxi.")}
    assert [name for name, kind in declared.items() if kind.__module__.split(".")[1] != name.partition(".")[0]] == []


def test_every_contribution_goes_to_an_object() -> None:
    assert registry.check_contributions() == []


def test_a_contribution_to_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = Panel("lost", "Lost", "ui/_empty.html", lambda record, view: None)
    monkeypatch.setitem(registry._panels, "ghost", [panel])
    assert registry.check_contributions() == ["Something is contributed to ghost, which is no object."]


def test_labels_are_in_the_language_of_who_reads_them() -> None:
    fixed = [
        (spec.key, item.key)
        for spec in registry.own_specs()
        for source in (registry.columns_of, registry.filters_of, registry.contributed_fields_of)
        for item in source(spec)
        if not isinstance(item.label, Promise)
    ]
    fixed += [
        (spec.key, panel.key)
        for spec in registry.own_specs()
        for panel in registry.panels_of(spec.key)
        if not isinstance(panel.label, Promise)
    ]
    assert fixed == []


def test_columns_are_model_fields_where_they_say_so() -> None:
    named = [
        (spec, column.field) for spec in registry.own_specs() for column in registry.columns_of(spec) if column.field
    ]
    assert [name for spec, name in named if not hasattr(spec.model, name)] == []


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
