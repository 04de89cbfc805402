"""Relationships on the cards of customers and of their people, and what becomes of them."""

from collections.abc import Mapping, Sequence

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import Bond
from guanxi.customers.models import Contact, Relationship, RelationshipType
from guanxi.customers.objects.accounts import account_url
from guanxi.customers.queries import RelationshipRow, editable_ids, group_ids, relationships_of, type_words
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import ListFilter, Panel, RecordAct, View, Visible
from guanxi.platform.ui.navigation import SettingsEntry, register_settings

MOST_IN_PANEL = 12


def relations_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """What others are to the customer and to its people."""
    can_edit = may_act_on(view.actor, record, Action.EDIT)
    found = relationships_of([record.pk], view.actor)
    if not found and not can_edit:
        return None
    lines = _lines(found, account_id=record.pk, view=view, can_edit=can_edit)
    return {
        "lines": lines[:MOST_IN_PANEL],
        "count": len(lines),
        "can_edit": can_edit,
        "new_url": reverse("relationship_new", args=[record.pk]),
        "picture_url": f"{account_url(record.pk)}relations/",
    }


def person_relations_panel(record: Model, view: View) -> Mapping[str, object] | None:
    """What others are to a contact."""
    if not isinstance(record, Contact):
        return None
    found = [
        row
        for row in relationships_of([record.account_id], view.actor)
        if record.pk in (row.one.contact_id, row.other.contact_id)
    ]
    can_edit = may_act_on(view.actor, record, Action.EDIT)
    if not found and not can_edit:
        return None
    return {
        "lines": _lines(found, account_id=record.account_id, view=view, can_edit=can_edit, contact_id=record.pk),
        "can_edit": can_edit,
        "new_url": f"{reverse('relationship_new', args=[record.account_id])}?contact={record.pk}",
        "picture_url": f"{account_url(record.account_id)}relations/",
    }


def _lines(
    rows: Sequence[RelationshipRow], *, account_id: int, view: View, can_edit: bool, contact_id: int | None = None
) -> list[dict[str, object]]:
    """The relationships as lines: the far party, what it is, to whom of here, how close."""
    far_ids = {party.account_id for row in rows for party in (row.one, row.other)} - {account_id}
    open_ids = editable_ids(sorted(far_ids), view.actor) | {account_id} if rows and can_edit else frozenset()
    lines: list[dict[str, object]] = []
    for row in rows:
        near, far, is_far_first = row.side(account_id)
        if contact_id is not None and near.contact_id != contact_id:
            near, far, is_far_first = far, near, not is_far_first
        is_open = row.one.account_id in open_ids and row.other.account_id in open_ids
        lines.append(
            {
                "name": far.name,
                "home": far.home if far.contact_id and far.account_id != account_id else "",
                "url": far.url,
                "is_person": far.is_person,
                "words": type_words(row.type_key, is_first=is_far_first),
                "whose": near.name if near.contact_id and contact_id is None else "",
                "bond": Bond(row.bond).label,
                "steps": [(place < row.bond, place * 12) for place in range(3)],
                "since_on": row.since_on,
                "note": row.note,
                "edit_url": reverse("relationship_edit", args=[account_id, row.id]) if is_open else "",
            }
        )
    return lines


def narrow_group(visible: Visible, value: str, view: View) -> Visible:
    """A company and those below it in its group."""
    if not value.isdecimal() or len(value) > 18:
        return visible.none()
    below = visible.filter(pk__in=group_ids(int(value), view.actor))
    return below | visible.filter(pk=int(value))


register_belongings(
    *(
        Belonging(Relationship, _("Relationships"), object_key, link)
        for object_key, link in (
            ("account", "account"),
            ("account", "other_account"),
            ("contact", "contact"),
            ("contact", "other_contact"),
        )
    )
)
register_settings(
    SettingsEntry(
        "relationship_types",
        _("Types of relationship"),
        _("What people and organisations can be to each other: schoolmates, relatives, parent companies."),
        "users-group",
        "relationship_types",
        group=_("For the house"),
        order=44,
        is_shown=lambda actor: may(actor, RelationshipType, Action.ADMINISTER),
    )
)
contribute(
    "account",
    filters=(ListFilter("group_of", _("Group of"), lambda view: (), narrow_group, 50, is_offered=False),),
    panels=(Panel("relations", _("Relationships"), "customers/_relations.html", relations_panel, "side", 15),),
    acts=(
        RecordAct(
            "relations",
            _("See the picture of relationships"),
            "sitemap",
            lambda pk: reverse("account_relations", args=[pk]),
            Action.VIEW,
            60,
        ),
    ),
)
contribute(
    "contact",
    panels=(
        Panel("relations", _("Relationships"), "customers/_person_relations.html", person_relations_panel, "side", 20),
    ),
)
