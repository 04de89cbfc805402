"""Addresses by which records leave and enter."""

from django.urls import path

from guanxi.platform.access.urls import signed_in
from guanxi.platform.transfer import wizard
from guanxi.platform.transfer.export import export_list

urlpatterns = [
    path("objects/<slug:key>/export/", signed_in(export_list), name="export_list"),
    path("import/", signed_in(wizard.imports_page), name="imports"),
    path("import/<id:import_id>/", signed_in(wizard.import_page), name="import"),
    path("import/<id:import_id>/change/", signed_in(wizard.change_import), name="change_import"),
    path("import/<id:import_id>/go/", signed_in(wizard.move_import), name="move_import"),
    path("import/<id:import_id>/faults/", signed_in(wizard.import_faults), name="import_faults"),
]
