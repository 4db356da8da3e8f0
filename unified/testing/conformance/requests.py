"""What an adapter would send: alike every time, digit for digit, nothing dropped, no secret in sight. Sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Any
from urllib.parse import unquote_plus

from attrs import evolve

from unified.adapter import Endpoint, Stamp
from unified.errors import Outcome, VenueError
from unified.http import HttpRequest
from unified.instrument import Product
from unified.operations import AmendOrder, Operation, PlaceOrder
from unified.order import OrderType
from unified.testing.conformance.examples import PRICE, QUANTITY, examples, scene, variants
from unified.testing.conformance.rules import (
    BUILD,
    LIMITS,
    NUMBERS,
    SECRETS,
    SIGNED,
    STAMPS,
    TERMS,
    Finding,
)
from unified.testing.conformance.subject import STAMP, Subject

Built = HttpRequest | VenueError | Exception


def _built(endpoint: Endpoint[Any, Any], operation: Operation[Any], stamp: Stamp = STAMP) -> Built:
    try:
        return endpoint.build(operation, stamp)
    except Exception as error:
        return error


def requests(subject: Subject) -> Iterator[Finding]:
    """All that can be said of single requests."""
    seen = set()
    for operation in examples(subject):
        endpoint = subject.endpoint(operation)
        if endpoint is None:
            continue
        where = f"{operation.name} {operation.product}"
        yield from _charges(subject, where, endpoint, operation)
        built = _built(endpoint, operation)
        if isinstance(built, HttpRequest):
            yield from _alike(subject, where, operation, built)
            yield from _form(subject, where, endpoint, built)
            yield from _stamped(subject, where, operation, built)
            yield from _secrets(subject, where, built)
            if type(operation) not in seen:  # of the others some may need a key that the plain one does not
                yield from _keyless(subject, where, operation)
            seen.add(type(operation))
        else:
            yield from _refused(where, built)


def _refused(where: str, error: Built) -> Iterator[Finding]:
    if not isinstance(error, VenueError):
        said = f"{type(error).__name__}: {error}"
        yield Finding(BUILD, where, f"build raises {said}; what cannot be said is a VenueError, outcome not_sent")
    elif error.outcome is not Outcome.NOT_SENT:
        yield Finding(BUILD, where, f"build refuses with outcome {error.outcome}; nothing was sent: not_sent")


def _alike(subject: Subject, where: str, operation: Operation[Any], built: HttpRequest) -> Iterator[Finding]:
    for again, of in ((subject.adapter, "the same adapter"), (subject.another(), "a fresh one")):
        endpoint = subject.endpoint(operation, again)
        if endpoint is None or _built(endpoint, operation) != built:
            yield Finding(BUILD, where, f"built a second time by {of}, the same stamp makes another request")
            return


_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)+")
_QUERY = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/?\[\]-]*")
_HEADER = re.compile(r"[\x20-\x7e]*")


def _form(subject: Subject, where: str, endpoint: Endpoint[Any, Any], built: HttpRequest) -> Iterator[Finding]:
    if built.base != subject.adapter.environment.hosts.get(endpoint.door):
        yield Finding(BUILD, where, f"goes to {built.base}, not to the host of its door {endpoint.door!r}")
    if not _PATH.fullmatch(built.path):
        yield Finding(BUILD, where, f"path {built.path!r} is not percent-encoded, or does not begin with a slash")
    if not _QUERY.fullmatch(built.query):
        yield Finding(BUILD, where, "the query is not percent-encoded")
    for name, value in built.headers.items():
        if not _HEADER.fullmatch(name) or not _HEADER.fullmatch(value):
            yield Finding(BUILD, where, f"header {name!r} holds more than printable ASCII")


def _signs(subject: Subject, operation: Operation[Any], built: HttpRequest) -> bool:
    """Whether another secret makes another request: some calls name a key and sign nothing."""
    other = subject.with_another_secret()
    endpoint = None if other is None else subject.endpoint(operation, other)
    return endpoint is None or _built(endpoint, operation) != built


def _stamped(subject: Subject, where: str, operation: Operation[Any], built: HttpRequest) -> Iterator[Finding]:
    endpoint = subject.endpoint(operation)
    if endpoint is None or not endpoint.signed:
        return
    rule = subject.adapter.clocks.get(endpoint.door)
    if rule is not None and rule.window_ms is not None:
        later = _built(endpoint, operation, evolve(STAMP, time_ms=STAMP.time_ms + 60_000))
        if later == built and _signs(subject, operation, built):
            yield Finding(STAMPS, where, f"clocks[{endpoint.door!r}] has a window, but the request carries no time")
    promise = subject.adapter.placement.get(operation.product)
    if isinstance(operation, PlaceOrder) and promise is not None and promise.of(operation).expiry is not None:
        expiry = promise.of(operation).expiry
        if expiry is None or expiry.min_ms == expiry.max_ms:
            return
        wider = _built(endpoint, operation, evolve(STAMP, window_ms=expiry.max_ms))
        if wider == _built(endpoint, operation, evolve(STAMP, window_ms=expiry.min_ms)):
            told = f"declares the expiry {expiry.parameter!r}, but does not send the stamp's window"
            yield Finding(STAMPS, where, told)


# --- secrets


def _secrets(subject: Subject, where: str, built: HttpRequest) -> Iterator[Finding]:
    credentials = subject.credentials
    if credentials is None:
        return
    headers = " ".join(f"{name}: {value}" for name, value in built.headers.items())
    passphrase = "" if credentials.passphrase is None else credentials.passphrase.reveal()
    shown = {
        "the URL": built.url,
        "the repr of the request": repr(built),
        "the repr of the adapter": repr(subject.adapter),
    }
    for secret in filter(None, (credentials.secret.reveal(), passphrase)):
        for place, text in shown.items():
            if secret in text:
                yield Finding(SECRETS, where, f"a secret stands in {place}")
    for place, text in (("a header", headers), ("the body", built.body.decode("utf-8", "replace"))):
        if credentials.secret.reveal() in text:
            yield Finding(SECRETS, where, f"the secret itself stands in {place}")


def _keyless(subject: Subject, where: str, operation: Operation[Any]) -> Iterator[Finding]:
    """What a client without credentials meets."""
    endpoint = subject.endpoint(operation, subject.bare)
    if endpoint is None:
        return
    built = _built(endpoint, operation)
    if endpoint.signed and not (isinstance(built, VenueError) and built.outcome is Outcome.NOT_SENT):
        yield Finding(SIGNED, where, "is signed, but without credentials build does not refuse (outcome not_sent)")
    if not endpoint.signed and not isinstance(built, HttpRequest):
        yield Finding(SIGNED, where, "is not signed, but cannot be built without credentials")


# --- costs


def _charges(
    subject: Subject, where: str, endpoint: Endpoint[Any, Any], operation: Operation[Any]
) -> Iterator[Finding]:
    try:
        charges = tuple(endpoint.charges(operation, STAMP.time_ms))
    except Exception as error:
        yield Finding(LIMITS, where, f"charges raises {type(error).__name__}: {error}")
        return
    buckets = {limit.bucket for limit in subject.adapter.limits}
    for charge in charges:
        if charge.bucket not in buckets:
            yield Finding(LIMITS, where, f"charges the bucket {charge.bucket!r}, which `limits` does not have")
        elif not isfinite(charge.cost) or charge.cost < 0:
            yield Finding(LIMITS, where, f"costs {charge.cost} in {charge.bucket!r}")
    if not charges:
        yield Finding(LIMITS, where, "charges no bucket: every request counts somewhere")


# --- terms of orders


def _content(built: HttpRequest) -> tuple[Any, ...]:
    return built.method, built.path, built.query, built.body


def terms(subject: Subject) -> Iterator[Finding]:
    """Each term of an order changes the request, or is refused."""
    for kind, product in subject.adapter.endpoints:
        if kind is PlaceOrder:
            plain = scene(subject, product).order
            yield from _terms(subject, plain)
            yield from _digits(subject, plain)
        elif kind is AmendOrder:
            yield from _changes(subject, product)


def _terms(subject: Subject, plain: PlaceOrder) -> Iterator[Finding]:
    where, built = f"{plain.name} {plain.product}", subject.request(plain)
    if subject.endpoint(plain) is None:
        return
    if built is None:
        yield Finding(TERMS, where, "refuses a plain limit order")
        return
    every = variants(plain)
    for term, order in every.items():
        other = subject.request(order)
        base = subject.request(every["stop_price"]) if term == "trigger" else built
        if term == "trigger" and plain.product is Product.SPOT:
            continue  # some spot venues tell the side by where the price lies on arrival, and take no word for it
        if other is not None and base is not None and _content(other) == _content(base):
            yield Finding(TERMS, where, f"{term} makes no difference: send it, or refuse it with unsupported(...)")


def _changes(subject: Subject, product: Any) -> Iterator[Finding]:
    at = scene(subject, product)
    for term in ("price", "quantity"):
        plain = AmendOrder(instrument=at.instrument, order=at.resting)
        one, two = (subject.request(_evolved(plain, {term: Decimal(value)})) for value in (1, 2))
        if one is not None and two is not None and _content(one) == _content(two):
            yield Finding(TERMS, f"amend_order {product}", f"the new {term} is not sent")


def _evolved(operation: AmendOrder, changes: dict[str, Any]) -> AmendOrder:
    return evolve(operation, **changes)


def _digits(subject: Subject, plain: PlaceOrder) -> Iterator[Finding]:
    """No digit is lost to a float, and none is written with an exponent."""
    where = f"{plain.name} {plain.product}"
    market = evolve(plain, order_type=OrderType.MARKET, price=None)
    for term, order, digits in (
        ("quantity", plain, str(QUANTITY)),
        ("price", plain, str(PRICE)),
        ("quantity", market, str(QUANTITY)),
        ("quantity", evolve(plain, quantity=Decimal("1E-8")), "0.00000001"),
        ("price", evolve(plain, price=Decimal("1E+5")), "100000"),
    ):
        built = subject.request(order)
        if built is not None and digits not in _text(built):
            yield Finding(NUMBERS, where, f"{term} {digits} does not stand in the request: write it with wire.plain")


def _text(built: HttpRequest) -> str:
    return (
        f"{unquote_plus(built.path)} {unquote_plus(built.query)} {unquote_plus(built.body.decode('utf-8', 'replace'))}"
    )
