import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.platform.access.grant import grant
from guanxi.portal.commands import edit_form
from guanxi.portal.models import FormEdition, WebForm
from guanxi.portal.tests.conftest import ANSWERS, Sender, content, settings_of, submissions, take_all_in, ticket
from guanxi.portal.views import public
from guanxi.stewardship.commands import create_notice, publish_notice
from guanxi.stewardship.models import ConsentRecord
from tests.cast import Cast, SignIn


def test_the_page_speaks_the_language_of_the_browser_and_sets_no_cookie(form: WebForm) -> None:
    english = Client().get("/f/fair/", headers={"accept-language": "en"})
    chinese = Client().get("/f/fair/", headers={"accept-language": "zh-CN"})
    assert "Book a demonstration" in english.content.decode()
    assert "预约演示" in chinese.content.decode()
    assert (
        "Book a demonstration" in Client().get("/f/fair/?lang=en", headers={"accept-language": "zh"}).content.decode()
    )
    for path in ("/f/fair/", "/f/fair/thanks/", "/f/fair/embed/", "/p/wrong/"):
        assert Client().get(path).cookies == {}
    assert "<script" not in re.sub(r'<script src="[^"]*theme[^"]*"></script>', "", english.content.decode())


def test_a_page_that_was_opened_is_sent_by_its_own_ticket(form: WebForm, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Client().get("/f/fair/?lang=en&utm_source=mail&utm_campaign=%3Cb%3E").content.decode()
    word = re.search(r'name="ticket" value="([^"]+)"', shown)
    assert word is not None
    assert 'name="utm_campaign" value="&lt;b&gt;"' in shown
    monkeypatch.setattr(public, "timezone", _later())
    assert Client().post("/f/fair/", {"ticket": word[1], **ANSWERS, "utm_source": "mail"}).status_code == 303
    assert (submissions()[0].signs, submissions()[0].origin) == ([], {"utm_source": "mail"})


def _later() -> object:
    class Later:
        @staticmethod
        def now() -> object:
            return timezone.now() + timedelta(seconds=20)

    return Later


@pytest.mark.parametrize("word", ["", "x", "a.b.c", "W10:1abc:xyz"])
def test_without_a_ticket_of_ours_nothing_is_stored(form: WebForm, word: str) -> None:
    answer = Client().post("/f/fair/?lang=en", {"ticket": word, **ANSWERS})
    assert (answer.status_code, submissions()) == (422, [])
    assert 'value="周明"' in answer.content.decode()  # what was typed stays


def test_a_ticket_of_another_form_is_none(cast: Cast, form: WebForm) -> None:
    word = ticket(form)
    edit_form(form.pk, settings_of(cast.alice.user_id, slug="other"), content(), actor=cast.dora)
    FormEdition.objects.update(form=form)
    assert Client().post("/f/fair/", {"ticket": word, **ANSWERS}).status_code == 404
    assert submissions() == []


def test_a_page_that_was_open_too_long_is_looked_at_again(form: WebForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "MOST_AGE_SECONDS", -1)
    assert Client().post("/f/fair/", {"ticket": ticket(form), **ANSWERS}).status_code == 422
    assert submissions() == []


def test_what_is_wrong_is_told_in_its_place(form: WebForm) -> None:
    answer = Client().post("/f/fair/?lang=en", {"ticket": ticket(form), **ANSWERS, "mobile": "138", "name": " "})
    text = answer.content.decode()
    assert (answer.status_code, submissions()) == (422, [])
    assert "too few or too many digits" in text
    assert "想了解检测仪" in text


def test_a_required_consent_must_be_ticked(cast: Cast, form: WebForm) -> None:
    asked = content().consents[0]
    required = type(asked)(asked.purpose, asked.channel, asked.wording_zh, asked.wording_en, is_required=True)
    edit_form(form.pk, settings_of(cast.alice.user_id), content(consents=(required,)), actor=cast.dora)
    assert Client().post("/f/fair/", {"ticket": ticket(form), **ANSWERS}).status_code == 422
    assert Client().post("/f/fair/", {"ticket": ticket(form), **ANSWERS, "consent-0": "on"}).status_code == 303


def test_too_much_is_refused_whole(form: WebForm) -> None:
    answer = Client().post("/f/fair/", {"ticket": ticket(form), **ANSWERS, "message": "x" * 70_000})
    assert (answer.status_code, submissions()) == (413, [])


def test_many_from_one_address_are_held_back_then_refused(send: Sender, form: WebForm) -> None:
    states = [send({**ANSWERS, "message": f"Nr. {number}"}).status_code for number in range(32)]
    assert states == [303] * 30 + [429, 429]
    held = [item.state for item in submissions()]
    assert held == ["received"] * 5 + ["held"] * 25
    other = Client(REMOTE_ADDR="203.0.113.8").post("/f/fair/", {"ticket": ticket(form), **ANSWERS})
    assert (other.status_code, submissions()[-1].state) == (303, "received")


def test_only_sites_that_the_form_names_may_show_it(cast: Cast, form: WebForm) -> None:
    framed, alone = Client().get("/f/fair/embed/"), Client().get("/f/fair/")
    assert "frame-ancestors https://www.example.com" in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    assert "frame-ancestors 'none'" in alone.headers["Content-Security-Policy"]
    assert alone.headers["X-Frame-Options"] == "DENY"
    edit_form(form.pk, settings_of(cast.alice.user_id, sites=()), content(), actor=cast.dora)
    assert "frame-ancestors 'none'" in Client().get("/f/fair/embed/").headers["Content-Security-Policy"]


def test_it_leads_to_the_page_that_the_form_names_and_nowhere_else(cast: Cast, form: WebForm, send: Sender) -> None:
    words = content(redirect_url="https://www.example.com/thanks")
    edit_form(form.pk, settings_of(cast.alice.user_id), words, actor=cast.dora)
    assert send(next="https://evil.example/").headers["Location"] == "https://www.example.com/thanks"
    shown = Client().get("/f/fair/")
    assert "form-action 'self' https://www.example.com" in shown.headers["Content-Security-Policy"]
    WebForm._base_manager.update(sites=["https://another.example"])
    assert send(message="2").headers["Location"] == "/f/fair/thanks/?lang=en"


def test_a_closed_form_takes_nothing(cast: Cast, form: WebForm) -> None:
    word = ticket(form)
    edit_form(form.pk, settings_of(cast.alice.user_id, is_open=False), content(), actor=cast.dora)
    assert Client().get("/f/fair/").status_code == 404
    assert Client().post("/f/fair/", {"ticket": word, **ANSWERS}).status_code == 404
    assert submissions() == []


def test_what_a_visitor_wrote_is_text_wherever_it_is_read(
    send: Sender, sign_in: SignIn, cast: Cast, form: WebForm
) -> None:
    send({**ANSWERS, "message": "<img src=x onerror=alert(1)>"})
    shown = sign_in(cast.dora).get("/forms/quarantine/").content.decode()
    assert "&lt;img src=x" in shown
    assert "<img src=x" not in shown


def test_a_form_is_built_moved_and_saved(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.dora)
    typed = {
        "title_zh": "留言",
        "title_en": "Write to us",
        "slug": "write",
        "owner_way": "fixed",
        "owner": cast.alice.user_id,
        "is_open": "on",
        "order": ["name", "mail", "city"],
        "ask-name": "on",
        "ask-mail": "on",
        "must-name": "on",
        "must-mail": "on",
        "zh-name": "怎么称呼您",
        "line-0-purpose": "survey",
        "line-0-channel": "mail",
        "line-0-wording_zh": "同意接受回访",
        **{
            f"line-{n}-{key}": value
            for n in (1, 2, 3)
            for key, value in (("purpose", "marketing"), ("channel", "mail"))
        },
    }
    moved = client.post("/forms/new/", typed | {"do": "up.mail"})
    assert moved.status_code == 200
    order = re.findall(r'name="order" value="([a-z]+)"', moved.content.decode())
    assert order[:3] == ["mail", "name", "city"]
    assert not WebForm._base_manager.exists()
    assert client.post("/forms/new/", typed | {"do": "save", "order": order}).status_code == 303
    edition = FormEdition.objects.get()
    assert [item.key for item in edition.asked] == ["mail", "name"]
    assert (edition.asked[1].label_zh, edition.consented[0].purpose) == ("怎么称呼您", "survey")
    assert client.post("/forms/new/", typed | {"do": "save"}).status_code == 422  # the address is taken
    wrong = client.post("/forms/new/", typed | {"do": "save", "slug": "third", "sites": "*"})
    assert (wrong.status_code, WebForm._base_manager.count()) == (422, 1)


def test_the_pages_of_a_form_are_for_who_may_see_forms(cast: Cast, sign_in: SignIn, form: WebForm) -> None:
    for path in (
        "/forms/",
        f"/forms/{form.pk}/",
        f"/forms/{form.pk}/edit/",
        "/forms/quarantine/",
        f"/forms/{form.pk}/qr.svg",
    ):
        assert sign_in(cast.dora).get(path).status_code == 200
        assert sign_in(cast.alice).get(path).status_code == 403
        assert Client().get(path).status_code == 302
    code = sign_in(cast.dora).get(f"/forms/{form.pk}/qr.svg")
    assert code.headers["Content-Type"] == "image/svg+xml"


def test_the_number_of_queries_does_not_follow_what_came_in(
    cast: Cast, sign_in: SignIn, send: Sender, form: WebForm
) -> None:
    client = sign_in(cast.dora)
    client.get("/forms/quarantine/")
    counts = []
    for _round in range(2):
        for number in range(3):
            send({**ANSWERS, "message": f"{_round} {number}"}, contact_url="x")
        with CaptureQueriesContext(connection) as captured:
            client.get("/forms/quarantine/")
            client.get("/forms/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def published(cast: Cast, title: str) -> int:
    """The id of an edition of the privacy notice that is in force."""
    values = {
        "effective_on": timezone.localdate(),
        "title_zh": title,
        "text_zh": f"{title}的正文",
        "title_en": "Notice",
    }
    return publish_notice(create_notice(values, actor=cast.dora).pk, actor=cast.dora).pk


def test_consents_keep_the_notice_to_which_the_page_led(
    cast: Cast, form: WebForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "privacy-notice" not in Client().get("/f/fair/").content.decode()
    shown = published(cast, "第一版")
    page = Client().get("/f/fair/?lang=en").content.decode()
    assert 'href="/privacy-notice/1/?lang=en"' in page
    word = re.search(r'name="ticket" value="([^"]+)"', page)
    assert word is not None
    published(cast, "第二版")
    monkeypatch.setattr(public, "timezone", _later())
    assert Client().post("/f/fair/", {"ticket": word[1], **ANSWERS, "consent-0": "on"}).status_code == 303
    take_all_in()
    assert grant(cast.dora, ConsentRecord).queryset().get().notice_id == shown


def test_a_published_edition_is_read_by_everybody_and_a_draft_by_nobody(cast: Cast) -> None:
    published(cast, "第一版")
    create_notice({"effective_on": timezone.localdate(), "title_zh": "草稿", "text_zh": "草稿"}, actor=cast.dora)
    answer = Client().get("/privacy-notice/1/?lang=zh")
    assert (answer.status_code, "第一版的正文" in answer.content.decode(), answer.cookies == {}) == (200, True, True)
    assert [Client().get(f"/privacy-notice/{number}/").status_code for number in (2, 3)] == [404, 404]
