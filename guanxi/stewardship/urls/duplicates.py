"""Addresses of pairs of records that may be one."""

from django.urls import URLPattern, path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.stewardship.models import Twin
from guanxi.stewardship.views import duplicates

decides = requires(Twin, Action.EDIT)

urlpatterns: list[URLPattern] = [
    path("steward/decided/", decides(duplicates.decided), name="decided"),
    path("steward/scan/", decides(duplicates.scan), name="scan_duplicates"),
    path("steward/pairs/<id:twin_id>/", decides(duplicates.decide), name="decide_twin"),
    path("steward/groups/<id:twin_id>/", decides(duplicates.decide_group), name="decide_group"),
    path("steward/groups/<id:twin_id>/reopen/", decides(duplicates.reopen_group), name="reopen_group"),
    path("steward/pairs/<id:twin_id>/reopen/", decides(duplicates.reopen), name="reopen_twin"),
]
