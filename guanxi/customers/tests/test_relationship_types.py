"""The list of what parties can be to each other: adding, renaming, taking out of use."""

from collections.abc import Callable

import pytest
from django.core.cache import caches

from guanxi.customers.choices import RELATIONSHIP_TYPES
from guanxi.customers.commands import (
    TypeNames,
    add_relationship,
    add_relationship_type,
    rename_relationship_type,
    set_relationship_types,
    use_relationship_type,
)
from guanxi.customers.models import Account, Relationship, RelationshipType
from guanxi.customers.queries import relationship_types, type_uses
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.audit.models import AuditEntry
from tests.cast import Cast, SignIn

Maker = Callable[..., Account]
GODPARENT = TypeNames("干亲", "Sworn kin")


@pytest.fixture(autouse=True)
def types(db: None) -> None:  # the list is in the database
    """The types to begin with."""
    set_relationship_types(RELATIONSHIP_TYPES)
    caches["process"].clear()


def test_a_type_is_added_at_the_end_and_offered(cast: Cast) -> None:
    made = add_relationship_type(GODPARENT, joins="people", actor=cast.dora)
    assert RelationshipType.objects.order_by("-position").values_list("pk", flat=True)[0] == made.pk
    caches["process"].clear()
    found = relationship_types()[made.pk]
    assert (found.names, found.joins, found.is_symmetric, found.is_active) == (
        ("干亲", "Sworn kin"),
        "people",
        True,
        True,
    )
    assert AuditEntry.objects.filter(action="add_relationship_type", reason="干亲").count() == 1


@pytest.mark.parametrize(
    ("names", "joins", "code"),
    [
        (TypeNames("", "Kin"), "people", "relationship_type.name"),
        (TypeNames("亲", ""), "people", "relationship_type.name"),
        (TypeNames("师", "Master", "徒", ""), "people", "relationship_type.name"),
        (TypeNames("亲", "Kin"), "stones", "relationship_type.joins"),
        (TypeNames("同学", "Kin"), "people", "relationship_type.taken"),
        (TypeNames("亲", "CLASSMATE"), "people", "relationship_type.taken"),
    ],
)
def test_what_names_nothing_or_is_taken_is_refused(cast: Cast, names: TypeNames, joins: str, code: str) -> None:
    with pytest.raises((RuleViolation, Conflict)) as refused:
        add_relationship_type(names, joins=joins, actor=cast.dora)
    assert refused.value.code == code
    assert RelationshipType.objects.count() == len(RELATIONSHIP_TYPES)


def test_who_does_not_administer_changes_nothing(cast: Cast) -> None:
    for actor in (cast.alice, cast.bob):
        with pytest.raises(AccessDenied):
            add_relationship_type(GODPARENT, joins="people", actor=actor)
        with pytest.raises(AccessDenied):
            rename_relationship_type("classmate", GODPARENT, actor=actor)
        with pytest.raises(AccessDenied):
            use_relationship_type("classmate", is_active=False, actor=actor)
    assert RelationshipType.objects.get(pk="classmate").name_zh == "同学"
    assert not RelationshipType.objects.filter(is_active=False).exists()


def test_a_type_keeps_its_relationships_under_another_name(cast: Cast, new_account: Maker) -> None:
    one, other = new_account("岚川"), new_account("云杉")
    related = Relationship(type_id="partner", account=one, other_account=other, bond=3)
    add_relationship(related, actor=cast.alice)
    rename_relationship_type("partner", TypeNames("战略伙伴", "Ally"), actor=cast.dora)
    caches["process"].clear()
    assert relationship_types()["partner"].names == ("战略伙伴", "Ally")
    assert [(use.type_key, use.bond, use.count) for use in type_uses(cast.alice)] == [("partner", 3, 1)]
    assert type_uses(cast.charlie) == ()
    with pytest.raises(NotFound):
        rename_relationship_type("nothing", TypeNames("无", "Nothing"), actor=cast.dora)


def test_a_type_out_of_use_is_not_offered_but_what_is_noted_stays(
    cast: Cast, new_account: Maker, sign_in: SignIn
) -> None:
    one, other = new_account("岚川"), new_account("云杉")
    noted = add_relationship(Relationship(type_id="partner", account=one, other_account=other), actor=cast.alice)
    use_relationship_type("partner", is_active=False, actor=cast.dora)
    caches["process"].clear()
    browser = sign_in(cast.alice)
    assert ">Partner<" not in browser.get(f"/accounts/{one.pk}/relationships/new/").content.decode()
    assert "Partner" in browser.get(f"/accounts/{one.pk}/relationships/{noted.pk}/edit/").content.decode()
    assert "Partner" in browser.get(f"/accounts/{one.pk}/").content.decode()
    use_relationship_type("partner", is_active=True, actor=cast.dora)
    caches["process"].clear()
    assert ">Partner<" in browser.get(f"/accounts/{one.pk}/relationships/new/").content.decode()


def test_the_type_that_makes_groups_stays_in_use(cast: Cast) -> None:
    with pytest.raises(RuleViolation) as refused:
        use_relationship_type("parent", is_active=False, actor=cast.dora)
    assert refused.value.code == "relationship_type.needed"
    assert RelationshipType.objects.get(pk="parent").is_active


def test_the_page_lists_adds_renames_and_retires(cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.dora)
    assert "Classmate" in browser.get("/settings/relationship-types/").content.decode()
    typed = {"name_zh": "干亲", "name_en": "Sworn kin", "joins": "people"}
    assert browser.post("/settings/relationship-types/new/", typed).status_code == 303
    again = browser.post("/settings/relationship-types/new/", typed)
    assert again.status_code == 422
    assert "Another type is called “干亲”." in again.content.decode()
    renamed = browser.post("/settings/relationship-types/classmate/", {"name_zh": "校友", "name_en": "Alumnus"})
    assert renamed.status_code == 303
    assert browser.post("/settings/relationship-types/friend/use/", {"is_active": "0"}).status_code == 303
    page = browser.get("/settings/relationship-types/").content.decode()
    assert "Alumnus" in page
    assert "Sworn kin" in page
    assert page.count("not in use") == 1
    assert sign_in(cast.alice).get("/settings/relationship-types/").status_code == 403
    assert browser.get("/settings/relationship-types/nothing/").status_code == 404
