"""How a customer is addressed."""

from dataclasses import dataclass

from guanxi.kernel.names import full_name

SHORT_TITLES = (
    ("董事长", "董"),
    ("总经理", "总"),
    ("总监", "总"),
    ("总裁", "总"),
    ("副总", "总"),
    ("总工程师", "工"),
    ("工程师", "工"),
    ("科长", "科长"),
    ("处长", "处长"),
    ("局长", "局长"),
    ("主任", "主任"),
    ("院长", "院长"),
    ("校长", "校长"),
    ("厂长", "厂长"),
    ("店长", "店长"),
    ("经理", "经理"),
    ("主管", "主管"),
    ("教授", "教授"),
    ("医生", "医生"),
    ("老师", "老师"),
    ("女士", "女士"),
    ("先生", "先生"),
)
DOUBLE_FAMILY_NAMES = frozenset({"欧阳", "上官", "司马", "诸葛", "司徒", "皇甫", "东方", "尉迟", "令狐", "夏侯"})
ENGLISH_TITLES = ("Mr", "Ms", "Mrs", "Miss", "Dr", "Prof")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is addressed. `salutation` is what the account manager noted and wins over everything else."""

    family_name: str = ""
    given_name: str = ""
    title: str = ""
    salutation: str = ""


def salutation(person: Person, *, language: str) -> str:
    """How to address the person in a language; "" when nothing fitting is known.

    Chinese: 姓 + short title (顾总, 沈科长). English: Mr, Ms, Dr with the family name, else the full name.
    """
    if person.salutation:
        return person.salutation
    return _chinese(person) if language.startswith("zh") else _english(person)


def _chinese(person: Person) -> str:
    """The family name with the short form of the title; without a title we know, "" (the wording says 您好
    alone)."""
    if not person.family_name or person.family_name.isascii():
        return ""
    family_name = family_name_of(person.family_name)
    short = next((short for title, short in SHORT_TITLES if title in person.title), "")
    return family_name + short if short else ""


def family_name_of(name: str) -> str:
    """The family name at the head of a Chinese name that may hold the given name as well."""
    return name[:2] if name[:2] in DOUBLE_FAMILY_NAMES else name[:1]


def _english(person: Person) -> str:
    title = next((title for title in ENGLISH_TITLES if person.title.split(" ")[0].rstrip(".") == title), "")
    if title:
        return f"{title} {person.family_name}"
    return full_name(person.family_name, person.given_name)
