"""Customers that look like one that somebody is typing.

Steps: 1 the name without its legal form and place, 2 from the search index the records whose names hold it, hold one
half of it (so a slip in the other half is found), or sound like it, 3 weigh each against what is typed, 4 show the
likeliest; of those that the person must not see, only that they are there and who looks after them.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from guanxi.customers.facade import (
    AccountKind,
    AlikeAccount,
    account_rows,
    accounts_by_ids_or_number,
    organisation_name,
    tax_id_token,
)
from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.alike import AlikeRecord
from guanxi.platform.search.entries import plain_title
from guanxi.platform.search.queries import Question, beginning_ids, ranked_ids
from guanxi.platform.search.tokens import CHINESE, LATIN, syllables
from guanxi.stewardship.rules.duplicates import Identity, Reason, identity, reasons_of

SHORTEST, LEAST_FOR_HALVES = 2, 4
MOST_CANDIDATES, MOST_SHOWN = 200, 5
LEAST_WEIGHT = 3.0
Likely = tuple[Sequence[Reason], AlikeAccount]
"""What speaks for and against a customer being the typed one, and the customer."""


def alike_accounts(typed: Mapping[str, str], actor: Actor) -> Sequence[AlikeRecord]:
    """The customers that look like the typed one, the likeliest first. At most six queries."""
    return _shown(likely_accounts(typed)[:MOST_SHOWN], actor)


def likely_accounts(typed: Mapping[str, str]) -> list[Likely]:
    """The customers that look like the typed one with what speaks for it, the likeliest first; for the system alone."""
    name, number = plain_title(typed.get("name", "")), tax_id_token(typed.get("tax_id", ""))
    is_person = typed.get("kind") == AccountKind.PERSON
    core = name if is_person else organisation_name(name).core
    ids = _candidates(core) if len(core) >= SHORTEST else set()
    if not ids and not number:
        return []
    mine = identity(
        name,
        city=typed.get("city", ""),
        address=typed.get("address", ""),
        website=typed.get("website", ""),
        number=number,
        is_person=is_person,
    )
    found = [(reasons_of(mine, _identity(row)), row) for row in accounts_by_ids_or_number(ids, number)]
    return sorted(
        ((reasons, row) for reasons, row in found if _weight(reasons) >= LEAST_WEIGHT),
        key=lambda pair: (-_weight(pair[0]), pair[1].id),
    )


def _candidates(core: str) -> set[int]:
    """The customers whose names may be the same, by the search index. Two queries."""
    asked = Question("account", core, tuple(_alternatives(core)))
    ids = set(ranked_ids(asked, most=MOST_CANDIDATES)) if asked.alternatives else set()
    sound = "".join(syllables(core)) if CHINESE.fullmatch(core) else ""
    return ids | set(beginning_ids(Question("account", sound or core, ())))


def _alternatives(core: str) -> list[tuple[str, ...]]:
    """The tokens of the whole name, and of each of its halves."""
    whole = _tokens(core)
    if not CHINESE.fullmatch(core) or len(core) < LEAST_FOR_HALVES:
        return [whole] if whole else []
    middle = len(core) // 2
    return [whole, _tokens(core[:middle]), _tokens(core[middle:])]


def _tokens(text: str) -> tuple[str, ...]:
    pairs = {f"c:{left}{right}" for run in CHINESE.findall(text) for left, right in pairwise(run)}
    return tuple(sorted(pairs | {f"w:{word[:12]}" for word in LATIN.findall(text) if len(word) > 1}))


def _identity(row: AlikeAccount) -> Identity:
    return identity(
        plain_title(row.name),
        city=row.city,
        address=row.address,
        website=row.website,
        number=row.number or "",
        is_person=row.kind == AccountKind.PERSON,
    )


def _weight(reasons: Sequence[Reason]) -> float:
    return sum(reason.weight for reason in reasons)


def _shown(likely: Sequence[Likely], actor: Actor) -> tuple[AlikeRecord, ...]:
    seen = account_rows(actor, [row.id for _reasons, row in likely])
    keepers = people(row.owner_id for _reasons, row in likely if row.owner_id)
    return tuple(
        AlikeRecord(
            title=row.name if row.id in seen else "",
            url=f"/accounts/{row.id}/" if row.id in seen else "",
            reasons=tuple(reason.evidence.label for reason in reasons if reason.weight > 0),
            keeper=keepers[row.owner_id].name if row.owner_id in keepers else "",
        )
        for reasons, row in likely
    )
