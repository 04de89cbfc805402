"""The settings of an installation: defaults, `guanxi.toml`, `GUANXI_*`; each value knows its origin."""

import difflib
import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from guanxi.kernel.errors import ConfigurationError
from guanxi.platform.database.layout import DATABASE_NAME, ROLE_NAME, Layout
from guanxi.platform.encryption.keys import KEYS_FILE_NAME, new_ring, parse_ring, ring_text

CONFIGURATION_FILE_NAME = "guanxi.toml"
SECRET_KEY_FILE_NAME = "secret_key"  # noqa: S105 - a file name
LANGUAGES = ("zh-hans", "en")
MOST_WEB_WORKERS = 64
MOST_WEB_THREADS = 64
MOST_PROXIES = 9
SHORTEST_SECRET_KEY = 32
MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")

_TRUE_WORDS = ("1", "true", "yes", "on")
_FALSE_WORDS = ("0", "false", "no", "off", "")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Every effective setting of one installation.

    `origins` names, for each field, where its value came from: "default", the configuration file, or the
    environment variable.
    """

    data_folder: Path
    port: int
    host: str
    database_url: str
    secret_key: str
    encryption_keys: str
    allowed_hosts: tuple[str, ...]
    debug: bool
    time_zone: str
    language: str
    web_workers: int
    web_threads: int
    postgres_memory_mb: int
    public_url: str
    trusted_proxies: int
    mail_url: str
    mail_from: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_name: str
    origins: Mapping[str, str]

    @property
    def is_database_embedded(self) -> bool:
        """Whether Guanxi runs its own PostgreSQL server."""
        return not self.database_url

    @property
    def oidc_provider_id(self) -> str:
        """The issuer as a part of our addresses: identities of one issuer are never those of another."""
        split = urlsplit(self.oidc_issuer)
        return re.sub(r"[^a-z0-9]+", "-", f"{split.netloc}{split.path}".lower())

    @property
    def mail_folder(self) -> Path:
        """Where mails lie as files as long as no mail server is set."""
        return self.data_folder / "run" / "mail"

    @property
    def lake_folder(self) -> Path:
        """The Parquet files of analytics; they can be rebuilt from the database."""
        return self.data_folder / "lake"

    @property
    def files_folder(self) -> Path:
        """Files that people uploaded."""
        return self.data_folder / "files"

    @property
    def log_folder(self) -> Path:
        """What the processes report."""
        return self.data_folder / "log"

    @property
    def run_folder(self) -> Path:
        """Locks, the secret key and other state of the installation."""
        return self.data_folder / "run"

    @property
    def encryption_keys_file(self) -> Path | None:
        """The file of the keys of encrypted numbers; None where a setting gives them, which nothing may change."""
        path = Layout(self.data_folder).run_folder / KEYS_FILE_NAME
        return path if self.origins["encryption_keys"] == str(path) else None

    @property
    def static_folder(self) -> Path:
        """Collected static files with hashed names, served by the web process."""
        return self.run_folder / "static"

    @property
    def backup_folder(self) -> Path:
        """Where backups go by default."""
        return self.data_folder / "backup"


@dataclass(frozen=True, slots=True)
class _Setting:
    """One setting: its field, its variables (first one wins), its default, and how text becomes its value."""

    field: str
    variables: tuple[str, ...]
    default: str
    parse: Callable[[str], Any]
    is_secret: bool = False


def load_configuration(environ: Mapping[str, str], working_folder: Path) -> Configuration:
    """Read the settings of the installation in `working_folder`.

    The secret key and the keys of encrypted numbers are generated on the first call and kept, readable by their owner
    alone, in the run folder.

    Raises:
        ConfigurationError: a value cannot be used (`configuration.value`), a key of the file is unknown
            (`configuration.key`), or a file cannot be read (`configuration.file`).
    """
    from_file = _read_file(working_folder / CONFIGURATION_FILE_NAME)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for setting in _SETTINGS:
        text, origin = _find_text(setting, environ=environ, from_file=from_file)
        values[setting.field] = _parse(setting, text, origin=origin)
        origins[setting.field] = origin
    values["data_folder"] = Path(os.path.abspath(working_folder / Path(values["data_folder"]).expanduser()))
    layout = Layout(values["data_folder"])
    for setting in _SETTINGS:
        if setting.field in _KEPT and not values[setting.field]:
            name, made = _KEPT[setting.field]
            origins[setting.field] = str(layout.run_folder / name)
            text = _kept_secret(layout, name, made)
            values[setting.field] = _parse(setting, text, origin=origins[setting.field])
    return Configuration(**values, origins=origins)


def database_settings(configuration: Configuration) -> dict[str, Any]:
    """Return Django's `DATABASES["default"]`: the embedded server's socket, or what the URL says."""
    parts = _url_parts(configuration.database_url) if configuration.database_url else _embedded_parts(configuration)
    options = parts.pop("OPTIONS")
    pool = {"min_size": 1, "max_size": configuration.web_threads + 4, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **parts,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "guanxi", "pool": pool, **options},
    }


def unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of `GUANXI_*` variables that no setting reads: mostly spelling mistakes."""
    known = {name for setting in _SETTINGS for name in setting.variables}
    known |= {f"{name}_FILE" for setting in _SETTINGS if setting.is_secret for name in setting.variables}
    return tuple(sorted(name for name in environ if name.startswith("GUANXI_") and name not in known))


def _embedded_parts(configuration: Configuration) -> dict[str, Any]:
    """Return the connection of the embedded server: peer sign-in over its private socket, so no password."""
    folder = Layout(configuration.data_folder).socket_folder
    return {
        "HOST": str(folder),
        "PORT": "",
        "NAME": DATABASE_NAME,
        "USER": ROLE_NAME,
        "PASSWORD": "",
        "OPTIONS": {},
    }


def _url_parts(url: str) -> dict[str, Any]:
    """Return the connection that a `postgresql://` URL describes; its query becomes options of libpq."""
    split = urlsplit(url)
    options = dict(parse_qsl(split.query))
    return {
        "HOST": options.pop("host", unquote(split.hostname or "")),
        "PORT": str(split.port or ""),
        "NAME": unquote(split.path.lstrip("/")),
        "USER": unquote(split.username or ""),
        "PASSWORD": unquote(split.password or ""),
        "OPTIONS": options,
    }


def _read_file(path: Path) -> Mapping[str, str]:
    """Read the configuration file as text values by field; a missing file has none."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            "configuration.file",
            "The file %(file)s cannot be read: %(reason)s.",
            file=str(path),
            reason=str(error),
        ) from error
    allowed = {_key(setting) for setting in _SETTINGS}
    for key in content:
        if key not in allowed:
            raise _unknown_key(key, path=path, allowed=sorted(allowed))
    return {key: _text(value) for key, value in content.items()}


def _unknown_key(key: str, *, path: Path, allowed: list[str]) -> ConfigurationError:
    """Return the error for a key that no setting has, with the closest one or all that are allowed."""
    close = difflib.get_close_matches(key, allowed, n=1) or [", ".join(allowed)]
    return ConfigurationError(
        "configuration.key",
        "The file %(file)s has an unknown setting %(key)s; allowed is: %(allowed)s.",
        file=str(path),
        key=key,
        allowed=close[0],
    )


def _text(value: object) -> str:
    """Return a value of the file as the text that an environment variable would carry."""
    if isinstance(value, list):
        return ",".join(str(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _key(setting: _Setting) -> str:
    """Return the name of a setting in the configuration file: its first variable without the prefix."""
    return setting.variables[0].removeprefix("GUANXI_").lower()


def _find_text(setting: _Setting, *, environ: Mapping[str, str], from_file: Mapping[str, str]) -> tuple[str, str]:
    """Return the text of a setting and its origin."""
    for name in setting.variables:
        if environ.get(name):
            return environ[name], name
        if setting.is_secret and environ.get(f"{name}_FILE"):
            return _read_secret(Path(environ[f"{name}_FILE"]), variable=f"{name}_FILE"), f"{name}_FILE"
    if _key(setting) in from_file:
        return from_file[_key(setting)], CONFIGURATION_FILE_NAME
    return setting.default, "default"


def _read_secret(path: Path, *, variable: str) -> str:
    """Return the content of a file that holds one secret."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "configuration.file",
            "%(variable)s names a file that cannot be read: %(reason)s.",
            variable=variable,
            reason=str(error),
        ) from error


def _parse(setting: _Setting, text: str, *, origin: str) -> Any:
    """Return the value that the text of a setting stands for."""
    try:
        return setting.parse(text.strip())
    except ValueError as error:
        raise ConfigurationError(
            "configuration.value",
            "%(name)s from %(origin)s cannot be %(value)s; allowed is: %(allowed)s.",
            name=_key(setting),
            origin=origin,
            value="what is given" if setting.is_secret else repr(text),
            allowed=str(error),
        ) from error


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a parser of whole numbers within bounds."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def _switch(text: str) -> bool:
    """Return whether the text says yes."""
    if text.lower() not in _TRUE_WORDS + _FALSE_WORDS:
        raise ValueError("true or false")
    return text.lower() in _TRUE_WORDS


def _language(text: str) -> str:
    """Return the code of a language of the interface."""
    if text.lower() not in LANGUAGES:
        raise ValueError(", ".join(LANGUAGES))
    return text.lower()


def _time_zone(text: str) -> str:
    """Return the name of a time zone that this machine knows."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("a name of the time zone database, such as Asia/Shanghai") from error


def _hosts(text: str) -> tuple[str, ...]:
    """Return host names separated by commas."""
    hosts = tuple(part.strip() for part in text.split(",") if part.strip())
    if not hosts or any("/" in host or " " in host for host in hosts):
        raise ValueError("host names separated by commas, such as crm.example.org,127.0.0.1")
    return hosts


def _filled(text: str) -> str:
    """Return a text that may not be empty."""
    if not text:
        raise ValueError("a text that is not empty")
    return text


def _secret_key(text: str) -> str:
    """Return the key that signs sessions; empty stands for the one that is generated."""
    if text and len(text) < SHORTEST_SECRET_KEY:
        raise ValueError(f"at least {SHORTEST_SECRET_KEY} characters")
    return text


def _encryption_keys(text: str) -> str:
    """Return the keys of encrypted numbers; empty stands for those that are generated."""
    return ring_text(parse_ring(text)) if text else ""


def _database_url(text: str) -> str:
    """Return the address of a PostgreSQL server; empty stands for the embedded one."""
    allowed = "postgresql://user:password@host:port/database, or empty for the embedded server"
    if not text:
        return ""
    try:
        split = urlsplit(text)
        is_usable = split.scheme in ("postgresql", "postgres") and bool(split.path.strip("/"))
        is_usable = is_usable and (split.port is None or split.port > 0)
    except ValueError as error:
        raise ValueError(allowed) from error
    if not is_usable:
        raise ValueError(allowed)
    return text


def _origin(text: str) -> str:
    """Return the beginning of an address, such as https://crm.example.org; empty stands for none."""
    split = urlsplit(text)
    if text and (split.scheme not in ("http", "https") or not split.hostname or split.path.strip("/") or split.query):
        raise ValueError("the beginning of an address, such as https://crm.example.org")
    return text.rstrip("/")


def _issuer(text: str) -> str:
    """Return the address of an OpenID Connect provider; empty stands for none."""
    split = urlsplit(text)
    is_local = split.hostname in ("127.0.0.1", "localhost", "::1")
    if text and (not split.hostname or not (split.scheme == "https" or (split.scheme == "http" and is_local))):
        raise ValueError("an address that begins with https://, such as https://login.example.org/realms/house")
    return text.rstrip("/")


def _mail_url(text: str) -> str:
    """Return the address of a mail server; empty stands for files in the data folder."""
    split = urlsplit(text)
    if text and (split.scheme not in MAIL_SCHEMES or not split.hostname):
        raise ValueError("smtps://user:password@host:465, smtp+starttls://user:password@host:587, or smtp://host:25")
    return text


def _usable_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _kept_secret(layout: Layout, name: str, made: Callable[[], str]) -> str:
    """Return a secret of the installation from its file, generating it once.

    It is written to a file of its own and linked to its name, which fails when another process was faster; then that
    one's secret counts, so no two processes ever work with different ones.
    """
    path = layout.run_folder / name
    try:
        layout.make_folders()
        if not path.exists():
            _write_secret(path, made())
        return _filled(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            "configuration.secret_key",
            "The secret key %(file)s cannot be read or written: %(reason)s.",
            file=str(path),
            reason=str(error),
        ) from error


def _write_secret(path: Path, text: str) -> None:
    """Create the file of a secret, unless another process just did."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


_KEPT: Mapping[str, tuple[str, Callable[[], str]]] = {
    "secret_key": (SECRET_KEY_FILE_NAME, lambda: secrets.token_urlsafe(48)),
    "encryption_keys": (KEYS_FILE_NAME, lambda: ring_text(new_ring())),
}
_SETTINGS = (
    _Setting("data_folder", ("GUANXI_DATA",), "guanxi-data", _filled),
    _Setting("port", ("GUANXI_PORT",), "8000", _whole_number(1, 65535)),
    _Setting("host", ("GUANXI_HOST",), "127.0.0.1", _filled),
    _Setting("database_url", ("GUANXI_DATABASE_URL", "DATABASE_URL"), "", _database_url, is_secret=True),
    _Setting("secret_key", ("GUANXI_SECRET_KEY",), "", _secret_key, is_secret=True),
    _Setting("encryption_keys", ("GUANXI_ENCRYPTION_KEYS",), "", _encryption_keys, is_secret=True),
    _Setting("allowed_hosts", ("GUANXI_ALLOWED_HOSTS",), "127.0.0.1,localhost,[::1]", _hosts),
    _Setting("debug", ("GUANXI_DEBUG",), "false", _switch),
    _Setting("time_zone", ("GUANXI_TIME_ZONE",), "Asia/Shanghai", _time_zone),
    _Setting("language", ("GUANXI_LANGUAGE",), "zh-hans", _language),
    _Setting(
        "web_workers",
        ("GUANXI_WEB_WORKERS",),
        str(min(_usable_processors(), 8)),
        _whole_number(1, MOST_WEB_WORKERS),
    ),
    _Setting("web_threads", ("GUANXI_WEB_THREADS",), "4", _whole_number(1, MOST_WEB_THREADS)),
    _Setting("postgres_memory_mb", ("GUANXI_POSTGRES_MEMORY_MB",), "0", _whole_number(0, 16_777_216)),
    _Setting("public_url", ("GUANXI_PUBLIC_URL",), "", _origin),
    _Setting("trusted_proxies", ("GUANXI_TRUSTED_PROXIES",), "0", _whole_number(0, MOST_PROXIES)),
    _Setting("mail_url", ("GUANXI_MAIL_URL",), "", _mail_url, is_secret=True),
    _Setting("mail_from", ("GUANXI_MAIL_FROM",), "guanxi@localhost", _filled),
    _Setting("oidc_issuer", ("GUANXI_OIDC_ISSUER",), "", _issuer),
    _Setting("oidc_client_id", ("GUANXI_OIDC_CLIENT_ID",), "guanxi", _filled),
    _Setting("oidc_client_secret", ("GUANXI_OIDC_CLIENT_SECRET",), "", str, is_secret=True),
    _Setting("oidc_name", ("GUANXI_OIDC_NAME",), "", str),
)
