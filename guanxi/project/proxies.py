"""Whose address a request comes from when proxies stand in front: limits and the audit trail are by it."""

from collections.abc import Iterable
from ipaddress import ip_address
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def behind_proxies(application: WSGIApplication, *, count: int) -> WSGIApplication:
    """The application, told the address that the outermost of so many proxies of the house was asked from.

    Each of them adds whom it was asked by at the end of `X-Forwarded-For`; what stands before these anybody could
    have sent. Without proxies the heading says nothing.
    """
    if not count:
        return application

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        told = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        address = address_of(told[-count]) if len(told) >= count else ""
        if address:
            environ["REMOTE_ADDR"] = address
        return application(environ, start_response)

    return answered


def address_of(text: str) -> str:
    """The address that a proxy names, some with a port behind it; "" for what is none."""
    plain = text.strip()
    for candidate in (plain, plain.rpartition(":")[0]):
        try:
            return str(ip_address(candidate.strip("[]")))
        except ValueError:
            continue
    return ""
