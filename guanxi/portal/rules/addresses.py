"""Addresses of other sites that a form names: where it may be shown, where it leads after it was sent."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from guanxi.kernel.errors import RuleViolation

HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
UNSAFE = re.compile(r"[\s\\\x00-\x1f\x7f'\";,<>]")
LOCAL = frozenset({"localhost", "127.0.0.1"})
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")
MOST_SITES = 20
ORIGIN_KEYS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
LONGEST_ORIGIN = 100


def site_of(text: str) -> str:
    """The origin of a site as a person writes it: "www.example.com" is "https://www.example.com".

    Raises: RuleViolation("form.site") for anything that is no site; wildcards are none.
    """
    written = text.strip().lower()
    split = None if UNSAFE.search(written) else _split(written if "://" in written else f"https://{written}")
    if split is None or split[2]:
        raise RuleViolation("form.site", "“%(site)s” is no address of a site.", site=text.strip()[:80], field="sites")
    return f"{split[0]}://{split[1]}"


def sites_of(text: str) -> tuple[str, ...]:
    """The origins of the sites that stand on lines, each once. Raises: as `site_of`; RuleViolation("form.sites")."""
    found = tuple(dict.fromkeys(site_of(line) for line in text.splitlines() if line.strip()))
    if len(found) > MOST_SITES:
        raise RuleViolation("form.sites", "At most %(most)s sites.", most=MOST_SITES, field="sites")
    return found


def require_redirect(address: str, *, sites: Sequence[str]) -> None:
    """A form leads only to a page of a site that it names. Raises: RuleViolation("form.redirect")."""
    if address and not is_safe_redirect(address, sites=sites):
        raise RuleViolation(
            "form.redirect",
            "The page must lie on one of the sites that the form names, as https://…",
            field="redirect_url",
        )


def is_safe_redirect(address: str, *, sites: Sequence[str]) -> bool:
    """Whether an address is a whole one on one of the sites."""
    split = None if UNSAFE.search(address) else _split(address)
    return split is not None and f"{split[0]}://{split[1]}" in sites


def _split(address: str) -> tuple[str, str, str] | None:
    """Scheme, host with port, and the rest of an address; None for one that is not plain http or https."""
    try:
        split = urlsplit(address)
        port = split.port
    except ValueError:
        return None
    host = (split.hostname or "").lower()
    is_web = split.scheme == "https" or (split.scheme == "http" and host in LOCAL)
    if not is_web or "@" in split.netloc or not HOST.fullmatch(host):
        return None
    rest = f"{split.path.rstrip('/')}{split.query}{split.fragment}"
    return split.scheme, f"{host}:{port}" if port else host, rest


def require_slug(slug: str) -> None:
    """The name of a form in its address. Raises: RuleViolation("form.slug")."""
    if not SLUG.fullmatch(slug):
        raise RuleViolation(
            "form.slug", "Use 3 to 40 small letters, digits and hyphens, such as trade-fair.", field="slug"
        )
