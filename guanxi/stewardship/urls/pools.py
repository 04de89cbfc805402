"""Addresses of pools, and of the settings that shape them."""

from django.urls import URLPattern, path

from guanxi.customers.models import Account
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires, signed_in
from guanxi.stewardship.models import HoldingLimit, Pool, RecycleRule
from guanxi.stewardship.views import pool_settings, pools, returning

sets_up = requires(Pool, Action.ADMINISTER)
sets_rules = requires(RecycleRule, Action.ADMINISTER)
sets_limits = requires(HoldingLimit, Action.ADMINISTER)
edits = requires(Account, Action.EDIT)
transfers = requires(Account, Action.TRANSFER)

urlpatterns: list[URLPattern] = [
    path("pool/", signed_in(pools.pool_page), name="pool"),
    path("pool/<id:pool_id>/", signed_in(pools.pool_page), name="pool_one"),
    path("pool/<id:pool_id>/claim/", signed_in(pools.claim), name="pool_claim"),
    path("pool/<id:pool_id>/assign/", signed_in(pools.assign), name="pool_assign"),
    path("pool/<id:pool_id>/give-back/", signed_in(pools.give_back), name="pool_give_back"),
    path("pool/<id:pool_id>/moves/<uuid:entry_id>/undo/", signed_in(pools.undo_leaving), name="undo_pool_leaving"),
    path("pool/<id:pool_id>/effect/", signed_in(pools.effect_page), name="pool_effect"),
    path("pool/return/", edits(returning.return_form), name="return_to_pool"),
    path("pool/returns/<uuid:entry_id>/undo/", edits(returning.undo), name="undo_return"),
    path("accounts/<id:account_id>/lock/", transfers(returning.lock_form), name="lock_account"),
    path("accounts/<id:account_id>/unlock/", transfers(returning.unlock), name="unlock_account"),
    path("settings/pools/", sets_up(pool_settings.settings_page), name="pool_settings"),
    path("settings/pools/new/", sets_up(pool_settings.pool_form), name="new_pool"),
    path("settings/pools/<id:pool_id>/", sets_up(pool_settings.pool_form), name="edit_pool"),
    path("settings/pools/<id:pool_id>/remove/", sets_up(pool_settings.remove_pool), name="remove_pool"),
    path("settings/pools/<id:pool_id>/rules/new/", sets_rules(pool_settings.rule_form), name="new_recycle_rule"),
    path("settings/pools/<id:pool_id>/rules/simulate/", sets_rules(pool_settings.simulate), name="simulate_rule"),
    path(
        "settings/pools/<id:pool_id>/rules/<id:rule_id>/",
        sets_rules(pool_settings.rule_form),
        name="edit_recycle_rule",
    ),
    path(
        "settings/pools/rules/<id:rule_id>/remove/", sets_rules(pool_settings.remove_rule), name="remove_recycle_rule"
    ),
    path(
        "settings/pools/rules/<id:rule_id>/restore/",
        sets_rules(pool_settings.restore_rule),
        name="restore_recycle_rule",
    ),
    path("settings/pools/limits/", sets_limits(pool_settings.add_limit), name="add_holding_limit"),
    path(
        "settings/pools/limits/<id:limit_id>/remove/",
        sets_limits(pool_settings.remove_limit),
        name="remove_holding_limit",
    ),
    path("settings/pools/nights/<id:run_id>/undo/", sets_up(pool_settings.undo_run), name="undo_recycling"),
]
