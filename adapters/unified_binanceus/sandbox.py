"""A simulated Binance.US: one spot door, with its own limits, weights, filters and error texts.

Written from the venue's papers alone (binance-us-api-docs at 6b62304, 2024-06-17), never from the adapter beside it. It
takes no orders over WebSocket; trailing stops and order lists are refused. Its timestamp is looked at on arrival only:
a second look before the engine is not on its pages, and a client must live with the worse reading. How a request is let
in, and what every spot door of this make says, stands in the dialect's `sandbox*.py`; the streams in sandbox_stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from unified.instrument import Product
from unified.sandbox.dialect import Incoming, Outgoing
from unified.sandbox.limits import VenueLimit
from unified.sandbox.listing import Listing
from unified.sandbox.refusal import Reason
from unified.sandbox.streams import Opening, Talk
from unified_binance_dialect import sandbox_listen_keys
from unified_binance_dialect.sandbox import Table, VenueDialect, table_of
from unified_binance_dialect.sandbox_calls import Door, error
from unified_binance_dialect.sandbox_keys import Holder, shared
from unified_binance_dialect.sandbox_refusals import SPOT as USUAL
from unified_binanceus.sandbox_account import PRIVATE
from unified_binanceus.sandbox_limits import LIMITS, RATES
from unified_binanceus.sandbox_listings import LISTINGS
from unified_binanceus.sandbox_market import PUBLIC
from unified_binanceus.sandbox_stream import talk_of

DOORS: Mapping[str, Door] = {
    "spot": Door(
        name="spot",
        product=Product.SPOT,
        judges_twice=False,
        window_refusal=error(-1130, "Data sent for parameter 'recvWindow' is not valid."),
        rates=RATES,
        counts=("spot raw",),
        order_periods=("1s",),
        seconds=False,
        band="PERCENT_PRICE",
        refusals={**USUAL, Reason.BELOW_MIN_NOTIONAL: (-1013, "Filter failure: MIN_NOTIONAL")},
        too_much="Too much request weight used; current limit is 1200 request weight per 1 MINUTE. "
        "Please use the websocket for live updates to avoid polling the API.",
        banned="Way too much request weight used; IP banned until {until}. "
        "Please use the websocket for live updates to avoid bans.",
    )
}

TABLE = table_of({"spot": (*PUBLIC, *PRIVATE, *sandbox_listen_keys.calls("/api/v3/userDataStream", named=True))})

_RICH = {"USDT": Decimal(2_000_000), "BTC": Decimal(40), "ETH": Decimal(800)}
_POOR = {"USDT": Decimal(20)}


class BinanceUsSandbox(VenueDialect):
    """Accounts: `main`; `poor` has little money, `reader` may not trade."""

    name: ClassVar[str] = "binanceus"
    doors: ClassVar[tuple[str, ...]] = tuple(DOORS)
    systems: ClassVar[Mapping[str, Door]] = DOORS
    table: ClassVar[Table] = TABLE
    listings: ClassVar[tuple[Listing, ...]] = LISTINGS
    limits: ClassVar[tuple[VenueLimit, ...]] = LIMITS

    def holders(self) -> tuple[Holder, ...]:
        """Every account that exists from the start."""
        return (
            shared("binanceus", "main", _RICH, {}),
            shared("binanceus", "poor", _POOR, {}),
            shared("binanceus", "reader", _RICH, {}, may_trade=False),
        )

    def wait_for_orders(self, _incoming: Incoming, _seconds: float) -> dict[str, str]:
        """Over the limit of orders no Retry-After comes here."""
        return {}

    def talk(self, opening: Opening) -> Talk | Outgoing:
        """Lead a stream connection, or refuse it."""
        talk = talk_of(opening, self.systems[opening.door], self.engine, self.listen_keys)
        return self.html_error(404) if talk is None else talk
