"""A frozen multimap from short strings to small integers, packed into a few bytes a key.

A list of 100,000 hosts has millions of keys; a Python dictionary of them would take a gigabyte.
Here a key is 40 bits of its hash beside a 24-bit value in one sorted array, and a bitmap in front
turns nearly every miss away in a fraction of a microsecond. Two keys can share a hash, so a hit is
a candidate: whoever asks compares the strings.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable

__all__ = ["MAX_VALUE", "Postings"]

_VALUE_BITS = 24
_HASH_MASK = (1 << 40) - 1
MAX_VALUE = (1 << _VALUE_BITS) - 1
"""The largest value a key can carry."""


class Postings:
    """Built once from (key, value) pairs; look-ups cost the same whatever the size."""

    __slots__ = ("_bitmap", "_mask", "_packed")

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        unsorted = array("Q", ((hash(key) & _HASH_MASK) << _VALUE_BITS | value for key, value in pairs))
        packed = array("Q", sorted(unsorted))
        bits = 1 << max(13, (16 * len(packed)).bit_length())
        bitmap = bytearray(bits >> 3)
        mask = bits - 1
        for entry in packed:
            bit = (entry >> _VALUE_BITS) & mask
            bitmap[bit >> 3] |= 1 << (bit & 7)
        self._packed, self._bitmap, self._mask = packed, bitmap, mask

    def get(self, key: str) -> Collection[int]:
        """The values that may belong to ``key``, each once, in ascending order."""
        code = hash(key)
        bit = code & self._mask
        if not self._bitmap[bit >> 3] >> (bit & 7) & 1:
            return ()
        low = (code & _HASH_MASK) << _VALUE_BITS
        start = bisect_left(self._packed, low)
        stop = bisect_left(self._packed, low + MAX_VALUE + 1, start)
        return dict.fromkeys(entry & MAX_VALUE for entry in self._packed[start:stop])

    def __contains__(self, key: str) -> bool:
        bit = hash(key) & self._mask
        return bool(self._bitmap[bit >> 3] >> (bit & 7) & 1) and bool(self.get(key))

    def __len__(self) -> int:
        return len(self._packed)
