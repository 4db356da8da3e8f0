"""The comparison of requests itself: what is alike is found alike, and one changed word is found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from attrs import evolve

from tests.fidelity.intents import Intent, intents
from tests.fidelity.sending import differences, signs_alike, stamp_of
from tests.fidelity.stage import Exchange
from tests.fidelity.views import View
from tests.fidelity.walking import Walker
from tests.fidelity.wanting import operation
from tests.toy import world
from unified.adapter import Adapter, AdapterSettings, Endpoint, Stamp
from unified.client import Client
from unified.instrument import Instrument, Instruments, Product
from unified.operations import Operation
from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import sandbox_class
from unified.secret import Credentials, Secret
from unified.testing.loop import run
from unified_kraken import Kraken
from unified_okx import Okx

OURS = Credentials(key="dummy", secret=Secret("ZHVtbXk="), passphrase=Secret("dummy"))
OTHERS = Credentials(key="dummy", secret=Secret("b3RoZXI="), passphrase=Secret("dummy"))
NOW_MS = 1_795_262_400_000
STAMP = Stamp(time_ms=NOW_MS, window_ms=5_000, nonce=77, token="0" * 32)
BTC = Instrument(
    symbol="BTC-USDT",
    product=Product.SPOT,
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.1"),
    lot_size=Decimal("0.00001"),
)
LISTING = Instruments([BTC])
NOTHING = View(now_ms=NOW_MS, market={}, balances={}, order={}, fills={})
TIME: Intent = {"do": "time"}
WANTED = intents("okx", Product.SPOT, "0.02", NOW_MS // 1000)

(LIMIT,) = (intent for intent in WANTED if intent["name"] == "limit buy GTC")


def adapter_of(venue: str) -> Adapter:
    settings = AdapterSettings(credentials=OURS)
    return Okx(settings) if venue == "okx" else Kraken(settings)


def sent_by_ours(venue: str, intent: Intent = LIMIT) -> Incoming:
    """Our own request, as it would arrive."""
    adapter, wanted = adapter_of(venue), operation(intent, BTC, LISTING)
    how = adapter.endpoints[type(wanted), wanted.product]
    assert isinstance(how, Endpoint)
    request = how.build(wanted, STAMP)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Incoming(
        door="rest",
        method=request.method,
        path=request.path,
        query=request.query,
        headers={**headers, "host": urlsplit(request.base).netloc, "user-agent": "somebody"},
        body=request.body,
    )


def found(venue: str, incoming: Incoming, intent: Intent = LIMIT) -> list[str]:
    exchange = Exchange(incoming=incoming, answer=Outgoing(), view=NOTHING)
    return differences(intent, [exchange], [operation(intent, BTC, LISTING)], adapter_of(venue))


@pytest.mark.parametrize("venue", ["okx", "kraken"])
def test_the_same_request_has_no_difference(venue: str) -> None:
    assert found(venue, sent_by_ours(venue)) == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        pytest.param({"body": (b'"side":"buy"', b'"side":"sell"')}, "differs: side: sell, ours buy", id="a value"),
        pytest.param(
            {"body": (b'"px":"50000"', b'"px":50000')},
            "differs: px: 50000 (no text), ours 50000",
            id="a number for a text",
        ),
        pytest.param({"body": (b'"ordType"', b'"type"')}, "ours: ordType", id="a name"),
        pytest.param({"body": (b'"sz":"0.02"', b'"sz":""')}, "theirs: empty fields", id="nothing for a value"),
        pytest.param({"path": ("/order", "/orders")}, "path: POST /api/v5/trade/orders", id="a path"),
        pytest.param({"method": ("POST", "PUT")}, "path: PUT /api/v5/trade/order", id="a method"),
    ],
)
def test_one_changed_word_is_found(changed: dict[str, tuple[str, str]], word: str) -> None:
    incoming = sent_by_ours("okx")
    for name, (old, new) in changed.items():
        incoming = evolve(incoming, **{name: getattr(incoming, name).replace(old, new)})
    assert [one for one in found("okx", incoming) if one.startswith(word)]


def several(*sent: Incoming, steps: Sequence[Operation[Any]]) -> list[str]:
    """The differences of some requests from some of ours."""
    exchanges = [Exchange(incoming=one, answer=Outgoing(), view=NOTHING) for one in sent]
    return differences(LIMIT, exchanges, list(steps), adapter_of("okx"))


def test_all_requests_of_both_sides_are_compared() -> None:
    one, other = sent_by_ours("okx"), sent_by_ours("okx", TIME)
    steps = [operation(LIMIT, BTC, LISTING), operation(TIME, BTC, LISTING)]
    assert several(one, other, steps=steps) == several(other, one, steps=steps) == []
    assert several(one, steps=steps) == ["ours: also GET /api/v5/public/time"]
    assert several(one, other, steps=steps[:1]) == ["theirs: also GET /api/v5/public/time"]
    assert several(one, evolve(other, query="x=1"), steps=steps) == ["theirs: x"]


def test_requests_of_one_path_are_compared_with_those_that_are_most_alike() -> None:
    sell = {**LIMIT, "side": "sell", "client_id": "another"}
    steps = [operation(sell, BTC, LISTING), operation(LIMIT, BTC, LISTING)]
    assert several(sent_by_ours("okx"), steps=steps) == ["ours: also POST /api/v5/trade/order"]


def test_another_host_and_header_are_found() -> None:
    incoming = sent_by_ours("okx")
    headers = {name: value for name, value in incoming.headers.items() if name != "exptime"}
    words = found("okx", evolve(incoming, headers={**headers, "host": "elsewhere.example", "x-more": "1"}))
    assert words == ["host: elsewhere.example, ours openapi.okx.com", "ours: header exptime", "theirs: header x-more"]


def test_a_list_that_is_written_into_a_parameter_is_compared_item_by_item() -> None:
    incoming = evolve(sent_by_ours("okx"), body=b"", query="orders=" + quote('[{"px":"1"},{"px":2}]'))
    assert {"theirs: orders[0].px", "theirs: orders[1].px"} <= set(found("okx", incoming))


def test_moments_are_told_by_their_distance_so_that_the_list_holds_on_every_day() -> None:
    (closed,) = [intent for intent in WANTED if intent["name"] == "closed orders of a span"]
    incoming = sent_by_ours("okx", closed)
    moved = incoming.query.replace(f"begin={closed['start_s'] * 1000 - 1}", f"begin={closed['start_s'] * 1000}")
    assert found("okx", evolve(incoming, query=moved), closed) == ["differs: begin: start ms, ours start-1 ms"]


@pytest.mark.parametrize("venue", ["okx", "kraken"])
def test_signatures_are_compared_with_the_same_key_and_bytes(venue: str) -> None:
    incoming = sent_by_ours(venue)
    assert signs_alike(venue, OURS, incoming) is True
    assert signs_alike(venue, OTHERS, incoming) is False
    assert signs_alike(venue, OURS, evolve(incoming, body=incoming.body + b" ")) is False
    assert signs_alike(venue, OURS, evolve(incoming, headers={})) is None


def test_the_stamp_is_read_from_their_request() -> None:
    assert stamp_of(sent_by_ours("kraken")).nonce == STAMP.nonce
    assert stamp_of(sent_by_ours("okx")).time_ms == STAMP.time_ms
    assert stamp_of(evolve(sent_by_ours("okx"), headers={}), NOW_MS + 1).time_ms == NOW_MS + 1


# --- the walk


async def walked(intent: Intent) -> list[str]:
    """The operations that an intent becomes at OKX's sandbox."""
    dialect = sandbox_class("okx")(Setting(now=asyncio.get_running_loop().time))
    network, known = SandboxNetwork(dialect), dialect.accounts[0].credentials
    client = Client(Okx, transport=network.transport(), world=world(), endpoint=network.urls, credentials=known)
    async with client:
        listing = Instruments(await client.instruments())
        walker = Walker(adapter=Okx(AdapterSettings(credentials=known)), client=client)
        steps = await walker.walk(operation(intent, listing.of("BTC-USDT", Product.SPOT), listing), NOW_MS)
    return [step.name for step in steps]


def test_a_walk_goes_on_as_our_client_would() -> None:
    (query,) = (intent for intent in WANTED if intent["name"] == "order by venue id")
    (dated,) = (intent for intent in WANTED if intent["name"] == "limit buy GTD")
    assert run(walked(LIMIT)) == ["place_order"]
    assert run(walked(query)) == ["get_order", "get_stop"]
    assert run(walked(dated)) == [], "OKX has no orders till a date"
