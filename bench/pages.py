"""Whole-request times of the pages at 100,000 accounts: one client, then eight; and the second start.

One client asks each page 60 times over one kept connection; eight clients, each a signed-in person of its own session,
ask 25 times each. Times are of the whole answer at the client, which shares the machine with the server.
"""

import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import brotli
import psycopg

from bench.record import record
from guanxi.platform.database.address import libpq_uri
from guanxi.project.configuration import database_settings, load_configuration
from guanxi.project.demo.sign_in import DOMAIN, PASSWORD

TIMES, CLIENTS, TIMES_EACH = 60, 8, 25
LIMITS = {
    "page_today": (25, 40),
    "page_list_first": (15, 25),
    "page_list_500": (22, 35),
    "page_search_zh": (20, 30),
    "page_search_phone": (12, 20),
    "page_card_200": (30, 50),
    "page_card_2000": (50, 80),
}
PEER_RATES = {"load_list": 32.0, "load_search_zh": 15.0, "load_card": 16.0}
LOADS = (("load_list", "page_list_first"), ("load_search_zh", "page_search_zh"), ("load_card", "page_card_200"))
PEER = "strongest open peer on such a machine, requests/s"


class Client:
    """One signed-in person with one kept connection."""

    def __init__(self, port: int, user: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        page = self.get("/sign-in/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {
            "csrfmiddlewaretoken": token.group(1) if token else "",
            "login": f"{user}@{DOMAIN}",
            "password": PASSWORD,
        }
        body = urllib.parse.urlencode(form)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self._cookie()}
        self.connection.request("POST", "/sign-in/login/", body, headers)
        self._answer()
        if "sessionid" not in self.cookies:
            raise RuntimeError(f"{user} could not sign in")

    def get(self, path: str) -> str:
        """The body of a page. Raises: RuntimeError unless it answers 200."""
        self.connection.request("GET", path, headers={"Cookie": self._cookie(), "Accept-Encoding": "br"})
        status, body = self._answer()
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        return body

    def post(self, path: str, form: dict[str, str], *, is_fragment: bool = False) -> str:
        """Send a form. Returns the body. Raises: RuntimeError unless it answers 200, 204 or 303."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self._cookie(),
            "Accept-Encoding": "br",
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
            **({"HX-Request": "true"} if is_fragment else {}),
        }
        self.connection.request("POST", path, urllib.parse.urlencode(form), headers)
        status, body = self._answer()
        if status not in (200, 204, 303):
            raise RuntimeError(f"{path} answered {status}")
        return body

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _answer(self) -> tuple[int, str]:
        response = self.connection.getresponse()
        body = response.read()
        if response.headers.get("Content-Encoding") == "br":
            body = brotli.decompress(body)
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, body.decode()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start Guanxi and wait for its first page. Returns the process and the seconds it took."""
    guanxi = str(Path(sys.executable).with_name("guanxi"))
    started = time.monotonic()
    process = subprocess.Popen(
        [guanxi, "up", "--demo", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    answering(port, "/sign-in/login/").close()
    return process, time.monotonic() - started


def answering(port: int, path: str) -> http.client.HTTPConnection:
    """A connection to a server as soon as it answers an address. Raises: OSError after two minutes."""
    started = time.monotonic()
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                return connection
        except OSError:
            if time.monotonic() - started > 120:
                raise
        time.sleep(0.02)


def account_with(facts: int) -> int:
    """An account of the measured person with about so many facts."""
    settings = database_settings(load_configuration(os.environ, Path.cwd()))
    sql = """
        SELECT f.account_id FROM ledger_fact f JOIN customers_account a ON a.id = f.account_id
        JOIN accounts_user u ON u.id = a.owner_id WHERE u.email = %s
        GROUP BY f.account_id ORDER BY abs(count(*) - %s), f.account_id LIMIT 1
    """
    with psycopg.connect(libpq_uri(settings)) as connection:
        row = connection.execute(sql, [f"lin.xiaowen@{DOMAIN}", facts]).fetchone()
    return int(row[0]) if row else 0


def times_of(client: Client, path: str, *, times: int) -> list[float]:
    """Milliseconds of each answer, sorted; two answers before are not counted."""
    for _ in range(2):
        client.get(path)
    found = []
    for _ in range(times):
        started = time.perf_counter()
        client.get(path)
        found.append((time.perf_counter() - started) * 1000)
    return sorted(found)


def floor_times() -> list[float]:
    """Milliseconds of the floor's answers, sorted."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "bench.floor:application", "--no-ws"]
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", "2", "--blocking-threads", "4"]
    process = subprocess.Popen([*command, *options, "--log-level", "error"])
    try:
        connection = answering(port, "/")
        found = []
        for _ in range(TIMES):
            started = time.perf_counter()
            connection.request("GET", "/")
            connection.getresponse().read()
            found.append((time.perf_counter() - started) * 1000)
        return sorted(found[2:])
    finally:
        stopped(process)


def one_client(port: int, pages: dict[str, tuple[str, str]]) -> None:
    """The time of each page for one client, beside the floor at that time."""
    floor = statistics.median(floor_times())
    clients = {user: Client(port, user) for user in sorted({user for user, _ in pages.values()})}
    for name, (user, path) in pages.items():
        found = times_of(clients[user], path, times=TIMES)
        p50_limit, p95_limit = LIMITS[name]
        values = {
            "p50": statistics.median(found),
            "p95": found[int(len(found) * 0.95) - 1],
            "p95_limit": p95_limit,
            "floor": floor,
        }
        record(name, "ms", rows=100_000, what="limit of p50, ms", reference=p50_limit, **values)


def eight_clients(port: int, pages: dict[str, tuple[str, str]]) -> None:
    """Requests per second of eight clients at once."""
    signed_in: dict[str, list[Client]] = {}
    for name, page in LOADS:
        user, path = pages[page]
        clients = signed_in.setdefault(user, []) or [Client(port, user) for _ in range(CLIENTS)]
        signed_in[user] = clients
        for client in clients:
            client.get(path)
        threads = [threading.Thread(target=_ask, args=(client, path)) for client in clients]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = CLIENTS * TIMES_EACH / (time.monotonic() - started)
        record(name, "requests/s", rows=100_000, what=PEER, reference=PEER_RATES[name], value=rate)


def _ask(client: Client, path: str) -> None:
    for _ in range(TIMES_EACH):
        client.get(path)


def pages_of() -> dict[str, tuple[str, str]]:
    """The measured pages with the person who asks: Today for an owner of 2,000, lists for who sees all 100,000."""
    words = urllib.parse.quote("精密")
    return {
        "page_today": ("lin.xiaowen", "/"),
        "page_list_first": ("su.yun", "/accounts/"),
        "page_list_500": ("su.yun", "/accounts/?page=500"),
        "page_search_zh": ("su.yun", f"/accounts/?q={words}"),
        "page_search_phone": ("su.yun", "/accounts/?q=13800"),
        "page_card_200": ("lin.xiaowen", f"/accounts/{account_with(200)}/"),
        "page_card_2000": ("lin.xiaowen", f"/accounts/{account_with(2000)}/"),
    }


def stopped(process: subprocess.Popen[bytes]) -> None:
    """Stop Guanxi cleanly."""
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)


def main(work: Callable[[int], None]) -> None:
    """Start, measure, stop; then the second start."""
    port = free_port()
    process, _ = start(port)
    try:
        work(port)
    finally:
        stopped(process)
    process, seconds = start(port)
    stopped(process)
    record("second_start", "s", rows=100_000, what="limit", reference=10.0, value=seconds)


def measure(port: int) -> None:
    """All pages."""
    pages = pages_of()
    one_client(port, pages)
    eight_clients(port, pages)


if __name__ == "__main__":
    main(measure)
