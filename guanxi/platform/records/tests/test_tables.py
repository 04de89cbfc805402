"""Tables of an app that are made in one operation."""

import pytest
from django.db import connection, models
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

from guanxi.platform.records.tables import MakeTables

MADE = MakeTables(
    [
        CreateModel(
            "Hen",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.TextField()),
                ("first_egg", models.ForeignKey("eggs.Egg", models.CASCADE, null=True, related_name="+")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("name",), name="eggs_one_hen")]},
        ),
        CreateModel(
            "Egg",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("hen", models.ForeignKey("eggs.Hen", models.CASCADE)),
            ],
        ),
    ]
)


def tables() -> set[str]:
    """The tables of the app that stand."""
    return {name for name in connection.introspection.table_names() if name.startswith("eggs_")}


def links(table: str) -> set[str]:
    """The tables that a table leads to."""
    with connection.cursor() as cursor:
        return {other for _column, other in connection.introspection.get_relations(cursor, table).values()}


@pytest.mark.django_db(transaction=True)
def test_tables_that_lead_to_each_other_are_made_and_taken_away_at_once() -> None:
    empty = ProjectState()
    after = empty.clone()
    MADE.state_forwards("eggs", after)
    with connection.schema_editor() as editor:
        MADE.database_forwards("eggs", editor, empty, after)
    assert tables() == {"eggs_hen", "eggs_egg"}
    assert (links("eggs_hen"), links("eggs_egg")) == ({"eggs_egg"}, {"eggs_hen"})
    with connection.cursor() as cursor:
        assert "eggs_one_hen" in connection.introspection.get_constraints(cursor, "eggs_hen")
    with connection.schema_editor() as editor:
        MADE.database_backwards("eggs", editor, after, empty)
    assert tables() == set()
