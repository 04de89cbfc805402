from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.customers.commands import Captured, add_contact_point, capture
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.customers.queries.captured import accounts_of_words, known_people
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from tests.cast import Cast, SignIn

TEXT = "王志强\n采购部经理\n苏州恒测精密仪器有限公司\n手机：13812345678\n邮箱：wangzq@hengce.example"
CARD = (
    "BEGIN:VCARD\nVERSION:3.0\nN:Smith;Mary;;;\nFN:Mary Smith\nORG:Acme Widgets Ltd\nTITLE:Buyer\n"
    "TEL;TYPE=CELL:+447700900123\nEMAIL:m@acme.example\nEND:VCARD\n"
)
SHOWN = {"person": "王志强", "name": "苏州恒测精密仪器有限公司", "mobile": "13812345678", "title": "经理"}


def card(**values: object) -> Captured:
    held: dict[str, object] = {
        "account_id": None,
        "company": "恒测",
        "person": "王志强",
        "title": "经理",
        "department": "采购部",
        "website": "",
        "address": "",
        "points": {"mobile": "13812345678"},
    }
    return Captured(**(held | values))  # type: ignore[arg-type]  # tests name the fields


def test_a_text_is_read_looked_over_and_created(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    shown = client.post("/accounts/from-text/", {"text": TEXT, "do": "read"})
    text = shown.content.decode()
    assert shown.status_code == 200
    for value in ("王志强", "苏州恒测精密仪器有限公司", "13812345678", "wangzq@hengce.example"):
        assert f'value="{value}"' in text
    assert not grant(cast.alice, Account).queryset().exists()
    made = client.post("/accounts/from-text/", {"text": TEXT, "do": "create", **SHOWN})
    account = grant(cast.alice, Account).queryset().get()
    assert (made.status_code, made.headers["Location"]) == (303, f"/accounts/{account.pk}/")
    contact = grant(cast.alice, Contact).queryset().get()
    assert (account.name, contact.name, contact.title, contact.is_main) == (SHOWN["name"], "王志强", "经理", True)
    assert grant(cast.alice, ContactPoint).queryset().get().contact_id == contact.pk


def test_a_vcard_is_read_from_a_text_and_from_a_file(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    file = SimpleUploadedFile("mary.vcf", CARD.encode(), content_type="text/vcard")
    for sent in ({"text": CARD}, {"text": "", "card": file}):
        text = client.post("/accounts/from-text/", sent | {"do": "read"}).content.decode()
        assert 'value="Mary Smith"' in text
        assert 'value="Acme Widgets Ltd"' in text
        assert 'value="+447700900123"' in text


def test_a_text_that_says_nothing_is_told(cast: Cast, sign_in: SignIn) -> None:
    for text in ("", "Best regards"):
        assert sign_in(cast.alice).post("/accounts/from-text/", {"text": text, "do": "read"}).status_code == 422


def test_a_contact_is_added_to_a_known_customer(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account("恒测")
    assert capture(card(account_id=account.pk), actor=cast.alice) == account.pk
    assert grant(cast.alice, Account).queryset().count() == 1
    assert grant(cast.alice, Contact).queryset().get().account_id == account.pk


def test_without_a_firm_the_person_is_the_customer(cast: Cast) -> None:
    capture(card(company=""), actor=cast.alice)
    account = grant(cast.alice, Account).queryset().get()
    assert (account.kind, account.name) == ("person", "王志强")
    assert grant(cast.alice, ContactPoint).queryset().get().contact_id is None


def test_a_refused_card_leaves_nothing(cast: Cast, new_account: Callable[..., Account]) -> None:
    with pytest.raises(RuleViolation) as refused:
        capture(card(points={"mobile": "138"}), actor=cast.alice)
    assert refused.value.data["field"] == "mobile"
    with pytest.raises(RuleViolation):
        capture(card(company="", person=""), actor=cast.alice)
    assert not grant(cast.alice, Account).queryset().exists()
    account = new_account("恒测")
    with pytest.raises(NotFound):
        capture(card(account_id=account.pk), actor=cast.charlie)
    with pytest.raises(AccessDenied):
        capture(card(), actor=cast.token)
    assert not grant(cast.dora, Contact).queryset().exists()


def test_who_is_known_is_told_without_names_of_foreign_customers(
    cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("恒测")
    add_contact_point(ContactPoint(account=account, type="mobile", value="138 1234 5678"), actor=cast.alice)
    seller, masked = replace(cast.charlie, roles=("staff",)), cast.charlie
    own, foreign, guessed = (known_people({"mobile": "13812345678"}, actor) for actor in (cast.alice, seller, masked))
    assert (own[0].title, own[0].url) == ("恒测", f"/accounts/{account.pk}/")
    assert (foreign[0].title, foreign[0].url, foreign[0].keeper) == ("", "", cast.alice.name)
    assert guessed == ()
    assert known_people({"mobile": "1"}, cast.alice) == ()


def test_the_firm_is_found_by_its_name_or_the_host_of_the_mail(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account("恒测")
    add_contact_point(ContactPoint(account=account, type="mail", value="a@hengce.example"), actor=cast.alice)
    assert accounts_of_words("恒测", "", cast.alice) == ((account.pk, "恒测"),)
    assert accounts_of_words("", "b@hengce.example", cast.alice) == ((account.pk, "恒测"),)
    assert accounts_of_words("恒测", "b@hengce.example", cast.charlie) == ()
    assert accounts_of_words("", "b@qq.com", cast.alice) == ()
