"""What the ledger contributes to cards, lists and settings."""

from guanxi.ledger.objects import enrichment as enrichment
from guanxi.ledger.objects import facts as facts
