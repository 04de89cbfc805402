"""Nothing of a field that a role may not read whole appears in any answer, whatever the role."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.customers.commands import add_contact, edit_account
from guanxi.customers.models import Account, Contact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.objects import registry
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.value.models import Edition, PeerGroup, Reference, ValueIndex, WeightSet
from guanxi.value.rules import ALL_INDICATORS, TREND_DAYS
from tests.api.conftest import ACCOUNTS, Answer, Caller, NewAccount, address_of
from tests.cast import STAFF, Cast

REASON = "demo: the demo company is made by the system"
SECRETS = {"tax_id": "91320594MA1XK7QW5P", "credit_rating": "Q7Z", "margin": "7654321.25"}
SENSITIVITIES = {"tax_id": "identity", "credit_rating": "credit", "margin": "cost"}


@pytest.fixture
def account(cast: Cast, new_account: NewAccount) -> Account:
    """Alice's account, each protected field filled with a value that stands nowhere else."""
    made = new_account("岚川精密仪器")
    values = {key: SECRETS[key] for key in ("tax_id", "credit_rating")}
    edit_account(made.pk, values, actor=cast.dora)
    weights = unscoped(WeightSet, reason=REASON).create(name="1", weights={})
    reference = Reference.objects.create(frozen_on=date(2026, 1, 1))
    edition = Edition.objects.create(weight_set=weights, reference=reference, in_force_from=date(2026, 1, 1))
    group = PeerGroup.objects.create(key="customer.organisation")
    nothing = [0.0] * len(ALL_INDICATORS)
    unscoped(ValueIndex, reason=REASON).create(
        account=made,
        as_of=date(2026, 1, 1),
        edition=edition,
        peer_group=group,
        index_value=60.0,
        index_before=55.0,
        grade="A",
        grade_30="A",
        confidence=1.0,
        applicability=0.0,
        weights_effect=0.0,
        reference_effect=0.0,
        peer_group_effect=0.0,
        amount_12_months=400_000.0,
        margin_12_months=float(SECRETS["margin"]),
        scores=nothing,
        faded=nothing,
        new=nothing,
        trend=[60.0] * len(TREND_DAYS),
    )
    return made


def allow(rows: str, fields: dict[str, FieldAccess]) -> None:
    """Give Alice's role these rights, in force at once."""
    levels = {("*", SENSITIVITIES[key]): int(level) for key, level in fields.items()}
    rules: dict[tuple[str, str], object] = {("account", action): rows for action in (*STAFF, "delete")}
    define_role("staff", name="Staff", rows=rules, fields=levels, actor=system_actor("Tests"))


def asked(caller: Caller, account: Account, key: str) -> Iterator[Answer]:
    """Every way to get at a field: reading, filtering, sorting, naming, writing, describing."""
    address, version = address_of(account), Account._base_manager.get(pk=account.pk).version
    where = json.dumps([key, "is", SECRETS[key]])
    yield caller.get()
    yield caller.get(address)
    yield caller.get(q=SECRETS[key], count="exact")
    yield caller.get(q="lanchuan", expand="owner,unit,relation", count="capped")
    for parameters in ({"fields": key}, {"sort": key}, {"sort": f"-{key}"}, {"where": where}, {"expand": key}):
        yield caller.get(**parameters)
    yield caller.get(address, fields=key)
    yield caller.patch(address, {"version": version, "city": "苏州"})
    yield caller.patch(address, {"version": version - 1, "city": "苏州"})
    yield caller.post(f"{ACCOUNTS}/bulk", {"rows": [{"id": account.pk, "version": version, key: "x" * 900}]})
    yield caller.get("/api/v1/openapi.json")
    yield caller.delete(address)
    yield caller.get(trashed="true")
    yield caller.post(f"{address}/restore", None)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.sampled_from(["everyone", "owner", "unit_and_below", "nobody"]),
    fields=st.fixed_dictionaries(dict.fromkeys(SECRETS, st.sampled_from(FieldAccess))),
    key=st.sampled_from(sorted(SECRETS)),
)
def test_no_answer_holds_what_may_not_be_read(
    rows: str, fields: dict[str, FieldAccess], key: str, alice: Caller, account: Account, unhurried: None
) -> None:
    allow(rows, fields)
    answers = list(asked(alice, account, key))
    assert all(answer.status_code < 429 for answer in answers)
    for other, secret in SECRETS.items():
        is_open = fields[other] >= FieldAccess.READ and rows != "nobody"
        assert is_open or not any(secret in answer.content.decode() for answer in answers)
    if rows != "nobody" and fields[key] < FieldAccess.READ:
        asked_by_it = (alice.get(where=json.dumps([key, "filled"])), alice.get(sort=key))
        assert [answer.status_code for answer in asked_by_it] == [422, 422]
    if rows != "nobody" and fields[key] == FieldAccess.HIDDEN:
        assert key not in alice.get(address_of(account)).json()
        assert alice.get(fields=key).status_code == 422


@pytest.fixture
def contacts(monkeypatch: pytest.MonkeyPatch) -> ObjectSpec:
    """Contacts as a resource that can only be read; they are seen as their account is."""
    spec = ObjectSpec(
        key="contact",
        model=Contact,
        label="Contact",
        plural="Contacts",
        icon="user",
        columns=(),
        api_name="contacts",
        fields=("account", "family_name", "is_main", "closeness"),
    )
    monkeypatch.setitem(registry._objects, "contact", spec)
    return spec


@pytest.mark.usefixtures("contacts")
def test_a_link_to_another_object_is_expanded_as_far_as_the_caller_sees_it(
    alice: Caller, bob: Caller, charlie: Caller, cast: Cast, account: Account
) -> None:
    contact = add_contact(Contact(account=account, family_name="周", is_main=True), actor=cast.alice)
    address = f"/api/v1/contacts/{contact.pk}"
    found = alice.get(address, expand="account").json()
    assert (found["account"], found["family_name"], found["is_main"]) == (account.pk, "周", True)
    target = found["expanded"]["account"][str(account.pk)]
    assert (target["name"], target["tax_id"]) == (account.name, "****5P")
    assert "tax_id" not in bob.get(address, expand="account").json()["expanded"]["account"][str(account.pk)]
    assert charlie.get(address, expand="account").status_code == 404
    assert charlie.get("/api/v1/contacts", expand="account").json()["expanded"] == {"account": {}}
    assert alice.delete(address).status_code == 405


def test_a_role_without_the_object_is_told_so(alice: Caller, account: Account) -> None:
    allow("nobody", {})
    answer = alice.get(address_of(account))
    assert (answer.status_code, answer.json()["title"]) == (403, "access.denied")
    assert "Account" not in alice.get("/api/v1/openapi.json").json()["components"]["schemas"]


def test_a_changed_right_counts_with_the_next_request(alice: Caller, account: Account) -> None:
    allow("owner", {"tax_id": FieldAccess.READ})
    assert alice.get(address_of(account)).json()["tax_id"] == SECRETS["tax_id"]
    allow("owner", {"tax_id": FieldAccess.HIDDEN})
    assert "tax_id" not in alice.get(address_of(account)).json()
