"""What the tests of the portal play with: an open form, and a visitor who fills it in."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.portal.choices import OwnerWay
from guanxi.portal.commands import FormContent, FormSettings, create_form, take_in
from guanxi.portal.models import FormEdition, Submission, WebForm
from guanxi.portal.queries.submissions import HELD_REASON
from guanxi.portal.rules.fields import OFFERED, AskedConsent, AskedField
from guanxi.portal.views.public import SALT
from tests.cast import Cast

Sender = Callable[..., HttpResponse]
ANSWERS = {"name": "周明", "company": "苏州云杉包装有限公司", "mobile": "13862001234", "message": "想了解检测仪"}


def asked(*keys: str, required: tuple[str, ...] = ("name", "mobile")) -> tuple[AskedField, ...]:
    """Fields with their own words."""
    return tuple(AskedField(key, OFFERED[key].label_zh, OFFERED[key].label_en, key in required) for key in keys)


def settings_of(owner_id: int | None, **values: object) -> FormSettings:
    """The settings of a form that gives its customers to one person."""
    held: dict[str, object] = {
        "slug": "fair",
        "is_open": True,
        "sites": ("https://www.example.com",),
        "source": "展会",
        "owner_way": OwnerWay.FIXED,
        "owner_id": owner_id,
        "unit_id": None,
        "pool_id": None,
    }
    return FormSettings(**(held | values))  # type: ignore[arg-type]  # tests name the fields


def content(**values: object) -> FormContent:
    """The words of a form with one consent."""
    consent = AskedConsent("marketing", "sms", "同意接收短信通知", "You may send me text messages")
    held: dict[str, object] = {
        "title_zh": "预约演示",
        "title_en": "Book a demonstration",
        "introduction_zh": "留下联系方式",
        "introduction_en": "Leave your number",
        "thanks_zh": "谢谢，我们会联系您",
        "thanks_en": "We will call you",
        "redirect_url": "",
        "fields": asked("name", "company", "mobile", "mail", "city", "message"),
        "consents": (consent,),
    }
    return FormContent(**(held | values))  # type: ignore[arg-type]  # as above


@pytest.fixture
def form(cast: Cast) -> WebForm:
    """An open form whose customers go to Alice."""
    return create_form(settings_of(cast.alice.user_id), content(), actor=cast.dora)


def ticket(form: WebForm, *, age_seconds: int = 60, nonce: str = "a" * 32) -> str:
    """The signed word of a page that has been open for a while."""
    edition = FormEdition.objects.filter(form=form).order_by("-number").first()
    assert edition is not None
    opened = timezone.now() - timedelta(seconds=age_seconds)
    return signing.dumps([edition.pk, nonce, int(opened.timestamp())], salt=SALT)


@pytest.fixture
def send(form: WebForm) -> Sender:
    """Send the form as a visitor does."""
    sent = iter(range(1_000))

    def post(answers: Mapping[str, str] | None = None, **values: str) -> HttpResponse:
        held = {"ticket": ticket(form, nonce=f"{next(sent):032}")} | dict(answers or ANSWERS) | values
        return Client(REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="Testfox").post(f"/f/{form.slug}/?lang=en", held)  # type: ignore[return-value]  # the test client's answer

    return post


def submissions() -> list[Submission]:
    """All that came in, in its order."""
    return list(unscoped(Submission, reason=HELD_REASON).order_by("pk"))


def take_all_in() -> None:
    """Do what the reaction does in the background."""
    for submission in submissions():
        take_in(submission.pk, actor=system_actor("Tests"))
