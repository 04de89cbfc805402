"""What the bell tells of the plan, whom, and for how long."""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.planning.commands import close_round, refresh_completeness, refresh_some, remind, submit_plan
from guanxi.planning.models import InformationPlan, StaleNews
from guanxi.planning.queries.signing import signers
from guanxi.planning.tests.conftest import put_in_force
from guanxi.planning.tests.test_needs_rounds import opened, sheet_of
from guanxi.planning.tests.test_plan import with_sight
from guanxi.planning.tests.test_scores import made_before
from guanxi.planning.tests.test_scores import small as small
from guanxi.platform.collaboration.commands.notifying import choose_notifications
from guanxi.platform.collaboration.inbox import inbox_of, unread_count
from guanxi.platform.collaboration.models import Notification
from guanxi.platform.events.commands import deliver
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.records.change import change
from tests.cast import Cast, SignIn

TODAY = timezone.localdate()


def tell_all() -> None:
    """Let the bell hear of whatever was asked so far; a second time it hears of nothing twice."""
    for event in OutboxEvent.objects.filter(name="platform.people_asked"):
        deliver(event.pk, reaction_key="collaboration.tell_of_question")
        deliver(event.pk, reaction_key="collaboration.tell_of_question")


def test_who_is_asked_hears_of_the_round_and_is_led_to_the_own_sheet(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    tell_all()
    (notice,) = inbox_of(cast.alice).notices
    assert notice.url == reverse("needs_sheet", args=[sheet_of(held, cast.alice).pk])
    assert notice.sentence == f"{cast.dora.name} asks which information you need, collect or keep"
    assert (unread_count(cast.charlie), unread_count(cast.dora)) == (0, 0)
    remind(held.pk, today=TODAY, actor=cast.dora)
    tell_all()
    assert unread_count(cast.alice) == 2
    close_round(held.pk, today=TODAY, actor=cast.dora)
    assert unread_count(cast.alice) == 2


def test_who_is_asked_no_more_hears_nothing(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    tell_all()
    sheet_of(held, cast.alice).delete()
    assert (unread_count(cast.alice), inbox_of(cast.alice).notices) == (0, ())


def test_a_notice_of_an_unknown_topic_is_not_shown(cast: Cast) -> None:
    assert cast.alice.user_id is not None
    Notification.objects.create(user_id=cast.alice.user_id, kind="asked", object_key="gone", record_id=1)
    assert (unread_count(cast.alice), inbox_of(cast.alice).notices) == (0, ())


def test_who_wants_no_such_notice_gets_none(draft: InformationPlan, cast: Cast) -> None:
    choose_notifications(silent_kinds=["asked"], mailed_kinds=[], rhythm="off", actor=cast.alice)
    opened(draft, cast)
    tell_all()
    assert (unread_count(cast.alice), unread_count(cast.bob)) == (0, 1)


def test_a_sign_off_is_told_to_the_nearest_who_may_sign(draft: InformationPlan, cast: Cast) -> None:
    seeing = with_sight(cast)
    region, west = seeing.alice.unit_id or 0, seeing.charlie.unit_id or 0
    assert signers([region]) == (seeing.bob.user_id,)
    submit_plan(draft.pk, unit_ids=[region, west], due_on=None, actor=seeing.dora)
    tell_all()
    (notice,) = inbox_of(seeing.bob).notices
    assert (notice.label, notice.url) == (f"{TODAY.year}, version 1", f"{reverse('plan')}?version={draft.pk}")
    assert (unread_count(seeing.charlie), unread_count(seeing.alice), unread_count(seeing.dora)) == (1, 0, 0)


def test_a_published_version_is_told_to_those_who_may_read_it(draft: InformationPlan, cast: Cast) -> None:
    seeing = with_sight(cast)
    put_in_force(draft, seeing.dora)
    tell_all()
    (notice,) = inbox_of(seeing.bob).notices
    assert notice.sentence == f"{cast.dora.name} put an information plan in force: read it and confirm once"
    assert inbox_of(seeing.alice).notices == ()


def age(account: Account, *, days: int) -> None:
    made_before(account, days=days)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM planning_stalenews")


def test_values_past_their_limit_are_told_once_in_the_morning(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    accounts = [new_account(name, city="苏州") for name in ("甲", "乙")]
    refresh_completeness(TODAY, actor=cast.dora)
    for account in accounts:
        age(account, days=40)
    refresh_some([accounts[0].pk], as_of=TODAY)
    assert list(StaleNews.objects.values_list("owner_id", "count")) == [(cast.alice.user_id, 1)]
    refresh_completeness(TODAY, actor=cast.dora)
    tell_all()
    (notice,) = inbox_of(cast.alice).notices
    assert notice.sentence == "2 values of your customers went past their limit: are they still right?"
    assert notice.url == f"{reverse('account_list')}?owner=me&sort=freshness"
    assert "甲" in sign_in(cast.alice).get(notice.url).content.decode()
    refresh_completeness(TODAY + timedelta(days=1), actor=cast.dora)
    tell_all()
    assert (unread_count(cast.alice), unread_count(cast.bob), StaleNews.objects.count()) == (1, 0, 0)


def test_nobody_is_told_of_customers_without_an_owner(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("甲", city="苏州")
    refresh_completeness(TODAY, actor=cast.dora)
    with change(Account, account.pk, action="transfer", actor=cast.dora) as work:
        work.record.owner_id = None
    age(account, days=40)
    refresh_completeness(TODAY, actor=cast.dora)
    assert not OutboxEvent.objects.filter(name="platform.people_asked", payload__topic="stale_values").exists()
