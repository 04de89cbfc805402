"""What a form can ask for, in its order, and what a form holds: fields and consents with their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldType

CHINESE = "zh-hans"
REACHING = ("mobile", "phone", "mail")
"""By these a visitor is found again."""


@dataclass(frozen=True, slots=True)
class OfferedField:
    """A field that forms can ask for.

    `target` is where the answer goes: account, contact, point or fact; `column` the column there, or the type of the
    point. `autofill` is the word by which browsers know it.
    """

    key: str
    target: str
    column: str
    label_zh: str
    label_en: str
    type: FieldType = FieldType.TEXT
    maximum_length: int = 80
    autofill: str = "off"


OFFERED: Mapping[str, OfferedField] = {
    item.key: item
    for item in (
        OfferedField("company", "account", "name", "单位名称", "Company", maximum_length=120, autofill="organization"),
        OfferedField("name", "contact", "name", "姓名", "Name", maximum_length=60, autofill="name"),
        OfferedField("title", "contact", "title", "职务", "Job title", autofill="organization-title"),
        OfferedField("department", "contact", "department", "部门", "Department"),
        OfferedField("mobile", "point", "mobile", "手机", "Mobile", FieldType.PHONE, 30, "tel"),
        OfferedField("phone", "point", "phone", "座机", "Telephone", FieldType.PHONE, 30, "tel"),
        OfferedField("mail", "point", "mail", "邮箱", "E-mail", FieldType.EMAIL, 120, "email"),
        OfferedField("wechat", "point", "wechat", "微信号", "WeChat id", maximum_length=60),
        OfferedField("industry", "account", "industry", "行业", "Industry"),
        OfferedField("size", "account", "size", "规模", "Size", maximum_length=40),
        OfferedField("region", "account", "region", "省份", "Region", autofill="address-level1"),
        OfferedField("city", "account", "city", "城市", "City", autofill="address-level2"),
        OfferedField("address", "account", "address", "地址", "Address", maximum_length=200, autofill="street-address"),
        OfferedField("website", "account", "website", "网址", "Website", maximum_length=200, autofill="url"),
        OfferedField("message", "fact", "note", "留言", "Message", FieldType.LONG_TEXT, 2000),
    )
}


@dataclass(frozen=True, slots=True)
class AskedField:
    """A field that a form asks for, with the words of the form."""

    key: str
    label_zh: str
    label_en: str
    is_required: bool = False

    def label(self, language: str) -> str:
        """What the form calls the field in a language."""
        return self.label_zh if language == CHINESE else self.label_en or self.label_zh

    @property
    def offered(self) -> OfferedField:
        """What the field is."""
        return OFFERED[self.key]


@dataclass(frozen=True, slots=True)
class AskedConsent:
    """A consent that a form asks for: purpose and channel, and the words that the visitor ticks."""

    purpose: str
    channel: str
    wording_zh: str
    wording_en: str
    is_required: bool = False

    def wording(self, language: str) -> str:
        """The words in a language."""
        return self.wording_zh if language == CHINESE else self.wording_en or self.wording_zh


def asked_fields(rows: Iterable[Mapping[str, object]]) -> tuple[AskedField, ...]:
    """Fields as an edition keeps them."""
    return tuple(
        AskedField(str(row["key"]), str(row["label_zh"]), str(row["label_en"]), bool(row["is_required"]))
        for row in rows
        if row["key"] in OFFERED
    )


def asked_consents(rows: Iterable[Mapping[str, object]]) -> tuple[AskedConsent, ...]:
    """Consents as an edition keeps them."""
    return tuple(
        AskedConsent(
            str(row["purpose"]),
            str(row["channel"]),
            str(row["wording_zh"]),
            str(row["wording_en"]),
            bool(row["is_required"]),
        )
        for row in rows
    )


def kept(items: Sequence[AskedField] | Sequence[AskedConsent]) -> list[dict[str, object]]:
    """Fields or consents in the form in which an edition keeps them."""
    return [asdict(item) for item in items]


def require_askable(fields: Sequence[AskedField], consents: Sequence[AskedConsent]) -> None:
    """A form asks for a name and for a way to reach the visitor, one of which must be filled in.

    Raises: RuleViolation("form.name" | "form.reach" | "form.twice" | "form.wording").
    """
    keys = [item.key for item in fields]
    required = {item.key for item in fields if item.is_required}
    if "name" not in required:
        raise RuleViolation("form.name", "A form asks for the name, and it must be filled in.")
    if required.isdisjoint(REACHING):
        raise RuleViolation(
            "form.reach", "Let a mobile number, a telephone number or an e-mail address be one that must be filled in."
        )
    if len(set(keys)) < len(keys):
        raise RuleViolation("form.twice", "A field is asked for once.")
    pairs = [(item.purpose, item.channel) for item in consents]
    if len(set(pairs)) < len(pairs):
        raise RuleViolation("form.wording", "Each purpose and channel is asked for once.")
