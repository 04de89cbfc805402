import pytest

from guanxi.platform.accounts.rules import Browser, browser_of, digest_of


@pytest.mark.parametrize(
    ("description", "browser"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", Browser("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0", Browser("WeChat", "iPhone")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Browser("Firefox", "Linux")),
        ("curl/8.5.0", Browser("", "")),
        ("", Browser("", "")),
    ],
)
def test_a_browser_is_said_in_words(description: str, browser: Browser) -> None:
    assert browser_of(description) == browser


def test_a_digest_tells_nothing_and_is_always_the_same() -> None:
    assert digest_of("a") == digest_of("a") != digest_of("b")
    assert len(digest_of("a")) == 64
