"""What the adapters that speak this dialect do alike. Holds no table: each adapter brings its own.

Read the adapter of a venue first; this is only how its tables are put to work.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from unified.adapter import (
    AdapterSettings,
    ClientIdRule,
    ClockRule,
    Endpoint,
    Endpoints,
    Environment,
    Limit,
    Observation,
    Option,
    PlacementRule,
    credentials_of,
    environment_of,
)
from unified.catalogue import Misreading
from unified.entry import NO_ENTRY, Entry
from unified.errors import Fault
from unified.feeds import Streams
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import Operation
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.faults import Faults
from unified_binance_dialect.limits import Counts


class Dialect(ABC):
    """A venue that speaks this dialect, without I/O. A venue's class fills in what is declared here."""

    venue: ClassVar[str]
    title: ClassVar[str]
    environments: ClassVar[Mapping[str, Environment]]
    options: ClassVar[tuple[Option, ...]] = ()
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]]
    misreadings: ClassVar[tuple[Misreading, ...]]
    limits: ClassVar[tuple[Limit, ...]]
    clocks: ClassVar[Mapping[str, ClockRule]]
    placement: ClassVar[Mapping[Product, PlacementRule]]
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern=r"[A-Za-z0-9_-]{1,36}", max_length=36)

    refusals: ClassVar[Faults]
    """The venue's catalogue at work."""
    counts: ClassVar[Counts]
    """Where answers tell of the limits."""
    misweighed: ClassVar[tuple[type[Operation[Any]], ...]] = ()
    """Operations whose answers carry a weight header that is wrong."""
    of_the_wallet: ClassVar[tuple[str, ...]] = ()
    """Names of operations that stand on the wallet's paths."""
    wallet_surfaces: ClassVar[tuple[str, ...]] = ("sapi", "spot")
    """The catalogue's words for those paths, the most telling first."""

    def __init__(self, settings: AdapterSettings) -> None:
        self.environment = environment_of(type(self), settings)
        credentials = credentials_of(type(self), settings)
        self.account = "" if credentials is None else credentials.fingerprint
        auth = Auth(credentials)
        self.endpoints = self.table(self.environment, auth)
        self.streams = self.feeds(auth)
        self.entry = self.over_sockets(auth)

    def feeds(self, _auth: Auth) -> Streams:
        """What the venue streams."""
        return {}

    def over_sockets(self, _auth: Auth) -> Entry:
        """What the venue takes over sockets."""
        return NO_ENTRY

    @abstractmethod
    def table(self, environment: Environment, auth: Auth) -> Endpoints:
        """The endpoint table of the venue."""

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells about time and limits. Never raises."""
        how = self.endpoints.get((type(operation), operation.product))
        door = how.door if isinstance(how, Endpoint) else operation.product.value
        weight_is_true = not isinstance(operation, self.misweighed)
        return self.counts.observe(door, operation, response, weight_is_true=weight_is_true)

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code of this venue means."""
        surfaces = (surface,) if surface else ()
        return self.refusals.catalogue.fault(code, message=message, http_status=http_status, surfaces=surfaces)

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """Every fault in an answer, batch items included."""
        if operation in self.of_the_wallet and not surface:
            return self.refusals.faults_in(response, self.wallet_surfaces)
        return self.refusals.faults_in(response, (surface,) if surface else ())
