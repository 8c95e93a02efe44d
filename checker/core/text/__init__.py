"""Reads what people paste: which one address does it open, and was every character of it understood?

    reader    the one way in: tells HTML, Markdown, one address and sentences apart, and decides
    pasted    what comes first: line ends, invisible characters, links made unclickable
    markup    HTML, by a strict grammar and a real parser; ``markup_rules`` has its closed lists
    markdown  Markdown and what mail programs make of links, the same way
    prose     sentences, word by word
    parted    names that blanks and signs part
    shapes    what an honest word looks like

The rule is to account for every character or refuse. A search for what *could* be a second address misses whatever it
does not know about; a closed list of what may stand beside an address does not.

The rest of the core uses ``read`` and its types; ``checker.core.message``, which reads texts with any number of
addresses, also what those are made of. What a new kind of honest text needs is a shape or a list entry
here, never a search that looks the other way.
"""

from checker.core.text.prose import Bounds
from checker.core.text.reader import Contents, Context, Reading, decoded_mail, has_words, read, read_all

__all__ = ["Bounds", "Contents", "Context", "Reading", "decoded_mail", "has_words", "read", "read_all"]
