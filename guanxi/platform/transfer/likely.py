"""The rows of an import that look like records that are there, or like earlier rows, as its pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from guanxi.platform.objects.alike import AlikeRecord, EntryPoint, Treatment, alike_source, treatment_at, unpacked
from guanxi.platform.objects.spec import Label, View
from guanxi.platform.transfer.models import Import, ImportedRow, ImportState
from guanxi.platform.transfer.queries import imported_rows
from guanxi.platform.transfer.rows import ALIKE

SHOWN_ROWS = 30
TOLD, REFUSED, ASKED = (
    _l("Written all the same; a steward decides"),
    _l("Skipped: the house does not take them in"),
    _l("Written; a steward decides"),
)


@dataclass(frozen=True, slots=True)
class AlikeTile:
    """How many new rows look like a record that is there, or like an earlier row; `url` shows them."""

    count: int
    note: Label
    url: str


@dataclass(frozen=True, slots=True)
class AlikeLine:
    """What one row looks like: a record, as far as the person may see it, or an earlier row of the file (else 0)."""

    number: int
    found: AlikeRecord
    row: int


def alike_tile(file: Import) -> AlikeTile | None:
    """The count of such rows; None where nobody looks for them and none was found."""
    treatment = treatment_at(file.object_key, EntryPoint.IMPORT)
    count = int(file.counts.get(ALIKE, 0))
    if treatment is Treatment.OFF and not count:
        return None
    is_open = file.state in (ImportState.DRAFT, ImportState.READY)
    note = REFUSED if treatment is Treatment.BLOCK else TOLD if is_open else ASKED
    return AlikeTile(count, note, f"{reverse('import', args=[file.pk])}?show={ALIKE}")


def alike_lines(file: Import, view: View) -> tuple[AlikeLine, ...]:
    """The first such rows and what they look like; of what the person must not see, only that it is there."""
    source = alike_source(file.object_key)
    rows = imported_rows(file, has_problem=ALIKE, limit=SHOWN_ROWS)
    hits = [unpacked(_packed(row)) for row in rows]
    found: Sequence[AlikeRecord] = source.shown(hits, view.actor) if source is not None else ()
    return tuple(
        AlikeLine(row.number, record, hit.row or 0) for row, record, hit in zip(rows, found, hits, strict=False)
    )


def _packed(row: ImportedRow) -> str:
    return next(str(problem[2]) for problem in row.problems if problem[1] == ALIKE)
