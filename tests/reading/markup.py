"""HTML snippets: links as mail has them, all that can lead somewhere, and broken tags."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.reading.maker import Maker

ENTITIES = (
    "&period;", "&#46;", "&#46", "&#x2e;", "&sol;", "&#47;", "&#x2F", "&colon;", "&#58", "&commat;", "&#64;", "&bsol;",
    "&Tab;", "&NewLine;", "&#10;", "&#9", "&#0;", "&nbsp;", "&nbsp", "&lt;", "&lt", "&ltx", "&gt", "&quot;", "&apos;",
    "&amp;", "&amp", "&amp;period;", "&ampn;", "&shy;", "&ZeroWidthSpace;", "&num;", "&quest;", "&lowbar;", "&#x202e;",
    "&copy", "&notit;", "&fjlig;", "&#xfb01;", "&#x3002;",
)  # fmt: skip

ELEMENTS = (
    '<a href="{d}">x</a>', "<a href={d}>x</a>", "<a href='{d}'>x</a>", '<A HREF="{d}">{w}</A>',
    '<a href = "{d}" >{w}</a>', '<a href="{o}" href="{d}">{w}</a>', '<a x="" href="{d}">{w}</a>',
    '<a/href="{d}">{w}</a>', '<a\nhref="{d}">{w}</a>', '<a title="{w}" href="{d}">{w}</a>',
    '<a title=">" href="{d}">{w}</a>', '<a href="{o}" title="{d}">{w}</a>', '<a href="{o}" ping="{d}">{w}</a>',
    '<a href="{o}" data-saferedirecturl="{d}">{w}</a>', '<a href="{o}" is="" {d}>{w}</a>',
    '<a href="{o}" originalsrc="{d}">{w}</a>', '<a href="{o}" target="_blank" rel="noopener" style="color:red">{w}</a>',
    '<a href="{o}" style="background:url({d})">{w}</a>', '<a href="{o}" onclick="{d}">{w}</a>',
    '<a href="{o}"onmouseover=x>{w}</a>', '<map name=m><area href="{d}" alt="{w}"></map>', '<base href="{d}">',
    '<base target="_blank" href="{d}"><a href="x">{w}</a>', '<meta http-equiv="refresh" content="0;url={d}">',
    '<meta http-equiv=refresh content="0;{d}">', "<meta charset=utf-8>",
    '<meta content="1, URL=\'{d}\'" http-equiv="Refresh">', '<iframe src="{d}"></iframe>',
    '<frameset><frame src="{d}"></frameset>', '<iframe srcdoc="&lt;a href={d}&gt;{w}&lt;/a&gt;"></iframe>',
    '<object data="{d}"></object>', '<embed src="{d}">', '<object><param name="movie" value="{d}"></object>',
    '<form action="{d}"><button>{w}</button></form>', "<form><input></form>",
    '<form><button formaction="{d}">{w}</button></form>',
    '<form action="{o}"><input type=image formaction="{d}"></form>',
    '<svg><a xlink:href="{d}"><text>{w}</text></a></svg>', '<svg><a href="{d}"><text>{w}</text></a></svg>',
    "<math href={d}>x</math>", '<svg><a><animate attributeName="href" to="{d}"/>{w}</a></svg>',
    '<svg><use href="{d}"/></svg>', '<v:roundrect href="{d}">{w}</v:roundrect>',
    '<v:rect xmlns:v="urn:schemas-microsoft-com:vml" href="{d}">{w}</v:rect>',
    '<noscript><a href="{d}">{w}</a></noscript>', '<noscript><p title="</noscript><a href={d}>{w}</a>"></noscript>',
    '<template><a href="{d}">{w}</a></template>',
    '<div><template shadowrootmode="open"><a href="{d}">{w}</a></template></div>',
    '<div><template shadowrootmode="closed"><a href="{d}">{w}</a></template></div>',
    '<!--[if mso]><a href="{d}">{w}</a><![endif]-->', '<![if !mso]><a href="{d}">{w}</a><![endif]>', '<!-- {d} -->',
    '<!--[if gte mso 9]><v:roundrect href="{d}"><center>{w}</center></v:roundrect><![endif]-->',
    "<!--><a href={d}>{w}</a>-->", '<script>location="{d}"</script>', "<style>a{{background:url({d})}}</style>",
    '<img src="{d}" alt="{w}">', "<img src=x onerror={d}>", '<img src="cid:a1" alt="{d}">',
    '<link rel="stylesheet" href="{d}">', '<link rel="next" href="{d}">', '<body onload="{d}">',
    '<textarea><a href="{d}">{w}</a></textarea>', '<select><option><a href="{d}">{w}</a></select>',
    "<title><a href={d}>{w}</a></title>", '<table><a href="{d}">{w}</a><tr><td>x</table>',
    '<table><tr><td><a href="{d}">{w}</a></td></tr></table>', "<xmp><a href={d}></xmp>", '<plaintext><a href="{d}">',
    '<dialog><a href="{d}">{w}</dialog><textarea>', "<table><image src={d}></table>",
    '<details ontoggle="{d}"><summary>{w}</summary></details>', "<{d}>", "<{d} onclick=x>", "<b>{w}</b>", "<br>",
    "<x-link href={d}>{w}</x-link>", '<button onclick="{d}">{w}</button>',
    '<input formaction="{d}" type=submit value="{w}">', '<video src="{d}" controls></video>',
    '<a href="{o}"><img src="https://images.example/logo.png" alt="{w}"></a>', "<p>{w}</p>", "<p>{d}</p>",
    "<span>{d}</span>", '<a href="{o}">{d}</a>', '<a href="{d}">{o}</a>', '<a href="{o}">ev<b>il.c</b>om</a>',
    '<a href="{o}">{w}</a>{d}', "ev<b>il.ai</b>/", '<?xml version="1.0"?><a href="{d}">{w}</a>',
    "<![CDATA[<a href={d}>{w}</a>]]>", "<!DOCTYPE html>", "</a>{d}", "<o:p>{w}</o:p>",
)  # fmt: skip
"""{d}: a destination that may be hostile; {o}: an official one; {w}: words."""

SHAPES = (
    "{e}", "///{h}/", "/\\{h}/", "\\\\{h}", "//{h}", "/{h}", "{h}", "./{h}", "?{h}", "#{h}", "", "#", " ", "{o}",
    " {o}", "{o} ", "\t{o}", "\n{o}\n", "\x01{o}", "\x00{o}", "\u00a0{o}", "\ufeff{o}", "{o} {h}", "{r} foo@{h}",
    "{r}\t.{h}", "{r}\n@{h}", "{r}.{h}/", "{r}\\.{h}", "{r}\\@{h}", "{r}@{h}", "{r}:443@{h}", "{r}%2e{h}", "{r}%40{h}",
    "{r}&ltx.{h}", "{r}&commat;{h}", "{r}&period;{h}", "{r}&sol;{h}", "https:{h}", "https:/{h}", "https:\\\\{h}",
    "&#104;ttps://{h}", "ht\ntps://{h}", "javascript:location='{o}'", "java\tscript:x", "data:text/html,{o}",
    "mailto:help@{h}", "mailto:help@clinic.example", "tel:+12165550101", "sms:12345", "microsoft-edge:{o}", "web+x:{o}",
    "view-source:{o}", "x:{h}", "{o}#{h}", "{o}?u=https://{h}", "{o}?u=//{h}", "HTTPS{o}", "cid:{h}",
)  # fmt: skip
"""{e}: another place; {h}: its host; {o}: an official address; {r}: the same, up to its host."""


def destination(make: Maker) -> str:
    """What stands in an ``href``: mostly an official address, or nearly one."""
    address = make.official()
    roll = make.dice.random()
    if roll < 0.35:
        return address
    if roll < 0.5:
        return make.put(address, make.pick(make.character(), make.dice.choice(ENTITIES), make.glue()))
    if roll < 0.6:
        place = make.dice.randrange(len(address))
        sign = f"&#{ord(address[place])}{make.pick(';', ';', '')}"
        return address[:place] + sign + address[place + 1 :]
    if roll < 0.7:
        return address + make.glue() + make.evil()
    root = f"https://{urlsplit(address).netloc}"
    host = make.evil_link().split("//", 1)[1]
    return make.dice.choice(SHAPES).format(e=make.evil(), h=host, o=address, r=root)


def element(make: Maker) -> str:
    """One element of any sort beside an honest link."""
    address = make.official()
    one = make.dice.choice(ELEMENTS).format(d=make.pick(address, destination(make)), o=address, w=make.words())
    if make.dice.random() < 0.3:
        return one
    link = make.pick(f'<a href="{address}">{make.words()}</a>', address)
    return make.pick(f"{one}{link}", f"{link} {one}", f"<p>{link}</p>\n{one}", f"<div>{one} {link}</div>")


def link(make: Maker) -> str:
    """One link, its destination in every shape."""
    quote = make.pick('"', '"', "'", "")
    space = make.pick(" ", " ", " ", "\n", "/", "\t")
    extra = make.maybe(
        0.3, make.pick(' class="b"', ' style="color:#fff"', " target=_blank", f' title="{make.words()}"', " ping")
    )
    words = make.words() + make.maybe(0.1, make.dice.choice(ENTITIES) + make.words())
    behind = make.maybe(0.1, make.glue() + make.words())
    return f"<a{space}href={quote}{destination(make)}{quote}{extra}>{words}</a>{behind}"


def letter(make: Maker) -> str:
    """A message with its link, as mail programs write HTML."""
    address = make.official()
    linked = f'<a href="{make.pick(address, address, destination(make))}">{make.words() or "here"}</a>'
    text = (
        make.honest("{url}")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\n", make.pick("<br>", "<br>\n", "</p><p>"))
    )
    body = text.replace("{url}", linked)
    body = make.pick("<p>{}</p>", "<div>{}</div>", '<td style="padding:4px">{}</td>', "{}", "<b>{}</b>").replace(
        "{}", body
    )
    extra = make.dice.choice(ELEMENTS).format(d=make.either(), o=address, w=make.words())
    return make.put(body, make.pick("", "", make.character(), extra, make.dice.choice(ENTITIES), make.glue()))


def broken(make: Maker) -> str:
    """Pieces of markup in any order."""
    pieces = (
        "<a",
        "<a ",
        " href=",
        '"',
        "'",
        ">",
        "</a>",
        "<",
        "/",
        " ",
        "=",
        "<!--",
        "-->",
        "<p>",
        "<table>",
        "</table>",
        "&lt;",
        "<b ",
    )
    text = ""
    for _ in range(make.dice.randint(2, 7)):
        text += make.pick(
            make.dice.choice(pieces), make.dice.choice(pieces), make.official(), make.words(), make.glue()
        )
    good = f'<a href="{make.official()}">{make.words()}</a>'
    return make.pick(text, text + good, good + text, make.put(good, make.dice.choice(pieces)))
