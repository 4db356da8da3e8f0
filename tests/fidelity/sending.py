"""Compares the requests that a client sent with those that our adapter builds for the same intent and moment.

Our stamp is made of what stands in theirs (time, window, nonce), so that whatever can be equal is equal; and their
very bytes are signed again by our own code, which must come to their signature. Explains nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from attrs import frozen

from tests.fidelity.intents import Intent
from tests.fidelity.stage import Exchange
from unified.adapter import Adapter, Endpoint, Stamp
from unified.http import Method
from unified.operations import Operation
from unified.sandbox.dialect import Incoming
from unified.secret import Credentials
from unified_binance_dialect.auth import Auth as BinanceAuth
from unified_bybit.auth import Auth as BybitAuth
from unified_kraken.auth import Auth as KrakenAuth
from unified_okx.auth import Auth as OkxAuth

_TRANSPORT = {"host", "user-agent", "accept", "accept-encoding", "accept-language", "connection", "content-length"}
"""Headers that belong to the HTTP client and mean nothing to a venue."""
_SIGNATURES = {"api-sign", "ok-access-sign", "x-bapi-sign", "authorization", "signature"}


@frozen(kw_only=True)
class Request:
    """One request as things that can be compared one by one."""

    host: str
    path: str
    """With its method."""
    fields: Mapping[str, str]
    headers: Mapping[str, str]


def differences(intent: Intent, sent: list[Exchange], steps: list[Operation[Any]], adapter: Adapter) -> list[str]:
    """In short words: `theirs: x` and `ours: x` for what only one side sends, `differs: x: a, ours b` for values.

    All requests of theirs beside all of `steps`, which are ours.
    """
    if not steps or not sent:
        return [word for word, is_so in (("theirs: nothing", not sent), ("ours: nothing", not steps)) if is_so]
    found = [word for theirs, ours in _paired(sent, steps, adapter) for word in _words(theirs, ours, adapter)]
    return sorted({_timeless(word, intent) for word in found})


_Pair = tuple[Exchange | None, Operation[Any] | None]


def _paired(sent: list[Exchange], steps: list[Operation[Any]], adapter: Adapter) -> Iterator[_Pair]:
    """The same questions first, those that are most alike; then what is left of both, as far as it goes."""
    left, alone = list(steps), list[Exchange]()
    for one in sent:
        path = _path(one.incoming)
        same = [step for step in left if _built(adapter, step, _stamp({}, 0)).path == path]
        if same:
            nearest = min(same, key=lambda step: len(list(_words(one, step, adapter))))
            left.remove(nearest)
            yield one, nearest
        else:
            alone.append(one)
    yield from zip_longest(alone, left)


def _words(theirs: Exchange | None, ours: Operation[Any] | None, adapter: Adapter) -> Iterator[str]:
    if theirs is None:
        assert ours is not None
        yield f"ours: also {_built(adapter, ours, _stamp({}, 0)).path}"
    elif ours is None:
        yield f"theirs: also {_path(theirs.incoming)}"
    else:
        same_moment = stamp_of(theirs.incoming, theirs.view.now_ms)
        yield from _differences(_incoming(theirs.incoming), _built(adapter, ours, same_moment))


def _differences(theirs: Request, ours: Request) -> Iterator[str]:
    if theirs.host != ours.host:
        yield f"host: {theirs.host}, ours {ours.host}"
    if theirs.path != ours.path:
        yield f"path: {theirs.path}, ours {ours.path}"
        if not (theirs.path.endswith("/batch-orders") and ours.path.endswith("/order")):
            return  # another question has other fields; only a batch of one has the same
    filled = {name: value for name, value in theirs.fields.items() if value or name in ours.fields}
    if len(filled) < len(theirs.fields) or any(filled[name] == "" for name in filled if ours.fields.get(name)):
        yield "theirs: empty fields"
    filled = {name: value for name, value in filled.items() if value or not ours.fields.get(name)}
    yield from _unlike("", filled, ours.fields)
    yield from _unlike("header ", theirs.headers, ours.headers)


def _unlike(kind: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[str]:
    yield from (f"theirs: {kind}{name}" for name in theirs if name not in ours)
    yield from (f"ours: {kind}{name}" for name in ours if name not in theirs)
    both = [name for name in theirs if name in ours and theirs[name] != ours[name]]
    yield from (f"differs: {kind}{name}: {_MADE_UP.sub('...', theirs[name])}, ours {ours[name]}" for name in both)


def _timeless(word: str, intent: Intent) -> str:
    """The same on every day: moments near the ends of the span are told by their distance."""
    if "start_s" in intent:
        return _MOMENT.sub(lambda found: _distance(found[0], intent), word)
    moments = [int(found[0]) for found in _SECOND.finditer(word)]
    if intent["do"] == "candles" and len(moments) == 2:
        apart = abs(moments[1] - moments[0]) < INTERVALS_S[intent.get("interval", "1m")]
        return _SECOND.sub("a second", word) + (" of the same candle" if apart else " of another candle")
    return word


_MOMENT = re.compile(r"\b\d{10}(?:\d{3})?\b|\b\d{4}-\d\d-\d\dT[\d:.]+Z")


def _distance(text: str, intent: Intent) -> str:
    is_text, unit = "T" in text, 1 if len(text) == 10 else 1000
    moment = _iso_ms(text) if is_text else int(text)
    form = f" as text of {len(text)}" if is_text else " s" if unit == 1 else " ms"
    for name in ("start", "end"):
        apart = (moment or 0) - intent[f"{name}_s"] * unit
        if abs(apart) <= 120 * unit:
            return f"{name}{f'{apart:+}' if apart else ''}{form}"
    return text


_SECOND = re.compile(r"\b\d{10}\b")
INTERVALS_S = {"1m": 60, "15m": 900, "1h": 3_600, "6h": 21_600, "1d": 86_400, "1w": 604_800, "1M": 2_678_400}

_MADE_UP = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
"""Ids that a client draws by itself."""


# --- theirs


def _path(incoming: Incoming) -> str:
    return f"{incoming.method} {incoming.path}"


def _incoming(incoming: Incoming) -> Request:
    headers = {name: value for name, value in incoming.headers.items() if name not in _TRANSPORT}
    return _request(incoming.method, incoming.header("host"), incoming.path, incoming.query, incoming.body, headers)


def stamp_of(incoming: Incoming, now_ms: int = 0) -> Stamp:
    """The stamp with which our request would be of the same moment; `now_ms` where theirs tells none."""
    found = {**_fields(incoming.query, incoming.body), **incoming.headers}
    return _stamp(found, now_ms)


def _stamp(found: Mapping[str, str], now_ms: int) -> Stamp:
    time_ms = found.get("timestamp") or found.get("x-bapi-timestamp") or _iso_ms(found.get("ok-access-timestamp", ""))
    window_ms = found.get("recvWindow") or found.get("x-bapi-recv-window") or 5_000
    return Stamp(
        time_ms=int(time_ms or now_ms), window_ms=int(window_ms), nonce=int(found.get("nonce", 1)), token="0" * 32
    )


def _iso_ms(text: str) -> int | None:
    return round(datetime.fromisoformat(text).timestamp() * 1000) if text else None


# --- ours


def _built(adapter: Adapter, operation: Operation[Any], stamp: Stamp) -> Request:
    how = adapter.endpoints[type(operation), operation.product]
    assert isinstance(how, Endpoint)
    request = how.build(operation, stamp)
    host = urlsplit(request.base).netloc
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers = {name: value for name, value in headers.items() if name not in _TRANSPORT}
    return _request(request.method, host, request.path, request.query, request.body, headers)


# --- both


def _request(method: str, host: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> Request:
    fields = _fields(query, body)
    shown = {name: value for name, value in headers.items() if name not in _SIGNATURES}
    signed = {name: "" for name in headers if name in _SIGNATURES}
    if headers.get("authorization", "").startswith("Bearer "):
        fields |= _claims(headers["authorization"].removeprefix("Bearer "))
    if "signature" in fields:
        fields["signature"] = ""
    # Both signatures are of other bytes wherever anything else differs: see `signs_alike`.
    return Request(host=host, path=f"{method} {path}", fields=fields, headers={**shown, **signed})


def _fields(query: str, body: bytes) -> dict[str, str]:
    """Query and body, flat; a repeated name has all its values, a list of one is what is in it."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if body[:1] in (b"{", b"["):
        content = json.loads(body)
        pairs += _leaves("", content[0] if isinstance(content, list) and len(content) == 1 else content)
    elif body:
        pairs += parse_qsl(body.decode(), keep_blank_values=True)
    pairs = [leaf for name, value in pairs for leaf in _opened(name, value)]
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]},{value}" if name in fields else value
    return fields


def _opened(name: str, value: str) -> Iterator[tuple[str, str]]:
    """A parameter that is JSON itself, as a list of orders is in a query, by its leaves."""
    yield from _leaves(name, json.loads(value)) if value[:1] in ("[", "{") else ((name, value),)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A JSON value as flat fields; a number and its text are told apart."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}" if name else key, inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{name}[{number}]", inner)
    elif value is None or isinstance(value, str):
        yield name, value or ""
    else:
        yield name, f"{json.dumps(value)} (no text)"


def _claims(token: str) -> dict[str, str]:
    """A token's header and claims; of its times only how long it lives."""
    head = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    life = str(claims.pop("exp") - claims.pop("nbf"))
    claims.pop("iat", None)
    named = {f"claim {name}": json.dumps(value) for name, value in claims.items()}
    return {**named, "claim life": life, "token alg": head["alg"], "token kid": head["kid"]}


# --- signatures


def signs_alike(venue: str, credentials: Credentials, incoming: Incoming) -> bool | None:
    """Whether our code signs the client's very bytes as the client did; None where it did not sign."""
    stamp, target = stamp_of(incoming), incoming.path + (f"?{incoming.query}" if incoming.query else "")
    match venue:
        case "kraken" if "api-sign" in incoming.headers:
            signed = KrakenAuth(credentials).signed(incoming.path, str(stamp.nonce), incoming.body, "")
            return signed.headers["API-Sign"] == incoming.header("api-sign")
        case "okx" if "ok-access-sign" in incoming.headers:
            headers = OkxAuth(credentials).headers(Method(incoming.method), target, incoming.body, stamp)
            return headers["OK-ACCESS-SIGN"] == incoming.header("ok-access-sign")
        case "bybit" if "x-bapi-sign" in incoming.headers:
            headers = BybitAuth(credentials).headers(incoming.body or incoming.query.encode(), stamp)
            return headers["X-BAPI-SIGN"] == incoming.header("x-bapi-sign")
        case "binance" if "signature=" in incoming.query + incoming.body.decode():
            text, _, signature = (incoming.query or incoming.body.decode()).rpartition("&signature=")
            return BinanceAuth(credentials).signature(text) == signature
    return None
