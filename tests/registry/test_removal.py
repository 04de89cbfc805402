"""Deleting for good what lies in the trash: who may, what goes along, what stays, and that a crash loses nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone, translation

from guanxi.catalog.models import Category, Product
from guanxi.customers.commands import create_contact, edit_account, trash_account
from guanxi.customers.models import Account, Contact
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, GuanxiError, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.policy import set_role_policy
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.collaboration.commands.comments import add_comment
from guanxi.platform.collaboration.models import Comment, Following
from guanxi.platform.objects import belongings, jobs, removal
from guanxi.platform.objects.belongings import unsaid_links
from guanxi.platform.objects.models import FavouriteRecord, Removal
from guanxi.platform.objects.own_records import set_favourite
from guanxi.platform.objects.registry import object_spec, own_specs, required_verbs
from guanxi.platform.objects.removal import TRASH_DAYS, consequences, empty_old_trash, remove_for_good, write_removal
from guanxi.platform.preferences.registry import set_preference
from tests.cast import Cast, SignIn
from tests.registry.conftest import REASON, Secret
from tests.registry.contracts import Make, add_field, all_rows, fresh


@pytest.fixture
def trashed(new_account: Callable[..., Account], cast: Cast) -> list[Account]:
    """Three accounts in the trash, the first with a contact, comments and a star; none with a fact."""
    found = [new_account(name) for name in "甲乙丙"]
    contact = create_contact({"account_id": found[0].pk, "family_name": "周", "given_name": "砚秋"}, actor=cast.alice)
    add_comment("account", found[0].pk, text="秘密的话", actor=cast.alice)
    add_comment("contact", contact.pk, text="另一句", actor=cast.alice)
    set_favourite("account", found[0].pk, is_favourite=True, actor=cast.alice)
    edit_account(found[0].pk, {"city": "苏州"}, actor=cast.alice)
    for account in found:
        trash_account(account.pk, actor=cast.dora)
    return found


def left() -> list[str]:
    """The accounts that there are, those in the trash too."""
    return list(unscoped(Account, reason=REASON).order_by("pk").values_list("name", flat=True))


def kept_history(model: Any, **about: object) -> int:
    """How many former rows the history keeps."""
    return int(model.pgh_event_model.objects.filter(**about).count())


def remove(account: Account, actor: Actor) -> Removal:
    """Delete one account for good."""
    return remove_for_good("account", [account.pk], title="", actor=actor)


def test_a_record_goes_with_all_that_belongs_to_it(trashed: list[Account], cast: Cast) -> None:
    first = trashed[0].pk
    found = consequences(object_spec("account"), [first], actor=cast.dora)
    assert (found.going, found.held) == (1, ())
    with translation.override("en"):
        assert {str(label): count for label, count in found.along} == {"Contacts": 1, "Comments": 2}
    assert remove(trashed[0], cast.dora).removed == 1
    assert left() == ["乙", "丙"]
    assert unscoped(Contact, reason=REASON).count() == 0
    assert unscoped(Comment, reason=REASON).count() == 0
    assert (FavouriteRecord.objects.count(), Following.objects.count()) == (0, 0)
    for model, about in ((Account, {"pgh_obj_id": first}), (Contact, {"account_id": first}), (Comment, {})):
        assert kept_history(model, **about) == 0
    entry = AuditEntry.objects.get(action="remove_for_good")
    assert (entry.record_count, entry.user_id, entry.reason) == (1, cast.dora.user_id, "")


def test_only_who_may_delete_every_record_deletes_for_good(trashed: list[Account], cast: Cast, sign_in: SignIn) -> None:
    rows: dict[tuple[str, str], object] = {("account", "view"): "everyone", ("account", "delete"): "owner"}
    set_role_policy("staff", rows=rows, fields={})
    alice = fresh(cast.alice)
    for actor in (alice, cast.bob, cast.charlie, cast.token):
        with pytest.raises(AccessDenied):
            remove(trashed[0], actor)
        with pytest.raises(AccessDenied):
            consequences(object_spec("account"), [trashed[0].pk], actor=actor)
    address = "/objects/account/trash/"
    assert address + "for-good/" not in sign_in(alice).get(address).content.decode()
    for method in ("get", "post"):
        assert getattr(sign_in(alice), method)(address + "for-good/", {"id": trashed[0].pk}).status_code == 403
        assert getattr(sign_in(cast.charlie), method)(address + "for-good/").status_code == 403
    assert left() == ["甲", "乙", "丙"]
    assert not Removal.objects.exists()


def test_what_follows_needs_the_right_to_delete_what_it_follows(
    new_account: Callable[..., Account], cast: Cast
) -> None:
    contact = create_contact({"account_id": new_account().pk, "family_name": "周"}, actor=cast.alice)
    required_verbs(object_spec("contact")).trash(contact.pk, actor=cast.alice)
    rows: dict[tuple[str, str], object] = {("account", action): "everyone" for action in ("view", "edit")}
    set_role_policy("staff", rows=rows, fields={})
    with pytest.raises(AccessDenied):
        remove_for_good("contact", [contact.pk], title="", actor=fresh(cast.alice))
    assert unscoped(Contact, reason=REASON).count() == 1
    assert remove_for_good("contact", [contact.pk], title="", actor=cast.dora).removed == 1
    assert unscoped(Contact, reason=REASON).count() == 0


def test_an_account_with_facts_stays_in_the_trash(secret: Secret, trashed: list[Account], cast: Cast) -> None:
    trash_account(secret.account.pk, actor=cast.dora)
    ids = [secret.account.pk, trashed[1].pk]
    found = consequences(object_spec("account"), ids, actor=cast.dora)
    assert (found.going, [item.count for item in found.held]) == (1, [1])
    done = remove_for_good("account", ids, title="", actor=cast.dora)
    assert (done.removed, done.kept) == (1, 1)
    assert sorted(left()) == sorted(["岚川精密仪器", "甲", "丙"])
    assert AuditEntry.objects.get(action="remove_for_good").record_count == 1


def test_what_is_in_use_is_not_touched(trashed: list[Account], new_account: Callable[..., Account], cast: Cast) -> None:
    live = new_account("丁")
    restored = trashed[2]
    required_verbs(object_spec("account")).restore(restored.pk, actor=cast.dora)
    done = remove_for_good("account", [live.pk, restored.pk, 10**12], title="", actor=cast.dora)
    assert (done.removed, len(left())) == (0, 4)
    for ids in ([], list(range(removal.MOST_RECORDS + 1))):
        with pytest.raises(RuleViolation):
            remove_for_good("account", ids, title="", actor=cast.dora)


def test_a_crash_half_way_goes_on_where_it_stopped(
    trashed: list[Account], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "AT_ONCE", 1)
    monkeypatch.setattr(removal, "BLOCK", 1)
    asked = remove_for_good("account", [account.pk for account in trashed], title="", actor=cast.dora)
    assert (asked.run_id is not None, len(left())) == (True, 3)
    blocks = iter([removal._write_block])

    def one_block_alone(removal_id: int) -> Removal:
        return next(blocks)(removal_id)

    with monkeypatch.context() as crash:
        crash.setattr(removal, "_write_block", one_block_alone)
        with pytest.raises(StopIteration):
            write_removal(asked.pk)
    assert left() == ["乙", "丙"]
    assert removal.unfinished_removals() == []
    Removal.objects.update(written_at=timezone.now() - 2 * removal.STALE)
    jobs.empty_trash(0)
    assert left() == []
    assert (Removal.objects.get().removed, Removal.objects.get().finished_at is not None) == (3, True)
    assert AuditEntry.objects.get(action="remove_for_good").record_count == 3


def test_who_lost_the_right_meanwhile_deletes_nothing(
    trashed: list[Account], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "AT_ONCE", 1)
    asked = remove_for_good("account", [account.pk for account in trashed], title="", actor=cast.dora)
    set_role_policy("administrator", rows={("account", "view"): "everyone"}, fields={})
    with pytest.raises(GuanxiError):
        jobs.remove_records_for_good(asked.run_id or 0, asked.pk)
    assert (len(left()), Removal.objects.get().finished_at is not None) == (3, True)


def test_the_page_counts_before_it_deletes(trashed: list[Account], cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.dora), "/objects/account/trash/for-good/"
    page = client.get(address).content.decode()
    assert ("3 records are deleted for good" in page, "Contacts" in page, "秘密的话" in page) == (True, True, False)
    until = page.partition('name="until" value="')[2].partition('"')[0]
    late = trashed[2]
    required_verbs(object_spec("account")).restore(late.pk, actor=cast.dora)
    trash_account(late.pk, actor=cast.dora)
    assert client.post(address, {"until": until}).status_code == 303
    assert left() == ["丙"]
    assert client.post(address, {"id": late.pk}).status_code == 303
    assert client.post(address, {"id": late.pk}).status_code == 422
    assert client.get(address, {"until": "2026-99-99T00:00"}).status_code == 422
    assert left() == []


def test_the_house_says_after_how_many_days(trashed: list[Account], cast: Cast, sign_in: SignIn) -> None:
    assert empty_old_trash() == 0
    assert sign_in(cast.alice).post("/trash/days/", {"days": "1"}).status_code == 403
    assert empty_old_trash() == 0
    assert sign_in(cast.dora).post("/trash/days/", {"days": "30"}).status_code == 303
    unscoped(Account, reason=REASON).filter(pk=trashed[0].pk).update(trashed_at=timezone.now() - timedelta(days=31))
    assert empty_old_trash() == 1
    assert left() == ["乙", "丙"]
    entry = AuditEntry.objects.get(action="remove_for_good")
    assert (entry.user_id, entry.actor_name) == (None, "Trash")
    set_preference(TRASH_DAYS, 0)


def test_a_category_with_products_stays(cast: Cast) -> None:
    system = system_actor("Tests")
    shop, shoes = (Category(key=key, name=key) for key in ("shop", "shoes"))
    for category in (shop, shoes):
        required_verbs(object_spec("category")).create({"key": category.key, "name": category.name}, actor=system)
    shop, shoes = unscoped(Category, reason=REASON).order_by("pk")
    required_verbs(object_spec("product")).create({"code": "1", "name": "1", "category_id": shop.pk}, actor=system)
    for category in (shop, shoes):
        required_verbs(object_spec("category")).trash(category.pk, actor=system)
    done = remove_for_good("category", [shop.pk, shoes.pk], title="", actor=cast.dora)
    assert (done.removed, done.kept, unscoped(Product, reason=REASON).count()) == (1, 1, 1)


def test_links_that_people_made_are_emptied(contract: Any, make: Make, trashed: list[Account], cast: Cast) -> None:
    add_field(contract, FieldType.TEXT, "Other", cast.dora)
    make("A", customer=trashed[1].pk, amount="5")
    make("B", customer=trashed[2].pk)
    remove(trashed[1], cast.dora)
    links = [row.custom.get("l_x_customer") for row in all_rows(contract, cast.dora)]
    assert links == [None, trashed[2].pk]
    assert all_rows(contract, cast.dora)[0].custom["n_x_amount"] == "5"


def test_records_of_made_objects_go_too(contract: Any, make: Make, cast: Cast) -> None:
    kept, gone = make("A"), make("B")
    for record in (kept, gone):
        required_verbs(contract).trash(record.pk, actor=fresh(cast.dora))
    assert remove_for_good(contract.key, [gone.pk], title="", actor=fresh(cast.dora)).removed == 1
    assert [row.pk for row in all_rows(contract, fresh(cast.dora))] == [kept.pk]


def test_every_table_says_what_becomes_of_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(unsaid_links(own_specs())) == []
    monkeypatch.setattr("guanxi.platform.objects.belongings._belongings", [])
    assert any("Contact.account leads to account" in sentence for sentence in unsaid_links(own_specs()))
    tables = {model for model in apps.get_models() if {"object_key", "record_id"} <= _columns(model)}
    monkeypatch.undo()
    said = {item.model for item in belongings._belongings}
    own_way = {"AuditEntry", "SearchEntry", "SubjectRequest", "Erasure"}  # the last two outlive the record
    assert {model.__name__ for model in tables if not hasattr(model, "pgh_tracked_model")} - own_way <= {
        model.__name__ for model in said
    }


def _columns(model: Any) -> set[str]:
    return {column.attname for column in model._meta.concrete_fields}
