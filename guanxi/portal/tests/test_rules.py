import pytest

from guanxi.kernel.errors import RuleViolation
from guanxi.portal.choices import SpamSign
from guanxi.portal.rules.addresses import is_safe_redirect, require_slug, site_of, sites_of
from guanxi.portal.rules.fields import AskedConsent, require_askable
from guanxi.portal.rules.matching import Conflicting, consent_of_point, differing
from guanxi.portal.rules.preferences import changes, is_agreed, point_consents
from guanxi.portal.rules.spam import spam_signs
from guanxi.portal.tests.conftest import asked


@pytest.mark.parametrize(
    ("written", "site"),
    [
        ("www.example.com", "https://www.example.com"),
        (" HTTPS://Shop.Example.com:8443/ ", "https://shop.example.com:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_a_site_is_an_origin(written: str, site: str) -> None:
    assert site_of(written) == site


@pytest.mark.parametrize(
    "written",
    [
        "http://example.com",
        "https://*.example.com",
        "https://a.com/path",
        "*",
        "'self'",
        "https://a b.com",
        "javascript:alert(1)",
        "https://user@example.com",
        "https://example.com;script-src *",
        "data:text/html,x",
        "https://a.com:99999",
    ],
)
def test_what_is_no_site_is_refused(written: str) -> None:
    with pytest.raises(RuleViolation):
        site_of(written)


def test_sites_stand_once_each() -> None:
    assert sites_of("example.com\n\nhttps://example.com\n") == ("https://example.com",)


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://www.example.com/thanks?a=1", True),
        ("https://www.example.com", True),
        ("https://evil.example/thanks", False),
        ("//www.example.com/x", False),
        ("/thanks", False),
        ("https://www.example.com@evil.example/", False),
        ("https://www.example.com\\@evil.example/", False),
        ("https://www.example.com.evil.example/", False),
        ("javascript:alert(1)", False),
        ("http://www.example.com/", False),
        ("https://www.example.com/\r\nSet-Cookie: a=b", False),
    ],
)
def test_a_form_leads_only_to_sites_that_it_names(address: str, is_safe: bool) -> None:
    assert is_safe_redirect(address, sites=("https://www.example.com",)) is is_safe


@pytest.mark.parametrize("slug", ["ab", "Fair", "a b c", "-fair", "fair-", "f" * 41, "fair/x"])
def test_a_name_in_the_address_is_plain(slug: str) -> None:
    with pytest.raises(RuleViolation):
        require_slug(slug)


def test_a_form_asks_for_a_name_and_a_way_to_reach() -> None:
    require_askable(asked("name", "mail", required=("name", "mail")), ())
    for fields in (asked("mobile"), asked("name", "company"), asked("name", "mobile", required=("name",))):
        with pytest.raises(RuleViolation):
            require_askable(fields, ())
    twice = (AskedConsent("marketing", "mail", "同意", ""),) * 2
    with pytest.raises(RuleViolation):
        require_askable(asked("name", "mobile"), twice)


CALM = {"name": "周明", "mobile": "13862001234", "message": "请联系我, 见 https://a.example"}


@pytest.mark.parametrize(
    ("answers", "trap", "age", "is_many", "signs"),
    [
        (CALM, "", 30, False, ()),
        (CALM, "http://x", 30, False, (SpamSign.TRAP,)),
        (CALM, "", 1, False, (SpamSign.FAST,)),
        (CALM | {"message": "http://a.b http://c.d"}, "", 30, False, (SpamSign.LINKS,)),
        (CALM | {"message": "<a href=x>hi</a>"}, "", 30, False, (SpamSign.MARKUP,)),
        (CALM | {"message": "1 < 2 and 3 > 2"}, "", 30, False, ()),
        (CALM, "", 30, True, (SpamSign.MANY,)),
        ({"name": "x", "city": "x", "message": "x"}, "", 30, False, (SpamSign.REPEATED,)),
        (CALM | {"website": "https://a.b https://c.d"}, "", 30, False, ()),
    ],
)
def test_signs_of_spam(
    answers: dict[str, str], trap: str, age: float, is_many: bool, signs: tuple[SpamSign, ...]
) -> None:
    assert spam_signs(answers, trap=trap, age_seconds=age, is_one_of_many=is_many) == signs


def test_a_filled_field_is_noted_and_never_written() -> None:
    missing, other = differing(
        {"city": "苏州", "size": "20–99", "name": "A B"}, {"city": "", "size": "100–499", "name": "ab"}
    )
    assert missing == {"city": "苏州"}
    assert other == (Conflicting("size", "100–499"),)


def test_a_number_may_be_used_as_marketing_was_agreed_to() -> None:
    assert consent_of_point("mobile", [("marketing", "sms")]) == "given"
    assert consent_of_point("mobile", [("service", "sms"), ("marketing", "mail")]) == "unknown"


def test_the_later_word_holds_of_a_channel_and_of_all_channels() -> None:
    from_any = {("marketing", "any"): (True, 1), ("marketing", "mail"): (False, 2)}
    assert is_agreed(from_any, ("marketing", "sms"))  # type: ignore[arg-type]  # any order of time will do
    assert not is_agreed(from_any, ("marketing", "mail"))  # type: ignore[arg-type]  # as above


def test_only_what_changed_is_said() -> None:
    assert changes({}, ()) == {}
    assert changes({}, (("survey", "mail"),)) == {("survey", "mail"): True}
    assert point_consents({("marketing", "sms"): False}, (("marketing", "phone"),)) == {"mobile": "given"}
    assert point_consents({("marketing", "mail"): False}, ()) == {"mail": "withdrawn"}
    assert point_consents({("survey", "mail"): False}, ()) == {}
