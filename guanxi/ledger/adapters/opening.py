"""The source of a pull, by the kind of its connection."""

from guanxi.ledger.adapters.databases import DatabaseSource
from guanxi.ledger.adapters.sources import Source
from guanxi.ledger.adapters.web_services import WebSource
from guanxi.ledger.choices import ConnectionKind
from guanxi.ledger.models import Connection, Pull


def open_source(connection: Connection, pull: Pull) -> Source:
    """What a pull reads from. Raises: RuleViolation("connection.…" | "pull.…"), ExternalFailure("connection.…")."""
    if connection.kind == ConnectionKind.REST:
        return WebSource(connection, pull)
    return DatabaseSource(connection, pull)
