"""Addresses of the desk, of pools, handovers and privacy."""

from django.urls import path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.stewardship.models import ConsentRecord, SubjectRequest, Twin
from guanxi.stewardship.views import consent, duplicates, privacy

decides = requires(Twin, Action.EDIT)
sees, enters = requires(SubjectRequest, Action.VIEW), requires(SubjectRequest, Action.CREATE)
answers, takes_out = requires(SubjectRequest, Action.EDIT), requires(SubjectRequest, Action.EXPORT)

urlpatterns = [
    path("steward/", decides(duplicates.desk), name="duplicates"),
    path("steward/decided/", decides(duplicates.decided), name="decided"),
    path("steward/scan/", decides(duplicates.scan), name="scan_duplicates"),
    path("steward/pairs/<id:twin_id>/", decides(duplicates.decide), name="decide_twin"),
    path("steward/pairs/<id:twin_id>/reopen/", decides(duplicates.reopen), name="reopen_twin"),
    path("accounts/<id:account_id>/consents/", requires(ConsentRecord, Action.VIEW)(consent.consents), name="consents"),
    path("privacy/", sees(privacy.requests), name="privacy"),
    path("privacy/new/", enters(privacy.new), name="privacy_new"),
    path("privacy/<id:request_id>/", sees(privacy.request_page), name="privacy_request"),
    path("privacy/<id:request_id>/answer/", answers(privacy.answer), name="privacy_answer"),
    path("privacy/<id:request_id>/erase/", answers(privacy.erase), name="privacy_erase"),
    path("privacy/<id:request_id>/copy/", takes_out(privacy.copy), name="privacy_copy"),
]
