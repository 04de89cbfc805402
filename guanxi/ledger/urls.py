"""Addresses of the ledger."""

from django.urls import path

from guanxi.ledger import views
from guanxi.ledger.models import Fact
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires

urlpatterns = [
    path("accounts/<int:account_id>/facts/", requires(Fact, Action.VIEW)(views.facts_page), name="facts"),
    path("accounts/<int:account_id>/log/", requires(Fact, Action.EDIT)(views.log_contact), name="log_contact"),
    path("facts/<int:fact_id>/void/", requires(Fact, Action.EDIT)(views.void_logged), name="void_fact"),
]
