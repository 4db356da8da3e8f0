"""What a venue, or a proxy before it, repeats of our request: credentials and signatures are taken out of errors.

Knows no venue: it looks at the request that was sent. Secret are the values of headers, what stands under the name of a
secret, and every long unbroken word of query and body; numbers, times and media types are not, nor ids of orders, which
are shorter. Sees to errors only: an answer's own values are for the adapter. A piece from the middle of a signature is
not known for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from attrs import evolve

from unified.errors import Fault, VenueError
from unified.http import HttpRequest

MASK = "[secret]"
_SHORTEST = 8
"""Characters of a header's value from which on it counts."""
_OPEN_HEADERS = frozenset({"accept", "cache-control", "content-type", "user-agent"})
_NUMBER_OR_TIME = re.compile(r"[0-9:.TZ-]+")
_LONG = re.compile(r"[A-Za-z0-9+/_.~-]{40,}")
"""Longer than the id of an order; an HMAC of 256 bits has 43 characters at least."""
_NAMES = r"(?<![A-Za-z_])(?:otp|passphrase|password|secret|sign|signature|token|listenKey)"
_NAMED = re.compile(_NAMES + r"(?:=|\"\s*:\s*\")([^&\"\s]{4,})")
_CUT = 12
"""Characters by which a long value is known, since an echo may be cut off."""
_REST = r"[A-Za-z0-9+/=_.~%-]*"
_TEXTS = ("message", "code", "name", "hint", "request_id")


def masked(error: VenueError, request: HttpRequest) -> VenueError:
    """The error without what its request held of secrets; the very same error where it repeats none."""
    fault = error.fault
    said = [text for name in _TEXTS if (text := getattr(fault, name))]
    cause = "" if error.__cause__ is None else str(error.__cause__)
    words = _told_again(request, " ".join((*said, cause)).casefold())
    if not words:
        return error
    found = _pattern(words)
    told = error.about(fault=_without(fault, found))
    if found.search(cause):
        told.__cause__ = None
    return told


def masked_items(answer: Any, request: HttpRequest) -> Any:
    """An answer, with the errors among the items of a batch masked."""
    if type(answer) is not tuple or not any(isinstance(item, VenueError) for item in answer):
        return answer
    return tuple(masked(item, request) if isinstance(item, VenueError) else item for item in answer)


def _without(fault: Fault, found: re.Pattern[str]) -> Fault:
    said: dict[str, Any] = {name: found.sub(MASK, text) for name in _TEXTS if (text := getattr(fault, name))}
    return evolve(fault, **said)


def _told_again(request: HttpRequest, text: str) -> list[str]:
    """The forms of secrets whose beginning stands in the text (in lower case). Nearly always none: an expression of
    all forms would cost more than the rest of the error."""
    forms = {form for secret in _secrets(request) for form in (secret, quote(secret, safe=""), quote(secret))}
    return [form for form in forms if form[:_CUT].casefold() in text]


def _pattern(words: list[str]) -> re.Pattern[str]:
    """Finds each of these, the longest first, whole or from its beginning on."""
    return re.compile("|".join(sorted(map(_known_by, words), key=len, reverse=True)), re.IGNORECASE)


def _known_by(word: str) -> str:
    return re.escape(word) if len(word) < 2 * _CUT else re.escape(word[:_CUT]) + _REST


def _secrets(request: HttpRequest) -> Iterator[str]:
    for name, value in request.headers.items():
        if name.lower() not in _OPEN_HEADERS:
            yield from (word for word in (value, *value.split()) if _counts(word))
    said = f"{unquote(request.query)} {unquote(request.body.decode('utf-8', 'replace'))}"
    yield from _LONG.findall(said)
    yield from _NAMED.findall(said)


def _counts(word: str) -> bool:
    return len(word) >= _SHORTEST and _NUMBER_OR_TIME.fullmatch(word) is None
