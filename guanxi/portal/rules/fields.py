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

    `target` is where the answer goes: account, contact, point, fact or file; `column` the column there, or the type of
    the point. `autofill` is the word by which browsers know it. `choices` are [value, Chinese, English] in their order.
    """

    key: str
    target: str
    column: str
    label_zh: str
    label_en: str
    type: FieldType = FieldType.TEXT
    maximum_length: int = 80
    autofill: str = "off"
    choices: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_made(self) -> bool:
        """Whether people made the field; its column is a key of the record's own values."""
        return MADE_MARK in self.key

    def words(self, text: str, language: str) -> str:
        """An answer in words: what was chosen by its name, several with commas."""
        if self.type is FieldType.BOOLEAN:
            return YES[language == CHINESE] if text == "true" else NO[language == CHINESE]
        if not self.choices:
            return text
        names = {value: chinese if language == CHINESE else english for value, chinese, english in self.choices}
        separator = "、" if language == CHINESE else ", "
        return separator.join(names.get(value, value) for value in text.split(SEVERAL))


MADE_MARK = "-"
"""Between the object and the key of a field that people made: account-x_size."""

SEVERAL = "\n"
"""Between several values of one answer."""

YES, NO = ("Yes", "是"), ("No", "否")
MADE_TYPES = frozenset(
    {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.INTEGER,
        FieldType.NUMBER,
        FieldType.MONEY,
        FieldType.BOOLEAN,
        FieldType.DATE,
        FieldType.CHOICE,
        FieldType.MULTI_CHOICE,
    }
)
"""The types of made fields that a visitor can answer; links and files of the house are none of his."""

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
        OfferedField("file", "file", "", "附件", "File", FieldType.FILE, 200),
    )
}


@dataclass(frozen=True, slots=True)
class AskedField:
    """A field that a form asks for, with the words of the form."""

    key: str
    label_zh: str
    label_en: str
    is_required: bool = False
    made: OfferedField | None = None

    def label(self, language: str) -> str:
        """What the form calls the field in a language."""
        return self.label_zh if language == CHINESE else self.label_en or self.label_zh

    @property
    def offered(self) -> OfferedField:
        """What the field is; one that people made is as it was when the edition was written."""
        return self.made if self.made is not None else OFFERED[self.key]


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
        AskedField(
            str(row["key"]),
            str(row["label_zh"]),
            str(row["label_en"]),
            bool(row["is_required"]),
            _made(row.get("made")),
        )
        for row in rows
        if row["key"] in OFFERED or row.get("made")
    )


def _made(kept_field: object) -> OfferedField | None:
    """A made field as an edition keeps it."""
    if not isinstance(kept_field, dict):
        return None
    choices = tuple((str(value), str(chinese), str(english)) for value, chinese, english in kept_field["choices"])
    return OfferedField(**{**kept_field, "type": FieldType(kept_field["type"]), "choices": choices})


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
    rows = [asdict(item) for item in items]
    return [{name: value for name, value in row.items() if name != "made" or value is not None} for row in rows]


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


def require_confirmable(fields: Sequence[AskedField], *, is_mail_ready: bool) -> None:
    """Consents can wait for a mail where mail can be sent and every visitor leaves an address.

    Raises: RuleViolation("form.no_mail" | "form.no_address").
    """
    if not is_mail_ready:
        raise RuleViolation(
            "form.no_mail",
            "Nothing can be mailed yet: a mail server and the public address of Guanxi must be set first.",
            field="is_confirmed",
        )
    if not any(item.key == "mail" and item.is_required for item in fields):
        raise RuleViolation(
            "form.no_address", "Let the e-mail address be one that must be filled in.", field="is_confirmed"
        )
