"""The tables of the ledger: facts, what waits, the connections that pull from other systems, outside sources."""

from guanxi.ledger.models.enrichment import EnrichmentProposal as EnrichmentProposal
from guanxi.ledger.models.enrichment import EnrichmentQuestion as EnrichmentQuestion
from guanxi.ledger.models.enrichment import EnrichmentSource as EnrichmentSource
from guanxi.ledger.models.facts import CompetitorPromotion as CompetitorPromotion
from guanxi.ledger.models.facts import CurrentTransaction as CurrentTransaction
from guanxi.ledger.models.facts import Fact as Fact
from guanxi.ledger.models.facts import WaitingFact as WaitingFact
from guanxi.ledger.models.pulls import Connection as Connection
from guanxi.ledger.models.pulls import Pull as Pull
from guanxi.ledger.models.pulls import PulledRow as PulledRow
from guanxi.ledger.models.pulls import PullRun as PullRun
from guanxi.ledger.models.pulls import RefusedRow as RefusedRow
