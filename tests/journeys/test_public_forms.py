"""A visitor who is nobody here fills in a form without scripts and says how to be contacted; no cookie stays."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from guanxi.customers.commands import add_contact
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.platform.access.grant import grant
from guanxi.portal.commands import create_form
from guanxi.portal.models import Submission
from guanxi.portal.queries.preferences import preference_url
from guanxi.portal.rules import spam
from guanxi.portal.tests.conftest import content, settings_of
from guanxi.stewardship.models import ConsentRecord
from tests.cast import Cast
from tests.journeys.conftest import faults_of


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing_grave_on_public_pages(
    width: int, scheme: str, browser: Browser, live_server: LiveServer, cast: Cast, new_account: Callable[..., Account]
) -> None:
    create_form(settings_of(cast.alice.user_id), content(), actor=cast.dora)
    person = Contact(account=new_account("云杉包装"), family_name="周", given_name="明")
    token = preference_url("contact", add_contact(person, actor=cast.alice).pk, root=live_server.url)
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="en-US", color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
    page, found = context.new_page(), []
    for address in (
        f"{live_server.url}/f/fair/",
        f"{live_server.url}/f/fair/thanks/",
        token,
        f"{live_server.url}/p/x/",
    ):
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        found += [f"{address}: {fault}" for fault in faults_of(page)]
    assert found == []
    assert context.cookies() == []
    context.close()


def test_a_visitor_needs_no_script(
    browser: Browser,
    live_server: LiveServer,
    cast: Cast,
    new_account: Callable[..., Account],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spam, "LEAST_SECONDS", 0)
    create_form(settings_of(cast.alice.user_id), content(), actor=cast.dora)
    contact = add_contact(Contact(account=new_account("云杉包装"), family_name="周", given_name="明"), actor=cast.alice)
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/f/fair/?utm_campaign=autumn")
    page.get_by_role("button", name="发送").click()
    assert page.locator(".has-error").count() == 2
    page.fill("#f_name", "陶思远")
    page.fill("#f_mobile", "13706290815")
    page.check("#f_consent-0")
    page.get_by_role("button", name="发送").click()
    page.wait_for_url("**/thanks/**")
    sent = Submission._base_manager.get()
    assert (sent.answers["name"], sent.ticked, sent.origin) == ("陶思远", [0], {"utm_campaign": "autumn"})
    page.goto(preference_url("contact", contact.pk, root=live_server.url))
    page.check("input[name=marketing-mail]")
    page.locator("button[value=save]").click()
    page.wait_for_url("**done=saved**")
    assert page.locator("input[name=marketing-mail]").is_checked()
    assert grant(cast.dora, ConsentRecord).queryset().get().channel == "mail"
    assert context.cookies() == []
    assert not grant(cast.dora, ContactPoint).queryset().exists()
    context.close()
