"""Addresses of the people room."""

from django.urls import path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires, signed_in
from guanxi.platform.accounts.models import User
from guanxi.platform.people.views import people, policy, sessions, tokens

administers = requires(User, Action.ADMINISTER)

urlpatterns = [
    path("settings/sessions/", signed_in(sessions.sessions_page), name="sessions"),
    path("settings/sessions/end-others/", signed_in(sessions.end_others), name="end_other_sessions"),
    path("settings/sessions/<slug:digest>/end/", signed_in(sessions.end_one), name="end_session"),
    path("settings/tokens/", signed_in(tokens.tokens_page), name="tokens"),
    path("settings/tokens/new/", signed_in(tokens.new_token), name="new_token"),
    path("settings/tokens/<id:token_id>/revoke/", signed_in(tokens.revoke), name="revoke_token"),
    path("settings/people/", administers(people.people_page), name="people"),
    path("settings/people/invite/", administers(people.invitation_page), name="invite_person"),
    path("settings/people/<id:user_id>/", administers(people.person_page), name="person"),
    path("settings/people/<id:user_id>/invite/", administers(people.invite_once_more), name="invite_again"),
    path("settings/people/<id:user_id>/deactivate/", administers(people.deactivate), name="deactivate_person"),
    path("settings/people/<id:user_id>/activate/", administers(people.activate), name="activate_person"),
    path(
        "settings/people/<id:user_id>/forget-second-factors/",
        administers(people.forget_second_factors),
        name="forget_second_factors",
    ),
    path("settings/sign-in-rules/", administers(policy.policy_page), name="sign_in_policy"),
]
