"""Verbs about imports: take a file in, say what its columns are, try it, write it, take it back.

A file is written block by block, each block in one transaction with what became of its rows, so that a server which
dies leaves whole blocks; the run is begun again where it stopped. All blocks stand under one audit entry, from whose
history the undo takes the former values.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import islice
from typing import Protocol, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import actors_by_user_id, system_actor
from guanxi.platform.audit.commands import begin_entry, continue_entry, set_count
from guanxi.platform.events.commands import publish
from guanxi.platform.files.storage import NewFile, store
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.objects.erasing import Subject
from guanxi.platform.objects.importing import Importing
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec, View, WrittenBlock
from guanxi.platform.records.events import RecordsAssigned
from guanxi.platform.records.many import restore_untouched, trash_untouched
from guanxi.platform.search.commands import remove_records
from guanxi.platform.transfer.blocks import REASON, Judged, Plan, Written, judged, plan_of, write
from guanxi.platform.transfer.cells import storable
from guanxi.platform.transfer.mapping import Columns, guessed, targets_of
from guanxi.platform.transfer.models import Import, ImportedRow, ImportState, ImportTemplate, KnownRows, Outcome
from guanxi.platform.transfer.queries import IMPORT_FILES, file_rows_of, mapping_of, path_of, source_of, templates_of
from guanxi.platform.transfer.reading import first_rows, header_of, sniff
from guanxi.platform.transfer.rows import ALIKE, Problem, Reader, ReadRow, reader_of
from guanxi.platform.transfer.tally import Tally

CHECK_JOB, WRITE_JOB, UNDO_JOB = "transfer.check", "transfer.write", "transfer.undo"
BLOCK = 2_000
SAMPLE = 200
MOST_MEGABYTES = 2_000
UNDO_DAYS = timedelta(days=30)
MOST_SYSTEM = 40
LONGEST_WORD = 10_000
OPEN = (ImportState.DRAFT, ImportState.READY)
KEEP_ROWS = (
    "COPY transfer_importedrow (file_id, number, outcome, object_key, record_id, version, problems, is_kept) FROM STDIN"
)
WRITTEN = (Outcome.CREATED, Outcome.UPDATED, Outcome.REPEATED)
Item = TypeVar("Item")


class Watched(Protocol):
    """Whoever wants to know how far a long work is; may stop it by RunCancelled."""

    def expect(self, total: int, *, unit: str = "") -> None:
        """So many rows there will be."""

    def advance(self, steps: int = 1, *, message: str = "") -> None:
        """So many more rows are done."""


def take_file_in(object_key: str, file: NewFile, *, actor: Actor) -> Import:
    """Take a file in: how it is read is found out, and which column is which field guessed.

    Raises: NotFound("object.not_found"), AccessDenied, RuleViolation("import.…" | "document.size").
    """
    spec = _importable(object_key, actor)
    name = file.name.replace("\\", "/").rpartition("/")[2][:200] or "import"
    content = store(IMPORT_FILES, file, name=name, megabytes=MOST_MEGABYTES)
    path, is_kept = IMPORT_FILES.path(content.stored_as), False
    try:
        source = sniff(path, name)
        found = Import(
            object_key=spec.key,
            user_id=actor.user_id,
            name=name,
            stored_as=content.stored_as,
            size=content.size,
            source=asdict(source),
            header=list(header_of(path, source)),
        )
        _guess(found, spec, actor)
        found.save()
        is_kept = True
    finally:
        if not is_kept:
            path.unlink(missing_ok=True)
    return found


def discard(file: Import) -> None:
    """Throw a file away that was taken in and not begun, with its content."""
    path_of(file).unlink(missing_ok=True)
    file.delete()


@transaction.atomic
def choose_sheet(file: Import, sheet: str, *, actor: Actor) -> None:
    """Read another sheet of the workbook. Raises: RuleViolation("import.…"), Conflict("import.state")."""
    _require_open(file)
    source = sniff(path_of(file), file.name, sheet=sheet)
    file.source, file.header = asdict(source), list(header_of(path_of(file), source))
    file.replaced, file.edits = {}, ""
    _guess(file, _importable(file.object_key, actor), actor)
    _begin_again(file)


@transaction.atomic
def set_columns(file: Import, columns: Columns, *, actor: Actor) -> None:
    """Say which column goes into which field, and what rows are known by.

    Raises: AccessDenied, RuleViolation("import.mapping" | "import.system"), Conflict("import.state").
    """
    _require_open(file)
    spec = _importable(file.object_key, actor)
    allowed = {target.key: target for target in targets_of(spec, _view(actor))}
    keys = list(columns.mapping.values())
    if (
        not allowed.keys() >= set(keys)
        or len(set(keys)) < len(keys)
        or not all(0 <= n < len(file.header) for n in columns.mapping)
    ):
        raise RuleViolation("import.mapping", "Each column goes into one field, and each field takes one column.")
    known_by = columns.known_by
    if (known_by and not (known_by in keys and allowed[known_by].identifies)) or (
        columns.known_rows not in KnownRows.values
    ):
        raise RuleViolation("import.mapping", "Rows can only be known by a field that a column goes into.")
    if len(columns.system) > MOST_SYSTEM or not columns.system.isprintable():
        raise RuleViolation("import.system", "Give it a name of at most %(most)s characters.", most=MOST_SYSTEM)
    file.mapping = {str(number): key for number, key in sorted(columns.mapping.items())}
    file.known_by, file.known_rows, file.day_first = known_by, columns.known_rows, columns.day_first
    file.system = columns.system.strip() or _system_of(file)
    _begin_again(file)


def _system_of(file: Import) -> str:
    """What the system is called whose numbers stand in a file, until somebody says it: as the file."""
    return file.name.rpartition(".")[0][:MOST_SYSTEM] or file.name[:MOST_SYSTEM]


@transaction.atomic
def replace_words(file: Import, field: str, words: Mapping[str, str]) -> None:
    """Read words in the column of a field as others, in all rows; "" leaves the cell empty.

    Raises: RuleViolation("import.mapping") for a field into which no column goes, Conflict("import.state").
    """
    _require_open(file)
    read = {storable(found)[:LONGEST_WORD]: storable(meant)[:LONGEST_WORD] for found, meant in words.items()}
    if field not in file.mapping.values():
        raise RuleViolation("import.mapping", "Each column goes into one field, and each field takes one column.")
    file.replaced = {**file.replaced, field: {**file.replaced.get(field, {}), **read}}
    _begin_again(file)


@transaction.atomic
def edit_cell(file: Import, row: int, column: int, text: str) -> None:
    """Correct one cell by hand. Raises: Conflict("import.state")."""
    _require_open(file)
    edits = json.loads(file.edits or "{}")
    edits[f"{row}:{column}"] = storable(text)[:LONGEST_WORD]
    file.edits = json.dumps(edits, ensure_ascii=False)
    _begin_again(file)


def keep_template(file: Import, name: str, *, actor: Actor) -> ImportTemplate:
    """Keep the mapping for files of the same kind. Raises: RuleViolation("import.template")."""
    if not name.strip() or len(name) > 60 or not name.isprintable() or actor.user_id is None:
        raise RuleViolation("import.template", "Give it a name of at most 60 characters.", field="name")
    columns = [[file.header[number], key] for number, key in mapping_of(file).items()]
    found, _is_new = ImportTemplate.objects.update_or_create(
        object_key=file.object_key,
        owner_id=actor.user_id,
        name=name.strip(),
        defaults={
            "columns": columns,
            "known_by": file.known_by,
            "known_rows": file.known_rows,
            "system": file.system,
            "day_first": file.day_first,
        },
    )
    return found


@transaction.atomic
def begin_check(file: Import, *, title: str, actor: Actor) -> None:
    """Try an import: at once for a small file, in the background for others. Raises: AccessDenied, Conflict."""
    _require_open(file)
    _importable(file.object_key, actor)
    _start(file, ImportState.CHECKING, CHECK_JOB, title=title, actor=actor)


@transaction.atomic
def begin_import(file: Import, *, title: str, actor: Actor, is_tried: bool = True) -> None:
    """Write what was tried, in the background; a program may go without a trial.

    Raises: AccessDenied, Conflict("import.state").
    """
    _see(file)
    if file.state != ImportState.READY and (is_tried or file.state != ImportState.DRAFT):
        raise Conflict("import.state", "Try the import first.")
    _importable(file.object_key, actor)
    _start(file, ImportState.WRITING, WRITE_JOB, title=title, actor=actor)


@transaction.atomic
def begin_undo(file: Import, *, title: str, actor: Actor) -> None:
    """Take a whole import back, in the background. Raises: AccessDenied, Conflict("import.state")."""
    _see(file)
    require_undoable(file)
    grant(actor, _importable(file.object_key, actor).model, Action.EDIT)
    _start(file, ImportState.UNDOING, UNDO_JOB, title=title, actor=actor)


def require_undoable(file: Import) -> None:
    """An import that was written can be taken back for 30 days. Raises: Conflict("import.state")."""
    is_over = file.finished_at is not None and file.finished_at < timezone.now() - UNDO_DAYS
    if file.state not in (ImportState.DONE, ImportState.STOPPED) or is_over:
        raise Conflict("import.state", "This import cannot be taken back any more.")


def check(import_id: int, progress: Watched | None = None) -> Import:
    """Find out what each row will become; nothing is written. Doing it again begins again."""
    file = Import.objects.get(pk=import_id)
    actor = _actor(file)
    plan, reader = _plan(file, actor, is_trial=True), _reader(file, actor)
    tally = Tally()
    ImportedRow.objects.filter(file=file).delete()
    for block in _blocks(reader.read(file_rows_of(file)), BLOCK):
        rows = judged(plan, block)
        _keep_rows(file, rows)
        tally.add(rows)
        Import.objects.filter(pk=file.pk).update(moved_at=timezone.now())
        if progress is not None:
            progress.advance(len(rows))
    _tell(file, tally, state=ImportState.READY)
    return file


def write_import(import_id: int, progress: Watched | None = None) -> Import:
    """Write what is left of an import, block by block; doing it again changes nothing. Raises: AccessDenied."""
    file = Import.objects.get(pk=import_id)
    actor = _actor(file)
    plan, reader = _plan(file, actor, is_trial=False), _reader(file, actor)
    tally = Tally()
    if progress is not None and file.rows:
        progress.expect(file.rows)
    is_resumed, told = file.written_to > 0, file.problems
    if not is_resumed:
        ImportedRow.objects.filter(file=file).delete()
    for block in _blocks(reader.read(file_rows_of(file)), BLOCK):
        _write_block(file, plan, block, tally)
        if progress is not None:
            progress.advance(len(block))
    with transaction.atomic():
        _tell(file, tally, state=ImportState.DONE)
        if is_resumed:
            _recount(file, told)
        _tell_owners(file, plan.spec)
        if file.entry_id is not None:
            set_count(file.entry_id, record_count=sum(file.counts.get(outcome.value, 0) for outcome in WRITTEN))
    return file


def stop_import(import_id: int, state: ImportState = ImportState.STOPPED) -> None:
    """Note that an import was stopped: what is written stays, and can be taken back."""
    Import.objects.filter(pk=import_id).update(state=state, finished_at=timezone.now())


def undo_import(import_id: int, progress: Watched | None = None) -> Import:
    """Take back what an import wrote, the last rows first; what somebody changed since stays and is marked.

    Who made records by an import may take them back as long as he may edit them: nobody else knows them yet.
    Doing it again changes nothing. Raises: AccessDenied.
    """
    file = Import.objects.get(pk=import_id)
    actor, spec = _actor(file), listed_object(file.object_key)
    if progress is not None:
        progress.expect(ImportedRow.objects.filter(file=file, record_id__isnull=False, version__isnull=False).count())
    while True:
        with transaction.atomic():
            _lock(file)
            if not (block := list(_left_to_undo(file)[:BLOCK])):
                break
            file.undo_entry_id = _entry(file.undo_entry_id, actor, action="undo_import", object_key=spec.key)
            _take_back(file, spec, block, actor)
            file.moved_at, file.state = timezone.now(), ImportState.UNDOING
            file.save(update_fields=["undo_entry_id", "moved_at", "state"])
        if progress is not None:
            progress.advance(len(block))
    file.kept = ImportedRow.objects.filter(file=file, is_kept=True).values("number").distinct().count()
    file.state, file.finished_at = ImportState.UNDONE, timezone.now()
    file.save(update_fields=["kept", "state", "finished_at"])
    return file


def unfinished_imports(*, since: timedelta) -> Sequence[Import]:
    """The imports whose run died: nothing of them moved for so long."""
    states = (ImportState.CHECKING, ImportState.WRITING, ImportState.UNDOING)
    return tuple(Import.objects.filter(state__in=states, moved_at__lt=timezone.now() - since))


def forget_imports() -> int:
    """Forget imports that cannot be taken back any more, with their rows; their files are cleared away after them.

    The audit trail and the history of the records keep what happened. Returns how many were forgotten.
    """
    old = Import.objects.filter(moved_at__lt=timezone.now() - UNDO_DAYS - timedelta(days=1))
    ImportedRow.objects.filter(file__in=old).delete()
    return old.delete()[0]


def count_imports_of(subject: Subject) -> int:
    """How many files made or named the records of a person, or carry his name."""
    return _imports_of(subject).count()


def forget_imports_of(subject: Subject) -> None:
    """Forget the files whose rows made or named the records of a person, with their content: they name him clearly."""
    files = list(_imports_of(subject))
    for file in files:
        path_of(file).unlink(missing_ok=True)
    ImportedRow.objects.filter(file__in=files).delete()
    Import.objects.filter(pk__in=[file.pk for file in files]).delete()


def _imports_of(subject: Subject) -> QuerySet[Import]:
    condition = Q(pk__in=ImportedRow.objects.filter(subject.named()).values("file"))
    for word in subject.words:
        condition |= Q(name__contains=word)
    return Import.objects.filter(condition)


def _guess(file: Import, spec: ObjectSpec, actor: Actor) -> None:
    """Which column is which field: as a template that fits the header says, or else as it looks."""
    heads = {str(head): number for number, head in enumerate(file.header)}
    targets = targets_of(spec, _view(actor))
    allowed = {target.key for target in targets}
    for template in templates_of(spec.key, actor):
        if template.columns and all(head in heads and key in allowed for head, key in template.columns):
            file.mapping = {str(heads[head]): key for head, key in template.columns}
            file.known_by, file.known_rows = template.known_by, template.known_rows
            file.day_first, file.system = template.day_first, template.system
            return
    sample = first_rows(path_of(file), source_of(file), SAMPLE)
    found = guessed(file.header, sample, targets)
    file.mapping = {str(number): key for number, key in found.items()}
    known_by = spec.importing.known_by if spec.importing is not None else ()
    file.known_by = next((key for key in known_by if key in found.values()), "")
    file.system = _system_of(file)


def _importable(object_key: str, actor: Actor) -> ObjectSpec:
    """An object that the actor may import records of. Raises: NotFound("object.not_found"), AccessDenied."""
    spec = listed_object(object_key)
    if spec.importing is None:
        raise AccessDenied("access.denied", "Records of this kind are not imported.")
    if not may(actor, spec.model, Action.EDIT):
        grant(actor, spec.model, Action.CREATE)
    return spec


def _see(file: Import) -> None:
    """See an import as it is by now, and let nobody else move it until the transaction ends."""
    file.refresh_from_db(from_queryset=Import.objects.select_for_update())


def _require_open(file: Import) -> None:
    """An import was not begun yet; it is locked until the transaction ends. Raises: Conflict("import.state")."""
    _see(file)
    if file.state not in OPEN:
        raise Conflict("import.state", "This import runs, or has run already.")


def _begin_again(file: Import) -> None:
    """What was tried before says nothing any more."""
    file.state, file.counts, file.problems = ImportState.DRAFT, {}, []
    file.save()


def _start(file: Import, state: ImportState, job: str, *, title: str, actor: Actor) -> None:
    """Move an import, which is locked, on to a job; it may do no more than the sign-in that asks for it."""
    arguments: dict[str, object] = {"import_id": file.pk}
    file.run_id = start_run(
        job, title=title, started_by_id=actor.user_id, lock=f"transfer:{file.pk}", arguments=arguments
    )
    file.scopes = None if actor.scopes is None else sorted(actor.scopes)
    file.state, file.moved_at = state, timezone.now()
    file.save()


def _actor(file: Import) -> Actor:
    """The importer with the rights of now, narrowed as the sign-in that began it; the system on the command line.

    Raises: AccessDenied.
    """
    if file.user_id is None:
        return system_actor("Command line", surface=Surface.COMMAND_LINE)
    found = actors_by_user_id([file.user_id]).get(file.user_id)
    if found is None:
        raise AccessDenied("import.left", "Who began the import may not sign in any more, so it was stopped.")
    return replace(found, scopes=None if file.scopes is None else frozenset(file.scopes))


def _view(actor: Actor) -> View:
    return View(actor, timezone.localdate())


def _plan(file: Import, actor: Actor, *, is_trial: bool) -> Plan:
    return plan_of(_importable(file.object_key, actor), _meant(file), is_trial=is_trial, actor=actor)


def _meant(file: Import) -> Columns:
    return Columns(mapping_of(file), file.known_by, file.known_rows, file.day_first, file.system)


def _reader(file: Import, actor: Actor) -> Reader:
    spec, view = listed_object(file.object_key), _view(actor)
    edits = {}
    for place, text in json.loads(str(file.edits or "{}")).items():
        row, _colon, column = place.partition(":")
        edits[int(row), int(column)] = text
    return reader_of(
        targets_of(spec, view),
        _meant(file),
        width=len(file.header),
        replaced=file.replaced,
        edits=edits,
        complete=(spec.importing or Importing()).complete,
        view=view,
    )


def _blocks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of so many."""
    left = iter(items)
    while block := list(islice(left, size)):
        yield block


def _write_block(file: Import, plan: Plan, block: Sequence[ReadRow], tally: Tally) -> None:
    """Write the rows of a block that are not written yet."""
    with transaction.atomic():
        _lock(file)
        left = [row for row in block if row.number > file.written_to]
        if left:
            file.entry_id = _entry(file.entry_id, plan.actor, action="import", object_key=plan.spec.key)
            rows = judged(plan, left)
            written = write(plan, rows)
            _keep_rows(file, rows, written=_not_noted(file, rows, written))
            tally.add(rows)
            file.written_to, file.moved_at, file.state = left[-1].number, timezone.now(), ImportState.WRITING
            file.save(update_fields=["entry_id", "written_to", "moved_at", "state"])


def _lock(file: Import) -> None:
    """Let no other run of the import be at work until the transaction ends, and see how far they came."""
    names = ("entry_id", "undo_entry_id", "written_to")
    file.refresh_from_db(fields=names, from_queryset=Import.objects.select_for_update())


def _not_noted(file: Import, rows: Sequence[Judged], written: Sequence[Written]) -> list[Written]:
    """What was written but for records that an earlier block wrote too: the row that wrote them first knows it now."""
    firsts = {item.number: item.first for item in rows if item.outcome is Outcome.REPEATED and item.loaded is not None}
    known = {found.number: found for found in written if found.object_key == file.object_key}
    again = {number: first for number, first in firsts.items() if first is not None and number in known}
    noted = set()
    for number, first in again.items():
        rows_of_first = ImportedRow.objects.filter(file=file, number=first, object_key=file.object_key)
        if rows_of_first.filter(version__isnull=False).update(version=known[number].version):
            noted.add(number)
    return [found for found in written if found.object_key != file.object_key or found.number not in noted]


def _entry(entry_id: UUID | None, actor: Actor, *, action: str, object_key: str) -> UUID:
    """The audit entry of a long work: the one that was begun, or a new one."""
    if entry_id is None:
        return begin_entry(actor, action=action, object_key=object_key)
    continue_entry(entry_id)
    return entry_id


def _keep_rows(file: Import, rows: Sequence[Judged], *, written: Sequence[Written] = ()) -> None:
    """Keep what became of the rows of a block, and of the parts that they made, by COPY."""
    versions = {found.number: found.version for found in written if found.object_key == file.object_key}
    with connection.cursor() as cursor, cursor.copy(KEEP_ROWS) as copy:
        for item in rows:
            record_id = item.record.pk if item.record is not None else None
            problems = json.dumps([[*_as_kept(found)] for found in item.row.problems])
            own = (item.outcome.value, file.object_key, record_id, versions.get(item.number), problems)
            copy.write_row((file.pk, item.number, *own, False))
        for found in written:
            if found.object_key != file.object_key:
                part = (Outcome.CREATED.value, found.object_key, found.record_id, found.version, "[]")
                copy.write_row((file.pk, found.number, *part, False))


def _as_kept(found: Problem) -> tuple[int, str, str, bool]:
    return found.column, found.code, found.text[:500], found.is_doubt


def _tell(file: Import, tally: Tally, *, state: ImportState) -> None:
    file.rows, file.counts, file.problems = tally.rows, dict(+tally.counts), tally.listed()
    file.state, file.finished_at = state, timezone.now()
    file.save(update_fields=["rows", "counts", "problems", "state", "finished_at"])


def _tell_owners(file: Import, spec: ObjectSpec) -> None:
    """Tell people how many records the import brought them, unless they imported them themselves."""
    owner_field = protection_of(spec.model).owner_field
    if not owner_field:
        return
    made = ImportedRow.objects.filter(file=file, object_key=file.object_key, outcome=Outcome.CREATED)
    rows = unscoped(spec.model, reason=REASON).filter(pk__in=made.values("record_id"), trashed_at__isnull=True)
    rows = rows.exclude(**{f"{owner_field}__isnull": True}).exclude(**{owner_field: file.user_id})
    for owner_id, count in rows.order_by().values_list(owner_field).annotate(count=Count("pk")):
        publish(RecordsAssigned(object_key=spec.key, owner_id=owner_id, count=count, by_id=file.user_id))


def _recount(file: Import, problems: list[object]) -> None:
    """The counts of all runs of an import that was begun again; what is wrong was told when it was tried."""
    rows = ImportedRow.objects.filter(file=file, object_key=file.object_key)
    counts = dict(rows.values_list("outcome").annotate(Count("pk")).order_by())
    file.rows, file.problems = sum(counts.values()), problems or file.problems
    alike = rows.filter(problems__contains=[[ALIKE]]).count()
    file.counts = {**counts, **({ALIKE: alike} if alike else {})}
    file.save(update_fields=["rows", "counts", "problems"])


def _left_to_undo(file: Import) -> QuerySet[ImportedRow]:
    """What was written and is neither taken back nor kept, the last first."""
    return ImportedRow.objects.filter(file=file, version__isnull=False, is_kept=False).order_by("-number", "-pk")


def _staying(file: Import, spec: ObjectSpec, block: Sequence[ImportedRow]) -> frozenset[int]:
    """The rows of those in a block that made parts whose record the import made and somebody changed since."""
    numbers = {row.number for row in block if row.object_key != spec.key}
    own = ImportedRow.objects.filter(file=file, object_key=spec.key, record_id__isnull=False)
    records = dict(own.filter(number__in=numbers).values_list("number", "record_id")) if numbers else {}
    made = own.filter(outcome=Outcome.CREATED, version__isnull=False, record_id__in=set(records.values()))
    written = dict(made.values_list("record_id", "version"))
    rows = unscoped(spec.model, reason=REASON).filter(pk__in=written, trashed_at__isnull=True)
    touched = {pk for pk, version in rows.values_list("pk", "version") if version != written[pk]}
    return frozenset(number for number, record_id in records.items() if record_id in touched)


def _take_back(file: Import, spec: ObjectSpec, block: Sequence[ImportedRow], actor: Actor) -> None:
    """Take back what the rows of a block wrote, their parts first; parts of a record that stays stay with it."""
    staying = _staying(file, spec, block)
    wrote = [
        (row.pk, row.object_key, row.record_id, row.version, row.outcome == Outcome.CREATED)
        for row in block
        if row.record_id is not None
        if row.version is not None and (row.object_key == spec.key or row.number not in staying)
    ]
    parts: dict[str, dict[int, int]] = {}
    for _pk, key, record_id, version, _is_new in wrote:
        if key != spec.key:
            parts.setdefault(key, {})[record_id] = version
    gone = dict(spec.importing.take_parts_back(parts, actor)) if spec.importing is not None and parts else {}
    own = [item for item in wrote if item[1] == spec.key]
    created = {record_id: version for _pk, _key, record_id, version, is_new in own if is_new}
    changed = {record_id: version for _pk, _key, record_id, version, is_new in own if not is_new}
    ids = trash_untouched(grant(actor, spec.model, Action.EDIT), created) if created else set()
    remove_records(spec.key, ids)
    if spec.follow is not None and ids:
        spec.follow(WrittenBlock(tuple(sorted(ids)), (), actor, trashed_at=timezone.now()))
    if changed and file.entry_id is not None:
        restored = restore_untouched(grant(actor, spec.model, Action.EDIT), changed, undone=file.entry_id)
        ids |= restored
        if spec.follow is not None and restored:
            fields = tuple(sorted({str(key) for key in file.mapping.values()}))
            spec.follow(WrittenBlock(tuple(sorted(restored)), fields, actor, is_undo=True))
    if spec.index is not None and ids - created.keys():
        spec.index(sorted(ids - created.keys()))
    gone[spec.key] = ids
    done = {pk for pk, key, record_id, _version, _is_new in wrote if record_id in gone.get(key, ())}
    ImportedRow.objects.filter(Among("pk", sorted(done))).update(version=None)
    ImportedRow.objects.filter(Among("pk", sorted({row.pk for row in block} - done))).update(is_kept=True)
