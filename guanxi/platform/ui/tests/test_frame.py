import json

import pytest
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.sessions import SessionStore
from guanxi.platform.ui import navigation
from guanxi.platform.ui.context import Link, LinkGroup, navigation_markup, shell_of
from guanxi.platform.ui.errors import ErrorMiddleware, sentence_of, server_error
from guanxi.platform.ui.navigation import NavigationEntry, navigation_for, register_navigation
from guanxi.platform.ui.responses import is_fragment_request, with_toast
from guanxi.platform.ui.views import set_display

ALICE = Actor(user_id=1, name="林晓雯", surface=Surface.WEB)


@pytest.fixture
def no_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_entries", {})


def request_of(path: str = "/", **cookies: str) -> HttpRequest:
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    request.actor = ALICE  # type: ignore[attr-defined]  # set by the middleware in the product
    return request


@pytest.mark.django_db
@pytest.mark.usefixtures("no_entries")
def test_entries_come_in_order_and_only_if_allowed() -> None:
    register_navigation(
        NavigationEntry("b", "B", "sun", "set_language", order=2),
        NavigationEntry("a", "A", "sun", "set_display", order=1),
        NavigationEntry("c", "C", "sun", "more", is_shown=lambda _: False),
    )
    assert [entry.key for entry in navigation_for(ALICE)] == ["a", "b"]
    with pytest.raises(ValueError, match="registered twice"):
        register_navigation(NavigationEntry("a", "A", "sun", "more"))


@pytest.mark.django_db
@pytest.mark.usefixtures("no_entries")
def test_the_longest_matching_address_is_current() -> None:
    register_navigation(
        NavigationEntry("more", "More", "sun", "more", count=lambda _: 18, tab_order=1),
        NavigationEntry("display", "Display", "sun", "set_display", group="Settings"),
    )
    shell = shell_of(request_of("/more/deeper/"))
    assert [(link.key, link.is_current, link.count) for group in shell.groups for link in group.links] == [
        ("display", False, None),
        ("more", True, 18),
    ]
    assert [link.key for link in shell.tabs] == ["more"]


@pytest.mark.django_db
def test_cookies_decide_theme_and_density_and_nonsense_is_ignored() -> None:
    shell = shell_of(request_of(theme="dark", density="compact"))
    assert (shell.theme, shell.theme_choice, shell.density) == ("dark", "dark", "compact")
    shell = shell_of(request_of(theme='"><script>', density="huge"))
    assert (shell.theme, shell.theme_choice, shell.density) == ("light", "system", "comfortable")


def test_nobody_signed_in_sees_no_entries() -> None:
    shell = shell_of(RequestFactory().get("/"))
    assert (shell.groups, shell.creations, shell.user_name) == ((), (), "")


def test_display_choices_are_kept_and_lead_back_to_own_pages_only() -> None:
    response = set_display(RequestFactory().post("/display/", {"theme": "dark", "next": "/a/?q=1"}))
    assert (response.status_code, response["Location"]) == (303, "/a/?q=1")
    assert response.cookies["theme"].value == "dark"
    assert "density" not in response.cookies
    response = set_display(RequestFactory().post("/display/", {"theme": "x", "next": "https://elsewhere.example/"}))
    assert response["Location"] == "/"
    assert "theme" not in response.cookies


def test_a_boosted_link_asks_for_the_whole_page() -> None:
    factory = RequestFactory()
    assert is_fragment_request(factory.get("/", headers={"HX-Request": "true"}))
    assert not is_fragment_request(factory.get("/", headers={"HX-Request": "true", "HX-Boosted": "true"}))
    assert not is_fragment_request(factory.get("/"))


def test_a_toast_joins_other_triggers_and_survives_chinese() -> None:
    response = HttpResponse(headers={"HX-Trigger": '{"counted": true}'})
    with_toast(response, "已完成", undo_url="/undo/7/")
    assert response["HX-Trigger"].isascii()
    assert json.loads(response["HX-Trigger"]) == {
        "counted": True,
        "toast": {"message": "已完成", "undo": "/undo/7/", "tone": ""},
    }


def test_an_error_becomes_a_toast_for_htmx_in_the_language_of_the_person() -> None:
    error = AccessDenied("access.read_only", "This sign-in may only read.")
    request = RequestFactory().post("/x/", headers={"HX-Request": "true"})
    with translation.override("zh-hans"):
        response = ErrorMiddleware(lambda _: HttpResponse()).process_exception(request, error)
    assert response is not None
    assert (response.status_code, response["HX-Reswap"]) == (403, "none")
    assert json.loads(response["HX-Trigger"])["toast"]["message"] == "这个登录只能查看。"


def test_other_exceptions_pass() -> None:
    middleware = ErrorMiddleware(lambda _: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), ValueError("x")) is None


def test_the_sentence_of_an_error_is_filled() -> None:
    error = AccessDenied("access.field", "You may not change “%(field)s”.", field="税号")
    with translation.override("zh-hans"):
        assert sentence_of(error) == "您不能修改“税号”。"


def test_an_unforeseen_error_has_a_page_that_asks_the_database_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(navigation, "_entries", {})
    register_navigation(NavigationEntry("a", "A", "sun", "more", count=lambda _: User.objects.count()))
    request = request_of("/accounts/")
    request.session = SessionStore("a-session-that-is-not-loaded-yet")
    MessageMiddleware(lambda _: HttpResponse()).process_request(request)
    with translation.override("en"):
        answer = server_error(request)
    page = answer.content.decode()
    assert (answer.status_code, "Something broke on the server" in page) == (500, True)
    assert caplog.messages[-1].split()[1] in page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_when_the_database_does_not_answer_every_page_says_so_in_style(language: str, client: Client) -> None:
    client.raise_request_exception = False
    client.cookies["sessionid"], client.cookies["django_language"] = "a" * 32, language
    for address in ("/", "/accounts/", "/accounts/1/"):
        answer = client.get(address)
        page = answer.content.decode()
        assert (answer.status_code, "guanxi/tokens.css" in page) == (500, True)
        assert ("服务器出错了" if language == "zh-hans" else "Something broke on the server") in page


def test_beyond_a_thousand_a_figure_is_not_told_exactly() -> None:
    with translation.override("en"):
        shown = [
            navigation_markup((LinkGroup("", (Link("a", "A", "sun", "/a/", count=count),)),))
            for count in (1_000, 2_018)
        ]
    assert ['<span class="n">1,000</span>' in shown[0], '<span class="n">1,000+</span>' in shown[1]] == [True, True]
