from collections.abc import Callable

import pytest
from django.test import Client

from guanxi.customers.commands import add_contact, add_contact_point
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound
from guanxi.ledger.models import Fact
from guanxi.platform.access.grant import grant
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.collaboration.models import Notification
from guanxi.platform.collaboration.reactions import tell_of_hearing
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.objects.merging import Pair, merge_records, undo_merge
from guanxi.platform.records.events import RecordHeard
from guanxi.portal.choices import OwnerWay, SubmissionState
from guanxi.portal.commands import create_form, discard, edit_form, forget_discarded, release, take_in, undo_discard
from guanxi.portal.models import FormEdition, Origin, Submission, WebForm
from guanxi.portal.queries.submissions import held_submissions, submissions_of
from guanxi.portal.tests.conftest import ANSWERS, Sender, content, settings_of, submissions, take_all_in, ticket
from guanxi.stewardship.commands.pool_settings import create_pool
from guanxi.stewardship.models import ConsentRecord, PoolEntry, Twin
from tests.cast import Cast, SignIn


def system() -> object:
    return system_actor("Tests")


def accounts() -> list[Account]:
    return list(grant(system_actor("Tests"), Account).queryset().order_by("pk"))


def test_a_visitor_becomes_a_customer_with_contact_consent_fact_and_origin(cast: Cast, send: Sender) -> None:
    answer = send({**ANSWERS, "consent-0": "on", "utm_source": "fair", "utm_campaign": "autumn"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/f/fair/thanks/?lang=en")
    assert accounts() == []  # in the background, so that the answer takes the same time for everybody
    take_all_in()
    account = accounts()[0]
    assert (account.name, account.kind, account.owner_id, account.source) == (
        ANSWERS["company"],
        "organisation",
        cast.alice.user_id,
        "展会",
    )
    contact = grant(cast.dora, Contact).queryset().get()
    assert (contact.family_name, contact.given_name, contact.is_main) == ("周", "明", True)
    point = grant(cast.dora, ContactPoint).queryset().get()
    assert (point.normalised, point.contact_id, point.consent) == ("+8613862001234", contact.pk, "given")
    consent = grant(cast.dora, ConsentRecord).queryset().get()
    assert (consent.purpose, consent.channel, consent.state, consent.way) == ("marketing", "sms", "given", "web")
    assert consent.wording == "You may send me text messages"
    assert consent.evidence == f"/f/fair/ v1 #{submissions()[0].pk} · 203.0.113.7 · Testfox"
    fact = grant(cast.dora, Fact).queryset().get()
    assert (fact.kind, fact.sub_kind, fact.channel, fact.is_typed) == (
        "interaction",
        "message_received",
        "web_form",
        False,
    )
    assert (fact.payload or {})["note"] == "想了解检测仪"
    origin = grant(cast.dora, Origin).queryset().get()
    assert (origin.utm_source, origin.utm_campaign) == ("fair", "autumn")
    assert OutboxEvent.objects.filter(name="platform.record_heard").count() == 1


def test_the_owner_is_told(cast: Cast, send: Sender) -> None:
    send()
    take_all_in()
    event = OutboxEvent.objects.get(name="platform.record_heard")
    tell_of_hearing(RecordHeard(**event.payload), event.pk)
    assert Notification.objects.get().user_id == cast.alice.user_id


def test_taking_in_twice_changes_nothing(cast: Cast, send: Sender) -> None:
    send()
    take_all_in()
    take_all_in()
    assert (len(accounts()), grant(cast.dora, Fact).queryset().count()) == (1, 1)


def test_a_form_that_is_sent_twice_is_taken_once(form: WebForm) -> None:
    word = ticket(form)
    for _ in range(2):
        answer = Client().post("/f/fair/", {"ticket": word, **ANSWERS})
        assert answer.status_code == 303
    assert len(submissions()) == 1


def test_other_words_under_one_ticket_are_stored_and_soon_held_back(form: WebForm) -> None:
    word = ticket(form)
    for number in range(4):
        Client().post("/f/fair/", {"ticket": word, **ANSWERS, "message": f"Nr. {number}"})
    assert [item.state for item in submissions()] == ["received", "received", "held", "held"]


@pytest.fixture
def known(cast: Cast, new_account: Callable[..., Account]) -> Account:
    """A customer of Alice's with a contact whose mobile number is the visitor's."""
    account = new_account("云杉包装", city="上海")
    contact = add_contact(Contact(account=account, family_name="周", given_name="明", title="厂长"), actor=cast.alice)
    point = ContactPoint(account=account, contact=contact, type="mobile", value="138 6200 1234")
    add_contact_point(point, actor=cast.alice)
    return account


def test_a_known_visitor_is_found_completed_and_never_written_over(cast: Cast, known: Account, send: Sender) -> None:
    answer = send({**ANSWERS, "city": "苏州", "mail": "zhou@yunshan.example"})
    stranger = send({**ANSWERS, "mobile": "13900000000"})
    assert (answer.status_code, answer.headers["Location"]) == (stranger.status_code, stranger.headers["Location"])
    take_in(submissions()[0].pk, actor=system_actor("Tests"))
    submission = submissions()[0]
    assert (submission.account_id, submission.is_new) == (known.pk, False)
    known.refresh_from_db()
    assert (known.name, known.city) == ("云杉包装", "上海")
    assert sorted(submission.conflicts) == [["city", "上海"], ["name", "云杉包装"]]
    points = grant(cast.alice, ContactPoint).queryset().values_list("type", "normalised", "contact")
    assert sorted(points) == [
        ("mail", "zhou@yunshan.example", submission.contact_id),
        ("mobile", "+8613862001234", submission.contact_id),
    ]
    assert grant(cast.alice, Contact).queryset().get().title == "厂长"


def test_a_number_of_two_customers_finds_neither(
    cast: Cast, known: Account, new_account: Callable[..., Account], send: Sender
) -> None:
    other = new_account("另一家")
    add_contact_point(ContactPoint(account=other, type="mobile", value="13862001234"), actor=cast.alice)
    send()
    take_all_in()
    assert submissions()[0].is_new


def test_who_looks_like_another_is_put_on_the_desk(
    cast: Cast, new_account: Callable[..., Account], send: Sender
) -> None:
    twin = new_account("云杉包装有限公司", city="苏州")
    send()
    take_all_in()
    pair = grant(cast.dora, Twin).queryset().get()
    assert (pair.first_id, pair.second_id, pair.state) == (twin.pk, accounts()[1].pk, "open")


def test_customers_go_to_people_in_turn(cast: Cast) -> None:
    create_form(
        settings_of(None, slug="turn", owner_way=OwnerWay.TURN, unit_id=cast.bob.unit_id), content(), actor=cast.dora
    )
    form = WebForm._base_manager.get(slug="turn")
    for number in range(3):
        Client().post(
            "/f/turn/",
            {
                "ticket": ticket(form, nonce=f"{number:032}"),
                **ANSWERS,
                "mobile": f"1386200000{number}",
                "company": f"甲{number}厂",
            },
        )
        take_all_in()
    assert [item.assigned_to_id for item in submissions()] == [cast.alice.user_id, cast.bob.user_id, cast.alice.user_id]


def test_spam_waits_and_is_released_or_thrown_away(cast: Cast, send: Sender) -> None:
    send(contact_url="http://spam.example")
    send({**ANSWERS, "message": "<script>alert(1)</script>"})
    take_all_in()
    assert accounts() == []
    first, second = submissions()
    assert (first.state, first.signs, second.signs) == ("held", ["trap"], ["markup"])
    assert [row.submission.pk for row in held_submissions(cast.dora)] == [second.pk, first.pk]
    discard(second.pk, actor=cast.dora)
    with pytest.raises(Conflict):
        discard(second.pk, actor=cast.dora)
    undo_discard(second.pk, actor=cast.dora)
    release(first.pk, actor=cast.dora)
    take_all_in()
    assert [item.state for item in submissions()] == ["taken", "held"]
    assert AuditEntry.objects.filter(object_key="submission", action="release", user_id=cast.dora.user_id).count() == 1
    with pytest.raises(Conflict):
        discard(first.pk, actor=cast.dora)


def test_who_sets_up_no_forms_decides_of_nothing(cast: Cast, send: Sender) -> None:
    send(contact_url="x")
    held = submissions()[0]
    for verb in (release, discard, undo_discard):
        with pytest.raises((AccessDenied, NotFound)):
            verb(held.pk, actor=cast.charlie)
    assert submissions()[0].state == SubmissionState.HELD


def test_charlie_sees_nothing_of_what_came_in(cast: Cast, send: Sender, sign_in: SignIn, form: WebForm) -> None:
    send()
    take_all_in()
    assert len(submissions_of(cast.alice)) == 1
    assert submissions_of(cast.charlie) == ()
    assert b"13862001234" not in sign_in(cast.charlie).get(f"/forms/{form.pk}/").content


def test_bob_reads_numbers_masked(cast: Cast, send: Sender) -> None:
    send()
    take_all_in()
    shown = [answer.text for answer in submissions_of(cast.bob)[0].answers]
    assert "138****1234" in shown
    assert "13862001234" not in shown


def test_old_spam_goes(cast: Cast, send: Sender) -> None:
    send(contact_url="x")
    Submission._base_manager.update(received_at="2020-01-01T00:00:00Z")
    assert forget_discarded(actor=system_actor("Tests")) == 1
    assert submissions() == []


def test_each_consent_points_at_the_words_that_were_shown(cast: Cast, form: WebForm) -> None:
    word = ticket(form)
    same = content()
    edit_form(form.pk, settings_of(cast.alice.user_id), same, actor=cast.dora)
    assert FormEdition.objects.count() == 1
    edit_form(form.pk, settings_of(cast.alice.user_id), content(consents=()), actor=cast.dora)
    assert FormEdition.objects.count() == 2
    Client().post("/f/fair/?lang=zh", {"ticket": word, **ANSWERS, "consent-0": "on"})
    take_all_in()
    assert grant(cast.dora, ConsentRecord).queryset().get().wording == "同意接收短信通知"
    assert submissions()[0].edition.number == 1


def test_nothing_that_came_in_is_lost_when_it_cannot_be_taken_in(
    cast: Cast, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_values: object) -> None:
        raise Conflict("test.broken", "Broken.")

    send()
    monkeypatch.setattr("guanxi.portal.commands.taking_in.create_account", broken)
    with pytest.raises(Conflict):
        take_all_in()
    assert submissions()[0].state == SubmissionState.RECEIVED
    monkeypatch.undo()
    take_all_in()
    assert len(accounts()) == 1


def test_the_card_of_the_customer_shows_what_was_sent_and_what_was_kept(
    cast: Cast, known: Account, send: Sender, sign_in: SignIn
) -> None:
    send({**ANSWERS, "city": "苏州"})
    take_all_in()
    text = sign_in(cast.alice).get(f"/accounts/{known.pk}/").content.decode()
    assert "Book a demonstration" in text
    assert "kept: 上海" in text
    assert "kept: " not in sign_in(cast.charlie).get(f"/accounts/{known.pk}/").content.decode()


def test_a_person_who_is_a_customer_is_found_by_the_number_in_whatever_field(
    cast: Cast, new_account: Callable[..., Account], send: Sender
) -> None:
    person = new_account("周明", kind="person")
    add_contact_point(ContactPoint(account=person, type="phone", value="13862001234"), actor=cast.alice)
    send({"name": "周小明", "mobile": "+86 138-6200-1234"})
    take_all_in()
    submission = submissions()[0]
    assert (submission.account_id, submission.contact_id, submission.is_new) == (person.pk, None, False)
    assert submission.conflicts == [["name", "周明"]]
    person.refresh_from_db()
    assert person.name == "周明"


def test_customers_of_a_form_go_into_a_pool(cast: Cast) -> None:
    pool = create_pool({"name_zh": "线索公海", "unit_id": cast.bob.unit_id}, actor=cast.dora)
    settings = settings_of(None, slug="pool", owner_way=OwnerWay.POOL, pool_id=pool.pk)
    form = create_form(settings, content(), actor=cast.dora)
    Client().post("/f/pool/", {"ticket": ticket(form), **ANSWERS})
    take_all_in()
    account = accounts()[0]
    assert (account.owner_id, account.unit_id) == (None, cast.bob.unit_id)
    stay = grant(cast.dora, PoolEntry).queryset().get()
    assert (stay.account_id, stay.pool_id, stay.left_at) == (account.pk, pool.pk, None)


def test_logs_name_nobody(cast: Cast, send: Sender, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="guanxi"):
        send({**ANSWERS, "mail": "zhou@yunshan.example"})
        send({**ANSWERS, "mobile": "138"})
        take_all_in()
    assert not {word for word in ("周明", "13862001234", "zhou@", "203.0.113.7") if word in caplog.text}


def test_a_merge_and_its_undo_keep_what_was_sent_and_where_customers_came_from(
    cast: Cast, new_account: Callable[..., Account], send: Sender
) -> None:
    kept = new_account("另一家")
    send(utm_campaign="autumn")
    take_all_in()
    merged_id = submissions()[0].account_id
    assert merged_id is not None
    merge = merge_records("account", Pair(kept.pk, merged_id), taken=(), actor=cast.dora)
    assert submissions()[0].account_id == kept.pk
    undo_merge(merge.pk, actor=cast.dora)
    assert submissions()[0].account_id == merged_id
    assert grant(cast.dora, Origin).queryset().get().account_id == merged_id
