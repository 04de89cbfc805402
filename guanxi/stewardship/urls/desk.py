"""Addresses of the steward's desk and of the scoreboard of quality."""

from django.urls import URLPattern, path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.stewardship.models import FieldConflict, Twin
from guanxi.stewardship.views import conflicts, desk, quality

works_at_the_desk = requires(Twin, Action.EDIT)
decides = requires(FieldConflict, Action.EDIT)

urlpatterns: list[URLPattern] = [
    path("steward/", works_at_the_desk(desk.desk), name="steward"),
    path("steward/quality/", works_at_the_desk(quality.scoreboard), name="quality"),
    path("steward/quality/count/", works_at_the_desk(quality.count_now), name="count_quality"),
    path("steward/conflicts/<id:conflict_id>/reopen/", decides(conflicts.reopen), name="reopen_conflict"),
    path("steward/<slug:kind>/", works_at_the_desk(desk.desk), name="steward_kind"),
    path("steward/<slug:kind>/<slug:entry>/", works_at_the_desk(desk.answer), name="desk_answer"),
    path("steward/<slug:kind>/<slug:entry>/back/", works_at_the_desk(desk.back), name="desk_back"),
]
