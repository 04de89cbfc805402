"""Addresses of consents, and of what people ask about what is known of them."""

from django.urls import path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.stewardship.models import (
    ConsentRecord,
    LegalHold,
    NoticeEdition,
    Restriction,
    RetentionRule,
    SubjectRequest,
)
from guanxi.stewardship.views import consent, notices, privacy, restraints, retention

sees, enters = requires(SubjectRequest, Action.VIEW), requires(SubjectRequest, Action.CREATE)
answers, takes_out = requires(SubjectRequest, Action.EDIT), requires(SubjectRequest, Action.EXPORT)
sees_rules, writes_rules = requires(RetentionRule, Action.VIEW), requires(RetentionRule, Action.CREATE)
edits_rules = requires(RetentionRule, Action.EDIT)
sees_notices, writes_notices = requires(NoticeEdition, Action.VIEW), requires(NoticeEdition, Action.CREATE)
edits_notices = requires(NoticeEdition, Action.EDIT)
holds, releases = requires(LegalHold, Action.CREATE), requires(LegalHold, Action.EDIT)
restricts = requires(Restriction, Action.CREATE)

urlpatterns = [
    path("accounts/<id:account_id>/consents/", requires(ConsentRecord, Action.VIEW)(consent.consents), name="consents"),
    path("privacy/", sees(privacy.requests), name="privacy"),
    path("privacy/new/", enters(privacy.new), name="privacy_new"),
    path("privacy/<id:request_id>/", sees(privacy.request_page), name="privacy_request"),
    path("privacy/<id:request_id>/answer/", answers(privacy.answer), name="privacy_answer"),
    path("privacy/<id:request_id>/identity/", answers(privacy.identity), name="privacy_identity"),
    path("privacy/<id:request_id>/erase/", answers(privacy.erase), name="privacy_erase"),
    path("privacy/<id:request_id>/copy/", takes_out(privacy.copy), name="privacy_copy"),
    path("accounts/<id:account_id>/hold/", holds(restraints.place_hold), name="place_hold"),
    path("privacy/holds/<id:hold_id>/release/", releases(restraints.release_hold), name="release_hold"),
    path("privacy/restrict/<slug:key>/<id:record_id>/", restricts(restraints.restrict), name="restrict"),
    path(
        "privacy/restrictions/<id:restriction_id>/lift/",
        answers(restraints.lift_restriction),
        name="lift_restriction",
    ),
    path("privacy/retention/", sees_rules(retention.rules), name="retention"),
    path("privacy/retention/new/", writes_rules(retention.rule_page_form), name="new_retention_rule"),
    path("privacy/retention/<id:rule_id>/", sees_rules(retention.rule_page), name="retention_rule"),
    path("privacy/retention/<id:rule_id>/edit/", edits_rules(retention.rule_page_form), name="edit_retention_rule"),
    path("privacy/retention/<id:rule_id>/look/", edits_rules(retention.look), name="look_at_retention_rule"),
    path("privacy/retention/<id:rule_id>/confirm/", edits_rules(retention.confirm), name="confirm_retention_rule"),
    path("privacy/retention/<id:rule_id>/stop/", edits_rules(retention.stop), name="stop_retention_rule"),
    path("privacy/retention/<id:rule_id>/remove/", edits_rules(retention.remove), name="remove_retention_rule"),
    path("privacy/notices/", sees_notices(notices.notices), name="notices"),
    path("privacy/notices/new/", writes_notices(notices.notice_form), name="new_notice"),
    path("privacy/notices/<id:notice_id>/", sees_notices(notices.notice), name="notice"),
    path("privacy/notices/<id:notice_id>/edit/", edits_notices(notices.notice_form), name="edit_notice"),
    path("privacy/notices/<id:notice_id>/publish/", edits_notices(notices.publish), name="publish_notice"),
]
