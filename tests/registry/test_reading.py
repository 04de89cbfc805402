"""Every object × every page × the cast: who reads what, and what stays hidden."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.customers.commands import edit_account
from guanxi.platform.objects.registry import own_specs
from guanxi.platform.objects.spec import ObjectSpec
from tests.cast import Cast, SignIn
from tests.registry.conftest import NAME, NOTE, PHONE, TAX_ID, Secret

HTMX = {"HX-Request": "true"}
RANDOM = re.compile(r"\b[0-9a-zA-Z]{32,64}\b")
TAIL = "6021"
HIDDEN_PART = "0013"
EVERYWHERE = ("/", "/pyramid/", "/weights/", "/more/", "/jobs/", "/today/held/later/")
MARKUP = "<script>alert(1)</script>\"'&"


@pytest.fixture(params=[spec for spec in own_specs() if spec.key == "account"], ids=lambda spec: spec.key)
def spec(request: pytest.FixtureRequest) -> ObjectSpec:
    """The object that the secret is told of; those that follow it are tried by `test_more_objects.py`."""
    found: ObjectSpec = request.param
    return found


def addresses_of(spec: ObjectSpec, secret: Secret) -> dict[str, str]:
    """The pages of an object by name, those of one record too."""
    found = {"list": reverse(f"{spec.key}_list"), "facts": reverse("facts", args=[secret.account.pk])}
    found["search"] = found["list"] + f"?q={NAME[:2]}"
    if spec.detail_url:
        found["card"] = spec.detail_url(secret.account.pk)
    if spec.preview_url:
        found["preview"] = spec.preview_url(secret.account.pk)
    return found


def pages(client: Client, addresses: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    """Each address as page and as fragment: name, status and what it says without random tokens."""
    for name, address in addresses.items():
        for headers in ({}, HTMX):
            answer = client.get(address, headers=headers)
            text = RANDOM.sub("", answer.content.decode()) + str(answer.headers)
            yield name, answer.status_code, text


def test_the_owner_reads_all_pages(spec: ObjectSpec, cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    read = list(pages(sign_in(cast.alice), addresses_of(spec, secret)))
    assert {status for name, status, _ in read if name != "preview"} == {200}
    assert all(NAME in text for name, status, text in read if status == 200)
    assert any("138 0013 6021" in text for name, _, text in read if name == "card")
    assert any(NOTE in text for name, _, text in read if name == "facts")
    assert not any(TAX_ID in text for _, _, text in read)


def test_a_manager_reads_the_numbers_masked(spec: ObjectSpec, cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    everywhere = dict(zip(EVERYWHERE, EVERYWHERE, strict=True))
    client = sign_in(cast.bob)
    read = list(
        pages(client, {**addresses_of(spec, secret), **everywhere, "edit": f"/accounts/{secret.account.pk}/edit/"})
    )
    assert any(TAIL in text for name, _, text in read if name == "card")
    for name, _, text in read:
        assert HIDDEN_PART not in text, name
        assert TAX_ID not in text, name
        assert TAX_ID[-4:] not in text, name


def test_a_stranger_learns_nothing(spec: ObjectSpec, cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    everywhere = dict(zip(EVERYWHERE, EVERYWHERE, strict=True))
    read = list(pages(sign_in(cast.charlie), {**addresses_of(spec, secret), **everywhere}))
    for name, status, text in read:
        assert status == (404 if name in {"card", "facts"} else status), name
        for word in (NAME, TAIL, HIDDEN_PART, TAX_ID, NOTE, "砚秋"):
            assert word not in text, name
    assert sign_in(cast.charlie).get(addresses_of(spec, secret)["preview"], headers=HTMX).status_code == 404


@pytest.mark.parametrize("words", [NAME, "lanchuan", "lc", TAIL, PHONE, PHONE.replace(" ", ""), "周砚秋"])
def test_a_stranger_finds_nothing(words: str, cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    answer = sign_in(cast.charlie).get("/accounts/", {"q": words})
    assert f"/accounts/{secret.account.pk}/" not in answer.content.decode()
    assert "Nothing matches" in answer.content.decode()


@pytest.mark.parametrize(("words", "is_found"), [(NAME, True), ("lanchuan", True), (TAIL, True), ("80013", False)])
def test_a_manager_does_not_find_by_what_is_hidden(
    words: str, is_found: bool, cast: Cast, secret: Secret, sign_in: SignIn
) -> None:
    answer = sign_in(cast.bob).get("/accounts/", {"q": words})
    assert (f"/accounts/{secret.account.pk}/" in answer.content.decode()) == is_found


@pytest.mark.usefixtures("secret")
def test_unknown_sorting_and_filters_are_ignored(spec: ObjectSpec, cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.bob), reverse(f"{spec.key}_list")
    for parameters in (
        {"sort": "tax_id"},
        {"sort": "-owner__password"},
        {"tax_id": TAX_ID},
        {"owner__email": "x"},
        {"owner": "' OR 1=1"},
        {"page": "-1"},
        {"q": "\x00"},
    ):
        answer = client.get(address, parameters)
        assert answer.status_code == 200
        assert (NAME in answer.content.decode()) == ("owner" not in parameters), parameters


@pytest.mark.parametrize("nonsense", ["²", "9" * 30, "9" * 5000, "-1", "nan_1", "1e9_" + "9" * 30, "\x00", "%", "90.Z"])
def test_nonsense_in_an_address_is_no_server_error(nonsense: str, cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    client, names = sign_in(cast.alice), ("owner", "grade", "was", "moves", "page", "sort", "q", "relation", "region")
    card = f"/accounts/{secret.account.pk}/"
    for address in (
        *(f"/accounts/?{urlencode({name: nonsense})}" for name in names),
        f"{card}facts/?{urlencode({'before': nonsense, 'kind': nonsense})}",
        f"/?{urlencode({'row': nonsense, 'reason': nonsense})}",
        f"/pyramid/?{urlencode({'days': nonsense})}",
        f"/weights/?{urlencode({'kind': nonsense, 'w_purchase': nonsense})}",
        "/accounts/99999999999999999999999999/",
    ):
        assert client.get(address).status_code in {200, 403, 404}, address


def test_a_name_full_of_markup_is_text_everywhere(
    spec: ObjectSpec, cast: Cast, secret: Secret, sign_in: SignIn
) -> None:
    edit_account(secret.account.pk, {"name": MARKUP, "city": MARKUP}, actor=cast.alice)
    addresses = {**addresses_of(spec, secret), "today": "/", "edit": f"/accounts/{secret.account.pk}/edit/"}
    addresses["search"] = addresses["list"] + "?q=alert"
    for name, status, text in pages(sign_in(cast.alice), addresses):
        assert "<script>alert" not in text, name
        assert status != 200 or "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;" in text, name


def test_without_a_sign_in_every_page_asks_for_one(spec: ObjectSpec, client: Client, secret: Secret) -> None:
    for name, address in addresses_of(spec, secret).items():
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"].startswith("/sign-in/")) == (302, True), name


@pytest.mark.django_db
def test_the_sign_in_leads_back_to_the_whole_address(client: Client) -> None:
    answer = client.get("/accounts/?q=a&sort=name")
    assert answer.headers["Location"] == "/sign-in/login/?next=%2Faccounts%2F%3Fq%3Da%26sort%3Dname"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_signing_in_leads_to_own_pages_only(target: str, cast: Cast, client: Client) -> None:
    answer = client.post(
        "/sign-in/login/", {"login": "alice@example.com", "password": "a-long-password", "next": target}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    answer = client.post("/language/", {"language": "en", "next": target})
    assert answer.headers["Location"] == "/"
