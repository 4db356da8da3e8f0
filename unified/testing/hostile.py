"""What a hostile, broken or badly cut answer can look like, and words that try to leave their place in a request.

Makes bytes and texts only: reads no file, sends nothing, judges nothing. The same seed makes the same bodies,
as many as asked for, none larger than `LARGEST` bytes. `unified.testing.conformance` feeds them to adapters.

    for hostile in bodies(recorded, seed=7, count=50):
        parse(response(hostile.body))      # a value or a VenueError, never anything else
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from attrs import frozen

LARGEST = 1 << 20
"""Bytes of the largest body made here; a cap on answers is the transport's business."""
DEEP = 20_000
"""Levels of the deepest body: far more than the stack of a naive reader holds."""

# Digits of a number that is larger than any float, and larger than what Python turns into an int from text.
_ENDLESS = "9" * 5_000

WORDS: Mapping[str, str] = {
    "an ampersand": "a&side=sell",
    "an equals sign": "a=b",
    "a question mark": "a?b=c",
    "a hash": "a#b",
    "a percent escape": "a%26b%00",
    "a plus and a space": "a+b c",
    "a path step": "../../withdraw",
    "a slash": "a/b",
    "a backslash": "a\\b",
    "a line break": "a\r\nX-Injected: 1",
    "a NUL": "a\x00b",
    "quotes": "a\"b'c",
    "a brace": '"},{"a":"',
    "a semicolon": "a;b",
    "a comma": "a,b",
    "letters that look alike": "\u0412\u0422\u0421-USDT",
    "another direction of writing": "a\u202eb",
    "half a character": "a\ud800b",
    "an emoji": "a\U0001f4a5b",
    "white space only": " ",
    "very long": "a" * 5_000,
}
"""Words for symbols, client ids, assets and cursors, by what is wrong with them."""


@frozen
class HostileBody:
    """A body and what is wrong with it."""

    about: str
    body: bytes


class _Raw(str):
    """JSON text that `json.dumps` would not write."""

    __slots__ = ()


POISON: Sequence[Any] = (
    None, True, False, 0, 1, -1, "", " ", "x", "0", "-1", "NaN", "Infinity", "1e99999", "0x10", "1_000", "1,5", "١٢",
    [], {}, [[]], [None], [{}], {"": ""}, ["x", "y"], "null", "true", "\x00", "\u2028", "<b>", "x" * 10_000,
    _Raw("NaN"), _Raw("-Infinity"), _Raw("1e400"), _Raw("-1e-400"), _Raw(_ENDLESS), _Raw("1.5"), _Raw("0.1e1"),
    _Raw(f'"{_ENDLESS}"'), _Raw('"\\ud800"'), _Raw('{"a":1,"a":"2"}'), 2**63, -(2**63), 2**64, 10**30,
)  # fmt: skip
"""Values of the wrong type, size or form, to stand where a recording has a right one."""


def bodies(recorded: Sequence[bytes] = (), *, seed: int = 0, count: int = 60) -> Iterator[HostileBody]:
    """All bodies from scratch, then `count` damaged copies of each recording."""
    yield from from_scratch()
    for number, body in enumerate(recorded):
        yield from damaged(body, seed=seed + number, count=count)


# --- from scratch


def from_scratch() -> Iterator[HostileBody]:
    """Bodies that no venue documents: empty, HTML, not JSON, JSON of the wrong shape, deep, huge."""
    for about, body in _PLAIN.items():
        yield HostileBody(about, body)
    for value in POISON:
        yield HostileBody("a lone value", _written(value))
    yield HostileBody("lists in lists", b"[" * DEEP + b"]" * DEEP)
    yield HostileBody("lists that never close", b"[" * DEEP)
    yield HostileBody("objects in objects", b'{"data":' * DEEP + b"1" + b"}" * DEEP)
    yield HostileBody("a huge text", b'"' + b"x" * (LARGEST - 2) + b'"')
    yield HostileBody("a huge list", b"[" + b"0," * (LARGEST // 4) + b"0]")
    yield HostileBody("gzip that nobody inflated", gzip.compress(b"{}" * 1_000, mtime=0))


_PLAIN: Mapping[str, bytes] = {
    "an empty body": b"",
    "white space": b" \r\n\t ",
    "an HTML page": b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body></body></html>",
    "an XML document": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "plain text": b"error code: 1020",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"code":0}'.encode("utf-16"),
    "bytes that are no UTF-8": b'{"msg":"\xff\xfe"}',
    "a NUL": b"\x00",
    "two documents": b"{}{}",
    "JSON with padding": b"callback({});",
    "single quotes": b"{'code': 0}",
    "a trailing comma": b'{"code":0,}',
    "a comment": b'{"code":0} // ok',
    "an open text": b'{"code":"0',
    "an open object": b'{"code":',
}


# --- from recordings


def damaged(body: bytes, *, seed: int = 0, count: int = 60) -> Iterator[HostileBody]:
    """Copies of a good answer, each with something wrong; what is no JSON is only cut and changed byte by byte."""
    chance = Random(f"{seed}/hostile")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    ways = _BYTES if document is None else (*_BYTES, *_TREES)
    for number in range(count):
        way = ways[number % len(ways)]
        yield way(body, document, chance)


def _cut(body: bytes, _document: Any, chance: Random) -> HostileBody:
    at = chance.randrange(len(body) + 1)
    return HostileBody(f"cut after {at} bytes", body[:at])


def _flipped(body: bytes, _document: Any, chance: Random) -> HostileBody:
    if not body:
        return HostileBody("an empty body", b"")
    at, changed = chance.randrange(len(body)), bytearray(body)
    changed[at] ^= 1 << chance.randrange(8)
    return HostileBody(f"byte {at} changed", bytes(changed))


def _replaced(_body: bytes, document: Any, chance: Random) -> HostileBody:
    place, poison = _place(document, chance), chance.choice(POISON)
    return HostileBody(f"{_spelled(place)} replaced by {_short(poison)}", _written(_with(document, place, poison)))


def _dropped(_body: bytes, document: Any, chance: Random) -> HostileBody:
    place = _place(document, chance)
    return HostileBody(f"{_spelled(place)} left out", _written(_changed(document, place, lambda _value: _GONE)))


def _wrapped(_body: bytes, document: Any, chance: Random) -> HostileBody:
    place = _place(document, chance)
    return HostileBody(f"{_spelled(place)} in a list", _written(_changed(document, place, lambda value: [value])))


def _unwrapped(_body: bytes, document: Any, chance: Random) -> HostileBody:
    place = _place(document, chance)
    return HostileBody(f"{_spelled(place)} without its wrapping", _written(_changed(document, place, _inner)))


def _doubled(_body: bytes, document: Any, chance: Random) -> HostileBody:
    """The last of two alike names wins with every JSON reader, so the poison is what is read."""
    place, poison = _place(document, chance), chance.choice(POISON)
    text, name = _written(document).decode(), next((step for step in place if isinstance(step, str)), "")
    if not name or not text.endswith("}"):
        return _replaced(_body, document, chance)
    twice = f"{text[:-1]}, {json.dumps(place[0] if isinstance(place[0], str) else name)}: {_written(poison).decode()}}}"
    return HostileBody(f"{place[0]} twice, the second time {_short(poison)}", twice.encode())


def _several(_body: bytes, document: Any, chance: Random) -> HostileBody:
    for _ in range(chance.randrange(2, 6)):
        document = _with(document, _place(document, chance), chance.choice(POISON))
    return HostileBody("several values replaced", _written(document))


_BYTES: Sequence[Callable[[bytes, Any, Random], HostileBody]] = (_cut, _flipped)
_TREES: Sequence[Callable[[bytes, Any, Random], HostileBody]] = (
    _replaced, _replaced, _dropped, _wrapped, _unwrapped, _several, _doubled,
)  # fmt: skip


# --- places in a document

_Place = tuple[str | int, ...]
_GONE = object()


def _place(document: Any, chance: Random) -> _Place:
    """Some place of the document: a walk down that may stop at every container."""
    place: list[str | int] = []
    while isinstance(document, dict | list) and document:
        key = chance.choice(list(document)) if isinstance(document, dict) else chance.randrange(len(document))
        place.append(key)
        document = document[key]
        if chance.random() < 0.2:
            break
    return tuple(place)


def _changed(document: Any, place: _Place, change: Callable[[Any], Any]) -> Any:
    """A copy with the value at `place` changed; `_GONE` leaves it out."""
    if not place:
        return change(document)
    inner = _changed(document[place[0]], place[1:], change)
    pairs = document.items() if isinstance(document, dict) else enumerate(document)
    kept = [(key, inner if key == place[0] else value) for key, value in pairs]
    kept = [(key, value) for key, value in kept if value is not _GONE]
    return dict(kept) if isinstance(document, dict) else [value for _, value in kept]


def _with(document: Any, place: _Place, value: Any) -> Any:
    return _changed(document, place, lambda _old: value)


def _inner(value: Any) -> Any:
    members = list(value.values()) if isinstance(value, dict) else value
    return members[0] if isinstance(members, list) and members else None


def _spelled(place: _Place) -> str:
    return ".".join(str(step) for step in place) or "the whole"


def _short(value: Any) -> str:
    shown = str(value) if isinstance(value, _Raw) else repr(value)
    return shown if len(shown) <= 24 else f"{shown[:21]}..."


def _written(value: Any) -> bytes:
    """The JSON text of a value, with raw text where it stands."""
    if value is _GONE:
        return b""
    raw: list[str] = []

    def marked(part: Any) -> Any:
        if isinstance(part, _Raw):
            raw.append(str(part))
            return f"@raw{len(raw) - 1}@"
        if isinstance(part, dict):
            return {key: marked(inner) for key, inner in part.items()}
        return [marked(inner) for inner in part] if isinstance(part, list) else part

    text = json.dumps(marked(value))
    for number, part in enumerate(raw):
        text = text.replace(f'"@raw{number}@"', part, 1)
    return text.encode()
