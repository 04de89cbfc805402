"""Bringing every stored text to the key that encrypts now: after an update, a new key, a changed protection.

Steps: 1 table by table, its history too, read a block of rows whose texts are clear or under another key, 2 write them
anew in one transaction without leaving a trace in the history, 3 go on behind the last row, 4 when nothing uses a
former key any more, take it out of the file. What is done is told by the texts themselves, so a run that was killed
half-way is simply begun again. What cannot be read is left as it is.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.protection import Protection
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.customfields.commands import REINDEX_JOB
from guanxi.platform.customfields.models import CustomField, CustomObject
from guanxi.platform.encryption import cipher
from guanxi.platform.encryption.fields import EncryptedTextField, encrypted_columns
from guanxi.platform.encryption.in_use import keys_file, ring
from guanxi.platform.encryption.keys import KeyRing, new_key, with_primary, without, write_ring
from guanxi.platform.jobs.progress import Progress
from guanxi.platform.jobs.queue import defer
from guanxi.platform.records.sealing import is_encrypted, place_of
from guanxi.platform.records.values import CUSTOM, PATH, CustomValues, stored_key

BLOCK = 500
RUN_JOB = "objects.reencrypt"
RUN_TITLE = _("Encrypting numbers anew")
ADVISORY_LOCK = 7_203_118
GRACE = timedelta(hours=1)
"""So long a former key stays after another one came: a process or a transaction may still write under it."""
DUE = "due"
"""What texts are counted under that stand clear and should not, or encrypted where nothing is protected any more."""
MARK = f'%"{cipher.PREFIX}%'


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of one object that hold encrypted texts, in columns of their own, in the custom column, or in both.

    `protected` are the keys of the custom column that are encrypted. `kind_id` narrows a table that the objects share
    which people made. `is_history` marks a table of former rows.
    """

    name: str
    key_column: str
    object_key: str
    texts: tuple[EncryptedTextField, ...]
    has_custom: bool
    protected: tuple[str, ...]
    kind_id: int | None
    is_history: bool
    triggers: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, the key first."""
        return (self.key_column, *(text.attname for text in self.texts), *((CUSTOM,) if self.has_custom else ()))

    @property
    def within(self) -> str:
        """The SQL of what narrows the table."""
        return f"kind_id = {self.kind_id}" if self.kind_id is not None else "true"

    def untracked(self) -> AbstractContextManager[Any]:
        """Changes within leave no former rows behind: those would hold the text under the former key."""
        return pgtrigger.ignore(*self.triggers) if self.triggers else nullcontext()


@dataclass(slots=True)
class Renewed:
    """What a run did: how many rows it wrote, how many texts it could not read."""

    rows: int = 0
    unreadable: int = 0
    fresh: set[str] = field(default_factory=set)


def reencrypt(progress: Progress | None = None) -> Renewed | None:
    """Bring every stored text to the key that encrypts now; None when another process is at it."""
    with _only_one() as is_mine:
        if not is_mine:
            return None
        keys, tables, found = ring(), _tables(), Renewed()
        if progress is not None:
            progress.expect(sum(_candidates(table, keys) for table in tables))
        for table in tables:
            _renew_table(table, keys=keys, found=found, progress=progress)
        for object_key in sorted(found.fresh):
            defer(REINDEX_JOB, object_key=object_key)
        retire_unused(timezone.now())
    return found


def is_work_left() -> bool:
    """Whether a text waits to be written anew, or a former key to be taken out of the file."""
    keys = ring()
    if keys_file() is not None and len(keys.keys) > 1:
        return True
    return not {DUE, *(key.id for key in keys.keys[1:])}.isdisjoint(key_counts())


def key_counts() -> Mapping[str, int]:
    """How many texts there are under each key, those that wait to be written otherwise under "due"."""
    found = Counter[str]()
    for table in _tables():
        for text in table.texts:
            rows = f"{table.name} WHERE {table.within} AND {text.attname} <> ''"
            _count(found, f"SELECT {_key_sql(text.attname)}, count(*) FROM {rows}")  # noqa: S608  # names of our models
        if table.has_custom:
            _count(found, *_custom_counts(table))
    return dict(found)


def rotate_keys(*, actor: Actor) -> str:
    """Let a fresh key encrypt from now on; `reencrypt` brings to it what stands under the former one. Returns its id.

    Raises: RuleViolation("keys.setting") where a setting gives the keys, Conflict("keys.busy").
    """
    path = keys_file()
    if path is None:
        raise RuleViolation(
            "keys.setting",
            "The keys come from GUANXI_ENCRYPTION_KEYS: put a new one before the others there and start Guanxi anew.",
        )
    with _only_one() as is_mine:
        if not is_mine:
            raise Conflict("keys.busy", "Numbers are being encrypted anew at this moment; try again when it is done.")
        key = new_key()
        write_ring(path, with_primary(ring(), key))
    with transaction.atomic():
        begin_entry(actor, action="rotate_keys", object_key="encryption_key", reason=key.id)
    return key.id


def retire_unused(now: datetime) -> frozenset[str]:
    """Take former keys out of the file that nothing uses any more. Returns their ids."""
    keys, path = ring(), keys_file()
    former = frozenset(key.id for key in keys.keys[1:])
    if path is None or not former or now < keys.primary.since + GRACE or _is_old_work_open(keys.primary.since + GRACE):
        return frozenset()
    counts = key_counts()
    unused = former - counts.keys() if DUE not in counts else frozenset()
    if unused:
        write_ring(path, without(keys, unused))
    return unused


def _is_old_work_open(moment: datetime) -> bool:
    """Whether a transaction runs that began before a moment: what it writes is not seen yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND xact_start < %s)",
            [moment],
        )
        (is_open,) = cursor.fetchone() or (False,)
    return bool(is_open)


def _tables() -> list[_Table]:
    """All tables with encrypted texts, those of history too; a shared one once for each object in it."""
    protected, kinds = _protected(), dict(CustomObject.objects.values_list("pk", "key"))
    models_of_tables = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    found: list[_Table] = []
    for model in models_of_tables:
        own = _protection(model)
        if own is not None and own.is_base:
            found += [_table(model, key, protected.get(key, ()), kind_id=pk) for pk, key in kinds.items()]
        else:
            key = own.key if own is not None else ""
            found.append(_table(model, key, protected.get(key, ()), kind_id=None))
    return [table for table in found if table.texts or table.has_custom]


def _protected() -> Mapping[str, tuple[str, ...]]:
    """The keys of the custom column that are encrypted, by object; of fields out of sight too."""
    found: dict[str, tuple[str, ...]] = {}
    for row in CustomField.objects.exclude(sensitivity=""):
        name = stored_key(row.key, FieldType(row.kind))
        if is_encrypted(f"{PATH}{name}", row.sensitivity):
            found[row.object_key] = (*found.get(row.object_key, ()), name)
    return found


def _protection(model: type[models.Model]) -> Protection | None:
    """The protection of a model, or of the one whose former rows it holds."""
    found = getattr(getattr(model, "pgh_tracked_model", model), "protection", None)
    return found if isinstance(found, Protection) else None


def _table(model: type[models.Model], object_key: str, protected: tuple[str, ...], *, kind_id: int | None) -> _Table:
    triggers = getattr(model._meta, "triggers", ())
    return _Table(
        name=model._meta.db_table,
        key_column=str(model._meta.pk.column),
        object_key=object_key,
        texts=tuple(encrypted_columns(model)),
        has_custom=any(isinstance(column, CustomValues) for column in model._meta.concrete_fields),
        protected=protected,
        kind_id=kind_id,
        is_history=hasattr(model, "pgh_tracked_model"),
        triggers=tuple(f"{model._meta.label}:{trigger.name}" for trigger in triggers),
    )


def _renew_table(table: _Table, *, keys: KeyRing, found: Renewed, progress: Progress | None) -> None:
    """Go through a table block by block, each in a transaction of its own."""
    last = 0
    while True:
        with transaction.atomic(), table.untracked():
            rows = _block(table, keys=keys, last=last)
            for row in rows:
                _renew_row(table, row, keys=keys, found=found)
        if progress is not None and rows:
            progress.advance(len(rows))
        if len(rows) < BLOCK:
            return
        last = rows[-1][table.key_column]


def _block(table: _Table, *, keys: KeyRing, last: int) -> list[dict[str, Any]]:
    condition, parameters = _condition(table, keys)
    sql = (
        f"SELECT {', '.join(table.columns)} FROM {table.name} "  # noqa: S608  # names of our models
        f"WHERE {table.key_column} > %s AND ({condition}) ORDER BY {table.key_column} LIMIT %s FOR UPDATE"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [last, *parameters, BLOCK])
        return [dict(zip(table.columns, row, strict=True)) for row in cursor.fetchall()]


def _condition(table: _Table, keys: KeyRing) -> tuple[str, list[Any]]:
    """Which rows may have a text that is to be written anew."""
    head = f"{cipher.PREFIX}{keys.primary.id}:"
    parts = [f"({text.attname} <> '' AND NOT starts_with({text.attname}, %s))" for text in table.texts]
    parameters: list[Any] = [head for _text in table.texts]
    if table.has_custom:
        parts.append(f"({CUSTOM} ?| %s::text[] OR {CUSTOM}::text LIKE %s)")
        parameters += [list(table.protected), MARK]
    return f"{table.within} AND ({' OR '.join(parts)})", parameters


def _renew_row(table: _Table, row: Mapping[str, Any], *, keys: KeyRing, found: Renewed) -> None:
    """Write the texts of a row anew that have to be."""
    former = {text.attname: row[text.attname] for text in table.texts}
    renewed = {
        text.attname: _renewed(row[text.attname], text.place, keys=keys, found=found, has_token=text.has_token)
        for text in table.texts
    }
    written: dict[str, str] = {name: value for name, value in renewed.items() if value != former[name]}
    if table.has_custom:
        former = {**former, **_json(row[CUSTOM])}
        values = _renewed_values(table, _json(row[CUSTOM]), keys=keys, found=found)
        renewed = {**renewed, **values}
        written |= {CUSTOM: json.dumps(values)} if values != _json(row[CUSTOM]) else {}
    if not written:
        return
    found.rows += 1
    is_fresh = any(cipher.is_sealed(former[name]) != cipher.is_sealed(value) for name, value in renewed.items())
    if is_fresh and table.object_key and not table.is_history:
        found.fresh.add(table.object_key)
    assigned = ", ".join(f"{name} = %s" for name in written)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table.name} SET {assigned} WHERE {table.key_column} = %s",  # noqa: S608  # names of our models
            [*written.values(), row[table.key_column]],
        )


def _renewed_values(table: _Table, values: Mapping[str, Any], *, keys: KeyRing, found: Renewed) -> dict[str, Any]:
    """The custom values with the protected ones under the key of now, and clear those that are protected no more."""
    renewed = dict(values)
    for name, value in values.items():
        place = place_of(table.object_key, name)
        if name in table.protected and isinstance(value, str):
            renewed[name] = _renewed(value, place, keys=keys, found=found)
        elif cipher.is_sealed(value):
            renewed[name] = _opened(value, place, keys=keys, found=found)
    return renewed


def _renewed(stored: str, place: str, *, keys: KeyRing, found: Renewed, has_token: bool = True) -> str:
    """A stored text under the key of now; one that cannot be read as it is."""
    if not stored or cipher.key_id_of(stored) == keys.primary.id:
        return stored
    clear = _opened(stored, place, keys=keys, found=found)
    return stored if cipher.is_sealed(clear) else cipher.seal(clear, place=place, ring=keys, has_token=has_token)


def _opened(stored: str, place: str, *, keys: KeyRing, found: Renewed) -> str:
    """A stored text in clear; one that cannot be read as it is."""
    if not cipher.is_sealed(stored):
        return stored
    try:
        return cipher.unseal(stored, place=place, ring=keys)
    except cipher.CannotRead:
        found.unreadable += 1
        return stored


def _candidates(table: _Table, keys: KeyRing) -> int:
    condition, parameters = _condition(table, keys)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table.name} WHERE {condition}", parameters)  # noqa: S608  # names of our models
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _key_sql(column: str) -> str:
    """The SQL of the id of the key of a stored text."""
    return (
        f"CASE WHEN starts_with({column}, '{cipher.PREFIX}') THEN split_part({column}, ':', {cipher.KEY_PLACE}) "
        f"ELSE '{DUE}' END"
    )


def _custom_counts(table: _Table) -> tuple[str, list[Any]]:
    """How many custom values of a table stand under each key."""
    sql = (
        f"SELECT CASE WHEN one.name = ANY(%s::text[]) THEN {_key_sql('one.value')} ELSE '{DUE}' END, count(*) "  # noqa: S608  # names of our models
        f"FROM {table.name}, jsonb_each_text({CUSTOM}) AS one(name, value) "
        f"WHERE {table.within} AND ({CUSTOM} ?| %s::text[] OR {CUSTOM}::text LIKE %s) "
        "AND (one.name = ANY(%s::text[]) OR starts_with(one.value, %s))"
    )
    wanted = list(table.protected)
    return sql, [wanted, wanted, MARK, wanted, cipher.PREFIX]


def _count(found: Counter[str], sql: str, parameters: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} GROUP BY 1", parameters or [])
        for key_id, count in cursor.fetchall():
            found[key_id] += count


def _json(stored: Any) -> dict[str, Any]:
    """The custom column as the driver gives it."""
    found: dict[str, Any] = json.loads(stored) if isinstance(stored, str) else stored
    return found


@contextmanager
def _only_one() -> Iterator[bool]:
    """Whether this process alone works on the keys now; it is told at once, nobody waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
        (is_mine,) = cursor.fetchone() or (False,)
        try:
            yield bool(is_mine)
        finally:
            if is_mine:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
