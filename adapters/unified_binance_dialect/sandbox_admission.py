"""How a simulated venue lets a request in: parameters, key, timestamp, signature. Runs no endpoint.

Rules: spot `rest-api.md`, "SIGNED endpoint security" and the age checks before the engine (2025-06-06 and
2025-08-28); USD-M "General Info" (2026-05-28), whose engine answers -5028.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import unquote_plus

from unified.sandbox.dialect import Incoming, RequestClass
from unified_binance_dialect.sandbox_calls import Door, Endpoint, Fields, Refusal, Security, error, missing, not_valid
from unified_binance_dialect.sandbox_keys import Holder

_TOO_LATE = {-1021: "Timestamp for this request is outside of the recvWindow."}
_TOO_LATE[-5028] = "Timestamp for this request is outside of the ME recvWindow."
CLOCK_CODES = tuple(_TOO_LATE)
"""What a request is refused with for its timestamp."""
_TOO_OLD = error(-1021, _TOO_LATE[-1021])
_TOO_EARLY = error(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
_BAD_KEY = error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
_AHEAD_US = 1_000_000
_USUAL_WINDOW_MS = Decimal(5000)
LONGEST_WINDOW_MS = Decimal(60_000)
_MICROSECONDS_FROM = 10**15
"""A timestamp at least so large is one of microseconds."""
_KEY = re.compile(r"[A-Za-z0-9-]+")
_SIGNATURE = re.compile(r"(?:^|&)signature=[^&]*")
_SQL = re.compile(r"\b(union|select|insert|drop)\s", re.IGNORECASE)
"""What the gateway's filter takes for an attack."""
_SIGNING = frozenset({"timestamp", "signature", "recvWindow"})


# --- parameters


def is_suspicious(incoming: Incoming) -> bool:
    """The gateway's filter would stop it."""
    return _SQL.search(unquote_plus(f"{incoming.query}&{incoming.body.decode('utf-8', 'replace')}")) is not None


def fields_of(incoming: Incoming) -> Fields:
    """Query and form as one; the query wins."""
    return Fields({**incoming.form_fields(), **incoming.query_fields()})


def check_repeats(incoming: Incoming) -> None:
    for text in (incoming.query, incoming.body.decode("utf-8", "replace")):
        names = [part.partition("=")[0] for part in text.split("&") if part]
        if len(names) != len(set(names)):
            raise Refusal(-1101, "Duplicate values for a parameter detected.")


def check_names(fields: Fields, endpoint: Endpoint, door: Door) -> None:
    """What must be there is, nothing is empty, and a strict door has read it all."""
    for name in endpoint.must:
        fields.text(name)
    for name in fields:
        if not fields.get(name):
            raise Refusal(-1105, f"Parameter '{name}' was empty.")
    is_signed = endpoint.security in (Security.READ, Security.TRADE)
    known = endpoint.known | _SIGNING if is_signed else endpoint.known
    sent = len(list(fields))
    read = sum(name in known for name in fields)
    if read == sent or not door.reads_all:
        return
    if not known:
        raise Refusal(-1101, f"Too many parameters; expected '0' and received '{sent}'.")
    raise Refusal(-1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'.")


def unit_us(incoming: Incoming, door: Door) -> int:
    """Microseconds in one unit of the answer's times; most doors know milliseconds only."""
    wanted = incoming.header("x-mbx-time-unit").upper()
    if not door.microseconds or wanted in ("", "MILLISECOND"):
        return 1000
    if wanted != "MICROSECOND":
        raise Refusal(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.")
    return 1


# --- timestamp


def check_time(fields: Fields, door: Door, endpoint: Endpoint, *, came_us: int, now_us: int) -> None:
    """Judge the timestamp as the request came and, where it was held up, again before the engine.

    Both times are what the door's clock showed.
    """
    stamp_us, window_us = _timestamp_us(fields, door), _window_us(fields, door)
    if stamp_us >= came_us + _AHEAD_US:
        raise _TOO_EARLY()
    if came_us - stamp_us > window_us:
        raise _TOO_OLD()
    if door.judges_twice and now_us - stamp_us > window_us:
        code = door.late_code if endpoint.kind is RequestClass.ORDER else -1021
        raise Refusal(code, _TOO_LATE[code])


def _timestamp_us(fields: Fields, door: Door) -> int:
    stamp = fields.whole("timestamp")
    if stamp is None:
        raise missing("timestamp")
    return stamp if door.microseconds and stamp >= _MICROSECONDS_FROM else stamp * 1000


def _window_us(fields: Fields, door: Door) -> int:
    window = fields.number("recvWindow")
    if window is None:
        window = _USUAL_WINDOW_MS
    if door.window_refusal is not None and window > LONGEST_WINDOW_MS:
        raise door.window_refusal()
    if not door.microseconds and window != window.to_integral_value():
        raise not_valid("recvWindow")
    return int(window * 1000)


# --- key and signature


def check_key_format(incoming: Incoming) -> None:
    if _KEY.fullmatch(incoming.header("x-mbx-apikey")) is None:
        raise Refusal(-2014, "API-key format invalid.", 401)


def known_holder(incoming: Incoming, holders: Mapping[str, Holder]) -> Holder:
    """Whose key it is. Raises Refusal."""
    holder = holders.get(incoming.header("x-mbx-apikey"))
    if holder is None:
        raise _BAD_KEY()
    return holder


def holder_of(
    incoming: Incoming, holders: Mapping[str, Holder], fields: Fields, endpoint: Endpoint, door: Door
) -> Holder:
    """Who signed the request with a key that may do this."""
    holder = known_holder(incoming, holders)
    in_place = not door.signature_last or _is_last(incoming)
    signed = incoming.session or (in_place and holder.matches(_signed_text(incoming), fields.text("signature")))
    if not signed:
        raise Refusal(-1022, "Signature for this request is not valid.")
    if endpoint.security is Security.TRADE and not holder.may_trade:
        raise _BAD_KEY()
    return holder


def _signed_text(incoming: Incoming) -> bytes:
    """Query and body as they were sent, without anything between them and without the signature itself."""
    parts = (incoming.query, incoming.body.decode("latin-1"))
    return "".join(_SIGNATURE.sub("", part) for part in parts).encode("latin-1")


def _is_last(incoming: Incoming) -> bool:
    """Whether the signature stands at the very end."""
    whole = incoming.body.decode("latin-1") or incoming.query
    return whole.rpartition("&")[2].startswith("signature=")
