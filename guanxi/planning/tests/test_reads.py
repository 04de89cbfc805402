"""What lists show, sort and narrow by is counted without a write of the page, and kept by the day."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError
from django.urls import reverse

from guanxi.customers.models import Account
from guanxi.planning.commands import retire_items
from guanxi.planning.commands.reads import hand_over_reads, keep_reads
from guanxi.planning.models import FieldRead, InformationPlan
from guanxi.planning.objects.accounts import asked_fields
from guanxi.planning.queries.plans import items_of
from guanxi.planning.tests.conftest import put_in_force
from guanxi.platform.objects.reads import FieldUse, taken_uses
from guanxi.platform.objects.spec import View
from tests.cast import Cast, SignIn

DAY = date(2026, 11, 23)


def test_a_list_counts_what_it_uses_and_writes_nothing(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    new_account("甲")
    taken_uses()
    sign_in(cast.alice).get(f"{reverse('account_list')}?sort=name&cols=name,city")
    assert FieldRead.objects.count() == 0
    uses = taken_uses()
    assert uses[FieldUse("account", "city", "shown")] == 1
    assert uses[FieldUse("account", "name", "sort")] == 1


@pytest.mark.django_db
def test_counts_of_a_day_add_up() -> None:
    use = FieldUse("account", "city", "filter")
    keep_reads({use: 3}, day=DAY)
    keep_reads({use: 4}, day=DAY)
    assert list(FieldRead.objects.values_list("day", "object_key", "name", "use", "count")) == [(DAY, *use, 7)]


@pytest.mark.django_db
def test_what_the_database_refuses_is_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    taken_uses()
    use = FieldUse("account", "city", "filter")
    monkeypatch.setattr("guanxi.planning.commands.reads.taken_uses", lambda: {use: 2})

    def refuse(uses: object, *, day: date) -> None:
        raise DatabaseError

    monkeypatch.setattr("guanxi.planning.commands.reads.keep_reads", refuse)
    with pytest.raises(DatabaseError):
        hand_over_reads()
    assert taken_uses() == {use: 2}


def test_forms_ask_for_what_the_plan_asks_for_and_say_why(
    draft: InformationPlan, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    note = next(item for item in items_of(draft.pk, cast.dora) if item.key == "note")
    retire_items([note.pk], actor=cast.dora)
    put_in_force(draft, cast.dora)
    page = sign_in(cast.alice).get(reverse("account_new")).content.decode()
    folded = page.index("More fields")
    assert page.index('id="id_industry"') < folded < page.index('id="id_note"')
    person = new_account("丁", kind="person")
    asked = asked_fields(person, View(cast.alice, DAY))
    assert asked is not None
    assert ("city" in asked, "industry" in asked) == (True, False)
