"""Reads what people paste: which one address does it open, and was every character of it understood?

    reader    the one way in: tells HTML, Markdown, one address and sentences apart, and decides
    pasted    what comes first: line ends, invisible characters, links made unclickable
    markup    HTML, by a strict grammar and a real parser; ``markup_rules`` has its closed lists
    markdown  Markdown and what mail programs make of links, the same way
    prose     sentences, word by word
    parted    names that blanks and signs part
    shapes    what an honest word looks like

The rule is: account for every character, or refuse. A search for what *could* be a second address passes over
whatever it does not know; a closed list of what is read does not.
"""

from checker.core.text.reader import Context, Reading, read

__all__ = ["Context", "Reading", "read"]
