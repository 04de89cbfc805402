"""What programs say of a file that they hand in: columns by their names, and the choices beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.files.storage import NewFile
from guanxi.platform.transfer.commands import discard, set_columns, take_file_in
from guanxi.platform.transfer.mapping import Columns
from guanxi.platform.transfer.models import Import, KnownRows
from guanxi.platform.transfer.queries import mapping_of


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a file is to be read; what is left open is guessed.

    `columns` are the fields by the name of the column, "" for a column that is left out. `known_by` "" makes all rows
    new.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    known_by: str | None = None
    skips_known: bool = False
    system: str = ""


def take_wished_file_in(object_key: str, file: NewFile, wishes: Wishes, *, actor: Actor) -> Import:
    """Take a file in as it is wished. Raises: NotFound, AccessDenied, RuleViolation("import.…")."""
    found = take_file_in(object_key, file, actor=actor)
    if wishes != Wishes():
        try:
            set_columns(found, _columns(found, wishes), actor=actor)
        except RuleViolation:
            discard(found)
            raise
    return found


def _columns(file: Import, wishes: Wishes) -> Columns:
    mapping = _mapping(file, wishes.columns)
    guess = file.known_by if file.known_by in mapping.values() else ""
    return Columns(
        mapping,
        known_by=guess if wishes.known_by is None else wishes.known_by,
        known_rows=KnownRows.SKIP if wishes.skips_known else KnownRows.UPDATE,
        day_first=file.day_first,
        system=wishes.system or file.system,
    )


def _mapping(file: Import, wished: Mapping[str, str]) -> dict[int, str]:
    """The guessed mapping with what was wished put right. Raises: RuleViolation("import.column")."""
    found = dict(mapping_of(file))
    heads = {str(head): number for number, head in enumerate(file.header)}
    for head, key in wished.items():
        if head not in heads:
            raise RuleViolation("import.column", "The file has no column “%(name)s”.", name=head)
        found = {number: known for number, known in found.items() if known != key and number != heads[head]}
        if key:
            found[heads[head]] = key
    return found
