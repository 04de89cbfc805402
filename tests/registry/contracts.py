"""Contracts: an object that people made, with which tests of such objects play."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.customfields import commands
from guanxi.platform.customfields.models import CustomField, CustomRecord
from guanxi.platform.objects.registry import fields_of, object_spec, required_verbs
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.records.models import Record
from tests.cast import Cast

STAGES = [["draft", "起草", "Draft"], ["signed", "签署", "Signed"], ["ended", "终止", "Ended"]]
NAMES = {"name_zh": "合同", "name_en": "Contract", "plural_en": "Contracts", "icon": "file-text"}
Make = Callable[..., CustomRecord]


def fresh(actor: Actor) -> Actor:
    """The actor under the rules that are in force now."""
    assert actor.user_id is not None
    return actor_by_user_id(actor.user_id, surface=actor.surface)


def model_of(spec: ObjectSpec) -> type[Record]:
    """The model of an object whose records can be changed."""
    assert issubclass(spec.model, Record)
    return spec.model


def add_field(spec: ObjectSpec, kind: FieldType, name: str, actor: Actor, **values: Any) -> CustomField:
    """Make a field of an object."""
    target = values.pop("target", "")
    given = {"name_zh": name, "name_en": name, **values}
    return commands.make_field(model_of(spec), kind=kind, values=given, target=target, actor=actor)


@pytest.fixture
def contract(cast: Cast) -> ObjectSpec:
    """An object that Dora made: contracts with customer, stage, amount, end, a secret number and a reason."""
    made = commands.make_object(NAMES, taken=(), rights_of="account", actor=cast.dora)
    spec = object_spec(made.key)
    add_field(spec, FieldType.LINK, "Customer", cast.dora, target="account")
    add_field(spec, FieldType.CHOICE, "Stage", cast.dora, choices=STAGES)
    add_field(spec, FieldType.MONEY, "Amount", cast.dora)
    add_field(spec, FieldType.DATE, "Ends", cast.dora)
    add_field(spec, FieldType.TEXT, "Secret", cast.dora, sensitivity="identity")
    rule = json.dumps(["x_stage", "is", "ended"])
    add_field(spec, FieldType.TEXT, "Reason", cast.dora, visible_when=rule, required_when=rule)
    commands.edit_object(made.key, {"board_field": "x_stage", "calendar_field": "x_ends"}, actor=cast.dora)
    return object_spec(made.key)


@pytest.fixture
def make(contract: ObjectSpec, cast: Cast) -> Make:
    """Make a contract of Alice's."""

    def made(name: str, **values: Any) -> CustomRecord:
        columns = {item.key: item.column for item in fields_of(contract)}
        given = {columns[f"x_{key}"]: value for key, value in values.items()}
        record = required_verbs(contract).create({"name": name, **given}, actor=fresh(cast.alice))
        assert isinstance(record, CustomRecord)
        return record

    return made


def listed(client: Client, contract: ObjectSpec, **query: str) -> str:
    """The rows of the list."""
    answer = client.get(contract.list_url, query)
    assert answer.status_code == 200
    return answer.content.decode().partition("<tbody")[2].partition("</tbody>")[0]


def where(*condition: str) -> str:
    """A condition as an address has it."""
    return json.dumps(list(condition))


def all_rows(contract: ObjectSpec, actor: Actor) -> list[Any]:
    """All records that the actor reaches."""
    return list(grant(actor, contract.model).queryset().order_by("pk"))


def rows_of(contract: ObjectSpec, actor: Actor, ids: list[int]) -> list[Any]:
    """The records as they stand now."""
    return list(grant(actor, contract.model).queryset().filter(pk__in=ids).order_by("pk"))
