"""Addresses of the frame itself."""

from django.urls import path
from django.views.i18n import set_language

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import public, requires, signed_in
from guanxi.platform.accounts.models import User
from guanxi.platform.ui.arranging import arrange_page
from guanxi.platform.ui.board import board_page, move_card
from guanxi.platform.ui.bulk import bulk_page, undo_bulk
from guanxi.platform.ui.calendar import calendar_page
from guanxi.platform.ui.favourites import favourite, favourites_page
from guanxi.platform.ui.files import record_file, record_file_download, record_file_inline
from guanxi.platform.ui.filters import filter_builder
from guanxi.platform.ui.inline import record_field, undo_field
from guanxi.platform.ui.jobs import cancel_job, jobs_page
from guanxi.platform.ui.list_columns import column_chooser
from guanxi.platform.ui.palette import palette
from guanxi.platform.ui.panels import record_panel
from guanxi.platform.ui.preferences import my_preferences
from guanxi.platform.ui.record_form import record_alike, record_names, record_page_form
from guanxi.platform.ui.records import object_list, record_card, record_preview, restore_one, trash_one
from guanxi.platform.ui.saved_views import forget_view, new_view, saved_view
from guanxi.platform.ui.tags import record_tags
from guanxi.platform.ui.view_counts import view_counts
from guanxi.platform.ui.views import keyboard, more, set_display, settings_page

urlpatterns = [
    path("jobs/", signed_in(jobs_page), name="jobs"),
    path("jobs/<id:run_id>/cancel/", signed_in(cancel_job), name="cancel_job"),
    path("objects/<slug:key>/filter/", signed_in(filter_builder), name="filter_builder"),
    path("objects/<slug:key>/columns/", signed_in(column_chooser), name="column_chooser"),
    path("objects/<slug:key>/views/counts/", signed_in(view_counts), name="view_counts"),
    path("objects/<slug:key>/views/new/", signed_in(new_view), name="new_view"),
    path("objects/<slug:key>/views/<id:view_id>/", signed_in(saved_view), name="saved_view"),
    path("objects/<slug:key>/views/<id:view_id>/remove/", signed_in(forget_view), name="remove_view"),
    path("objects/<slug:key>/bulk/", signed_in(bulk_page), name="bulk"),
    path("objects/changes/<id:change_id>/undo/", signed_in(undo_bulk), name="undo_bulk"),
    path("objects/<slug:key>/", signed_in(object_list), name="object_list"),
    path("objects/<slug:key>/arrange/", requires(User, Action.ADMINISTER)(arrange_page), name="arrange"),
    path("objects/<slug:key>/board/", signed_in(board_page), name="board"),
    path("objects/<slug:key>/calendar/", signed_in(calendar_page), name="record_calendar"),
    path("objects/<slug:key>/<id:record_id>/move/", signed_in(move_card), name="move_card"),
    path("objects/<slug:key>/new/", signed_in(record_page_form), name="record_new"),
    path("objects/<slug:key>/alike/", signed_in(record_alike), name="record_alike"),
    path("objects/<slug:key>/names/", signed_in(record_names), name="record_names"),
    path("objects/<slug:key>/<id:record_id>/", signed_in(record_card), name="record_card"),
    path("objects/<slug:key>/<id:record_id>/preview/", signed_in(record_preview), name="record_preview"),
    path("objects/<slug:key>/<id:record_id>/panels/<slug:panel>/", signed_in(record_panel), name="record_panel"),
    path("objects/<slug:key>/<id:record_id>/edit/", signed_in(record_page_form), name="record_edit"),
    path("objects/<slug:key>/<id:record_id>/trash/", signed_in(trash_one), name="trash_record"),
    path("objects/<slug:key>/<id:record_id>/restore/", signed_in(restore_one), name="restore_record"),
    path("objects/<slug:key>/<id:record_id>/fields/<slug:field>/", signed_in(record_field), name="record_field"),
    path("objects/<slug:key>/<id:record_id>/fields/<slug:field>/undo/", signed_in(undo_field), name="undo_field"),
    path("objects/<slug:key>/<id:record_id>/files/<slug:field>/", signed_in(record_file), name="record_file"),
    path(
        "objects/<slug:key>/<id:record_id>/files/<slug:field>/download/",
        signed_in(record_file_download),
        name="record_file_download",
    ),
    path(
        "objects/<slug:key>/<id:record_id>/files/<slug:field>/inline/",
        signed_in(record_file_inline),
        name="record_file_inline",
    ),
    path("objects/<slug:key>/<id:record_id>/tags/", signed_in(record_tags), name="record_tags"),
    path("objects/<slug:key>/<id:record_id>/favourite/", signed_in(favourite), name="favourite"),
    path("favourites/", signed_in(favourites_page), name="favourites"),
    path("palette/", signed_in(palette), name="palette"),
    path("settings/", signed_in(settings_page), name="settings"),
    path("settings/me/", signed_in(my_preferences), name="my_preferences"),
    path("more/", signed_in(more), name="more"),
    path("keyboard/", signed_in(keyboard), name="keyboard"),
    path("display/", public(set_display), name="set_display"),
    path("language/", public(set_language), name="set_language"),
]
