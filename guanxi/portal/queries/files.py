"""The files that visitors send along: how large, of which kinds, where they lie."""

from collections.abc import Collection

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.files.rules import ending_of
from guanxi.platform.files.storage import Shelf, register_shelf
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference
from guanxi.portal.models import SubmissionFile
from guanxi.portal.queries.submissions import HELD_REASON

FILE_MEGABYTES = declare(
    PreferenceSpec(
        "portal.file_megabytes",
        5,
        "Largest file in a web form",
        "In megabytes; one file with each form.",
        minimum=1,
        maximum=50,
    )
)
FILE_TYPES = declare(
    PreferenceSpec(
        "portal.file_types",
        "pdf,jpg,jpeg,png,docx,xlsx,txt",
        "Kinds of files in web forms",
        "Endings of file names, separated by commas; other files are refused, and so is what documents may not be.",
    )
)


def file_endings() -> tuple[str, ...]:
    """The endings of files that visitors may send."""
    return tuple(ending for part in preference(FILE_TYPES).split(",") if (ending := part.strip().lower()))


def require_ending(name: str) -> None:
    """A file is of a kind that visitors may send. Raises: RuleViolation("form.file")."""
    if ending_of(name) not in file_endings():
        raise RuleViolation("form.file", "Files of this kind are not taken here: %(endings)s.", endings=_listed())


def _listed() -> str:
    return ", ".join(file_endings())


def known_contents(names: Collection[str]) -> set[str]:
    """Those of some random names that a file of a visitor has."""
    rows = unscoped(SubmissionFile, reason=HELD_REASON).filter(stored_as__in=list(names))
    return set(rows.values_list("stored_as", flat=True))


FILES = register_shelf(Shelf("submissions", known_contents))


def sent_file(file_id: int, actor: Actor) -> SubmissionFile:
    """A file that belongs to a customer whom the actor sees. Raises: NotFound, AccessDenied."""
    found: SubmissionFile = grant(actor, SubmissionFile).get(file_id)
    if found.account_id is None:
        raise no_such_record()
    return found
