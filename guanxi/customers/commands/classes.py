"""Verbs about the schemes by which accounts are sorted, and the class of an account in each."""

from collections.abc import Iterable, Mapping

from django.core.cache import caches
from django.db import transaction

from guanxi.customers.commands.parts import add_part, edit_part, remove_part, restore_part
from guanxi.customers.models import AccountClass, Classification, ClassOption
from guanxi.customers.queries import SCHEMES_KEY
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import change, create

Names = tuple[str, str, str]


@transaction.atomic
def set_classification(scheme: Names, *, classes: Iterable[Names], actor: Actor) -> Classification:
    """Write a scheme and its classes in order, each as (key, Chinese, English); classes not named stay.

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

    Raises: NotFound, AccessDenied, RuleViolation("class.unknown"), Conflict("record.taken") when it has one already.
    """
    return add_part(entry, action="add_account_class", prepare=_require_offered, actor=actor)


def edit_account_class(
    class_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> AccountClass:
    """Move an account to another class. Raises: as `add_account_class`, and Conflict("record.changed")."""
    return edit_part(
        AccountClass,
        class_id,
        values,
        action="edit_account_class",
        version=version,
        prepare=_require_offered,
        actor=actor,
    )


def remove_account_class(class_id: int, *, actor: Actor) -> AccountClass:
    """Take an account out of a class. Raises: NotFound, AccessDenied."""
    return remove_part(AccountClass, class_id, action="remove_account_class", actor=actor)


def restore_account_class(class_id: int, *, actor: Actor) -> AccountClass:
    """Put an account back into its class. Raises: NotFound, AccessDenied, Conflict("record.taken")."""
    return restore_part(AccountClass, class_id, action="restore_account_class", actor=actor)


def _require_offered(entry: AccountClass) -> None:
    offered = ClassOption.objects.filter(classification=entry.classification_id, key=entry.class_key)
    if not offered.exists():
        raise RuleViolation("class.unknown", "This classification has no such class.", field="choice")
