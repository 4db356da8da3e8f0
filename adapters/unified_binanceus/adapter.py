"""Binance.US at a glance: its host, its clock, what it promises about orders, and the adapter made of its tables.

Speaks Binance's dialect (`unified_binance_dialect`), with tables of its own: `endpoints.py`, `stream.py`, `limits.py`,
`errors.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from unified.adapter import (
    AdapterSettings,
    ClockRule,
    Dedup,
    Endpoints,
    Environment,
    Expiry,
    Limit,
    PlacementRule,
    StreamHost,
)
from unified.catalogue import Misreading
from unified.errors import ConfigurationError
from unified.feeds import Streams
from unified.instrument import Product
from unified.signing import is_pem
from unified_binance_dialect.adapter import Dialect
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.faults import Faults
from unified_binance_dialect.limits import Counts
from unified_binanceus import stream
from unified_binanceus.endpoints import endpoints_of
from unified_binanceus.faults import FAULTS
from unified_binanceus.limits import COUNTS, LIMITS
from unified_binanceus.misreadings import MISREADINGS

SPOT = Product.SPOT

PRODUCTION = Environment(
    name="production",
    hosts={"spot": "https://api.binance.us"},
    streams={
        line: StreamHost(base="wss://stream.binance.us:9443", door="spot") for line in (stream.MARKET, stream.USER)
    },
    real_money=True,
    about="The only one: there is no testnet.",
)

_LATE = 10.0
"""Seconds: the window is checked on arrival; that it is checked again before the engine, as Binance does, is not said
here. After ten seconds the venue gives up on its own backend (-1007)."""

PLACEMENT = {
    SPOT: PlacementRule(
        dedup=Dedup.WHILE_OPEN,
        expiry=Expiry(parameter="recvWindow", min_ms=1, max_ms=60_000, default_ms=3000, late=_LATE),
        visibility=10.0,
        source="binance-us-api-docs rest-api.md newClientOrderId and 'Timing security' at 6b62304 (2024-06-17)",
    )
}


class BinanceUs(Dialect):
    """Binance.US, spoken without I/O."""

    venue: ClassVar[str] = "binanceus"
    title: ClassVar[str] = "Binance.US"
    environments: ClassVar[Mapping[str, Environment]] = {"production": PRODUCTION}
    products: ClassVar[tuple[Product, ...]] = (SPOT,)
    misreadings: ClassVar[tuple[Misreading, ...]] = MISREADINGS
    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    clocks: ClassVar[Mapping[str, ClockRule]] = {
        "spot": ClockRule(
            window_ms=5000, source="binance-us-api-docs rest-api.md 'Timing security' at 6b62304 (2024-06-17)"
        )
    }
    placement: ClassVar[Mapping[Product, PlacementRule]] = PLACEMENT

    refusals: ClassVar[Faults] = FAULTS
    counts: ClassVar[Counts] = COUNTS

    def __init__(self, settings: AdapterSettings) -> None:
        if settings.credentials is not None and is_pem(settings.credentials.secret):
            raise ConfigurationError("credentials.secret: Binance.US has shared secrets only; this is a private key")
        super().__init__(settings)

    def table(self, environment: Environment, auth: Auth) -> Endpoints:
        """The endpoint table of the venue."""
        return endpoints_of(environment, auth)

    def feeds(self, _auth: Auth) -> Streams:
        """What the venue streams."""
        return stream.STREAMS
