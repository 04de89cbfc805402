"""An outside source of the demo company, and what it said of some firms: nothing leaves the machine for it."""

from collections.abc import Sequence

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.ledger.commands.enriching import begin_question, keep_answer, refuse_proposals
from guanxi.ledger.commands.enrichment_sources import create_source
from guanxi.ledger.queries.enrichment import open_proposals

ASKED_FIRMS = 12
SOURCE = {
    "name": "企业名录（示例）",
    "address": "https://register.example/firms/{value}",
    "asked_by": "name",
    "most_a_day": 200,
    "terms": "仅供内部核对，保存不超过两年，不得转售。",
    "mapping": [
        ["firm.size", "size", False],
        ["firm.website", "website", True],
        ["firm.address.full", "address", True],
    ],
}
SIZES = ("20–99 人", "100–499 人", "500–999 人", "1,000 人以上")


def ask_outside(accounts: Sequence[Account], *, actor: Actor) -> None:
    """Set the source up, and note what it answered about some firms: proposals, one of them refused."""
    source = create_source(SOURCE, actor=actor)
    firms = [account for account in accounts if account.kind == "organisation"][:ASKED_FIRMS]
    for place, account in enumerate(firms):
        begun = begin_question(source.pk, account.pk, run_id=None, actor=actor)
        if begun is not None:
            answer = {
                "size": SIZES[place % len(SIZES)],
                "website": f"www.firm-{account.pk}.example",
                "address": {"full": f"{account.city}高新区科技路 {18 + 7 * place} 号"},
            }
            keep_answer(begun[0], {"firm": answer}, actor=actor)
    (first, *_rest) = open_proposals(firms[-1].pk, actor)
    refuse_proposals(firms[-1].pk, [first.pk], actor=actor)
