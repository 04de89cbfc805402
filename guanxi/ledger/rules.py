"""The vocabulary of the ledger: eight kinds of facts, their sub-kinds and the fields each may carry.

Everything that reads or writes facts is made from these declarations: the checks of every way in, the
published JSON Schemas, the forms, the labels.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext_noop as _

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldSpec, FieldType

SCREEN_SOURCE = "screen"
RESERVED_SOURCES = frozenset({SCREEN_SOURCE})
VOIDED = "voided"
BUYING = frozenset({("purchase", "buy"), ("purchase", "renew")})
"""The (kind, sub-kind) pairs that are a deal."""
GIFT = ("interaction", "gift_given")
MATERIAL = ("interaction", "material_posted")
GIVEN = (GIFT, MATERIAL)
"""The (kind, sub-kind) pairs by which customers get things from us; the amount is what all of it is worth."""
UNDELIVERED = ("interaction", "undelivered")
"""The (kind, sub-kind) of what did not reach the customer: a mail that bounced, a number that is not in use."""
PROMISE_KEPT = ("interaction", "promise_kept")
"""The (kind, sub-kind) of what was promised and is done; it names the fact that promised it."""
LONGEST_SYSTEM = 40
SOURCE_PATTERN = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}")


@dataclass(frozen=True, slots=True)
class SubKind:
    """One sort of fact within a kind.

    `is_chance` marks an opportunity given to the customer (invited, asked, shown, offered): without one,
    nothing is scored. `is_touch` marks contact with the customer, which restarts the cadence. `is_outbound`
    marks what we sent, which counts for the frequency cap. `required` names fields that must be filled.
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


def _number(name: str, label: str, *, least: float | None = 0, most: float | None = None, unit: str = "") -> FieldSpec:
    return FieldSpec(name, FieldType.NUMBER, label, minimum=least, maximum=most, unit=unit)


def _whole(name: str, label: str, *, least: float = 0) -> FieldSpec:
    return FieldSpec(name, FieldType.INTEGER, label, minimum=least)


def _money(name: str, label: str, *, least: float | None = 0) -> FieldSpec:
    return FieldSpec(name, FieldType.MONEY, label, minimum=least)


def _ratio(name: str, label: str) -> FieldSpec:
    return FieldSpec(name, FieldType.RATIO, label, minimum=0, maximum=1)


SHARED_FIELDS: tuple[FieldSpec, ...] = (
    replace(_text("source_id", _("Number at the source"), 120), required=True),
    FieldSpec("kind", FieldType.TEXT, _("Kind"), required=True, maximum_length=16),
    FieldSpec("sub_kind", FieldType.TEXT, _("Sub-kind"), required=True, maximum_length=24),
    FieldSpec("occurred_at", FieldType.DATETIME, _("Happened at"), required=True),
    _whole("account_id", _("Account"), least=1),
    _text("account_system", _("System that knows the account"), 40),
    _text("account_key", _("Key of the account in that system"), 120),
    _whole("contact_id", _("Contact"), least=1),
    _whole("user_id", _("Colleague"), least=1),
    _text("channel", _("Channel"), 24),
    _text("product", _("Product code"), 60),
    FieldSpec("quantity", FieldType.NUMBER, _("Quantity")),
    _money("amount", _("Amount"), least=None),
    replace(_money("cost", _("Cost"), least=None), sensitivity="cost"),
    replace(
        _money("margin", _("Margin"), least=None),
        sensitivity="cost",
        help=_("Amount less cost, instead of cost."),
    ),
    _text("place", _("Place"), 60),
    _text("corrects", _("Number of the fact this one replaces"), 120),
)

_NOTE = FieldSpec("note", FieldType.LONG_TEXT, _("Note"), maximum_length=5000)
_TEXT = FieldSpec("text", FieldType.LONG_TEXT, _("Words of the customer"), maximum_length=5000)
_CAMPAIGN = _text("campaign", _("Campaign"), 80)
_REASON = _text("reason", _("Reason"), 500)
_RATING = _number("rating", _("Rating"), most=10, unit=_("points of 10"))
_DURATION = _number("duration_minutes", _("Duration"), most=10_080, unit=_("minutes"))
_SUBJECT = _text("subject", _("Subject"), 200)
_SENTIMENT = _number("sentiment", _("Mood"), least=-1, most=1, unit=_("from -1 to 1"))
_VALUE = _money("value", _("Value"))
_VOIDED = SubKind(VOIDED, _("Recorded by mistake"), required=("corrects",))


def _touch(name: str, label: str, *, is_outbound: bool = False) -> SubKind:
    return SubKind(name, label, is_touch=True, is_outbound=is_outbound)


INTERACTION = FactKind(
    "interaction",
    _("Interaction"),
    (
        _touch("call", _("Phone call"), is_outbound=True),
        SubKind("call_missed", _("Phone call without answer"), is_outbound=True),
        _touch("visit", _("Visit"), is_outbound=True),
        _touch("meeting", _("Meeting")),
        _touch("mail_sent", _("Mail sent"), is_outbound=True),
        _touch("mail_received", _("Mail received")),
        _touch("message_sent", _("Message sent"), is_outbound=True),
        _touch("message_received", _("Message received")),
        _touch("sms_sent", _("Text message sent"), is_outbound=True),
        _touch("sms_received", _("Text message received")),
        _touch("material_posted", _("Material posted"), is_outbound=True),
        _touch("gift_given", _("Gift given"), is_outbound=True),
        _touch("greeting", _("Greeting"), is_outbound=True),
        _touch("service", _("Service given")),
        SubKind("web_visit", _("Visit of the website")),
        SubKind("undelivered", _("Could not be delivered")),
        SubKind("promise_kept", _("Promise kept"), required=("keeps",)),
        _VOIDED,
    ),
    (
        _SUBJECT,
        _NOTE,
        _DURATION,
        FieldSpec("direction", FieldType.CHOICE, _("Direction"), choices=("incoming", "outgoing")),
        _text("outcome", _("Outcome"), 80),
        _text("message_id", _("Number of the message"), 200),
        _text("gift", _("Gift"), 120),
        _text("material", _("Material"), 200),
        _text("occasion", _("Occasion"), 80),
        _CAMPAIGN,
        _RATING,
        _SENTIMENT,
        _text("page", _("Page"), 500),
        replace(_text("address", _("Address that was not reached"), 300), sensitivity="reach"),
        _text("promise", _("Promised to the customer"), 300),
        FieldSpec("due_on", FieldType.DATE, _("Promised until")),
        _text("keeps", _("Source and number of the fact that promised it"), 170),
        _REASON,
    ),
)

PROFILE = FactKind(
    "profile",
    _("Profile"),
    (
        SubKind("asked", _("Information asked for"), is_chance=True, required=("item",)),
        SubKind("observed", _("Information observed"), required=("item",)),
        SubKind("changed", _("Information changed"), required=("item",)),
        SubKind("verified", _("Information verified"), required=("item",)),
        SubKind("consent_given", _("Consent given")),
        SubKind("consent_withdrawn", _("Consent withdrawn")),
        _VOIDED,
    ),
    (
        _text("item", _("Item of information"), 80),
        _text("former", _("Former content"), 500),
        _text("content", _("Content"), 500),
        _ratio("certainty", _("Certainty")),
        _text("evidence", _("Evidence"), 500),
        _NOTE,
    ),
)

PURCHASE = FactKind(
    "purchase",
    _("Purchase"),
    (
        SubKind("shown", _("Promotion shown"), is_chance=True, is_outbound=True),
        SubKind("offered", _("Offer made"), is_chance=True, is_outbound=True),
        SubKind("enquiry", _("Enquiry"), is_touch=True),
        SubKind("browse", _("Browsing")),
        SubKind("haggle", _("Haggling")),
        SubKind("wait", _("Waiting")),
        SubKind("abandon", _("Purchase abandoned")),
        SubKind("buy", _("Purchase"), required=("amount",)),
        SubKind("return", _("Return"), required=("amount",)),
        SubKind("redeem", _("Redemption")),
        SubKind("renew", _("Renewal")),
        SubKind("cancel", _("Cancellation")),
        _VOIDED,
    ),
    (
        _text("basket_id", _("Basket"), 80),
        _text("payment_method", _("Payment method"), 40),
        _money("discount", _("Discount")),
        _money("list_price", _("List price")),
        _money("tax", _("Tax")),
        _money("price_asked", _("Price the customer asked for")),
        _text("coupon_id", _("Coupon"), 80),
        _CAMPAIGN,
        _text("contract_id", _("Contract"), 80),
        FieldSpec("renewed_until", FieldType.DATE, _("Renewed until")),
        _whole("points", _("Points"), least=-1_000_000_000),
        _number("wait_minutes", _("Waiting time"), unit=_("minutes")),
        FieldSpec("competitor_in_promotion", FieldType.BOOLEAN, _("A competitor was in promotion")),
        _text("competitor", _("Competitor"), 120),
        _text("page", _("Page"), 500),
        _REASON,
        _NOTE,
    ),
)

PARTICIPATION = FactKind(
    "participation",
    _("Participation"),
    (
        SubKind("invited", _("Invited to an event"), is_chance=True, is_outbound=True, required=("event",)),
        SubKind("registered", _("Registered for an event"), required=("event",)),
        SubKind("attended", _("Attended an event"), is_touch=True, required=("event",)),
        SubKind("declined", _("Declined an event"), required=("event",)),
        SubKind("absent", _("Did not come to an event"), required=("event",)),
        _VOIDED,
    ),
    (
        _text("event", _("Event"), 120),
        _text("role", _("Role"), 60),
        _whole("guests", _("Guests")),
        _DURATION,
        _RATING,
        _CAMPAIGN,
        _REASON,
        _NOTE,
    ),
)

SURVEY = FactKind(
    "survey",
    _("Survey"),
    (
        SubKind("asked", _("Asked to a survey"), is_chance=True, is_outbound=True, required=("survey",)),
        SubKind("answered", _("Survey answered"), is_touch=True, required=("survey",)),
        SubKind("refused", _("Survey refused"), required=("survey",)),
        _VOIDED,
    ),
    (
        _text("survey", _("Survey"), 120),
        _whole("questions", _("Questions")),
        _ratio("completeness", _("Completeness")),
        _ratio("consistency", _("Consistency")),
        _DURATION,
        _RATING,
        _CAMPAIGN,
        _TEXT,
        _NOTE,
    ),
)

SUGGESTION = FactKind(
    "suggestion",
    _("Suggestion"),
    (
        SubKind("asked", _("Asked for a suggestion"), is_chance=True, is_outbound=True),
        SubKind("made", _("Suggestion made"), is_touch=True),
        SubKind("adopted", _("Suggestion adopted")),
        SubKind("declined", _("Suggestion declined")),
        SubKind("answered", _("Suggestion answered"), is_touch=True, is_outbound=True),
        _VOIDED,
    ),
    (
        _text("suggestion_id", _("Suggestion"), 80),
        _text("topic", _("Topic"), 120),
        _TEXT,
        _VALUE,
        _REASON,
        _NOTE,
    ),
)

REFERRAL = FactKind(
    "referral",
    _("Referral"),
    (
        SubKind("asked", _("Asked for a referral"), is_chance=True, is_outbound=True),
        SubKind("made", _("Referral made"), is_touch=True),
        SubKind("converted", _("Referral converted")),
        _VOIDED,
    ),
    (
        _text("referral_id", _("Referral"), 80),
        _text("referred_name", _("Who was referred"), 200),
        _whole("referred_account_id", _("Account of the referred"), least=1),
        _VALUE,
        _CAMPAIGN,
        _NOTE,
    ),
)

ADVOCACY = FactKind(
    "advocacy",
    _("Advocacy"),
    (
        SubKind("asked", _("Asked to speak for us"), is_chance=True, is_outbound=True),
        SubKind("mention", _("Public mention")),
        SubKind("share", _("Shared in public")),
        SubKind("review", _("Public review")),
        _VOIDED,
    ),
    (
        _text("medium", _("Medium"), 60),
        _text("url", _("Address"), 500),
        _whole("reach", _("Reach")),
        _SENTIMENT,
        _RATING,
        _CAMPAIGN,
        _TEXT,
        _NOTE,
    ),
)

FACT_KINDS: Mapping[str, FactKind] = {
    kind.name: kind for kind in (INTERACTION, PROFILE, PURCHASE, PARTICIPATION, SURVEY, SUGGESTION, REFERRAL, ADVOCACY)
}
PAYLOAD_FIELDS: Mapping[str, FieldSpec] = {field.name: field for kind in FACT_KINDS.values() for field in kind.fields}
SHARED_BY_NAME: Mapping[str, FieldSpec] = {field.name: field for field in SHARED_FIELDS}

REASONS: Mapping[str, str] = {
    "row.columns": _("The row has more or fewer columns than the heading."),
    "row.quotes": _("A quotation mark is opened in this row and never closed."),
    "row.json": _("The row is not a JSON object."),
    "row.payload": _("The payload is not a JSON object."),
    "row.unknown_key": _("The row has a key that no fact has: %(value)s."),
    "row.not_of_kind": _("A fact of this kind has no “%(field)s”."),
    "field.missing": _("“%(field)s” is missing."),
    "field.nested": _("“%(field)s” holds a list or an object where a single value belongs."),
    "text.too_long": _("“%(field)s” is longer than the %(maximum_length)s characters it may have."),
    "text.null_character": _("“%(field)s” holds a null character."),
    "text.undecodable": _("“%(field)s” holds bytes that are not text in the encoding of the file."),
    "number.invalid": _("“%(value)s” in “%(field)s” is not a number that can be recorded."),
    "number.range": _("“%(value)s” in “%(field)s” is outside the allowed range."),
    "boolean.invalid": _("“%(value)s” in “%(field)s” is neither true nor false."),
    "date.invalid": _("“%(value)s” in “%(field)s” is not a date."),
    "choice.unknown": _("“%(value)s” is not one of the choices of “%(field)s”: %(choices)s."),
    "kind.unknown": _("“%(value)s” is not one of the kinds of facts: %(choices)s."),
    "sub_kind.unknown": _("“%(value)s” is not a sub-kind of this kind."),
    "time.future": _("“%(value)s” lies more than a day in the future."),
    "time.past": _("“%(value)s” lies before the year 1900."),
    "account.missing": _("The row names no account: fill account_key or account_id."),
    "account.twice": _("The row names its account twice: fill either account_key or account_id."),
    "account.unknown": _("There is no account “%(value)s” that you may record facts for."),
    "contact.unknown": _("There is no contact “%(value)s”."),
    "user.unknown": _("There is no colleague “%(value)s”."),
    "product.unknown": _("There is no product with the code “%(value)s”."),
    "sign.negative": _("“%(field)s” is negative, which only a return may have."),
    "margin.amount": _("A margin needs the amount it belongs to."),
    "margin.contradicts": _("Amount, cost and margin do not add up."),
    "corrects.denied": _("Only who may record facts for all accounts may send corrections."),
    "fact.conflict": _("Another fact stands under this number of the source; it was kept."),
    "fact.corrected": _("Another correction of “%(value)s” stands; correct that one."),
}


def require_sub_kind(kind: str, sub_kind: str) -> SubKind:
    """The declaration of a sub-kind.

    Raises: RuleViolation("kind.unknown" | "sub_kind.unknown").
    """
    declared = FACT_KINDS.get(kind)
    if declared is None:
        raise RuleViolation("kind.unknown", REASONS["kind.unknown"], value=kind, choices=", ".join(FACT_KINDS))
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
        raise RuleViolation("source.reserved", "The source name “%(source)s” is kept for Guanxi itself.", source=source)


def require_system(system: str) -> None:
    """Check the name of a system of account keys: at most 40 characters that can be seen.

    Raises: RuleViolation("system.invalid").
    """
    if len(system) > LONGEST_SYSTEM or not system.isprintable():
        raise RuleViolation(
            "system.invalid",
            "“%(system)s” cannot name a system: use up to %(most)s characters that can be seen.",
            system=system,
            most=LONGEST_SYSTEM,
        )


def promise_name(source: str, source_id: str) -> str:
    """The name by which a fact that something is kept names the one that promised it."""
    return f"{source}/{source_id}"


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
