"""Layouts: for whom they are, what they show on cards and in forms, and that they are no right."""

import re
from collections.abc import Iterable

import pytest
from django.test import Client

from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.policy import use_policy
from guanxi.platform.accounts.models import OrgUnit, Role
from guanxi.platform.objects.commands import remove_layout, save_layout
from guanxi.platform.objects.layouts import (
    HIDDEN_FIELDS,
    HIDDEN_PANELS,
    MAIN,
    SECTION,
    SIDE,
    Layout,
    Section,
    layout_for,
    moved,
    read_layout,
    shown_again,
)
from guanxi.platform.objects.models import RecordLayout
from guanxi.platform.objects.queries import LayoutAudience
from guanxi.platform.objects.spec import ObjectSpec
from tests.cast import Cast, SignIn
from tests.registry.contracts import Make, add_field, fresh

EVERYBODY = LayoutAudience()
TERMS = Layout(
    sections=(Section("条款", "Terms", ("x_amount", "x_stage")), Section("", "", ("x_ends",))),
    hidden_fields=("x_customer", "name"),
    main=("comments", "fields"),
    hidden_panels=("documents",),
)


def save(
    cast: Cast, spec: ObjectSpec, layout: Layout, audience: LayoutAudience = EVERYBODY, *, version: int = 0
) -> None:
    """Let Dora arrange an object."""
    save_layout(spec.key, layout, audience=audience, version=version, actor=fresh(cast.dora))
    use_policy(None)


def lines_on(page: str) -> list[str]:
    """The fields of a card in their order."""
    return re.findall(r'id="field-(\w+)"', page)


def card(client: Client, spec: ObjectSpec, record_id: int) -> str:
    """The card of a record."""
    return client.get(f"/objects/{spec.key}/{record_id}/").content.decode()


def test_a_layout_orders_heads_and_hides_fields_and_panels_on_the_card(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    record = make("One", stage="draft")
    save(cast, contract, TERMS)
    page = card(sign_in(cast.alice), contract, record.pk)
    assert lines_on(page)[:3] == ["x_amount", "x_stage", "x_ends"]
    assert "x_customer" not in lines_on(page)
    assert "Terms" in page
    assert page.index('id="comments"') < page.index('id="fields"')
    assert 'id="documents"' not in page


def test_the_form_is_arranged_alike_but_asks_for_what_must_be_there(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    record = make("One", stage="draft")
    save(cast, contract, TERMS)
    alice = sign_in(cast.alice)
    page = alice.get(f"/objects/{contract.key}/{record.pk}/edit/").content.decode()
    order = [name for name in re.findall(r'name="(\w+)"', page) if name.startswith(("x_", "name"))]
    assert order[:3] == ["x_amount", "x_stage", "x_ends"]
    assert "x_customer" not in order
    assert "name" in order  # hidden by the layout, and a record must have it
    answer = alice.post(
        f"/objects/{contract.key}/{record.pk}/edit/", {"name": "Two", "x_stage": "signed", "version": record.version}
    )
    assert answer.status_code == 303
    record.refresh_from_db()
    assert (record.name, record.custom["t_x_stage"]) == ("Two", "signed")


def test_what_a_layout_hides_is_no_secret(contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn) -> None:
    make("One", amount=7)
    save(cast, contract, Layout(hidden_fields=("x_amount",)))
    alice = sign_in(cast.alice)
    assert "7.00" in alice.get(f"/objects/{contract.key}/?cols=name,x_amount").content.decode()


def test_the_nearest_unit_goes_before_a_role_and_that_before_everybody(contract: ObjectSpec, cast: Cast) -> None:
    def heading(actor: str) -> str:
        return layout_for(contract.key, fresh(getattr(cast, actor))).sections[0].name_en

    def named(name: str) -> Layout:
        return Layout(sections=(Section(name, name, ("x_stage",)),))

    company = OrgUnit.objects.get(name="Company")
    own = OrgUnit.objects.get(name="East")
    staff = Role.objects.get(key="staff")
    assert heading("alice") == ""
    for audience, name, expected in (
        (EVERYBODY, "All", {"alice": "All", "bob": "All", "dora": "All"}),
        (LayoutAudience(role_id=staff.pk), "Staff", {"alice": "Staff", "bob": "All"}),
        (LayoutAudience(unit_id=company.pk), "Company", {"alice": "Company", "bob": "Company"}),
        (LayoutAudience(unit_id=own.pk), "Own", {"alice": "Own"}),
    ):
        save(cast, contract, named(name), audience)
        assert {actor: heading(actor) for actor in expected} == expected, name
    remove_layout(contract.key, audience=LayoutAudience(unit_id=own.pk), version=1, actor=fresh(cast.dora))
    use_policy(None)
    assert heading("alice") == "Company"


def test_what_is_made_later_stands_where_it_usually_would(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    record = make("One")
    save(cast, contract, TERMS)
    add_field(contract, FieldType.TEXT, "Later", fresh(cast.dora))
    use_policy(None)
    page = card(sign_in(cast.alice), contract, record.pk)
    assert "x_later" in lines_on(page)
    assert 'id="history"' in page


def test_only_who_designs_arranges(contract: ObjectSpec, cast: Cast, sign_in: SignIn) -> None:
    address = f"/objects/{contract.key}/arrange/"
    bob = sign_in(cast.bob)
    assert bob.get(address).status_code == 403
    assert bob.post(address, {"do": "save", "place": TERMS.places}).status_code == 403
    for actor in (cast.alice, cast.token):
        with pytest.raises(AccessDenied):
            save_layout(contract.key, TERMS, audience=EVERYBODY, version=0, actor=actor)
    assert not RecordLayout.objects.exists()


def test_a_layout_that_somebody_else_saved_is_not_overwritten(
    contract: ObjectSpec, cast: Cast, sign_in: SignIn
) -> None:
    save(cast, contract, TERMS)
    with pytest.raises(Conflict):
        save(cast, contract, Layout(), version=0)
    names = {"name_zh": ["", ""], "name_en": ["", ""]}
    posted = {"do": "save", "version": 0, "place": TERMS.places, **names}
    answer = sign_in(cast.dora).post(f"/objects/{contract.key}/arrange/", posted)
    assert answer.status_code == 409
    assert "Somebody changed this" in answer.content.decode()
    assert layout_for(contract.key, fresh(cast.alice)) == TERMS


def test_rows_are_moved_hidden_and_saved_without_a_script(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    record, dora = make("One", stage="draft"), sign_in(cast.dora)
    address = f"/objects/{contract.key}/arrange/?record={record.pk}"

    def press(do: str, page: str) -> str:
        fields = {
            name: re.findall(rf'name="{name}"\s+value="([^"]*)"', page) for name in ("place", "name_zh", "name_en")
        }
        return dora.post(address, {"do": do, "version": 0, **fields}).content.decode()

    page = dora.get(address).content.decode()
    assert "Draft" in page
    page = press("up.field:x_stage", press("hide.panel:documents", press("hide.field:x_customer", page)))
    places = re.findall(r'name="place"\s+value="([^"]*)"', page)
    assert places.index("field:x_stage") < places.index(HIDDEN_FIELDS) < places.index("field:x_customer")
    assert places[-1] == "panel:documents"
    press("save", page)
    use_policy(None)
    shown = card(sign_in(cast.alice), contract, record.pk)
    assert "x_customer" not in lines_on(shown)
    assert 'id="documents"' not in shown


@pytest.mark.parametrize(
    "places",
    [
        [],
        ["field:x_stage"],
        [SECTION, "panel:comments", HIDDEN_FIELDS, MAIN, SIDE, HIDDEN_PANELS],
        [SECTION, "field:a", "field:a", HIDDEN_FIELDS, MAIN, SIDE, HIDDEN_PANELS],
        [SECTION, HIDDEN_FIELDS, MAIN, MAIN, SIDE, HIDDEN_PANELS],
        [*([SECTION] * 21), HIDDEN_FIELDS, MAIN, SIDE, HIDDEN_PANELS],
        [SECTION, "<script>", HIDDEN_FIELDS, MAIN, SIDE, HIDDEN_PANELS],
    ],
)
def test_what_is_no_layout_is_refused(places: list[str]) -> None:
    with pytest.raises(RuleViolation):
        read_layout(places, [("", "")] * 30)


def test_a_layout_is_read_as_it_was_written() -> None:
    assert read_layout(TERMS.places, TERMS.names) == TERMS
    assert read_layout(Layout().places, Layout().names) == Layout()


def test_nothing_moves_out_of_its_kind() -> None:
    def everywhere(place: str, steps: Iterable[int]) -> list[tuple[str, ...]]:
        return [moved(TERMS.places, place, steps=step) for step in steps]

    for place in ("field:x_amount", "panel:comments", "field:nobody"):
        for places in everywhere(place, (-1_000, -1, 1, 1_000)):
            assert sorted(places) == sorted(TERMS.places)
            read_layout(places, TERMS.names)
    again = shown_again(shown_again(TERMS.places, "field:x_customer"), "panel:documents")
    assert read_layout(again, TERMS.names).hidden_panels == ()
    assert read_layout(again, TERMS.names).sections[-1].fields == ("x_ends", "x_customer")


def test_an_audience_that_is_not_there_is_not_found(contract: ObjectSpec, cast: Cast, sign_in: SignIn) -> None:
    dora = sign_in(cast.dora)
    for audience in ("role.999999", "unit.0", "unit.", "nobody", "role.1 OR 1=1"):
        assert dora.get(f"/objects/{contract.key}/arrange/", {"for": audience}).status_code == 404
    with pytest.raises(NotFound):
        save_layout("nothing", TERMS, audience=EVERYBODY, version=0, actor=fresh(cast.dora))
