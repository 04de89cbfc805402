"""Commands about what belongs to an account: who may, what follows, what can be taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from guanxi.customers import commands
from guanxi.customers.commands.parts import Part
from guanxi.customers.models import (
    Account,
    AccountClass,
    Affiliation,
    Contact,
    ContactPoint,
    ImportantDate,
    Trait,
)
from guanxi.customers.queries import classes_and_keys, contacts_of, found_accounts, roles_of, schemes, traits_of
from guanxi.customers.tests.conftest import KEY, NUMBER, Kept
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.models import OutboxEvent
from tests.cast import Cast

CHANGES: dict[str, dict[str, object]] = {
    "contact": {"family_name": "吴"},
    "contact_point": {"label": "车间"},
    "important_date": {"day": 3},
    "trait": {"text": "爱喝龙井"},
    "affiliation": {"title": "监事"},
    "account_class": {"class_key": "steady"},
}
KINDS = tuple(CHANGES)


def verb(name: str, key: str) -> Callable[..., Part]:
    """The command of a kind of part: edit, remove, restore."""
    found: Callable[..., Part] = getattr(commands, f"{name}_{key}")
    return found


def stored(kept: Kept, key: str, actor: Actor) -> Any:
    """The part as it is in the database."""
    return grant(actor, type(kept.parts[key])).get(kept.parts[key].pk)


def seen_only(cast: Cast) -> Actor:
    """Charlie with a role that sees all customers and changes none."""
    define_role("viewer", name="Viewer", rows={("account", "view"): "everyone"}, fields={}, actor=cast.dora)
    define_role(
        "manager",
        name="Manager",
        rows={("account", "view"): "everyone"},
        fields={("*", "reach"): int(FieldAccess.MASKED)},
        actor=cast.dora,
    )
    assert cast.charlie.user_id is not None
    return actor_by_user_id(cast.charlie.user_id, surface=cast.charlie.surface)


@pytest.mark.parametrize("key", KINDS)
def test_a_part_is_changed_with_trail_version_and_event(key: str, kept: Kept, cast: Cast) -> None:
    changed = verb("edit", key)(kept.parts[key].pk, CHANGES[key], version=1, actor=cast.alice)
    (name, value), row = next(iter(CHANGES[key].items())), stored(kept, key, cast.dora)
    assert (getattr(row, name), row.version, changed.version) == (value, 2, 2)
    entry = AuditEntry.objects.get(action=f"edit_{key}")
    assert (entry.user_id, entry.object_key, entry.record_id) == (cast.alice.user_id, key, row.pk)
    event = OutboxEvent.objects.get(name="customers.part_changed", payload__action=f"edit_{key}")
    assert (event.payload["part"], event.payload["record_ids"]) == (key, [row.pk])
    with pytest.raises(Conflict) as refused:
        verb("edit", key)(row.pk, CHANGES[key], version=1, actor=cast.alice)
    assert refused.value.code == "record.changed"


@pytest.mark.parametrize("key", KINDS)
def test_a_removed_part_can_be_taken_back_once(key: str, kept: Kept, cast: Cast) -> None:
    for _ in range(2):
        verb("remove", key)(kept.parts[key].pk, actor=cast.alice)
        assert stored(kept, key, cast.dora).trashed_at is not None
    with pytest.raises(NotFound):
        verb("edit", key)(kept.parts[key].pk, CHANGES[key], actor=cast.alice)
    for _ in range(2):
        verb("restore", key)(kept.parts[key].pk, actor=cast.alice)
        assert stored(kept, key, cast.dora).trashed_at is None
    assert stored(kept, key, cast.dora).version == 3


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("name", ["edit", "remove", "restore"])
def test_who_may_not_change_the_account_changes_no_part(name: str, key: str, kept: Kept, cast: Cast) -> None:
    part, viewer = kept.parts[key], seen_only(cast)
    arguments = (CHANGES[key],) if name == "edit" else ()
    with pytest.raises((AccessDenied, NotFound)):
        verb(name, key)(part.pk, *arguments, actor=cast.charlie)
    with pytest.raises(AccessDenied):
        verb(name, key)(part.pk, *arguments, actor=viewer)
    with pytest.raises(AccessDenied):
        verb(name, key)(part.pk, *arguments, actor=cast.token)
    row = stored(kept, key, cast.dora)
    assert (row.version, row.trashed_at) == (1, None)


def new_parts(kept: Kept) -> tuple[Part, ...]:
    """One new part of each kind that needs nothing else."""
    account = kept.account
    return (
        Contact(account=account, family_name="吴"),
        ContactPoint(account=account, type="mail", value="a@b.cn"),
        ImportantDate(account=account, type="founding", month=2, day=29),
        Trait(account=account, kind="hobby", text="围棋"),
    )


def test_who_may_not_change_the_account_adds_no_part(kept: Kept, cast: Cast) -> None:
    viewer = seen_only(cast)
    for part in new_parts(kept):
        add = getattr(commands, f"add_{part.protection.key}")
        with pytest.raises(NotFound):
            add(part, actor=cast.charlie)
        with pytest.raises(AccessDenied):
            add(part, actor=viewer)
        assert part.pk is None


def test_adding_a_part_is_editing_the_account(kept: Kept, cast: Cast) -> None:
    rows = {("account", action): "everyone" for action in ("view", "edit")}
    define_role("manager", name="Editor", rows=rows, fields={("*", "reach"): 3}, actor=cast.dora)
    assert cast.bob.user_id is not None
    bob = actor_by_user_id(cast.bob.user_id, surface=cast.bob.surface)
    for part in new_parts(kept):
        assert getattr(commands, f"add_{part.protection.key}")(part, actor=bob).pk


def test_a_contact_goes_and_comes_with_what_is_its_own(kept: Kept, cast: Cast) -> None:
    alice, account_id, contact_id = cast.alice, kept.account.pk, kept.parts["contact"].pk
    commands.add_trait(Trait(account=kept.account, kind="hobby", text="骑行"), actor=alice)
    gone = commands.add_trait(
        Trait(account=kept.account, contact_id=contact_id, kind="hobby", text="钓鱼"), actor=alice
    )
    commands.remove_trait(gone.pk, actor=alice)
    commands.remove_contact(contact_id, actor=alice)
    assert contacts_of(account_id, alice) == ((), ())
    assert [trait.text for trait in traits_of(account_id, alice)] == ["骑行"]
    assert roles_of(account_id, [contact_id], alice) == ()
    found = found_accounts("13800136021", alice)
    assert found is not None
    assert list(found.ids) == []
    commands.restore_contact(contact_id, actor=alice)
    contacts, _ = contacts_of(account_id, alice)
    assert [point.text for point in contacts[0].points] == [NUMBER]
    assert {trait.text for trait in traits_of(account_id, alice)} == {"骑行", "不饮酒"}
    assert len(roles_of(account_id, [contact_id], alice)) == 1
    found = found_accounts("13800136021", alice)
    assert found is not None
    assert [row[0] for row in found.ids.values_list("record_id")] == [account_id]


def test_there_is_one_main_contact_and_one_preferred_way(kept: Kept, cast: Cast) -> None:
    alice, account = cast.alice, kept.account
    second = commands.add_contact(Contact(account=account, family_name="吴", is_main=True), actor=alice)
    assert [row.id for row in contacts_of(account.pk, alice)[0] if row.is_main] == [second.pk]
    first = ContactPoint(account=account, type="mail", value="a@b.cn", is_preferred=True)
    commands.add_contact_point(first, actor=alice)
    other = ContactPoint(account=account, type="mail", value="c@d.cn")
    commands.add_contact_point(other, actor=alice)
    commands.edit_contact_point(other.pk, {"is_preferred": True}, actor=alice)
    assert [point.id for point in contacts_of(account.pk, alice)[1] if point.is_preferred] == [other.pk]


def test_consent_carries_the_day_it_holds_from(kept: Kept, cast: Cast) -> None:
    point_id = kept.parts["contact_point"].pk
    edit = commands.edit_contact_point
    assert edit(point_id, {"consent": "given"}, actor=cast.alice).consent_at is not None
    day = timezone.now() - timedelta(days=20)
    assert edit(point_id, {"consent": "withdrawn", "consent_at": day}, actor=cast.alice).consent_at == day
    assert edit(point_id, {"consent": "unknown"}, actor=cast.alice).consent_at is None
    with pytest.raises(RuleViolation) as refused:
        edit(point_id, {"consent": "given", "consent_at": timezone.now() + timedelta(days=2)}, actor=cast.alice)
    assert refused.value.code == "point.consent_future"


def test_a_masked_number_is_neither_changed_nor_told(kept: Kept, cast: Cast) -> None:
    point_id = kept.parts["contact_point"].pk
    for values in ({"value": "138****6021"}, {"type": "mail"}, {"type": "mobile", "value": NUMBER}):
        with pytest.raises(AccessDenied) as refused:
            commands.edit_contact_point(point_id, values, actor=cast.bob)
        assert "0013" not in str(refused.value)
    commands.edit_contact_point(point_id, {"label": "车间"}, actor=cast.bob)
    row = stored(kept, "contact_point", cast.dora)
    assert (row.value, row.normalised, row.label) == (NUMBER, "+8613800136021", "车间")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"type": "mobile", "value": "1380013602"}, "point.mobile_length"),
        ({"type": "mail", "value": "x"}, "point.mail"),
        ({"receives_mail": True}, "point.receives_mail"),
        ({"type": "mail", "value": "a@b.cn", "receives_sms": True}, "point.receives_sms"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    values: dict[str, object], code: str, kept: Kept, cast: Cast
) -> None:
    with pytest.raises(RuleViolation) as refused:
        commands.edit_contact_point(kept.parts["contact_point"].pk, values, actor=cast.alice)
    assert refused.value.code == code
    assert stored(kept, "contact_point", cast.dora).version == 1


def test_a_part_belongs_to_a_contact_of_its_own_account(kept: Kept, cast: Cast) -> None:
    stranger = commands.add_contact(Contact(account=kept.other, family_name="吴"), actor=cast.alice)
    with pytest.raises(RuleViolation) as refused:
        commands.edit_trait(kept.parts["trait"].pk, {"contact_id": stranger.pk}, actor=cast.alice)
    assert refused.value.code == "part.contact"


def test_an_account_has_one_class_per_scheme(kept: Kept, cast: Cast) -> None:
    tier = next(iter(schemes()))
    again = AccountClass(account=kept.account, classification_id=tier, class_key="steady")
    with pytest.raises(Conflict):
        commands.add_account_class(again, actor=cast.alice)
    commands.remove_account_class(kept.parts["account_class"].pk, actor=cast.alice)
    commands.add_account_class(again, actor=cast.alice)
    with pytest.raises(Conflict):
        commands.restore_account_class(kept.parts["account_class"].pk, actor=cast.alice)
    with pytest.raises(RuleViolation):
        commands.edit_account_class(again.pk, {"class_key": "nonsense"}, actor=cast.alice)
    assert [row.class_key for row in classes_and_keys(kept.account.pk, cast.alice)[0]] == ["steady"]


def test_keys_are_read_as_identities_are(kept: Kept, cast: Cast) -> None:
    def keys(actor: Actor) -> list[str]:
        return [row.key for row in classes_and_keys(kept.account.pk, actor)[1]]

    assert (keys(cast.dora), keys(cast.alice), keys(cast.bob)) == ([KEY], ["****77"], [])


def test_a_role_is_seen_from_both_customers_by_who_sees_both(kept: Kept, cast: Cast) -> None:
    people = [kept.parts["contact"].pk]
    (there,) = roles_of(kept.account.pk, people, cast.alice)
    (here,) = roles_of(kept.other.pk, (), cast.alice)
    assert (there.account_name, there.is_here) == ("云杉包装", False)
    assert (here.account_name, here.contact_name, here.is_here) == ("岚川精密仪器", "周砚秋", True)
    assert roles_of(kept.account.pk, people, cast.charlie) == ()
    assert roles_of(kept.other.pk, (), cast.charlie) == ()


def test_a_role_needs_another_customer(kept: Kept, cast: Cast, new_account: Callable[..., Account]) -> None:
    contact = kept.parts["contact"]
    with pytest.raises(RuleViolation) as refused:
        commands.add_affiliation(Affiliation(account=kept.account, contact_id=contact.pk), actor=cast.alice)
    assert refused.value.code == "affiliation.own"
    with pytest.raises(Conflict):
        commands.add_affiliation(Affiliation(account=kept.other, contact_id=contact.pk), actor=cast.alice)


def test_keys_are_given_to_customers_that_one_may_change_alone(kept: Kept, cast: Cast) -> None:
    known = classes_and_keys(kept.account.pk, cast.dora)[1]
    for actor, refusal in ((cast.charlie, NotFound), (seen_only(cast), AccessDenied), (cast.token, AccessDenied)):
        with pytest.raises(refusal):
            commands.add_external_keys("shop", [("CARD-1", kept.account.pk)], actor=actor)
    assert classes_and_keys(kept.account.pk, cast.dora)[1] == known
    assert commands.add_external_keys("shop", [("CARD-1", kept.account.pk), (KEY, kept.account.pk)], actor=cast.alice)
