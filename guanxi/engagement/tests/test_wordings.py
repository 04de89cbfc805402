import pytest
from django.test import Client

from guanxi.engagement.choices import LANGUAGES, PLACEHOLDER_NAMES, REASON_NAMES
from guanxi.engagement.commands import reset_wording, save_wording
from guanxi.engagement.models import MessageTemplate
from guanxi.engagement.queries import own_wordings, wordings_in_force
from guanxi.engagement.rules import Place, marked, sample_draft, shipped_wording, shipped_wordings
from guanxi.engagement.rules.drafting import PLACEHOLDERS
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from tests.cast import Cast

REASON = "demo: the demo company is made by the system"
PLACE = Place("overdue", "zh", False, 2)
ADDRESS = "/settings/wordings/overdue/zh/formal/2/"
BODY = "{salutation}您好，我是{user_name}。"


def test_every_shipped_wording_has_a_name_for_its_place_and_reads_well_for_the_sample() -> None:
    assert set(PLACEHOLDER_NAMES) == set(PLACEHOLDERS)
    for (reason, language, is_close), texts in shipped_wordings().items():
        assert reason in REASON_NAMES
        assert language in LANGUAGES
        for variant, body in enumerate(texts, start=1):
            place = Place(reason, language, is_close, variant)
            text = sample_draft(place, body=body, user_name="林晓雯", company="启衡").text
            assert "{" not in text
            assert len(text) > 20


def test_placeholders_are_pieces_of_their_own() -> None:
    assert [(piece.text, piece.is_filled) for piece in marked("{salutation}您好，{days} 天")] == [
        ("{salutation}", True),
        ("您好，", False),
        ("{days}", True),
        (" 天", False),
    ]


def test_a_wording_of_the_house_replaces_the_shipped_one_until_it_is_set_back(cast: Cast) -> None:
    save_wording(PLACE, body=BODY, actor=cast.dora)
    save_wording(PLACE, body=f"{BODY}！", actor=cast.dora)
    assert wordings_in_force(cast.dora)["overdue", "zh", False][1] == f"{BODY}！"
    reset_wording(PLACE, actor=cast.dora)
    assert wordings_in_force(cast.dora)["overdue", "zh", False][1] == shipped_wording(PLACE)
    save_wording(PLACE, body=BODY, actor=cast.dora)
    assert own_wordings(cast.dora) == {PLACE: BODY}


def test_what_cannot_be_filled_or_has_no_place_or_no_right_is_refused(cast: Cast) -> None:
    with pytest.raises(RuleViolation) as refused:
        save_wording(PLACE, body="{name}您好", actor=cast.dora)
    assert refused.value.code == "template.placeholder"
    with pytest.raises(NotFound):
        save_wording(Place("overdue", "zh", False, 4), body=BODY, actor=cast.dora)
    for actor in (cast.alice, cast.bob, cast.token):
        with pytest.raises(AccessDenied):
            save_wording(PLACE, body=BODY, actor=actor)
    assert unscoped(MessageTemplate, reason=REASON).count() == 0


def test_the_pages_show_try_save_and_set_back(cast: Cast, client: Client) -> None:
    assert cast.dora.user_id
    client.login(username="dora@example.com", password="a-long-password")
    client.cookies["django_language"] = "en"
    page = client.get("/settings/wordings/?reason=overdue&language=zh").content.decode()
    assert page.count("wording-preview") == 0
    assert page.count('class="li wording"') == 6
    tried = client.post(f"{ADDRESS}preview/", {"body": BODY}).content.decode()
    assert "顾总" in tried
    assert "cannot be filled in" in client.post(f"{ADDRESS}preview/", {"body": "{x}"}).content.decode()
    refused = client.post(ADDRESS, {"body": "{x}"})
    assert refused.status_code == 422
    assert "cannot be filled in" in refused.content.decode()
    assert client.post(ADDRESS, {"body": BODY}).status_code == 303
    assert "Back to the shipped wording" in client.get(ADDRESS).content.decode()
    assert client.post(ADDRESS, {"reset": "1"}).status_code == 303
    assert own_wordings(cast.dora) == {}
    assert client.get("/settings/wordings/overdue/zh/formal/4/").status_code == 404


def test_the_pages_are_for_those_who_may(cast: Cast, client: Client) -> None:
    assert cast.alice.user_id
    client.login(username="alice@example.com", password="a-long-password")
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, {"body": BODY}).status_code == 403
