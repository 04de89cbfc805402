"""The demo company itself: org tree, roles, people."""

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.customers.choices import RELATIONS
from guanxi.customers.commands import set_classification, set_relations
from guanxi.kernel.actor import Actor
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import NewUser, create_unit, create_user, define_role
from guanxi.platform.accounts.models import OrgUnit, UnitKind, User
from guanxi.project.demo.sign_in import DOMAIN, PASSWORD, PEOPLE

ALL_ACTIONS = ("view", "create", "edit", "delete", "export", "transfer", "reveal", "administer")
WORKING = ("view", "create", "edit", "delete", "export", "transfer", "reveal")
SHARED_TOO = ("view", "edit")
CLASSIFICATIONS = (
    (
        ("strategy", "战略分级", "Strategic tier"),
        (
            ("strategic", "战略客户", "Strategic"),
            ("growth", "成长客户", "Growing"),
            ("steady", "稳定客户", "Steady"),
            ("spot", "零散客户", "Occasional"),
        ),
    ),
    (
        ("buying", "采购方式", "Way of buying"),
        (
            ("tender", "招标采购", "By tender"),
            ("framework", "框架协议", "Framework agreement"),
            ("order", "逐单采购", "Order by order"),
            ("retail", "零售", "Retail"),
        ),
    ),
)


TREE = (
    ("启衡集团", "", UnitKind.COMPANY),
    ("华东分公司", "启衡集团", UnitKind.BRANCH),
    ("华南分公司", "启衡集团", UnitKind.BRANCH),
    ("上海区", "华东分公司", UnitKind.REGION),
    ("苏州区", "华东分公司", UnitKind.REGION),
    ("杭州区", "华东分公司", UnitKind.REGION),
    ("广州区", "华南分公司", UnitKind.REGION),
    ("深圳区", "华南分公司", UnitKind.REGION),
    ("东莞区", "华南分公司", UnitKind.REGION),
)
PROTECTED = ("identity", "bank", "reach", "cost", "credit")
STAFF_ACCESS = {
    "identity": FieldAccess.MASKED,
    "bank": FieldAccess.MASKED,
    "reach": FieldAccess.WRITE,
    "cost": FieldAccess.READ,
    "credit": FieldAccess.READ,
}


@dataclass(frozen=True, slots=True)
class Company:
    """The people of the demo company by e-mail name, and those who look after customers in order."""

    users: Mapping[str, User]
    managers: tuple[User, ...]


def define_roles(actor: Actor) -> None:
    """The ready roles: administrator, director, manager, account manager, reader."""
    open_fields = {("*", name): int(FieldAccess.WRITE) for name in PROTECTED}
    staff_fields = {("*", name): int(access) for name, access in STAFF_ACCESS.items()}
    define_role(
        "administrator",
        name="管理员",
        name_en="Administrator",
        rows={("*", action): "everyone" for action in ALL_ACTIONS},
        fields=open_fields,
        actor=actor,
    )
    define_role(
        "director",
        name="总监",
        name_en="Director",
        rows={("*", action): "everyone" for action in WORKING},
        fields=open_fields,
        actor=actor,
    )
    define_role(
        "manager",
        name="经理",
        name_en="Manager",
        rows=_rows("unit_and_below", WORKING),
        fields=staff_fields,
        actor=actor,
    )
    staff = ("view", "create", "edit", "reveal")
    define_role(
        "account_manager",
        name="客户经理",
        name_en="Account manager",
        rows=_rows("owner", staff),
        fields=staff_fields,
        actor=actor,
    )
    define_role(
        "reader",
        name="只读",
        name_en="Reader",
        rows=_rows("unit_and_below", ("view",)),
        fields={("*", name): int(FieldAccess.MASKED) for name in PROTECTED},
        actor=actor,
    )


def _rows(rule: str, actions: tuple[str, ...]) -> dict[tuple[str, str], object]:
    """Customers and working days by rule, shared customers too; what is not somebody's (products, weights, templates) is seen by all."""
    rows: dict[tuple[str, str], object] = {("account", action): rule for action in actions}
    shared = {"any_of": [rule, "team", "shared"]}
    rows |= {("account", action): shared for action in actions if action in SHARED_TOO}
    rows["account", "create"] = "everyone" if "create" in actions else "nobody"
    if "edit" in actions:
        rows |= {("care_setting", action): rule for action in ("create", "edit")}
        rows |= {("competitor_promotion", action): "everyone" for action in ("create", "edit")}
    if "delete" in actions:
        rows["plan_signoff", "edit"] = rule
        rows |= {("gift_budget", action): rule for action in ("create", "edit")}
    rows["*", "view"] = "everyone"
    return rows


def found_company(actor: Actor) -> Company:
    """Make relations, roles, units and people. Raises: IntegrityError when they exist."""
    set_relations(RELATIONS)
    for scheme, classes in CLASSIFICATIONS:
        set_classification(scheme, classes=classes, actor=actor)
    define_roles(actor)
    units: dict[str, OrgUnit] = {}
    for name, parent, kind in TREE:
        units[name] = create_unit(name, kind=kind, parent=units.get(parent), actor=actor)
    users = {
        person.email: create_user(
            NewUser(
                email=f"{person.email}@{DOMAIN}",
                password=PASSWORD,
                family_name=person.family,
                given_name=person.given,
                title=person.title,
                unit_id=units[person.unit].pk,
                roles=(person.role,),
            ),
            actor=actor,
        )
        for person in PEOPLE
    }
    return Company(users, tuple(users[person.email] for person in PEOPLE if person.role == "account_manager"))
