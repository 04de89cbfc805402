"""A block of rows: what each of them becomes, and writing it.

Steps for a block: 1 read the cells, 2 find the people and records that cells name, 3 find the records that are there
already, 4 make or change records and hold the rules against them, 5 (when writing) save them and their parts in one
transaction. Trying an import takes the steps up to the fourth, so that it says what the import will do.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import Grant, grant, may, unscoped
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action, Everyone
from guanxi.platform.accounts.queries import Person, active_people
from guanxi.platform.objects.alike import (
    MOST_KEPT,
    Candidate,
    EntryPoint,
    Hit,
    Matcher,
    Treatment,
    alike_source,
    treatment_at,
)
from guanxi.platform.objects.fields import ObjectField, column_of, is_person
from guanxi.platform.objects.importing import Importing, PartLine
from guanxi.platform.objects.registry import fields_of, object_spec
from guanxi.platform.objects.spec import ObjectSpec, WrittenBlock
from guanxi.platform.records.change import refused_fields
from guanxi.platform.records.many import Loaded, create_rows, load_reached, reached_owners, update_rows
from guanxi.platform.records.models import Record
from guanxi.platform.records.room import room_for
from guanxi.platform.records.values import PATH, assign
from guanxi.platform.search.tokens import normalise, sort_key
from guanxi.platform.transfer.mapping import OWNER, Columns
from guanxi.platform.transfer.models import KnownRows, Outcome
from guanxi.platform.transfer.rows import ALIKE, Problem, ReadRow

Mark = tuple[str, str]
NAME_KEY = "name_key"
REASON = "import: whether a record is there already does not depend on who asks"
UNKNOWN, SEVERAL, MISSING, REFUSED, FOREIGN, PART, DENIED, FULL = (
    *("unknown", "several", "missing", "refused"),
    *("foreign", "part", "denied", "full"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of a file become records, for the actor's rights.

    `columns` are the numbers of the columns by the key of the field or part that they go into; `fields`, `needed` and
    `parts` are what the object says of them. `number_key` is the part that holds the numbers of another system, whose
    name is `system`. `seen` are the rows that named a record first, by what it is known by. `placed` are the records
    that rows are known to be, by the row's number, whatever they say of themselves. With `is_trial` nothing will be
    written, so that records of earlier rows are not there. `matcher` finds what new rows look like, None where the
    house does nothing about it; with `refuses_alike` such rows are faulty. `room` is how many more records people may
    be given, by id, None for no limit.
    """

    spec: ObjectSpec
    importing: Importing
    actor: Actor
    columns: Mapping[str, int]
    known_by: tuple[str, ...]
    known_rows: KnownRows
    system: str
    fields: Mapping[str, ObjectField]
    needed: Mapping[str, ObjectField]
    parts: frozenset[str]
    number_key: str
    links: frozenset[str]
    people: Mapping[int, Person]
    is_trial: bool
    matcher: Matcher | None = None
    refuses_alike: bool = False
    seen: dict[int, int] = field(default_factory=dict)
    room: dict[int, int | None] = field(default_factory=dict)
    placed: Mapping[int, int] = field(default_factory=dict)

    def creating(self) -> Grant[Any]:
        """The right to make records. Raises: AccessDenied."""
        return grant(self.actor, self.spec.model, Action.CREATE)

    def editing(self) -> Grant[Any]:
        """The right to change records. Raises: AccessDenied."""
        return grant(self.actor, self.spec.model, Action.EDIT)


def plan_of(
    spec: ObjectSpec, meant: Columns, *, entry: EntryPoint = EntryPoint.IMPORT, is_trial: bool, actor: Actor
) -> Plan:
    """The plan for rows whose columns are meant so, and which come in by this way."""
    importing = spec.importing or Importing()
    treatment, source = treatment_at(spec.key, entry), alike_source(spec.key)
    is_asked = source is not None and treatment is not Treatment.OFF
    remembers = is_trial and entry is EntryPoint.IMPORT
    columns = {key: number for number, key in meant.mapping.items()}
    own = fields_of(spec)
    return Plan(
        spec=spec,
        importing=importing,
        actor=actor,
        columns=columns,
        known_by=known_by_fields(spec, meant.known_by, columns),
        known_rows=KnownRows(meant.known_rows),
        system=meant.system,
        fields={item.key: item for item in own if item.key in columns or item.key in importing.completed},
        needed={item.key: item for item in own if item.is_required and item.beside is None},
        parts=frozenset(column.key for column in importing.parts),
        number_key=next((column.key for column in importing.parts if column.is_of_system), ""),
        links=frozenset(column.name for column in spec.model._meta.concrete_fields if column.is_relation),
        people={person.id: person for person in active_people()},
        is_trial=is_trial,
        matcher=source.matcher(entry, remembers) if source is not None and is_asked else None,
        refuses_alike=treatment is Treatment.BLOCK,
    )


def known_by_fields(spec: ObjectSpec, first: str, columns: Collection[str]) -> tuple[str, ...]:
    """The fields by which rows find their record: the chosen one and, where it is empty, the others that will do."""
    if first not in columns:
        return ()
    others = spec.importing.known_by if spec.importing is not None else ()
    return (first, *(key for key in others if key != first and key in columns and first in others))


@dataclass(slots=True)
class Judged:
    """What a row becomes: its record, made or changed in memory, the row of the file that named it first, and what a
    new one looks like."""

    row: ReadRow
    outcome: Outcome
    record: Record | None = None
    loaded: Loaded | None = None
    first: int | None = None
    alike: tuple[Hit, ...] = ()

    @property
    def number(self) -> int:
        """The row of the file."""
        return self.row.number


def judged(plan: Plan, rows: Sequence[ReadRow]) -> list[Judged]:
    """What each row of a block becomes; a fixed number of queries."""
    _name_people(plan, rows)
    _name_records(plan, rows)
    known = _known_ids(plan, rows)
    loaded = _loaded(plan, known)
    found: list[Judged] = []
    made: dict[Mark, Judged] = {}
    for row in rows:
        found.append(_judge(plan, row, known=known, loaded=loaded, made=made))
    _require_reach(plan, found)
    _leave_out_old_parts(plan, found)
    _look_for_alike(plan, found)
    _require_room(plan, found)
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """A record that a row made or changed, with the version that it has now: the row, the object, the id."""

    number: int
    object_key: str
    record_id: int
    version: int


def write(plan: Plan, rows: Sequence[Judged]) -> list[Written]:
    """Save the records and parts of a block, within the caller's transaction. Returns what was written, once for each.

    Raises: AccessDenied, RuleViolation when rights or rules changed since the rows were judged.
    """
    sound = [(item.number, item.record) for item in rows if item.record is not None and not item.row.is_faulty]
    fresh = [item.record for item in rows if item.outcome is Outcome.CREATED and item.record is not None]
    create_rows(plan.creating(), fresh) if fresh else None
    known = {item.loaded.record.pk: item.loaded for item in rows if item.loaded is not None and not item.row.is_faulty}
    changed = update_rows(plan.editing(), list(known.values())) if known else []
    own = _first_mentions(plan, sound, {record.pk for record in (*fresh, *changed)})
    _keep_alike(plan, rows)
    lines = [_line(plan, item, told) for item in rows if (told := _sound_parts(plan, item))]
    parts = plan.importing.write_parts(lines, plan.actor) if lines else ()
    ids = {found.record_id for found in own} | {line.record.pk for line in lines}
    if plan.spec.index is not None and ids:
        plan.spec.index(sorted(ids))
    if plan.spec.follow is not None and changed:
        fields = tuple(item.column for item in plan.fields.values())
        plan.spec.follow(WrittenBlock(tuple(record.pk for record in changed), fields, plan.actor))
    return [*own, *(Written(part.number, part.object_key, part.record_id, part.version) for part in parts)]


def _line(plan: Plan, item: Judged, told: Mapping[str, object]) -> PartLine:
    return PartLine(item.number, item.record, told, plan.system)


def _first_mentions(plan: Plan, sound: Sequence[tuple[int, Record]], written: Collection[int]) -> list[Written]:
    """The records that were written, each with the first row of the block that names it."""
    found: dict[int, Written] = {}
    for number, record in sound:
        if record.pk in written and record.pk not in found:
            found[record.pk] = Written(number, plan.spec.key, record.pk, record.version)
    return list(found.values())


def _sound_parts(plan: Plan, item: Judged) -> dict[str, object]:
    return _parts(plan, item.row) if item.record is not None and not item.row.is_faulty else {}


def _name_people(plan: Plan, rows: Sequence[ReadRow]) -> None:
    """Put people in the place of their names; a name that two have, or nobody, is a problem."""
    keys = [key for key, item in plan.fields.items() if is_person(item)]
    if not any(key in row.values for key in keys for row in rows):
        return
    by_name: dict[str, set[int]] = defaultdict(set)
    for person in plan.people.values():
        by_name[normalise(person.name).replace(" ", "")].add(person.id)
    for row in rows:
        for key in keys:
            if key in row.values:
                text = str(row.values[key])
                _settle(row, key, plan, text, by_name.get(normalise(text).replace(" ", ""), set()))


def _name_records(plan: Plan, rows: Sequence[ReadRow]) -> None:
    """Put records in the place of their names, of those that the person sees."""
    for key, item in plan.fields.items():
        if item.kind is not FieldType.LINK or is_person(item) or item.offered is not None or not item.target:
            continue
        texts = {str(row.values[key]) for row in rows if key in row.values}
        spec = object_spec(item.target)
        found = _by_title(spec, texts, plan.actor) if texts else {}
        for row in rows:
            if key in row.values:
                text = str(row.values[key])
                _settle(row, key, plan, text, found.get(normalise(text), set()))


def _settle(row: ReadRow, key: str, plan: Plan, text: str, ids: set[int]) -> None:
    """The one record that a cell names, or what is wrong with it."""
    if len(ids) == 1:
        row.values[key] = next(iter(ids))
        return
    del row.values[key]
    row.problems.append(Problem(plan.columns[key], SEVERAL if ids else UNKNOWN, text))


def _by_title(spec: ObjectSpec, texts: Iterable[str], actor: Actor) -> dict[str, set[int]]:
    """The records of these names that the actor sees, by name; one query."""
    if not may(actor, spec.model, Action.VIEW):
        return {}
    rows = grant(actor, spec.model).queryset()
    return _found(rows, spec.title, spec.title, list(texts), has_name_key=hasattr(spec.model, NAME_KEY))


def _found(rows: Any, column: str, title: str, texts: list[str], *, has_name_key: bool) -> dict[str, set[int]]:
    """The records whose column holds one of the texts, by the text as it is compared."""
    if column == title and has_name_key:
        rows = rows.filter(name_key__in={sort_key(text)[:400] for text in texts})
    else:
        rows = rows.filter(**{f"{column}__in": texts})
    if hasattr(rows.model, "trashed_at"):
        rows = rows.filter(trashed_at__isnull=True)
    found: dict[str, set[int]] = defaultdict(set)
    for pk, value in rows.order_by("pk").values_list("pk", column):
        found[normalise(str(value))].add(pk)
    return found


def _known_ids(plan: Plan, rows: Sequence[ReadRow]) -> dict[Mark, set[int]]:
    """The records that are there already, by what they are known by; one query for each field of that kind."""
    found: dict[Mark, set[int]] = {("", str(pk)): {pk} for pk in plan.placed.values()}
    if plan.number_key in plan.known_by:
        numbers = [str(row.values[plan.number_key]) for row in rows if plan.number_key in row.values]
        known_numbers = plan.importing.of_system(plan.system, numbers) if numbers else {}
        found |= {(plan.number_key, normalise(text)): {pk} for text, pk in known_numbers.items()}
    for by in plan.known_by:
        texts = [str(row.values[by]) for row in rows if _asked(plan, row, found)[:1] == (by,)]
        if texts and by != plan.number_key:
            everything = unscoped(plan.spec.model, reason=REASON)
            has_name_key = hasattr(plan.spec.model, NAME_KEY)
            known = _found(everything, plan.fields[by].column, plan.spec.title, texts, has_name_key=has_name_key)
            found |= {(by, text): ids for text, ids in known.items()}
    return found


def _mark_of(plan: Plan, row: ReadRow, known: Mapping[Mark, set[int]]) -> Mark | None:
    """By which field a row finds its record, and what stands there; None when all rows are new."""
    asked = _asked(plan, row, known)
    if asked and asked not in known:
        return next(_marks(plan, row))
    return asked or None


def _asked(plan: Plan, row: ReadRow, known: Mapping[Mark, set[int]]) -> Mark | tuple[()]:
    """By what the record of a row is looked for: the first of the fields that the row fills.

    A record that is there may not have the number of another system yet: then the next field is asked, but not the
    name, as several customers of a system may be called the same.
    """
    marks = list(_marks(plan, row))
    if len(marks) > 1 and marks[0][0] == plan.number_key and marks[0] not in known:
        return marks[1] if marks[1][0] != plan.spec.title else marks[0]
    return marks[0] if marks else ()


def _marks(plan: Plan, row: ReadRow) -> Iterator[Mark]:
    if row.number in plan.placed:
        return iter([("", str(plan.placed[row.number]))])
    return ((key, normalise(str(row.values[key]))) for key in plan.known_by if key in row.values)


def _loaded(plan: Plan, known: Mapping[Mark, set[int]]) -> dict[int, Loaded]:
    """Those of the known records that the actor may change."""
    single = [next(iter(ids)) for ids in known.values() if len(ids) == 1]
    if not single or not may(plan.actor, plan.spec.model, Action.EDIT):
        return {}
    return load_reached(plan.editing(), single, locks=not plan.is_trial)


def _judge(
    plan: Plan, row: ReadRow, *, known: Mapping[Mark, set[int]], loaded: Mapping[int, Loaded], made: dict[Mark, Judged]
) -> Judged:
    """What one row becomes."""
    mark = _mark_of(plan, row, known)
    ids = known.get(mark, set()) if mark else set()
    if mark and len(ids) > 1:
        row.problems.append(Problem(plan.columns[mark[0]], SEVERAL, str(row.values[mark[0]])))
    _check_parts(plan, row)
    first = plan.seen.get(hash(mark)) if mark else None
    if mark is not None and mark in made and not row.is_faulty:
        return _repeated(plan, row, made[mark])
    if len(ids) == 1:
        found = _of_known(plan, row, loaded.get(next(iter(ids))), by=mark[0] if mark else "", first=first)
    else:
        found = _of_new(plan, row, first=first)
    if mark and not row.is_faulty:
        plan.seen.setdefault(hash(mark), row.number)
        if found.outcome is Outcome.CREATED:
            made[mark] = found
    return found


def _of_new(plan: Plan, row: ReadRow, *, first: int | None) -> Judged:
    """A row whose record is not there yet. When a file is tried, an earlier row of it may make the record."""
    record: Record = plan.spec.model(**dict(protection_of(plan.spec.model).within))  # type: ignore[assignment]  # a Record, as it can be imported
    _assign(plan, record, row)
    _give_owner(plan, record)
    plan.importing.prepare(record)
    _note_missing(plan, record, row)
    _hold_rules(plan, record, row)
    if row.is_faulty:
        return Judged(row, Outcome.ERROR)
    is_repeated = plan.is_trial and first is not None
    return Judged(row, Outcome.REPEATED if is_repeated else Outcome.CREATED, record, first=first)


def _note_missing(plan: Plan, record: Record, row: ReadRow) -> None:
    """Say which needed fields a new record lacks.

    Fields that the file has no column for are made of the others: they are told of where nothing else is wrong.
    """
    missing = [(plan.columns.get(key, -1), item) for key, item in plan.needed.items()]
    missing = [(column, item) for column, item in missing if item.value_of(record) in (None, "", [])]
    told = {problem.column for problem in row.problems if not problem.is_doubt}
    row.problems += [Problem(column, MISSING, "") for column, _item in missing if column >= 0 and column not in told]
    if not row.is_faulty:
        row.problems += [Problem(column, MISSING, str(item.label)) for column, item in missing]


def _of_known(plan: Plan, row: ReadRow, loaded: Loaded | None, *, by: str, first: int | None) -> Judged:
    """A row whose record is there already; what is empty in the file stays as it is."""
    if loaded is None:
        row.problems.append(Problem(plan.columns.get(by, -1), FOREIGN, str(row.values.get(by, ""))))
        return Judged(row, Outcome.ERROR)
    if plan.known_rows is KnownRows.SKIP and first is None:
        return Judged(row, Outcome.SAME)
    former = loaded.record.__dict__.copy()
    _assign(plan, loaded.record, row)
    plan.importing.prepare(loaded.record)
    _hold_rules(plan, loaded.record, row)
    if row.is_faulty:
        loaded.record.__dict__.update(former)
        return Judged(row, Outcome.ERROR)
    if first is not None:
        return Judged(row, Outcome.REPEATED, loaded.record, loaded, first)
    return Judged(row, Outcome.UPDATED if loaded.changed else Outcome.SAME, loaded.record, loaded)


def _repeated(plan: Plan, row: ReadRow, earlier: Judged) -> Judged:
    """A row whose record an earlier row of the block makes: what it says goes into that record."""
    record = earlier.record
    if record is None:
        return Judged(row, Outcome.ERROR)
    former = record.__dict__.copy()
    _assign(plan, record, row)
    plan.importing.prepare(record)
    _hold_rules(plan, record, row)
    if row.is_faulty:
        record.__dict__.update(former)
        return Judged(row, Outcome.ERROR)
    return Judged(row, Outcome.REPEATED, record, first=earlier.number)


def _assign(plan: Plan, record: Record, row: ReadRow) -> None:
    values = {item.column: row.values[key] for key, item in plan.fields.items() if key in row.values and key != OWNER}
    assign(record, values)
    protection = protection_of(plan.spec.model)
    if OWNER in row.values and protection.owner_field:
        owner_id = row.values[OWNER]
        setattr(record, protection.owner_field, owner_id)
        if protection.unit_field:
            owner = plan.people.get(owner_id) if isinstance(owner_id, int) else None
            setattr(record, protection.unit_field, owner.unit_id if owner is not None else None)


def _give_owner(plan: Plan, record: Record) -> None:
    """A record that is nobody's becomes the importer's."""
    protection = protection_of(plan.spec.model)
    if protection.owner_field and getattr(record, protection.owner_field) is None:
        setattr(record, protection.owner_field, plan.actor.user_id)
        if protection.unit_field:
            setattr(record, protection.unit_field, plan.actor.unit_id)


def _hold_rules(plan: Plan, record: Record, row: ReadRow) -> None:
    """What is wrong with the record as it is now, as problems of the row's cells."""
    refused = refused_fields(record, unasked=plan.links)
    if not refused:
        return
    names = {name: key for key, item in plan.fields.items() for name in (item.key, item.column, item.protected_name)}
    told = {problem.column for problem in row.problems if not problem.is_doubt}
    told |= {-1} if any(problem.code == MISSING for problem in row.problems) else set()
    for name, messages in refused.items():
        number = plan.columns.get(names.get(name.removeprefix(PATH), name), -1)
        if number not in told:
            row.problems.append(Problem(number, REFUSED, str(messages[0])))


def _check_parts(plan: Plan, row: ReadRow) -> None:
    parts = _parts(plan, row)
    if parts:
        for key, words in plan.importing.check_parts(parts).items():
            row.problems.append(Problem(plan.columns[key], PART, words))


def _parts(plan: Plan, row: ReadRow) -> dict[str, object]:
    """What a row says of the parts of its record."""
    return {key: value for key, value in row.values.items() if key in plan.parts} if plan.parts else {}


def _require_reach(plan: Plan, rows: Sequence[Judged]) -> None:
    """Records are made by who may make some, for oneself, or by who may hand over; and for records one may change."""
    model = plan.spec.model
    protection = protection_of(model)
    for item in rows if not may(plan.actor, model, Action.CREATE) else ():
        if item.outcome is Outcome.CREATED and item.record is not None:
            _refuse(rows, item.record, Problem(-1, DENIED))
    is_free = may(plan.actor, model, Action.TRANSFER) and grant(plan.actor, model, Action.TRANSFER).rule == Everyone()
    if protection.owner_field and OWNER in plan.columns and not is_free:
        for item in rows:
            if item.record is not None and getattr(item.record, protection.owner_field) != _owner_before(plan, item):
                _refuse(rows, item.record, Problem(plan.columns[OWNER], FOREIGN))
    if protection.follows and may(plan.actor, model, Action.CREATE):
        column = column_of(model, protection.follows).attname
        fresh = [item for item in rows if item.outcome is Outcome.CREATED and item.record is not None]
        reached = reached_owners(plan.creating(), {getattr(item.record, column) for item in fresh})
        for item in fresh:
            if item.record is not None and getattr(item.record, column) not in reached:
                _refuse(rows, item.record, Problem(plan.columns.get(protection.follows, -1), FOREIGN))


def _require_room(plan: Plan, rows: Sequence[Judged]) -> None:
    """People are given no more records than they may have; what one does on the command line is not held to it.

    Trying writes nothing, so that room is asked for once and used up row by row.
    """
    owner_field = protection_of(plan.spec.model).owner_field
    if not owner_field or plan.actor.user_id is None:
        return
    given = [item for item in rows if item.record is not None and _is_given(plan, item)]
    owners = {getattr(item.record, owner_field) for item in given} - plan.room.keys()
    plan.room.update(dict.fromkeys(owners))
    plan.room.update(room_for(plan.spec.model, owners, locks=not plan.is_trial))
    for item in given:
        owner_id = getattr(item.record, owner_field)
        left = plan.room[owner_id]
        if left is not None and item.record is not None:
            plan.room[owner_id] = left - 1
            if left < 1:
                _refuse(rows, item.record, Problem(plan.columns.get(OWNER, -1), FULL))


def _is_given(plan: Plan, item: Judged) -> bool:
    """Whether a row gives its record to somebody who did not have it."""
    owner_id = getattr(item.record, protection_of(plan.spec.model).owner_field)
    if owner_id is None or item.outcome is Outcome.REPEATED:
        return False
    return item.outcome is Outcome.CREATED or owner_id != _owner_before(plan, item)


def _owner_before(plan: Plan, item: Judged) -> object:
    column = protection_of(plan.spec.model).owner_field
    return item.loaded.former[column] if item.loaded is not None else plan.actor.user_id


def _leave_out_old_parts(plan: Plan, rows: Sequence[Judged]) -> None:
    """A row that says nothing new of its record may name parts that the record does not have yet."""
    same = [item for item in rows if item.outcome is Outcome.SAME and item.record is not None]
    lines = [_line(plan, item, told) for item in same if (told := _parts(plan, item.row))]
    fresh = plan.importing.new_parts(lines) if lines else frozenset()
    for item in same:
        if item.number in fresh:
            item.outcome = Outcome.UPDATED


def _look_for_alike(plan: Plan, rows: Sequence[Judged]) -> None:
    """Say of new rows what they look like; where the house refuses such rows, they are faulty."""
    fresh = [item for item in rows if item.outcome is Outcome.CREATED and item.record is not None]
    if plan.matcher is None or not fresh:
        return
    hits = plan.matcher.hits([Candidate(item.number, _brought(plan, item)) for item in fresh])
    for item in fresh:
        found = hits.get(item.number, ())[:MOST_KEPT]
        if found and item.record is not None:
            problem = Problem(-1, ALIKE, found[0].packed(), is_doubt=not plan.refuses_alike)
            if plan.refuses_alike:
                _refuse(rows, item.record, problem)
            else:
                item.row.problems.append(problem)
                item.alike = found


def _brought(plan: Plan, item: Judged) -> dict[str, object]:
    """What a row says of its record and of the parts of it, by column or part."""
    values = {plan.fields[key].column: value for key, value in item.row.values.items() if key in plan.fields}
    return {"kind": getattr(item.record, "kind", ""), **values, **_parts(plan, item.row)}


def _keep_alike(plan: Plan, rows: Sequence[Judged]) -> None:
    """Put what was written and looks like something before who decides of it."""
    source = alike_source(plan.spec.key)
    made = {item.number: item.record.pk for item in rows if item.record is not None}
    pairs = [
        (made[item.number], replace(hit, record_id=made.get(hit.row)) if hit.row is not None else hit)
        for item in rows
        for hit in item.alike
        if item.number in made
    ]
    if source is not None and pairs:
        source.keep(pairs, plan.actor)


def _refuse(rows: Sequence[Judged], record: Record, problem: Problem) -> None:
    """Refuse a record: all rows that say something of it are faulty."""
    for item in rows:
        if item.record is record:
            item.row.problems.append(problem)
            item.outcome, item.record, item.loaded = Outcome.ERROR, None, None
