"""`guanxi doctor`: what is in effect here, and where it came from."""

import importlib.metadata
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields

import guanxi
from guanxi.kernel.errors import ConfigurationError
from guanxi.platform.database.binaries import find_binaries
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import server_state
from guanxi.project.configuration import Configuration, unknown_variables

_PACKAGES = ("django", "psycopg", "duckdb", "granian", "procrastinate")
_SECRET_FIELDS = ("secret_key", "database_url", "mail_url", "oidc_client_secret")


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as it is in effect; secrets show only whether they are set."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What `guanxi doctor` found: settings, versions by part, free disk, database, unknown variables."""

    settings: tuple[SettingLine, ...]
    versions: Mapping[str, str]
    free_disk_gigabytes: float
    database: str
    unknown_variables: tuple[str, ...]

    def text(self) -> str:
        """Return the findings as lines of text."""
        width = max(len(line.name) for line in self.settings)
        lines = [f"{line.name:<{width}}  {line.value}  ({line.origin})" for line in self.settings]
        lines += [f"{name:<{width}}  {version}" for name, version in self.versions.items()]
        lines.append(f"{'free disk':<{width}}  {self.free_disk_gigabytes:.1f} GB")
        lines.append(f"{'database':<{width}}  {self.database}")
        lines += [f"No setting is called {name}; it has no effect." for name in self.unknown_variables]
        return "\n".join(lines)


def examine(configuration: Configuration, *, environ: Mapping[str, str]) -> Examination:
    """Return what is in effect for an installation."""
    names = [field.name for field in fields(Configuration) if field.name != "origins"]
    return Examination(
        settings=tuple(_setting_line(configuration, name) for name in names),
        versions=_versions(),
        free_disk_gigabytes=shutil.disk_usage(configuration.data_folder).free / 1e9,
        database=_database(configuration),
        unknown_variables=unknown_variables(environ),
    )


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
