"""Rules of retention: what they find, four eyes, the night and its resumption, who sees what."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from guanxi.customers.commands import add_contact, trash_account
from guanxi.customers.models import Account, Contact
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.ledger.commands import NewFact, record_fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.commands import NewUser, create_user, define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects.erasing import REASON
from guanxi.platform.objects.merging import Pair, merge_records
from guanxi.platform.objects.retention import Span
from guanxi.platform.preferences.registry import set_preference
from guanxi.stewardship import commands
from guanxi.stewardship.adapters import erasing, retaining
from guanxi.stewardship.adapters.retaining import MOST, retain
from guanxi.stewardship.choices import RequestKind, RetentionAction
from guanxi.stewardship.commands.pool_settings import create_pool
from guanxi.stewardship.commands.privacy import NewRequest
from guanxi.stewardship.jobs.retention import retain_nightly
from guanxi.stewardship.models import Erasure, PoolEntry, RetentionRule, RetentionRun, SubjectRequest
from guanxi.stewardship.queries.privacy import request_rows
from guanxi.stewardship.queries.retention import found_by
from guanxi.stewardship.rules.retention import Asked, RetentionTerms, coming_night, earlier
from tests.cast import Cast, SignIn, signed_in

TODAY = date(2026, 11, 2)
OLD = timezone.now() - timedelta(days=365 * 5)


def terms(*asked: Asked, action: RetentionAction = RetentionAction.TRASH, **values: Any) -> RetentionTerms:
    """A rule about customers."""
    given: dict[str, Any] = {"name": "Silent", "object_key": "account", "relations": ()} | values
    return RetentionTerms(asked=asked or (Asked("no_fact", 36),), action=action, **given)


def second(name: str = "eve") -> Actor:
    """A second administrator."""
    new = NewUser(f"{name}@example.com", "a-long-password", name.title(), "Test", roles=("administrator",))
    return actor_by_user_id(create_user(new, actor=system_actor("Tests")).pk)


def in_force(given: RetentionTerms, cast: Cast) -> RetentionRule:
    """A rule that Dora wrote and another administrator confirmed."""
    rule, eve = commands.create_retention_rule(given, actor=cast.dora), second()
    commands.look_at_rule(rule.pk, actor=eve)
    return commands.confirm_rule(rule.pk, edition=rule.edition, actor=eve)


def aged(*accounts: Account) -> None:
    """Let accounts be five years old."""
    unscoped(Account, reason=REASON).filter(pk__in=[item.pk for item in accounts]).update(
        created_at=OLD, updated_at=OLD
    )


def in_use() -> list[str]:
    """The names of the accounts that do not lie in the trash."""
    return sorted(unscoped(Account, reason=REASON).filter(trashed_at__isnull=True).values_list("name", flat=True))


def test_months_end_on_the_last_day_where_there_is_no_such_day() -> None:
    assert earlier(date(2026, 3, 31), 1, Span.MONTHS) == date(2026, 2, 28)
    assert earlier(date(2026, 1, 15), 13, Span.MONTHS) == date(2024, 12, 15)
    assert earlier(date(2026, 3, 1), 1, Span.DAYS) == date(2026, 2, 28)


def test_the_night_that_comes_is_that_of_tomorrow_once_the_present_one_is_over() -> None:
    assert coming_night(datetime(2026, 11, 2, 5, 59, tzinfo=UTC)) == date(2026, 11, 2)
    assert coming_night(datetime(2026, 11, 2, 6, 0, tzinfo=UTC)) == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (terms(Asked("no_owner")), "retention.span"),
        (terms(Asked("no_fact", 0)), "retention.count"),
        (terms(Asked("unheard", 3)), "retention.condition"),
        (terms(Asked("no_fact", 3), Asked("no_fact", 4)), "retention.condition"),
        (terms(Asked("trashed", 30)), "retention.trashed"),
        (terms(object_key="product"), "retention.object"),
    ],
)
def test_a_rule_that_says_too_little_is_refused(cast: Cast, given: RetentionTerms, code: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        commands.create_retention_rule(given, actor=cast.dora)
    assert refusal.value.code == code
    assert unscoped(RetentionRule, reason=REASON).count() == 0


def test_a_rule_finds_what_it_says(cast: Cast, new_account: Callable[..., Account]) -> None:
    silent, heard, young = new_account("甲"), new_account("乙"), new_account("丙")
    bought, asking, other = new_account("丁"), new_account("戊"), new_account("己", relation_id="media")
    aged(silent, heard, bought, asking, other)
    now = timezone.now()
    record_fact(
        heard.pk, fact=NewFact("interaction", "call", now - timedelta(days=90), channel="phone"), actor=cast.alice
    )
    record_fact(bought.pk, fact=NewFact("purchase", "buy", OLD, amount=Decimal(1)), actor=cast.alice)
    new = NewRequest("account", asking.pk, RequestKind.EXPORT, timezone.localdate())
    commands.enter_request(new, actor=cast.dora)
    for asked, expected in (
        ((Asked("no_fact", 36),), {"甲", "丁", "己"}),
        ((Asked("never_bought", 36),), {"甲", "乙", "己"}),
        ((Asked("made", 36), Asked("is_person")), set()),
        ((Asked("made", 36), Asked("no_owner")), set()),
        ((Asked("unchanged", 48), Asked("never_bought", 12)), {"甲", "乙", "己"}),
    ):
        rule = commands.create_retention_rule(terms(*asked), actor=cast.dora)
        found = found_by(rule, cast.dora, day=timezone.localdate())
        assert ({name for _id, name in found.named}, found.count) == (expected, len(expected))
    rule = commands.create_retention_rule(terms(relations=("media",)), actor=cast.dora)
    assert found_by(rule, cast.dora, day=timezone.localdate()).named == ((other.pk, "己"),)
    assert young.name in in_use()


def test_who_waits_in_a_pool_too_long_is_found(cast: Cast, new_account: Callable[..., Account]) -> None:
    waiting, fresh, left = new_account("甲"), new_account("乙"), new_account("丙")
    new_account("丁")
    pool = create_pool({"name_zh": "公海", "cooling_days": 30, "assign_way": "none"}, actor=cast.dora)
    stays = [
        PoolEntry(account=account, pool=pool, entered_at=at, entered_entry=uuid4(), reason="rule", left_at=left_at)
        for account, at, left_at in ((waiting, OLD, None), (fresh, timezone.now(), None), (left, OLD, timezone.now()))
    ]
    unscoped(PoolEntry, reason=REASON).bulk_create(stays)
    unscoped(Account, reason=REASON).filter(pk=waiting.pk).update(owner=None)
    for asked in ((Asked("in_pool", 365),), (Asked("in_pool", 365), Asked("no_owner"))):
        rule = commands.create_retention_rule(terms(*asked), actor=cast.dora)
        assert found_by(rule, cast.dora, day=timezone.localdate()).named == ((waiting.pk, "甲"),)


def test_facts_of_who_was_merged_in_count_and_the_merged_record_stays(
    cast: Cast, new_account: Callable[..., Account]
) -> None:
    kept, merged = new_account("甲"), new_account("乙")
    record_fact(merged.pk, fact=NewFact("purchase", "buy", timezone.now(), amount=Decimal(1)), actor=cast.alice)
    merge_records("account", Pair(kept.pk, merged.pk), taken=(), actor=cast.dora)
    aged(kept, merged)
    unscoped(Account, reason=REASON).filter(pk=merged.pk).update(trashed_at=OLD)
    for asked in (Asked("no_fact", 12), Asked("trashed", 30)):
        given = terms(asked, action=RetentionAction.ERASE)
        rule = commands.create_retention_rule(given, actor=cast.dora)
        assert found_by(rule, cast.dora, day=timezone.localdate()).count == 0


def test_invisible_records_are_neither_counted_nor_named(cast: Cast, new_account: Callable[..., Account]) -> None:
    seen, hidden = new_account("看得见"), new_account("看不见")
    aged(seen, hidden)
    west = unscoped(Account, reason=REASON).filter(pk=hidden.pk)
    west.update(owner_id=cast.charlie.user_id, unit_id=cast.charlie.unit_id)
    rows: dict[tuple[str, str], object] = {("account", "view"): "unit_and_below"}
    rows |= {("retention_rule", action): "everyone" for action in ("view", "create", "edit")}
    define_role("privacy", name="Privacy", rows=rows, fields={}, actor=system_actor("Tests"))
    new = NewUser("pia@example.com", "a-long-password", "Pia", "Test", unit_id=cast.bob.unit_id, roles=("privacy",))
    pia = actor_by_user_id(create_user(new, actor=system_actor("Tests")).pk)
    rule = commands.create_retention_rule(terms(), actor=cast.dora)
    client = signed_in(pia)
    address = reverse("retention_rule", args=[rule.pk])
    assert "看得见" not in client.get(address).content.decode()
    assert client.post(reverse("look_at_retention_rule", args=[rule.pk])).status_code == 303
    page = client.get(address).content.decode()
    assert '<div class="big">1</div>' in page
    assert ("看得见" in page, "看不见" in page) == (True, False)
    assert reverse("confirm_retention_rule", args=[rule.pk]) not in page
    with pytest.raises(AccessDenied) as refusal:
        commands.confirm_rule(rule.pk, edition=1, actor=pia)
    assert refusal.value.code == "retention.all"
    run = RetentionRun.objects.create(
        rule=rule, day=TODAY, edition=1, action="trash", entry_id="00000000-0000-0000-0000-000000000001", gone=471
    )
    assert "471" not in client.get(reverse("retention")).content.decode()
    assert "471" in signed_in(cast.dora).get(reverse("retention")).content.decode()
    run.delete()


def test_another_person_confirms_after_looking_and_a_change_ends_it(
    cast: Cast, new_account: Callable[..., Account]
) -> None:
    aged(new_account("甲"))
    rule = commands.create_retention_rule(terms(), actor=cast.dora)
    eve = second()
    commands.look_at_rule(rule.pk, actor=cast.dora)
    with pytest.raises(AccessDenied) as own:
        commands.confirm_rule(rule.pk, edition=1, actor=cast.dora)
    with pytest.raises(RuleViolation) as unseen:
        commands.confirm_rule(rule.pk, edition=1, actor=eve)
    commands.look_at_rule(rule.pk, actor=eve)
    with pytest.raises(Conflict) as other:
        commands.confirm_rule(rule.pk, edition=2, actor=eve)
    codes = (own.value.code, unseen.value.code, other.value.code)
    assert codes == ("retention.four_eyes", "retention.unseen", "retention.changed")
    assert retain(TODAY) == ()
    assert in_use() == ["甲"]
    assert commands.confirm_rule(rule.pk, edition=1, actor=eve).confirmed_by_id == eve.user_id
    same = commands.edit_retention_rule(rule.pk, terms(), actor=cast.dora)
    assert (same.edition, same.confirmed_by_id) == (1, eve.user_id)
    changed = commands.edit_retention_rule(rule.pk, terms(Asked("no_fact", 24)), actor=eve)
    assert (changed.edition, changed.confirmed_by_id, changed.author_id) == (2, None, eve.user_id)
    with pytest.raises(AccessDenied):
        commands.confirm_rule(rule.pk, edition=2, actor=eve)
    assert retain(TODAY) == ()
    assert AuditEntry.objects.filter(object_key="retention_rule", action="dry_run").count() == 2


def test_the_night_takes_blocks_once_and_no_more_than_a_night_holds(
    cast: Cast, new_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(*(new_account(name) for name in "甲乙丙丁戊"))
    new_account("新")
    in_force(terms(), cast)
    monkeypatch.setattr(retaining, "BLOCK", 2)
    set_preference(MOST, 3)
    (run,) = retain(TODAY)
    assert (run.gone, run.is_cut, run.finished_at is not None) == (3, True, True)
    assert in_use() == ["丁", "戊", "新"]
    (again,) = retain(TODAY)
    assert (again.pk, again.gone, in_use()) == (run.pk, 3, ["丁", "戊", "新"])
    retain(TODAY + timedelta(days=1))
    assert in_use() == ["新"]
    entry = AuditEntry.objects.get(pk=run.entry_id)
    assert (entry.action, entry.record_count, entry.actor_name) == ("retain", 3, "Retention")
    set_preference(MOST, MOST.default)


@pytest.mark.django_db(transaction=True)
def test_a_killed_night_goes_on_where_it_stopped(
    cast: Cast, new_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = [new_account(name) for name in ("甲一", "甲二", "甲三")]
    add_contact(Contact(account=accounts[0], family_name="周", given_name="砚秋"), actor=cast.alice)
    aged(*accounts)
    in_force(terms(action=RetentionAction.ERASE), cast)
    monkeypatch.setattr(retaining, "BLOCK", 2)
    real, steps = erasing._write_step, []

    def dying(request_id: int, rule: Any) -> SubjectRequest:
        steps.append(rule.key)
        if len(steps) == 4:
            raise KeyboardInterrupt
        return real(request_id, rule)

    monkeypatch.setattr(erasing, "_write_step", dying)
    with pytest.raises(KeyboardInterrupt):
        retain(TODAY)
    run = RetentionRun.objects.get()
    assert (run.finished_at, run.gone, Erasure.objects.count()) == (None, 2, 0)
    monkeypatch.setattr(erasing, "_write_step", real)
    (done,) = retain(TODAY)
    assert (done.gone, done.finished_at is not None) == (3, True)
    names = set(unscoped(Account, reason=REASON).values_list("name", flat=True))
    assert names == {f"erased #{account.pk}" for account in accounts}
    assert unscoped(Contact, reason=REASON).count() == 0
    listed = {(item.object_key, item.record_id) for item in erasing.listed_erasures()}
    assert listed >= {("account", account.pk) for account in accounts}
    assert erasing.replay_erasures() == 0
    versions = list(unscoped(Account, reason=REASON).order_by("pk").values_list("version", flat=True))
    retain(TODAY)
    retain(TODAY + timedelta(days=1))
    assert list(unscoped(Account, reason=REASON).order_by("pk").values_list("version", flat=True)) == versions
    assert request_rows(cast.dora, is_pending=False, today=TODAY) == ()


def test_a_rule_that_was_stopped_takes_nothing_more(
    cast: Cast, new_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(*(new_account(name) for name in "甲乙丙"))
    rule = in_force(terms(), cast)
    monkeypatch.setattr(retaining, "BLOCK", 1)
    real = retaining._write_block

    def stopping(run_id: int) -> Any:
        found = real(run_id)
        commands.stop_rule(rule.pk, actor=cast.dora)
        return found

    monkeypatch.setattr(retaining, "_write_block", stopping)
    (run,) = retain(TODAY)
    assert (run.gone, run.is_cut, in_use()) == (1, True, ["丙", "乙"])


def test_what_lay_in_the_trash_long_enough_is_erased_and_the_night_keeps_its_hours(
    cast: Cast, new_account: Callable[..., Account]
) -> None:
    old, fresh = new_account("旧"), new_account("新")
    for account in (old, fresh):
        trash_account(account.pk, actor=cast.dora)
    unscoped(Account, reason=REASON).filter(pk=old.pk).update(trashed_at=OLD)
    in_force(terms(Asked("trashed", 30), action=RetentionAction.ERASE), cast)
    noon = datetime(2026, 11, 2, 12, tzinfo=ZoneInfo(settings.TIME_ZONE))
    retain_nightly(int(noon.timestamp()))
    assert RetentionRun.objects.count() == 0
    retain_nightly(int(noon.replace(hour=1).timestamp()))
    names = list(unscoped(Account, reason=REASON).order_by("pk").values_list("name", flat=True))
    assert names == [f"erased #{old.pk}", "新"]


def test_contacts_go_by_rules_of_their_own(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account()
    silent = add_contact(Contact(account=account, family_name="王", given_name="磊"), actor=cast.alice)
    heard = add_contact(Contact(account=account, family_name="周", given_name="砚秋"), actor=cast.alice)
    unscoped(Contact, reason=REASON).update(created_at=OLD)
    call = NewFact("interaction", "call", timezone.now(), channel="phone", contact_id=heard.pk)
    record_fact(account.pk, fact=call, actor=cast.alice)
    in_force(terms(object_key="contact"), cast)
    retain(TODAY)
    trashed = unscoped(Contact, reason=REASON).filter(trashed_at__isnull=False)
    assert list(trashed.values_list("pk", flat=True)) == [silent.pk]


def test_the_pages_write_try_confirm_and_stop_a_rule(
    cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    aged(new_account("岚川"))
    dora, eve = sign_in(cast.dora), signed_in(second())
    form = {"name": "Silent", "c_no_fact": "36", "action": "trash"}
    address = f"{reverse('new_retention_rule')}?object=account"
    assert dora.post(address, {**form, "c_no_fact": ""}).status_code == 422
    assert dora.post(address, {**form, "c_no_fact": "0"}).status_code == 422
    assert dora.post(address, form).status_code == 303
    rule = unscoped(RetentionRule, reason=REASON).get()
    assert rule.conditions == [["no_fact", 36]]
    page = reverse("retention_rule", args=[rule.pk])
    for client in (dora, eve):
        assert client.post(reverse("look_at_retention_rule", args=[rule.pk])).status_code == 303
    assert "somebody else looks at it" in dora.get(page).content.decode()
    assert "岚川" in eve.get(page).content.decode()
    confirm = reverse("confirm_retention_rule", args=[rule.pk])
    assert dora.post(confirm, {"edition": "1"}).status_code == 403
    assert eve.post(confirm, {"edition": "1"}).status_code == 303
    assert "works every night" in dora.get(reverse("retention")).content.decode()
    edit = reverse("edit_retention_rule", args=[rule.pk])
    assert "stops the rule" in dora.get(edit).content.decode()
    assert dora.post(edit, {**form, "c_no_fact": "48", "version": "1"}).status_code == 422
    assert dora.post(reverse("stop_retention_rule", args=[rule.pk])).status_code == 303
    assert dora.post(reverse("remove_retention_rule", args=[rule.pk])).status_code == 303
    assert dora.get(page).status_code == 404


def test_who_may_not_see_rules_opens_no_page_of_them(cast: Cast, sign_in: SignIn) -> None:
    rule = commands.create_retention_rule(terms(), actor=cast.dora)
    for actor in (cast.alice, cast.charlie):
        client = sign_in(actor)
        assert client.get(reverse("retention")).status_code == 403
        assert client.get(reverse("retention_rule", args=[rule.pk])).status_code == 403
        for name in (
            "look_at_retention_rule",
            "confirm_retention_rule",
            "stop_retention_rule",
            "remove_retention_rule",
        ):
            assert client.post(reverse(name, args=[rule.pk])).status_code == 403
    assert unscoped(RetentionRule, reason=REASON).get().version == 1
