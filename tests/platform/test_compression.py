"""Pages travel compressed, and are the same pages."""

import gzip

import brotli
import pytest

from guanxi.platform.ui.compression import accepted_method
from tests.cast import Cast, SignIn


@pytest.mark.parametrize(
    ("header", "method"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR; q = 0, GZIP", "gzip"),
        ("identity", ""),
        ("*", ""),
        ("", ""),
    ],
)
def test_the_best_method_that_the_browser_reads_is_taken(header: str, method: str) -> None:
    assert accepted_method(header) == method


def test_a_page_is_a_third_as_long_at_most_and_says_the_same(cast: Cast, sign_in: SignIn) -> None:
    alice = sign_in(cast.alice)
    plain = alice.get("/keyboard/")
    assert "Content-Encoding" not in plain.headers
    for method, opened in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        answer = alice.get("/keyboard/", headers={"Accept-Encoding": method})
        assert answer.headers["Content-Encoding"] == method
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert int(answer.headers["Content-Length"]) == len(answer.content) < len(plain.content) / 3
        page, _comment, _noise = opened(answer.content).rpartition(b"<!--")
        assert page.rstrip().endswith(b"</html>")
        assert b"Accept-Encoding" not in page


def test_equal_pages_differ_in_length(cast: Cast, sign_in: SignIn) -> None:
    alice = sign_in(cast.alice)
    lengths = {len(alice.get("/keyboard/", headers={"Accept-Encoding": "br"}).content) for _ in range(12)}
    assert len(lengths) > 3


def test_short_answers_and_files_stay_as_they_are(cast: Cast, sign_in: SignIn) -> None:
    dora = sign_in(cast.dora)
    for address in ("/objects/account/names/?name=x", "/objects/account/export/?format=csv"):
        answer = dora.get(address, headers={"Accept-Encoding": "br, gzip"})
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers
