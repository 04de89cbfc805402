"""Addresses of handovers."""

from django.urls import path

from guanxi.customers.models import Account
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.stewardship.views import handovers, signing

hands = requires(Account, Action.TRANSFER)
sees = requires(Account, Action.VIEW)

urlpatterns = [
    path("handovers/", hands(handovers.handovers_page), name="handovers"),
    path("handovers/new/", hands(handovers.new_handover), name="handover_new"),
    path("handovers/mine/", sees(signing.own_handovers), name="handovers_own"),
    path("handovers/mine/sign/", sees(signing.sign_many), name="handovers_sign"),
    path("handovers/<id:case_id>/", hands(handovers.handover_page), name="handover"),
    path("handovers/<id:case_id>/split/", hands(handovers.split_handover), name="handover_split"),
    path("handovers/<id:case_id>/give/", hands(handovers.give_customers), name="handover_give"),
    path("handovers/<id:case_id>/hand-over/", hands(handovers.hand_over_now), name="handover_now"),
    path("handovers/<id:case_id>/undo/", hands(handovers.take_back), name="handover_undo"),
    path("handovers/customers/<id:item_id>/", sees(signing.brief_page), name="brief"),
    path("handovers/customers/<id:item_id>/sign/", sees(signing.sign), name="brief_sign"),
    path("handovers/customers/<id:item_id>/refuse/", sees(signing.refuse), name="brief_refuse"),
    path("handovers/customers/<id:item_id>/told/", sees(signing.tell_customer), name="brief_told"),
    path("accounts/<id:account_id>/hand-over/", sees(handovers.hand_account_over), name="account_hand_over"),
]
