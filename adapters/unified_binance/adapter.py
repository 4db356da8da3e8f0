"""Binance at a glance: hosts, clocks, what it promises about orders, and the adapter made of its rooms.

Speaks no call: the table of calls is `endpoints.py`, which names the rooms where each is said and read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from unified.adapter import ClockRule, Dedup, Endpoints, Environment, Expiry, Limit, PlacementRule, StreamHost
from unified.catalogue import Misreading
from unified.entry import Entry
from unified.feeds import Streams
from unified.instrument import Product
from unified.operations import FetchKeyPermissions, FetchVenueStatus, Operation
from unified_binance import entry, market_data, stream
from unified_binance.endpoints import endpoints_of
from unified_binance.faults import FAULTS
from unified_binance.limits import COUNTS, LIMITS
from unified_binance.misreadings import MISREADINGS
from unified_binance.stream import streams_of
from unified_binance_dialect.adapter import Dialect
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.faults import Faults
from unified_binance_dialect.limits import Counts

SPOT, LINEAR = Product.SPOT, Product.LINEAR


def _streams(market: str, api: str, linear: str, linear_api: str) -> dict[str, StreamHost]:
    spot = {stream.MARKET: market, stream.USER: api, entry.SPOT_ORDERS: api}
    perpetuals = dict.fromkeys((stream.PUBLIC, stream.LINEAR_MARKET, stream.PRIVATE), linear)
    perpetuals[entry.LINEAR_ORDERS] = linear_api
    hosts = {name: StreamHost(base=base, door="spot") for name, base in spot.items()}
    return hosts | {name: StreamHost(base=base, door="linear") for name, base in perpetuals.items()}


ENVIRONMENTS = {
    "production": Environment(
        name="production",
        hosts={"spot": "https://api.binance.com", "linear": "https://fapi.binance.com"},
        streams=_streams(
            "wss://stream.binance.com:9443",
            "wss://ws-api.binance.com:443",
            "wss://fstream.binance.com",
            "wss://ws-fapi.binance.com",
        ),
        real_money=True,
    ),
    "testnet": Environment(
        name="testnet",
        hosts={"spot": "https://testnet.binance.vision", "linear": "https://demo-fapi.binance.com"},
        streams=_streams(
            "wss://stream.testnet.binance.vision",
            "wss://ws-api.testnet.binance.vision",
            "wss://demo-fstream.binance.com",
            "wss://testnet.binancefuture.com",
        ),
        real_money=False,
        about="Fake book, wiped about monthly; linear is the demo environment, the former testnet.",
    ),
    "demo": Environment(
        name="demo",
        hosts={"spot": "https://demo-api.binance.com", "linear": "https://demo-fapi.binance.com"},
        streams=_streams(
            "wss://demo-stream.binance.com",
            "wss://demo-ws-api.binance.com",
            "wss://demo-fstream.binance.com",
            "wss://testnet.binancefuture.com",
        ),
        real_money=False,
        about="Realistic prices, play money.",
    ),
}


_CLOCK = ClockRule(
    window_ms=5000,
    max_window_ms=60_000,
    source="spot rest-api.md 'Timing security' (2026-07-21), USD-M general info (2026-05-28)",
)

_EXPIRY = Expiry(parameter="recvWindow", min_ms=1, max_ms=60_000, default_ms=3000)
_VISIBILITY = 10.0
"""Seconds: the venue gives up on its own backend after ten (-1007), and users see -2013 for seconds on loaded days."""

PLACEMENT = {
    SPOT: PlacementRule(
        dedup=Dedup.WHILE_OPEN,
        expiry=_EXPIRY,
        visibility=_VISIBILITY,
        source="spot rest-api.md newClientOrderId and 'Timing security' (2026-07-21): a filled order frees its id",
    ),
    LINEAR: PlacementRule(
        dedup=Dedup.WHILE_OPEN,
        expiry=_EXPIRY,
        visibility=_VISIBILITY,
        source="USD-M 'New Order' (2026-05-28): unique among open orders; -5028 re-checks the window at the engine",
    ),
}


class Binance(Dialect):
    """Binance, spoken without I/O."""

    venue: ClassVar[str] = "binance"
    title: ClassVar[str] = "Binance"
    environments: ClassVar[Mapping[str, Environment]] = ENVIRONMENTS
    products: ClassVar[tuple[Product, ...]] = (SPOT, LINEAR)
    misreadings: ClassVar[tuple[Misreading, ...]] = MISREADINGS
    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    clocks: ClassVar[Mapping[str, ClockRule]] = {"spot": _CLOCK, "linear": _CLOCK}
    placement: ClassVar[Mapping[Product, PlacementRule]] = PLACEMENT

    refusals: ClassVar[Faults] = FAULTS
    counts: ClassVar[Counts] = COUNTS
    misweighed: ClassVar[tuple[type[Operation[Any]], ...]] = (market_data.FetchBest, market_data.FetchBests)
    """USD-M bookTicker answers carry a weight header that is wrong (USD-M general info, 2026-05-28)."""
    of_the_wallet: ClassVar[tuple[str, ...]] = (FetchVenueStatus.name, FetchKeyPermissions.name)

    def table(self, environment: Environment, auth: Auth) -> Endpoints:
        """The endpoint table of the venue."""
        return endpoints_of(environment, auth)

    def feeds(self, auth: Auth) -> Streams:
        """What the venue streams."""
        return streams_of(auth)

    def over_sockets(self, auth: Auth) -> Entry:
        """What the venue takes over sockets."""
        hosts = self.environment.streams
        spot, linear = hosts[entry.SPOT_ORDERS].base, hosts[entry.LINEAR_ORDERS].base
        return entry.entry_of(spot, linear, auth, self.endpoints)
