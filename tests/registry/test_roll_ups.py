"""Roll-ups: what related records add up to for each reader, on card, list, export and API, and for nobody else."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.customfields.commands import make_field, make_object
from guanxi.platform.customfields.models import CustomRollUp, RollUpFunction
from guanxi.platform.customfields.roll_up_commands import make_roll_up, retire_roll_up
from guanxi.platform.objects.registry import fields_of, object_spec
from guanxi.platform.objects.rollups import rolled_fields, rolled_values
from tests.api.conftest import Caller, address_of
from tests.api.conftest import calling as calling
from tests.cast import Cast, SignIn


@dataclass(frozen=True, slots=True)
class Visits:
    """An object of visits that lead to customers and cost money; `add` makes one."""

    key: str
    total: CustomRollUp
    add: Callable[..., int]


def _field(visits: str, kind: FieldType, name: str, actor: Actor, **values: object) -> str:
    model = object_spec(visits).model
    target = str(values.pop("target", ""))
    given = {"name_zh": name, "name_en": name, **values}
    return make_field(model, kind=kind, values=given, target=target, actor=actor).key  # type: ignore[arg-type]  # a Record


@pytest.fixture
def visits(cast: Cast) -> Visits:
    """Visits, and their cost summed up on the customer."""
    named = {"name_zh": "拜访", "name_en": "Visit", "plural_en": "Visits"}
    key = make_object(named, taken=("account",), rights_of="account", actor=cast.dora).key
    link = _field(key, FieldType.LINK, "customer", cast.dora, target="account")
    cost = _field(key, FieldType.MONEY, "cost", cast.dora, sensitivity="cost")
    plain = _field(key, FieldType.MONEY, "fee", cast.dora)

    def add(account: Account, fee: str, *, actor: Actor) -> int:
        columns = {item.key: item.column for item in fields_of(object_spec(key))}
        values = {"name": "V", columns[link]: account.pk, columns[plain]: fee}
        values |= {columns[cost]: fee} if actor == cast.dora else {}
        verbs = object_spec(key).verbs
        assert verbs is not None
        return int(verbs.create(values, actor=_now(actor)).pk)

    made = CustomRollUp(
        object_key="account", name_zh="费用", name_en="Fees", source=key, link=link, function="sum", field=plain
    )
    return Visits(key, make_roll_up(made, actor=cast.dora), add)


def _now(actor: Actor) -> Actor:
    """The actor with the rights of today: making an object changed them."""
    assert actor.user_id is not None
    return actor_by_user_id(actor.user_id, surface=Surface.WEB)


def _total(visits: Visits, account: Account, actor: Actor) -> object:
    found = next(
        item for item in rolled_fields(object_spec("account"), _now(actor)) if item.item.key == visits.total.key
    )
    return rolled_values(found, [account.pk], _now(actor))[account.pk]


def test_each_reader_sees_the_sum_over_what_that_reader_may_see(
    cast: Cast, visits: Visits, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器")
    visits.add(account, "100.50", actor=cast.charlie)
    visits.add(account, "900", actor=cast.alice)
    assert str(_total(visits, account, cast.dora)) == "1000.50"
    assert str(_total(visits, account, cast.charlie)) == "100.50"
    assert str(_total(visits, account, cast.alice)) == "900"


def test_what_lies_in_the_trash_or_does_not_exist_is_not_summed(
    cast: Cast, visits: Visits, new_account: Callable[..., Account]
) -> None:
    account, other = new_account("岚川精密仪器"), new_account("云杉包装")
    record_id = visits.add(account, "7", actor=cast.dora)
    assert _total(visits, other, cast.dora) is None
    verbs = object_spec(visits.key).verbs
    assert verbs is not None
    verbs.trash(record_id, actor=_now(cast.dora))
    assert _total(visits, account, cast.dora) is None


def test_it_stands_on_card_list_export_and_api_and_is_read_only(
    cast: Cast,
    visits: Visits,
    new_account: Callable[..., Account],
    sign_in: SignIn,
    calling: Callable[..., Caller],
) -> None:
    account = new_account("岚川精密仪器")
    visits.add(account, "1234.5", actor=cast.dora)
    client, key = sign_in(cast.dora), visits.total.key
    assert "1,234.50" in client.get(f"/accounts/{account.pk}/").content.decode()
    page = client.get(f"/accounts/?cols=name,{key}").content.decode()
    assert "1,234.50" in page
    assert f'data-field="{key}"' not in page
    file = b"".join(client.get(f"/objects/account/export/?cols=name,{key}").streaming_content).decode()  # type: ignore[attr-defined]  # a file
    assert "1234.5" in file
    caller, address = calling(cast.dora), address_of(account)
    answer = caller.get(address).json()
    assert answer[key] == "1234.5"
    refused = caller.patch(address, {"version": answer["version"], key: "1"})
    assert refused.status_code in {403, 422}
    assert caller.get(address).json() == answer


def test_who_may_not_read_the_summed_field_learns_of_no_roll_up(
    cast: Cast, visits: Visits, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account("岚川精密仪器")
    visits.add(account, "1234.5", actor=cast.dora)
    guarded = next(item for item in fields_of(object_spec(visits.key)) if item.made and item.made.sensitivity == "cost")
    made = CustomRollUp(
        object_key="account",
        name_zh="成本",
        name_en="Costs",
        source=visits.key,
        link=visits.total.link,
        function=RollUpFunction.MOST,
        field=guarded.key,
    )
    made = make_roll_up(made, actor=cast.dora)
    seen = {item.item.key for item in rolled_fields(object_spec("account"), _now(cast.alice))}
    assert seen == {visits.total.key}
    page = sign_in(cast.alice).get(f"/accounts/?cols=name,{made.key}").content.decode()
    assert "1,234.50" not in page
    assert "Costs" not in page


def test_a_list_takes_one_query_for_it_whatever_its_length(
    cast: Cast, visits: Visits, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    client, counts = sign_in(cast.dora), []
    for number in range(6):
        visits.add(new_account(f"客户{number}"), "5", actor=cast.dora)
        if number in {1, 5}:
            address = f"/accounts/?cols=name,{visits.total.key}"
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            counts.append(len(captured))
    assert counts[0] == counts[1]


def test_only_who_makes_fields_makes_roll_ups(cast: Cast, visits: Visits, sign_in: SignIn) -> None:
    made = CustomRollUp(object_key="account", name_zh="数", name_en="Number", source=visits.key, link=visits.total.link)
    made.function = RollUpFunction.COUNT
    with pytest.raises(AccessDenied):
        make_roll_up(made, actor=cast.alice)
    with pytest.raises(AccessDenied):
        retire_roll_up(visits.total.pk, actor=cast.alice)
    made.field = visits.total.field
    with pytest.raises(RuleViolation):
        make_roll_up(made, actor=cast.dora)
    assert sign_in(cast.alice).get("/settings/objects/account/roll-ups/new/").status_code == 403
    assert [item.item.key for item in rolled_fields(object_spec("account"), _now(cast.dora))] == [visits.total.key]


def test_it_is_made_renamed_and_taken_out_of_sight_in_the_browser(cast: Cast, visits: Visits, sign_in: SignIn) -> None:
    client, address = sign_in(cast.dora), "/settings/objects/account/roll-ups/new/"
    assert f"?from={visits.key}.{visits.total.link}" in client.get(address).content.decode()
    posted = {"name_zh": "次数", "name_en": "Visits made", "made_of": "count."}
    assert client.post(f"{address}?from={visits.key}.{visits.total.link}", posted).status_code == 303
    made = CustomRollUp.objects.get(name_en="Visits made")
    assert "Visits made" in client.get("/settings/objects/account/").content.decode()
    renamed = {"name_zh": "次数", "name_en": "How often"}
    assert client.post(f"/settings/objects/account/roll-ups/{made.pk}/", renamed).status_code == 303
    assert client.post(f"/settings/objects/account/roll-ups/{made.pk}/retire/").status_code == 303
    made.refresh_from_db()
    assert made.name_en == "How often"
    assert made.retired_at is not None
