"""The body of an answer, counted while it is read. Knows no socket and no JSON.

A few kilobytes of gzip can become gigabytes, and a body need not end at all: whatever is read passes
through here and stops at the limit, before and after inflation, and so does what would become too much when it is read
(`weight.py`). The caller says what that means.
"""

from __future__ import annotations

import zlib

from unified.weight import TIMES, WORST, Weight

_GZIP = 31
"""zlib's number for: a gzip header and trailer, the largest window."""


class UnreadableBodyError(ValueError):
    """The body cannot be used: too large, damaged, cut, or in an encoding that nobody asked for."""


def whole(data: bytes, limit: int, encoding: str = "") -> bytes:
    """A body that came in one piece and will be read as JSON. Raises UnreadableBodyError."""
    if not encoding and len(data) * WORST <= TIMES * limit:
        return data
    body = CountedBody(limit, encoding, to_read=True)
    body.feed(data)
    return body.finish()


class CountedBody:
    """Collects a body chunk by chunk. Never holds more than `limit` bytes, nor reads more than that.

    Where `to_read` says that the body will be read as JSON, all that it then takes is at most `TIMES` the limit.
    """

    def __init__(self, limit: int, encoding: str = "", *, to_read: bool = False) -> None:
        if encoding not in ("", "identity", "gzip"):
            raise UnreadableBodyError("the content encoding is not one that was asked for")
        self._limit = limit
        self._inflater = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
        self._read = 0
        self._size = 0
        self._parts: list[bytes] = []
        self._weight: Weight | None = None
        self._light = TIMES * limit // WORST if to_read else limit
        """Bytes that cannot weigh too much, whatever they are."""

    def feed(self, data: bytes) -> None:
        """One more chunk, as it came over the wire. Raises UnreadableBodyError."""
        self._read += len(data)
        if self._read > self._limit:
            raise self._too_large()
        part = data if self._inflater is None else self._inflated(self._inflater, data)
        self._size += len(part)
        if self._size > self._limit:
            raise self._too_large()
        self._parts.append(part)
        if self._size > self._light:
            self._weigh(part)

    def finish(self) -> bytes:
        """The whole body, when the last chunk was fed. Raises UnreadableBodyError where gzip was cut off."""
        if self._inflater is not None and self._read and not self._inflater.eof:
            raise UnreadableBodyError("the gzip body ends too early")
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _inflated(self, inflater: zlib._Decompress, data: bytes) -> bytes:
        damaged = inflater.eof  # bytes after the end of the stream
        part = b""
        if not damaged:
            try:
                part = inflater.decompress(data, self._limit - self._size + 1)
            except zlib.error:
                damaged = True
        if damaged or inflater.unused_data:
            raise UnreadableBodyError("the gzip body is damaged")
        return part

    def _weigh(self, part: bytes) -> None:
        if self._weight is None:
            self._weight, part = Weight(), b"".join(self._parts)
        self._weight.add(part)
        if self._weight.total > TIMES * self._limit:
            raise UnreadableBodyError(f"the body would take more than {TIMES} times {self._limit} bytes to read")

    def _too_large(self) -> UnreadableBodyError:
        return UnreadableBodyError(f"the body is larger than {self._limit} bytes")
