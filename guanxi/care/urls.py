"""Addresses of the queue."""

from django.urls import path

from guanxi.care.models import QueueRow
from guanxi.care.views import deciding, today
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires

sees = requires(QueueRow, Action.VIEW)
edits = requires(QueueRow, Action.EDIT)

urlpatterns = [
    path("", sees(today.today_page), name="today"),
    path("today/rows/<int:row_id>/", sees(today.row_part), name="today_row"),
    path("today/held/<str:state>/", sees(today.held_page), name="today_held"),
    path("today/rows/<int:row_id>/done/", edits(deciding.complete), name="today_done"),
    path("today/rows/<int:row_id>/later/", edits(deciding.snooze), name="today_later"),
    path("today/rows/<int:row_id>/not-useful/", edits(deciding.reject), name="today_reject"),
    path("today/rows/<int:row_id>/undo/", edits(deciding.undo), name="today_undo"),
    path("today/more/", edits(deciding.more), name="today_more"),
]
