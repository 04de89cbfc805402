"""Addresses of the queue, and of the settings that shape it."""

from django.urls import path

from guanxi.care.models import AccountCadence, CadenceRule, CareSetting, QueueRow
from guanxi.care.views import cadence, classes, deciding, differences, today
from guanxi.care.views.working_day import working_day_page
from guanxi.customers.models import AccountClass, ClassStrategy
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires

sees = requires(QueueRow, Action.VIEW)
edits = requires(QueueRow, Action.EDIT)
plans = requires(CareSetting, Action.EDIT)
paces = requires(CadenceRule, Action.EDIT)
paces_account = requires(AccountCadence, Action.EDIT)

sees_classes = requires(AccountClass, Action.VIEW)

urlpatterns = [
    path("", sees(today.today_page), name="today"),
    path("today/rows/<id:row_id>/", sees(today.row_part), name="today_row"),
    path("today/held/<str:state>/", sees(today.held_page), name="today_held"),
    path("today/rows/<id:row_id>/done/", edits(deciding.complete), name="today_done"),
    path("today/rows/<id:row_id>/later/", edits(deciding.snooze), name="today_later"),
    path("today/rows/<id:row_id>/not-useful/", edits(deciding.reject), name="today_reject"),
    path("today/rows/<id:row_id>/undo/", edits(deciding.undo), name="today_undo"),
    path("today/more/", edits(deciding.more), name="today_more"),
    path("settings/working-day/", plans(working_day_page), name="working_day"),
    path("settings/working-day/<id:user_id>/", plans(working_day_page), name="working_day_of"),
    path("settings/cadence/", paces(cadence.cadence_page), name="cadence"),
    path("settings/cadence/<str:grade>/", paces(cadence.save_cadence), name="save_cadence"),
    path("classes/", sees_classes(classes.classes_page), name="classes"),
    path("classes/<id:scheme_id>/differences/", sees_classes(differences.differences_page), name="class_differences"),
    path(
        "classes/<id:scheme_id>/strategy/<slug:class_key>/",
        requires(ClassStrategy, Action.EDIT)(classes.strategy_form),
        name="class_strategy",
    ),
    path("accounts/<id:account_id>/cadence/", paces_account(cadence.account_cadence), name="account_cadence"),
]
