"""Binance at a glance: hosts, the endpoint table, limits, clocks and what it promises about orders.

Holds tables only; how a call is said and read stands beside each other in market_data, orders and account.
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.adapter import (
    AdapterSettings,
    Charge,
    ClientIdRule,
    ClockRule,
    Dedup,
    Endpoints,
    Environment,
    Expiry,
    Limit,
    Observation,
    Option,
    PlacementRule,
    costs,
    credentials_of,
    environment_of,
)
from unified.errors import Fault
from unified.http import HttpResponse, Method
from unified.instrument import Product
from unified.operations import (
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchInstruments,
    FetchOrder,
    FetchServerTime,
    PlaceOrder,
)
from unified_binance import account, market_data, orders
from unified_binance.auth import Auth
from unified_binance.door import Door
from unified_binance.faults import CATALOGUE
from unified_binance.limits import LIMITS
from unified_binance.misreadings import MISREADINGS
from unified_binance.symbols import parse_instruments

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


def _spot(door: Door) -> Endpoints:
    order = costs(Charge("weight_spot", 1), Charge("raw_spot"), Charge("orders_spot"))
    return {
        (FetchServerTime, SPOT): door.public("/api/v3/time", market_data.nothing, market_data.parse_server_time, 1),
        (FetchInstruments, SPOT): door.public("/api/v3/exchangeInfo", market_data.nothing, parse_instruments, 20),
        (FetchBook, SPOT): door.public(
            "/api/v3/depth", market_data.book_parameters, market_data.parse_book, market_data.book_charges
        ),
        (FetchBalances, SPOT): door.signed(
            Method.GET, "/api/v3/account", account.balances_parameters, account.parse_spot_balances, 20
        ),
        (PlaceOrder, SPOT): door.signed(
            Method.POST, "/api/v3/order", orders.place_parameters, orders.parse_placed, order
        ),
        (CancelOrder, SPOT): door.signed(Method.DELETE, "/api/v3/order", orders.ids, orders.parse_canceled, 1),
        (FetchOrder, SPOT): door.signed(Method.GET, "/api/v3/order", orders.ids, orders.parse_fetched, 4),
    }
