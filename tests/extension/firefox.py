"""Drives the extension in Firefox ESR through Marionette: the real popup, opened as by a click."""

from __future__ import annotations

import base64
import gc
import json
import socket
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.extension.servers import World

with warnings.catch_warnings():
    # Its own dependencies use spellings that newer Pythons warn about when they are compiled.
    warnings.simplefilter("ignore")
    from marionette_driver.addons import Addons
    from marionette_driver.marionette import Marionette

__all__ = ["Firefox"]

UUID = "6f0b5a5e-2c2e-4f0e-9d5b-0f4d1c5d9a01"

CLICK = """
const [id, close] = arguments;
const action = WebExtensionPolicy.getByID(id).extension.apiManager.global.browserActionFor(
  WebExtensionPolicy.getByID(id).extension);
if (close) {
  for (const panel of document.querySelectorAll("panel")) panel.hidePopup();
} else {
  action.triggerAction(window);
}
"""
IN_POPUP = """
const [script, args, done] = [arguments[0], arguments[1], arguments[arguments.length - 1]];
const shown = document.querySelector("browser.webextension-popup-browser");
const inside = shown && shown.browsingContext && shown.browsingContext.currentWindowGlobal;
if (!inside) done(null);
else inside.getActor("MarionetteCommands")
  .executeScript(script, args, { timeout: 20000, async: true, sandboxName: null })
  .then(done, (error) => done("" + error));
"""
PICTURE = """
const done = arguments[arguments.length - 1];
const inside = document.querySelector("browser.webextension-popup-browser").browsingContext.currentWindowGlobal;
inside.drawSnapshot(null, 1, "white").then((bitmap) => {
  const canvas = document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  done(canvas.toDataURL("image/png").split(",")[1]);
});
"""
SHOWN = """
const last = arguments[arguments.length - 1];
const verdict = document.querySelector("[data-verdict]");
last({
  verdict: verdict.dataset.verdict,
  level: verdict.dataset.level ?? null,
  headline: document.getElementById("headline").textContent,
  state: document.getElementById("service").dataset.state ?? "",
  codes: [...document.querySelectorAll("[data-code]")].map((reason) => reason.dataset.code),
  official: document.querySelector("[data-official]").getAttribute("href"),
  owner: document.getElementById("owner").textContent,
  marks: performance.getEntriesByType("mark").map((mark) => mark.startTime),
  width: innerWidth,
  overflow: document.documentElement.scrollWidth - innerWidth,
});
"""


@contextmanager
def _driver_leaks_sockets() -> Iterator[None]:
    """The driver leaves sockets to the garbage collector, which this suite takes for an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


class Firefox:
    """One browser with the extension in it, kept for the whole test run."""

    def __init__(self, program: Path, extension: Path, world: World) -> None:
        manifest = json.loads((extension / "manifest.json").read_text())
        self.addon = manifest["browser_specific_settings"]["gecko"]["id"]
        with _driver_leaks_sockets():
            self.marionette = self._started(program, world)
        self.marionette.timeout.script = 30
        Addons(self.marionette).install(str(extension), temp=True)

    def _started(self, program: Path, world: World) -> Marionette:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        marionette = Marionette(
            bin=str(program),
            port=port,
            headless=True,
            app="fxdesktop",
            prefs={
                "network.dns.forceResolve": "127.0.0.1",
                "network.socket.forcePort": f"443={world.tls_port};80={world.http_port}",
                "ui.popup.disable_autohide": True,
                "extensions.webextensions.uuids": json.dumps({self.addon: UUID}),
            },
        )
        marionette.start_session({"acceptInsecureCerts": True})
        return marionette

    def close(self) -> None:
        with _driver_leaks_sockets():
            self.marionette.quit()
            self.marionette.profile = None

    def url(self, page: str) -> str:
        return f"moz-extension://{UUID}/{page}"

    def in_page(self, script: str) -> Any:
        """Run an async function in the page of the tab, with the page's own rights."""
        whole = f"const last = arguments[arguments.length - 1]; ({script})().then(last, (e) => last('' + e));"
        return self.marionette.execute_async_script(whole, sandbox=None)

    def _in_browser(self, script: str, arguments: list[object]) -> Any:
        with self.marionette.using_context("chrome"):
            return self.marionette.execute_async_script(script, arguments, sandbox="system")

    def in_popup(self, script: str) -> Any:
        """Run a script in the popup; its last argument takes the result."""
        return self._in_browser(IN_POPUP, [script, []])

    def press_button(self) -> dict[str, Any]:
        """Open the popup over the tab in front; what it shows once the service has answered."""
        with self.marionette.using_context("chrome"):
            self.marionette.execute_script(CLICK, [self.addon, False], sandbox="system")
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """What the popup shows, once it shows something and waits for nothing."""
        end = time.monotonic() + 10
        while True:
            shown = self.in_popup(SHOWN)
            if isinstance(shown, dict) and shown["headline"] and shown["state"] != "asking":
                return shown
            assert time.monotonic() < end, f"the popup did not get there: {shown}"
            time.sleep(0.02)

    def close_popup(self) -> None:
        with self.marionette.using_context("chrome"):
            self.marionette.execute_script(CLICK, [self.addon, True], sandbox="system")

    def picture(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self._in_browser(PICTURE, [])))

    def findings(self) -> Any:
        """What axe-core finds wrong with the popup."""
        script = """
const last = arguments[arguments.length - 1];
axe.run({ resultTypes: ["violations"] }).then(
  ({ violations }) => last(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))),
  (error) => last(["" + error]));
"""
        return self.in_popup(Axe().axe_script + script)
