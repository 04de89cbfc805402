"""Capabilities of others, installed as Python packages: each names itself by an entry point `guanxi.capabilities`."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

from guanxi.kernel.errors import ConfigurationError

GROUP = "guanxi.capabilities"


@dataclass(frozen=True, slots=True)
class Package:
    """One capability of others: `app` is its Django app, `urls` the module with its addresses, "" for none."""

    name: str
    app: str
    urls: str


def installed_packages() -> tuple[Package, ...]:
    """The capabilities that are installed beside Guanxi, by name. Raises: ConfigurationError("package.missing")."""
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    return tuple(_package(found[name]) for name in sorted(found))


def _package(entry: EntryPoint) -> Package:
    """The capability of an entry point such as `exhibitions = "exhibitions"`."""
    if find_spec(entry.module) is None:
        raise ConfigurationError(
            "package.missing",
            "The package “%(name)s” names the module %(module)s, which is not there. Install it again or remove it.",
            name=entry.name,
            module=entry.module,
        )
    app = f"{entry.module}.{entry.attr}" if entry.attr else entry.module
    urls = f"{entry.module}.urls"
    return Package(entry.name, app, urls if find_spec(urls) is not None else "")
