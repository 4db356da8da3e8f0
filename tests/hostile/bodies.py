"""The bodies that readers are fed: those of `unified.testing.hostile`, grown from answers and files. No test."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.adapters.recordings import recordings
from tests.adapters.tried import tried
from tests.shared import shared_path
from unified import records
from unified.errors import Outcome, Scope
from unified.records import ShutRecord, SpentRecord
from unified.testing.hostile import HostileBody, bodies, damaged

TOML = b"""[main]
adapter = "binance"
environment = "testnet"
endpoint = { spot = "http://127.0.0.1:8080", linear = "http://127.0.0.1:8080" }
credentials = { key = "plain:a-dummy-key", secret = "plain:a-dummy-secret" }
options = {}

[main.retry]
attempts = 5

[main.deadlines]
call = 2.5

[main.journal]
file = "orders.journal"
mode = "durable"

[main.transport]
proxy = "http://user:a-dummy-password@127.0.0.1:3128"
connections = 8
"""
BROKEN_TOML = {
    "lists in lists": b"a = " + b"[" * 20_000,
    "tables in tables": b"a = " + b"{a=" * 20_000,
    "a number of many digits": b"[main]\nadapter = " + b"9" * 5_000,
    "a key of many parts": b"[main]\n" + b"a." * 5_000 + b"b = 1",
    "a float beyond floats": b'[main]\nadapter = "binance"\n[main.deadlines]\ncall = 1e400',
    "not a number": b'[main]\nadapter = "binance"\n[main.deadlines]\ncall = nan',
    "the same key twice": b'[main]\nadapter = "binance"\nadapter = "okx"',
    "a section twice": b"[main]\n[main]\n",
    "a NUL in a path": b'[main]\nadapter = "binance"\ncredentials = { key = "plain:k", secret = "file:a\\u0000b" }',
    "the home of nobody": b'[main]\nadapter = "binance"\n'
    b'credentials = { key = "plain:k", secret = "file:~no-such-user/x" }',
    "an adapter from a path": b'[main]\nadapter = "../../etc"',
    "a huge text": b'[main]\nadapter = "' + b"x" * 500_000 + b'"',
    "an address with a line break": b'[main]\nadapter = "binance"\nendpoint = "http://127.0.0.1\\r\\nX: 1"',
    "an address that is none": b'[main]\nadapter = "binance"\nendpoint = "http://[::1"',
    "a port beyond ports": b'[main]\nadapter = "binance"\nendpoint = "http://127.0.0.1:99999"',
    "a date": b"[main]\nadapter = 2026-01-01",
}
"""Files that nobody would get right by cutting and changing a good one."""


SAID = (
    records.opened("binance", "account"),
    records.ended("a", Outcome.DONE),
    records.limited(
        SpentRecord(
            bucket="weight",
            key="",
            rule="FixedWindow 60",
            door="spot",
            used=10.0,
            under_way=1.0,
            until_ms=1_900_000_000_000,
            arrives_ms=1_900_000_000_000,
        )
    ),
    records.limited(ShutRecord(scope=Scope.IP, key="", banned=True, until_ms=1_900_000_000_000)),
)


def journal() -> bytes:
    """A journal with one order that is over, and limits that were handed on."""
    return b"".join(map(records.framed, SAID))


def answers(venue: str, *, seed: int, count: int) -> Iterator[HostileBody]:
    """Bodies from scratch, and `count` damaged copies of each answer that is at hand."""
    found = [text.encode() for text in _answers_at_hand(venue)]
    texts = [text if len(text) < 20_000 else _shorter(text) for text in dict.fromkeys(found)]
    yield from bodies(texts, seed=seed, count=count)


def _answers_at_hand(venue: str) -> list[str]:
    """Recorded ones; the sandbox's where nothing was recorded."""
    if shared_path("corpus", venue) is None:
        return list(tried(venue).heard)
    return [one.text for one in recordings(venue)]


def _shorter(text: bytes) -> bytes:
    """A long listing with the first rows of every list."""

    def cut(value: object) -> object:
        if isinstance(value, dict):
            return {name: cut(inner) for name, inner in list(value.items())[:60]}
        return [cut(inner) for inner in value[:2]] if isinstance(value, list) else value

    return json.dumps(cut(json.loads(text))).encode()


def files(*, seed: int, count: int) -> Iterator[HostileBody]:
    """Files of every kind, damaged."""
    yield from bodies((TOML, journal(), *_CATALOGUE, *_RECORDINGS), seed=seed, count=count)
    for about, body in BROKEN_TOML.items():
        yield HostileBody(about, body)
    for number, payload in enumerate(SAID):
        for hostile in damaged(payload, seed=seed + number, count=count):
            framed = records.framed(records.opened("binance", "account")) + records.framed(hostile.body or b"0")
            yield HostileBody(f"a record with {hostile.about}", framed)


_RECORDINGS = (
    b'GET /ticker?symbol=BTC-EUR HTTP/1.1\naccept: application/json\n\nHTTP/1.1 200\na: b\n\n{"last": "60000.0"}\n',
    b'{"method": "GET", "path": "/ticker?symbol=BTC-EUR", "response": {"last": "60000.0"}}',
)
_CATALOGUE = (
    b"code,surface,http,contains,name,kind,outcome,scope,hint,sure\n-1003,,429,,TOO_MANY,rate_limited,,ip,Wait.,yes\n",
)
