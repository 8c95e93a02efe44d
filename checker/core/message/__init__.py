"""Messages: a text, HTML or a mail with any number of links, and what they are worth together.

    model     the types: links with their words, and the message they make
    shown     which address do the words of a link show?
    bounds    what would make a parser slow, found before one sees it
    markup    HTML: every link that a browser sees, its words, and the text beside the links
    mail      a mail's source: its parts
    read      the ways in: links, text, HTML, mail
    urgent    words of an emergency
    judge     each link by itself, the worst one first, and the verdict on all

A message is nothing but links and what is left over. Each link is checked as it would be alone. The message is
*verified* only if it has a link, every link is verified, none shows another address than it opens, and nothing is left
over that could be an address.
"""

from checker.core.message.judge import JudgedLink, JudgedMessage, judge
from checker.core.message.mail import is_mail
from checker.core.message.model import GivenLink, Known, Message, Source
from checker.core.message.read import (
    MAX_HTML,
    MAX_LINKS,
    MAX_MAIL,
    MAX_TEXT,
    read_html,
    read_links,
    read_mail,
    read_plain,
)
from checker.core.message.urgent import is_urgent

__all__ = [
    "MAX_HTML",
    "MAX_LINKS",
    "MAX_MAIL",
    "MAX_TEXT",
    "GivenLink",
    "JudgedLink",
    "JudgedMessage",
    "Known",
    "Message",
    "Source",
    "is_mail",
    "is_urgent",
    "judge",
    "read_html",
    "read_links",
    "read_mail",
    "read_plain",
]
