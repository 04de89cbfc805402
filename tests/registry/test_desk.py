"""The steward's desk: each kind of work appears, is answered, does not come back; nobody is told of what he must not
see.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.customers.commands import (
    add_contact_point,
    edit_account,
    edit_contact_point,
    mark_point_working,
    mark_point_wrong,
    trash_account,
)
from guanxi.customers.facade import contact_points
from guanxi.customers.models import Account, ContactPoint
from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, NotFound
from guanxi.ledger.commands import ingest_rows
from guanxi.ledger.facade import facts_of_account
from guanxi.planning.commands import refresh_completeness, start_ready_plan
from guanxi.planning.models import InformationPlan
from guanxi.planning.tests.conftest import put_in_force
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.collaboration.models import Comment
from guanxi.platform.objects.desk import DeskQuestion, desk_source, desk_sources
from guanxi.platform.objects.spec import View
from guanxi.platform.records.change import change
from guanxi.stewardship.choices import ConflictState
from guanxi.stewardship.commands import (
    count_quality,
    decide_conflict,
    find_conflicts,
    note_undelivered,
    reopen_conflict,
)
from guanxi.stewardship.models import FieldConflict, PutOff, QualityDay
from guanxi.stewardship.queries.quality import scoreboard
from tests.cast import Cast, SignIn

CONFLICTS = "stewardship: values on which sources disagree are looked for in all customers"
NOTES = "stewardship: what reaches nobody is noted of all customers"
MAIL = "li@firm.example"


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """Figures that are kept for a minute are not kept from test to test."""
    caches["process"].clear()


@pytest.fixture
def steward(cast: Cast) -> Actor:
    """Alice, who works at the desk as well, for her own customers."""
    rows: dict[tuple[str, str], object] = {("account", action): "owner" for action in ("view", "edit", "create")}
    rows |= {("twin", action): "everyone" for action in ("view", "edit")}
    rows |= {("completeness", "view"): "everyone"}
    define_role("staff", name="Staff", rows=rows, fields={("*", "reach"): int(FieldAccess.WRITE)}, actor=cast.dora)
    return actor_by_user_id(cast.alice.user_id or 0, surface=Surface.WEB)


def waiting(kind: str, actor: Actor) -> tuple[str, ...]:
    """The keys of the entries of a kind that an actor is shown; the count says the same."""
    source, question = desk_source(kind), DeskQuestion(View(actor, timezone.localdate()))
    assert source is not None
    keys = tuple(line.key for line in source.page(question))
    assert source.count(question) == len(keys)
    return keys


def quarrel(account: Account, *, actor: Actor) -> FieldConflict:
    """Somebody types a city, a program writes another one."""
    edit_account(account.pk, {"city": "苏州"}, actor=actor)
    erp = replace(system_actor("ERP"), surface=Surface.API)
    edit_account(account.pk, {"city": "昆山"}, actor=erp)
    find_conflicts([account.pk])
    found: FieldConflict = unscoped(FieldConflict, reason=CONFLICTS).get(account=account)
    return found


def city_of(account: Account) -> str:
    return str(unscoped(Account, reason=NOTES).values_list("city", flat=True).get(pk=account.pk))


def mail_of(account: Account, actor: Actor) -> ContactPoint:
    """A mail address of an account, written long enough ago that a mail to it can have come back."""
    point = add_contact_point(ContactPoint(account=account, type="mail", value=MAIL), actor=actor)
    long_ago = timezone.now() - timedelta(days=90)
    unscoped(ContactPoint, reason=NOTES).filter(pk=point.pk).update(right_since=long_ago)
    return point


def bounce(account: Account, *, actor: Actor, at: datetime | None = None, number: int = 1) -> None:
    """A gateway says that a mail came back."""
    row = {
        "source_id": f"bounce-{number}",
        "kind": "interaction",
        "sub_kind": "undelivered",
        "occurred_at": (at or timezone.now()).isoformat(),
        "account_id": account.pk,
        "channel": "mail",
        "address": MAIL.upper(),
    }
    ingest_rows([row], source="gateway", actor=actor)
    note_undelivered([account.pk], since=timezone.now() - timedelta(days=30))


def post(client: Client, kind: str, entry: str, **values: str) -> int:
    return client.post(f"/steward/{kind}/{entry}/", values).status_code


def test_a_conflict_is_decided_and_the_pair_does_not_come_back(
    steward: Actor, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    conflict = quarrel(account, actor=steward)
    assert (conflict.first, conflict.second, conflict.second_name) == ("苏州", "昆山", "ERP")
    assert waiting("conflicts", steward) == (str(conflict.pk),)
    page = sign_in(steward).get("/steward/conflicts/").content.decode()
    assert "苏州" in page
    assert "API · ERP" in page
    assert post(sign_in(steward), "conflicts", str(conflict.pk), do="take") == 303
    assert city_of(account) == "苏州"
    assert waiting("conflicts", steward) == ()
    assert "not 昆山" in sign_in(steward).get("/steward/decided/").content.decode()
    edit_account(account.pk, {"city": "昆山"}, actor=replace(system_actor("ERP"), surface=Surface.API))
    assert find_conflicts([account.pk]) == 0
    assert waiting("conflicts", steward) == ()
    assert unscoped(FieldConflict, reason=CONFLICTS).count() == 1


def test_a_decision_is_taken_back_with_its_value(steward: Actor, new_account: Callable[..., Account]) -> None:
    account = new_account()
    conflict = quarrel(account, actor=steward)
    decide_conflict(conflict.pk, is_first=True, actor=steward)
    reopen_conflict(conflict.pk, actor=steward)
    assert city_of(account) == "昆山"
    assert waiting("conflicts", steward) == (str(conflict.pk),)


def test_a_conflict_neither_of_whose_values_stands_is_nobodys_work(
    steward: Actor, new_account: Callable[..., Account]
) -> None:
    account = new_account()
    conflict = quarrel(account, actor=steward)
    edit_account(account.pk, {"city": "无锡"}, actor=steward)
    find_conflicts([account.pk])
    assert waiting("conflicts", steward) == ()
    assert unscoped(FieldConflict, reason=CONFLICTS).get(pk=conflict.pk).state == ConflictState.GONE


def test_an_import_that_was_taken_back_is_no_conflict(steward: Actor, new_account: Callable[..., Account]) -> None:
    account = new_account()
    edit_account(account.pk, {"city": "苏州"}, actor=steward)
    for city, action in (("昆山", "import"), ("苏州", "undo_import")):
        with change(Account, account.pk, action=action, actor=steward) as work:
            work.record.city = city
    assert find_conflicts([account.pk]) == 0


def test_what_bounced_is_noted_shown_on_the_record_and_corrected(
    steward: Actor, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    point = mail_of(account, steward)
    bounce(account, actor=cast.dora)
    assert waiting("bounced", steward) == (str(point.pk),)
    known = contact_points([account.pk], steward)[account.pk][0]
    assert (known.wrong_on, known.wrong_source) == (timezone.localdate(), "gateway")
    client = sign_in(steward)
    assert "Reaches nobody: gateway" in client.get(f"/accounts/{account.pk}/").content.decode()
    assert post(client, "bounced", str(point.pk), do="correct", value="") == 422
    assert post(client, "bounced", str(point.pk), do="correct", value="no mail") == 422
    assert waiting("bounced", steward) == (str(point.pk),)
    assert post(client, "bounced", str(point.pk), do="correct", value="wang@firm.example") == 303
    assert waiting("bounced", steward) == ()
    assert note_undelivered([account.pk], since=timezone.now() - timedelta(days=30)) == 0


def test_a_way_that_works_again_is_not_marked_by_what_bounced_before(
    steward: Actor, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account()
    point = mail_of(account, steward)
    bounce(account, actor=cast.dora)
    mark_point_working(point.pk, actor=steward)
    assert note_undelivered([account.pk], since=timezone.now() - timedelta(days=30)) == 0
    assert waiting("bounced", steward) == ()
    edit_contact_point(point.pk, {"label": "Office"}, actor=steward)
    bounce(account, actor=cast.dora, at=timezone.now(), number=2)
    assert waiting("bounced", steward) == (str(point.pk),)


def test_a_way_is_marked_as_wrong_at_the_record_by_who_may_edit_it(
    steward: Actor, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    point = mail_of(account, steward)
    assert sign_in(cast.charlie).post(f"/contact-points/{point.pk}/wrong/").status_code == 404
    assert sign_in(steward).get(f"/contact-points/{point.pk}/wrong/").status_code == 405
    assert waiting("bounced", steward) == ()
    assert sign_in(steward).post(f"/contact-points/{point.pk}/wrong/").status_code == 303
    assert waiting("bounced", steward) == (str(point.pk),)
    assert sign_in(steward).post(f"/contact-points/{point.pk}/works/").status_code == 303
    assert waiting("bounced", steward) == ()


@pytest.fixture
def plan(cast: Cast) -> InformationPlan:
    """The ready plan in force."""
    return put_in_force(start_ready_plan(timezone.localdate(), actor=cast.dora), cast.dora)


def score_all(cast: Cast) -> None:
    refresh_completeness(timezone.localdate(), actor=cast.dora)


def test_a_gap_is_filled_at_the_desk(
    plan: InformationPlan, steward: Actor, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account(city="苏州")
    score_all(cast)
    assert waiting("gaps", steward) == (str(account.pk),)
    client = sign_in(steward)
    page = client.get("/steward/gaps/").content.decode()
    assert 'name="industry"' in page
    assert post(client, "gaps", str(account.pk), do="save") == 422
    assert post(client, "gaps", str(account.pk), do="save", industry="光学") == 303
    assert unscoped(Account, reason=NOTES).get(pk=account.pk).industry == "光学"
    assert 'name="industry"' not in client.get(f"/steward/gaps/?entry={account.pk}").content.decode()


def test_a_stale_value_is_said_to_be_right_or_corrected(
    plan: InformationPlan, steward: Actor, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account(city="苏州", size="100–499", website="https://firm.example")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_account SET created_at = now() - interval '5 years' WHERE id = %s", [account.pk]
        )
    score_all(cast)
    assert waiting("stale", steward) == (str(account.pk),)
    client = sign_in(steward)
    page = client.get("/steward/stale/").content.decode()
    ticks = {part.split('"')[0]: "on" for part in page.split('name="right:')[1:]}
    assert ticks
    values = {f"right:{key}": value for key, value in ticks.items()}
    answered = client.post(f"/steward/stale/{account.pk}/", {"do": "right", "size": "500–999", **values})
    assert answered.status_code == 303
    assert waiting("stale", steward) == ()
    kept = unscoped(Account, reason=NOTES).get(pk=account.pk)
    assert (kept.size, kept.website) == ("500–999", "https://firm.example")


def test_work_is_put_off_and_the_owner_is_asked(
    plan: InformationPlan, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    score_all(cast)
    client = sign_in(cast.dora)
    assert post(client, "gaps", str(account.pk), do="later") == 303
    assert f"entry={account.pk}" not in client.get("/steward/gaps/").content.decode()
    assert client.post(f"/steward/gaps/{account.pk}/back/").status_code == 303
    assert f"entry={account.pk}" in client.get("/steward/gaps/").content.decode()
    assert post(client, "gaps", str(account.pk), do="ask") == 303
    assert PutOff.objects.get().asked_id == cast.alice.user_id
    comment = unscoped(Comment, reason=NOTES).get(object_key="account", record_id=account.pk)
    assert comment.mentioned_ids == [cast.alice.user_id]
    assert f"entry={account.pk}" not in client.get("/steward/gaps/").content.decode()


def test_who_must_not_see_the_customer_is_told_nothing_of_it(
    plan: InformationPlan, steward: Actor, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    define_role(
        "manager",
        name="Manager",
        rows={
            **{("account", action): "unit_and_below" for action in ("view", "edit")},
            **{("twin", action): "everyone" for action in ("view", "edit")},
        },
        fields={("*", "reach"): int(FieldAccess.WRITE)},
        actor=cast.dora,
    )
    charlie = actor_by_user_id(cast.charlie.user_id or 0, surface=Surface.WEB)
    account = new_account()
    conflict, point = quarrel(account, actor=steward), mail_of(account, steward)
    bounce(account, actor=cast.dora)
    score_all(cast)
    count_quality(timezone.localdate(), actor=cast.dora)
    entries = {"conflicts": str(conflict.pk), "bounced": str(point.pk), "gaps": str(account.pk), "stale": "1"}
    client = sign_in(charlie)
    for kind, entry in entries.items():
        assert waiting(kind, charlie) == ()
        assert client.get(f"/steward/{kind}/?entry={entry}").status_code == 404
        for act in ("later", "ask", "save", "right", "keep", "take", "correct", "works", "remove"):
            assert post(client, kind, entry, do=act, value="x@firm.example") == 404
        assert client.post(f"/steward/{kind}/{entry}/back/").status_code == 404
        assert f"{account.name}" not in client.get(f"/accounts/?fault={kind}").content.decode()
    assert client.post(f"/steward/conflicts/{conflict.pk}/reopen/").status_code == 404
    board = scoreboard(charlie, compare_days=28)
    assert board is not None
    assert board.whole.customers == 0
    assert account.name not in client.get("/steward/quality/").content.decode()
    assert city_of(account) == "昆山"
    assert PutOff.objects.count() == 0


def test_who_does_not_work_at_the_desk_is_refused(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    conflict = quarrel(account, actor=cast.alice)
    client = sign_in(cast.bob)
    for address in ("/steward/", "/steward/conflicts/", "/steward/quality/"):
        assert client.get(address).status_code == 403
    assert post(client, "conflicts", str(conflict.pk), do="take") == 403
    assert client.post("/steward/quality/count/").status_code == 403
    assert (city_of(account), waiting("conflicts", cast.dora)) == ("昆山", (str(conflict.pk),))
    with pytest.raises(AccessDenied):
        decide_conflict(conflict.pk, is_first=True, actor=replace(cast.alice, read_only=True))
    with pytest.raises(NotFound):
        decide_conflict(conflict.pk, is_first=True, actor=cast.charlie)


def test_hidden_values_are_no_work_for_who_may_not_see_them(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account()
    point = mail_of(account, cast.alice)
    mark_point_wrong(point.pk, source="gateway", actor=cast.alice)
    rows: dict[tuple[str, str], object] = {("account", action): "unit_and_below" for action in ("view", "edit")}
    rows |= {("twin", "edit"): "everyone", ("twin", "view"): "everyone"}
    for access, seen in ((FieldAccess.HIDDEN, False), (FieldAccess.MASKED, True)):
        define_role("manager", name="M", rows=rows, fields={("*", "reach"): int(access)}, actor=cast.dora)
        bob = actor_by_user_id(cast.bob.user_id or 0, surface=Surface.WEB)
        assert bool(waiting("bounced", bob)) is seen
    source = desk_source("bounced")
    assert source is not None
    (line,) = source.page(DeskQuestion(View(bob, timezone.localdate())))
    assert MAIL not in line.what


def test_what_the_owner_is_asked_and_what_the_ledger_tells_holds_no_number_that_others_may_not_read(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    point = mail_of(account, cast.alice)
    bounce(account, actor=cast.dora)
    edit_account(account.pk, {"credit_rating": "AA"}, actor=cast.dora)
    edit_account(account.pk, {"credit_rating": "C"}, actor=replace(system_actor("ERP"), surface=Surface.API))
    find_conflicts([account.pk])
    conflict = unscoped(FieldConflict, reason=CONFLICTS).get(account=account, field="credit_rating")
    client = sign_in(cast.dora)
    assert post(client, "bounced", str(point.pk), do="ask") == 303
    assert post(client, "conflicts", str(conflict.pk), do="ask") == 303
    asked = list(unscoped(Comment, reason=NOTES).values_list("text", flat=True))
    assert len(asked) == 2
    assert not any(MAIL in text or "AA" in text for text in asked)
    assert waiting("conflicts", cast.bob) == ()
    (fact,) = facts_of_account(cast.bob, account.pk, kinds=["interaction"]).rows
    assert MAIL.upper() not in str(fact.payload)
    (whole,) = facts_of_account(cast.dora, account.pk, kinds=["interaction"]).rows
    assert whole.payload["address"] == MAIL.upper()


def test_quality_is_counted_once_a_day_and_every_number_opens(
    plan: InformationPlan, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    accounts = [new_account(f"客户{place}") for place in range(4)]
    quarrel(accounts[0], actor=cast.alice)
    score_all(cast)
    today = timezone.localdate()
    assert [count_quality(today, actor=cast.dora) for _ in range(2)] == [4, 4]
    assert QualityDay.objects.filter(day=today).count() == len(desk_sources())
    row = QualityDay.objects.get(day=today, measure="conflicts")
    assert (row.owner_id, row.affected, row.customers) == (cast.alice.user_id, 1, 4)
    trash_account(accounts[3].pk, actor=cast.dora)
    count_quality(today + timedelta(days=1), actor=cast.dora)
    board = scoreboard(cast.dora, compare_days=1)
    assert board is not None
    assert (board.whole.customers, len(board.trend)) == (3, 2)
    assert sum(source.points for source in desk_sources()) == 100
    client = sign_in(cast.dora)
    assert "Quality score, of 100" in client.get("/steward/quality/").content.decode()
    listed = client.get(f"/accounts/?fault=conflicts&owner={cast.alice.user_id}").content.decode()
    assert accounts[0].name in listed
    assert accounts[1].name not in listed
    for source in desk_sources():
        assert client.get(f"/accounts/?fault={source.key}").status_code == 200


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_number_of_queries_does_not_depend_on_the_work(
    plan: InformationPlan, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    client = sign_in(cast.dora)

    def more(count: int) -> None:
        for place in range(count):
            account = new_account(f"客户{place}{count}")
            quarrel(account, actor=cast.alice)
            mark_point_wrong(mail_of(account, cast.alice).pk, source="gateway", actor=cast.alice)
        score_all(cast)
        count_quality(timezone.localdate(), actor=cast.dora)

    addresses = [f"/steward/{source.key}/" for source in desk_sources()] + ["/steward/quality/"]
    more(2)
    few = [_queries(client, address) for address in addresses]
    more(5)
    assert [_queries(client, address) for address in addresses] == few
