"""Some customers and contacts of the demo company whom somebody entered again, each in a way that really happens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from guanxi.customers.choices import PointType
from guanxi.customers.commands import add_contact, add_contact_point, create_account
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.stewardship.adapters.scanning import scan_base

REASON = "demo: the demo company is made by the system"
FORM = "有限公司"


@dataclass(frozen=True, slots=True)
class Slip:
    """One way in which a firm is entered again: what is written for its name, and what else is known of it."""

    name: Callable[[str], str]
    with_tax_id: bool = False
    with_phone: bool = False
    source: str = "官网"


SLIPS = (
    Slip(
        lambda name: name.replace(FORM, "公司").replace("（", "(").replace("）", ")"), with_tax_id=True, with_phone=True
    ),
    Slip(lambda name: name.removesuffix(FORM), with_phone=True),
    Slip(lambda name: name.replace(FORM, "股份有限公司"), with_phone=True, source="展会"),
    Slip(lambda name: name.translate(str.maketrans("机电东医广华", "機電東醫廣華")), with_tax_id=True),
    Slip(lambda name: f"{name.removesuffix(FORM)}宁波分公司"),
    Slip(lambda name: f" {name} ", source="电话"),
)
THIRD = Slip(lambda name: name.removesuffix(FORM) + "公司", with_tax_id=True, source="展会")
"""A firm that was entered a third time: its records hang together."""


def add_twins(accounts: Sequence[Account], *, actor: Actor) -> None:
    """Enter some firms again, by somebody else, and look through the base."""
    firms = [account for account in accounts if account.kind == "organisation" and account.tax_id][10::40]
    slips = [*zip(firms, SLIPS, strict=False), *((firm, THIRD) for firm in firms[:1])]
    for firm, slip in slips:
        values: dict[str, object] = {
            "kind": "organisation",
            "name": slip.name(firm.name),
            "city": firm.city,
            "source": slip.source,
            "note": "同事在展会上交换过名片。",
        }
        if slip.with_tax_id:
            values["tax_id"] = firm.tax_id
        twin = create_account(values, actor=actor)
        phone = _phone_of(firm)
        if slip.with_phone and phone is not None:
            point = ContactPoint(account=twin, type=phone.type, value=phone.value)
            add_contact_point(point, actor=actor)
    for firm in firms[:2]:
        _add_contact_again(firm, actor=actor)
    scan_base()


def _add_contact_again(firm: Account, *, actor: Actor) -> None:
    """Enter a contact of a firm again, as somebody does who met the person elsewhere."""
    known = unscoped(Contact, reason=REASON).filter(account=firm.pk, trashed_at__isnull=True).order_by("pk").first()
    if known is None:
        return
    twin = add_contact(
        Contact(account=firm, family_name=known.family_name, given_name=known.given_name, title="负责人"), actor=actor
    )
    rows = unscoped(ContactPoint, reason=REASON).filter(contact=known.pk, type=PointType.MOBILE)
    for point in rows.filter(trashed_at__isnull=True)[:1]:
        add_contact_point(ContactPoint(account=firm, contact=twin, type=point.type, value=point.value), actor=actor)


def _phone_of(account: Account) -> ContactPoint | None:
    rows = unscoped(ContactPoint, reason=REASON).filter(
        account_id=account.pk, type__in=(PointType.MOBILE, PointType.PHONE), trashed_at__isnull=True
    )
    return rows.order_by("pk").first()
