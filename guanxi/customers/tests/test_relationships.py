"""What customers and their people are to each other: who may note it, who sees it, what becomes of it."""

from collections.abc import Callable

import pytest
from django.utils.translation import override

from guanxi.customers.choices import RELATIONSHIP_TYPES
from guanxi.customers.commands import (
    add_contact,
    add_relationship,
    create_account,
    edit_relationship,
    remove_relationship,
    restore_relationship,
    set_relationship_types,
    trash_account,
)
from guanxi.customers.models import Account, Contact, Relationship
from guanxi.customers.queries import group_of, parties_named, relationships_of
from guanxi.customers.rules import require_fitting
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects.merging import Pair, joined_counts, merge_records, undo_merge
from guanxi.platform.objects.registry import listed_object
from tests.cast import Cast, SignIn

Maker = Callable[..., Account]


@pytest.fixture(autouse=True)
def types(db: None) -> None:  # the list is in the database
    """The types to begin with."""
    set_relationship_types(RELATIONSHIP_TYPES)


def related(one: Account | Contact, other: Account | Contact, kind: str, *, actor: Actor) -> Relationship:
    """Note that one party is something to another."""
    ends: dict[str, object] = {}
    for prefix, party in (("", one), ("other_", other)):
        is_contact = isinstance(party, Contact)
        ends[f"{prefix}account_id"] = party.account_id if isinstance(party, Contact) else party.pk
        ends[f"{prefix}contact_id"] = party.pk if is_contact else None
    return add_relationship(Relationship(type_id=kind, **ends), actor=actor)


def person(account: Account, name: str, *, actor: Actor) -> Contact:
    """A contact of an account."""
    return add_contact(Contact(account=account, family_name=name[0], given_name=name[1:]), actor=actor)


def ends(row_owner: int, actor: Actor) -> list[tuple[str, str, str]]:
    """What an account's relationships are, as (one, type, other)."""
    return [(row.one.name, row.type_key, row.other.name) for row in relationships_of([row_owner], actor)]


@pytest.mark.parametrize(
    ("joins", "people", "is_allowed"),
    [
        ("organisations", (False, False), True),
        ("organisations", (False, True), False),
        ("people", (True, True), True),
        ("people", (True, False), False),
        ("mixed", (False, True), True),
        ("mixed", (True, True), False),
        ("any", (True, False), True),
    ],
)
def test_a_type_joins_those_it_is_made_for(joins: str, people: tuple[bool, bool], is_allowed: bool) -> None:
    if is_allowed:
        require_fitting(joins, one_is_person=people[0], other_is_person=people[1])
        return
    with pytest.raises(RuleViolation) as refused:
        require_fitting(joins, one_is_person=people[0], other_is_person=people[1])
    assert refused.value.code == "relationship.joins"


def test_a_relationship_is_seen_from_both_ends_with_its_direction(cast: Cast, new_account: Maker) -> None:
    parent, sub = new_account("岚川集团"), new_account("岚川（苏州）")
    made = related(parent, sub, "parent", actor=cast.alice)
    assert ends(parent.pk, cast.alice) == ends(sub.pk, cast.alice) == [("岚川集团", "parent", "岚川（苏州）")]
    (row,) = relationships_of([sub.pk], cast.alice)
    _near, far, is_first = row.side(sub.pk)
    assert (far.name, is_first) == ("岚川集团", True)
    entry = AuditEntry.objects.get(action="add_relationship")
    assert (entry.user_id, entry.object_key, entry.record_id) == (cast.alice.user_id, "relationship", made.pk)


def test_nothing_is_noted_twice_nor_of_oneself(cast: Cast, new_account: Maker) -> None:
    parent, sub = new_account("岚川集团"), new_account("岚川（苏州）")
    related(parent, sub, "parent", actor=cast.alice)
    for one, other in ((parent, sub), (sub, parent)):
        with pytest.raises(Conflict):
            related(one, other, "parent", actor=cast.alice)
    with pytest.raises(RuleViolation) as refused:
        related(parent, parent, "partner", actor=cast.alice)
    assert refused.value.code == "relationship.self"
    with pytest.raises(RuleViolation):
        related(parent, sub, "classmate", actor=cast.alice)
    assert len(relationships_of([parent.pk], cast.dora)) == 1


def test_who_misses_one_end_sees_nothing_of_it(cast: Cast, new_account: Maker) -> None:
    ours = new_account("岚川集团")
    theirs = create_account({"kind": "organisation", "name": "衡测仪器"}, actor=cast.charlie)
    made = related(ours, theirs, "competitor", actor=cast.dora)
    for actor, account in ((cast.alice, ours), (cast.bob, ours), (cast.charlie, theirs)):
        assert relationships_of([account.pk], actor) == ()
        assert not grant(actor, Relationship).queryset().filter(pk=made.pk).exists()
        for act in (remove_relationship, restore_relationship):
            with pytest.raises(NotFound):
                act(made.pk, actor=actor)
        with pytest.raises(NotFound):
            edit_relationship(made.pk, {"bond": 3}, actor=actor)
    with pytest.raises(NotFound):
        related(ours, theirs, "partner", actor=cast.alice)
    assert ends(ours.pk, cast.dora) == [("岚川集团", "competitor", "衡测仪器")]
    assert parties_named("衡测仪器", cast.alice) == ()


def test_who_only_reads_changes_nothing(cast: Cast, new_account: Maker) -> None:
    one, other = new_account("岚川集团"), new_account("澄川轴承")
    made = related(one, other, "partner", actor=cast.alice)
    with pytest.raises(AccessDenied):
        edit_relationship(made.pk, {"bond": 3}, actor=cast.token)
    with pytest.raises(AccessDenied):
        related(one, other, "supplier", actor=cast.token)
    (row,) = relationships_of([one.pk], cast.token)
    assert row.bond == 1


def test_a_removed_relationship_can_be_taken_back(cast: Cast, new_account: Maker) -> None:
    one, other = new_account("岚川集团"), new_account("澄川轴承")
    made = related(one, other, "partner", actor=cast.alice)
    remove_relationship(made.pk, actor=cast.alice)
    assert relationships_of([one.pk], cast.alice) == ()
    again = related(other, one, "partner", actor=cast.alice)
    with pytest.raises(Conflict):
        restore_relationship(made.pk, actor=cast.alice)
    remove_relationship(again.pk, actor=cast.alice)
    restore_relationship(made.pk, actor=cast.alice)
    assert [row.id for row in relationships_of([other.pk], cast.alice)] == [made.pk]


def test_an_end_in_the_trash_takes_its_relationships_out_of_sight(cast: Cast, new_account: Maker) -> None:
    one, other = new_account("岚川集团"), new_account("澄川轴承")
    related(one, other, "parent", actor=cast.alice)
    trash_account(other.pk, actor=cast.dora)
    assert relationships_of([one.pk], cast.alice) == ()
    assert group_of(one.pk, cast.alice) == ()


def test_a_group_is_a_tree_as_far_as_the_way_is_seen(cast: Cast, new_account: Maker) -> None:
    top, middle, low = new_account("岚川集团"), new_account("岚川（苏州）"), new_account("岚川检测")
    hidden = create_account({"kind": "organisation", "name": "岚川（西部）"}, actor=cast.charlie)
    below = new_account("岚川（成都）")
    for upper, lower in ((top, middle), (middle, low), (top, hidden), (hidden, below)):
        related(upper, lower, "parent", actor=cast.dora)
    for start in (top, low):
        assert [(row.name, row.depth) for row in group_of(start.pk, cast.alice)] == [
            ("岚川集团", 0),
            ("岚川（苏州）", 1),
            ("岚川检测", 2),
        ]
    assert group_of(below.pk, cast.alice) == ()
    assert len(group_of(top.pk, cast.dora)) == 5


def test_relationships_go_over_in_a_merge_and_come_back(cast: Cast, new_account: Maker) -> None:
    kept, merged, third = new_account("岚川精密"), new_account("岚川精密公司"), new_account("澄川轴承")
    related(kept, merged, "partner", actor=cast.alice)
    related(third, merged, "supplier", actor=cast.alice)
    related(kept, third, "competitor", actor=cast.alice)
    related(merged, third, "competitor", actor=cast.alice)
    before = sorted(ends(merged.pk, cast.dora)), sorted(ends(kept.pk, cast.dora))
    with override("en"):
        found = joined_counts(listed_object("account"), Pair(kept.pk, merged.pk))
        counts = {str(item.label): (item.kept, item.merged) for item in found}
    assert counts["Relationships"] == (2, 3)
    merge = merge_records("account", Pair(kept.pk, merged.pk), actor=cast.dora)
    assert sorted(ends(kept.pk, cast.alice)) == [
        ("岚川精密", "competitor", "澄川轴承"),
        ("澄川轴承", "supplier", "岚川精密"),
    ]
    undo_merge(merge.pk, actor=cast.dora)
    assert (sorted(ends(merged.pk, cast.dora)), sorted(ends(kept.pk, cast.dora))) == before


def test_a_contact_merged_into_one_elsewhere_is_known_there(cast: Cast, new_account: Maker) -> None:
    here, there, third = new_account("岚川精密"), new_account("云杉包装"), new_account("澄川轴承")
    kept, merged = person(here, "周砚秋", actor=cast.alice), person(there, "周彦秋", actor=cast.alice)
    friend = person(third, "苏韵", actor=cast.alice)
    related(merged, friend, "classmate", actor=cast.alice)
    merge = merge_records("contact", Pair(kept.pk, merged.pk), actor=cast.dora)
    assert ends(here.pk, cast.alice) == [("周砚秋", "classmate", "苏韵")]
    assert ends(there.pk, cast.alice) == []
    undo_merge(merge.pk, actor=cast.dora)
    assert ends(here.pk, cast.alice) == []
    assert ends(there.pk, cast.alice) == [("周彦秋", "classmate", "苏韵")]


def test_one_notes_changes_and_removes_it_on_the_card(cast: Cast, new_account: Maker, sign_in: SignIn) -> None:
    one, other = new_account("岚川集团"), new_account("澄川轴承")
    friend = person(other, "苏韵", actor=cast.alice)
    contact = person(one, "周砚秋", actor=cast.alice)
    client, base = sign_in(cast.alice), f"/accounts/{one.pk}/relationships/"
    typed = {"other": "苏韵 · 澄川轴承", "relation": "teacher:2", "contact_id": contact.pk, "bond": "3"}
    assert client.get(f"{base}new/").status_code == 200
    assert client.post(f"{base}new/", typed).status_code == 303
    (row,) = relationships_of([one.pk], cast.alice)
    assert (row.one.name, row.other.name, row.bond) == ("周砚秋", "苏韵", 3)
    page = client.get(f"/accounts/{one.pk}/").content.decode()
    assert "Student" in page
    assert "to 周砚秋" in page
    assert "Teacher" in client.get(f"/objects/contact/{friend.pk}/").content.decode()
    edit = f"/accounts/{other.pk}/relationships/{row.id}/edit/"
    assert "周砚秋 · 岚川集团" in client.get(edit).content.decode()
    assert client.post(edit, {"bond": "2", "note": "同门"}).status_code == 303
    assert relationships_of([one.pk], cast.alice)[0].note == "同门"
    assert client.post(f"{base}{row.id}/remove/").status_code == 303
    assert relationships_of([one.pk], cast.alice) == ()
    for words in ("没有这家", "苏韵 · 别家"):
        assert client.post(f"{base}new/", {**typed, "other": words}).status_code == 422
    assert sign_in(cast.charlie).post(f"{base}new/", typed).status_code == 404


def test_the_picture_shows_whom_one_may_see(cast: Cast, new_account: Maker, sign_in: SignIn) -> None:
    ours, partner = new_account("岚川集团"), new_account("澄川轴承")
    theirs = create_account({"kind": "organisation", "name": "衡测仪器"}, actor=cast.charlie)
    related(ours, partner, "partner", actor=cast.alice)
    related(partner, theirs, "supplier", actor=cast.dora)
    person(ours, "周砚秋", actor=cast.alice)
    address = f"/accounts/{ours.pk}/relations/"
    page = sign_in(cast.alice).get(address).content.decode()
    assert "澄川轴承" in page
    assert "周砚秋" in page
    assert "衡测仪器" not in page
    assert "衡测仪器" in sign_in(cast.dora).get(address).content.decode()
    assert sign_in(cast.charlie).get(address).status_code == 404
    listed = sign_in(cast.alice).get(f"/accounts/?group_of={ours.pk}")
    assert listed.status_code == 200


def test_the_list_narrows_to_a_group(cast: Cast, new_account: Maker, sign_in: SignIn) -> None:
    top, low, other = new_account("岚川集团"), new_account("岚川检测"), new_account("澄川轴承")
    related(top, low, "parent", actor=cast.alice)
    page = sign_in(cast.alice).get(f"/accounts/?group_of={top.pk}").content.decode()
    assert low.name in page
    assert other.name not in page


def test_the_names_offered_are_those_one_may_relate(cast: Cast, new_account: Maker, sign_in: SignIn) -> None:
    account = new_account("岚川集团")
    person(account, "周砚秋", actor=cast.alice)
    offered = sign_in(cast.alice).get("/accounts/parties/?other=周砚秋").content.decode()
    assert "周砚秋 · 岚川集团" in offered
    assert "周砚秋" not in sign_in(cast.charlie).get("/accounts/parties/?other=周砚秋").content.decode()


def test_the_queries_do_not_grow_with_the_relationships(
    cast: Cast, new_account: Maker, django_assert_num_queries: Callable[..., object]
) -> None:
    ours = new_account("岚川集团")
    related(ours, new_account("伙伴零"), "partner", actor=cast.alice)
    relationships_of([ours.pk], cast.alice)
    for place in range(6):
        related(ours, new_account(f"伙伴{place + 1}"), "partner", actor=cast.alice)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]  # a context manager
        assert len(relationships_of([ours.pk], cast.alice)) == 7


def test_a_box_says_what_its_party_is_to_the_nearer_one(cast: Cast, new_account: Maker, sign_in: SignIn) -> None:
    top, middle, low = new_account("岚川集团"), new_account("岚川苏州"), new_account("岚川检测")
    related(middle, low, "parent", actor=cast.alice)
    related(top, middle, "parent", actor=cast.alice)
    page = sign_in(cast.alice).get(f"/accounts/{top.pk}/relations/").content.decode()
    assert 'aria-label="岚川苏州, Subsidiary"' in page
    assert 'aria-label="岚川检测, Subsidiary"' in page
