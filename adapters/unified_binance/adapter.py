"""Binance at a glance: hosts, clocks, what it promises about orders, and the adapter made of its rooms.

Speaks no call: the table of calls is `endpoints.py`, which names the rooms where each is said and read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from unified.adapter import (
    AdapterSettings,
    ClientIdRule,
    ClockRule,
    Dedup,
    Endpoint,
    Environment,
    Expiry,
    Limit,
    Observation,
    Option,
    PlacementRule,
    credentials_of,
    environment_of,
)
from unified.catalogue import Misreading
from unified.errors import Fault
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import FetchKeyPermissions, FetchVenueStatus, Operation
from unified_binance import limits, market_data
from unified_binance.auth import Auth
from unified_binance.endpoints import WALLET_SURFACES, endpoints_of
from unified_binance.faults import CATALOGUE, faults_in
from unified_binance.limits import LIMITS
from unified_binance.misreadings import MISREADINGS

SPOT, LINEAR = Product.SPOT, Product.LINEAR

ENVIRONMENTS = {
    "production": Environment(
        name="production",
        hosts={"spot": "https://api.binance.com", "linear": "https://fapi.binance.com"},
        real_money=True,
    ),
    "testnet": Environment(
        name="testnet",
        hosts={"spot": "https://testnet.binance.vision", "linear": "https://demo-fapi.binance.com"},
        real_money=False,
        about="Fake book, wiped about monthly; linear is the demo environment, the former testnet.",
    ),
    "demo": Environment(
        name="demo",
        hosts={"spot": "https://demo-api.binance.com", "linear": "https://demo-fapi.binance.com"},
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

_WRONG_WEIGHT = (market_data.FetchBest, market_data.FetchBests)
"""USD-M bookTicker answers carry a weight header that is wrong (USD-M general info, 2026-05-28)."""

_OF_THE_WALLET = (FetchVenueStatus.name, FetchKeyPermissions.name)


class Binance:
    """Binance, spoken without I/O."""

    venue: ClassVar[str] = "binance"
    title: ClassVar[str] = "Binance"
    environments: ClassVar[Mapping[str, Environment]] = ENVIRONMENTS
    options: ClassVar[tuple[Option, ...]] = ()
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (SPOT, LINEAR)
    misreadings: ClassVar[tuple[Misreading, ...]] = MISREADINGS
    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    clocks: ClassVar[Mapping[str, ClockRule]] = {"spot": _CLOCK, "linear": _CLOCK}
    placement: ClassVar[Mapping[Product, PlacementRule]] = PLACEMENT
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern=r"[A-Za-z0-9_-]{1,36}", max_length=36)

    def __init__(self, settings: AdapterSettings) -> None:
        self.environment = environment_of(type(self), settings)
        credentials = credentials_of(type(self), settings)
        self.account = "" if credentials is None else credentials.fingerprint
        self.endpoints = endpoints_of(self.environment, Auth(credentials))

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells about time and limits. Never raises."""
        how = self.endpoints.get((type(operation), operation.product))
        door = how.door if isinstance(how, Endpoint) else operation.product.value
        return limits.observe(door, operation, response, weight_is_true=not isinstance(operation, _WRONG_WEIGHT))

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code of this venue means."""
        return CATALOGUE.fault(code, message=message, http_status=http_status, surfaces=(surface,) if surface else ())

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """Every fault in an answer, batch items included."""
        if operation in _OF_THE_WALLET and not surface:
            return faults_in(response, WALLET_SURFACES)
        return faults_in(response, (surface,) if surface else ())
