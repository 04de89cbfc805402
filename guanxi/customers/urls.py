"""Addresses of accounts."""

from django.urls import URLPattern, path

from guanxi.customers.models import Account, Classification, Contact, ContactPoint, RelationshipType
from guanxi.customers.views import accounts, capture, parts, relations, relationship_types, schemes
from guanxi.customers.views.part_forms import PARTS, PartKind
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.platform.ui.record_form import record_page_form

sees = requires(Account, Action.VIEW)
edits = requires(Account, Action.EDIT)
creates = requires(Account, Action.CREATE)
marks = requires(ContactPoint, Action.EDIT)
names_types = requires(RelationshipType, Action.ADMINISTER)
sorts = requires(Classification, Action.ADMINISTER)
reveals = requires(ContactPoint, Action.REVEAL)


def part_paths(kind: PartKind) -> list[URLPattern]:
    """The addresses of one kind of part below its account: new, edit, remove, restore."""
    changes = requires(kind.model, Action.EDIT)
    folder, given = f"accounts/<id:account_id>/{kind.folder}/", {"kind": kind}
    one = f"{folder}<id:record_id>/"
    return [
        path(f"{folder}new/", changes(parts.new_part), given, name=f"{kind.key}_new"),
        path(f"{one}edit/", changes(parts.edit_part), given, name=f"{kind.key}_edit"),
        path(f"{one}remove/", changes(parts.remove_part), given, name=f"{kind.key}_remove"),
        path(f"{one}restore/", changes(parts.restore_part), given, name=f"{kind.key}_restore"),
    ]


urlpatterns = [
    path("accounts/", sees(accounts.account_list), name="account_list"),
    path("accounts/new/", creates(record_page_form), {"key": "account"}, name="account_new"),
    path("accounts/from-text/", creates(capture.capture_page), name="capture"),
    path("accounts/names/", edits(parts.account_names), name="account_names"),
    path("accounts/parties/", edits(parts.party_names), name="party_names"),
    path("accounts/<id:account_id>/relations/", sees(relations.relations_page), name="account_relations"),
    path("accounts/<id:account_id>/", sees(accounts.account_card), name="account_card"),
    path("accounts/<id:account_id>/preview/", sees(accounts.account_preview), name="account_preview"),
    path("accounts/<id:record_id>/edit/", edits(record_page_form), {"key": "account"}, name="account_edit"),
    path("contacts/", requires(Contact, Action.VIEW)(accounts.contact_list), name="contact_list"),
    path("contact-points/<id:point_id>/reveal/", reveals(accounts.reveal_point), name="reveal_point"),
    path("contact-points/<id:point_id>/wrong/", marks(accounts.mark_point), {"is_wrong": True}, name="point_wrong"),
    path("contact-points/<id:point_id>/works/", marks(accounts.mark_point), {"is_wrong": False}, name="point_works"),
    path("settings/relationship-types/", names_types(relationship_types.types_page), name="relationship_types"),
    path("settings/relationship-types/new/", names_types(relationship_types.type_form), name="relationship_type_new"),
    path(
        "settings/relationship-types/<slug:type_key>/",
        names_types(relationship_types.type_form),
        name="relationship_type",
    ),
    path(
        "settings/relationship-types/<slug:type_key>/use/",
        names_types(relationship_types.use_type),
        name="relationship_type_use",
    ),
    path("settings/classifications/", sorts(schemes.schemes_page), name="classifications"),
    path("settings/classifications/new/", sorts(schemes.scheme_form), name="classification_new"),
    path("settings/classifications/<id:scheme_id>/", sorts(schemes.scheme_page), name="classification"),
    path("settings/classifications/<id:scheme_id>/edit/", sorts(schemes.scheme_form), name="classification_edit"),
    path("settings/classifications/<id:scheme_id>/use/", sorts(schemes.use_scheme), name="classification_use"),
    path("settings/classifications/<id:scheme_id>/order/", sorts(schemes.order_classes), name="order_classes"),
    path("settings/classifications/<id:scheme_id>/classes/new/", sorts(schemes.class_form), name="class_new"),
    path(
        "settings/classifications/<id:scheme_id>/classes/<slug:class_key>/",
        sorts(schemes.class_form),
        name="class_edit",
    ),
    path(
        "settings/classifications/<id:scheme_id>/classes/<slug:class_key>/merge/",
        sorts(schemes.merge_class),
        name="class_merge",
    ),
    path(
        "settings/classifications/<id:scheme_id>/merges/<id:merge_id>/undo/",
        sorts(schemes.undo_merge),
        name="undo_class_merge",
    ),
    *(address for kind in PARTS for address in part_paths(kind)),
]
