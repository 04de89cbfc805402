"""What asks outside sources of data on firms: the built-in one for web services, and those that installations add."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import ExternalFailure, RuleViolation
from guanxi.ledger.adapters.json_service import JsonService, Patience, origin_of
from guanxi.ledger.models.enrichment import REST
from guanxi.platform.objects.spec import Label

MOST_BYTES = 2_000_000
PLACE = "{value}"
REST_LABEL = _("Web service (REST, JSON)")
PATIENCE = Patience(tries=3, longest_pause_seconds=5.0)
NOT_THERE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Question:
    """One question: by what a firm is asked for ("tax_id", "name", "website"), its words, how the source is set up."""

    asked_by: str
    value: str
    address: str = ""
    parameter: str = ""
    header: str = ""
    secret: str = ""
    timeout_seconds: int = 10


class Enricher(Protocol):
    """Asks a source. `key` names it in the settings, `label` is what people read."""

    @property
    def key(self) -> str:
        """The name in the settings."""

    @property
    def label(self) -> Label:
        """What people read."""

    def ask(self, question: Question) -> object | None:
        """The answer as JSON would give it, None for a firm that is not known there. Raises: ExternalFailure."""


_enrichers: dict[str, Enricher] = {}


def register_enricher(enricher: Enricher) -> None:
    """Let an installation ask a source in code of its own. Raises: ValueError for a key that is taken."""
    if enricher.key in _enrichers:
        raise ValueError(f"There is an enricher “{enricher.key}” already.")
    _enrichers[enricher.key] = enricher


def enrichers() -> Mapping[str, Enricher]:
    """All that can ask, by key."""
    return _enrichers


def enricher_of(way: str) -> Enricher:
    """What asks in a way. Raises: RuleViolation("enrichment.way") for one that is not installed any more."""
    found = _enrichers.get(way)
    if found is None:
        raise RuleViolation("enrichment.way", "Nothing that asks “%(way)s” is installed.", way=way, field="way")
    return found


@dataclass(frozen=True, slots=True)
class RestEnricher:
    """Asks a web service that answers a GET in JSON, by the path or by a parameter."""

    key: str = REST
    label: Label = REST_LABEL
    patience: Patience = PATIENCE

    def ask(self, question: Question) -> object | None:
        """The body of the answer. Raises: ExternalFailure("connection.…"), RuleViolation("connection.…")."""
        address = question.address.replace(PLACE, quote(question.value, safe=""))
        origin_of(address)
        given = {} if PLACE in question.address else {question.parameter or "q": question.value}
        service = JsonService(
            header=question.header,
            secret=question.secret,
            timeout_seconds=float(question.timeout_seconds),
            most_bytes=MOST_BYTES,
            patience=self.patience,
        )
        try:
            body, _link = service.answer(address, given)
        except ExternalFailure as error:
            if error.code == "connection.status" and error.data.get("status") in NOT_THERE:
                return None
            raise
        finally:
            service.close()
        return body


register_enricher(RestEnricher())
