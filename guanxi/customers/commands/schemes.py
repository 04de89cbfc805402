"""Verbs about the schemes by which customers are sorted: making, wording, ordering, retiring and merging classes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import uuid4

from django.core.cache import caches
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from guanxi.customers.events import PartChanged
from guanxi.customers.models import AccountClass, Classification, ClassMerge, ClassOption
from guanxi.customers.queries import SCHEMES_KEY, SCHEMES_REASON
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.rules import Action, Everyone
from guanxi.platform.audit.commands import begin_entry, set_count
from guanxi.platform.customfields.models import TagColour
from guanxi.platform.events.commands import publish
from guanxi.platform.records.bulk import changed_ids, restore_rows, write_rows
from guanxi.platform.records.change import change, create

BLOCK = 2_000
MOST_CLASSES = 60
ACCOUNT_CLASS = AccountClass.protection.key


@dataclass(frozen=True, slots=True)
class SchemeWords:
    """What a scheme is called and is for, and the keys of the roles that may sort by it; none = who may edit."""

    name_zh: str
    name_en: str
    purpose: str = ""
    setters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassWords:
    """What a class is called, whom it means, and its colour."""

    name_zh: str
    name_en: str
    definition: str = ""
    colour: str = ""


@transaction.atomic
def make_scheme(words: SchemeWords, *, actor: Actor) -> int:
    """Make a scheme without classes. Returns its id.

    Raises: AccessDenied, RuleViolation("scheme.name"), Conflict("scheme.taken") when another one has the name.
    """
    made = Classification(key=f"made-{uuid4().hex[:16]}")
    _word(made, words)
    grant(actor, Classification, Action.ADMINISTER)
    _require_scheme_names(made)
    with create(made, actor=actor, action="add_classification", right=Action.ADMINISTER):
        pass
    _forget()
    return int(made.pk)


@transaction.atomic
def edit_scheme(scheme_id: int, words: SchemeWords, *, version: int | None = None, actor: Actor) -> None:
    """Give a scheme other words; its classes and customers stay.

    Raises: NotFound, AccessDenied, Conflict("record.changed" | "scheme.taken"), RuleViolation("scheme.name").
    """
    edit = change(
        Classification,
        scheme_id,
        action="edit_classification",
        right=Action.ADMINISTER,
        version=version,
        actor=actor,
    )
    with edit as work:
        _word(work.record, words)
        _require_scheme_names(work.record)
    _forget()


@transaction.atomic
def use_scheme(scheme_id: int, *, is_active: bool, actor: Actor) -> None:
    """Sort by a scheme or stop doing so; who has a class keeps it. Raises: NotFound, AccessDenied."""
    action = "use_classification" if is_active else "retire_classification"
    with change(Classification, scheme_id, action=action, right=Action.ADMINISTER, actor=actor) as work:
        work.record.is_active = is_active
    _forget()


@transaction.atomic
def add_class(scheme_id: int, words: ClassWords, *, actor: Actor) -> str:
    """Add a class at the end of a scheme. Returns its key.

    Raises: NotFound, AccessDenied, RuleViolation("class.name" | "class.colour" | "class.many"),
    Conflict("class.taken").
    """
    _lock(scheme_id, action="add_class", actor=actor)
    _require_class_words(scheme_id, words, own_key="")
    rows = ClassOption.objects.filter(classification=scheme_id)
    if rows.count() >= MOST_CLASSES:
        raise RuleViolation("class.many", "A classification has at most %(most)s classes.", most=MOST_CLASSES)
    last = rows.aggregate(last=Max("position"))["last"]
    made = ClassOption.objects.create(
        classification_id=scheme_id,
        key=f"made-{uuid4().hex[:16]}",
        position=0 if last is None else last + 1,
        **asdict(words),
    )
    _forget()
    return made.key


@transaction.atomic
def edit_class(scheme_id: int, class_key: str, words: ClassWords, *, actor: Actor) -> None:
    """Give a class other words; its customers stay in it.

    Raises: NotFound, AccessDenied, RuleViolation("class.name" | "class.colour"), Conflict("class.taken").
    """
    _lock(scheme_id, action="edit_class", actor=actor)
    _require_class_words(scheme_id, words, own_key=class_key)
    _write_class(_class(scheme_id, class_key), **asdict(words))
    _forget()


@transaction.atomic
def use_class(scheme_id: int, class_key: str, *, is_active: bool, actor: Actor) -> None:
    """Offer a class or stop doing so; who is in it stays. Doing it again changes nothing.

    Raises: NotFound, AccessDenied.
    """
    _lock(scheme_id, action="use_class" if is_active else "retire_class", actor=actor)
    _write_class(_class(scheme_id, class_key), is_active=is_active)
    _forget()


@transaction.atomic
def order_classes(scheme_id: int, class_keys: Sequence[str], *, actor: Actor) -> None:
    """Put the classes of a scheme into this order; those not named follow in the order they had.

    Raises: NotFound, AccessDenied.
    """
    _lock(scheme_id, action="order_classes", actor=actor)
    rows = {row.key: row for row in ClassOption.objects.filter(classification=scheme_id).order_by("position", "key")}
    order = dict.fromkeys((*(key for key in class_keys if key in rows), *rows))
    for position, key in enumerate(order):
        rows[key].position = position
    ClassOption.objects.bulk_update(rows.values(), ["position"])
    _forget()


@transaction.atomic
def merge_classes(scheme_id: int, from_key: str, into_key: str, *, actor: Actor) -> ClassMerge:
    """Move all customers of a class into another one and take the emptied class out of use.

    Whoever sets schemes up may, whoever looks after the customers. All moves stand under one audit entry, from which
    `undo_class_merge` takes them back. Raises: NotFound, AccessDenied, RuleViolation("class.same" | "class.retired").
    """
    _lock(scheme_id, action="edit_class", actor=actor)
    emptied, kept = _class(scheme_id, from_key), _class(scheme_id, into_key)
    if emptied.pk == kept.pk:
        raise RuleViolation("class.same", "Choose another class than the one that is merged.", field="into")
    if not kept.is_active:
        raise RuleViolation("class.retired", "This class is not in use any more.", field="into")
    permission = _permission(actor)
    members = permission.queryset().filter(classification=scheme_id, class_key=from_key, trashed_at__isnull=True)
    ids = list(members.order_by("pk").values_list("pk", flat=True))
    entry_id = begin_entry(actor, action="merge_class", object_key=ACCOUNT_CLASS, reason=f"{from_key} → {into_key}")
    moved = 0
    for block in _blocks(ids):
        moved += write_rows(permission, block, columns={"class_key": into_key}, is_trashed=False, entry_id=entry_id)
        _tell(changed_ids(AccountClass, entry_id, among=block), action="merge_class", permission=permission)
    set_count(entry_id, record_count=moved)
    _write_class(emptied, is_active=False)
    _forget()
    return ClassMerge.objects.create(
        classification_id=scheme_id,
        from_key=from_key,
        into_key=into_key,
        entry_id=entry_id,
        moved=moved,
        merged_by=actor.name[:120],
    )


@transaction.atomic
def undo_class_merge(merge_id: int, *, actor: Actor) -> int:
    """Put the customers of a merged class back into it, save those that were sorted anew since, and use it again.

    Returns how many went back. Raises: NotFound, AccessDenied, Conflict("class.undone").
    """
    merge = ClassMerge.objects.filter(pk=merge_id).first()
    if merge is None:
        raise no_such_record()
    _lock(merge.classification_id, action="edit_class", actor=actor)
    merge = ClassMerge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at is not None:
        raise Conflict("class.undone", "This was taken back already.")
    permission, restored = _permission(actor), 0
    entry_id = begin_entry(actor, action="undo_merge_class", object_key=ACCOUNT_CLASS, reason=merge.from_key)
    for block in _blocks(changed_ids(AccountClass, merge.entry_id)):
        back = restore_rows(
            permission, block, columns={"class_key": merge.into_key}, undone=merge.entry_id, entry_id=entry_id
        )
        _tell(back, action="undo_merge_class", permission=permission)
        restored += len(back)
    set_count(entry_id, record_count=restored)
    ClassOption.objects.filter(classification=merge.classification_id, key=merge.from_key).update(is_active=True)
    ClassMerge.objects.filter(pk=merge_id).update(undone_at=timezone.now())
    _forget()
    return restored


def _lock(scheme_id: int, *, action: str, actor: Actor) -> None:
    """Wait until nobody else changes the scheme, and note who does what. Raises: NotFound, AccessDenied."""
    with change(Classification, scheme_id, action=action, right=Action.ADMINISTER, actor=actor):
        pass


def _permission(actor: Actor) -> Grant[AccountClass]:
    """All customers' classes: who sets a scheme up answers for all that are sorted by it."""
    return Grant(AccountClass, actor, Action.EDIT, Everyone())


def _class(scheme_id: int, class_key: str) -> ClassOption:
    found = ClassOption.objects.filter(classification=scheme_id, key=class_key).first()
    if found is None:
        raise no_such_record()
    return found


def _blocks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK))


def _tell(class_ids: Sequence[int], *, action: str, permission: Grant[AccountClass]) -> None:
    """Publish that these classes of customers changed; one event for a block."""
    if not class_ids:
        return
    account_ids = permission.queryset().filter(pk__in=class_ids).values_list("account_id", flat=True)
    publish(
        PartChanged(
            account_ids=tuple(sorted(account_ids)), part=ACCOUNT_CLASS, record_ids=tuple(class_ids), action=action
        )
    )


def _word(scheme: Classification, words: SchemeWords) -> None:
    scheme.name_zh, scheme.name_en = words.name_zh, words.name_en
    scheme.purpose, scheme.setters = words.purpose, list(words.setters)


def _write_class(row: ClassOption, **columns: object) -> None:
    ClassOption.objects.filter(pk=row.pk).update(**columns)


def _require_scheme_names(scheme: Classification) -> None:
    rows = unscoped(Classification, reason=SCHEMES_REASON)
    others = rows.filter(trashed_at__isnull=True).exclude(pk=scheme.pk)
    for field in ("name_zh", "name_en"):
        name = getattr(scheme, field)
        if not name:
            raise RuleViolation("scheme.name", "Name the classification in both languages.", field=field)
        if others.filter(**{f"{field}__iexact": name}).exists():
            raise Conflict("scheme.taken", "Another classification is called “%(name)s”.", name=name, field=field)


def _require_class_words(scheme_id: int, words: ClassWords, *, own_key: str) -> None:
    if words.colour not in TagColour.values:
        raise RuleViolation("class.colour", "Choose one of the colours.", field="colour")
    others = ClassOption.objects.filter(classification=scheme_id).exclude(key=own_key)
    for field, name in (("name_zh", words.name_zh), ("name_en", words.name_en)):
        if not name:
            raise RuleViolation("class.name", "Name the class in both languages.", field=field)
        if others.filter(**{f"{field}__iexact": name}).exists():
            raise Conflict("class.taken", "Another class is called “%(name)s”.", name=name, field=field)


def _forget() -> None:
    """Let the next page read the schemes anew."""
    transaction.on_commit(lambda: caches["process"].delete(SCHEMES_KEY))
