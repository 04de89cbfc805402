"""The vocabulary of the ledger: eight kinds of facts, their sub-kinds and the fields each may carry.

Everything that reads or writes facts is made from these declarations: the checks of every way in, the published JSON
Schemas, the forms, the labels.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldSpec, FieldType

SCREEN_SOURCE = "screen"
RESERVED_SOURCES = frozenset({SCREEN_SOURCE})
VOIDED = "voided"
SOURCE_PATTERN = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}")


@dataclass(frozen=True, slots=True)
class SubKind:
    """One sort of fact within a kind.

    `is_chance` marks an opportunity given to the customer (invited, asked, shown, offered): without one, nothing is
    scored. `is_touch` marks contact with the customer, which restarts the cadence. `is_outbound` marks what we sent,
    which counts for the frequency cap. `required` names fields that must be filled.
    """

    name: str
    label: str
    is_chance: bool = False
    is_touch: bool = False
    is_outbound: bool = False
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactKind:
    """One of the eight kinds, with its sub-kinds and the fields of its payload."""

    name: str
    label: str
    sub_kinds: tuple[SubKind, ...]
    fields: tuple[FieldSpec, ...]

    def sub_kind(self, name: str) -> SubKind | None:
        """The sub-kind of a name, or None."""
        return next((sub_kind for sub_kind in self.sub_kinds if sub_kind.name == name), None)


def _text(name: str, label: str, longest: int, *, help: str = "") -> FieldSpec:  # noqa: A002  # FieldSpec's word
    return FieldSpec(name, FieldType.TEXT, label, maximum_length=longest, help=help)


def _number(
    name: str, label: str, *, least: float | None = 0, most: float | None = None, unit: str = ""
) -> FieldSpec:
    return FieldSpec(name, FieldType.NUMBER, label, minimum=least, maximum=most, unit=unit)


def _whole(name: str, label: str, *, least: float = 0) -> FieldSpec:
    return FieldSpec(name, FieldType.INTEGER, label, minimum=least)


def _money(name: str, label: str, *, least: float | None = 0) -> FieldSpec:
    return FieldSpec(name, FieldType.MONEY, label, minimum=least)


def _ratio(name: str, label: str) -> FieldSpec:
    return FieldSpec(name, FieldType.RATIO, label, minimum=0, maximum=1)


SHARED_FIELDS: tuple[FieldSpec, ...] = (
    replace(_text("source_id", "Number at the source", 120), required=True),
    FieldSpec("kind", FieldType.TEXT, "Kind", required=True, maximum_length=16),
    FieldSpec("sub_kind", FieldType.TEXT, "Sub-kind", required=True, maximum_length=24),
    FieldSpec("occurred_at", FieldType.DATETIME, "Happened at", required=True),
    _whole("account_id", "Account", least=1),
    _text("account_system", "System that knows the account", 40),
    _text("account_key", "Key of the account in that system", 120),
    _whole("contact_id", "Contact", least=1),
    _whole("user_id", "Colleague", least=1),
    _text("channel", "Channel", 24),
    _text("product", "Product code", 60),
    FieldSpec("quantity", FieldType.NUMBER, "Quantity"),
    _money("amount", "Amount", least=None),
    replace(_money("cost", "Cost", least=None), sensitivity="cost"),
    replace(
        _money("margin", "Margin", least=None), sensitivity="cost", help="Amount less cost, instead of cost."
    ),
    _text("place", "Place", 60),
    _text("corrects", "Number of the fact this one replaces", 120),
)

_NOTE = FieldSpec("note", FieldType.LONG_TEXT, "Note", maximum_length=5000)
_TEXT = FieldSpec("text", FieldType.LONG_TEXT, "Words of the customer", maximum_length=5000)
_CAMPAIGN = _text("campaign", "Campaign", 80)
_REASON = _text("reason", "Reason", 500)
_RATING = _number("rating", "Rating", most=10, unit="points of 10")
_DURATION = _number("duration_minutes", "Duration", most=10_080, unit="minutes")
_SUBJECT = _text("subject", "Subject", 200)
_SENTIMENT = _number("sentiment", "Mood", least=-1, most=1, unit="from -1 to 1")
_VALUE = _money("value", "Value")
_VOIDED = SubKind(VOIDED, "Recorded by mistake", required=("corrects",))


def _touch(name: str, label: str, *, is_outbound: bool = False) -> SubKind:
    return SubKind(name, label, is_touch=True, is_outbound=is_outbound)


INTERACTION = FactKind(
    "interaction",
    "Interaction",
    (
        _touch("call", "Call", is_outbound=True),
        SubKind("call_missed", "Call without answer", is_outbound=True),
        _touch("visit", "Visit", is_outbound=True),
        _touch("meeting", "Meeting"),
        _touch("mail_sent", "Mail sent", is_outbound=True),
        _touch("mail_received", "Mail received"),
        _touch("message_sent", "Message sent", is_outbound=True),
        _touch("message_received", "Message received"),
        _touch("sms_sent", "Text message sent", is_outbound=True),
        _touch("sms_received", "Text message received"),
        _touch("material_posted", "Material posted", is_outbound=True),
        _touch("gift_given", "Gift given", is_outbound=True),
        _touch("greeting", "Greeting", is_outbound=True),
        _touch("service", "Service given"),
        SubKind("web_visit", "Visit of the website"),
        _VOIDED,
    ),
    (
        _SUBJECT,
        _NOTE,
        _DURATION,
        FieldSpec("direction", FieldType.CHOICE, "Direction", choices=("incoming", "outgoing")),
        _text("outcome", "Outcome", 80),
        _text("message_id", "Number of the message", 200),
        _text("gift", "Gift", 120),
        _text("material", "Material", 200),
        _CAMPAIGN,
        _RATING,
        _SENTIMENT,
        _text("page", "Page", 500),
    ),
)

PROFILE = FactKind(
    "profile",
    "Profile",
    (
        SubKind("asked", "Asked for", is_chance=True, required=("item",)),
        SubKind("observed", "Observed", required=("item",)),
        SubKind("changed", "Changed", required=("item",)),
        SubKind("verified", "Verified", required=("item",)),
        SubKind("consent_given", "Consent given"),
        SubKind("consent_withdrawn", "Consent withdrawn"),
        _VOIDED,
    ),
    (
        _text("item", "Item of information", 80),
        _text("former", "Former content", 500),
        _text("content", "Content", 500),
        _ratio("certainty", "Certainty"),
        _text("evidence", "Evidence", 500),
        _NOTE,
    ),
)

PURCHASE = FactKind(
    "purchase",
    "Purchase",
    (
        SubKind("shown", "Promotion shown", is_chance=True, is_outbound=True),
        SubKind("offered", "Offer made", is_chance=True, is_outbound=True),
        SubKind("enquiry", "Enquiry", is_touch=True),
        SubKind("browse", "Browsing"),
        SubKind("haggle", "Haggling"),
        SubKind("wait", "Waiting"),
        SubKind("abandon", "Purchase abandoned"),
        SubKind("buy", "Purchase", required=("amount",)),
        SubKind("return", "Return", required=("amount",)),
        SubKind("redeem", "Redemption"),
        SubKind("renew", "Renewal"),
        SubKind("cancel", "Cancellation"),
        _VOIDED,
    ),
    (
        _text("basket_id", "Basket", 80),
        _text("payment_method", "Payment method", 40),
        _money("discount", "Discount"),
        _money("list_price", "List price"),
        _money("tax", "Tax"),
        _money("price_asked", "Price the customer asked for"),
        _text("coupon_id", "Coupon", 80),
        _CAMPAIGN,
        _text("contract_id", "Contract", 80),
        FieldSpec("renewed_until", FieldType.DATE, "Renewed until"),
        _whole("points", "Points", least=-1_000_000_000),
        _number("wait_minutes", "Waiting time", unit="minutes"),
        FieldSpec("competitor_in_promotion", FieldType.BOOLEAN, "A competitor was in promotion"),
        _text("competitor", "Competitor", 120),
        _text("page", "Page", 500),
        _REASON,
        _NOTE,
    ),
)

PARTICIPATION = FactKind(
    "participation",
    "Participation",
    (
        SubKind("invited", "Invited", is_chance=True, is_outbound=True, required=("event",)),
        SubKind("registered", "Registered", required=("event",)),
        SubKind("attended", "Attended", is_touch=True, required=("event",)),
        SubKind("declined", "Declined", required=("event",)),
        SubKind("absent", "Did not come", required=("event",)),
        _VOIDED,
    ),
    (
        _text("event", "Event", 120),
        _text("role", "Role", 60),
        _whole("guests", "Guests"),
        _DURATION,
        _RATING,
        _CAMPAIGN,
        _REASON,
        _NOTE,
    ),
)

SURVEY = FactKind(
    "survey",
    "Survey",
    (
        SubKind("asked", "Asked", is_chance=True, is_outbound=True, required=("survey",)),
        SubKind("answered", "Answered", is_touch=True, required=("survey",)),
        SubKind("refused", "Refused", required=("survey",)),
        _VOIDED,
    ),
    (
        _text("survey", "Survey", 120),
        _whole("questions", "Questions"),
        _ratio("completeness", "Completeness"),
        _ratio("consistency", "Consistency"),
        _DURATION,
        _RATING,
        _CAMPAIGN,
        _TEXT,
        _NOTE,
    ),
)

SUGGESTION = FactKind(
    "suggestion",
    "Suggestion",
    (
        SubKind("asked", "Asked", is_chance=True, is_outbound=True),
        SubKind("made", "Made", is_touch=True),
        SubKind("adopted", "Adopted"),
        SubKind("declined", "Declined"),
        SubKind("answered", "Answered", is_touch=True, is_outbound=True),
        _VOIDED,
    ),
    (
        _text("suggestion_id", "Suggestion", 80),
        _text("topic", "Topic", 120),
        _TEXT,
        _VALUE,
        _REASON,
        _NOTE,
    ),
)

REFERRAL = FactKind(
    "referral",
    "Referral",
    (
        SubKind("asked", "Asked", is_chance=True, is_outbound=True),
        SubKind("made", "Made", is_touch=True),
        SubKind("converted", "Converted"),
        _VOIDED,
    ),
    (
        _text("referral_id", "Referral", 80),
        _text("referred_name", "Who was referred", 200),
        _whole("referred_account_id", "Account of the referred", least=1),
        _VALUE,
        _CAMPAIGN,
        _NOTE,
    ),
)

ADVOCACY = FactKind(
    "advocacy",
    "Advocacy",
    (
        SubKind("asked", "Asked", is_chance=True, is_outbound=True),
        SubKind("mention", "Mention"),
        SubKind("share", "Share"),
        SubKind("review", "Review"),
        _VOIDED,
    ),
    (
        _text("medium", "Medium", 60),
        _text("url", "Address", 500),
        _whole("reach", "Reach"),
        _SENTIMENT,
        _RATING,
        _CAMPAIGN,
        _TEXT,
        _NOTE,
    ),
)

FACT_KINDS: Mapping[str, FactKind] = {
    kind.name: kind
    for kind in (INTERACTION, PROFILE, PURCHASE, PARTICIPATION, SURVEY, SUGGESTION, REFERRAL, ADVOCACY)
}
PAYLOAD_FIELDS: Mapping[str, FieldSpec] = {
    field.name: field for kind in FACT_KINDS.values() for field in kind.fields
}
SHARED_BY_NAME: Mapping[str, FieldSpec] = {field.name: field for field in SHARED_FIELDS}

REASONS: Mapping[str, str] = {
    "row.columns": "The row has more or fewer columns than the heading.",
    "row.quotes": "A quotation mark is opened in this row and never closed.",
    "row.json": "The row is not a JSON object.",
    "row.payload": "The payload is not a JSON object.",
    "row.unknown_key": "The row has a key that no fact has: %(value)s.",
    "row.not_of_kind": "A fact of this kind has no “%(field)s”.",
    "field.missing": "“%(field)s” is missing.",
    "field.nested": "“%(field)s” holds a list or an object where a single value belongs.",
    "text.too_long": "“%(field)s” is longer than the %(maximum_length)s characters it may have.",
    "text.null_character": "“%(field)s” holds a null character.",
    "text.undecodable": "“%(field)s” holds bytes that are not text in the encoding of the file.",
    "number.invalid": "“%(value)s” in “%(field)s” is not a number that can be recorded.",
    "number.range": "“%(value)s” in “%(field)s” is outside the allowed range.",
    "boolean.invalid": "“%(value)s” in “%(field)s” is neither true nor false.",
    "date.invalid": "“%(value)s” in “%(field)s” is not a date.",
    "choice.unknown": "“%(value)s” is not one of the choices of “%(field)s”: %(choices)s.",
    "kind.unknown": "“%(value)s” is not one of the kinds of facts: %(choices)s.",
    "sub_kind.unknown": "“%(value)s” is not a sub-kind of this kind.",
    "time.future": "“%(value)s” lies more than a day in the future.",
    "time.past": "“%(value)s” lies before the year 1900.",
    "account.missing": "The row names no account: fill account_key or account_id.",
    "account.twice": "The row names its account twice: fill either account_key or account_id.",
    "account.unknown": "There is no account “%(value)s” that you may record facts for.",
    "contact.unknown": "There is no contact “%(value)s”.",
    "user.unknown": "There is no colleague “%(value)s”.",
    "product.unknown": "There is no product with the code “%(value)s”.",
    "sign.negative": "“%(field)s” is negative, which only a return may have.",
    "margin.amount": "A margin needs the amount it belongs to.",
    "margin.contradicts": "Amount, cost and margin do not add up.",
    "corrects.denied": "Only who may record facts for all accounts may send corrections.",
    "fact.conflict": "Another fact stands under this number of the source; it was kept.",
    "fact.corrected": "Another correction of “%(value)s” stands; correct that one.",
}


def require_sub_kind(kind: str, sub_kind: str) -> SubKind:
    """The declaration of a sub-kind.

    Raises: RuleViolation("kind.unknown" | "sub_kind.unknown").
    """
    declared = FACT_KINDS.get(kind)
    if declared is None:
        raise RuleViolation(
            "kind.unknown", REASONS["kind.unknown"], value=kind, choices=", ".join(FACT_KINDS)
        )
    found = declared.sub_kind(sub_kind)
    if found is None:
        raise RuleViolation("sub_kind.unknown", REASONS["sub_kind.unknown"], value=sub_kind)
    return found


def require_source(source: str, *, is_typed: bool = False) -> None:
    """Check the name of a source: lower-case letters, digits and “_ . : -”, at most 40.

    Raises: RuleViolation("source.invalid" | "source.reserved").
    """
    if not SOURCE_PATTERN.fullmatch(source):
        raise RuleViolation(
            "source.invalid",
            "“%(source)s” cannot name a source: use up to 40 lower-case letters, digits and _ . : -",
            source=source,
        )
    if source in RESERVED_SOURCES and not is_typed:
        raise RuleViolation(
            "source.reserved", "The source name “%(source)s” is kept for Guanxi itself.", source=source
        )


def touches() -> frozenset[tuple[str, str]]:
    """The (kind, sub-kind) pairs that are contact with the customer and restart the cadence."""
    return _pairs_where("is_touch")


def chances() -> frozenset[tuple[str, str]]:
    """The (kind, sub-kind) pairs that give the customer a chance."""
    return _pairs_where("is_chance")


def outbound() -> frozenset[tuple[str, str]]:
    """The (kind, sub-kind) pairs that we sent, which count for the frequency cap."""
    return _pairs_where("is_outbound")


def _pairs_where(flag: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        (kind.name, sub_kind.name)
        for kind in FACT_KINDS.values()
        for sub_kind in kind.sub_kinds
        if getattr(sub_kind, flag)
    )
