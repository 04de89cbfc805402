"""Which addresses a connection may reach: systems of the house, never the machine's inside.

Private networks are allowed, for that is where the back office of the house stands. Never allowed are addresses that
only the own machine or its cloud answers (link-local, the service of metadata), and Guanxi's own database.
"""

import os
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from django.conf import settings
from django.db import connection

from guanxi.kernel.errors import ExternalFailure, RuleViolation
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference

PRIVATE_ADDRESSES = declare(
    PreferenceSpec(
        "connections.private_addresses",
        True,
        "Connections may reach private networks",
        "The back office of the house usually stands on one. Switch it off where Guanxi runs for others.",
    )
)
METADATA = frozenset(
    ip_address(text)
    for text in (
        *("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("fd00:ec2::254", "fd20:ce::254"),
    )
)
TRANSLATED = ip_network("64:ff9b::/96")
COMPATIBLE = ip_network("::/96")
LEAST_COMPATIBLE = 1 << 16
SQLITE_HEAD = b"SQLite format 3\x00"
SOURCES = "sources"
Address = IPv4Address | IPv6Address


def resolved(host: str, port: int) -> str:
    """The numeric address that a host has, when all of its addresses may be reached.

    Raises: RuleViolation("connection.address"), ExternalFailure("connection.unknown_host").
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ExternalFailure("connection.unknown_host", "There is no host %(host)s.", host=host) from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        require_reachable(address, port=port)
    return addresses[0]


def require_reachable(address: str, *, port: int) -> None:
    """Refuse what no connection may reach. Raises: RuleViolation("connection.address")."""
    number = _meant(ip_address(address.partition("%")[0]))
    is_inside = number.is_link_local or number.is_multicast or number.is_unspecified or number in METADATA
    is_refused = not number.is_global and not preference(PRIVATE_ADDRESSES)
    if is_inside or is_refused or _is_own_database(number, port):
        raise RuleViolation(
            "connection.address", "%(address)s is not an address that connections may reach.", address=str(number)
        )


def _meant(number: Address) -> Address:
    """The address that is reached in the end: IPv6 has several ways to say one of IPv4."""
    if isinstance(number, IPv4Address):
        return number
    is_compatible = number in COMPATIBLE and int(number) >= LEAST_COMPATIBLE
    last = IPv4Address(int(number) & 0xFFFFFFFF) if number in TRANSLATED or is_compatible else None
    return number.ipv4_mapped or number.sixtofour or last or number


def require_socket(folder: str) -> str:
    """The folder of a server's socket, unless it is Guanxi's own. Raises: RuleViolation("connection.address")."""
    own = str(connection.settings_dict["HOST"])
    if not Path(folder).is_dir() or (own.startswith("/") and os.path.realpath(own) == os.path.realpath(folder)):
        raise RuleViolation(
            "connection.address", "%(address)s is not an address that connections may reach.", address=folder
        )
    return folder


def sources_folder() -> Path:
    """Where SQLite files stand that may be read."""
    return Path(settings.DATA_FOLDER) / SOURCES


def sqlite_path(address: str) -> Path:
    """The file of an address, which stands in the folder for such files.

    Raises: RuleViolation("connection.file").
    """
    folder = sources_folder().resolve()
    path = (folder / address).resolve()
    try:
        with path.open("rb") as file:
            is_database = path.is_relative_to(folder) and file.read(len(SQLITE_HEAD)) == SQLITE_HEAD
    except OSError:
        is_database = False
    if not is_database:
        raise RuleViolation(
            "connection.file",
            "There is no SQLite file %(file)s in the folder %(folder)s.",
            file=address,
            folder=str(folder),
        )
    return path


def _is_own_database(number: Address, port: int) -> bool:
    """Whether it is the port of the database that Guanxi itself works on."""
    own = connection.settings_dict
    host = str(own["HOST"] or "")
    if not host or host.startswith("/") or port != int(own["PORT"] or 5432):
        return False
    known = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    return str(number) in known
