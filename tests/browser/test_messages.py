"""A message has the links that Chromium's own DOM sees in it, and no others."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import Browser

from checker.core.check import Checker
from checker.core.message.markup import page_of
from tests.reading import markup
from tests.reading.hunt import official_addresses
from tests.reading.maker import Maker

pytestmark = pytest.mark.browser

MAILS = 200
SEED = 17

HREFS = r"""mails => {
  const nowhere = "link base use image script filter pattern lineargradient radialgradient textpath".split(" ");
  const own = {iframe: "src", frame: "src", embed: "src", object: "data", form: "action", button: "formaction",
               input: "formaction"};
  const all = ["href", "xlink:href", "data-saferedirecturl", "originalsrc"];
  function* below(node) {
    for (const child of node.childNodes) {
      yield child;
      if (child.localName === "template") {
        if (child.getAttribute("shadowrootmode") !== null) yield* below(child.content);
      } else if (!["script", "style"].includes(child.localName)) yield* below(child);
    }
  }
  function hrefs(html) {
    const found = [];
    for (const node of below(new DOMParser().parseFromString(html, "text/html"))) {
      if (node.nodeType === Node.COMMENT_NODE) {
        const opened = /\[if [^\]]{1,80}\]>([^]*?)(?:<!\[endif\]|$)/.exec(node.data);
        if (opened) found.push(...hrefs(opened[1]));
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        const name = node.localName.toLowerCase();
        if (node.getAttribute("srcdoc") && name === "iframe") found.push(...hrefs(node.getAttribute("srcdoc")));
        if (name === "meta" && (node.getAttribute("http-equiv") ?? "").trim().toLowerCase() === "refresh")
          found.push("(refresh)");
        if (nowhere.includes(name)) continue;
        for (const key of new Set([...(own[name] ? [own[name]] : []), ...all])) {
          const value = node.getAttribute(key);
          if (value) found.push(value);
        }
      }
    }
    return found;
  }
  return mails.map(hrefs);
}"""


def mails(addresses: list[str]) -> list[str]:
    """Letters, each with several links, other elements and now and then something broken inside."""
    make = Maker(random.Random(SEED), addresses)  # noqa: S311 (repeatable test data, no secret)
    kinds = (markup.letter, markup.link, markup.element, markup.link, markup.broken)
    return ["".join(make.dice.choice(kinds)(make) for _ in range(make.dice.randint(1, 6))) for _ in range(MAILS)]


def test_its_links_are_those_that_chromium_sees(chromium: Browser, checker: Checker) -> None:
    letters = mails(official_addresses(checker))
    page = chromium.new_page()
    seen: list[list[str]] = page.evaluate(HREFS, letters)
    page.close()
    differ: list[tuple[str, set[str], set[str]]] = []
    for letter, there in zip(letters, seen, strict=True):
        read = page_of(letter)
        assert read is not None
        # Which, not how often: where tags are left open, parsers repeat links.
        here = {href.written for href in read.hrefs}
        missing, beyond = set(there) - here, here - set(there)
        if missing - {"(refresh)"} or len(beyond) > there.count("(refresh)"):
            differ.append((letter, missing, beyond))
    assert sum(map(len, seen)) >= 2 * MAILS
    assert differ == []
