"""What is known already of a person or firm that a signature speaks of."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Account, ContactPoint
from guanxi.customers.queries.accounts import accounts_named
from guanxi.customers.rules import normalised_point
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.alike import AlikeRecord

ALIKE = "duplicates: whether a record is there already does not depend on who asks; of foreign ones nothing is shown"
MOST_SHOWN = 5
PUBLIC_HOSTS = frozenset(
    {
        *("qq.com", "163.com", "126.com", "sina.com", "sohu.com", "foxmail.com", "139.com", "189.cn", "aliyun.com"),
        *("yeah.net", "gmail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com"),
        *("gmx.de", "web.de", "proton.me", "mail.com"),
    }
)
"""Hosts of mail that say nothing of where somebody works."""

REASONS = {"mail": _("Same e-mail address"), "mobile": _("Same phone number"), "phone": _("Same phone number")}


def known_people(values: Mapping[str, str], actor: Actor) -> tuple[AlikeRecord, ...]:
    """The customers whom one of these numbers and addresses reaches; at most three queries.

    Of those that the actor does not see, only that they are there, why, and who looks after them. Who may not read
    numbers whole is told of none: a masked one could be found by guessing.
    """
    wanted: dict[str, str] = {}
    for kind in REASONS if reads_points(actor) else ():
        try:
            wanted[normalised_point(kind, values[kind])] = kind
        except (KeyError, RuleViolation):
            continue
    if not wanted:
        return ()
    rows = unscoped(ContactPoint, reason=ALIKE).filter(normalised__in=list(wanted), trashed_at__isnull=True)
    live = rows.filter(account__trashed_at__isnull=True).order_by("account_id", "pk")
    columns = ("account_id", "normalised", "account__name", "account__owner_id")
    found: dict[int, tuple[str, int | None, list[str]]] = {}
    for account_id, normalised, name, owner_id in live.values_list(*columns)[: 10 * MOST_SHOWN]:
        found.setdefault(account_id, (name, owner_id, []))[2].append(wanted[normalised])
    ids = list(found)[:MOST_SHOWN]
    seen = set(grant(actor, Account).queryset().filter(pk__in=ids).values_list("pk", flat=True))
    keepers = people(owner_id for _name, owner_id, _kinds in found.values() if owner_id)
    return tuple(
        AlikeRecord(
            title=found[pk][0] if pk in seen else "",
            url=f"/accounts/{pk}/" if pk in seen else "",
            reasons=tuple(dict.fromkeys(REASONS[kind] for kind in found[pk][2])),
            keeper=keepers[owner].name if (owner := found[pk][1]) in keepers else "",
        )
        for pk in ids
    )


def reads_points(actor: Actor) -> bool:
    """Whether the actor may read numbers and addresses whole."""
    return may(actor, ContactPoint, Action.VIEW) and (
        grant(actor, ContactPoint).field_access("value") >= FieldAccess.READ
    )


def reads_tax_ids(actor: Actor) -> bool:
    """Whether the actor may read tax ids whole."""
    return may(actor, Account, Action.VIEW) and grant(actor, Account).field_access("tax_id") >= FieldAccess.READ


def accounts_of_words(company: str, mail: str, actor: Actor) -> tuple[tuple[int, str], ...]:
    """The customers whom the actor may change and where the person seems to work; at most three queries.

    By the name of the firm, else by the host of the mail address where the actor may read addresses.
    """
    named: Sequence[tuple[int, str]] = accounts_named(company, actor, limit=MOST_SHOWN) if company else ()
    host = mail.rpartition("@")[2].lower()
    if not host or host in PUBLIC_HOSTS or grant(actor, ContactPoint).field_access("value") == FieldAccess.HIDDEN:
        return tuple(named)
    editable = grant(actor, Account, Action.EDIT).queryset().filter(trashed_at__isnull=True)
    points = (
        grant(actor, ContactPoint)
        .queryset()
        .filter(type="mail", normalised__endswith=f"@{host}", trashed_at__isnull=True)
    )
    rows = editable.filter(pk__in=points.values("account_id")).order_by("name_key", "pk")
    return tuple(dict.fromkeys((*named, *rows.values_list("pk", "name")[:MOST_SHOWN])))[:MOST_SHOWN]
