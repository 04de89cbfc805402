"""Verbs about the schemes by which accounts are sorted, and the class of an account in each."""

from collections.abc import Iterable, Mapping
from functools import partial

from django.core.cache import caches
from django.db import transaction

from guanxi.customers.commands.parts import add_part, edit_part, remove_part, restore_part
from guanxi.customers.models import AccountClass, Classification, ClassOption
from guanxi.customers.queries import SCHEMES_KEY, SCHEMES_REASON, may_sort
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import change, create

Names = tuple[str, str, str]


@transaction.atomic
def set_classification(scheme: Names, *, classes: Iterable[Names], actor: Actor) -> Classification:
    """Write a scheme and its classes in order, each as (key, Chinese, English); classes not named stay.

    For the system's own set-up; people make schemes by the verbs of `schemes`.
    Raises: AccessDenied without the right to administer classifications.
    """
    key, name_zh, name_en = scheme
    known = grant(actor, Classification, Action.ADMINISTER).queryset().filter(key=key).first()
    if known is None:
        known = Classification(key=key, name_zh=name_zh, name_en=name_en)
        with create(known, actor=actor, action="add_classification", right=Action.ADMINISTER):
            pass
    else:
        edit = change(Classification, known.pk, action="edit_classification", right=Action.ADMINISTER, actor=actor)
        with edit as work:
            work.record.name_zh, work.record.name_en = name_zh, name_en
    for position, (class_key, class_zh, class_en) in enumerate(classes):
        ClassOption.objects.update_or_create(
            classification=known,
            key=class_key,
            defaults={"name_zh": class_zh, "name_en": class_en, "position": position},
        )
    transaction.on_commit(lambda: caches["process"].delete(SCHEMES_KEY))
    return known


def add_account_class(entry: AccountClass, *, actor: Actor) -> AccountClass:
    """Sort an account into a class of a scheme.

    Raises: NotFound, AccessDenied("access.denied" | "class.setters"), RuleViolation("class.unknown" | "class.retired"),
    Conflict("record.taken") when it has one already.
    """
    return add_part(entry, action="add_account_class", prepare=partial(_require_offered, actor=actor), actor=actor)


def edit_account_class(
    class_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> AccountClass:
    """Move an account to another class. Raises: as `add_account_class`, and Conflict("record.changed")."""
    _require_setter_of(class_id, actor=actor)
    return edit_part(
        AccountClass,
        class_id,
        values,
        action="edit_account_class",
        version=version,
        prepare=partial(_require_offered, actor=actor),
        actor=actor,
    )


def remove_account_class(class_id: int, *, actor: Actor) -> AccountClass:
    """Take an account out of a class. Raises: NotFound, AccessDenied("access.denied" | "class.setters")."""
    _require_setter_of(class_id, actor=actor)
    return remove_part(AccountClass, class_id, action="remove_account_class", actor=actor)


def restore_account_class(class_id: int, *, actor: Actor) -> AccountClass:
    """Put an account back into its class.

    Raises: NotFound, AccessDenied("access.denied" | "class.setters"), Conflict("record.taken").
    """
    _require_setter_of(class_id, actor=actor)
    return restore_part(AccountClass, class_id, action="restore_account_class", actor=actor)


def _require_offered(entry: AccountClass, *, actor: Actor) -> None:
    """The scheme has this class and takes customers into it, or the customer is in it already."""
    found = ClassOption.objects.filter(classification=entry.classification_id, key=entry.class_key)
    offered = found.select_related("classification").first()
    if offered is None or offered.classification.trashed_at is not None:
        raise RuleViolation("class.unknown", "This classification has no such class.", field="choice")
    _require_setter(offered.classification, actor=actor)
    if offered.is_active and offered.classification.is_active:
        return
    same = grant(actor, AccountClass).queryset().filter(pk=entry.pk, class_key=entry.class_key)
    if not same.exists():
        raise RuleViolation("class.retired", "This class is not in use any more.", field="choice")


def _require_setter_of(class_id: int, *, actor: Actor) -> None:
    """The actor may sort by the scheme of this class. Raises: NotFound, AccessDenied("class.setters")."""
    entry = grant(actor, AccountClass).get(class_id)
    _require_setter(unscoped(Classification, reason=SCHEMES_REASON).get(pk=entry.classification_id), actor=actor)


def _require_setter(scheme: Classification, *, actor: Actor) -> None:
    if not may_sort(scheme.setters, actor):
        raise AccessDenied("class.setters", "Your roles may not sort customers by this classification.")
