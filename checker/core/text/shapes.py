"""What may stand beside an address in pasted text: the shapes of ordinary words, and the lists behind them.

Each shape is strict and matches a whole word without its edges. A word that has no shape counts as unread, and then
nothing is verified. No shape may contain a name that a browser could open, so the lists share no word with the last
labels of the Public Suffix List; a test checks that.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

__all__ = [
    "ADDRESS",
    "BARE",
    "EXTENSIONS",
    "E_MAIL",
    "FORBIDDEN",
    "HANDLE",
    "LABELS",
    "PUNCTUATION",
    "STARTERS",
    "UNOPENABLE",
    "has_name",
    "holds_nothing_odd",
    "is_honest",
    "mapped",
    "stripped",
]

FORBIDDEN = re.compile(
    r"[:/\\@%.<>{}^|\u3002\uff0e\uff61]"
    r"|(?<=[^\W_])(?:[^\w\s\-–—'’&+/]{1,2}|[٠۰ꓸ]|[-_]dot[-_])(?:com|net|org)(?![^\W_])"
    r"|=(?!3D)[2-5][A-F]|\?[BQ]\?",
    re.IGNORECASE,
)
"""A plain word contains none of these: they make schemes, paths, hosts, user names and markup. It contains nothing that
people read as a dot either, and none of these signs in the encoding of mail: ``evil•com``, ``evil=2Ecom``."""

_MAIL_ESCAPE = re.compile(r"=([0-9A-Fa-f]{2})")

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
_REST = r"[/?#][A-Za-z0-9\-._~!$&'()*+,;=:@/?#%]*"
_END = r"\Z"

ADDRESS = re.compile(rf"(?i:https?)://(?P<host>{_LABEL}(?:\.{_LABEL})+)\.?(?::[0-9]{{1,5}})?(?P<rest>{_REST})?{_END}")
"""An address with its scheme, its host in plain letters, digits and hyphens."""

BARE = re.compile(rf"(?P<host>{_LABEL}(?:\.{_LABEL})+)(?::[0-9]{{1,5}})?(?P<rest>{_REST})?{_END}")
"""The same without a scheme. It is an address only if the Public Suffix List knows its last label."""

E_MAIL = re.compile(rf"(?:mailto:)?([A-Za-z0-9._%+\-]+)@(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9\-]*[A-Za-z0-9]{_END}")
HANDLE = re.compile(r"[@#]{1,2}\w[\w\-]*(?:\.[^\W\d]\w*)*\Z")

UNOPENABLE = frozenset("example test invalid local localhost lan internal intranet home corp onion alt arpa".split())
"""Last labels that are on no public list but that some resolver could still open."""

EXTENSIONS = frozenset(
    "pdf doc docx xls xlsx ppt pptx txt rtf odt csv jpg jpeg png gif heic tif tiff bmp webp htm html xml ics eml msg"
    " vcf dcm mp3 mp4 m4a wav avi exe dmg".split()
)
"""Endings of file names; never one that is a public suffix too (``.zip``, ``.mov``)."""

LABELS = frozenset(
    "link url website web site page portal mychart login signin log-in sign-in click here open visit go at"
    " enlace sitio página pagina portal ingrese entre visite aquí aqui ver haga clic".split()
)
"""Words that may stand right before an address, with a colon: ``Link:https://…``."""

_FIELDS = (
    "tel|telephone|phone|ph|fax|cell|mobile|tty|ext|office|date|time|when|where|at|on|from|to|ref|id|mrn|dob|bill|acct"
    "|account|case|claim|code|pin|no|rm|room|ste|suite|bldg|floor|apt|dept|hours|hrs|open|note|re|fw|fwd|attn|due|amount"
    "|balance|dose|qty|rx|dr|appt|appointment|teléfono|telefono|móvil|hora|fecha|código|codigo|cita|lugar|cuenta"
)
STARTERS = frozenset(
    "A All Also An And Any Are Ask Because Before Bring But Can Check Come Complete Confirm Could Did Each"
    " Either Enter Every Fasting Feel Fill Follow For From Get Give Go Had Has Have He Her His However I If"
    " It's Its Keep Let Let's Log Look Make May Most Must Need Not Note Of On Once Only Or Our Patients Please"
    " Questions Remember Reply Results Return Schedule See Send She Should Sign Since Some Stop Take Tap Tell"
    " Thank Thanks That The Their Then There These They This Those Tomorrow Try Until Update Upload Use View"
    " Visit Wait Was We We'll We're Wear Were What When Where Which While Who Why Will With Would Write You'll"
    " You're Your Abra Acceda Aquí Antes Ahora Consulte Cuando Descargue Después El En Entre Esta Este Favor"
    " Gracias Haga Hoy Ingrese Las Le Les Llame Llegue Los Más Mañana Nos Nuestra Nuestro Nueva Nuevo Para Por"
    " Puede Pulse Recuerde Responda Revise Saludos Sin Sus También Tiene Traiga Un Una Usted Vea Visite Ya".split()
)
"""Words that begin the next sentence if somebody left out the blank: ``results.Please``. None is an ending of names."""

_TITLES = "Dr|Dra|Drs|St|Ste|Sr|Sra|Srta|Mr|Mrs|Ms|Mt|Ft|No|Nr|Núm|Tel|Ph|Fax|Ext|Prof|Lic|Rm|Bldg|Apt|Dept|Pt|Av|Ave"

_COUNT = r"[0-9]{1,12}(?:,[0-9]{1,6})*(?:\.[0-9]{1,6})?(?:,[0-9]{1,4})?"
_UNIT = r"(?:[A-Za-zµ°º]{1,8}|[ap]\.m\.?)?"
_AMOUNT = rf"[#+~±≈]?(?:[A-Z]{{1,3}})?[$€£]?{_COUNT}{_UNIT}%?\+?"

_HONEST = re.compile(
    "(?:"
    + "|".join(
        (
            r"(?:[^\W\d_]\.)+[^\W\d_]?",  # initials: U.S.A., e.g., b.i.d.
            r"Ph\.D|p\.ej|EE\.UU|[ap]\.m\.?[-–—][0-9]{1,2}(?:[:.][0-9]{2})?(?:[ap]\.m)?",
            r"[NnPp]\.?[ºo°]\.?[0-9]*|[0-9]{1,3}\.[ºªoa°]",  # n.º, 1.º, 2.ª
            rf"{_AMOUNT}(?:[-–—]{_AMOUNT})*",  # 9:30 is below; 1,240.50  8.00-17.30  20mg  +12%  $89.16
            r"\+?1\.[3-9][0-9]{2}\.[0-9]{3}\.[0-9]{4}",  # 1.800.555.0142: no byte is above 255, so it is no IP address
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?Z?",
            r"[$€£][0-9,]{1,12}(?:\.[0-9]{2})?/[A-Za-z]{1,8}",  # $45.00/visit
            r"[+#(]*[0-9]{1,12}(?:[-–—/:()+,][0-9]{1,12}){0,8}"
            + _UNIT
            + r"(?:[-–—][0-9]{1,2}(?::[0-9]{2})?"
            + _UNIT
            + r")?",  # 9:15, 11/30, 404-555-0155, (216)555-0142, 10:30am-4pm
            r"[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{2}|20[0-9]{2})",  # 11.25.2026
            r"\(?[0-9]{3}\)?\.[0-9]{3}\.[0-9]{4}(?:/[0-9]{4})?",  # 216.555.0142
            r"[0-9,]{1,9}(?:/[^\W_]{1,12}){1,3}",  # 1,500/yr  2x/day is below
            rf"(?:{_TITLES})\.[A-Z0-9][\w'’\-]*",  # Dr.Smith, No.12
            r"[^\W\d_]{1,12}\.?(?:/[^\W\d_]{1,12}\.?){1,3}",  # Sr./Sra., min./day, mg/dL
            r"[^\W_]{1,20}(?:-[^\W_]{1,20})*(?:/[^\W_]{1,20}(?:-[^\W_]{1,20})*){1,3}",  # and/or, self-pay/insured
            r"[\w\-]{1,40}/",  # w/, mychart/
            r"(?:/[A-Za-z0-9\-_]{1,40}){1,6}/?",  # /MyChart/, the rest of an address on a line of its own
            r"[^\W\d_]{1,6}\.[-–—][^\W\d_]{1,6}",  # Mon.-Fri.
            rf"(?i:{_FIELDS}):(?=\S*[0-9])[^\W_]+(?:[-–—/:()+][^\W_]+)*",  # Tel:216-555-0142
            rf"(?i:{_FIELDS}):\(?[0-9]{{3}}\)?[.\-][0-9]{{3}}[.\-][0-9]{{4}}",
        )
    )
    + ")"
    + _END
)
_HOST_START = re.compile(r"(?:[0-9]{8,}|0x[0-9a-f]+)[/:]|www\.", re.IGNORECASE)
"""``134744072/login`` opens 8.8.8.8, and some readers make a link of anything behind ``www.``."""
_FILE = re.compile(r"[\w\-()+,&'’]{1,60}\.([A-Za-z0-9]{2,4})\Z")
_GLUED = re.compile(r"[^\W\d_]{2,30}[)\"'”’]?\.([A-ZÁÉÍÓÚÑ][A-Za-zÀ-ÿ'’]*)\Z")
_DOTTED = re.compile(r"(?<![\w\-])[\w\-]++(?:[.\u3002\uff0e\uff61][\w\-]++)+")
_IDNA_DOT = re.compile("[.\u3002\uff0e\uff61]")

PUNCTUATION = re.compile(r"(?!.*//)[-–—―|&@+=*~_<>.,;:!?()\[\]{}\"'`“”‘’«»„‹›…#$€£%•·/¿¡→←⇒]{1,80}\Z")
"""A word of signs alone: a dash, a bullet, an arrow, a rule, three dots."""

_ASCII_EDGES = "\"'`<>()[]{}*_~,;:!?.-#|=+"


def has_name(word: str, names: frozenset[str]) -> bool:
    """True where ``word`` holds a name that could be opened: a dot, then a label of ``names``."""
    return any(not names.isdisjoint(_IDNA_DOT.split(name[0].lower())[1:]) for name in _DOTTED.finditer(word))


@lru_cache(maxsize=4096)
def _is_edge(character: str) -> bool:
    """True for a sign that may be stripped from a word's edge: it stands for no letter and no part of an address."""
    if character.isascii():
        return character in _ASCII_EDGES
    if character in "\ufe0f\u200d\u20e3\u2026\u3002":
        return True  # parts of emoji; an ellipsis and an ideographic full stop at a word's end
    if "\U0001f100" <= character <= "\U0001f1ad":
        return False  # letters in circles and squares
    mapped = unicodedata.normalize("NFKC", character)
    return unicodedata.category(character) in {"So", "Sk", "Ps", "Pe", "Pi", "Pf", "Po", "Pd", "Sm"} and not (
        FORBIDDEN.search(mapped) or any(sign.isalnum() or sign in "#&=+-_~" for sign in mapped)
    )


def stripped(word: str) -> str:
    """The word without quotes, brackets, bullets, emoji and sentence marks at its edges."""
    if word.isascii():
        return word.strip(_ASCII_EDGES)
    first, last = 0, len(word)
    while first < last and _is_edge(word[first]):
        first += 1
    while last > first and _is_edge(word[last - 1]):
        last -= 1
    return word[first:last]


def holds_nothing_odd(word: str) -> bool:
    """True for a plain word: no sign of an address, and nothing that is read as one."""
    return FORBIDDEN.search(word) is None and FORBIDDEN.search(mapped(word)) is None


def mapped(word: str) -> str:
    """The word as others may read it: Markdown undoes escapes (``evil&period;com``), mail programs undo theirs
    (``evil=2Ecom``), browsers map letters (``⒈``)."""
    if "&" in word:
        word = html.unescape(word)
    if "=" in word:
        word = _MAIL_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), word)
    return word if word.isascii() else unicodedata.normalize("NFKC", word)


def is_honest(word: str, names: frozenset[str]) -> bool:
    """True where the word has one of the shapes above and holds no name that could be opened.

    Mapping must bring in neither a sign of an address nor such a name: ``⒈``, ``evil.ﬁ``.
    """
    plain = mapped(word)
    if "www." in plain.lower():
        return False  # GitHub's Markdown links any letters behind it
    if plain != word and len(FORBIDDEN.findall(plain)) != len(FORBIDDEN.findall(word)):
        return False
    if has_name(plain, names) or _HOST_START.match(word) is not None:
        return False
    if _HONEST.match(word) is not None:
        return True
    file = _FILE.match(word)
    if file is not None and file[1].lower() in EXTENSIONS:
        return True
    glued = _GLUED.match(word)
    return glued is not None and glued[1] in STARTERS
