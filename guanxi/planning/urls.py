"""Addresses of the information plan."""

from django.urls import path

from guanxi.planning.models import Completeness, InformationItem, InformationPlan, MarketPhase, Signoff, Verification
from guanxi.planning.views import forms, plan, scores
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires

sees = requires(InformationPlan, Action.VIEW)
edits = requires(InformationPlan, Action.EDIT)
creates = requires(InformationPlan, Action.CREATE)
edits_items = requires(InformationItem, Action.EDIT)
signs = requires(Signoff, Action.EDIT)

urlpatterns = [
    path("plan/", sees(plan.plan_page), name="plan"),
    path("plan/start/", creates(plan.start), name="start_plan"),
    path("plan/scores/", requires(Completeness, Action.VIEW)(scores.scores_page), name="plan_scores"),
    path("plan/phases/", requires(MarketPhase, Action.VIEW)(forms.phases_page), name="market_phases"),
    path("plan/items/retire/", edits_items(plan.retire_items), name="retire_items"),
    path("plan/items/restore/", edits_items(plan.restore_items), name="restore_items"),
    path("plan/items/<id:item_id>/", sees(forms.item_page), name="plan_item"),
    path("plan/items/<id:item_id>/edit/", edits_items(forms.edit_item), name="plan_item_edit"),
    path("plan/items/<id:item_id>/need/", edits_items(plan.set_need), name="set_need"),
    path("plan/signoffs/<id:signoff_id>/", signs(plan.sign), name="sign_plan"),
    path("plan/<id:plan_id>/items/new/", edits(forms.new_item), name="plan_item_new"),
    path("plan/<id:plan_id>/compare/", sees(forms.compare_page), name="compare_plan"),
    path("plan/<id:plan_id>/next/", creates(plan.begin), name="begin_plan"),
    path("plan/<id:plan_id>/submit/", edits(forms.submit_plan), name="submit_plan"),
    path("plan/<id:plan_id>/take-back/", edits(plan.take_back), name="take_back_plan"),
    path("plan/<id:plan_id>/publish/", edits(plan.publish), name="publish_plan"),
    path("plan/<id:plan_id>/confirm/", sees(plan.confirm), name="confirm_plan"),
    path(
        "accounts/<id:account_id>/information/<id:binding_id>/verify/",
        requires(Verification, Action.EDIT)(scores.verify),
        name="verify_information",
    ),
]
