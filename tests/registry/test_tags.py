"""Tags: the vocabulary, who may tag, and that every surface takes them as one more field that nobody conflicts over."""

import json
from collections.abc import Callable, Sequence
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from guanxi.customers.commands import edit_account, trash_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, GuanxiError, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.collaboration.commands.restoring import restore_values
from guanxi.platform.collaboration.history import history_of
from guanxi.platform.customfields.adapters import build_tag_index
from guanxi.platform.customfields.models import Tag
from guanxi.platform.customfields.tag_commands import edit_tag, make_tag, move_tag, retire_tag
from guanxi.platform.objects import bulk, listing
from guanxi.platform.objects.bulk import change_many, undo_change
from guanxi.platform.objects.datasets import record_dataset
from guanxi.platform.objects.models import BulkAction, BulkChange
from guanxi.platform.objects.registry import fields_of, object_spec
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.objects.tagging import tag_record
from guanxi.platform.records.tags import Tagging
from tests.api.conftest import ACCOUNTS, Caller, code_of
from tests.api.conftest import alice as alice
from tests.api.conftest import calling as calling
from tests.cast import Cast, SignIn
from tests.registry.conftest import REASON
from tests.registry.contracts import Make, all_rows, model_of
from tests.registry.test_export import table
from tests.registry.test_list_conditions import listed

VIP, FAIR, OLD = "x_vip", "x_fair", "x_old"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def tags(cast: Cast) -> dict[str, Tag]:
    """The tags of customers: VIP, one from the fair, and an old one that is offered no more."""
    names = {"重点": ("VIP", "prim"), "展会": ("Fair", ""), "旧": ("Old", "")}
    made = [make_tag(Account, name_zh=zh, name_en=en, colour=c, actor=cast.dora) for zh, (en, c) in names.items()]
    retire_tag(made[2].pk, object_key="account", actor=cast.dora)
    return {tag.key: tag for tag in made}


@pytest.fixture
def accounts(new_account: Callable[..., Account], cast: Cast, tags: dict[str, Tag]) -> list[Account]:
    """Four accounts of Alice's: with both tags, with one each, with none."""
    found = [new_account(name) for name in "甲乙丙丁"]
    for account, keys in zip(found, ([VIP, FAIR], [VIP], [FAIR]), strict=False):
        tag(account, *keys, actor=cast.alice)
    return found


def tag(account: Account, *added: str, taken: Sequence[str] = (), actor: Actor) -> None:
    """Tag an account."""
    tag_record("account", account.pk, Tagging(added, tuple(taken)), actor=actor)


def kept(accounts: Sequence[Account]) -> list[list[str]]:
    """The tags of accounts as they stand in the database."""
    found = dict(unscoped(Account, reason=REASON).values_list("pk", "custom"))
    return [sorted(found[account.pk].get("m_tags", ())) for account in accounts]


def version(account: Account) -> int:
    """The version of an account."""
    return int(unscoped(Account, reason=REASON).get(pk=account.pk).version)


def test_only_who_designs_changes_the_vocabulary(cast: Cast, tags: dict[str, Tag], sign_in: SignIn) -> None:
    assert list(tags) == [VIP, FAIR, OLD]
    number = tags[VIP].pk
    said = {"name_zh": "别的", "name_en": "Other", "colour": ""}
    for deed in (
        lambda: make_tag(Account, **said, actor=cast.alice),
        lambda: edit_tag(number, object_key="account", **said, actor=cast.alice),
        lambda: retire_tag(number, object_key="account", actor=cast.alice),
        lambda: move_tag(number, object_key="account", steps=1, actor=cast.alice),
    ):
        with pytest.raises(AccessDenied):
            deed()
    address = "/settings/objects/account/tags/"
    for path in ("", f"{number}/", f"{number}/retire/", f"{number}/move/"):
        assert sign_in(cast.alice).post(address + path, said).status_code == 403
    assert list(Tag.objects.values_list("name_en", flat=True)) == ["VIP", "Fair", "Old"]
    assert Tag.objects.filter(retired_at__isnull=False).get().key == OLD


def test_a_name_stands_for_one_tag(cast: Cast, tags: dict[str, Tag]) -> None:
    for name_zh, name_en in (("重点", "Other"), ("其他", "vip"), ("", " "), ("字" * 41, "")):
        with pytest.raises(RuleViolation):
            make_tag(Account, name_zh=name_zh, name_en=name_en, actor=cast.dora)
    with pytest.raises(RuleViolation):
        edit_tag(tags[FAIR].pk, object_key="account", name_zh="重点", name_en="", colour="", actor=cast.dora)
    with pytest.raises(RuleViolation):
        make_tag(Account, name_zh="新", colour="rainbow", actor=cast.dora)
    with pytest.raises(NotFound):
        retire_tag(tags[VIP].pk, object_key="contact", actor=cast.dora)
    assert Tag.objects.count() == 3


def test_the_page_adds_renames_moves_and_retires(cast: Cast, tags: dict[str, Tag], sign_in: SignIn) -> None:
    client, address = sign_in(cast.dora), "/settings/objects/account/tags/"
    assert client.post(address, {"name_zh": "<b>新</b>", "name_en": "", "colour": "ok"}).status_code == 303
    assert client.post(address, {"name_zh": "重点", "name_en": "", "colour": ""}).status_code == 422
    shown = client.get(address).content.decode()
    assert ("&lt;b&gt;新" in shown, "<b>新" in shown, "Offered no more" in shown) == (True, False, True)
    new = Tag.objects.get(name_zh="<b>新</b>")
    client.post(f"{address}{new.pk}/", {"name_zh": "新", "name_en": "New", "colour": "away"})
    for _step in range(2):
        client.post(f"{address}{new.pk}/move/")
    found = Tag.objects.filter(retired_at__isnull=True).values_list("name_en", "colour")
    assert list(found) == [("New", "away"), ("VIP", "prim"), ("Fair", "")]
    client.post(f"{address}{new.pk}/retire/")
    client.post(f"{address}{tags[OLD].pk}/retire/?back=1")
    assert list(Tag.objects.filter(retired_at__isnull=True).values_list("key", flat=True)) == [VIP, FAIR, OLD]
    assert client.get("/settings/objects/account/").status_code == 200
    assert client.get("/settings/objects/care_setting/tags/").status_code == 404


def test_who_may_edit_a_record_may_tag_it(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    account, before = accounts[3], kept(accounts)
    with pytest.raises(NotFound):
        tag(account, VIP, actor=cast.charlie)
    with pytest.raises(AccessDenied):
        tag(account, VIP, actor=cast.token)
    for keys in ((OLD,), ("x_none",), ()):
        with pytest.raises(RuleViolation):
            tag(account, *keys, actor=cast.alice)
    address = f"/objects/account/{account.pk}/tags/"
    assert sign_in(cast.charlie).post(address, {"tag": VIP}).status_code == 404
    trash_account(account.pk, actor=cast.dora)
    for actor in (cast.alice, cast.dora):
        with pytest.raises(NotFound):
            tag(account, VIP, actor=actor)
        assert sign_in(actor).post(address, {"tag": VIP}).status_code == 404
    assert kept(accounts) == before
    tag(accounts[0], taken=[VIP, FAIR], actor=cast.bob)
    assert kept(accounts)[0] == []
    assert "m_tags" not in unscoped(Account, reason=REASON).get(pk=accounts[0].pk).custom


def test_tagging_is_no_conflict_with_an_open_form(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    account = accounts[3]
    seen = version(account)
    tag(account, VIP, actor=cast.bob)
    edit_account(account.pk, {"city": "苏州"}, version=seen, actor=cast.alice)
    assert (kept([account]), version(account)) == ([[VIP]], seen + 2)
    with pytest.raises(Conflict):
        edit_account(account.pk, {"city": "无锡"}, version=seen, actor=cast.alice)
    with pytest.raises(Conflict):
        edit_account(account.pk, {"custom__m_tags": []}, version=seen + 1, actor=cast.alice)
    now = version(account)
    tag(account, FAIR, actor=cast.bob)
    with pytest.raises(Conflict):
        edit_account(account.pk, {"custom__m_tags": [VIP]}, version=now, actor=cast.alice)
    assert kept([account]) == [[FAIR, VIP]]
    form = sign_in(cast.alice).get(f"/accounts/{account.pk}/edit/").content.decode()
    assert 'name="tags"' not in form


def test_two_people_tag_at_once(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    account, address = accounts[3], f"/objects/account/{accounts[3].pk}/tags/"
    client = sign_in(cast.alice)
    assert 'name="was"' not in client.get(address, headers=HTMX).content.decode()
    tag(account, FAIR, actor=cast.bob)
    answer = client.post(address, {"tag": VIP}, headers=HTMX)
    assert kept([account]) == [[FAIR, VIP]]
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert client.post(undo, headers=HTMX).headers["HX-Refresh"] == "true"
    assert kept([account]) == [[FAIR]]


def test_words_in_the_box_tick_the_one_tag_they_match(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.alice), f"/objects/account/{accounts[3].pk}/tags/"
    assert "Fair" not in client.get(address, {"q": "zd"}, headers=HTMX).content.decode()
    assert client.post(address, {"q": "zhongdian"}, headers=HTMX).status_code == 200
    assert client.post(address, {"q": "x", "was": VIP, "tag": VIP}, headers=HTMX).status_code == 422
    assert client.post(address, {"tag": "x_none", "q": ""}, headers=HTMX).status_code == 422
    assert client.post(address, {"tag": [VIP, FAIR], "was": VIP}).status_code == 303
    assert kept([accounts[3]]) == [[FAIR, VIP]]


def test_the_card_shows_tags_and_offers_more_to_who_may(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    card, url = f"/accounts/{accounts[1].pk}/", f"/objects/account/{accounts[1].pk}/tags/"
    shown = sign_in(cast.alice).get(card).content.decode()
    assert ('<span class="tag prim">VIP</span>' in shown, url in shown) == (True, True)
    preview = sign_in(cast.alice).get(f"{card}preview/", headers=HTMX).content.decode()
    assert '<span class="tag prim">VIP</span>' in preview
    assert sign_in(cast.charlie).get(card).status_code == 404
    assert sign_in(cast.charlie).get(url).status_code == 404


def test_conditions_find_what_they_say(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    for where, found in (
        (["tags", "is", VIP], "乙甲"),
        (["tags", "is", VIP, FAIR], "丙乙甲"),
        (["tags", "is_not", VIP], "丁丙"),
        (["tags", "empty"], "丁"),
        (["tags", "filled"], "丙乙甲"),
        (["tags", "is", "'; --"], ""),
    ):
        assert listed(client, where) == sorted(found), where
    assert listed(sign_in(cast.charlie), ["tags", "is", VIP]) == []
    assert client.get("/accounts/", {"where": json.dumps(["tags", "contains", "V"])}).status_code == 422


def test_a_list_under_tags_is_the_same_whether_they_are_rare(
    accounts: list[Account], cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, where = sign_in(cast.alice), ["tags", "is", FAIR]
    rare = listed(client, where, q="")
    monkeypatch.setattr(listing, "COUNT_CAP", 1)
    many = client.get("/accounts/", {"where": json.dumps(where), "sort": "name"}).content.decode()
    assert rare == sorted("甲丙")
    assert [name for name in "甲乙丙丁" if f'title="{name}"' in many] == ["甲", "丙"]
    trash_account(accounts[0].pk, actor=cast.dora)
    assert listed(client, where) == ["丙"]
    assert listed(client, ["all", where, ["city", "is", "x"]]) == []
    assert listed(client, ["any", where, ["tags", "is", VIP]]) == sorted("丙乙")


def test_a_list_shows_the_first_few_as_chips_without_a_query_more(
    accounts: list[Account], cast: Cast, sign_in: SignIn
) -> None:
    for name in ("<i>a</i>", "b"):
        tag(accounts[0], make_tag(Account, name_zh=name, actor=cast.dora).key, actor=cast.alice)
    client = sign_in(cast.alice)
    counts = []
    for columns in ("name,city", "name,tags"):
        client.get("/accounts/", {"cols": columns})
        with CaptureQueriesContext(connection) as captured:
            shown = client.get("/accounts/", {"cols": columns}).content.decode()
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert ("&lt;i&gt;a" in shown, "<i>a</i>" in shown) == (True, False)
    assert '<span class="t3 xs">+1</span>' in shown


def test_many_are_tagged_and_it_is_taken_back_exactly(accounts: list[Account], cast: Cast) -> None:
    ids, before = [account.pk for account in accounts], kept(accounts)
    values = {"added": [FAIR], "taken": [VIP]}
    started = change_many("account", ids, action=BulkAction.TAG, values=values, title="", actor=cast.alice)
    assert (started.changed, kept(accounts)) == (3, [[FAIR], [FAIR], [FAIR], [FAIR]])
    entry = AuditEntry.objects.get(action="bulk_tag")
    assert (entry.record_count, entry.user_id) == (3, cast.alice.user_id)
    tag(accounts[3], taken=[FAIR], actor=cast.bob)
    undone = undo_change(started.id, title="", actor=cast.alice)
    assert (undone.changed, kept(accounts)) == (2, before)
    assert BulkChange.objects.get(pk=started.id).kept == 1
    with pytest.raises(Conflict):
        undo_change(started.id, title="", actor=cast.alice)


def test_many_are_tagged_in_the_background(
    accounts: list[Account], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BLOCK", 2)
    ids, before = [account.pk for account in accounts], kept(accounts)
    values = {"added": [VIP]}
    started = change_many("account", ids, action=BulkAction.TAG, values=values, title="", actor=cast.alice)
    assert (started.run_id is not None, kept(accounts)) == (True, before)
    assert (bulk.write_change(started.id), bulk.write_change(started.id)) == (2, 2)
    assert AuditEntry.objects.get(action="bulk_tag").record_count == 2
    undo_change(started.id, title="", actor=cast.alice)
    assert bulk.write_undo(started.id) == 2
    assert kept(accounts) == before


def test_who_may_not_tags_nothing(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    ids, before = [account.pk for account in accounts], kept(accounts)
    added: dict[str, object] = {"added": [VIP]}
    tagged = change_many("account", ids, action=BulkAction.TAG, values=added, title="", actor=cast.charlie)
    assert tagged.changed == 0
    refused: tuple[tuple[dict[str, object], Actor], ...] = (
        (added, cast.token),
        ({"added": [OLD]}, cast.alice),
        ({"added": ["x_none"]}, cast.alice),
        ({}, cast.alice),
    )
    for values, actor in refused:
        with pytest.raises(GuanxiError):
            change_many("account", ids, action=BulkAction.TAG, values=values, title="", actor=actor)
    with pytest.raises(RuleViolation):
        change_many("account", ids, action=BulkAction.EDIT, values={"tags": [VIP]}, title="", actor=cast.alice)
    assert kept(accounts) == before


def test_the_bar_below_a_list_tags_what_the_list_has(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    asked = {"action": "tag", "all": "1", "where": json.dumps(["tags", "is", VIP])}
    page = client.post("/objects/account/bulk/", asked).content.decode()
    assert ("This touches 2 records." in page, 'value="x_old"' in page.partition("Take off")[0]) == (True, False)
    nothing = client.post("/objects/account/bulk/", {**asked, "do": "yes"})
    assert (nothing.status_code, "Choose a tag." in nothing.content.decode()) == (422, True)
    assert client.post("/objects/account/bulk/", {**asked, "do": "yes", "taken": VIP}).status_code == 303
    assert kept(accounts) == [[FAIR], [], [FAIR], []]


def test_a_program_reads_sets_and_filters_by_keys(accounts: list[Account], alice: Caller) -> None:
    address = f"{ACCOUNTS}/{accounts[0].pk}"
    found = alice.get(address).json()
    assert sorted(found["tags"]) == [FAIR, VIP]
    answer = alice.patch(address, {"version": found["version"], "tags": [FAIR, FAIR]})
    assert (answer.status_code, answer.json()["tags"]) == (200, [FAIR])
    for value in (["x_none"], "x_fair", [1], {"a": 1}):
        refused = alice.patch(address, {"version": answer.json()["version"], "tags": value})
        assert (refused.status_code, code_of(refused)) == (422, "values.invalid")
    late = alice.patch(address, {"version": found["version"], "tags": []})
    assert (late.status_code, code_of(late)) == (409, "record.changed")
    rows = alice.get(ACCOUNTS + "?where=" + quote(json.dumps(["tags", "is", FAIR]))).json()
    assert {row["name"] for row in rows["items"]} == {"甲", "丙"}
    assert kept(accounts[:1]) == [[FAIR]]


def test_a_file_has_names_that_no_spreadsheet_runs(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    edit_tag(
        Tag.objects.get(key=VIP).pk, object_key="account", name_zh="=1+1", name_en="=1+1", colour="", actor=cast.dora
    )
    rows = table(sign_in(cast.dora), "/objects/account/export/?cols=name,tags&sort=name")
    assert rows[0] == ["Name", "Tags"]
    assert sorted(rows[1:]) == sorted([["甲", "'=1+1, Fair"], ["乙", "'=1+1"], ["丙", "Fair"], ["丁", "—"]])


def test_history_tells_who_tagged_and_brings_back(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    tag(accounts[1], FAIR, taken=[VIP], actor=cast.bob)
    shown = sign_in(cast.alice).get(f"/objects/account/{accounts[1].pk}/history/").content.decode()
    assert ("Tagged" in shown, cast.bob.name in shown, "VIP" in shown) == (True, True, True)
    found = unscoped(Account, reason=REASON).get(pk=accounts[1].pk)
    view = View(cast.alice, timezone.localdate())
    with translation.override("en"):
        line = history_of(object_spec("account"), found, view).happenings[0]
    assert [(change.key, change.before, change.after) for change in line.changes] == [("tags", "VIP", "Fair")]
    restore_values("account", found.pk, event_id=line.event_id, version=found.version, actor=cast.alice)
    assert kept([accounts[1]]) == [[VIP]]


def test_records_of_made_objects_are_tagged_too(contract: ObjectSpec, make: Make, cast: Cast) -> None:
    assert "tags" not in {item.key for item in fields_of(contract)}
    key = make_tag(model_of(contract), name_zh="急", actor=cast.dora).key
    record = make("A")
    tag_record(contract.key, record.pk, Tagging((key,)), actor=cast.dora)
    assert [row.custom["m_tags"] for row in all_rows(contract, cast.dora)] == [[key]]
    assert "tags" in {item.key for item in fields_of(contract)}
    assert "tags" not in {item.key for item in fields_of(object_spec("account"))}


def test_tags_are_a_column_of_the_lake(accounts: list[Account]) -> None:
    columns = {column.name: column for column in record_dataset(object_spec("account")).columns}
    assert columns["tags"].type == "text[]"


@pytest.mark.django_db(transaction=True)
def test_the_index_of_tags_is_built_again_without_harm() -> None:
    for _time in range(2):
        build_tag_index(table="customers_account")
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('customers_account_by_tag')")
        assert cursor.fetchone() == (True,)
        cursor.execute('DROP INDEX "customers_account_by_tag"')
