"""Draws the PNG icons from ``icon.svg``, in Chromium: ``python -m extension.icons.render``.

Run by hand after a change of the drawing; the PNG files are part of the sources.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
SIZES = (16, 32, 48, 128)


def main() -> None:
    """Write every size next to the drawing, on a transparent ground."""
    drawing = (HERE / "icon.svg").read_text(encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium")
        for size in SIZES:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}</style>{drawing}"
            )
            page.screenshot(path=str(HERE / f"icon-{size}.png"), omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
