"""Addresses of the designer."""

from django.urls import path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.platform.accounts.models import User
from guanxi.platform.designer import roll_ups, tags, views

designs = requires(User, Action.ADMINISTER)

urlpatterns = [
    path("settings/objects/", designs(views.objects_page), name="design"),
    path("settings/objects/new/", designs(views.new_object), name="design_new_object"),
    path("settings/objects/<slug:key>/", designs(views.object_page), name="design_object"),
    path("settings/objects/<slug:key>/edit/", designs(views.edit_object), name="design_edit_object"),
    path("settings/objects/<slug:key>/views/", designs(views.set_views), name="design_views"),
    path("settings/objects/<slug:key>/retire/", designs(views.retire_object), name="design_retire_object"),
    path("settings/objects/<slug:key>/fields/new/", designs(views.new_field), name="design_new_field"),
    path("settings/objects/<slug:key>/fields/<id:field_id>/", designs(views.edit_field), name="design_field"),
    path("settings/objects/<slug:key>/tags/", designs(tags.tags_page), name="design_tags"),
    path("settings/objects/<slug:key>/tags/<id:tag_id>/", designs(tags.tag_page), name="design_tag"),
    path(
        "settings/objects/<slug:key>/tags/<id:tag_id>/retire/", designs(tags.retire_tag_page), name="design_retire_tag"
    ),
    path("settings/objects/<slug:key>/tags/<id:tag_id>/move/", designs(tags.move_tag_page), name="design_move_tag"),
    path("settings/objects/<slug:key>/roll-ups/new/", designs(roll_ups.new_roll_up), name="design_new_roll_up"),
    path(
        "settings/objects/<slug:key>/roll-ups/conditions/",
        designs(roll_ups.roll_up_conditions),
        name="design_roll_up_conditions",
    ),
    path(
        "settings/objects/<slug:key>/roll-ups/<id:roll_up_id>/",
        designs(roll_ups.edit_roll_up_page),
        name="design_roll_up",
    ),
    path(
        "settings/objects/<slug:key>/roll-ups/<id:roll_up_id>/retire/",
        designs(roll_ups.retire_roll_up_page),
        name="design_retire_roll_up",
    ),
    path(
        "settings/objects/<slug:key>/fields/<id:field_id>/retire/",
        designs(views.retire_field),
        name="design_retire_field",
    ),
    path("settings/objects/<slug:key>/fields/<id:field_id>/move/", designs(views.move_field), name="design_move_field"),
]
