"""One asyncio client for many crypto exchanges. Public names only; the parts are in the modules.

`Client` and `ClientConfig` are imported when they are first asked for: HTTP comes with them, which takes longer
to import than everything else together and which neither a catalogue nor the help of the command line needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from unified.errors import (
    AuthError,
    AvailabilityError,
    ClockError,
    ConfigurationError,
    Family,
    Kind,
    MarketError,
    OrderError,
    Outcome,
    PositionError,
    RequestError,
    Scope,
    StateError,
    StreamError,
    ThrottleError,
    TransportError,
    UnknownError,
    VenueError,
)
from unified.instrument import Instrument, Product, Rounding
from unified.market_data import Interval
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce
from unified.secret import Credentials, Secret

if TYPE_CHECKING:
    from unified.client import Client
    from unified.config import ClientConfig
else:
    _HOMES = {"Client": "unified.client", "ClientConfig": "unified.config"}

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'unified' has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)


__all__ = [
    "AuthError",
    "AvailabilityError",
    "Client",
    "ClientConfig",
    "ClockError",
    "ConfigurationError",
    "Credentials",
    "Family",
    "Instrument",
    "Interval",
    "Kind",
    "MarketError",
    "Order",
    "OrderError",
    "OrderStatus",
    "OrderType",
    "Outcome",
    "PositionError",
    "Product",
    "RequestError",
    "Rounding",
    "Scope",
    "Secret",
    "Side",
    "StateError",
    "StreamError",
    "ThrottleError",
    "TimeInForce",
    "TransportError",
    "UnknownError",
    "VenueError",
]
