"""Programs that send a customer who is there: told by a header, refused with 409, let in all the same by who may."""

import json
from collections.abc import Callable
from dataclasses import replace

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects.alike import EntryPoint, Treatment
from guanxi.stewardship.commands.duplicates import REASON
from guanxi.stewardship.commands.likeness import set_house_rule
from guanxi.stewardship.models import Twin
from guanxi.stewardship.rules.likeness import ACCOUNT, DEFAULTS, EntryRule
from tests.api.conftest import ACCOUNTS, Caller, NewAccount, code_of
from tests.cast import Cast

NAME = "岚川精密仪器（苏州）有限公司"
LIKE = {"kind": "organisation", "name": "岚川精密仪器公司"}


def treat(treatment: Treatment, cast: Cast) -> None:
    usual = DEFAULTS[ACCOUNT]
    entries = {**usual.entries, EntryPoint.API: EntryRule(treatment, 0.98)}
    set_house_rule(ACCOUNT, replace(usual, entries=entries), actor=cast.dora)


def stored() -> int:
    return Account._base_manager.count()


def twins() -> int:
    return int(unscoped(Twin, reason=REASON).count())


def give_away(account: Account, cast: Cast) -> None:
    values = {"owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}
    edit_account(account.pk, values, actor=cast.dora)


def test_by_default_programs_are_told_nothing(alice: Caller, new_account: NewAccount) -> None:
    new_account(NAME)
    answer = alice.post(ACCOUNTS, LIKE)
    assert (answer.status_code, "Likely-Duplicates" in answer.headers, twins()) == (201, False, 0)


def test_a_program_is_told_what_its_customer_looks_like(alice: Caller, cast: Cast, new_account: NewAccount) -> None:
    treat(Treatment.TELL, cast)
    account = new_account(NAME)
    answer = alice.post(ACCOUNTS, LIKE, Idempotency_Key="once")
    (told,) = json.loads(answer.headers["Likely-Duplicates"])
    assert (answer.status_code, twins()) == (201, 1)
    assert told == {
        "id": account.pk,
        "name": NAME,
        "certainty": 0.992,
        "reasons": ["same_name"],
        "keeper": "Test Alice",
    }
    again = alice.post(ACCOUNTS, LIKE, Idempotency_Key="once")
    assert again.headers["Likely-Duplicates"] == answer.headers["Likely-Duplicates"]
    assert (stored(), twins()) == (2, 1)
    give_away(account, cast)
    (masked,) = [
        item for item in json.loads(alice.post(ACCOUNTS, LIKE).headers["Likely-Duplicates"]) if item["id"] is None
    ]
    assert (masked["name"], masked["keeper"]) == (None, "Test Charlie")


def test_a_refused_customer_is_not_written_and_the_hits_are_masked(
    alice: Caller, cast: Cast, new_account: NewAccount
) -> None:
    treat(Treatment.BLOCK, cast)
    account = new_account(NAME)
    answer = alice.post(ACCOUNTS, LIKE)
    assert (answer.status_code, code_of(answer)) == (409, "record.alike")
    assert [item["id"] for item in answer.json()["data"]["alike"]] == [account.pk]
    give_away(account, cast)
    (hit,) = alice.post(ACCOUNTS, LIKE).json()["data"]["alike"]
    assert (hit["id"], hit["name"], hit["keeper"]) == (None, None, "Test Charlie")
    assert (stored(), twins(), AuditEntry.objects.filter(action="create", surface="api").count()) == (1, 0, 0)


def test_only_who_decides_of_duplicates_forces_one_and_it_is_noted(
    alice: Caller, dora: Caller, cast: Cast, new_account: NewAccount
) -> None:
    treat(Treatment.BLOCK, cast)
    new_account(NAME)
    refused = alice.post(f"{ACCOUNTS}?force=true", LIKE)
    assert (refused.status_code, code_of(refused), stored()) == (403, "record.alike", 1)
    assert dora.post(f"{ACCOUNTS}?force=false", LIKE).status_code == 409
    assert code_of(dora.post(f"{ACCOUNTS}?force=yes", LIKE)) == "request.value"
    made = dora.post(f"{ACCOUNTS}?force=true", LIKE)
    assert (made.status_code, stored(), twins()) == (201, 2, 1)
    entry = AuditEntry.objects.get(action="create_all_the_same")
    assert (entry.record_id, entry.surface, entry.user_id) == (made.json()["id"], "api", cast.dora.user_id)


def test_each_row_of_a_bulk_is_told_or_refused_by_itself(
    alice: Caller, cast: Cast, new_account: NewAccount, calling: Callable[..., Caller]
) -> None:
    new_account(NAME)
    rows = {"rows": [LIKE, {"kind": "organisation", "name": "白榆印务有限公司"}]}
    treat(Treatment.BLOCK, cast)
    answer = alice.post(f"{ACCOUNTS}/bulk", rows).json()
    assert [row["status"] for row in answer["rows"]] == [409, 201]
    assert (answer["written"], answer["refused"], stored()) == (1, 1, 2)
    treat(Treatment.TELL, cast)
    told = alice.post(f"{ACCOUNTS}/bulk", {"rows": [LIKE]}).json()["rows"][0]
    assert (told["status"], [item["name"] for item in told["likely_duplicates"]]) == (201, [NAME])
