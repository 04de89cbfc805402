import pytest

from guanxi.engagement.rules import Person, draft, require_placeholders, salutation, shipped_wordings
from guanxi.engagement.rules.drafting import PLACEHOLDER, PLACEHOLDERS
from guanxi.kernel.errors import RuleViolation

VALUES = {"user_name": "林晓雯", "company": "启衡", "account": "岚川精密", "days": "47", "category": "过滤膜"}
VALUES |= {"occasion": "生日", "day": "后天"}


@pytest.mark.parametrize(
    ("person", "language", "expected"),
    [
        (Person("顾", "明哲", "采购总监"), "zh-hans", "顾总"),
        (Person("沈", "若溪", "设备科长"), "zh-hans", "沈科长"),
        (Person("欧阳", "静", "生产副总"), "zh-hans", "欧阳总"),
        (Person("王", "芳", "女士"), "zh-hans", "王女士"),
        (Person("周", "砚秋"), "zh-hans", ""),
        (Person("Smith", "Mary", "Buyer"), "zh-hans", ""),
        (Person("周", "砚秋", "", "周老师"), "zh-hans", "周老师"),
        (Person("Smith", "Mary", "Ms"), "en", "Ms Smith"),
        (Person("Smith", "Mary", "Buyer"), "en", "Mary Smith"),
        (Person("周", "砚秋"), "en", "周砚秋"),
        (Person(), "en", ""),
    ],
)
def test_people_are_addressed_as_their_language_does(person: Person, language: str, expected: str) -> None:
    assert salutation(person, language=language) == expected


def test_every_reason_has_three_wordings_in_both_languages_and_bands() -> None:
    wordings = shipped_wordings()
    reasons = {reason for reason, _, _ in wordings}
    assert reasons == {"overdue", "falling", "date", "replenishment"}
    for reason in reasons:
        for language in ("zh", "en"):
            for is_close in (False, True):
                texts = wordings[reason, language, is_close]
                assert len(set(texts)) >= 3
                assert all(set(PLACEHOLDER.findall(text)) <= PLACEHOLDERS for text in texts)
                assert not any("！" in text or "!" in text for text in texts)


def test_a_draft_is_filled_and_marks_what_was_filled() -> None:
    person = Person("顾", "明哲", "采购总监")
    found = draft(
        "replenishment",
        wordings=shipped_wordings(),
        person=person,
        closeness=0,
        language="zh-hans",
        variant=2,
        values=VALUES,
    )
    sentences = (
        "顾总您好，启衡林晓雯。",
        "您上次买过滤膜已经 47 天了，不知还剩多少？",
        "要补的话，今天下单我来安排尽快送到。",
    )
    assert found.text == "".join(sentences)
    assert [piece.text for piece in found.pieces if piece.is_filled] == [
        "顾总",
        "启衡",
        "林晓雯",
        "过滤膜",
        "47",
    ]
    assert (found.variant, found.variants) == (2, 3)


def test_variants_start_again_and_closeness_changes_the_tone() -> None:
    first, fourth, close = (
        draft(
            "overdue",
            wordings=shipped_wordings(),
            person=Person(),
            closeness=closeness,
            language="en",
            variant=variant,
            values=VALUES,
        )
        for closeness, variant in ((0, 1), (0, 4), (3, 1))
    )
    assert first == fourth != close
    assert first.text.startswith("Hello, this is 林晓雯 of 启衡.")


def test_a_sentence_that_cannot_be_filled_is_left_out() -> None:
    found = draft(
        "overdue",
        wordings=shipped_wordings(),
        person=Person(),
        closeness=0,
        language="zh-hans",
        variant=2,
        values=VALUES | {"days": ""},
    )
    assert found.text == "您好，启衡林晓雯。最近有没有什么需要我们配合的地方，您随时告诉我。"


def test_unknown_placeholders_are_refused() -> None:
    require_placeholders("{salutation}您好")
    with pytest.raises(RuleViolation, match="cannot be filled in"):
        require_placeholders("{nickname}您好")
