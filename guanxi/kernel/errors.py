"""Errors a person can act on: a stable code, a translatable sentence with named placeholders, and data.

One handler at each edge (page, API, command line, import row) renders them; nothing else catches them.
"""

from collections.abc import Mapping
from typing import ClassVar


class GuanxiError(Exception):
    """Base of all errors that are shown to a person.

    `code` is stable and documented; `sentence` is an English sentence with named `%(placeholders)s`;
    `data` fills them and travels with the error into problem JSON.
    """

    status: ClassVar[int] = 500

    def __init__(self, code: str, sentence: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.data: Mapping[str, object] = data

    def __str__(self) -> str:
        """The English sentence with its placeholders filled."""
        return self.sentence % self.data if self.data else self.sentence


class RuleViolation(GuanxiError):
    """The request is understood and refused by a rule of the business (422)."""

    status = 422


class AccessDenied(GuanxiError):
    """The actor may see the record but not do this with it (403)."""

    status = 403


class NotFound(GuanxiError):
    """The record does not exist, or the actor must not learn that it does (404)."""

    status = 404


def no_such_record() -> NotFound:
    """The error for a record that does not exist, or of which the actor must not learn that it does."""
    return NotFound("record.not_found", "This record does not exist or is not shared with you.")


class Conflict(GuanxiError):
    """Somebody or something else got there first (409)."""

    status = 409


class ExternalFailure(GuanxiError):
    """A system outside did not answer as it should (502)."""

    status = 502


class ConfigurationError(GuanxiError):
    """A setting has a value that cannot be used; the sentence says what is allowed."""

    status = 500
