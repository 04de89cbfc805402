"""An operation for migrations that make many tables."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class MakeTables(Operation):
    """Make the tables of an app, with their triggers, in one operation.

    Django works the models out anew after each operation, with all that they are linked to: of a few hundred
    operations that takes most of a minute. Here they are worked out once, as all operations leave them. So each table
    stands with all of its columns, constraints and indexes in its CreateModel; two tables may lead to each other.
    """

    serialization_expand_args = ["operations"]  # as Django names and reads it

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Note the models, to be worked out when they are asked for."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make the tables and the triggers."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:  # noqa: ARG002  # as Django calls it
        """Take them away again; what an operation took away is still known from the state with all of them."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, from_state)

    def describe(self) -> str:
        """What it does, in words."""
        return "Make the tables of the app"
