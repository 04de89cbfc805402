"""Addresses of the information plan."""

from django.urls import path

from guanxi.planning.models import (
    Completeness,
    InformationItem,
    InformationPlan,
    MarketPhase,
    NeedsRound,
    Signoff,
    Verification,
)
from guanxi.planning.views import forms, grid, plan, rounds, scores, sheets, taking
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires, signed_in

sees = requires(InformationPlan, Action.VIEW)
edits = requires(InformationPlan, Action.EDIT)
creates = requires(InformationPlan, Action.CREATE)
edits_items = requires(InformationItem, Action.EDIT)
signs = requires(Signoff, Action.EDIT)
asks = requires(NeedsRound, Action.EDIT)

urlpatterns = [
    path("plan/", sees(plan.plan_page), name="plan"),
    path("plan/start/", creates(plan.start), name="start_plan"),
    path("plan/scores/", requires(Completeness, Action.VIEW)(scores.scores_page), name="plan_scores"),
    path("plan/phases/", requires(MarketPhase, Action.VIEW)(forms.phases_page), name="market_phases"),
    path("plan/items/retire/", edits_items(plan.retire_items), name="retire_items"),
    path("plan/items/restore/", edits_items(plan.restore_items), name="restore_items"),
    path("plan/items/<id:item_id>/", sees(forms.item_page), name="plan_item"),
    path("plan/items/<id:item_id>/edit/", edits_items(forms.edit_item), name="plan_item_edit"),
    path("plan/items/<id:item_id>/needs/", edits_items(grid.needs_page), name="plan_item_needs"),
    path("plan/items/<id:item_id>/need/", edits_items(plan.set_need), name="set_need"),
    path("plan/signoffs/<id:signoff_id>/", signs(plan.sign), name="sign_plan"),
    path("plan/<id:plan_id>/items/new/", edits(forms.new_item), name="plan_item_new"),
    path("plan/<id:plan_id>/compare/", sees(forms.compare_page), name="compare_plan"),
    path("plan/<id:plan_id>/next/", creates(plan.begin), name="begin_plan"),
    path("plan/<id:plan_id>/for/", creates(forms.begin_elsewhere), name="begin_plan_elsewhere"),
    path("plan/<id:plan_id>/submit/", edits(forms.submit_plan), name="submit_plan"),
    path("plan/<id:plan_id>/take-back/", edits(plan.take_back), name="take_back_plan"),
    path("plan/<id:plan_id>/publish/", edits(plan.publish), name="publish_plan"),
    path("plan/<id:plan_id>/confirm/", sees(plan.confirm), name="confirm_plan"),
    path("plan/<id:plan_id>/rounds/", asks(rounds.rounds_page), name="plan_rounds"),
    path("plan/<id:plan_id>/rounds/new/", asks(rounds.open_round), name="open_round"),
    path("plan/rounds/<id:round_id>/", asks(rounds.round_page), name="needs_round"),
    path("plan/rounds/<id:round_id>/people/", asks(rounds.ask_more), name="ask_more"),
    path("plan/rounds/<id:round_id>/people/<id:sheet_id>/release/", asks(rounds.release), name="release_person"),
    path("plan/rounds/<id:round_id>/remind/", asks(rounds.remind), name="remind_round"),
    path("plan/rounds/<id:round_id>/close/", asks(rounds.close_round), name="close_round"),
    path("plan/rounds/<id:round_id>/extend/", asks(rounds.extend_round), name="extend_round"),
    path("plan/rounds/<id:round_id>/items/<id:item_id>/", asks(taking.said_page), name="said_of_item"),
    path("plan/rounds/<id:round_id>/take-over/", asks(taking.take_page), name="take_over_needs"),
    path("plan/rounds/give-back/", asks(taking.give_back), name="give_back_needs"),
    path("needs/", signed_in(sheets.own_needs), name="own_needs"),
    path("needs/<id:sheet_id>/", signed_in(sheets.sheet_page), name="needs_sheet"),
    path(
        "accounts/<id:account_id>/information/<id:binding_id>/verify/",
        requires(Verification, Action.EDIT)(scores.verify),
        name="verify_information",
    ),
]
