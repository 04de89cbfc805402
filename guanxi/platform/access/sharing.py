"""Shares as conditions: which rows of an object are shared with an actor, and whether one record is.

A share reaches its person, or everybody of its unit and of the units below. One that has ended reaches nobody from the
next statement on: the database compares its end with its own clock.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection, models
from django.db.models.expressions import Expression

from guanxi.kernel.actor import Actor
from guanxi.platform.access.prepared import number_array
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import RowRule, TeamMember

LIVE = "(ends_at IS NULL OR ends_at > statement_timestamp())"
_WITH_ACTOR = "(user_id = %s OR unit_id = ANY(%s::bigint[]))"
_OF_OBJECT = f"SELECT record_id FROM access_share WHERE object_key = %s AND is_team = %s AND {LIVE} AND {_WITH_ACTOR}"  # noqa: S608  # our own words
_OF_RECORD = (
    "SELECT is_team, bool_or(may_edit) FROM access_share "  # noqa: S608  # our own words
    f"WHERE object_key = %s AND record_id = %s AND {LIVE} AND {_WITH_ACTOR} GROUP BY is_team"
)


class AmongShared(Expression):
    """A condition: the row is shared with the actor, to edit where `to_edit`; or the actor is of its team.

    The ids are read once, by an index, before the rows are looked at.
    """

    output_field = models.BooleanField()

    def __init__(self, actor: Actor, object_key: str, *, is_team: bool, to_edit: bool) -> None:
        super().__init__()
        self.column: Any = models.F("pk")
        self.to_edit = to_edit
        self.parameters = (object_key, is_team, actor.user_id, number_array(actor.unit_path))

    def get_source_expressions(self) -> list[Any]:
        """The key of the row."""
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the resolved key."""
        (self.column,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002  # Django's shape
        """The key is one of an array that the database fills first."""
        column, parameters = compiler.compile(self.column)
        only = " AND may_edit" if self.to_edit else ""
        return f"{column} = ANY(ARRAY({_OF_OBJECT}{only}))", (*parameters, *self.parameters)


def is_shared_with(actor: Actor, record: models.Model, *, rule: RowRule, to_edit: bool) -> bool:
    """Whether the record at hand is shared with the actor in the way of the rule, to edit where `to_edit`.

    The database is asked once for each record at hand and actor.
    """
    if record.pk is None:
        return False
    asked: dict[tuple[int | None, tuple[int, ...]], Mapping[bool, bool]] = record.__dict__.setdefault("_shares", {})
    who = (actor.user_id, actor.unit_path)
    if who not in asked:
        asked[who] = _shares_with(actor, record)
    may_edit = asked[who].get(rule == TeamMember())
    return may_edit is not None and (may_edit or not to_edit)


def _shares_with(actor: Actor, record: models.Model) -> Mapping[bool, bool]:
    """Whether the record may be edited by what reaches the actor: by shares (False) and as of the team (True)."""
    values = [protection_of(type(record)).key, record.pk, actor.user_id, number_array(actor.unit_path)]
    with connection.cursor() as cursor:
        cursor.execute(_OF_RECORD, values)
        return dict(cursor.fetchall())
