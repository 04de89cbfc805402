"""Editions of the privacy notice: published they never change, and consents rest on the one in force."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.objects.erasing import REASON
from guanxi.stewardship import commands
from guanxi.stewardship.facade import NewConsent, note_consent
from guanxi.stewardship.models import ConsentRecord, NoticeEdition
from guanxi.stewardship.queries.notices import notice_in_force, notice_rows, resting_consents
from guanxi.stewardship.tests.test_privacy import agreed
from tests.cast import Cast, SignIn


def written(cast: Cast, *, days: int = 0, title: str = "隐私政策") -> NoticeEdition:
    """A draft that is in force in so many days."""
    values = {
        "effective_on": timezone.localdate() + timedelta(days=days),
        "title_zh": title,
        "text_zh": "我们如何使用您的信息。",
    }
    return commands.create_notice(values, actor=cast.dora)


def published(cast: Cast, *, days: int = 0) -> NoticeEdition:
    """An edition that Dora published."""
    return commands.publish_notice(written(cast, days=days).pk, actor=cast.dora)


def test_a_published_edition_never_changes(cast: Cast) -> None:
    notice = written(cast)
    commands.edit_notice(notice.pk, {"title_zh": "个人信息保护政策"}, actor=cast.dora)
    commands.publish_notice(notice.pk, actor=cast.dora)
    with pytest.raises(Conflict) as edited:
        commands.edit_notice(notice.pk, {"title_zh": "x"}, actor=cast.dora)
    with pytest.raises(Conflict) as again:
        commands.publish_notice(notice.pk, actor=cast.dora)
    assert (edited.value.code, again.value.code) == ("notice.published", "notice.published")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE stewardship_noticeedition SET title_zh = 'x' WHERE id = %s", [notice.pk])
    assert unscoped(NoticeEdition, reason=REASON).get().title_zh == "个人信息保护政策"


def test_an_edition_is_published_for_a_day_to_come_and_as_it_was_seen(cast: Cast) -> None:
    late = written(cast, days=-1)
    with pytest.raises(RuleViolation) as past:
        commands.publish_notice(late.pk, actor=cast.dora)
    with pytest.raises(Conflict) as changed:
        commands.publish_notice(late.pk, version=7, actor=cast.dora)
    assert (past.value.code, changed.value.code) == ("notice.day", "record.changed")
    with pytest.raises(AccessDenied):
        commands.publish_notice(late.pk, actor=cast.alice)
    assert notice_in_force(timezone.localdate()) is None


def test_the_edition_in_force_is_the_latest_whose_day_has_come(cast: Cast) -> None:
    first, second = published(cast), published(cast, days=10)
    written(cast, days=0)
    today = timezone.localdate()
    found = [notice_in_force(today + timedelta(days=days)) for days in (-1, 0, 9, 10)]
    assert found == [None, first, first, second]
    assert [(row.notice.number, row.is_in_force) for row in notice_rows(cast.dora, today=today)] == [
        (3, False),
        (2, False),
        (1, True),
    ]


def test_consents_rest_on_the_edition_in_force_or_shown(cast: Cast, new_account: Callable[..., Account]) -> None:
    account, other = new_account("甲"), new_account("乙")
    commands.record_consent(agreed(other, "given"), actor=cast.alice)
    first = published(cast)
    later = published(cast, days=10)
    draft = written(cast)
    consent = commands.record_consent(agreed(account, "given"), actor=cast.alice)
    assert consent.notice_id == first.pk
    shown = NewConsent(account.pk, None, "survey", "mail", True, timezone.now(), "Yes.", "/f/", notice_id=later.pk)
    note_consent(shown, actor=cast.alice)
    assert resting_consents(cast.dora) == {None: 1, first.pk: 1, later.pk: 1}
    unpublished = agreed(account, "given")
    unpublished.notice_id = draft.pk
    with pytest.raises(RuleViolation) as refusal:
        commands.record_consent(unpublished, actor=cast.alice)
    assert refusal.value.code == "consent.notice"
    assert commands.record_consent(agreed(account, "withdrawn"), actor=cast.alice).notice_id is None
    assert resting_consents(cast.dora) == {None: 1, later.pk: 1}
    assert resting_consents(cast.charlie) == {}
    assert unscoped(ConsentRecord, reason=REASON).count() == 4


def test_the_pages_write_publish_and_count(cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]) -> None:
    dora, account = sign_in(cast.dora), new_account()
    assert "No privacy notice yet" in dora.get(reverse("notices")).content.decode()
    form = {
        "effective_on": timezone.localdate().isoformat(),
        "title_zh": "隐私政策",
        "text_zh": "第一版",
        "title_en": "Notice",
    }
    assert dora.post(reverse("new_notice"), {**form, "text_zh": ""}).status_code == 422
    assert dora.post(reverse("new_notice"), form).status_code == 303
    notice = unscoped(NoticeEdition, reason=REASON).get()
    page = reverse("notice", args=[notice.pk])
    assert "第一版" in dora.get(page).content.decode()
    publish = reverse("publish_notice", args=[notice.pk])
    assert sign_in(cast.alice).post(publish, {"version": "1"}).status_code == 403
    assert dora.post(publish, {"version": "1"}).status_code == 303
    assert dora.get(reverse("edit_notice", args=[notice.pk])).status_code == 409
    commands.record_consent(agreed(account, "given"), actor=cast.alice)
    listed = dora.get(reverse("notices")).content.decode()
    assert ("In force" in listed, '<td class="r num">1</td>' in listed) == (True, True)
    assert "privacy notice 1" in sign_in(cast.alice).get(reverse("consents", args=[account.pk])).content.decode()
    assert sign_in(cast.alice).get(reverse("notices")).status_code == 403
