"""Addresses by which records leave and enter."""

from django.urls import path

from guanxi.platform.access.urls import signed_in
from guanxi.platform.transfer.export import export_list

urlpatterns = [path("objects/<slug:key>/export/", signed_in(export_list), name="export_list")]
