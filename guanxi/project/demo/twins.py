"""Some customers of the demo company whom somebody entered a second time, each in a way that really happens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from guanxi.customers.choices import PointType
from guanxi.customers.commands import add_contact_point, create_account
from guanxi.customers.models import Account, ContactPoint
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


def add_twins(accounts: Sequence[Account], *, actor: Actor) -> None:
    """Enter some firms again, by somebody else, and look through the base."""
    firms = [account for account in accounts if account.kind == "organisation" and account.tax_id][10::40]
    for firm, slip in zip(firms, SLIPS, strict=False):
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
    scan_base()


def _phone_of(account: Account) -> ContactPoint | None:
    rows = unscoped(ContactPoint, reason=REASON).filter(
        account_id=account.pk, type__in=(PointType.MOBILE, PointType.PHONE), trashed_at__isnull=True
    )
    return rows.order_by("pk").first()
