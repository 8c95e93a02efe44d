"""The sentences of one language, as a tree of texts (``texts/<lang>.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Texts", "Words", "filled"]

Words = str | list["Words"] | Mapping[str, "Words"]
"""A sentence, a list of them, or a branch of the tree."""


def filled(sentence: str, facts: Mapping[str, str]) -> str:
    """The sentence with its placeholders filled. A name that ends in ``'s`` gets no second one:
    "Cook Children's portal"."""
    if "}'s" in sentence:
        for place, fact in facts.items():
            if fact.endswith("'s"):
                sentence = sentence.replace(f"{{{place}}}'s", f"{{{place}}}")
    return sentence.format_map(facts)


@dataclass(frozen=True, slots=True)
class Texts:
    """Looks sentences up by path and fills their ``{placeholders}``.

    A missing sentence is a KeyError naming its path: a fault of the text files, which a test
    reads whole, never of what a person typed.
    """

    tree: Mapping[str, Words]

    def find(self, *path: str) -> Words:
        """Whatever stands at ``path``."""
        node: Words = self.tree
        for step in path:
            if not isinstance(node, Mapping) or step not in node:
                raise KeyError("texts: " + ".".join(path))
            node = node[step]
        return node

    def text(self, *path: str, **facts: str) -> str:
        """The sentence at ``path``, its placeholders filled from ``facts``."""
        found = self.find(*path)
        if not isinstance(found, str):
            raise KeyError("texts: " + ".".join(path) + " is no sentence")
        return filled(found, facts) if "{" in found else found

    def lines(self, *path: str) -> tuple[str, ...]:
        """The list of sentences at ``path``."""
        found = self.find(*path)
        if not isinstance(found, list):
            raise KeyError("texts: " + ".".join(path) + " is no list")
        return tuple(str(line) for line in found)

    def under(self, *path: str) -> Texts:
        """The branch at ``path``."""
        found = self.find(*path)
        if not isinstance(found, Mapping):
            raise KeyError("texts: " + ".".join(path) + " is no branch")
        return Texts(found)
