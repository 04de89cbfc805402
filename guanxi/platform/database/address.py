"""Addresses of databases, as programs and drivers beside Django's read them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

_DJANGO_OPTIONS = ("pool", "server_side_binding", "isolation_level", "assume_role", "prepare_threshold")


def libpq_uri(database: Mapping[str, Any], *, has_password: bool = True) -> str:
    """Return the `postgresql://` address of one entry of Django's `DATABASES`.

    Socket folders travel as the parameter `host`. Leave the password out (`has_password`) where other users
    of the machine could read the address, such as on a command line.
    """
    options = dict(database.get("OPTIONS", {}))
    parameters = {name: str(value) for name, value in options.items() if name not in _DJANGO_OPTIONS}
    for parameter, key in (("host", "HOST"), ("port", "PORT")):
        if database.get(key):
            parameters[parameter] = str(database[key])
    user = quote(str(database.get("USER") or ""), safe="")
    password = database.get("PASSWORD") if has_password else ""
    secret = f":{quote(str(password), safe='')}" if password else ""
    name = quote(str(database["NAME"]), safe="")
    return f"postgresql://{user}{secret}@/{name}?{urlencode(parameters, safe='', quote_via=quote)}"
