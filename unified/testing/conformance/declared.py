"""What an adapter declares: names, doors, table, limits, clocks, promises. Builds and reads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from urllib.parse import urlsplit

from unified.adapter import (
    Concurrency,
    DecayingCounter,
    Dedup,
    Endpoint,
    Environment,
    FixedWindow,
    Limit,
    PlacementRule,
    Procedure,
    RollingWindow,
    TokenBucket,
)
from unified.errors import Scope, VenueError
from unified.instrument import Product
from unified.operations import (
    AmendOrder,
    CancelOrder,
    FetchInstruments,
    FetchOpenOrders,
    FetchOrder,
    FetchServerTime,
    PlaceOrder,
)
from unified.order_ids import OrderIds
from unified.testing.conformance.rules import CLIENT_IDS, CLOCKS, LIMITS, NAMES, PLACEMENT, TABLE, Finding
from unified.testing.conformance.subject import Subject
from unified.testing.hostile import WORDS

_COUNTED = (Scope.IP, Scope.KEY, Scope.ACCOUNT, Scope.CONNECTION)
_PLACEHOLDERS = (".invalid", "example.com")


def names(subject: Subject) -> Iterator[Finding]:
    """Venue, title, environments and credential fields."""
    adapter = subject.adapter_class
    if not re.fullmatch("[a-z][a-z0-9]*", adapter.venue):
        yield Finding(NAMES, "venue", f"{adapter.venue!r} is not lower-case letters and digits")
    if subject.adapter.venue != adapter.venue:
        yield Finding(NAMES, "venue", f"the instance calls itself {subject.adapter.venue!r}")
    if not adapter.title:
        yield Finding(NAMES, "title", "is empty: people read it")
    if not adapter.products:
        yield Finding(NAMES, "products", "are empty: say what is traded")
    for name, environment in adapter.environments.items():
        yield from _environment(name, environment)
    yield from _credentials(subject)


def _environment(name: str, environment: Environment) -> Iterator[Finding]:
    if environment.name != name:
        yield Finding(NAMES, f"environments[{name!r}]", f"is named {environment.name!r}")
    for door, host in environment.hosts.items():
        yield from _host(f"environments[{name!r}].hosts[{door!r}]", host)


def _credentials(subject: Subject) -> Iterator[Finding]:
    adapter = subject.adapter_class
    unknown = set(adapter.credential_fields) - {"key", "secret", "passphrase"}
    for field in sorted(unknown):
        yield Finding(NAMES, f"credential_fields: {field}", "is no field of Credentials")
    if subject.credentials is None and adapter.credential_fields:
        yield Finding(NAMES, "credential_fields", "no dummy credentials were taken: say in the sandbox which are")
    if (subject.credentials is None) is not (subject.adapter.account == ""):
        yield Finding(NAMES, "account", "must be a fingerprint with credentials, empty without")


def _host(where: str, host: str) -> Iterator[Finding]:
    parts = urlsplit(host)
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.path or parts.query:
        yield Finding(NAMES, where, f"{host!r} is no base address: scheme and host, no path, no slash at the end")
    if any(parts.netloc.endswith(placeholder) for placeholder in _PLACEHOLDERS):
        yield Finding(NAMES, where, f"{host!r} is a placeholder: put the venue's own host here")


def table(subject: Subject) -> Iterator[Finding]:
    """Keys, doors and what an operation needs beside itself."""
    adapter = subject.adapter
    for (kind, product), how in adapter.endpoints.items():
        where = f"{kind.name} {product}"
        if product not in subject.adapter_class.products:
            yield Finding(TABLE, where, f"stands under {product}, which `products` does not name")
        if not isinstance(how, Endpoint | Procedure):
            yield Finding(TABLE, where, f"is a {type(how).__name__}, not an Endpoint or a Procedure")
        elif isinstance(how, Endpoint) and how.door not in adapter.environment.hosts:
            yield Finding(TABLE, where, f"its door {how.door!r} is none of {sorted(adapter.environment.hosts)}")
        if not getattr(how, "example", ""):
            yield Finding(TABLE, where, "has no `example`: write method and path for people and reports")
    for product in subject.adapter_class.products:
        yield from _together(subject, product)


def _together(subject: Subject, product: Product) -> Iterator[Finding]:
    """Operations that cannot do without another."""
    has = {kind for kind, served in subject.adapter.endpoints if served is product}
    if FetchInstruments not in has:
        yield Finding(TABLE, f"instruments {product}", "is missing: without it no name becomes an instrument")
    if PlaceOrder in has and CancelOrder not in has:
        yield Finding(TABLE, f"cancel_order {product}", "is missing: whoever can place must be able to cancel")
    if PlaceOrder in has and not {FetchOrder, FetchOpenOrders} & has:
        yield Finding(TABLE, f"get_order {product}", "is missing: an order in doubt could never be looked up")
    if AmendOrder in has and FetchOrder not in has:
        yield Finding(TABLE, f"get_order {product}", "is missing: an amendment in doubt could never be looked up")


# --- limits


def limits(subject: Subject) -> Iterator[Finding]:
    """Buckets, their rules, and the doors that they belong to."""
    adapter = subject.adapter
    if adapter.endpoints and not adapter.limits:
        yield Finding(LIMITS, "limits", "are empty: write what the venue allows, with its scope")
    for limit in adapter.limits:
        where = f"limit {limit.bucket!r}"
        if limit.door and limit.door not in adapter.environment.hosts:
            yield Finding(LIMITS, where, f"its door {limit.door!r} is none of {sorted(adapter.environment.hosts)}")
        if limit.scope not in _COUNTED:
            yield Finding(LIMITS, where, f"scope {limit.scope} counts nothing: {', '.join(_COUNTED)}")
        if not all(isfinite(size) and size > 0 for size in _sizes(limit)):
            yield Finding(LIMITS, where, f"{limit.rule} allows nothing")


def _sizes(limit: Limit) -> tuple[float, ...]:
    match limit.rule:
        case FixedWindow() | RollingWindow() as rule:
            return rule.limit, rule.period
        case TokenBucket() as rule:
            return rule.rate, rule.burst
        case DecayingCounter() as rule:
            return rule.limit, rule.decay
        case Concurrency() as rule:
            return (rule.limit,)
    return (0.0,)


# --- time


def clocks(subject: Subject) -> Iterator[Finding]:
    """A rule for every door, and a way to ask the time where it is checked."""
    adapter = subject.adapter
    timed = {
        how.door
        for (kind, _), how in adapter.endpoints.items()
        if kind is FetchServerTime and isinstance(how, Endpoint)
    }
    signed = {how.door for how in adapter.endpoints.values() if isinstance(how, Endpoint) and how.signed}
    for door in sorted(set(adapter.environment.hosts) - set(adapter.clocks)):
        yield Finding(CLOCKS, f"clocks[{door!r}]", "is missing: every door needs a ClockRule")
    for door, rule in adapter.clocks.items():
        where = f"clocks[{door!r}]"
        if door not in adapter.environment.hosts:
            yield Finding(CLOCKS, where, "is no door of the environment")
        if rule.window_ms is not None and not 0 < rule.window_ms <= rule.max_window_ms:
            yield Finding(CLOCKS, where, f"window {rule.window_ms} ms is not within 1..{rule.max_window_ms}")
        if rule.window_ms is not None and door in signed and door not in timed:
            yield Finding(CLOCKS, where, "has a window, but no FetchServerTime answers at this door")
        if rule.window_ms is not None and not rule.source:
            yield Finding(CLOCKS, where, "has no `source`: say where the window stands, with its date")


# --- orders


def placement(subject: Subject) -> Iterator[Finding]:
    """A rule for every product with orders, consistent in itself."""
    adapter = subject.adapter
    placing = {product for kind, product in adapter.endpoints if kind is PlaceOrder}
    for product in sorted(placing - set(adapter.placement)):
        yield Finding(PLACEMENT, f"placement {product}", "is missing: say dedup, expiry, visibility and their source")
    for product in sorted(set(adapter.placement) - placing):
        yield Finding(PLACEMENT, f"placement {product}", "is declared, but no order can be placed")
    for product, rule in adapter.placement.items():
        for where, part in ((f"placement {product}", rule), (f"placement {product} stops", rule.stops)):
            if part is not None:
                yield from _promises(subject, where, part, product)


def _promises(subject: Subject, where: str, rule: PlacementRule, product: Product) -> Iterator[Finding]:
    if not isinstance(rule.dedup, Dedup):
        yield Finding(PLACEMENT, where, f"dedup {rule.dedup!r} is none of {', '.join(Dedup)}")
    if not isfinite(rule.visibility) or rule.visibility < 0:
        yield Finding(PLACEMENT, where, f"visibility {rule.visibility} is no number of seconds")
    if not rule.source:
        yield Finding(PLACEMENT, where, "has no `source`: say where these promises stand, with their date")
    expiry = rule.expiry
    if expiry is not None and not 0 < expiry.min_ms <= expiry.default_ms <= expiry.max_ms:
        yield Finding(PLACEMENT, where, f"expiry {expiry.min_ms}, {expiry.default_ms}, {expiry.max_ms} is out of order")
    if rule.queryable and (FetchOrder, product) not in subject.adapter.endpoints:
        yield Finding(PLACEMENT, where, "says `queryable`, but get_order is not in the table")


def client_ids(subject: Subject) -> Iterator[Finding]:
    """The rule can be kept by ids of ours and keeps out what could break a request."""
    rule = subject.adapter.client_ids
    try:
        re.compile(rule.pattern)
    except re.error as error:
        yield Finding(CLIENT_IDS, "client_ids", f"{rule.pattern!r} is no regular expression: {error}")
        return
    try:
        OrderIds(1).next(rule)
    except VenueError:
        room = f"{rule.pattern!r} within {rule.max_length} characters"
        yield Finding(CLIENT_IDS, "client_ids", f"no id of ours fits {room}")
    for about in ("a line break", "a NUL", "half a character"):
        if re.fullmatch(rule.pattern, WORDS[about]):
            yield Finding(CLIENT_IDS, "client_ids", f"{rule.pattern!r} lets in {about}")
