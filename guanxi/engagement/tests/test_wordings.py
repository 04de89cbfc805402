import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from guanxi.engagement.choices import LANGUAGES, PLACEHOLDER_NAMES, REASON_NAMES
from guanxi.engagement.commands import reset_wording, save_wording
from guanxi.engagement.models import MessageTemplate
from guanxi.engagement.queries import kept_wordings, own_wordings, wordings_in_force
from guanxi.engagement.rules import Place, marked, sample_draft, shipped_wording, shipped_wordings
from guanxi.engagement.rules.drafting import PLACEHOLDERS
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id
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


def test_two_people_do_not_overwrite_a_wording_unseen(cast: Cast, client: Client) -> None:
    client.login(username="dora@example.com", password="a-long-password")
    client.cookies["django_language"] = "en"
    assert b'name="version" value="0"' in client.get(ADDRESS).content
    assert client.post(ADDRESS, {"body": BODY, "version": "0"}).status_code == 303
    for unseen in ({"body": "{salutation}，早上好。"}, {"body": BODY, "reset": "1"}):
        told = client.post(ADDRESS, {**unseen, "version": "0"})
        assert (told.status_code, b'name="version" value="1"' in told.content) == (422, True)
        assert "Somebody changed this record while you edited." in told.content.decode()
        assert unseen["body"] in told.content.decode()
        assert own_wordings(cast.dora) == {PLACE: BODY}
    assert client.post(ADDRESS, {"reset": "1", "version": "1"}).status_code == 303
    assert b'name="version" value="2"' in client.get(ADDRESS).content
    assert client.post(ADDRESS, {"body": BODY, "version": "1"}).status_code == 422
    assert own_wordings(cast.dora) == {}


def test_kept_wordings_are_those_of_the_rights_that_one_has(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    save_wording(PLACE, body=BODY, actor=cast.dora)
    assert kept_wordings(cast.dora)["overdue", "zh", False][1] == BODY
    assert kept_wordings(cast.alice)["overdue", "zh", False][1] == shipped_wording(PLACE)
    rows = {("message_template", "view"): "everyone"}
    for role in ("staff", "manager"):
        define_role(role, name=role, rows=rows, fields={}, actor=cast.dora)
    assert cast.alice.user_id is not None
    assert cast.bob.user_id is not None
    alice, bob = (actor_by_user_id(user_id) for user_id in (cast.alice.user_id, cast.bob.user_id))
    kept_wordings(alice)
    with django_assert_num_queries(0):
        assert kept_wordings(alice)["overdue", "zh", False][1] == BODY
        assert kept_wordings(bob) == kept_wordings(alice)


@pytest.mark.parametrize("variant", ["0", "4", "9" * 19, "9" * 40])
def test_there_is_no_wording_at_a_place_that_is_none(variant: str, cast: Cast, client: Client) -> None:
    assert cast.dora.user_id
    client.login(username="dora@example.com", password="a-long-password")
    for place in (f"overdue/zh/formal/{variant}", f"nonsense/zh/formal/{variant}", f"overdue/xx/formal/{variant}"):
        for address in (f"/settings/wordings/{place}/", f"/settings/wordings/{place}/preview/"):
            assert client.post(address, {"body": BODY}).status_code == 404, address
    assert client.get("/settings/wordings/overdue/zh/nonsense/1/").status_code == 404
    assert own_wordings(cast.dora) == {}
