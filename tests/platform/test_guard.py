"""No QuerySet method reads or writes a protected table without admission."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import Count, OuterRef, Subquery
from django.test.utils import CaptureQueriesContext

from guanxi.customers.models import Account
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.guard import GuardedQuerySet, UnguardedRead

REASON = "demo: the demo company is made by the system"
Rows = models.QuerySet[Account]


def _new() -> Account:
    return Account(kind="person", name="x")


METHODS: dict[str, Callable[[Any], object]] = {
    "iteration": list,
    "len": len,
    "bool": bool,
    "repr": repr,
    "index": lambda rows: rows[0],
    "slice": lambda rows: list(rows[:2]),
    "get": lambda rows: rows.get(pk=1),
    "first": lambda rows: rows.first(),
    "last": lambda rows: rows.last(),
    "latest": lambda rows: rows.latest("pk"),
    "earliest": lambda rows: rows.earliest("pk"),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "contains": lambda rows: rows.contains(Account(pk=1)),
    "aggregate": lambda rows: rows.aggregate(n=Count("pk")),
    "annotate": lambda rows: list(rows.annotate(n=Count("pk"))),
    "values": lambda rows: list(rows.values("pk")),
    "values_list": lambda rows: list(rows.values_list("pk", flat=True)),
    "dates": lambda rows: list(rows.dates("since_on", "year")),
    "datetimes": lambda rows: list(rows.datetimes("created_at", "year")),
    "distinct": lambda rows: list(rows.distinct()),
    "order_by": lambda rows: list(rows.order_by("name")),
    "exclude": lambda rows: list(rows.exclude(pk=1)),
    "only": lambda rows: list(rows.only("pk")),
    "defer": lambda rows: list(rows.defer("name")),
    "union": lambda rows: list(rows.union(rows)),
    "intersection": lambda rows: list(rows.intersection(rows)),
    "difference": lambda rows: list(rows.difference(rows)),
    "select_related": lambda rows: list(rows.select_related("owner")),
    "select_for_update": lambda rows: list(rows.select_for_update()),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "iterator": lambda rows: list(rows.iterator()),
    "explain": lambda rows: rows.explain(),
    "raw": lambda rows: list(rows.raw("SELECT * FROM customers_account")),
    "subquery": lambda rows: list(unscoped(Account, reason=REASON).filter(pk__in=rows.values("pk"))),
    "annotated subquery": lambda rows: list(
        unscoped(Account, reason=REASON).annotate(other=Subquery(rows.filter(pk=OuterRef("pk")).values("pk")[:1]))
    ),
    "update": lambda rows: rows.update(name="changed"),
    "delete": lambda rows: rows.delete(),
    "raw delete": lambda rows: rows._raw_delete("default"),
    "create": lambda rows: rows.create(kind="person", name="x"),
    "get_or_create": lambda rows: rows.get_or_create(name="x", defaults={"kind": "person"}),
    "update_or_create": lambda rows: rows.update_or_create(name="x", defaults={"kind": "person"}),
    "bulk_create": lambda rows: rows.bulk_create([_new()]),
    "bulk_update": lambda rows: rows.bulk_update([Account(pk=1, name="y")], ["name"]),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(METHODS))
def test_an_unadmitted_queryset_raises_before_any_sql(name: str) -> None:
    with CaptureQueriesContext(connection) as captured, pytest.raises(UnguardedRead):
        METHODS[name](Account.objects.all())
    assert [entry["sql"] for entry in captured if "customers_account" in entry["sql"]] == []


@pytest.mark.django_db
def test_an_admitted_queryset_works() -> None:
    rows = unscoped(Account, reason=REASON)
    assert list(rows.filter(name="nobody")) == []
    assert rows.count() == 0


def test_the_default_manager_is_guarded_and_djangos_own_is_plain() -> None:
    assert isinstance(Account._default_manager.all(), GuardedQuerySet)
    assert not isinstance(Account._base_manager.all(), GuardedQuerySet)


@pytest.mark.django_db
def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="unscoped_reasons"):
        unscoped(Account, reason="because I want to")
