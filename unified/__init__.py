"""One asyncio client for many crypto exchanges. Public names only; the parts are in the modules."""

from unified.client import Client
from unified.config import ClientConfig
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
