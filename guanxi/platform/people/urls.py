"""Addresses of the people room."""

from django.urls import path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires, signed_in
from guanxi.platform.accounts.models import Role, User
from guanxi.platform.people.views import (
    explain,
    people,
    policy,
    rates,
    reads,
    roles,
    security,
    sessions,
    sharing,
    tokens,
    units,
)

administers = requires(User, Action.ADMINISTER)
shapes_roles = requires(Role, Action.ADMINISTER)

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
    path("settings/roles/", shapes_roles(roles.roles_page), name="roles"),
    path("settings/roles/new/", shapes_roles(roles.new_role), name="new_role"),
    path("settings/roles/<id:role_id>/", shapes_roles(roles.role_page), name="role"),
    path("settings/roles/<id:role_id>/rule/", shapes_roles(roles.role_rule), name="role_rule"),
    path("settings/roles/<id:role_id>/retire/", shapes_roles(roles.retire), name="retire_role"),
    path("settings/roles/<id:role_id>/reinstate/", shapes_roles(roles.reinstate), name="reinstate_role"),
    path("settings/units/", administers(units.units_page), name="units"),
    path("settings/units/new/", administers(units.new_unit), name="new_unit"),
    path("settings/units/<id:unit_id>/", administers(units.unit_page), name="unit"),
    path("settings/people/<id:user_id>/rights/", administers(explain.explain_page), name="explain"),
    path("settings/reads/", administers(reads.reads_page), name="reads"),
    path("settings/security/", administers(security.security_page), name="security"),
    path("objects/<slug:key>/<id:record_id>/sharing/", signed_in(sharing.sharing_page), name="sharing"),
    path("objects/<slug:key>/<id:record_id>/sharing/<id:share_id>/end/", signed_in(sharing.end_one), name="end_share"),
    path("objects/<slug:key>/<id:record_id>/sharing/again/", signed_in(sharing.share_again), name="share_again"),
    path("settings/rates/", administers(rates.rates_page), name="rates"),
    path("settings/rates/house/", administers(rates.set_house_currency), name="house_currency"),
    path("settings/rates/<id:rate_id>/remove/", administers(rates.remove_one), name="remove_rate"),
    path("settings/sign-in-rules/", administers(policy.policy_page), name="sign_in_policy"),
]
