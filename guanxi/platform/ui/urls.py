"""Addresses of the frame itself."""

from django.urls import path
from django.views.i18n import set_language

from guanxi.platform.access.urls import public, signed_in
from guanxi.platform.ui.jobs import cancel_job, jobs_page
from guanxi.platform.ui.views import keyboard, more, set_display

urlpatterns = [
    path("jobs/", signed_in(jobs_page), name="jobs"),
    path("jobs/<int:run_id>/cancel/", signed_in(cancel_job), name="cancel_job"),
    path("more/", signed_in(more), name="more"),
    path("keyboard/", signed_in(keyboard), name="keyboard"),
    path("display/", public(set_display), name="set_display"),
    path("language/", public(set_language), name="set_language"),
]
