"""Addresses of consents, and of what people ask about what is known of them."""

from django.urls import path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.stewardship.models import ConsentRecord, SubjectRequest
from guanxi.stewardship.views import consent, privacy

sees, enters = requires(SubjectRequest, Action.VIEW), requires(SubjectRequest, Action.CREATE)
answers, takes_out = requires(SubjectRequest, Action.EDIT), requires(SubjectRequest, Action.EXPORT)

urlpatterns = [
    path("accounts/<id:account_id>/consents/", requires(ConsentRecord, Action.VIEW)(consent.consents), name="consents"),
    path("privacy/", sees(privacy.requests), name="privacy"),
    path("privacy/new/", enters(privacy.new), name="privacy_new"),
    path("privacy/<id:request_id>/", sees(privacy.request_page), name="privacy_request"),
    path("privacy/<id:request_id>/answer/", answers(privacy.answer), name="privacy_answer"),
    path("privacy/<id:request_id>/identity/", answers(privacy.identity), name="privacy_identity"),
    path("privacy/<id:request_id>/erase/", answers(privacy.erase), name="privacy_erase"),
    path("privacy/<id:request_id>/copy/", takes_out(privacy.copy), name="privacy_copy"),
]
