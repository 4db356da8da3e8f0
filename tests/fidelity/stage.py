"""Where other people's clients play: one sandbox on loopback sockets, and a program in their own environment.

The sandbox is served as `unified sandbox` serves it. Each program (`clients/`) names a step before it takes it, so
that every request, its answer and what the engine showed afterwards are kept under that step. Judges nothing: see
`test_clients.py` and `test_requests.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import define, field, frozen

from tests.fidelity.shown import Shown
from tests.fidelity.tunnel import Tunnel, secured
from tests.fidelity.views import View
from tests.unified.transport.servers import Authority
from unified.instrument import Product
from unified.sandbox.dialect import Dialect, Incoming, Outgoing, Setting
from unified.sandbox.reception import Delivery, Reception
from unified.sandbox.registry import sandbox_class
from unified.sandbox.server import SandboxServer

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 150


@frozen(kw_only=True)
class Venue:
    """What the stage needs to know of a venue: its hosts, and where its clients trade."""

    hosts: Mapping[str, str]
    """Host that clients ship with -> door of the sandbox."""
    symbols: Mapping[Product, str]
    """The engine's symbol of the instrument that is traded."""
    quantities: Mapping[Product, str] = field(factory=dict)
    """Of the orders that are placed; 0.02 of the base where nothing stands here."""
    in_contracts: bool = False
    """It counts perpetuals in contracts."""
    book_places: int | None = None
    """To how many decimals its books show quantities; None for all."""
    shows_running_candle: bool = False
    """Whether it promises the candle of the running minute even where nothing was traded in it."""
    currencies: Mapping[str, str] = field(factory=dict)
    """The engine's name of a currency -> the name that clients have for it, where they differ."""


VENUES: Mapping[str, Venue] = {
    "kraken": Venue(
        hosts={"api.kraken.com": "rest"},
        symbols={Product.SPOT: "XXBTZUSD"},
        book_places=3,
        shows_running_candle=True,
        currencies={"ZUSD": "USD", "XXBT": "BTC"},
    ),
    "okx": Venue(
        hosts={"www.okx.com": "rest", "openapi.okx.com": "rest"},
        symbols={Product.SPOT: "BTC-USDT", Product.LINEAR: "BTC-USDT-SWAP"},
        quantities={Product.LINEAR: "2"},
        in_contracts=True,
    ),
    "bybit": Venue(
        hosts={"api.bybit.com": "rest", "stream.bybit.com": "rest"},
        symbols={Product.SPOT: "BTCUSDT", Product.LINEAR: "BTCUSDT"},
    ),
    "coinbase": Venue(hosts={"api.coinbase.com": "rest"}, symbols={Product.SPOT: "BTC-USD"}),
    "binance": Venue(
        hosts={"api.binance.com": "spot", "fapi.binance.com": "linear"},
        symbols={Product.SPOT: "BTCUSDT", Product.LINEAR: "BTCUSDT"},
    ),
}


@frozen(kw_only=True)
class Exchange:
    """One request, its answer, and what the engine showed when it was answered."""

    incoming: Incoming
    answer: Outgoing
    view: View


@frozen(kw_only=True)
class Played:
    """What one program told, and what the venue knows of it."""

    told: Mapping[str, Mapping[str, Any]]
    """Step -> `{"saw": ...}`, or `{"refused": {"as": ..., "text": ...}}`."""
    steps: Mapping[str, list[Exchange]]
    strays: tuple[str, ...]
    shown: Shown
    """What could be seen at the venue."""


def peers_python() -> Path:
    """The interpreter of the environment of other people's clients."""
    found = Path(os.environ.get("UNIFIED_PEERS", ROOT / ".venv-peers")) / "bin" / "python"
    if not found.exists():
        pytest.fail("other people's clients are not installed: run `make .venv-peers/.ready`", pytrace=False)
    return found


class _Reception(Reception):
    """Keeps what comes and goes under the step that the program has named."""

    def __init__(self, dialect: Dialect, venue: Venue, product: Product) -> None:
        super().__init__(dialect)
        self.step = ""
        self.steps: dict[str, list[Exchange]] = {}
        self._instrument = dialect.engine.instrument(product, venue.symbols[product])
        self._account = dialect.engine.accounts[dialect.accounts[0].name]
        self._unit = self._instrument.contract_size if venue.in_contracts else Decimal(1)

    async def receive(self, incoming: Incoming) -> Delivery:
        delivery = await super().receive(incoming)
        view = View.of(self.dialect.engine, self._instrument, self._account, self._unit)
        exchange = Exchange(incoming=incoming, answer=delivery.answer, view=view)
        self.steps.setdefault(self.step, []).append(exchange)
        return delivery


@define
class Stage:
    """One program against one sandbox."""

    client: str
    """Module in `clients/`."""
    name: str
    """Of the venue."""
    product: Product = Product.SPOT
    part: str = "playing"
    """Which play."""
    dialect: type[Dialect] | None = None
    """Another sandbox than the venue's own: a deliberate misreading."""
    more: Mapping[str, Any] = field(factory=dict)
    """Given to the program beside the accounts."""

    def run(self) -> Played:
        return asyncio.run(self._run())

    async def _run(self) -> Played:
        venue = VENUES[self.name]
        loop = asyncio.get_running_loop()
        # As `unified sandbox` does: a venue's time is the time of day here, because clients stamp with that.
        kind = self.dialect or sandbox_class(self.name)
        dialect = kind(Setting(now=loop.time, base_us=time.time_ns() // 1000))
        server = SandboxServer(dialect)
        server.reception = reception = _Reception(dialect, venue, self.product)
        instrument = dialect.engine.instrument(self.product, venue.symbols[self.product])
        shown = Shown(dialect.engine, instrument)
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(Path(folder))
            async with server:
                routes = {host: server.urls[door] for host, door in venue.hosts.items()}
                tls = authority.server(*routes, "127.0.0.1")
                async with AsyncExitStack() as stack:
                    tunnel = await stack.enter_async_context(Tunnel(tls, routes, _Director(reception)))
                    streams = {
                        door: {
                            "plain": base.replace("http://", "ws://"),
                            "secure": await stack.enter_async_context(secured(base, tls)),
                        }
                        for door, base in server.urls.items()
                    }
                    told = await self._perform(tunnel.url, authority.file, dialect, streams)
        return Played(told=told, steps=reception.steps, strays=tuple(tunnel.strays), shown=shown)

    async def _perform(
        self, url: str, ca_file: Path, dialect: Dialect, streams: Mapping[str, Mapping[str, str]]
    ) -> dict[str, dict[str, Any]]:
        script = {
            "control": url,
            "venue": self.name,
            "product": self.product.value,
            "symbol": VENUES[self.name].symbols[self.product],
            "quantity": VENUES[self.name].quantities.get(self.product, "0.02"),
            "accounts": dict(_accounts(dialect)),
            "ca_file": str(ca_file),
            "streams": streams,
            **self.more,
        }
        runner = str(ROOT / "tests" / "fidelity" / "clients" / "run.py")
        process = await asyncio.create_subprocess_exec(
            str(peers_python()),
            *("-W", "ignore", runner, self.client, self.part),
            env=_environment(url, ca_file),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                out, err = await process.communicate(json.dumps(script).encode())
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode == 0, f"{self.client} at {self.name} failed:\n{err.decode()[-4000:]}"
        return {line.pop("step"): line for line in map(json.loads, out.decode().splitlines())}


@define
class _Director:
    """What a program may ask of the stage: `/step?name=...` and `/clock?seconds=...`."""

    reception: _Reception

    def __call__(self, path: str) -> None:
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if "step" in asked:
            self.reception.step = asked["step"]
        if "clock" in asked:
            dialect = self.reception.dialect
            dialect.engine.advance(dialect.clock.true_us())
            dialect.clock.step(float(asked["clock"]))


def _accounts(dialect: Dialect) -> Iterable[tuple[str, dict[str, str | None]]]:
    for number, account in enumerate(dialect.accounts):
        known = account.credentials
        yield (
            "main" if number == 0 else account.name,
            {
                "key": known.key,
                "secret": known.secret.reveal(),
                "passphrase": known.passphrase.reveal() if known.passphrase else None,
            },
        )


def _environment(url: str, ca_file: Path) -> dict[str, str]:
    """The variables by which HTTP clients find a proxy and an authority; nothing else of ours but the path."""
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE")
    trusted = dict.fromkeys(names, str(ca_file))
    proxy = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), url)
    return {"PATH": os.defpath, "NO_PROXY": "127.0.0.1", "PYTHONHASHSEED": "0", "LANG": "C.UTF-8", **trusted, **proxy}
