"""What a venue, or a proxy before it, repeats of our request: credentials and signatures are taken out of errors.

Knows no venue: it looks at the request that was sent, or at what was said on a stream connection. Secret are the values
of headers, what stands under the name of a secret, and every long unbroken word of query, body, address and frame;
numbers, times and media types are not, nor ids of orders, which are shorter. Sees to errors and to what a venue says of
a refused order: other values of an answer are for the adapter. A piece from the middle of a signature is not known for
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from attrs import evolve

from unified.errors import Fault, VenueError
from unified.http import HttpRequest
from unified.operations import Page
from unified.order import Order

MASK = "[secret]"
_SHORTEST = 8
"""Characters of a header's value from which on it counts."""
_OPEN_HEADERS = frozenset({"accept", "cache-control", "content-type", "user-agent"})
_NUMBER_OR_TIME = re.compile(r"[0-9:.TZ-]+")
_LONG = re.compile(r"[A-Za-z0-9+/_.~-]{40,}")
"""Longer than the id of an order; an HMAC of 256 bits has 43 characters at least."""
_NAMES = r"(?<![A-Za-z_])(?:apiKey|otp|passphrase|password|secret|sign|signature|token|listenKey)"
_NAMED = re.compile(_NAMES + r"(?:=|\"\s*:\s*\")([^&\"\s]{4,})")
_LISTED = re.compile(r"[\[,]\s*\"([^\"\\]{8,})\"(?=\s*[\],])")
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
"""What stands in an address as it is (RFC 3986, 2.3)."""
_PARTS = re.compile(r"[/?&=]")
_CUT = 12
"""Characters by which a long value is known, since an echo may be cut off."""
_REST = r"[A-Za-z0-9+/=_.~%-]*"
_TEXTS = ("message", "code", "name", "hint", "request_id")


def masked(error: VenueError, request: HttpRequest) -> VenueError:
    """The error without what its request held of secrets; the very same error where it repeats none."""
    fault = error.fault
    said = [text for name in _TEXTS if (text := getattr(fault, name))]
    cause = "" if error.__cause__ is None else str(error.__cause__)
    words = _told_again(_secrets(request), " ".join((*said, cause)).casefold())
    if not words:
        return error
    found = _pattern(words)
    told = error.about(fault=_without(fault, found))
    if found.search(cause):
        told.__cause__ = None
    return told


def masked_items(answer: Any, request: HttpRequest) -> Any:
    """An answer, with the errors among the items of a batch masked, and what it says of refused orders."""
    kind = type(answer)
    if kind is Order:
        return _item(answer, request)
    if kind is Page:
        orders = answer.items and type(answer.items[0]) is Order and any(item.refusal for item in answer.items)
        return evolve(answer, items=tuple(_item(item, request) for item in answer.items)) if orders else answer
    if kind is tuple and any(isinstance(item, VenueError | Order) for item in answer):
        return tuple(_item(item, request) for item in answer)
    return answer


def _item(item: Any, request: HttpRequest) -> Any:
    if isinstance(item, VenueError):
        return masked(item, request)
    if isinstance(item, Order) and item.refusal is not None:
        return evolve(item, refusal=_cleaned(item.refusal, _secrets(request)))
    return item


class Spoken:
    """What was said on one connection of secrets: in its address, its login, its subscriptions."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def hear_address(self, address: str) -> None:
        """This is connected to: every long part of it counts."""
        self._secrets |= {word for word in _PARTS.split(unquote(address)) if _LONG.fullmatch(word)}

    def hear(self, frame: str) -> None:
        """This is sent."""
        self._secrets.update(_in_text(frame))

    def hear_login(self, frame: str) -> None:
        """This proves who we are: some venues write the key and its signature as a list, without names."""
        self.hear(frame)
        self._secrets |= {word for word in _LISTED.findall(frame) if _counts(word)}

    def masked(self, fault: Fault) -> Fault:
        """The fault without what was said of secrets; the very same where it repeats none."""
        return _cleaned(fault, self._secrets)

    def masked_error(self, error: VenueError) -> VenueError:
        """The error without what was said of secrets; the very same where it repeats none."""
        fault = self.masked(error.fault)
        return error if fault is error.fault else error.about(fault=fault)


def _cleaned(fault: Fault, secrets: Iterable[str]) -> Fault:
    words = _told_again(secrets, " ".join(text for name in _TEXTS if (text := getattr(fault, name))).casefold())
    return _without(fault, _pattern(words)) if words else fault


def _without(fault: Fault, found: re.Pattern[str]) -> Fault:
    said: dict[str, Any] = {name: found.sub(MASK, text) for name in _TEXTS if (text := getattr(fault, name))}
    return evolve(fault, **said)


def _told_again(secrets: Iterable[str], text: str) -> list[str]:
    """The forms of secrets whose beginning stands in the text (in lower case). Nearly always none: an expression of
    all forms would cost more than the rest of the error."""
    return [form for secret in set(secrets) if _begins_in(text, secret) for form in _forms(secret)]


def _begins_in(text: str, secret: str) -> bool:
    """Whether the beginning of any of its forms stands there; what is long is not looked at as a whole."""
    return any(form[:_CUT].casefold() in text for form in _forms(secret[:_CUT]))


def _forms(secret: str) -> tuple[str, ...]:
    """As it is, and as it stands in an address."""
    return (secret,) if _PLAIN.fullmatch(secret) else (secret, quote(secret, safe=""), quote(secret))


def _pattern(words: list[str]) -> re.Pattern[str]:
    """Finds each of these, the longest first, whole or from its beginning on."""
    return re.compile("|".join(sorted(map(_known_by, words), key=len, reverse=True)), re.IGNORECASE)


def _known_by(word: str) -> str:
    return re.escape(word) if len(word) < 2 * _CUT else re.escape(word[:_CUT]) + _REST


def _secrets(request: HttpRequest) -> Iterator[str]:
    for name, value in request.headers.items():
        if name.lower() not in _OPEN_HEADERS:
            yield from (word for word in (value, *value.split()) if _counts(word))
    yield from _in_text(f"{unquote(request.query)} {unquote(request.body.decode('utf-8', 'replace'))}")


def _in_text(said: str) -> Iterator[str]:
    yield from _LONG.findall(said)
    yield from _NAMED.findall(said)


def _counts(word: str) -> bool:
    return len(word) >= _SHORTEST and _NUMBER_OR_TIME.fullmatch(word) is None
