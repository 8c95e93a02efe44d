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

The rest of the core uses only ``read`` and its types. What a new kind of honest text needs is a shape or a list entry
here, never a search that looks the other way.
"""

from checker.core.text.reader import Context, Reading, read

__all__ = ["Context", "Reading", "read"]
