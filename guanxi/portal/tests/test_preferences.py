import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.customers.commands import add_contact, add_contact_point, remove_contact
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects.restraints import restrained_ids
from guanxi.portal.commands import make_link
from guanxi.portal.queries import preferences as links
from guanxi.stewardship.commands import (
    answer_request,
    approve_erasure,
    confirm_identity,
    create_notice,
    publish_notice,
)
from guanxi.stewardship.models import ConsentRecord, SubjectRequest
from tests.cast import Cast, SignIn


@dataclass(frozen=True, slots=True)
class Known:
    """A contact with two numbers, and the address of his page."""

    account: Account
    contact: Contact
    address: str


@pytest.fixture
def known(cast: Cast, new_account: Callable[..., Account]) -> Known:
    account = new_account("云杉包装")
    contact = add_contact(Contact(account=account, family_name="周", given_name="明"), actor=cast.alice)
    for kind, value in (("mobile", "13862001234"), ("mail", "zhou@yunshan.example")):
        add_contact_point(ContactPoint(account=account, contact=contact, type=kind, value=value), actor=cast.alice)
    return Known(account, contact, links.preference_url("contact", contact.pk))


def visit(known: Known, **values: str) -> object:
    return Client(REMOTE_ADDR="198.51.100.9", HTTP_USER_AGENT="Testfox").post(f"{known.address}?lang=en", values)


def consents(cast: Cast) -> list[tuple[str, str, str]]:
    rows = grant(cast.dora, ConsentRecord).queryset().order_by("pk")
    return list(rows.values_list("purpose", "channel", "state"))


def points(cast: Cast) -> dict[str, str]:
    return dict(grant(cast.dora, ContactPoint).queryset().values_list("type", "consent"))


def test_choices_become_consents_with_words_and_evidence(cast: Cast, known: Known) -> None:
    visit(known, **{"marketing-mail": "on", "survey-phone": "on"})
    assert consents(cast) == [("marketing", "mail", "given"), ("survey", "phone", "given")]
    consent = grant(cast.dora, ConsentRecord).queryset().order_by("pk")[0]
    assert consent.wording == "We may send you news, invitations and offers. (E-mail)"
    assert consent.evidence == "/p/ v2 · 198.51.100.9 · Testfox"
    assert (consent.way, consent.contact_id, consent.by_id) == ("web", known.contact.pk, None)
    assert points(cast) == {"mobile": "unknown", "mail": "given"}


def test_the_same_choices_again_say_nothing(cast: Cast, known: Known) -> None:
    visit(known, **{"marketing-mail": "on"})
    visit(known, **{"marketing-mail": "on"})
    assert len(consents(cast)) == 1


def test_a_tick_that_is_taken_away_is_a_line_of_its_own(cast: Cast, known: Known) -> None:
    visit(known, **{"marketing-mail": "on", "marketing-sms": "on"})
    visit(known, **{"marketing-sms": "on"})
    assert consents(cast)[-1] == ("marketing", "mail", "withdrawn")
    assert points(cast) == {"mobile": "given", "mail": "withdrawn"}


def test_no_contact_at_all_takes_everything_back(cast: Cast, known: Known) -> None:
    visit(known, **{"marketing-mail": "on", "service-phone": "on"})
    visit(known, do="nothing", **{"marketing-mail": "on"})
    latest = {(purpose, channel): state for purpose, channel, state in consents(cast)}
    assert set(latest.values()) == {"withdrawn"}
    assert len(latest) == 16
    assert points(cast) == {"mobile": "withdrawn", "mail": "withdrawn"}


def test_the_page_tells_what_was_said_and_keeps_the_name_to_itself(cast: Cast, known: Known) -> None:
    visit(known, **{"marketing-mail": "on"})
    answer = Client().get(f"{known.address}?lang=en")
    text = answer.content.decode()
    assert 'name="marketing-mail" checked' in text
    assert "周**" in text
    assert "周明" not in text
    assert "13862001234" not in text
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_a_wrong_link_a_link_that_is_over_and_one_of_nobody_look_the_same(
    cast: Cast, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Client().get("/p/wrong/")
    changed = Client().get(known.address[:-3] + "xy/")
    remove_contact(known.contact.pk, actor=cast.alice)
    nobody = Client().get(known.address)
    monkeypatch.setattr(links, "DAY_SECONDS", -1)
    over = Client().get(links.preference_url("contact", known.contact.pk))
    answers = (wrong, changed, nobody, over)
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert Client().post(known.address, {"marketing-mail": "on"}).status_code == 404
    assert consents(cast) == []


def test_who_knocks_too_often_waits(known: Known) -> None:
    answers = [Client().get("/p/wrong/").status_code for _ in range(61)]
    assert (answers[-2], answers[-1]) == (404, 429)
    assert Client(REMOTE_ADDR="198.51.100.1").get(known.address).status_code == 200


def test_a_request_waits_for_the_identity_to_be_checked(cast: Cast, known: Known) -> None:
    for _ in range(2):
        assert Client().post(f"{known.address}ask/", {"kind": "erase", "note": "请删除"}).status_code == 303
    request = grant(cast.dora, SubjectRequest).queryset().get()
    assert (request.kind, request.way, request.record_id, request.needs_identity) == (
        "erase",
        "web",
        known.contact.pk,
        True,
    )
    with pytest.raises(RuleViolation):
        approve_erasure(request.pk, actor=cast.dora)
    confirm_identity(request.pk, actor=cast.dora)
    assert AuditEntry.objects.filter(action="confirm_identity", user_id=cast.dora.user_id).exists()
    assert approve_erasure(request.pk, actor=cast.dora).state == "running"


def test_an_answer_waits_too_but_a_refusal_does_not(cast: Cast, known: Known) -> None:
    Client().post(f"{known.address}ask/", {"kind": "export"})
    request = grant(cast.dora, SubjectRequest).queryset().get()
    with pytest.raises(RuleViolation):
        answer_request(request.pk, is_refused=False, actor=cast.dora)
    assert answer_request(request.pk, is_refused=True, actor=cast.dora).state == "refused"


def test_what_the_page_does_not_offer_is_not_asked_for(cast: Cast, known: Known) -> None:
    for kind in ("", "other", "nonsense"):
        assert "done=choose" in Client().post(f"{known.address}ask/", {"kind": kind}).headers["Location"]
    assert not grant(cast.dora, SubjectRequest).queryset().exists()


def test_who_may_edit_a_contact_makes_a_link(cast: Cast, known: Known, sign_in: SignIn) -> None:
    path = f"/preferences/contact/{known.contact.pk}/"
    assert b"/p/" not in sign_in(cast.alice).get(path).content
    made = sign_in(cast.alice).post(path)
    assert b"http://testserver/p/" in made.content
    assert AuditEntry.objects.filter(action="make_preference_link", record_id=known.contact.pk).count() == 1
    assert sign_in(cast.charlie).post(path).status_code == 404
    with pytest.raises((NotFound, AccessDenied)):
        make_link("contact", known.contact.pk, root="", actor=cast.charlie)
    assert AuditEntry.objects.filter(action="make_preference_link").count() == 1
    assert sign_in(cast.alice).get(f"/preferences/product/{known.contact.pk}/").status_code == 404


def test_choices_rest_on_the_notice_to_which_the_page_led(cast: Cast, known: Known) -> None:
    editions = []
    for title in ("甲", "乙"):
        values = {"effective_on": timezone.localdate(), "title_zh": title, "text_zh": title}
        editions.append(publish_notice(create_notice(values, actor=cast.dora).pk, actor=cast.dora).pk)
        if len(editions) == 1:
            page = Client().get(f"{known.address}?lang=en").content.decode()
    word = re.search(r'name="notice" value="([^"]+)"', page)
    assert word is not None
    visit(known, **{"marketing-mail": "on", "notice": word[1]})
    visit(known, **{"marketing-mail": "on", "survey-mail": "on", "notice": "forged"})
    rows = grant(cast.dora, ConsentRecord).queryset().order_by("pk")
    assert list(rows.values_list("purpose", "notice_id")) == [("marketing", editions[0]), ("survey", editions[1])]


def test_a_person_asks_for_no_further_use(cast: Cast, known: Known) -> None:
    Client().post(f"{known.address}ask/", {"kind": "restrict"})
    request = grant(cast.dora, SubjectRequest).queryset().get()
    assert (request.kind, request.object_key, request.needs_identity) == ("restrict", "contact", True)
    with pytest.raises(RuleViolation):
        answer_request(request.pk, is_refused=False, actor=cast.dora)
    assert restrained_ids("contact") == frozenset()
    confirm_identity(request.pk, actor=cast.dora)
    answer_request(request.pk, is_refused=False, actor=cast.dora)
    assert restrained_ids("contact") == {known.contact.pk}
