"""History and trash: what each reader sees of former values, and bringing them back."""

import pytest
from django.utils import timezone

from guanxi.customers.commands import add_contact, add_contact_point, edit_account, trash_account
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.collaboration.commands.restoring import restore_values
from guanxi.platform.collaboration.history import History, history_of
from guanxi.platform.collaboration.queries import BESIDE
from guanxi.platform.collaboration.trash import trash_page
from guanxi.platform.objects.bulk import change_many
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.spec import View
from tests.cast import Cast, SignIn

TAX_ID, NEXT_TAX_ID = "91320594MA1XK7QW5P", "91320594MA1XK7QW6T"


def told(account: Account, actor: Actor) -> History:
    """The history of an account as somebody reads it."""
    found = unscoped(Account, reason=BESIDE).get(pk=account.pk)
    return history_of(object_spec("account"), found, View(actor, timezone.localdate()))


def lines(account: Account, actor: Actor) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """The history as (words, changes by field)."""
    return [
        (line.words, {change.key: (change.before, change.after) for change in line.changes})
        for line in told(account, actor).happenings
    ]


def test_each_change_says_what_was_before_and_after(account: Account, cast: Cast) -> None:
    edit_account(account.pk, {"city": "无锡", "relation_id": "media"}, actor=cast.alice)
    edit_account(account.pk, {"city": "南京"}, actor=cast.bob)
    assert lines(account, cast.alice) == [
        ("Changed", {"city": ("无锡", "南京")}),
        ("Changed", {"city": ("苏州", "无锡"), "relation": ("Customer", "Media")}),
        ("Created", {}),
    ]
    assert [line.who for line in told(account, cast.alice).happenings] == [
        cast.bob.name,
        cast.alice.name,
        cast.alice.name,
    ]


def test_masked_fields_are_masked_and_hidden_ones_left_out(account: Account, cast: Cast, sign_in: SignIn) -> None:
    edit_account(account.pk, {"tax_id": TAX_ID}, actor=cast.dora)
    edit_account(account.pk, {"tax_id": NEXT_TAX_ID}, actor=cast.dora)
    assert lines(account, cast.dora)[0] == ("Changed", {"tax_id": (TAX_ID, NEXT_TAX_ID)})
    assert lines(account, cast.alice)[0] == ("Changed", {"tax_id": ("****5P", "****6T")})
    assert lines(account, cast.bob) == [("Created", {})]
    for actor in (cast.alice, cast.bob):
        for headers in ({}, {"HX-Request": "true"}):
            text = sign_in(actor).get(f"/objects/account/{account.pk}/history/", headers=headers).content.decode()
            assert TAX_ID[:8] not in text


def test_a_change_of_many_is_one_line_with_its_number(account: Account, cast: Cast) -> None:
    change_many("account", [account.pk], action=BulkAction.EDIT, values={"city": "无锡"}, title="", actor=cast.alice)
    first = told(account, cast.alice).happenings[0]
    assert (first.words, first.detail) == ("Changed with many others", "1 record")
    assert [change.key for change in first.changes] == ["city"]


def test_parts_stand_in_the_history_without_their_values(account: Account, cast: Cast) -> None:
    point = ContactPoint(account=account, type="mobile", value="138 0013 6021")
    add_contact_point(point, actor=cast.alice)
    add_contact(Contact(account=account, family_name="周", given_name="砚秋"), actor=cast.bob)
    assert lines(account, cast.bob) == [
        ("Contact added", {}),
        ("Way to reach the customer added", {}),
        ("Created", {}),
    ]
    assert all(line.detail == "" for line in told(account, cast.bob).happenings)


def test_a_long_history_has_pages(account: Account, cast: Cast) -> None:
    for number in range(4):
        edit_account(account.pk, {"city": f"City {number}"}, actor=cast.alice)
    record, view = unscoped(Account, reason=BESIDE).get(pk=account.pk), View(cast.alice, timezone.localdate())
    spec, seen, before = object_spec("account"), [], None
    for _page in range(3):
        page = history_of(spec, record, view, before=before, limit=2)
        seen += [change.after for line in page.happenings for change in line.changes]
        before = page.before
    assert seen == ["City 3", "City 2", "City 1", "City 0"]
    assert before is None


def test_a_field_and_a_whole_version_come_back(account: Account, cast: Cast) -> None:
    edit_account(account.pk, {"city": "无锡", "industry": "仪器"}, actor=cast.alice)
    event_id = told(account, cast.alice).happenings[0].event_id
    restored = restore_values("account", account.pk, event_id=event_id, field="city", version=2, actor=cast.alice)
    assert isinstance(restored, Account)
    assert (restored.city, restored.industry) == ("苏州", "仪器")
    restored = restore_values("account", account.pk, event_id=event_id, version=3, actor=cast.alice)
    assert isinstance(restored, Account)
    assert (restored.city, restored.industry) == ("苏州", "")
    with pytest.raises(RuleViolation):
        restore_values("account", account.pk, event_id=event_id, actor=cast.alice)


def test_nothing_comes_back_past_rights_or_a_newer_change(account: Account, cast: Cast) -> None:
    edit_account(account.pk, {"tax_id": TAX_ID, "city": "无锡"}, actor=cast.dora)
    event_id = told(account, cast.dora).happenings[0].event_id
    with pytest.raises(Conflict):
        restore_values("account", account.pk, event_id=event_id, version=1, actor=cast.alice)
    with pytest.raises(RuleViolation):
        restore_values("account", account.pk, event_id=event_id, field="tax_id", actor=cast.alice)
    with pytest.raises(NotFound):
        restore_values("account", account.pk, event_id=event_id, actor=cast.charlie)
    with pytest.raises((AccessDenied, RuleViolation)):
        restore_values("account", account.pk, event_id=event_id, actor=cast.token)
    kept = unscoped(Account, reason=BESIDE).get(pk=account.pk)
    assert (kept.city, kept.tax_id) == ("无锡", TAX_ID)


def test_the_history_of_another_record_brings_nothing_back(account: Account, cast: Cast, new_account: object) -> None:
    edit_account(account.pk, {"city": "无锡"}, actor=cast.alice)
    event_id = told(account, cast.alice).happenings[0].event_id
    other = new_account("云杉包装")  # type: ignore[operator]  # a fixture that makes accounts
    with pytest.raises(NotFound):
        restore_values("account", other.pk, event_id=event_id, actor=cast.alice)


def test_a_stranger_reads_no_history(account: Account, cast: Cast, sign_in: SignIn) -> None:
    edit_account(account.pk, {"city": "无锡"}, actor=cast.alice)
    event_id, client = told(account, cast.alice).happenings[0].event_id, sign_in(cast.charlie)
    assert client.get(f"/objects/account/{account.pk}/history/").status_code == 404
    assert client.post(f"/objects/account/{account.pk}/history/{event_id}/restore/").status_code == 404
    assert unscoped(Account, reason=BESIDE).get(pk=account.pk).city == "无锡"


def test_bringing_back_on_the_page_can_be_undone(account: Account, cast: Cast, sign_in: SignIn) -> None:
    edit_account(account.pk, {"city": "无锡"}, actor=cast.alice)
    event_id, client = told(account, cast.alice).happenings[0].event_id, sign_in(cast.alice)
    address = f"/objects/account/{account.pk}/history/"
    client.post(f"{address}{event_id}/restore/", {"field": "city", "version": "2"})
    answer = client.get(address)
    undo = f"{address}{told(account, cast.alice).happenings[0].event_id}/restore/"
    assert f'data-url="{undo}"' in answer.content.decode()
    client.post(undo, headers={"HX-Request": "true"})
    assert unscoped(Account, reason=BESIDE).get(pk=account.pk).city == "无锡"


def test_the_trash_says_who_and_gives_back(account: Account, cast: Cast, sign_in: SignIn) -> None:
    trash_account(account.pk, actor=cast.dora)
    (row,) = trash_page(object_spec("account"), cast.dora).rows
    assert (row.name, row.who) == ("岚川精密仪器", cast.dora.name)
    client = sign_in(cast.dora)
    assert "岚川精密仪器" in client.get("/objects/account/trash/").content.decode()
    answer = client.post("/objects/account/trash/", {"id": [account.pk]}, follow=True)
    assert f"/objects/account/trash/again/?id={account.pk}" in answer.content.decode()
    assert unscoped(Account, reason=BESIDE).get(pk=account.pk).trashed_at is None
    client.post(f"/objects/account/trash/again/?id={account.pk}", headers={"HX-Request": "true"})
    assert unscoped(Account, reason=BESIDE).get(pk=account.pk).trashed_at is not None


def test_who_may_not_delete_sees_no_trash(account: Account, cast: Cast, sign_in: SignIn) -> None:
    trash_account(account.pk, actor=cast.dora)
    for actor in (cast.alice, cast.charlie):
        client = sign_in(actor)
        assert client.get("/objects/account/trash/").status_code == 403
        assert client.post("/objects/account/trash/", {"id": [account.pk]}).status_code in {403, 404}
        assert "/objects/account/trash/" not in client.get("/trash/").content.decode()
    assert unscoped(Account, reason=BESIDE).get(pk=account.pk).trashed_at is not None
