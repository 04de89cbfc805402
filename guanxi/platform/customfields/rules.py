"""What may be made: keys, names and choices of fields and objects. Pure functions."""

import re
from collections.abc import Collection, Sequence

from pypinyin import lazy_pinyin

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldType

MOST_FIELDS = 200
MOST_CHOICES = 200
MOST_ROLL_UPS = 20
MOST_TAGS = 200
PREFIX = "x_"
CHOSEN = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})


def in_both(chinese: str, english: str) -> tuple[str, str]:
    """A name in both languages; where one is missing, it is called the same in both.

    Raises: RuleViolation("customfields.name") for none at all.
    """
    chinese, english = chinese.strip(), english.strip()
    if not chinese and not english:
        raise RuleViolation("customfields.name", "Give it a name.", field="name_zh")
    return chinese or english, english or chinese


def key_from(name: str, *, taken: Collection[str]) -> str:
    """A key made of a name, by its pinyin where it is Chinese; numbered when it is taken."""
    plain = "_".join(lazy_pinyin(name)).lower()
    base = re.sub(r"_+", "_", re.sub(r"[^a-z0-9]+", "_", plain)).strip("_")[:40] or "field"
    key, number = f"{PREFIX}{base}", 2
    while key in taken:
        key, number = f"{PREFIX}{base}_{number}", number + 1
    return key


def read_choices(text: str, *, known: Sequence[tuple[str, str, str]] = ()) -> tuple[tuple[str, str, str], ...]:
    """Choices from lines "Chinese | English"; a line known by one of its names keeps its key.

    Raises: RuleViolation("customfields.choices") for none, too many, or the same one twice.
    """
    keys = {name: key for key, chinese, english in known for name in (english, chinese) if name}
    found: list[tuple[str, str, str]] = []
    for line in text.splitlines():
        chinese, _, english = (part.strip()[:60] for part in line.partition("|"))
        if not chinese:
            continue
        key = keys.get(chinese) or keys.get(english) or key_from(chinese, taken={item[0] for item in [*found, *known]})
        found.append((key, chinese, english or chinese))
    if not found or len(found) > MOST_CHOICES:
        raise RuleViolation(
            "customfields.choices", "Give 1 to %(most)s choices, one on each line.", most=MOST_CHOICES, field="choices"
        )
    if len({item[0] for item in found}) < len(found) or len({item[1] for item in found}) < len(found):
        raise RuleViolation("customfields.choices", "The same choice is there twice.", field="choices")
    return tuple(found)


def choices_text(choices: Sequence[tuple[str, str, str]]) -> str:
    """Choices as the lines that `read_choices` reads."""
    return "\n".join(chinese if chinese == english else f"{chinese} | {english}" for _, chinese, english in choices)
