"""Schemes by which customers are sorted: making, wording, ordering, retiring, merging classes, and who sorts."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core.cache import caches

from guanxi.customers.commands import (
    ClassWords,
    SchemeWords,
    add_account_class,
    add_class,
    edit_account_class,
    edit_class,
    edit_scheme,
    make_scheme,
    merge_classes,
    order_classes,
    remove_account_class,
    undo_class_merge,
    use_class,
    use_scheme,
)
from guanxi.customers.models import Account, AccountClass, Classification, ClassMerge, ClassOption
from guanxi.customers.queries import read_schemes
from guanxi.customers.tests.conftest import Kept
from guanxi.customers.views.schemes import moved
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.audit.models import AuditEntry
from tests.cast import Cast, SignIn

Maker = Callable[..., Account]
BUYING = SchemeWords("购买方式", "Way of buying", "按怎么买来安排拜访")


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Nothing is known from another test."""
    caches["process"].clear()


@pytest.fixture
def scheme(cast: Cast) -> tuple[int, str, str]:
    """A scheme of two classes."""
    scheme_id = make_scheme(BUYING, actor=cast.dora)
    tender = add_class(scheme_id, ClassWords("招标", "Tender", "每年招标一次", "prim"), actor=cast.dora)
    return scheme_id, tender, add_class(scheme_id, ClassWords("零买", "Spot"), actor=cast.dora)


def sorted_in(account: Account, scheme_id: int, key: str, actor: Actor) -> AccountClass:
    """An account of Alice's in a class."""
    entry = AccountClass(account=account, classification_id=scheme_id, class_key=key)
    return add_account_class(entry, actor=actor)


def test_a_scheme_is_made_with_its_classes_in_order(cast: Cast, scheme: tuple[int, str, str]) -> None:
    scheme_id, tender, spot = scheme
    found = read_schemes()[scheme_id]
    assert (found.name_zh, found.purpose, found.setters, found.is_active) == ("购买方式", BUYING.purpose, (), True)
    assert [(item.key, item.name_en, item.colour) for item in found.classes] == [
        (tender, "Tender", "prim"),
        (spot, "Spot", ""),
    ]
    order_classes(scheme_id, [spot, "unknown"], actor=cast.dora)
    assert [item.key for item in read_schemes()[scheme_id].classes] == [spot, tender]
    assert AuditEntry.objects.filter(action="order_classes", object_key="classification").count() == 1


def test_words_change_and_customers_stay(cast: Cast, scheme: tuple[int, str, str], new_account: Maker) -> None:
    scheme_id, tender, _spot = scheme
    entry = sorted_in(new_account(), scheme_id, tender, cast.alice)
    edit_scheme(scheme_id, SchemeWords("采购方式", "Purchasing"), version=1, actor=cast.dora)
    edit_class(scheme_id, tender, ClassWords("年度招标", "Yearly tender", "", "away"), actor=cast.dora)
    found = read_schemes()[scheme_id]
    assert (found.name_en, found.classes[0].name_zh, found.classes[0].colour) == ("Purchasing", "年度招标", "away")
    assert grant(cast.alice, AccountClass).get(entry.pk).class_key == tender
    with pytest.raises(Conflict):
        edit_scheme(scheme_id, BUYING, version=1, actor=cast.dora)
    assert read_schemes()[scheme_id].name_en == "Purchasing"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (ClassWords("", "Tender two"), "class.name"),
        (ClassWords("二", ""), "class.name"),
        (ClassWords("招标", "Two"), "class.taken"),
        (ClassWords("二", "TENDER"), "class.taken"),
        (ClassWords("二", "Two", "", "mauve"), "class.colour"),
    ],
)
def test_a_class_that_names_nothing_or_is_taken_is_refused(
    cast: Cast, scheme: tuple[int, str, str], words: ClassWords, code: str
) -> None:
    with pytest.raises((RuleViolation, Conflict)) as refused:
        add_class(scheme[0], words, actor=cast.dora)
    assert refused.value.code == code
    assert ClassOption.objects.filter(classification=scheme[0]).count() == 2


def test_a_scheme_needs_names_of_its_own(cast: Cast, scheme: tuple[int, str, str]) -> None:
    for words, code in ((SchemeWords("", "A"), "scheme.name"), (SchemeWords("新", "way of buying"), "scheme.taken")):
        with pytest.raises((RuleViolation, Conflict)) as refused:
            make_scheme(words, actor=cast.dora)
        assert refused.value.code == code
    assert grant(cast.dora, Classification).queryset().count() == 1


def test_who_does_not_administer_changes_nothing(cast: Cast, scheme: tuple[int, str, str]) -> None:
    scheme_id, tender, spot = scheme
    attempts: list[Callable[..., object]] = [
        partial(make_scheme, SchemeWords("新", "New")),
        partial(edit_scheme, scheme_id, SchemeWords("新", "New")),
        partial(use_scheme, scheme_id, is_active=False),
        partial(add_class, scheme_id, ClassWords("新", "New")),
        partial(use_class, scheme_id, tender, is_active=False),
        partial(order_classes, scheme_id, [spot]),
        partial(merge_classes, scheme_id, tender, spot),
    ]
    for actor in (cast.alice, cast.bob, cast.charlie):
        for attempt in attempts:
            with pytest.raises((AccessDenied, NotFound)):
                attempt(actor=actor)
    found = read_schemes()[scheme_id]
    assert (found.name_en, found.is_active) == ("Way of buying", True)
    assert [(item.key, item.is_active) for item in found.classes] == [(tender, True), (spot, True)]
    assert not ClassMerge.objects.exists()
    merge = merge_classes(scheme_id, tender, spot, actor=cast.dora)
    for actor in (cast.alice, cast.charlie):
        with pytest.raises((AccessDenied, NotFound)):
            undo_class_merge(merge.pk, actor=actor)
    assert ClassMerge.objects.get().undone_at is None


def test_a_retired_class_takes_nobody_in_and_keeps_who_is_in_it(
    cast: Cast, scheme: tuple[int, str, str], new_account: Maker
) -> None:
    scheme_id, tender, spot = scheme
    kept, moving = new_account("岚川"), new_account("云杉")
    inside = sorted_in(kept, scheme_id, tender, cast.alice)
    entry = sorted_in(moving, scheme_id, spot, cast.alice)
    use_class(scheme_id, tender, is_active=False, actor=cast.dora)
    attempts: list[Callable[[], object]] = [
        lambda: edit_account_class(entry.pk, {"class_key": tender}, actor=cast.alice),
        lambda: sorted_in(new_account("新松"), scheme_id, tender, cast.alice),
    ]
    for attempt in attempts:
        with pytest.raises(RuleViolation) as refused:
            attempt()
        assert refused.value.code == "class.retired"
    edit_account_class(inside.pk, {"class_key": tender}, actor=cast.alice)
    rows = grant(cast.dora, AccountClass).queryset().order_by("pk")
    assert list(rows.values_list("account_id", "class_key")) == [(kept.pk, tender), (moving.pk, spot)]
    use_class(scheme_id, tender, is_active=True, actor=cast.dora)
    assert edit_account_class(entry.pk, {"class_key": tender}, actor=cast.alice).class_key == tender


def test_only_the_roles_of_a_scheme_sort_by_it(
    cast: Cast, scheme: tuple[int, str, str], new_account: Maker, sign_in: SignIn
) -> None:
    scheme_id, tender, spot = scheme
    account = new_account()
    edit_scheme(scheme_id, SchemeWords("购买方式", "Way of buying", "", ("manager",)), actor=cast.dora)
    with pytest.raises(AccessDenied) as refused:
        sorted_in(account, scheme_id, tender, cast.alice)
    assert refused.value.code == "class.setters"
    assert not grant(cast.dora, AccountClass).queryset().exists()
    entry = sorted_in(account, scheme_id, tender, cast.bob)
    attempts: list[Callable[[], object]] = [
        lambda: edit_account_class(entry.pk, {"class_key": spot}, actor=cast.alice),
        lambda: remove_account_class(entry.pk, actor=cast.alice),
    ]
    for attempt in attempts:
        with pytest.raises(AccessDenied):
            attempt()
    stored = grant(cast.dora, AccountClass).get(entry.pk)
    assert (stored.class_key, stored.trashed_at) == (tender, None)
    caches["process"].clear()
    assert "Way of buying" in sign_in(cast.alice).get(f"/accounts/{account.pk}/").content.decode()
    assert f"/classes/{entry.pk}/edit/" not in sign_in(cast.alice).get(f"/accounts/{account.pk}/").content.decode()
    assert edit_account_class(entry.pk, {"class_key": spot}, actor=cast.dora).class_key == spot


def test_a_merge_moves_all_customers_and_is_taken_back(
    cast: Cast, scheme: tuple[int, str, str], new_account: Maker
) -> None:
    scheme_id, tender, spot = scheme
    accounts = [new_account(f"客户{number}") for number in range(3)]
    entries = [sorted_in(account, scheme_id, tender, cast.alice) for account in accounts]
    before = sorted_in(new_account("原有"), scheme_id, spot, cast.alice)
    merge = merge_classes(scheme_id, tender, spot, actor=cast.dora)
    rows = grant(cast.dora, AccountClass).queryset()
    assert (merge.moved, set(rows.values_list("class_key", flat=True))) == (3, {spot})
    assert [item.is_active for item in read_schemes()[scheme_id].classes] == [False, True]
    entry = AuditEntry.objects.get(action="merge_class")
    assert (entry.record_count, entry.id) == (3, merge.entry_id)
    edit_account_class(entries[0].pk, {"class_key": spot}, actor=cast.alice)
    use_class(scheme_id, tender, is_active=True, actor=cast.dora)
    assert undo_class_merge(merge.pk, actor=cast.dora) == 3
    found = dict(rows.values_list("pk", "class_key"))
    assert found == {**{item.pk: tender for item in entries}, before.pk: spot}
    with pytest.raises(Conflict) as refused:
        undo_class_merge(merge.pk, actor=cast.dora)
    assert refused.value.code == "class.undone"


def test_who_was_sorted_anew_since_a_merge_stays(cast: Cast, scheme: tuple[int, str, str], new_account: Maker) -> None:
    scheme_id, tender, spot = scheme
    third = add_class(scheme_id, ClassWords("框架", "Framework"), actor=cast.dora)
    entry = sorted_in(new_account(), scheme_id, tender, cast.alice)
    merge = merge_classes(scheme_id, tender, spot, actor=cast.dora)
    edit_account_class(entry.pk, {"class_key": third}, actor=cast.alice)
    assert undo_class_merge(merge.pk, actor=cast.dora) == 0
    assert grant(cast.dora, AccountClass).get(entry.pk).class_key == third


def test_a_merge_into_itself_or_what_is_retired_moves_nobody(
    cast: Cast, scheme: tuple[int, str, str], new_account: Maker
) -> None:
    scheme_id, tender, spot = scheme
    entry = sorted_in(new_account(), scheme_id, tender, cast.alice)
    use_class(scheme_id, spot, is_active=False, actor=cast.dora)
    for into, code in ((tender, "class.same"), (spot, "class.retired")):
        with pytest.raises(RuleViolation) as refused:
            merge_classes(scheme_id, tender, into, actor=cast.dora)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        merge_classes(scheme_id, tender, "unknown", actor=cast.dora)
    assert grant(cast.dora, AccountClass).get(entry.pk).class_key == tender
    assert not ClassMerge.objects.exists()


def test_a_row_moves_as_far_as_there_is_room() -> None:
    assert moved(["a", "b", "c"], "c", -1) == ["a", "c", "b"]
    assert moved(["a", "b", "c"], "a", -1) == ["a", "b", "c"]
    assert moved(["a", "b", "c"], "a", 5) == ["b", "c", "a"]
    assert moved(["a"], "unknown", 1) == ["a"]


def test_the_pages_make_word_order_retire_and_merge(
    cast: Cast, kept: Kept, new_account: Maker, sign_in: SignIn
) -> None:
    browser, base = sign_in(cast.dora), "/settings/classifications/"
    typed = {"name_zh": "购买方式", "name_en": "Way of buying", "purpose": "为了安排拜访", "setters": ["staff"]}
    made = browser.post(f"{base}new/", typed)
    assert made.status_code == 303
    again = browser.post(f"{base}new/", typed)
    assert (again.status_code, "Another classification is called “购买方式”." in again.content.decode()) == (422, True)
    page = made.headers["Location"]
    assert "No class yet" in browser.get(page).content.decode()
    for zh, en in (("招标", "Tender"), ("零买", "Spot")):
        words = {"name_zh": zh, "name_en": en, "definition": "说明", "colour": "ok"}
        assert browser.post(f"{page}classes/new/", words).status_code == 303
    scheme_id = int(page.rstrip("/").rpartition("/")[2])
    tender, spot = (item.key for item in read_schemes()[scheme_id].classes)
    new_account("另一家")
    sorted_in(kept.account, scheme_id, tender, cast.alice)
    shown = browser.get(page).content.decode()
    assert ("1 customers" in shown, f"class={scheme_id}%3A" in shown, "Staff" in shown) == (True, True, True)
    browser.post(f"{page}order/", {"order": [tender, spot], "do": f"down.{tender}"})
    assert [item.key for item in read_schemes()[scheme_id].classes] == [spot, tender]
    browser.post(f"{page}order/", {"do": f"retire.{spot}"})
    refused = browser.post(f"{page}classes/{tender}/merge/", {"into": spot})
    assert (refused.status_code, "This class is not in use any more." in refused.content.decode()) == (422, True)
    browser.post(f"{page}order/", {"do": f"use.{spot}"})
    for into in ("unknown", "\x00"):
        assert browser.post(f"{page}classes/{tender}/merge/", {"into": into}).status_code == 404
    assert browser.post(f"{page}classes/{tender}/merge/", {"into": spot}).status_code == 303
    merge = ClassMerge.objects.get()
    assert "Take back" in browser.get(page).content.decode()
    assert browser.post(f"{page}merges/{merge.pk}/undo/").status_code == 303
    assert "taken back" in browser.get(page).content.decode()
    assert "In no class" in browser.get(base).content.decode()
    assert sign_in(cast.alice).get(base).status_code == 403
    assert browser.get(f"{base}999999/").status_code == 404
    assert browser.get(f"{page}classes/unknown/").status_code == 404


def test_the_list_finds_who_is_in_no_class(cast: Cast, kept: Kept, sign_in: SignIn) -> None:
    entry = kept.parts["account_class"]
    assert isinstance(entry, AccountClass)
    page = sign_in(cast.alice).get(f"/accounts/?class={entry.classification_id}:").content.decode()
    assert (kept.other.name in page, f"/accounts/{kept.account.pk}/" in page) == (True, False)
