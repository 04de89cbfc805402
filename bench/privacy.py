"""How long it takes to erase a person everywhere: each time the customer of whom the ledger knows most.

The base is the company of 100,000 customers with ten million facts; the lake's files that hold the person are
rewritten, and every table, file and text in which he is named is gone through. From the approval to the listed erasure.
"""

import time

from bench.crowd import connect
from bench.record import record
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.stewardship.adapters.erasing import write_erasure
from guanxi.stewardship.choices import RequestState
from guanxi.stewardship.commands.privacy import approve_erasure, erase_subject

TIMES, LONGEST = 5, 10.0
BUSIEST = """
SELECT f.account_id, count(*) FROM ledger_fact f JOIN customers_account a ON a.id = f.account_id
WHERE a.kind = 'person' AND a.trashed_at IS NULL GROUP BY f.account_id ORDER BY count(*) DESC LIMIT %s
"""


def main() -> None:
    """Erase the people with the most facts, one after the other; the slowest counts."""
    with connect() as connection:
        people = connection.execute(BUSIEST, [TIMES]).fetchall()
    one, other = (actor_by_user_id(User.objects.get(email__startswith=name).pk) for name in ("su.yun@", "admin@"))
    found = []
    for account_id, _count in people:
        request = erase_subject("account", account_id, reason="measured", actor=one)
        started = time.perf_counter()
        approve_erasure(request.pk, actor=other)
        if write_erasure(request.pk).state != RequestState.DONE:
            raise SystemExit(f"The erasure of {account_id} did not come to its end.")
        found.append(time.perf_counter() - started)
    facts = max(count for _account, count in people)
    record("customers_erase", "s", rows=facts, value=max(found), fastest=min(found), what="limit, s", reference=LONGEST)


if __name__ == "__main__":
    main()
