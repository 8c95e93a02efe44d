"""Every number that the guards use, with its reason.

A technique gives a score of 0 to 100, and each guard adds points or takes some away. At ``STRONG`` we say "imitates"
or "uses the official name", a danger; at ``WEAK`` we say "resembles", a caution; below that we say nothing. The
reasons name the score that results if no other guard has its say (in brackets). A misspelling starts at 80 (a
plural at 78, two mistakes at 72), the same name under another suffix at 66, a name among other words at 70 (62 if
it is misspelled or lacks its generic words), and a whole official name inside another host at 82 to 96.

The numbers were tuned on one half of the list and measured on the other (``benchmarks/lookalike``).
"""

from __future__ import annotations

STRONG = 80
WEAK = 50
NEVER = -99
"""Enough to silence any score."""

Scale = tuple[tuple[int, int], ...]
"""Rows of (fewest letters, points), the longest name first; the last row holds for any length."""


def points(scale: Scale, letters: int) -> int:
    """The points for a name with this many letters."""
    return next(given for fewest, given in scale if letters >= fewest)


# --- letters: short names match by chance ----------------------------------------------------

SUB_AND_NAME: Scale = (  # sub-domain and name together
    (9, 0),  # nobody writes both by chance
    (0, -40),  # "my.ex": a caution for the most telling techniques (50 to 56), else silence
)
LOOKALIKE_INSIDE: Scale = (  # odd letters or digits in a part of a label
    (8, 0),  # a caution (72 or 74)
    (0, -50),  # short runs of such letters are in many words: silence
)
SAME_LOOK: Scale = (  # odd letters, a hyphen or a missing dot, in a whole label; 8 points for each letter fewer
    (7, 0),  # a danger (84 to 95)
    (6, -8),  # a danger if a letter is odd (82 or 87), a caution for a hyphen or dot (76 or 78)
    (5, -16),  # a caution (68 to 79)
    (4, -24),  # a caution (60 to 71)
    (3, -32),  # a caution (52 to 63)
    (2, -40),  # a caution only if a letter is odd (50 or 55)
    (1, -48),  # silence
    (0, -56),  # silence
)
EXACT: Scale = (  # the name as it is, in another place or under another suffix
    (6, 0),  # long enough not to be chance
    (5, -12),  # a caution, in another place (70 to 78) and under another suffix (54)
    (4, -30),  # a caution in another place (52 to 60); under another suffix another organization (36)
    (0, -45),  # three letters are anybody's initials: silence, even for name and suffix (45)
)
EXACT_WITH_LURE: Scale = (  # the same for a known name with a log-in word beside it, which adds 10 points
    (6, 0),  # long enough not to be chance
    (5, -8),  # the lure makes chance unlikely: a caution (72 among other words)
    (4, -12),  # a caution (68)
    (3, -20),  # "CVS" and "login": a caution (60)
    (0, -45),  # two letters are chance, lure or not (35)
)
OTHER_LETTERS = 3
"""A name counts as many letters as its distinctive core has, or as it has in all, less these."""

MISSPELLED_WITH_SUB: Scale = (  # one mistake, the official sub-domain in front (which adds 12 points)
    (10, 4),  # a danger (96)
    (9, 0),  # a danger (92)
    (8, -3),  # a danger (89)
    (7, -8),  # the shortest danger (84)
    (6, -18),  # a caution (74)
    (5, -24),  # a caution (68)
    (4, -34),  # a caution (58)
    (3, -42),  # just a caution (50)
    (0, -46),  # silence (46)
)
MISSPELLED_ALONE: Scale = (  # one mistake and nothing else that points to the official site
    (10, 4),  # a danger, also for a plural (82)
    (9, 0),  # the shortest danger (80)
    (8, -3),  # a caution (77)
    (7, -8),  # a caution (72)
    (6, -18),  # a caution (62)
    (4, -34),  # other names are one letter away: silence (46), unless lures are beside it
    (3, -42),  # silence, but for two lures (56)
    (0, -46),  # silence, but for two lures (52)
)
SHORT_NAME_ALONE = 12
SHORT_NAME_ALONE_MOST = -3
"""Alone, one mistake in a name of fewer letters than that is at most a caution (77), however distinctive its core."""

INTACT_CORE = 6
INTACT_CORE_REST = 2
"""A core this short that is spelled right does not hold the mistake: all letters of the name count, less two."""

MISSPELLED_AMONG_WORDS: Scale = (
    (8, 0),  # a caution (62)
    (0, -40),  # a short name with a mistake is in many longer words: silence
)
TWO_EDITS_WITH_SUB: Scale = (  # two mistakes, the official sub-domain in front (which adds 12 points)
    (12, 0),  # a danger (84)
    (11, -8),  # a caution (76)
    (10, -10),  # a caution (74)
    (9, -12),  # a caution (72)
    (8, -14),  # a caution (70)
    (7, -18),  # a caution (66)
    (0, -60),  # two letters of six are a third of the name: silence
)
TWO_EDITS_ALONE: Scale = (
    (12, 0),  # a caution (72)
    (11, -8),  # a caution (64)
    (10, -10),  # a caution (62)
    (0, -60),  # two letters of nine make another name: silence
)

# --- names of generic words alone: "mychart", "patientportal" ----------------------------------

GENERIC_WITH_SUFFIX = -10
"""Together with its suffix ("mychart.com.other.example") even such a name is one organization's: a danger (80)."""
GENERIC_MISSPELLED = -6
"""One letter wrong in the whole name: a caution (74), because anyone may use the words themselves."""
GENERIC_SHORTEST = 12
GENERIC_SHORTEST_WITH_SUB = 8
"""Shorter generic names are never recognised by a misspelling."""

# --- everyday words, places and family names: they belong to many ------------------------------

EVERYDAY_MISSPELLED = -20
"""The name is the word, and it is misspelled: perhaps simply another word. A caution (60)."""
EVERYDAY_OTHER_DOMAIN = -10
EVERYDAY_OTHER_DOMAIN_LETTERS = 14
"""Sub-domain and a name shorter than that under another suffix: "my.mercy.example" may be another Mercy (78)."""
EVERYDAY_CORE = -26
"""Only the word, without the name's generic words, among other words: silence (36), but for two lures (54)."""
EVERYDAY_WHOLE = -28
"""The name is the word ("mercy"): silence under another suffix (38) and among other words (42)."""
EVERYDAY_WITH_GENERIC: Scale = (  # the word with generic ones around it: "mercyhealth"
    (14, 0),  # a combination this long belongs to one organization
    (9, -10),  # a caution (56 or 60)
    (0, -20),  # two short words: silence under another suffix (46)
)

# --- a misspelling that reads as something else ------------------------------------------------

ANOTHER_WORD = -22
"""The core is a word as it is spelled, or all that is left are generic words: somebody else's name. A caution at
most (62)."""
ANOTHER_WORD_WITH_SUB = -10
"""The official sub-domain in front makes that less likely: a danger (82)."""
FIRST_LETTER = -24
"""People notice a wrong first letter, and names often differ there: a caution at most (60)."""

# --- suffixes ----------------------------------------------------------------------------------

OTHER_SUFFIX = -14
"""Nearly the same name under another suffix is often another organization: a caution at most (76)."""
OTHER_SUFFIX_WITH_SUB = -10
"""The official sub-domain in front makes that less likely: a danger (82)."""
RESTRICTED_SUFFIX = -60
"""Only a government, university or health service gets a domain there: silence (36 at most)."""
RESTRICTED_SUFFIX_WITH_SUB = -20
"""The same with the official sub-domain in front: a caution (72)."""

# --- what speaks for an imitation --------------------------------------------------------------

SAME_SUB = 12
"""The official sub-domain in front of a name that is nearly right."""
SAME_SUB_AMONG_WORDS = 18
"""The same for a name among other words: a danger (88)."""
LURES = (0, 10, 18)
"""None, one, or more of: log-in and portal words around the name, a page that anyone can make. One is enough for a
name among other words to be a danger (80), two for a name under another suffix (84)."""

# --- known names, which are not listed and have namesakes --------------------------------------

NAMESAKE = -40
"""A short or everyday name, or one that is part of a word, without a lure: a caution for the most telling
techniques (50 to 56), else silence."""
NAMESAKE_LETTERS = 5
"""Shorter known names have namesakes everywhere."""

# --- the words around a name -------------------------------------------------------------------

CORE_WITHOUT_LURE = -40
"""Only the distinctive part of a name, among words that are not lures: silence (22)."""
CUT_FROM_WORD: Scale = (  # no dot or hyphen sets the name apart, and what is around it is not made of words
    (10, -12),  # a caution (58)
    (0, -30),  # probably part of an unrelated word: silence (40)
)
GLUED: Scale = (  # no dot or hyphen sets the name apart from words that are not lures
    (7, 0),  # a caution (70)
    (0, -24),  # short names occur in many combinations: silence (46)
)
