"""Forms that ask for fields which people made, that take a file, and whose consents wait for a click in a mail."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from guanxi.customers.models import Account, ContactPoint
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.customfields.commands import retire_field
from guanxi.platform.files.storage import remove_unknown_files
from guanxi.platform.objects.registry import object_spec
from guanxi.portal.choices import SubmissionState
from guanxi.portal.commands import create_form, discard, edit_form, forget_discarded
from guanxi.portal.jobs import mail_confirmation
from guanxi.portal.models import SubmissionFile, WebForm
from guanxi.portal.queries.offered import offered_fields
from guanxi.portal.queries.submissions import HELD_REASON, submissions_of
from guanxi.portal.rules.fields import AskedField
from guanxi.portal.tests.conftest import ANSWERS, asked, content, settings_of, submissions, take_all_in, ticket
from guanxi.stewardship.adapters.erasing import write_erasure
from guanxi.stewardship.commands import approve_erasure, erase_subject
from guanxi.stewardship.models import ConsentRecord
from tests.cast import Cast, SignIn
from tests.registry.contracts import add_field

SIZES = [["s", "小", "Small"], ["l", "大", "Large"]]
USES = [["lab", "实验室", "Laboratory"], ["line", "产线", "Line"]]
MAIL = "zhou@yunshan.example"
REASON = HELD_REASON


def question(key: str, *, is_required: bool = False) -> AskedField:
    """A question about a made field, in the words that the builder offers."""
    item = offered_fields()[key]
    return AskedField(key, item.label_zh, item.label_en, is_required, item if item.is_made else None)


def sent(form: WebForm, answers: dict[str, Any], *, nonce: str = "b" * 32) -> HttpResponse:
    """What a visitor gets who sends the form."""
    held = {"ticket": ticket(form, nonce=nonce), **answers}
    return Client(REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="Testfox").post(f"/f/{form.slug}/?lang=en", held)  # type: ignore[return-value]  # the test client's answer


def account() -> Account:
    """The only customer."""
    found: Account = unscoped(Account, reason=REASON).get()
    return found


@pytest.fixture
def questions(cast: Cast) -> WebForm:
    """A form that asks for made fields of the customer and of the contact."""
    spec = object_spec("account")
    add_field(spec, FieldType.CHOICE, "Plant", cast.dora, choices=SIZES)
    add_field(spec, FieldType.MULTI_CHOICE, "Uses", cast.dora, choices=USES)
    add_field(spec, FieldType.NUMBER, "Staff", cast.dora)
    add_field(spec, FieldType.DATE, "Opened", cast.dora)
    add_field(spec, FieldType.TEXT, "Bank", cast.dora, sensitivity="bank")
    add_field(object_spec("contact"), FieldType.BOOLEAN, "Decides", cast.dora)
    keys = ("account-x_plant", "account-x_uses", "account-x_staff", "account-x_opened", "contact-x_decides")
    fields = (*asked("name", "company", "mobile"), *(question(key) for key in keys))
    return create_form(settings_of(cast.alice.user_id), content(fields=fields), actor=cast.dora)


MADE = {
    "account-x_plant": "l",
    "account-x_uses": ["lab", "line"],
    "account-x_staff": "120.50",
    "account-x_opened": "2019-04-08",
    "contact-x_decides": "true",
}


def test_answers_to_made_questions_become_values_of_the_customer_and_the_contact(
    questions: WebForm, cast: Cast
) -> None:
    assert "account-x_bank" not in offered_fields()
    assert sent(questions, ANSWERS | MADE).status_code == 303
    take_all_in()
    assert account().custom == {
        "t_x_plant": "l",
        "m_x_uses": ["lab", "line"],
        "n_x_staff": "120.5",
        "d_x_opened": "2019-04-08",
    }
    row = submissions_of(cast.dora)[0]
    told = {answer.label: answer.text for answer in row.answers}
    assert (told["Plant"], told["Uses"], told["Decides"]) in (
        ("大", "实验室、产线", "是"),
        ("Large", "Laboratory, Line", "Yes"),
    )


def test_a_wrong_answer_is_told_and_nothing_comes_in(questions: WebForm, cast: Cast) -> None:
    for wrong in ({"account-x_plant": "huge"}, {"account-x_staff": "many"}, {"account-x_opened": "yesterday"}):
        assert sent(questions, ANSWERS | wrong).status_code == 422
    assert submissions() == []


def test_what_the_customer_has_is_not_written_over_and_a_retired_field_is_left_out(
    questions: WebForm, cast: Cast
) -> None:
    sent(questions, ANSWERS | MADE)
    take_all_in()
    other = MADE | {"account-x_plant": "s", "account-x_staff": "120.5"}
    sent(questions, ANSWERS | other, nonce="c" * 32)
    take_all_in()
    assert account().custom["t_x_plant"] == "l"
    assert submissions()[1].conflicts == [["custom__t_x_plant", "l"]]
    retire_field(_field_id("x_plant"), actor=cast.dora)
    answers = {"name": "许南乔", "company": "青屿生物", "mobile": "13862009999", "account-x_plant": "s"}
    assert sent(questions, answers, nonce="d" * 32).status_code == 303
    take_all_in()
    newest = unscoped(Account, reason=REASON).get(name="青屿生物")
    assert (newest.custom, submissions()[2].state) == ({}, SubmissionState.TAKEN)


def _field_id(key: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM customfields_customfield WHERE key = %s", [key])
        return int(cursor.fetchone()[0])


@pytest.fixture
def with_file(cast: Cast, tmp_path: Path, settings: Any) -> WebForm:
    """A form that takes a file."""
    settings.MEDIA_ROOT = settings.DATA_FOLDER = tmp_path
    fields = asked("name", "company", "mobile", "file")
    return create_form(settings_of(cast.alice.user_id), content(fields=fields, consents=()), actor=cast.dora)


def upload(name: str = "draft.pdf", text: bytes = b"%PDF-1.7 drawing") -> SimpleUploadedFile:
    """A file of a visitor's."""
    return SimpleUploadedFile(name, text)


def contents(folder: Path) -> list[bytes]:
    """What lies in the folder of files."""
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def files() -> list[SubmissionFile]:
    """All files that came."""
    return list(unscoped(SubmissionFile, reason=REASON).order_by("pk"))


def test_a_file_is_opened_by_who_sees_the_customer_once_it_is_taken_in(
    with_file: WebForm, cast: Cast, sign_in: SignIn
) -> None:
    assert sent(with_file, ANSWERS | {"file": upload()}).status_code == 303
    (file,) = files()
    address = reverse("sent_file", args=[file.pk])
    assert (file.name, file.account_id, sign_in(cast.dora).get(address).status_code) == ("draft.pdf", None, 404)
    take_all_in()
    answer = sign_in(cast.alice).get(address)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"%PDF-1.7 drawing")  # type: ignore[attr-defined]  # a file
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert sign_in(cast.charlie).get(address).status_code == 404
    card = sign_in(cast.alice).get(f"/accounts/{account().pk}/").content.decode()
    assert address in card


@pytest.mark.parametrize(
    "file",
    [
        upload("run.exe"),
        upload("page.html"),
        upload("empty.pdf", b""),
        upload("big.pdf", b"x" * 5_000_001),
    ],
)
def test_a_file_of_another_kind_or_size_is_refused_and_leaves_nothing(
    with_file: WebForm, tmp_path: Path, file: SimpleUploadedFile
) -> None:
    answer = sent(with_file, ANSWERS | {"file": file})
    assert (answer.status_code, files(), contents(tmp_path), submissions()) == (422, [], [], [])


def test_a_form_without_a_file_takes_no_more_than_before(form: WebForm) -> None:
    assert sent(form, ANSWERS | {"message": "x" * 70_000}).status_code == 413
    assert submissions() == []


def test_the_file_of_what_was_thrown_away_goes_with_it(with_file: WebForm, cast: Cast, tmp_path: Path) -> None:
    sent(with_file, ANSWERS | {"file": upload(), "contact_url": "http://spam.example"})
    (held,) = submissions()
    assert (held.state, len(contents(tmp_path))) == (SubmissionState.HELD, 1)
    discard(held.pk, actor=cast.dora)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE portal_submission SET received_at = received_at - interval '31 days'")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("django.db.transaction.on_commit", lambda work: work())
        forget_discarded(actor=system_actor("Tests"))
    assert (files(), contents(tmp_path), remove_unknown_files()) == ([], [], 0)


@pytest.fixture
def mailed(cast: Cast, settings: Any) -> WebForm:
    """A form whose consents count after a click."""
    settings.MAIL_SERVER, settings.PUBLIC_URL = SimpleNamespace(host="mail.example.com"), "https://crm.example.com"
    fields = asked("name", "company", "mobile", "mail", required=("name", "mail"))
    terms = settings_of(cast.alice.user_id, is_confirmed=True)
    return create_form(terms, content(fields=fields), actor=cast.dora)


AGREED = {"name": "周明", "mobile": "13862001234", "mail": MAIL, "consent-0": "on"}


def given() -> list[tuple[str, str, str]]:
    """The consents that count."""
    rows = unscoped(ConsentRecord, reason=REASON).order_by("pk")
    return list(rows.values_list("purpose", "channel", "state"))


def link_of(text: str) -> str:
    """The path of the link in a mail."""
    return next(line for line in str(text).splitlines() if line.startswith("https://")).removeprefix(
        "https://crm.example.com"
    )


def test_a_consent_counts_after_the_click_alone_and_once(mailed: WebForm, cast: Cast) -> None:
    assert sent(mailed, AGREED).status_code == 303
    take_all_in()
    (submission,) = submissions()
    assert (given(), submission.asked_at is not None) == ([], True)
    assert set(unscoped(ContactPoint, reason=REASON).values_list("consent", flat=True)) == {"unknown"}
    mail_confirmation(submission.pk)
    (letter,) = mail.outbox
    assert (letter.to, "You may send me text messages" in str(letter.body)) == ([MAIL], True)
    address, client = link_of(str(letter.body)), Client(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Mailfox")
    assert "You may send me text messages" in client.get(address).content.decode()
    assert given() == []
    for _time in range(2):
        assert "Confirmed" in client.post(address).content.decode()
    assert given() == [("marketing", "sms", "given")]
    record = unscoped(ConsentRecord, reason=REASON).get()
    assert ("203.0.113.9" in record.evidence, MAIL in record.evidence) == (True, True)
    points = dict(unscoped(ContactPoint, reason=REASON).values_list("type", "consent"))
    assert points == {"mobile": "given", "mail": "unknown"}
    mail_confirmation(submission.pk)
    assert len(mail.outbox) == 1


def test_a_wrong_link_confirms_nothing(mailed: WebForm) -> None:
    sent(mailed, AGREED)
    take_all_in()
    assert Client().post("/f/confirm/WzEsImEiXQ:wrong/").status_code == 404
    assert given() == []


def test_few_mails_go_to_one_address_and_none_to_what_looks_like_spam(mailed: WebForm) -> None:
    for place in range(5):
        sent(mailed, AGREED | {"name": f"周明{place}"}, nonce=f"{place:032}")
    sent(mailed, AGREED | {"mail": "other@yunshan.example", "contact_url": "x"}, nonce="e" * 32)
    take_all_in()
    assert [row.asked_at is not None for row in submissions()] == [True, True, True, False, False, False]


def test_a_form_cannot_wait_for_mails_that_nobody_sends(cast: Cast, form: WebForm) -> None:
    terms = settings_of(cast.alice.user_id, is_confirmed=True)
    with pytest.raises(RuleViolation) as refusal:
        edit_form(form.pk, terms, content(), actor=cast.dora)
    assert refusal.value.code == "form.no_mail"
    assert not unscoped(WebForm, reason=REASON).get(pk=form.pk).is_confirmed


def test_a_form_that_waits_for_mails_asks_everybody_for_an_address(cast: Cast, mailed: WebForm) -> None:
    terms = settings_of(cast.alice.user_id, is_confirmed=True)
    with pytest.raises(RuleViolation) as refusal:
        edit_form(mailed.pk, terms, content(), actor=cast.dora)
    assert refusal.value.code == "form.no_address"


def test_files_go_with_the_person_those_in_quarantine_too(with_file: WebForm, cast: Cast, tmp_path: Path) -> None:
    sent(with_file, ANSWERS | {"file": upload()})
    take_all_in()
    spam = ANSWERS | {"file": upload("other.pdf", b"%PDF other"), "contact_url": "http://spam.example"}
    sent(with_file, spam, nonce="c" * 32)
    stranger = {"name": "许南乔", "company": "青屿生物", "mobile": "13862009999", "contact_url": "x"}
    sent(with_file, stranger | {"file": upload("third.pdf", b"%PDF third")}, nonce="d" * 32)
    assert len(contents(tmp_path / "submissions")) == 3
    request = erase_subject("account", account().pk, reason="", actor=cast.dora)
    approve_erasure(request.pk, actor=system_actor("Second administrator"))
    write_erasure(request.pk)
    assert [file.name for file in files()] == ["third.pdf"]
    assert contents(tmp_path / "submissions") == [b"%PDF third"]


def test_whoever_knows_a_number_agrees_for_nobody_by_a_mailbox_of_his_own(mailed: WebForm, cast: Cast) -> None:
    sent(mailed, {"name": "周明", "company": "云杉", "mobile": "13862001234", "mail": MAIL})
    sent(mailed, AGREED | {"company": "云杉", "mail": "stranger@elsewhere.example"}, nonce="c" * 32)
    take_all_in()
    theirs, strangers = submissions()
    assert theirs.contact_id == strangers.contact_id
    mail_confirmation(strangers.pk)
    (letter,) = mail.outbox
    assert letter.to == ["stranger@elsewhere.example"]
    assert "Confirmed" in Client().post(link_of(str(letter.body))).content.decode()
    assert given() == []
    assert set(unscoped(ContactPoint, reason=REASON).values_list("consent", flat=True)) == {"unknown"}


@pytest.mark.parametrize(
    "address",
    ['"a"<victim@yunshan.example', "a<victim@yunshan.example", "a@b.example,victim@yunshan.example", "a@b@c.example"],
)
def test_an_address_is_one_address_alone(mailed: WebForm, address: str) -> None:
    assert sent(mailed, AGREED | {"mail": address}).status_code == 422
    assert submissions() == []
