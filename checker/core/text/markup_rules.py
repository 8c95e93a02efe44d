"""What HTML may hold and still be read: the elements, attributes and styles that mail programs write.

These are closed lists. Whatever is on none of them makes the markup unread, and then nothing is verified.
"""

from __future__ import annotations

import re

__all__ = [
    "ATTRIBUTES",
    "BEFORE_CELLS",
    "BEHIND_CELLS",
    "BLOCK",
    "CHARSET",
    "DECLARATION",
    "INLINE",
    "LINKS",
    "META",
    "META_NAMES",
    "ODD_STYLE",
    "PICTURE",
    "READ_ELSEWHERE",
    "TABLE_PARTS",
    "TARGETS",
    "VOID",
    "WORDS",
]

INLINE = frozenset(
    "a abbr b big cite code del em font i img ins mark o:p q s samp small span strike strong sub sup time tt u var"
    " wbr".split()
)
BLOCK = frozenset(
    "address article aside blockquote body br caption center col colgroup dd div dl dt figcaption figure footer h1 h2"
    " h3 h4 h5 h6 head header hr html li main meta nav ol p pre section style table tbody td tfoot th thead title tr"
    " ul v:roundrect w:anchorlock".split()
)
BEFORE_CELLS = frozenset("table thead tbody tfoot tr colgroup col".split())
BEHIND_CELLS = frozenset("caption colgroup thead tbody tfoot tr td th".split())
TABLE_PARTS = BEFORE_CELLS | BEHIND_CELLS
VOID = frozenset("br col hr img meta wbr w:anchorlock".split())
LINKS = {"a": ("href", "data-saferedirecturl", "originalsrc"), "v:roundrect": ("href",)}
ATTRIBUTES = frozenset(
    "align alink alt arcsize bgcolor border cellpadding cellspacing charset cite class clear color cols colspan content"
    " datetime dir face fillcolor height href http-equiv id lang link name noshade nowrap originalsrc rel reversed role"
    " rowspan scope shash size span src start strokecolor stroke style target text title type valign value vlink width"
    " xml:lang xmlns xmlns:o xmlns:v xmlns:w".split()
)
WORDS = frozenset({"alt", "title", "aria-label"})
TARGETS = frozenset({"href", "data-saferedirecturl", "originalsrc"})
READ_ELSEWHERE = WORDS | TARGETS | {"src"}
META = frozenset({"charset", "name", "http-equiv", "content"})
CHARSET = re.compile(r"(?:utf-8|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-9])?\Z", re.IGNORECASE)
"""Encodings in which plain letters are plain letters, unlike UTF-7."""
META_NAMES = frozenset({"viewport", "generator", "content-type", "x-ua-compatible", "format-detection"})

ODD_STYLE = re.compile(
    r"""url|\\|@import|//|expression|binding|behavior|(?<![\w\-])content|unicode-bidi|direction|writing-mode|/\*
      | quotes|counter|hyphenate|["'](?=[^"';{}]*[.:/@])|list-style[^;{}]{0,200}["']
      | display\s*:\s*(?!block|inline-block)|visibility|font-size\s*:\s*\.?0|position\s*:\s*[af]|float
      | transform|clip""",
    re.IGNORECASE | re.VERBOSE,
)
"""What loads something, shows words that stand nowhere in the text, or hides or moves some that do."""
DECLARATION = re.compile(
    r"""\s*\Z|\s*(?:color|background(?:-color)?|(?:line-)?height|width|m(?:ax|in)-(?:width|height)|vertical-align|display
      | margin[\w\-]*|padding[\w\-]*|border[\w\-]*|outline|box-sizing|table-layout|font(?!\s*:\s*\.?0)[\w\-]*
      | text-(?:align|decoration|transform|indent|underline|size-adjust)[\w\-]*|white-space|word-(?:break|wrap)
      | overflow-wrap|list-style[\w\-]*|letter-spacing|page[\w\-]*|tab-stops|mso-(?!hide)[\w\-]+|v-text-anchor
      | -(?:webkit|ms|moz)-(?:text-size-adjust|box-sizing|border-radius|interpolation-mode)
      )\s*:(?!(?:[^(]*\s)?-[\d.])""",
    re.IGNORECASE | re.VERBOSE,
)
"""What a style may set for one element: nothing that hides words or moves them into others."""
PICTURE = re.compile(r"(?:https://[A-Za-z0-9.\-]+/[^\s\"'<>\\]*|cid:[A-Za-z0-9.@_\-]+)\Z")
