"""A canary as every secret: found in no error, log, journal, event, metric, snapshot or trace of any venue.

The story of each venue trades, is refused, loses answers and is lied to. What is searched for is every secret and every
signature, token and one-time code that was made on the way.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import evolve

from tests.canary import WATCH, Watch
from tests.toy import world
from tests.unified.test_telemetry import Seen
from unified.adapter import AdapterSettings
from unified.cli.jsons import plain
from unified.client import Client
from unified.config import ClientConfig
from unified.echoes import MASK, Spoken
from unified.errors import Fault, Kind, VenueError
from unified.feeds import Line, LoginRefused, Own, Refused, streams_of
from unified.instrument import Product
from unified.order import Order
from unified.registry import adapter_class
from unified.sandbox.dialect import Setting
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import installed, sandbox_class
from unified.sandbox.stream_faults import StreamPlan
from unified.secret import Credentials, Secret
from unified.settings import JournalSettings
from unified.telemetry import Telemetry
from unified.testing.loop import run

WRONG = "d3Jvbmctc2VjcmV0LXRoYXQtaXMtYS1jYW5hcnktYW5kLW5vLWR1bW15LW9mLWEtdmVudWU="
"""Base64, as one venue wants it; 64 bytes are no Ed25519 key, so that a venue of tokens refuses it at once."""


class Shown:
    """All that a program could print, log, keep or send on."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, value: Any) -> None:
        self.texts += [repr(value), str(value)]

    def add_error(self, error: BaseException) -> None:
        self.add(error)
        self.texts += [repr(pickle.dumps(error)), repr(vars(error)), repr(copy.copy(error))]
        whole = traceback.TracebackException.from_exception(error, capture_locals=True)
        self.texts += [line for line in _lines(whole) if "/tests/" not in line.partition("\n")[0]]

    def leaks(self, watch: Watch = WATCH) -> list[str]:
        return [text[:300] for text in self.texts if watch.seen_in(text)]


def _lines(told: traceback.TracebackException) -> Iterator[str]:
    yield from told.format()


async def _story(client: Client, shown: Shown) -> None:
    """What a trader does, whatever comes of it."""
    for signal in ("on_attempt", "on_wait", "on_error", "on_resync", "on_ban", "on_settled"):
        getattr(client.hooks, signal).add(shown.add)
    seen = Seen()
    async with client, Telemetry(client, tracer_provider=seen.tracers, meter_provider=seen.meters):
        product = client.products[0]
        await _tried(shown, client.instruments(product))
        name = "BTC/USD" if client.venue in ("coinbase", "kraken") else "BTC/USDT"
        name = name if product is Product.SPOT else f"{name}:USDT"
        await _tried(shown, client.balances(product))
        await _tried(shown, client.key_permissions(product))
        await _tried(shown, client.place_order(name, "buy", quantity="0.01", price="30000"))
        await _tried(shown, client.place_order(name, "buy", quantity="1000", price="30000"))
        await _tried(shown, client.cancel_all(product))
        for snapshot in (client, client.limits(), client.clock(), client.pending(), client.products):
            shown.add(snapshot)
        await asyncio.sleep(6)
    exported = seen.metrics()
    assert len(seen.spans()) > 3
    assert len(exported) > 3
    shown.add(exported)
    for span in seen.spans():
        shown.add(span.to_json())
    shown.add(client)


async def _tried(shown: Shown, call: Any) -> None:
    try:
        value = await call
    except VenueError as error:
        shown.add_error(error)
    else:
        shown.add(value)
        shown.add(plain(value))


def _client(venue: str, network: SandboxNetwork, credentials: Credentials, journal: Path) -> Client:
    config = ClientConfig(
        adapter=venue,
        credentials=credentials,
        endpoint=network.urls,
        journal=JournalSettings(file=str(journal), mode="process"),
    )
    return Client(config, transport=network.transport(), world=world())


def _played(venue: str, journal: Path, *, right: bool, faults: bool) -> Shown:
    shown = Shown()

    async def story() -> None:
        dialect = sandbox_class(venue)(Setting(now=asyncio.get_running_loop().time))
        network = SandboxNetwork(dialect, FaultPlan(Profile.HARSH, seed=3) if faults else None)
        known = dialect.accounts[0].credentials
        assert known.secret.reveal() in WATCH.secrets
        credentials = known if right else evolve(known, secret=Secret(WRONG))
        shown.add(credentials)
        await _story(_client(venue, network, credentials, journal), shown)
        shown.add(network.ledger.verdict())
        shown.add(vars(network.ledger))

    run(story())
    shown.add(journal.read_bytes())
    return shown


@pytest.mark.parametrize("venue", installed())
def test_nothing_shows_a_secret(venue: str, tmp_path: Path) -> None:
    newest = next(reversed(WATCH.made), None)
    shown = _played(venue, tmp_path / "journal", right=True, faults=True)
    assert len(shown.texts) > 20
    assert shown.leaks() == []
    if venue != "coinbase":  # its tokens are made by a library; its key is watched
        assert next(reversed(WATCH.made)) != newest


@pytest.mark.parametrize("venue", [name for name in installed() if name != "coinbase"])
def test_a_refused_key_shows_no_secret(venue: str, tmp_path: Path) -> None:
    shown = _played(venue, tmp_path / "journal", right=False, faults=False)
    assert WRONG in WATCH.secrets
    assert shown.leaks() == []


# --- streams

STREAMING = [name for name in installed() if streams_of(adapter_class(name)(AdapterSettings()))]


class Echoing:
    """A dialect that is told everything back: its address and what it has sent stand in every refusal."""

    def __init__(self, good: Any, sent: list[str]) -> None:
        self.good, self.sent = good, sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self.good, name)

    def login(self, ticket: Any) -> Any:
        return self._noted(self.good.login(ticket))

    def subscribe(self, watches: Any, ticket: Any) -> Any:
        return self._noted(self.good.subscribe(watches, ticket))

    def _noted(self, frames: Any) -> Any:
        self.sent += frames
        return frames

    def receive(self, frame: Any) -> Any:
        return [self._echo(event) for event in self.good.receive(frame)]

    def _echo(self, event: Any) -> Any:
        if isinstance(event, Refused | LoginRefused):
            fault = evolve(event.fault, message=f"{event.fault.message}: you said {' '.join(self.sent)}")
            return event._replace(fault=fault)
        if isinstance(event, Own) and isinstance(event.value, Order):
            refusal = Fault(kind=Kind.INVALID_ORDER, message=f"you said {' '.join(self.sent)}")
            return event._replace(value=evolve(event.value, refusal=refusal))
        return event


class Noting:
    """A way to streams that notes which one-time keys and tokens went over it, in addresses and in frames."""

    def __init__(self, dialer: Any) -> None:
        self.dialer, self.watch = dialer, Watch()

    async def connect(self, address: str, *, timeout: float) -> Any:
        self._note(address)
        socket = await self.dialer.connect(address, timeout=timeout)
        send = socket.send

        async def noted(frame: str) -> None:
            self._note(frame)
            await send(frame)

        socket.send = noted
        return socket

    def _note(self, text: str) -> None:
        for word in re.findall(r"[A-Za-z0-9+/_.-]{40,}={0,2}", text.rpartition("/ws/")[2]):
            self.watch.keep(word)

    async def aclose(self) -> None:
        await self.dialer.aclose()


def echoing(venue: str) -> Any:
    good = adapter_class(venue)

    def made(self: Any, settings: AdapterSettings) -> None:
        cast(Any, good).__init__(self, settings)
        lines = {feed.line: feed.line for feed in self.streams.values()}
        lines = {line: _told_back(line) for line in lines}
        self.streams = {key: evolve(feed, line=lines[feed.line]) for key, feed in self.streams.items()}

    return type("Echoing", (cast(Any, good),), {"__init__": made})


NAMED = {"bitzoom": "BTC/USDT:USDT", "coinbase": "BTC/USD", "kraken": "BTC/USD"}

LOGINS_ONLY = ("bitzoom",)
"""Where nothing is refused, and no order told, but the login of a stranger."""


def _told_back(line: Line) -> Line:
    sent: list[str] = []

    def path(access: Any) -> str:
        sent[:] = [line.path(access)]
        return sent[0]

    return evolve(line, dialect=lambda: Echoing(line.dialect(), sent), path=path)


def watched(venue: str, *, right: bool) -> tuple[Shown, Watch]:
    """Own and public streams through faults, at a venue that repeats whatever it was told."""
    shown = Shown()
    found: list[Noting] = []

    async def story() -> None:
        dialect = sandbox_class(venue)(Setting(now=asyncio.get_running_loop().time))
        streams = StreamPlan(Profile.HARSH, seed=3)
        network = SandboxNetwork(dialect, streams=streams)
        known = dialect.accounts[0].credentials
        credentials = known if right else evolve(known, secret=Secret(WRONG))
        dialer = Noting(network.dialer())
        found.append(dialer)
        client = Client(
            echoing(venue),
            credentials=credentials,
            endpoint=network.urls,
            transport=network.transport(),
            dialer=dialer,
            world=world(),
        )
        client.hooks.on_stream.add(shown.add)
        async with client:
            name = NAMED.get(venue, "BTC/USDT")
            product = Product.LINEAR if ":" in name else Product.SPOT
            taking = [
                asyncio.create_task(_taken(shown, stream))
                for stream in (client.watch_orders(product), client.watch_balances(product), client.watch_ticker(name))
            ]
            await asyncio.sleep(20)
            await _tried(shown, client.place_order(name, "buy", quantity="0.01", price="30000"))
            await asyncio.gather(*taking)
            shown.add(client.orders)
            for snapshot in (client, client.health(), client._hub):
                shown.add(snapshot)
        shown.add(vars(network.ledger))
        shown.add(vars(network))

    run(story())
    return shown, found[0].watch


async def _taken(shown: Shown, stream: Any) -> None:
    try:
        async with asyncio.timeout(120), stream:
            async for value in stream:
                shown.add(value)
    except TimeoutError:
        pass
    except VenueError as error:
        shown.add_error(error)


@pytest.mark.parametrize("right", [True, False], ids=["a good key", "a wrong secret"])
@pytest.mark.parametrize("venue", STREAMING)
def test_no_stream_shows_a_secret(venue: str, right: bool) -> None:
    if venue == "coinbase" and not right:
        pytest.skip("its key would not be taken for one")
    shown, spent = watched(venue, right=right)
    assert len(shown.texts) > 10
    assert shown.leaks() == []
    assert shown.leaks(spent) == []
    if right:  # else nothing may have been given that could be spent
        assert spent.secrets
    if right is (venue not in LOGINS_ONLY):
        assert any(MASK in text for text in shown.texts), "nothing was repeated: the story proves nothing"


def test_control_without_the_mask_the_story_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Spoken, "masked", lambda _self, fault: fault)
    shown, spent = watched("kraken", right=True)
    assert shown.leaks(spent)


# --- negative controls


def test_control_a_leak_of_any_kind_is_found() -> None:
    watch, secret, signature = Watch(), "a-canary-of-this-test", bytes(range(32))
    watch.keep(secret)
    watch.keep_signature(signature)
    for leak in (secret, f"GET /?signature={signature.hex()}&x=1", repr({"key": secret}), repr(secret.encode())):
        shown = Shown()
        shown.add(leak)
        assert shown.leaks(watch), leak
    assert not watch.seen_in("nothing of it")


def test_control_a_secret_in_a_traceback_with_locals_is_found() -> None:
    watch, shown = Watch(), Shown()
    watch.keep("a-canary-of-this-test")
    shown.texts += list(_lines(_broken("a-canary-of-this-test")))
    assert shown.leaks(watch)


def _broken(_secret: str) -> traceback.TracebackException:
    try:
        raise ValueError
    except ValueError as error:
        return traceback.TracebackException.from_exception(error, capture_locals=True)


def test_control_a_logged_secret_fails_the_test_that_logs_it() -> None:
    secret = Secret("a-dummy-that-is-logged-on-purpose")
    logging.getLogger("unified.orders").debug("placing with %s", secret.reveal())
    assert WATCH.leaked() == ["unified.orders: placing with %s"]
    logging.getLogger("unified.orders").debug("placing with %s", secret)
    assert WATCH.leaked() == []
