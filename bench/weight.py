"""What a page weighs on the line and whether it jumps, in a real browser: at the first visit and at the next.

Kilobytes as they travelled, headers included; a layout shift as the browser scores it (0 = nothing moved by itself).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which

from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

from bench.pages import free_port, start, stopped
from bench.record import record
from guanxi.project.demo.sign_in import DOMAIN, PASSWORD

WHO = "admin"
PAGES = (
    *("/", "/accounts/", "/accounts/1/", "/accounts/1/edit/", "/contacts/", "/objects/contact/board/"),
    *("/objects/product/1/", "/pyramid/", "/settings/"),
)
SCREEN: ViewportSize = {"width": 1440, "height": 900}
FIRST, LATER, SHIFT = 600.0, 40.0, 0.0
OBSERVE = (
    "window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => "
    "entry.hadRecentInput || (window.shift += entry.value))).observe({ type: 'layout-shift', buffered: true });"
)


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of the system, or the one that Playwright brought."""
    with sync_playwright() as playwright:
        found = which("chromium") or which("google-chrome")
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def signed_in(context: BrowserContext, address: str) -> None:
    """Sign somebody in who sees everything."""
    page = context.new_page()
    page.goto(f"{address}/sign-in/login/")
    page.fill("[name=login]", f"{WHO}@{DOMAIN}")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    page.close()


def weighed(context: BrowserContext, address: str) -> tuple[float, float, float]:
    """Kilobytes of the first visit and of the next, and the larger layout shift of the two."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"] / 1000))
    page.add_init_script(OBSERVE)
    found, shifts = [], []
    for _visit in range(2):
        sizes.clear()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found.append(sum(sizes))
        shifts.append(float(page.evaluate("window.shift")))
    page.close()
    return found[0], found[1], max(shifts)


def main() -> None:
    """Weigh each page in a browser that has seen none; record the heaviest."""
    port = free_port()
    process, _seconds = start(port)
    address = f"http://127.0.0.1:{port}"
    try:
        with browser() as opened:
            first = opened.new_context(locale="zh-CN")
            signed_in(first, address)
            known = first.storage_state()
            found = {}
            for path in PAGES:
                context = opened.new_context(locale="zh-CN", storage_state=known, viewport=SCREEN)
                found[path] = weighed(context, address + path)
                context.close()
    finally:
        stopped(process)
    for name, unit, place, limit in (
        ("page_weight_first", "kB", 0, FIRST),
        ("page_weight_later", "kB", 1, LATER),
        ("page_layout_shift", "score", 2, SHIFT),
    ):
        values = {path: weights[place] for path, weights in found.items()}
        heaviest = max(values, key=lambda path: values[path])
        record(
            name,
            unit,
            rows=len(found),
            what=f"limit; heaviest of {len(found)} pages: {heaviest}",
            reference=limit,
            most=values[heaviest],
        )


main()
