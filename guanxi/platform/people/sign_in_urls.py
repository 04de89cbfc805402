"""Addresses of the sign-in: of allauth's own only what is used here; nobody signs up or changes the address alone."""

from allauth.account import views
from allauth.socialaccount import views as house
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import include, path, re_path

from guanxi.platform.people.views.house import to_the_house

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", include("allauth.mfa.urls")),
    path("oidc/<slug:provider_id>/login/", to_the_house, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", openid_connect.callback, name="openid_connect_callback"),
    path("oidc/cancelled/", house.login_cancelled, name="socialaccount_login_cancelled"),
    path("oidc/error/", house.login_error, name="socialaccount_login_error"),
]
