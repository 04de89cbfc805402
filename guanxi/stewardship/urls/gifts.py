"""Addresses of gifts: what was given, the form to give, budgets and limits."""

from django.urls import path

from guanxi.customers.models import Account, Contact
from guanxi.ledger.models import Fact
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.stewardship.models import GiftBudget, GiftLimit
from guanxi.stewardship.views import gift_settings, gifts

budgets, limits = requires(GiftBudget, Action.EDIT), requires(GiftLimit, Action.EDIT)

urlpatterns = [
    path("gifts/", requires(Fact, Action.VIEW)(gifts.gifts_page), name="gifts"),
    path("gifts/budgets/new/", requires(GiftBudget, Action.CREATE)(gift_settings.budget_form), name="gift_budget_new"),
    path("gifts/budgets/<id:budget_id>/", budgets(gift_settings.budget_form), name="gift_budget"),
    path("gifts/budgets/<id:budget_id>/remove/", budgets(gift_settings.remove_budget), name="gift_budget_remove"),
    path("gifts/limits/new/", requires(GiftLimit, Action.CREATE)(gift_settings.limit_form), name="gift_limit_new"),
    path("gifts/limits/<id:limit_id>/", limits(gift_settings.limit_form), name="gift_limit"),
    path("gifts/limits/<id:limit_id>/remove/", limits(gift_settings.remove_limit), name="gift_limit_remove"),
    path("accounts/<id:account_id>/gifts/new/", requires(Account, Action.EDIT)(gifts.give_form), name="gift_new"),
    path("contacts/<id:contact_id>/gift/", requires(Contact, Action.EDIT)(gifts.contact_gift), name="contact_gift"),
]
