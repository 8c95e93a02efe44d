"""The family of errors portalcheck raises on purpose.

    PortalcheckError
    ├── UnreadableAddress   the text holds no single address to judge
    ├── AllowlistError      a list file is broken: file, line, what to write instead
    ├── BulkError           a bulk check cannot start or continue: why, and what to do
    ├── MissingExtra        an optional dependency is not installed: what to install
    ├── SettingsError       a setting has an invalid value
    └── ReportsUnavailable  the database of reports does not answer

Errors know neither the web framework nor exit codes; ``web/`` and ``cli/`` translate them. No message ever
contains what a person typed or opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

__all__ = [
    "AddressProblem",
    "AllowlistError",
    "BulkError",
    "MissingExtra",
    "PortalcheckError",
    "ReportsUnavailable",
    "SettingsError",
    "UnreadableAddress",
    "how_to_install",
    "needs_extra",
]


class PortalcheckError(Exception):
    """Base class of everything portalcheck raises on purpose."""


class AddressProblem(StrEnum):
    """Why no address could be read from a text; each has its sentence in ``texts/<lang>.yaml``."""

    EMPTY = "empty"
    NO_ADDRESS = "no-address"
    BROKEN = "broken"
    E_MAIL = "e-mail"
    PHONE_OR_MESSAGE = "phone-or-message"
    SEVERAL = "several"
    UNCLEAR = "unclear"
    TOO_LONG = "too-long"
    TOO_MANY = "batch-too-large"
    TOO_LARGE = "body-too-large"


class UnreadableAddress(PortalcheckError):
    """The text holds no single address that a browser would open, or a message is beyond its bounds.

    ``code`` is the published error code (docs/design.md, section 5); ``problem`` selects the sentence.
    """

    def __init__(self, problem: AddressProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem

    @property
    def code(self) -> str:
        """The published code; most problems share ``unreadable-address``."""
        return _CODES.get(self.problem, "unreadable-address")


_CODES = {
    AddressProblem.SEVERAL: "several-addresses",
    AddressProblem.UNCLEAR: "unclear-text",
    AddressProblem.TOO_LONG: "address-too-long",
    AddressProblem.TOO_MANY: "batch-too-large",
    AddressProblem.TOO_LARGE: "body-too-large",
}


class AllowlistError(PortalcheckError):
    """One or more list files cannot be used. ``problems`` holds a ``file:line: …`` sentence for each problem."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        if not problems:
            raise ValueError("an allowlist error names at least one problem")
        super().__init__("\n".join(problems))
        self.problems = problems


class BulkError(PortalcheckError):
    """A bulk check cannot start or continue; the message says what to do."""


class MissingExtra(PortalcheckError):
    """An optional dependency is not installed; the message says how to install it."""


def how_to_install(extra: str) -> str:
    """The end of a sentence about what needs the optional dependencies named ``extra``."""
    return f"needs more packages. Install them with: pip install 'portalcheck[{extra}]'"


@contextmanager
def needs_extra(extra: str, what: str) -> Iterator[None]:
    """Wraps imports of what only ``extra`` installs. Raises MissingExtra, which says that ``what`` needs it."""
    try:
        yield
    except ModuleNotFoundError:
        raise MissingExtra(f"{what} {how_to_install(extra)}") from None


class SettingsError(PortalcheckError):
    """A setting has an invalid value; the message names the setting and says what to write."""


class ReportsUnavailable(PortalcheckError):
    """The database of reports does not answer; the message names the kind of failure but no values."""
