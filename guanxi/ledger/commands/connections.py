"""Verbs that set up connections and pulls, and that try them; the network is asked by whoever tries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import GuanxiError, RuleViolation
from guanxi.ledger.adapters.addresses import sqlite_path
from guanxi.ledger.adapters.databases import DatabaseSource, require_query
from guanxi.ledger.adapters.opening import open_source
from guanxi.ledger.adapters.sources import Sample
from guanxi.ledger.analyses.purchase_columns import purchase_targets
from guanxi.ledger.choices import ConnectionKind, Deletions, PullTarget
from guanxi.ledger.commands.pulled import connector
from guanxi.ledger.commands.pulling import PULL_JOB
from guanxi.ledger.models import Connection, Pull
from guanxi.ledger.queries.pulls import connection_of, connection_to_set_up, pull_to_run
from guanxi.ledger.rules import RESERVED_SOURCES, SOURCE_PATTERN
from guanxi.platform.access.rules import Action
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.spec import View
from guanxi.platform.records.change import change, create
from guanxi.platform.records.values import assign
from guanxi.platform.transfer.cells import Row
from guanxi.platform.transfer.mapping import Target, guessed, targets_of

PROBE = "SELECT 1 AS one"
STAMP_WORDS = ("updated_at", "update_time", "modified_at", "last_modified", "changed_at", "更新时间", "修改时间")
KEY_WORDS = ("id", "no", "code", "key", "编号", "编码")
GONE_WORDS = ("is_deleted", "deleted", "deleted_at", "is_removed", "删除标记", "已删除")


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying a connection: the tables that there are, or why it failed."""

    tables: Sequence[str] = ()
    failure: GuanxiError | None = None


def create_connection(values: Mapping[str, object], *, actor: Actor) -> Connection:
    """Set up a connection. Raises: AccessDenied, Conflict("record.taken"), RuleViolation("connection.…")."""
    connection = Connection()
    assign(connection, dict(values))
    if not SOURCE_PATTERN.fullmatch(connection.system) or connection.system in RESERVED_SOURCES:
        raise RuleViolation(
            "connection.system", "Use small letters, digits, points, hyphens and underscores.", field="system"
        )
    _require_sound(connection)
    with create(connection, right=Action.ADMINISTER, actor=actor):
        return connection


def edit_connection(
    connection_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> Connection:
    """Change a connection; without a new secret the old one stays, unless the connection leads elsewhere now.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation("connection.…").
    """
    with change(
        Connection, connection_id, action="edit", right=Action.ADMINISTER, version=version, actor=actor
    ) as work:
        before = _leads_to(work.record)
        given = {name: value for name, value in values.items() if name != "system" and (name != "secret" or value)}
        assign(work.record, given)
        if before != _leads_to(work.record) and work.record.secret and not values.get("secret"):
            raise RuleViolation(
                "connection.secret", "It leads elsewhere now. Enter the password again.", field="secret"
            )
        _require_sound(work.record)
    return work.record


def remove_connection(connection_id: int, *, actor: Actor) -> None:
    """Take a connection out of use; what it brought stays, and the secret goes. Raises: NotFound, AccessDenied."""
    with change(Connection, connection_id, action="trash", right=Action.ADMINISTER, actor=actor) as work:
        work.record.secret, work.record.is_active, work.record.trashed_at = "", False, timezone.now()


def create_pull(connection_id: int, values: Mapping[str, object], *, actor: Actor) -> Pull:
    """Set up what is pulled. Raises: NotFound, AccessDenied, RuleViolation("pull.…"), Conflict("record.taken")."""
    connection = connection_to_set_up(actor, connection_id)
    pull = Pull(connection_id=connection.pk)
    assign(pull, dict(values))
    _require_statement(connection, pull)
    with create(pull, right=Action.ADMINISTER, actor=actor):
        return pull


def edit_pull(pull_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor) -> Pull:
    """Change what is pulled; what the rows become stays. Raises: as `create_pull`, Conflict("record.changed")."""
    with change(Pull, pull_id, action="edit", right=Action.ADMINISTER, version=version, actor=actor) as work:
        assign(work.record, {name: value for name, value in values.items() if name != "target"})
        _require_statement(connection_of(work.record), work.record)
    return work.record


def map_columns(pull_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor) -> Pull:
    """Say which column goes where, by which rows are known, how far a run came and which rows are gone.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation("pull.…").
    """
    with change(Pull, pull_id, action="map", right=Action.ADMINISTER, version=version, actor=actor) as work:
        assign(work.record, dict(values))
        _require_mapping(work.record)
    return work.record


def remove_pull(pull_id: int, *, actor: Actor) -> None:
    """Pull it no more; what it brought stays. Raises: NotFound, AccessDenied."""
    with change(Pull, pull_id, action="trash", right=Action.ADMINISTER, actor=actor) as work:
        work.record.is_active, work.record.trashed_at = False, timezone.now()


def try_connection(connection_id: int, *, actor: Actor) -> Tried:
    """Ask the other system for its tables. Raises: NotFound, AccessDenied."""
    connection = connection_to_set_up(actor, connection_id)
    try:
        if connection.kind == ConnectionKind.REST:
            with open_source(connection, Pull(connection=connection, statement="")) as service:
                service.sample()
            return Tried()
        with DatabaseSource(connection, Pull(connection=connection, statement=PROBE)) as source:
            return Tried(source.tables())
    except GuanxiError as error:
        return Tried(failure=error)


def sample_of(pull_id: int, *, actor: Actor) -> Sample:
    """The first rows of a pull, as they are now. Raises: NotFound, AccessDenied, RuleViolation, ExternalFailure."""
    pull = pull_to_run(actor, pull_id)
    with open_source(connection_of(pull), pull) as source:
        return source.sample()


def targets_of_pull(pull: Pull) -> tuple[Target, ...]:
    """The fields that columns of a pull can go into."""
    if pull.target == PullTarget.PURCHASE:
        return purchase_targets()
    view = View(connector(connection_of(pull)), timezone.localdate())
    return targets_of(object_spec(pull.target), view)


def guessed_mapping(pull: Pull, sample: Sample) -> dict[str, object]:
    """What a new pull's columns seem to be: their fields, the key, the stamp, the mark of what is gone."""
    rows = [Row(number, tuple(row.get(name) for name in sample.columns)) for number, row in enumerate(sample.rows, 1)]
    found = guessed(sample.columns, rows, targets_of_pull(pull))
    key = _first(sample.columns, KEY_WORDS)
    gone = _first(sample.columns, GONE_WORDS)
    return {
        "mapping": [[sample.columns[number], field] for number, field in sorted(found.items())],
        "key_column": key or (sample.columns[0] if sample.columns else ""),
        "cursor_column": _first(sample.columns, STAMP_WORDS),
        "deleted_column": gone,
        "deletions": Deletions.FLAG if gone else Deletions.NONE,
    }


def begin_pull(pull_id: int, *, title: str, since: str = "", is_trial: bool = False, actor: Actor) -> int:
    """Let a pull run in the background. Returns the run of the job. Raises: NotFound, AccessDenied."""
    pull = pull_to_run(actor, pull_id)
    arguments: dict[str, object] = {"pull_id": pull.pk, "since": since, "is_trial": is_trial, "user_id": actor.user_id}
    return start_run(
        PULL_JOB, title=title, started_by_id=actor.user_id, lock=f"ledger.pull:{pull.pk}", arguments=arguments
    )


def _first(columns: Sequence[str], words: Sequence[str]) -> str:
    """The first column that is called by one of the words, or ends with one."""
    plain = {name: name.casefold() for name in columns}
    exact = next((name for word in words for name in columns if plain[name] == word), "")
    return exact or next((name for word in words for name in columns if plain[name].endswith(f"_{word}")), "")


def _leads_to(connection: Connection) -> tuple[object, ...]:
    return connection.kind, connection.address, connection.port, connection.user_name


def _require_sound(connection: Connection) -> None:
    """What can be said without asking the network. Raises: RuleViolation("connection.…")."""
    if connection.kind == ConnectionKind.SQLITE:
        sqlite_path(connection.address)
    elif connection.kind == ConnectionKind.REST:
        with open_source(connection, Pull(connection=connection, statement="")):
            return


def _require_statement(connection: Connection, pull: Pull) -> None:
    if connection.kind == ConnectionKind.REST:
        with open_source(connection, pull):
            return
    if " " in pull.statement.strip() or "\n" in pull.statement.strip():
        require_query(pull.statement.strip().rstrip(";"), kind=ConnectionKind(connection.kind))


def _require_mapping(pull: Pull) -> None:
    """Raises: RuleViolation("pull.…")."""
    fields = [field for _column, field in pull.mapping]
    allowed = {target.key for target in targets_of_pull(pull)}
    if not fields or not allowed.issuperset(fields) or len(set(fields)) < len(fields):
        raise RuleViolation("pull.mapping", "Each column goes into one field, and each field takes one column.")
    needed = {PullTarget.PURCHASE: ("account_key", "occurred_at", "amount"), PullTarget.PRODUCT: ("code",)}
    labels = {target.key: str(target.label) for target in targets_of_pull(pull)}
    missing = [labels[key] for key in needed.get(PullTarget(pull.target), ("name",)) if key not in fields]
    if missing:
        raise RuleViolation("pull.missing", "No column goes into “%(name)s”.", name=missing[0])
    if not pull.key_column:
        raise RuleViolation("pull.key", "Choose the column by which rows are known.", field="key_column")
    if pull.deletions == Deletions.FLAG and not pull.deleted_column:
        raise RuleViolation("pull.deleted", "Choose the column that says which rows are gone.", field="deleted_column")
