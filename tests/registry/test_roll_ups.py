"""Roll-ups: what related records add up to for each reader, on card, list, export and API, and for nobody else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.customfields.commands import edit_field, make_field, make_object, retire_field
from guanxi.platform.customfields.models import CustomField, CustomRollUp, RollUpFunction
from guanxi.platform.objects.registry import fields_of, object_spec, required_verbs
from guanxi.platform.objects.roll_up_commands import edit_roll_up, make_roll_up, retire_roll_up
from guanxi.platform.objects.rollups import RolledField, rolled_fields, rolled_values
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


@dataclass(frozen=True, slots=True)
class Signed:
    """A roll-up of the fees of visits under conditions, and the keys of the fields that these are about."""

    total: CustomRollUp
    stage: str
    day: str
    cost: str


@pytest.fixture
def signed(cast: Cast, visits: Visits) -> Signed:
    """The fees of signed visits of this year, or of those that cost more than 100."""
    stage = _field(visits.key, FieldType.CHOICE, "stage", cast.dora, choices=[["signed", "已签", "Signed"]])
    day = _field(visits.key, FieldType.DATE, "day", cast.dora)
    cost = next(item.key for item in fields_of(object_spec(visits.key)) if item.made and item.made.sensitivity)
    where = f'["all",["{stage}","is","signed"],["{day}","within","this_year"]]'
    return Signed(_conditional(visits, "Signed fees", where, cast.dora), stage, day, cost)


def _conditional(visits: Visits, name: str, where: str, actor: Actor) -> CustomRollUp:
    made = CustomRollUp(object_key="account", name_zh=name, name_en=name, source=visits.key, where=where)
    made.link, made.function, made.field = visits.total.link, "sum", visits.total.field
    return make_roll_up(made, actor=actor)


def _change(visits: Visits, record_id: int, values: Mapping[str, object], actor: Actor) -> None:
    columns = {item.key: item.column for item in fields_of(object_spec(visits.key))}
    verbs = object_spec(visits.key).verbs
    assert verbs is not None
    verbs.edit(record_id, {columns[key]: value for key, value in values.items()}, actor=_now(actor))


def _rolled(key: str, actor: Actor) -> RolledField | None:
    found = (item for item in rolled_fields(object_spec("account"), _now(actor)) if item.item.key == key)
    return next(found, None)


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


def test_only_records_that_meet_the_conditions_and_that_the_reader_may_see_are_summed(
    cast: Cast, visits: Visits, signed: Signed, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器")
    today = timezone.localdate()
    for fee, actor, stage, day in (
        ("1", cast.alice, "signed", today),
        ("10", cast.alice, "signed", today - timedelta(days=400)),
        ("100", cast.alice, None, today),
        ("1000", cast.charlie, "signed", today),
    ):
        record_id = visits.add(account, fee, actor=actor)
        _change(visits, record_id, {signed.stage: stage, signed.day: day}, actor)
    seen = {}
    for actor in (cast.dora, cast.alice, cast.charlie):
        rolled = _rolled(signed.total.key, actor)
        assert rolled is not None
        seen[actor.name] = str(rolled_values(rolled, [account.pk], _now(actor))[account.pk])
    assert seen == {cast.dora.name: "1001", cast.alice.name: "1", cast.charlie.name: "1000"}


def test_it_stands_under_its_conditions_on_card_list_export_and_api_and_sorts(
    cast: Cast,
    visits: Visits,
    signed: Signed,
    new_account: Callable[..., Account],
    sign_in: SignIn,
    calling: Callable[..., Caller],
) -> None:
    much, little, none = new_account("甲客户"), new_account("乙客户"), new_account("丙客户")
    for account, fee, stage in ((much, "2000", "signed"), (little, "31.5", "signed"), (little, "9000", None)):
        record_id = visits.add(account, fee, actor=cast.dora)
        _change(visits, record_id, {signed.stage: stage, signed.day: timezone.localdate()}, cast.dora)
    client, key = sign_in(cast.dora), signed.total.key
    assert "31.50" in client.get(f"/accounts/{little.pk}/").content.decode()
    names = [row.name for row in (much, little, none)]
    for sort, order in ((f"-{key}", [0, 1, 2]), (key, [1, 0, 2])):
        page = client.get(f"/accounts/?cols=name,{key}&sort={sort}").content.decode()
        places = [page.index(f'title="{names[place]}"') for place in order]
        assert places == sorted(places)
        assert "9,000" not in page
    for account, fee in ((little, "20"), (much, "3")):
        own = visits.add(account, fee, actor=cast.alice)
        _change(visits, own, {signed.stage: "signed", signed.day: timezone.localdate()}, cast.alice)
    for words in ("", "&q=客户", "&where=" + quote('["name","contains","客户"]')):
        page = sign_in(cast.alice).get(f"/accounts/?cols=name,{key}&sort=-{key}{words}").content.decode()
        places = [page.index(f'title="{names[place]}"') for place in (1, 0, 2)]
        assert places == sorted(places)
    for record in (own, own - 1):
        required_verbs(object_spec(visits.key)).trash(record, actor=_now(cast.dora))
    file = b"".join(client.get(f"/objects/account/export/?cols=name,{key}&sort=-{key}").streaming_content).decode()  # type: ignore[attr-defined]  # a file
    assert [line.split(",")[1] for line in file.splitlines()[1:]] == ["2000", "31.5", ""]
    assert calling(cast.dora).get(address_of(little)).json()[key] == "31.5"


def test_who_may_not_read_a_field_of_the_conditions_learns_of_no_roll_up(
    cast: Cast, visits: Visits, signed: Signed, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account("岚川精密仪器")
    visits.add(account, "1234.5", actor=cast.dora)
    dear = _conditional(visits, "Dear visits", f'["{signed.cost}","at_least","100"]', cast.dora)
    assert _rolled(dear.key, cast.dora) is not None
    assert _rolled(dear.key, cast.alice) is None
    client = sign_in(cast.alice)
    for address in (f"/accounts/{account.pk}/", f"/accounts/?cols=name,{dear.key}&sort=-{dear.key}"):
        page = client.get(address)
        assert page.status_code == 200
        assert "Dear visits" not in page.content.decode()
        assert "1,234.50" not in page.content.decode()
    retire_field(CustomField.objects.get(key=signed.cost).pk, actor=cast.dora)
    assert _rolled(dear.key, cast.alice) is None
    designer = sign_in(cast.dora).get("/settings/objects/account/").content.decode()
    assert "Shows nothing: it goes by “cost”, which is out of sight." in designer


def test_a_condition_whose_field_goes_out_of_sight_says_why_nothing_is_shown(
    cast: Cast,
    visits: Visits,
    signed: Signed,
    new_account: Callable[..., Account],
    sign_in: SignIn,
    calling: Callable[..., Caller],
) -> None:
    account, client, key = new_account("岚川精密仪器"), sign_in(cast.dora), signed.total.key
    record_id = visits.add(account, "77.25", actor=cast.dora)
    _change(visits, record_id, {signed.stage: "signed", signed.day: timezone.localdate()}, cast.dora)
    row = CustomField.objects.get(key=signed.stage)
    retire_field(row.pk, actor=cast.dora)
    reason = "Shows nothing: it goes by “stage”, which is out of sight."
    for address in (
        f"/accounts/{account.pk}/",
        f"/accounts/?cols=name,{key}&sort=-{key}",
        "/settings/objects/account/",
    ):
        assert reason in client.get(address).content.decode(), address
    page = client.get(f"/settings/objects/account/roll-ups/{signed.total.pk}/")
    assert "A condition went by a field that is out of sight" in page.content.decode()
    assert calling(cast.dora).get(address_of(account)).json()[key] is None
    assert client.get(f"/objects/account/export/?cols=name,{key}").status_code == 200
    retire_field(row.pk, is_retired=False, actor=cast.dora)
    assert "77.25" in client.get(f"/accounts/?cols=name,{key}").content.decode()


def test_a_condition_whose_field_becomes_protected_hides_it_from_who_may_not_read_that(
    cast: Cast, visits: Visits, signed: Signed
) -> None:
    assert _rolled(signed.total.key, cast.alice) is not None
    row = CustomField.objects.get(key=signed.day)
    edit_field(row.pk, {"sensitivity": "credit"}, model=object_spec(visits.key).model, actor=cast.dora)  # type: ignore[arg-type]  # a Record
    assert _rolled(signed.total.key, cast.alice) is None
    assert _rolled(signed.total.key, cast.dora) is not None


@pytest.mark.parametrize(
    "where",
    [
        '["nowhere","is","1"]',
        '["{stage}","at_least","1"]',
        '["{day}","within","this_decade"]',
        '["{day}","is","yesterday"]',
        '["{stage}","is"]',
        "[",
        '["all"]',
        '["{stage}) or 1=1 --","is","1"]',
    ],
)
def test_a_condition_that_makes_no_sense_is_not_saved(where: str, cast: Cast, visits: Visits, signed: Signed) -> None:
    text = where.replace("{stage}", signed.stage).replace("{day}", signed.day)
    with pytest.raises(RuleViolation) as refused:
        _conditional(visits, "Nonsense", text, cast.dora)
    assert refused.value.code == "customfields.where"
    with pytest.raises(RuleViolation):
        edit_roll_up(signed.total.pk, name_zh="a", name_en="a", where=text, actor=cast.dora)
    kept = CustomRollUp.objects.get(pk=signed.total.pk)
    assert (kept.where, kept.name_en) == (signed.total.where, "Signed fees")
    assert not CustomRollUp.objects.filter(name_en="Nonsense").exists()


def test_conditions_are_made_in_the_browser_also_without_a_script(
    cast: Cast, visits: Visits, signed: Signed, sign_in: SignIn
) -> None:
    client = sign_in(cast.dora)
    new = f"/settings/objects/account/roll-ups/new/?from={visits.key}.{visits.total.link}"
    named = {"name_zh": "近期", "name_en": "Recent", "made_of": "count."}
    shown = client.post(new, {**named, "do": "add"}).content.decode()
    assert 'name="f0"' in shown
    assert 'value="Recent"' in shown
    builder = "/settings/objects/account/roll-ups/conditions/"
    row = {"source": visits.key, "f0": signed.day, "o0": "within", "v0": "this_month", "g0": "0", "j0": "all"}
    live = client.get(builder, {**row, "do": "count"}, headers={"HX-Request": "true"}).content.decode()
    assert "0 match" in live
    assert 'value="this_month" selected' in client.get(builder, {**row, "do": "show"}).content.decode()
    lacking = client.post(new, {**named, **row, "o0": "is", "v0": ""})
    assert lacking.status_code == 422
    assert "Something is missing in a condition." in lacking.content.decode()
    assert not CustomRollUp.objects.filter(name_en="Recent").exists()
    assert client.post(new, {**named, **row}).status_code == 303
    made = CustomRollUp.objects.get(name_en="Recent")
    assert made.where == f'["all",["{signed.day}","within","this_month"]]'
    listed = client.get("/settings/objects/account/").content.decode()
    assert '<span class="tag">day lies in this month</span>' in listed
    again = {"name_zh": "近期", "name_en": "Recent", "f0": signed.stage, "o0": "is", "v0": "signed", "g0": "0"}
    assert client.post(f"/settings/objects/account/roll-ups/{made.pk}/", again).status_code == 303
    made.refresh_from_db()
    assert made.where == f'["all",["{signed.stage}","is","signed"]]'
    assert sign_in(cast.alice).get(builder).status_code == 403


def test_a_number_that_is_encrypted_stands_in_no_condition(cast: Cast, visits: Visits) -> None:
    paper = _field(visits.key, FieldType.TEXT, "paper", cast.dora, sensitivity="identity")
    with pytest.raises(RuleViolation) as refused:
        _conditional(visits, "One person", f'["{paper}","is","110101199003078888"]', cast.dora)
    assert refused.value.code == "customfields.where"
    assert not CustomRollUp.objects.filter(where__contains="11010119").exists()
    assert _conditional(visits, "Known people", f'["{paper}","filled"]', cast.dora).pk
