"""What hostile snippets are made of: other places, ways to write them, and single characters."""

from __future__ import annotations

EVIL = (
    "evil.example", "evil.Com", "EVIL.AI", "evil.ai", "evil.co.uk", "evil.zip", "evil.md", "evil.org", "www.evil.org",
    "127.1", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "evil",
    "evil。com", "evil｡ai", "evil．com", "evil․com", "evil.ﬁ", "evil⒈ai", "ev㏂ai", "ⓔvil.ai", "ｅvil.ai", "evil.рф",
    "xn--evl-vma.com", "evil.xn--p1ai", "ev\u00adil.ai", "evil\u200b.ai", "evil.a\u0131", "evil.ai.", "evil..ai",
    "evil[.]ai", "evil(dot)ai", "evil dot com", "evil. com", "evil .com", "evil%2eai", "evil&period;ai", "evil&#46;ai",
    "evil.ai:8443", "evil.ai:443", "evil_x.ai", "-evil.ai", "evil.café", "login.evil.bank", "results.It", "call.Me",
)  # fmt: skip
"""Places that are not official, in all the ways that some program reads as a host."""

LEADS = (
    "https://", "http://", "HTTPS://", "hTTps:", "https:/", "https:///", "https:\\\\", "https;//", "https//", "https:",
    "hxxps://", "h**ps://", "https[:]//", "https&colon;//", "https\\://", "https:/\\", "ｈttps://", "https：//",
    "https:／／", "//", "///", "\\\\", "/\\", "\\/", "//\t", "ftp://", "ws://", "googlechromes://", "web+x:", "intent://",
    "microsoft-edge:", "microsoft-edge:https://", "javascript:", "data:text/html,", "view-source:https://", "file://",
    "x:", "x://", "Link:", "mailto:", "tel:", "smb://", "www.", "@", "x@", "jo.li@", "user:pw@", "//x@", "https://x@",
    "", "", "", "", "", "",
)  # fmt: skip
"""What stands in front of a place."""

TAILS = ("", "", "", "", "/", "/", "/login", "?", "#", "/?x=", "\\", "@", ".", ":", ",", ";", "//", "!", "/login.do")
"""What stands behind a place."""

GLUE = (
    "", " ", "  ", "\n", "\t", "\r\n", "\r", "\u00a0", "\u3000", "\u2028", "\u200b", "\u2060", "\u00ad", "\u202e",
    "\u200e", "/", "//", "\\", ":", "@", ".", "..", ",", ";", "?", "??", "#", "&", "=", "%", "%20", "%2f", "|", "'",
    '"', "`", "*", "_", "~", "!", "$", "(", ")", "[", "]", "{", "}", "<", ">", "‹", "›", "«", "»", "“", "”", "…", "—",
    "-", "+", "^", "\x00", "\x0b", "\x1f", "\x7f", "\x85", "&sol;", "&#47;", "&lt;", "&lt", "&amp;", "&Tab;",
    "&NewLine;", "&nbsp;", " at ", " or ", " and ", "/and/", ")(", "](", "]:", "><", " @", "@ ", " .", ". ", ".\n",
    "?u=", "&u=", "#u=", "~www.", "_www.", "(www.", "'//", "!//", ",//", ".//", "/..//", "/@", "/*", "/.", ":443",
    ":443@", ":@", "\\@", "\\.", "\\/",
)  # fmt: skip
"""What stands between two pieces."""

SIGNS = tuple(map(chr, range(0x20, 0x7F)))
ODD: tuple[str, ...] = (
    *"\t\n\r\x00\x01\x08\x0b\x0c\x1b\x1f\x7f\x80\x85\x9f\u00a0\u00ad\u034f\u061c\u115f\u1680\u180e\u2003\u200b\u200c\u200d",
    *"\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2063\u2066\u2067\u2068\u2069\u3000\u3164",
    *"\ufe00\ufe0f\ufeff\ufff9\ufffc\ufffd\U000e0041\U000e0100\ud800\udc00",
    *"。｡．․﹒‧·:：﹕︓ː∶/／⁄∕⧸╱\\＼﹨＠﹫％﹪？﹖＃﹟＆＝＜＞﹤﹥‹›«»“”„‘’′…‥⋯—‐",
    *"ı\u0130ſ\u212aßςéоаⅼＯ①⒈㏂㏘ﬁﬃ℀℅№℡™½㎏ªº٣๓👍", "e\u0301", "👩\u200d⚕\ufe0f",
    "\r\n", "..", "\u202eelpmaxe.live\u202c",
)  # fmt: skip
CHARACTERS = SIGNS + ODD
"""Single characters (and a few inseparable ones) that some program reads in its own way."""
