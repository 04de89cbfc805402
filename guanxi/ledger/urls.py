"""Addresses of the ledger."""

from django.urls import path

from guanxi.ledger.models import CompetitorPromotion, Connection, EnrichmentProposal, EnrichmentSource, Fact
from guanxi.ledger.views import connections, enrichment, facts, looking_up, pulls, typed
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires

sees = requires(CompetitorPromotion, Action.VIEW)
creates = requires(CompetitorPromotion, Action.CREATE)
edits = requires(CompetitorPromotion, Action.EDIT)
administers = requires(Connection, Action.ADMINISTER)
sets_up = requires(EnrichmentSource, Action.ADMINISTER)
decides = requires(EnrichmentProposal, Action.EDIT)

urlpatterns = [
    path("accounts/<id:account_id>/facts/", requires(Fact, Action.VIEW)(facts.facts_page), name="facts"),
    path("accounts/<id:account_id>/log/", requires(Fact, Action.EDIT)(facts.log_contact), name="log_contact"),
    path("promotions/", sees(facts.promotions_page), name="promotions"),
    path("promotions/new/", creates(facts.promotion_form), name="promotion_new"),
    path("promotions/<id:promotion_id>/", edits(facts.promotion_form), name="promotion_edit"),
    path("promotions/<id:promotion_id>/remove/", edits(facts.remove_promotion), name="remove_promotion"),
    path("facts/<id:fact_id>/void/", requires(Fact, Action.EDIT)(facts.void_logged), name="void_fact"),
    path("facts/<id:fact_id>/kept/", requires(Fact, Action.EDIT)(facts.promise_kept), name="promise_kept"),
    path("settings/connections/", administers(connections.connections_page), name="connections"),
    path("settings/connections/new/", administers(connections.connection_form), name="connection_new"),
    path("settings/connections/<id:connection_id>/", administers(connections.connection_form), name="connection"),
    path("settings/connections/<id:connection_id>/try/", administers(connections.try_it), name="connection_try"),
    path("settings/connections/<id:connection_id>/remove/", administers(connections.remove), name="connection_remove"),
    path("settings/connections/<id:connection_id>/pulls/new/", administers(pulls.pull_form), name="pull_new"),
    path("settings/pulls/<id:pull_id>/", administers(pulls.pull_page), name="pull"),
    path("settings/pulls/<id:pull_id>/edit/", administers(pulls.pull_form), name="pull_edit"),
    path("settings/pulls/<id:pull_id>/columns/", administers(pulls.columns_page), name="pull_columns"),
    path("settings/pulls/<id:pull_id>/run/", administers(pulls.start), name="pull_start"),
    path("settings/pulls/<id:pull_id>/refused/", administers(pulls.refused), name="pull_refused"),
    path("settings/pulls/<id:pull_id>/remove/", administers(pulls.remove), name="pull_remove"),
    path("ledger/typing/", requires(Fact, Action.VIEW)(typed.typed_page), name="typed_facts"),
    path("settings/enrichment/", sets_up(enrichment.sources_page), name="enrichment_sources"),
    path("settings/enrichment/new/", sets_up(enrichment.source_form), name="enrichment_source_new"),
    path("settings/enrichment/<id:source_id>/", sets_up(enrichment.source_form), name="enrichment_source"),
    path("settings/enrichment/<id:source_id>/try/", sets_up(enrichment.try_it), name="enrichment_try"),
    path("settings/enrichment/<id:source_id>/remove/", sets_up(enrichment.remove), name="enrichment_remove"),
    path("settings/enrichment/<id:source_id>/questions/", sets_up(enrichment.questions_page), name="enrichment_asked"),
    path("accounts/look-up/", decides(looking_up.look_up_page), name="look_up"),
    path("accounts/<id:account_id>/proposals/decide/", decides(looking_up.decide), name="decide_proposals"),
    path("accounts/<id:account_id>/proposals/reopen/", decides(looking_up.reopen), name="reopen_proposals"),
]
