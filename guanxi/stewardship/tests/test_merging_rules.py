"""Which of two values a merge offers."""

import pytest

from guanxi.stewardship.rules.merging import FULLER, KEPT, NEWER, ONLY_ONE, Choice, choice_of


@pytest.mark.parametrize(
    ("kept", "merged", "older", "choice"),
    [
        ("decides", "unknown", True, Choice(is_taken=False, reason=ONLY_ONE)),
        ("unknown", "decides", False, Choice(is_taken=True, reason=ONLY_ONE)),
        ("decides", "uses", True, Choice(is_taken=True, reason=NEWER)),
        ("decides", "uses", False, Choice(is_taken=False, reason=KEPT)),
    ],
)
def test_what_nobody_said_loses_to_any_answer(*, kept: str, merged: str, older: bool, choice: Choice) -> None:
    assert choice_of(kept, merged, key="decision_role", older=older, unsaid="unknown") == choice


def test_the_fuller_name_is_offered() -> None:
    found = choice_of("岚川仪器", "岚川精密仪器（苏州）有限公司", key="name", older=False)
    assert found == Choice(is_taken=True, reason=FULLER)
