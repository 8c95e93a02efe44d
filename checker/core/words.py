"""The sentences of one language, as a tree of texts (``texts/<lang>.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Texts", "Words", "filled"]

Words = str | list["Words"] | Mapping[str, "Words"]
"""A sentence, a list of them, or a branch of the tree."""


def filled(sentence: str, facts: Mapping[str, str]) -> str:
    """The sentence with its placeholders filled. A name that already ends in ``'s`` gets no second one
    ("Cook Children's portal")."""
    if "}'s" in sentence:
        for place, fact in facts.items():
            if fact.endswith("'s"):
                sentence = sentence.replace(f"{{{place}}}'s", f"{{{place}}}")
    return sentence.format_map(facts)


@dataclass(frozen=True, slots=True)
class Texts:
    """Looks up sentences by path and fills in their ``{placeholders}``.

    A missing sentence raises a KeyError that names its path. That is a mistake in the text files, which tests
    read completely; nothing a person types can cause it.
    """

    tree: Mapping[str, Words]

    def find(self, *path: str) -> Words:
        """Whatever is at ``path``."""
        node: Words = self.tree
        for step in path:
            if not isinstance(node, Mapping) or step not in node:
                raise KeyError("texts: " + ".".join(path))
            node = node[step]
        return node

    def text(self, *path: str, **facts: str) -> str:
        """The sentence at ``path``, its placeholders filled from ``facts``."""
        sentence = self.find(*path)
        if not isinstance(sentence, str):
            raise KeyError("texts: " + ".".join(path) + " is not a sentence")
        return filled(sentence, facts) if "{" in sentence else sentence

    def lines(self, *path: str) -> tuple[str, ...]:
        """The list of sentences at ``path``."""
        lines = self.find(*path)
        if not isinstance(lines, list):
            raise KeyError("texts: " + ".".join(path) + " is not a list")
        return tuple(str(line) for line in lines)

    def under(self, *path: str) -> Texts:
        """The branch at ``path``."""
        branch = self.find(*path)
        if not isinstance(branch, Mapping):
            raise KeyError("texts: " + ".".join(path) + " is not a branch")
        return Texts(branch)
