"""Drives the extension in Debian's Chromium: the real popup, opened as by a click on its button."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.extension.servers import World

__all__ = ["Chromium", "findings"]


class Chromium:
    """One browser with the extension in it, kept for the whole test run."""

    def __init__(self, play: Playwright, program: Path, extension: Path, profile: Path, world: World) -> None:
        self._play, self._profile = play, profile
        # An unpacked extension's id is made from its folder's path.
        digest = hashlib.sha256(str(extension.resolve()).encode()).hexdigest()[:32]
        self.id = "".join(chr(ord("a") + int(digit, 16)) for digit in digest)
        self.context: BrowserContext = play.chromium.launch_persistent_context(
            profile,
            executable_path=program,
            headless=True,
            ignore_https_errors=True,
            args=[
                f"--disable-extensions-except={extension}",
                f"--load-extension={extension}",
                f"--host-resolver-rules=MAP *:443 127.0.0.1:{world.tls_port}, MAP *:80 127.0.0.1:{world.http_port},"
                " EXCLUDE 127.0.0.1",
                "--ignore-certificate-errors",
                "--remote-debugging-port=0",
            ],
        )
        browser = self.context.browser
        assert browser is not None
        self._cdp = browser.new_browser_cdp_session()
        self.stored: dict[str, object] = {}

    def close(self) -> None:
        self.context.close()

    def url(self, page: str) -> str:
        return f"chrome-extension://{self.id}/{page}"

    def visit(self, address: str, page: Page | None = None) -> Page:
        """Open an address in a tab, in a new one unless a tab is given."""
        page = page or self.context.new_page()
        page.goto(address)
        page.bring_to_front()
        return page

    def press_button(self, page: Page) -> None:
        """A click on the toolbar button while this tab is in front: opens the popup, grants activeTab."""
        tabs = self._cdp.send("Target.getTargets", {"filter": [{"type": "tab"}]})["targetInfos"]
        tab = next(t for t in tabs if t["url"] == page.url)
        self._cdp.send("Extensions.triggerAction", {"id": self.id, "targetId": tab["targetId"]})
        self._until(lambda: any(t["url"] == self.url("popup.html") for t in self._targets()))

    def _targets(self) -> list[dict[str, str]]:
        return self._cdp.send("Target.getTargets")["targetInfos"]

    def _until(self, done: Callable[[], bool], seconds: float = 5) -> None:
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, "the browser did not get there in time"
            time.sleep(0.01)

    @contextmanager
    def popup(self, page: Page, undisturbed: float = 0) -> Iterator[Page]:
        """The popup for this tab, as a page of its own. ``undisturbed``: seconds to leave it alone
        first, because being attached to slows it down."""
        self.press_button(page)
        time.sleep(undisturbed)
        port = (self._profile / "DevToolsActivePort").read_text().split()[0]
        # The popup shows up only in a connection made after it opened.
        second = self._play.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        try:
            pages = [p for context in second.contexts for p in context.pages if p.url == self.url("popup.html")]
            popup = pages[-1]
            popup.set_default_timeout(8000)
            popup.locator("#headline:not(:empty)").wait_for()
            yield popup
            if not popup.is_closed():
                popup.close()
        finally:
            second.close()

    @contextmanager
    def popup_at(self, address: str) -> Iterator[Page]:
        """The popup over a fresh tab with this address; the tab is closed afterwards."""
        page = self.visit(address)
        try:
            with self.popup(page) as popup:
                yield popup
        finally:
            page.close()

    @contextmanager
    def narrow_popup_at(self, address: str, before: str = "") -> Iterator[Page]:
        """The popup's page in a tab 320 pixels wide, told that this address is in front: the size of a
        real popup cannot be set. ``before``: a script to run ahead of the popup's own."""
        page = self.context.new_page()
        page.set_viewport_size({"width": 320, "height": 640})
        tab = json.dumps([{"id": 1, "url": address}])
        page.add_init_script(f"globalThis.chrome.tabs.query = async () => ({tab})")
        page.add_init_script(before)
        page.goto(self.url("popup.html"))
        page.locator("#headline:not(:empty)").wait_for()
        try:
            yield page
        finally:
            page.close()

    def new_window(self, address: str) -> None:
        """Open an address in a window of its own."""
        self._cdp.send("Target.createTarget", {"url": address, "newWindow": True})

    def store(self, **values: object) -> None:
        """Set the extension's storage to exactly these values."""
        self.stored = values
        page = self.context.new_page()
        page.goto(self.url("options.html"))
        page.evaluate(f"chrome.storage.local.clear().then(() => chrome.storage.local.set({json.dumps(values)}))")
        page.close()


def findings(page: Page) -> list[str]:
    """What axe-core finds wrong with a page, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    run = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{v['id']}: {node['html']} {node['failureSummary']}" for v in run["violations"] for node in v["nodes"]]
