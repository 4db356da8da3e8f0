"""A simulated Binance: spot and USD-M as two systems of one venue, each with its clock, limits and error texts.

Written from the venue's papers alone (spot documentation of 2026-07-21, USD-M pages of 2026-05-28 and the SDK
18.1.0), never from the adapter beside it. No COIN-M; trailing stops and order lists are
refused. How a request is let in, and what both doors say alike, stands in the dialect's `sandbox*.py`; the streams in
sandbox_stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from unified.instrument import Product
from unified.sandbox.dialect import Outgoing
from unified.sandbox.limits import VenueLimit
from unified.sandbox.listing import Listing
from unified.sandbox.streams import Opening, Talk
from unified_binance import (
    sandbox_account,
    sandbox_algo,
    sandbox_history,
    sandbox_linear,
    sandbox_market,
    sandbox_spot,
    sandbox_stream,
)
from unified_binance.sandbox_keys import holders
from unified_binance.sandbox_limits import LIMITS, LINEAR_RATES, SPOT_RATES
from unified_binance.sandbox_listings import LISTINGS
from unified_binance.sandbox_refusals import LINEAR, SPOT
from unified_binance_dialect import sandbox_listen_keys
from unified_binance_dialect.sandbox import Table, VenueDialect, table_of
from unified_binance_dialect.sandbox_calls import Door, error
from unified_binance_dialect.sandbox_keys import Holder

DOORS: Mapping[str, Door] = {
    "spot": Door(
        name="spot",
        product=Product.SPOT,
        microseconds=True,
        window_refusal=error(-1131, "recvWindow must be less than 60000."),
        rates=SPOT_RATES,
        counts=("spot raw",),
        order_periods=("10s", "1d"),
        unfilled_only=True,
        band="PERCENT_PRICE_BY_SIDE",
        refusals=SPOT,
        too_much="Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API.",
        banned="Way too much request weight used; IP banned until {until}. "
        "Please use WebSocket Streams for live updates to avoid bans.",
    ),
    "linear": Door(
        name="linear",
        product=Product.LINEAR,
        ahead_us=-400_000,
        reads_all=False,
        late_code=-5028,
        signature_last=True,
        rates=LINEAR_RATES,
        order_periods=("10s", "1m"),
        depths=sandbox_market.LINEAR_DEPTHS,
        seconds=False,
        refusals=LINEAR,
        too_much="Too many requests; current limit is 2400 requests per minute. "
        "Please use the websocket for live updates to avoid polling the API.",
        banned="Way too many requests; IP({peer}) banned until {until}. "
        "Please use the websocket for live updates to avoid bans.",
    ),
}

TABLE = table_of(
    {
        "spot": (*sandbox_market.SPOT, *sandbox_spot.ENDPOINTS, *sandbox_history.SPOT, *sandbox_account.SPOT),
        "linear": (
            *sandbox_market.LINEAR,
            *sandbox_linear.ENDPOINTS,
            *sandbox_algo.ENDPOINTS,
            *sandbox_history.LINEAR,
            *sandbox_account.LINEAR,
            *sandbox_listen_keys.calls("/fapi/v1/listenKey", named=False),
        ),
    }
)


class BinanceSandbox(VenueDialect):
    """Accounts by type of key: `hmac`, `ed25519`, `rsa`; `poor` has little money, `reader` may not trade."""

    name: ClassVar[str] = "binance"
    doors: ClassVar[tuple[str, ...]] = tuple(DOORS)
    systems: ClassVar[Mapping[str, Door]] = DOORS
    table: ClassVar[Table] = TABLE
    listings: ClassVar[tuple[Listing, ...]] = LISTINGS
    limits: ClassVar[tuple[VenueLimit, ...]] = LIMITS

    def holders(self) -> tuple[Holder, ...]:
        """Every account that exists from the start."""
        return holders()

    def talk(self, opening: Opening) -> Talk | Outgoing:
        """Lead a stream connection, or refuse it."""
        door = self.systems[opening.door]
        talk = sandbox_stream.talk_of(opening, door, self.engine, self.listen_keys, self._holders)
        return self.html_error(404) if talk is None else talk
