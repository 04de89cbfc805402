"""The links to the preference centre, and what holds of a person's choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_noop

from guanxi.customers.facade import account_grant, contact_grant
from guanxi.kernel.actor import Actor
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference
from guanxi.portal.rules.preferences import Pair
from guanxi.stewardship.facade import HeldConsent, consents_held

SALT = "guanxi.portal.preferences"
DAY_SECONDS = 24 * 3600
LONGEST_TOKEN = 300
LINK_DAYS = declare(
    PreferenceSpec(
        "portal.link_days",
        30,
        gettext_noop("Days for which a link to the preference page holds"),
        gettext_noop("After that the person asks for a new one."),
        minimum=1,
        maximum=366,
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a link speaks of: a contact, or a person who is a customer himself (contact_id None)."""

    account_id: int
    contact_id: int | None
    name: str

    @property
    def masked_name(self) -> str:
        """The first letter alone: a link that went astray names nobody."""
        return f"{self.name[:1]}**"

    @property
    def record(self) -> tuple[str, int]:
        """The record of the person: the key of its object and its id."""
        return ("account", self.account_id) if self.contact_id is None else ("contact", self.contact_id)


def preference_token(object_key: str, record_id: int) -> str:
    """A signed word that leads to one person's choices for some days."""
    return signing.dumps([object_key[:1], record_id], salt=SALT)


def preference_url(object_key: str, record_id: int, *, root: str = "") -> str:
    """The address of one person's choices, for mails and for passing on; `root` is where the house is reached."""
    house = (root or settings.PUBLIC_URL).rstrip("/")
    return f"{house}{reverse('preferences', args=[preference_token(object_key, record_id)])}"


def person_of(token: str, actor: Actor) -> Person | None:
    """Whom a link speaks of; None for one that is wrong or over, or of a person who is not kept any more.

    At most two queries, for the system alone.
    """
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        kind, record_id = signing.loads(token, salt=SALT, max_age=preference(LINK_DAYS) * DAY_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return _contact(record_id, actor) if kind == "c" else _account(record_id, actor)


def _contact(contact_id: int, actor: Actor) -> Person | None:
    rows = (
        contact_grant(actor).queryset().filter(pk=contact_id, trashed_at__isnull=True, account__trashed_at__isnull=True)
    )
    found = rows.values_list("account_id", "pk", "name").first()
    return Person(*found) if found else None


def _account(account_id: int, actor: Actor) -> Person | None:
    rows = account_grant(actor).queryset().filter(pk=account_id, trashed_at__isnull=True, kind="person")
    name = rows.values_list("name", flat=True).first()
    return Person(account_id, None, name) if name else None


def consents_of(person: Person, actor: Actor) -> dict[Pair, HeldConsent]:
    """What holds of the person's consents, by purpose and channel; one query."""
    return consents_held(person.account_id, person.contact_id, actor)


def said(held: Mapping[Pair, HeldConsent]) -> dict[Pair, tuple[bool, datetime]]:
    """What was said and when, without words."""
    return {pair: (item.is_given, item.at) for pair, item in held.items()}
