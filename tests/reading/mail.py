"""Links as mail programs and gateways leave them: bracketed twice, wrapped, broken over lines, encoded."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from tests.reading.maker import Maker
from tests.reading.markup import destination

FORMS = (
    "[{s}]<{d}>", "{s}<{d}>", "{s} <{d}>", "{s}‹{d}›", "[{s}] <{d}>", "{s} [{d}]", "{s}[{d}]", "{w}<{d}>", "{w} <{d}>",
    "{w} ({d})", "{w}: {d}", "[cid:image001.png@01DC]<{d}>", "<{d}>\n{w}", "<{d}\n>", "<{d}|{w}>", "<URL:{d}>",
    "{w} <{d}> {w}", "[{w}]<{d}>", "[{o}]<{d}>", "{o}<{d}>", "{w} <{d}> <{d}>", "> {d}", "> > {w} <{d}>",
    "Link: {d}\n-- \n{w}", "{w}\n<{d}>\n", "From: {w} <help@clinic.example>\n{d}", "<mailto:help@clinic.example> {d}",
    "help@clinic.example<mailto:help@clinic.example> {w}<{d}>", "[1] {d}", "{w} [1]\n\n[1] {d}",
    "{w}[1]\n\nLinks:\n------\n[1] {d}", "*{w}* <{d}>",
)  # fmt: skip
"""{d}: a destination; {s}: the host it shows; {o}: an official address; {w}: words."""


def folded(make: Maker, address: str) -> str:
    """An address broken over lines, as old mail programs do."""
    place = make.dice.randrange(len(address))
    return address[:place] + make.pick("\n", "\r\n", "\n> ", " \n", "=\n", "=\r\n", "= \n") + address[place:]


def form(make: Maker) -> str:
    """What is shown and where it leads, side by side."""
    address = make.official()
    shown = make.pick(urlsplit(address).netloc, make.host(), make.evil())
    lead = make.pick(address, address, destination(make), folded(make, address), wrapped(make, address))
    fields = {"{d}": lead, "{s}": make.pick(shown, urlsplit(address).netloc), "{o}": address, "{w}": make.words()}
    text = make.dice.choice(FORMS)
    for name, value in fields.items():
        text = text.replace(name, value)
    return make.put(text, make.pick("", "", "", make.character(), make.glue(), make.evil()))


def encoded(make: Maker, text: str) -> str:
    """Quoted-printable as in a message's source: all of it, or with a slip."""
    lines = []
    for line in text.split("\n"):
        signs = "".join(
            chr(byte) if 32 <= byte < 127 and byte != 61 else f"={byte:02X}" for byte in line.encode("utf-8", "replace")
        )
        width = make.dice.choice((76, 76, 40, 20))
        lines.append("=\n".join(signs[start : start + width] for start in range(0, len(signs), width)))
    return make.pick("\n", "\n", "\r\n").join(lines)


def quoted_printable(make: Maker) -> str:
    """Message source: encoded text or HTML, now and then with pieces that decode to another place."""
    address = make.official()
    hidden = make.pick(
        "=2E", "=2F=2F", "=40", "=\n", "=3D", "=3A", "=0A", "=09", "=E3=80=82", "=C2=AD", "=E2=80=8B", "=", "=zz", "=3d"
    )
    plain = make.pick(
        make.honest(address), f'<a href="{address}">{make.words()}</a>', f"[{make.words()}]({address})", address
    )
    text = encoded(make, plain)
    return make.put(text, make.pick("", "", hidden, hidden, hidden + make.evil(), make.character()))


def wrapped(make: Maker, target: str) -> str:
    """A gateway's link around a target, or something that looks like one."""
    coded = quote(target, safe=make.pick("", "", ":/"), errors="replace")
    gateway = make.pick(
        "https://nam12.safelinks.protection.outlook.com/?url={c}&data=05%7C02%7C&sdata=x%3D&reserved=0",
        "https://eur01.safelinks.protection.outlook.com/?url={c}&data=05|02|x|y&sdata=q",
        "https://urldefense.com/v3/__{t}__;!!AbC!x-y_z$",
        "https://urldefense.proofpoint.com/v2/url?u={p}&d=DwMFaQ&c=a&r=b",
        "https://urldefense.us/v2/url?u={p}~x!y,z&d=DwMFaQ&c=a&r=b",
        "https://www.google.com/url?q={c}&sa=D",
        "https://r.search.yahoo.com/_ylt=A;_ylu=B/RV=2/RO=10/RU={c}/RK=2/RS=A-",
        "https://linklock.titanhq.com/analyse?url={c}&data=eJx",
        "https://us.content.exclaimer.net/?url={c}&tenantid=A&templateid=B",
        "https://link.edgepilot.com/s/a/b?u={c}",
        "https://url.avanan.click/v2/r01/___{t}___.YXAz",
        "https://linkprotect.cudasvc.com/url?a={c}&c=E,1,x",
        "https://safelinks.evil.example/?url={c}",
        "https://nam12.safelinks.protection.outlook.com.evil.ai/?url={c}",
    )
    proofpoint = (
        quote(target, safe="", errors="replace")
        .replace("-", "%2D")
        .replace("_", "%5F")
        .replace("%2F", "_")
        .replace("%", "-")
    )
    return gateway.replace("{c}", coded).replace("{t}", target).replace("{p}", proofpoint)


def wrapper(make: Maker) -> str:
    """A gateway's link, in text or markup, around an official address or nearly one."""
    address = make.official()
    link = wrapped(make, make.pick(address, address, address, make.either(), make.put(address, make.character())))
    if make.dice.random() < 0.2:
        link = wrapped(make, link)
    shown = make.pick(make.words(), address)
    text = make.pick(
        link,
        make.honest(link),
        f'<a href="{link}">{shown}</a>',
        f"[{shown}]({link})",
        f"{shown}<{link}>",
        f"{address} {link}",
    )
    return make.put(text, make.pick("", "", "", make.character(), make.glue(), make.evil()))
