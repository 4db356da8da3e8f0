"""What a JSON text weighs: the bytes that it takes itself and that it becomes when it is read, on the safe side.

A few megabytes of empty lists become a hundred, so whoever takes a text from outside weighs it before anybody reads
it. An estimate by what begins and parts values; reads nothing, and knows neither bodies (`body.py`) nor sockets.
"""

from __future__ import annotations

import re

TIMES = 3
"""How many times its cap an answer or a frame may take, text, copies and values together (docs/decisions/0012)."""
WORST = 64
"""Bytes that a byte of JSON can come to; 43 were seen, of lists in lists."""
_PER_CONTAINER, _PER_VALUE, _PER_NAME = 90, 114, 90
"""Bytes at most (CPython 3.11, its json and orjson 3.11): an object of one member beyond what that takes, a short exact
number in a list, and a member's name that no other member has."""
_GROWING = 1.6
"""A text with escapes is put together in a buffer that is larger than it, for a moment."""
_WIDEST = 4
"""Bytes of each character of a text that holds an emoji."""
_BEYOND_TWO_BYTES = re.compile(rb"[\xf0-\xff]")


class Weight:
    """The weight of a text of UTF-8 that comes in parts."""

    def __init__(self) -> None:
        self._length = self._others = 0
        self._width = 1
        self._escaped = self._spelled = False

    def add(self, part: bytes) -> None:
        """Weigh one more part."""
        self._length += len(part)
        containers, names = part.count(b"[") + part.count(b"{"), part.count(b":")
        self._others += (_PER_CONTAINER + _PER_VALUE) * containers + _PER_VALUE * part.count(b",") + _PER_NAME * names
        if not part.isascii():
            self._width = max(self._width, _WIDEST if _BEYOND_TWO_BYTES.search(part) else 2)
        if b"\\" in part:
            self._escaped = True
            self._spelled = self._spelled or b"\\u" in part or part.endswith(b"\\")

    @property
    def total(self) -> float:
        """Bytes: the text as it came, the text decoded, and its values."""
        width = _WIDEST if self._spelled else self._width
        return self._length * (1 + self._width + width * (_GROWING if self._escaped else 1)) + self._others


def weight_of(text: bytes | str) -> float:
    """The weight of a whole text, such as a frame."""
    weight = Weight()
    weight.add(text if isinstance(text, bytes) else text.encode(errors="replace"))
    return weight.total
