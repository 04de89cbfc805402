"""`guanxi doctor`: what is in effect here, and where it came from."""

import importlib.metadata
import platform
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import guanxi
from guanxi.kernel.errors import ConfigurationError, GuanxiError
from guanxi.platform.database.binaries import find_binaries
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import server_state
from guanxi.platform.encryption.keys import parse_ring
from guanxi.project.backup import database_address, run_program
from guanxi.project.configuration import Configuration, unknown_variables

_IS_MIGRATED = "SELECT to_regclass('objects_bulkchange') WHERE to_regclass('objects_bulkchange') IS NOT NULL"
_PACKAGES = ("django", "psycopg", "duckdb", "granian", "procrastinate")
_SECRET_FIELDS = ("secret_key", "encryption_keys", "database_url", "mail_url", "oidc_client_secret")


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as it is in effect; secrets show only whether they are set."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What `guanxi doctor` found: settings, versions by part, free disk, database, unknown variables.

    `missing_keys` are keys that the database needs and that are not here, with how many numbers nobody can read.
    """

    settings: tuple[SettingLine, ...]
    versions: Mapping[str, str]
    free_disk_gigabytes: float
    database: str
    keys: str
    missing_keys: Mapping[str, int]
    unknown_variables: tuple[str, ...]

    def text(self) -> str:
        """Return the findings as lines of text."""
        width = max(len(line.name) for line in self.settings)
        lines = [f"{line.name:<{width}}  {line.value}  ({line.origin})" for line in self.settings]
        lines += [f"{name:<{width}}  {version}" for name, version in self.versions.items()]
        lines.append(f"{'free disk':<{width}}  {self.free_disk_gigabytes:.1f} GB")
        lines.append(f"{'database':<{width}}  {self.database}")
        lines.append(f"{'keys':<{width}}  {self.keys}")
        lines += [
            f"The key {key_id} is missing: {count:,} numbers cannot be read. Bring the file encryption_keys back that "
            "belongs to this database, from a backup for instance."
            for key_id, count in self.missing_keys.items()
        ]
        lines += [f"No setting is called {name}; it has no effect." for name in self.unknown_variables]
        return "\n".join(lines)


def examine(
    configuration: Configuration, *, environ: Mapping[str, str], count_keys: Callable[[], Mapping[str, int]]
) -> Examination:
    """Return what is in effect for an installation; `count_keys` asks its database, where that answers."""
    known = parse_ring(configuration.encryption_keys)
    counts = count_keys() if _does_answer(configuration) else None
    ids = [key.id for key in known.keys]
    names = [field.name for field in fields(Configuration) if field.name != "origins"]
    return Examination(
        settings=tuple(_setting_line(configuration, name) for name in names),
        versions=_versions(),
        free_disk_gigabytes=shutil.disk_usage(configuration.data_folder).free / 1e9,
        database=_database(configuration),
        keys=_keys(ids, counts),
        missing_keys={key_id: count for key_id, count in (counts or {}).items() if key_id not in (*ids, "due")},
        unknown_variables=unknown_variables(environ),
    )


def _keys(ids: list[str], counts: Mapping[str, int] | None) -> str:
    """Return one line on the keys of encrypted numbers."""
    named = f"{ids[0]} encrypts" + (f", {', '.join(ids[1:])} can still be read with" if ids[1:] else "")
    if counts is None:
        return f"{named}; the database was not asked what it needs"
    waiting = f", {counts['due']:,} wait to be encrypted" if counts.get("due") else ""
    return f"{named}; {sum(counts.values()):,} texts{waiting}"


def _does_answer(configuration: Configuration) -> bool:
    """Return whether the database answers a question about its tables."""
    if configuration.is_database_embedded and not server_state(Layout(configuration.data_folder)).is_running:
        return False
    address = database_address(configuration)
    options = ("--no-psqlrc", "--tuples-only", "--no-align", "--dbname", address.url)
    hurried = replace(address, environment={**address.environment, "PGCONNECT_TIMEOUT": "5"})
    try:
        return bool(run_program(hurried, "psql", *options, "--command", _IS_MIGRATED, code="doctor.database").strip())
    except GuanxiError:
        return False


def _setting_line(configuration: Configuration, name: str) -> SettingLine:
    """Return one setting as text, without giving a secret away."""
    value = getattr(configuration, name)
    if name in _SECRET_FIELDS:
        value = "set" if value else "not set"
    elif isinstance(value, tuple):
        value = ", ".join(value)
    return SettingLine(name, str(value), configuration.origins[name])


def _versions() -> Mapping[str, str]:
    """Return the versions of the parts that matter for a report of a fault."""
    found = {"guanxi": guanxi.__version__, "python": platform.python_version(), "system": platform.platform()}
    return {**found, **{name: importlib.metadata.version(name) for name in _PACKAGES}}


def _database(configuration: Configuration) -> str:
    """Return one line on the database."""
    if not configuration.is_database_embedded:
        return "a server of its own, named by its URL"
    layout = Layout(configuration.data_folder)
    state = server_state(layout)
    activity = f"runs as process {state.process_id}" if state.is_running else "does not run"
    return f"embedded PostgreSQL {_embedded_version()}, {activity}, socket in {layout.socket_folder}"


def _embedded_version() -> str:
    """Return the version of the embedded server's programs."""
    try:
        return find_binaries().version
    except ConfigurationError:
        return "(programs missing)"
