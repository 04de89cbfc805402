"""Addresses of the portal: public ones, and those by which the house sets them up."""

from django.urls import path

from guanxi.customers.models import Account
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import public, requires
from guanxi.portal.models import Submission, WebForm
from guanxi.portal.views import building, confirming, preferences, quarantine
from guanxi.portal.views import public as visits

sees, edits = requires(WebForm, Action.VIEW), requires(WebForm, Action.EDIT)
framed = {"is_framed": True}

urlpatterns = [
    path("f/confirm/<str:token>/", public(confirming.confirm_page), name="confirm_consents"),
    path("f/<slug:slug>/", public(visits.form_page), name="form"),
    path("f/<slug:slug>/thanks/", public(visits.thanks_page), name="form_thanks"),
    path("f/<slug:slug>/embed/", public(visits.form_page), framed, name="framed_form"),
    path("f/<slug:slug>/embed/thanks/", public(visits.thanks_page), framed, name="framed_form_thanks"),
    path("p/<str:token>/", public(preferences.preferences), name="preferences"),
    path("p/<str:token>/ask/", public(preferences.ask), name="preferences_ask"),
    path("privacy-notice/<id:number>/", public(visits.notice_page), name="privacy_notice"),
    path("forms/", sees(building.forms_page), name="web_forms"),
    path("forms/new/", requires(WebForm, Action.CREATE)(building.build), name="new_web_form"),
    path("forms/quarantine/", edits(quarantine.quarantine), name="quarantine"),
    path("forms/quarantine/<id:submission_id>/", edits(quarantine.decide), name="decide_submission"),
    path("forms/quarantine/<id:submission_id>/undo/", edits(quarantine.undo), name="undo_discard"),
    path("forms/files/<id:file_id>/", requires(Submission, Action.VIEW)(quarantine.file), name="sent_file"),
    path("forms/<id:form_id>/", sees(building.form_card), name="web_form"),
    path("forms/<id:form_id>/edit/", edits(building.build), name="edit_web_form"),
    path("forms/<id:form_id>/qr.svg", sees(building.qr_code), name="web_form_qr"),
    path(
        "preferences/<slug:key>/<id:record_id>/",
        requires(Account, Action.EDIT)(preferences.link_page),
        name="preference_link",
    ),
]
