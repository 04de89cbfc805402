"""Addresses of accounts."""

from django.urls import path

from guanxi.customers import views
from guanxi.customers.models import Account, ContactPoint
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires

sees = requires(Account, Action.VIEW)
edits = requires(Account, Action.EDIT)
creates = requires(Account, Action.CREATE)
reveals = requires(ContactPoint, Action.REVEAL)

urlpatterns = [
    path("accounts/", sees(views.account_list), name="account_list"),
    path("accounts/new/", creates(views.account_form), name="account_new"),
    path("accounts/<int:account_id>/", sees(views.account_card), name="account_card"),
    path("accounts/<int:account_id>/preview/", sees(views.account_preview), name="account_preview"),
    path("accounts/<int:account_id>/edit/", edits(views.account_form), name="account_edit"),
    path("contact-points/<int:point_id>/reveal/", reveals(views.reveal_point), name="reveal_point"),
]
