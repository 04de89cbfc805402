"""Addresses of the ledger."""

from django.urls import path

from guanxi.ledger import views
from guanxi.ledger.models import CompetitorPromotion, Fact
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires

sees = requires(CompetitorPromotion, Action.VIEW)
creates = requires(CompetitorPromotion, Action.CREATE)
edits = requires(CompetitorPromotion, Action.EDIT)

urlpatterns = [
    path("accounts/<id:account_id>/facts/", requires(Fact, Action.VIEW)(views.facts_page), name="facts"),
    path("accounts/<id:account_id>/log/", requires(Fact, Action.EDIT)(views.log_contact), name="log_contact"),
    path("promotions/", sees(views.promotions_page), name="promotions"),
    path("promotions/new/", creates(views.promotion_form), name="promotion_new"),
    path("promotions/<id:promotion_id>/", edits(views.promotion_form), name="promotion_edit"),
    path("promotions/<id:promotion_id>/remove/", edits(views.remove_promotion), name="remove_promotion"),
    path("facts/<id:fact_id>/void/", requires(Fact, Action.EDIT)(views.void_logged), name="void_fact"),
]
