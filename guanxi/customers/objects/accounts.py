"""Accounts and contacts as objects: their lists, filters, forms and search."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape

from django.db.models import Model
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers import commands
from guanxi.customers.choices import (
    CLOSENESS,
    INFLUENCE,
    AccountKind,
    CalendarType,
    DateType,
    DecisionRole,
    Stance,
    TraitKind,
)
from guanxi.customers.facade import class_name, relation_names, scheme_name
from guanxi.customers.models import (
    Account,
    AccountAlias,
    AccountClass,
    Affiliation,
    Contact,
    ContactPoint,
    ExternalKey,
    ImportantDate,
    Trait,
)
from guanxi.customers.objects.account_import import ACCOUNT_IMPORTING
from guanxi.customers.queries import (
    ClassRow,
    Home,
    callable_number,
    classes_and_keys,
    contact_points,
    contacts_of,
    found_accounts,
    found_contacts,
    homes,
    important_dates_of,
    is_open_to,
    may_sort,
    regions,
    roles_of,
    schemes,
    traits_of,
)
from guanxi.customers.rules import lunar_date_words, next_occurrence
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may, may_act_on
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.queries import first_colleagues, people
from guanxi.platform.collaboration.parts import HistoryPart, register_parts
from guanxi.platform.objects.addresses import preview_url as generic_preview_url
from guanxi.platform.objects.addresses import record_url
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.erasing import Erasable, register_erasable
from guanxi.platform.objects.importing import Importing
from guanxi.platform.objects.merging import register_merge
from guanxi.platform.objects.registry import contribute, register_object
from guanxi.platform.objects.spec import (
    Label,
    ListColumn,
    ListFilter,
    ObjectSpec,
    Ordering,
    Panel,
    RecordAct,
    Rows,
    Verbs,
    View,
    Visible,
)
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.lines import line_sections
from guanxi.platform.ui.navigation import (
    CreationEntry,
    NavigationEntry,
    SearchTarget,
    register_creation,
    register_navigation,
    register_search,
)

MOST_OWNERS = 40
HOMES = "customers.homes"
FORM_FIELDS = (
    "kind",
    "relation",
    "name",
    "short_name",
    "industry",
    "size",
    "region",
    "city",
    "address",
    "website",
    "credit_rating",
    "tax_id",
    "source",
    "since_on",
    "note",
)
LIST_FIELDS = ("id", "name", "short_name", "kind", "relation_id", "city", "region", "owner_id", "name_key")


def account_url(account_id: int) -> str:
    """The address of an account's card."""
    return f"/accounts/{account_id}/"


def preview_url(account_id: int) -> str:
    """The address of an account's preview for the side panel."""
    return f"/accounts/{account_id}/preview/"


def name_cells(rows: Rows, view: View) -> list[str]:  # noqa: ARG001  # the shape of all cells
    """Names as links to the cards."""
    named = ((row.pk, escape(row.name), formats.language_mark(row.name)) for row in rows if isinstance(row, Account))
    return [
        SafeString(f'<a class="clip nm who" data-open href="{account_url(pk)}" title="{name}"{mark}>{name}</a>')
        for pk, name, mark in named
    ]


def owner_cells(rows: Rows, view: View) -> list[str]:  # noqa: ARG001  # the shape of all cells
    """Names of the owners."""
    names = people(row.owner_id for row in rows if isinstance(row, Account) and row.owner_id)
    return [names[row.owner_id].name if row.owner_id in names else "—" for row in rows if isinstance(row, Account)]


def city_cells(rows: Rows, view: View) -> list[str]:  # noqa: ARG001  # the shape of all cells
    """Cities, or the region where no city is known."""
    return [row.city or row.region or "—" for row in rows if isinstance(row, Account)]


def relation_choices(view: View) -> Sequence[tuple[str, str]]:  # noqa: ARG001  # the shape of all choices
    """The editable list of relations."""
    return [(key, in_language(*names)) for key, names in relation_names().items()]


def owner_choices(view: View) -> Sequence[tuple[str, Label]]:
    """The person, nobody, and the colleagues."""
    colleagues = [
        (str(person.id), person.name) for person in first_colleagues(MOST_OWNERS) if person.id != view.actor.user_id
    ]
    return [("me", _("Me")), ("nobody", _("Nobody")), *colleagues]


def narrow_owner(visible: Visible, value: str, view: View) -> Visible:
    """Accounts of one owner; "me" and "nobody" are words of their own."""
    if value == "nobody":
        return visible.filter(owner__isnull=True)
    owner_id = view.actor.user_id if value == "me" else value
    return visible.filter(owner=owner_id) if str(owner_id).isdecimal() else visible.none()


ACCOUNT = ObjectSpec(
    key="account",
    model=Account,
    label=_("Customer"),
    plural=_("Customers"),
    icon="users",
    list_url="/accounts/",
    api_name="accounts",
    columns=(
        ListColumn("name", _("Customer"), name_cells, Ordering(("name_key",)), field="name", position=20),
        ListColumn(
            "city",
            _("City"),
            city_cells,
            field="city",
            position=80,
            is_shown_on_phone=False,
            is_shown_when_narrow=False,
        ),
        ListColumn(
            "owner",
            _("Owner"),
            owner_cells,
            field="owner",
            position=90,
            is_shown_on_phone=False,
            is_shown_when_narrow=False,
        ),
    ),
    filters=(
        ListFilter("owner", _("Owner"), owner_choices, narrow_owner, position=10),
        ListFilter(
            "kind",
            _("Kind"),
            lambda view: AccountKind.choices,
            lambda rows, value, view: rows.filter(kind=value),
            20,
        ),
        ListFilter(
            "relation",
            _("Relation"),
            relation_choices,
            lambda rows, value, view: rows.filter(relation=value),
            30,
        ),
        ListFilter(
            "region",
            _("Region"),
            lambda view: [(region, region) for region in regions(view.actor)],
            lambda rows, value, view: rows.filter(region=value),
            40,
        ),
    ),
    fields=(*FORM_FIELDS, "owner", "unit", "created_at", "updated_at"),
    offered={"relation": relation_choices},
    verbs=Verbs(commands.create_account, commands.edit_account, commands.trash_account, commands.restore_account),
    bulk_fields=("relation", "industry", "size", "region", "city", "credit_rating", "source"),
    index=commands.index_accounts,
    follow=commands.follow_accounts,
    default_sort="-index",
    list_fields=LIST_FIELDS,
    detail_url=account_url,
    preview_url=preview_url,
    search=found_accounts,
    searched=("name", "short_name"),
    hint_columns=("grade", "city", "owner"),
    importing=ACCOUNT_IMPORTING,
)


def homes_of(rows: Rows, view: View) -> Mapping[int, Home]:
    """The accounts of the contacts of a page, read once for all of its columns."""
    if HOMES not in view.memo:
        view.memo[HOMES] = homes((row.account_id for row in rows if isinstance(row, Contact)), view.actor)
    found: Mapping[int, Home] = view.memo[HOMES]
    return found


def home_cells(rows: Rows, view: View) -> list[str]:
    """Names of the accounts as links to their cards."""
    found = homes_of(rows, view)
    shown = ((row.account_id, found.get(row.account_id)) for row in rows if isinstance(row, Contact))
    return [
        SafeString(f'<a class="clip" href="{account_url(pk)}" title="{escape(home.name)}">{escape(home.name)}</a>')
        if home is not None
        else formats.MISSING
        for pk, home in shown
    ]


def home_owner_cells(rows: Rows, view: View) -> list[str]:
    """Names of who looks after the accounts."""
    found = homes_of(rows, view)
    owners = [
        found[row.account_id].owner_id if row.account_id in found else None for row in rows if isinstance(row, Contact)
    ]
    names = people(owner_id for owner_id in owners if owner_id)
    return [names[owner_id].name if owner_id in names else formats.MISSING for owner_id in owners]


def closeness_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """The steps of closeness."""
    return [(str(step), label) for step, label in CLOSENESS]


def narrow_home_owner(visible: Visible, value: str, view: View) -> Visible:
    """Contacts of the accounts of one owner; "me" and "nobody" are words of their own."""
    if value == "nobody":
        return visible.filter(account__owner__isnull=True)
    owner_id = view.actor.user_id if value == "me" else value
    return visible.filter(account__owner=owner_id) if str(owner_id).isdecimal() else visible.none()


CONTACT = ObjectSpec(
    key="contact",
    model=Contact,
    label=pgettext_lazy("part", "Contact"),
    plural=_("Contacts"),
    icon="address-book",
    columns=(
        ListColumn(
            "account",
            _("Customer"),
            home_cells,
            Ordering(("account__name_key",), reads=((Account, "name"),)),
            field="account",
            position=30,
        ),
        ListColumn("home_owner", _("Owner of the customer"), home_owner_cells, position=90, is_shown_on_phone=False),
    ),
    shown=("name", "title", "account", "decision_role", "closeness", "home_owner"),
    list_url="/contacts/",
    api_name="contacts",
    fields=(
        *("account", "family_name", "given_name", "name", "title", "department", "decision_role", "closeness"),
        *("influence", "stance"),
        *("salutation", "is_main", "created_at", "updated_at"),
    ),
    labels={"name": pgettext_lazy("person", "Name")},
    offered={"closeness": closeness_choices},
    orders={"name": ("name_key",)},
    verbs=Verbs(commands.create_contact, commands.edit_contact, commands.remove_contact, commands.restore_contact),
    bulk_fields=("department", "decision_role", "closeness", "influence", "stance"),
    index=commands.index_contacts,
    follow=commands.follow_contacts,
    filters=(
        ListFilter(
            "owner",
            _("Owner of the customer"),
            owner_choices,
            narrow_home_owner,
            10,
        ),
        ListFilter(
            "decision_role",
            _("Role in decisions"),
            lambda view: DecisionRole.choices,
            lambda rows, value, view: rows.filter(decision_role=value),
            20,
        ),
    ),
    default_sort="name",
    list_fields=("id", "name", "name_key", "family_name", "given_name", "account_id"),
    detail_url=partial(record_url, "contact"),
    preview_url=partial(generic_preview_url, "contact"),
    hint_columns=("account",),
    importing=Importing(
        prepare=commands.name_contact,
        names={"family_name": ("姓", "surname", "last name"), "given_name": ("名", "first name", "forename")},
    ),
    search=found_contacts,
    searched=("family_name", "given_name", "title"),
    board_field="decision_role",
)


def reach_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """The ways to reach a contact, as far as the person may see them, and the customer it belongs to."""
    if not isinstance(record, Contact):
        return None
    home = homes([record.account_id], view.actor).get(record.account_id)
    points = contact_points([record.account_id], view.actor).get(record.account_id, [])
    return {
        "home": home.name if home is not None else "",
        "home_url": account_url(record.account_id),
        "points": [point for point in points if point.contact_id == record.pk],
        "can_reveal": may_act_on(view.actor, record, Action.REVEAL),
        "can_edit": False,
    }


def contacts_panel(record: Model, view: View) -> Mapping[str, object]:
    """The people at the account and how to reach them."""
    contacts, own_points = contacts_of(record.pk, view.actor)
    roles = roles_of(record.pk, [row.id for row in contacts], view.actor)
    can_edit = may_act_on(view.actor, record, Action.EDIT)
    shown = [
        {
            "id": row.id,
            "name": row.name,
            "title": " · ".join(part for part in (row.title, row.department) if part),
            "role": DecisionRole(row.decision_role).label if row.decision_role != DecisionRole.NONE else "",
            "is_main": row.is_main,
            "stance": row.stance if row.stance != Stance.UNKNOWN else "",
            "stance_words": Stance(row.stance).label,
            "influence": dict(INFLUENCE)[row.influence] if row.influence else "",
            "points": row.points,
            "slot": f"#contact-{row.id}-slot",
            "point_url": f"{account_url(record.pk)}points/new/?contact={row.id}",
            "point_label": _text("Add a way to reach %(name)s") % {"name": row.name},
            "roles": [role for role in roles if role.contact_id == row.id and not role.is_here],
            "closeness": row.closeness,
            "steps": [(place < row.closeness, place * 12) for place in range(3)],
        }
        for row in contacts
    ]
    return {
        "contacts": shown,
        "own_points": own_points,
        "guests": [role for role in roles if role.is_here],
        "can_edit": can_edit,
        "can_reach": can_edit and grant(view.actor, ContactPoint).field_access("value") >= FieldAccess.WRITE,
        "phone": callable_number((*own_points, *(point for row in contacts for point in row.points))),
        "can_reveal": may_act_on(view.actor, record, Action.REVEAL),
    }


def profile_panel(record: Model, view: View) -> Mapping[str, object]:
    """What is known of the account, what could be, its classes, and the keys of other systems."""
    sections = line_sections(ACCOUNT, record, view)
    classes, keys = classes_and_keys(record.pk, view.actor)
    sorted_by = {row.scheme_id for row in classes}
    can_edit = may_act_on(view.actor, record, Action.EDIT)
    return {
        "sections": [(part.name, [line for line in part.lines if not line.is_empty]) for part in sections],
        "empty": [line for part in sections for line in part.lines if line.is_empty and line.edit_url],
        "classes": [_class_line(row, view.actor) for row in classes],
        "keys": keys,
        "can_edit": can_edit,
        "can_sort": can_edit
        and any(item.id not in sorted_by and is_open_to(item, view.actor) for item in schemes().values()),
    }


def _class_line(row: ClassRow, actor: Actor) -> dict[str, object]:
    """A customer's class in one scheme, as its card says it."""
    scheme = schemes().get(row.scheme_id)
    found = scheme.class_of(row.class_key) if scheme else None
    return {
        "id": row.id,
        "scheme": scheme_name(row.scheme_id),
        "name": class_name(row.scheme_id, row.class_key),
        "definition": found.definition if found else "",
        "colour": found.colour if found else "",
        "can_edit": scheme is not None and may_sort(scheme.setters, actor),
    }


def dates_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """Birthdays and other important dates with their next day."""
    entries = important_dates_of(record.pk, view.actor)
    can_edit = may_act_on(view.actor, record, Action.EDIT)
    if not entries and not can_edit:
        return None
    rows = []
    for entry in entries:
        is_lunar = entry.calendar == CalendarType.LUNAR
        written = lunar_date_words(entry.month, entry.day) if is_lunar else f"{entry.month:02}-{entry.day:02}"
        written = f"{entry.year}-{written}" if entry.year and not is_lunar else written
        who = f" · {entry.who}" if entry.who else ""
        next_on = next_occurrence(entry.month, entry.day, is_lunar=is_lunar, on=view.today)
        rows.append(
            {
                "id": entry.id,
                "label": (entry.label or DateType(entry.type).label) + who,
                "written": f"{CalendarType(entry.calendar).label} {written}",
                "next_on": next_on,
                "is_soon": (next_on - view.today).days <= formats.RELATIVE_DAYS,
            }
        )
    return {"dates": sorted(rows, key=lambda row: str(row["next_on"])), "can_edit": can_edit}


def traits_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """What is worth knowing of the customer and its people, by kind."""
    traits = traits_of(record.pk, view.actor)
    can_edit = may_act_on(view.actor, record, Action.EDIT)
    if not traits and not can_edit:
        return None
    rows = [
        {
            "id": trait.id,
            "kind": TraitKind(trait.kind).label,
            "is_taboo": trait.kind == TraitKind.TABOO,
            "text": trait.text,
            "who": trait.who,
        }
        for trait in traits
    ]
    return {"traits": rows, "can_edit": can_edit}


def is_seen(actor: Actor) -> bool:
    """Whether the person may open the list of accounts at all."""
    return may(actor, Account, Action.VIEW)


register_object(ACCOUNT)
register_object(CONTACT)
register_merge("account", commands.follow_account_merge)
register_merge("contact", commands.follow_contact_merge)
register_erasable(Erasable("account", commands.words_of_accounts))
register_erasable(Erasable("contact", commands.words_of_contacts, commands.follow_contact_erasure))
register_belongings(
    Belonging(AccountAlias, object_key="account", link="account"),
    Belonging(ExternalKey, _("Keys of other systems"), "account", "account"),
    Belonging(AccountClass, _("Classes"), "account", "account"),
    Belonging(Contact, _("Contacts"), "account", "account"),
    *(
        Belonging(model, label, object_key, object_key)
        for object_key in ("account", "contact")
        for model, label in (
            (Affiliation, _("Roles at customers")),
            (ImportantDate, _("Important dates")),
            (Trait, _("Notes worth knowing")),
            (ContactPoint, _("Ways to reach")),
        )
    ),
)
register_parts(
    "account",
    HistoryPart(Contact, pgettext_lazy("part", "Contact")),
    HistoryPart(ContactPoint, pgettext_lazy("part", "Way to reach the customer")),
    HistoryPart(Affiliation, pgettext_lazy("part", "Role at a further customer")),
    HistoryPart(ImportantDate, pgettext_lazy("part", "Important date")),
    HistoryPart(Trait, pgettext_lazy("part", "Note worth knowing")),
    HistoryPart(AccountClass, pgettext_lazy("part", "Class")),
)
contribute(
    "account",
    panels=(
        Panel("contacts", _("Contacts"), "customers/_contacts.html", contacts_panel, "side", 10, shows=("contact",)),
        Panel("fields", _("Profile"), "customers/_profile.html", profile_panel, "side", 30),
        Panel("traits", _("Worth knowing"), "customers/_traits.html", traits_panel, "side", 20),
        Panel("dates", _("Important dates"), "customers/_dates.html", dates_panel, "side", 40),
    ),
    acts=(
        RecordAct("edit", _("Edit"), "edit", lambda pk: reverse("account_edit", args=[pk]), Action.EDIT, 10),
        RecordAct(
            "contact",
            _("Add a contact"),
            "user-plus",
            lambda pk: reverse("contact_new", args=[pk]),
            Action.EDIT,
            30,
        ),
    ),
)
contribute(
    "contact",
    panels=(
        Panel("reach", _("Ways to reach the contact"), "customers/_reach.html", reach_panel, "side", 10),
        Panel("reach_short", _("Ways to reach the contact"), "customers/_reach_short.html", reach_panel, "preview", 10),
    ),
)
register_navigation(
    NavigationEntry("accounts", _("Customers"), "users", "account_list", _("Customers"), 20, 2, "a", is_shown=is_seen),
    NavigationEntry("contacts", _("Contacts"), "address-book", "contact_list", _("Customers"), 24, is_shown=is_seen),
)
register_creation(
    CreationEntry(
        "account", _("Customer"), "users", "account_new", 10, lambda actor: may(actor, Account, Action.CREATE)
    ),
    CreationEntry(
        "capture",
        _("From a signature or card"),
        "clipboard-text",
        "capture",
        12,
        lambda actor: may(actor, Account, Action.CREATE),
    ),
)
register_search(SearchTarget("account_list", _("Search customers: name, pinyin, initials, phone digits")))
