"""The venue's limits as rows, and where its usage headers stand. Keeps no count: the limiter does.

Source: Binance spot rest-api.md "Limits" (2026-07-21), USD-M exchangeInfo (2026-05-28, order counts seen 2026-10).
"""

from __future__ import annotations

from unified.account import VenueTime
from unified.adapter import FixedWindow, Limit, Observation, Usage
from unified.errors import Scope, VenueError
from unified.http import HttpResponse
from unified.operations import FetchInstruments, FetchServerTime, Operation
from unified.wire import Json, json_of

LIMITS = (
    Limit(bucket="weight_spot", scope=Scope.IP, rule=FixedWindow(limit=6000, period=60), door="spot"),
    Limit(bucket="raw_spot", scope=Scope.IP, rule=FixedWindow(limit=300_000, period=300), door="spot"),
    Limit(bucket="orders_spot", scope=Scope.ACCOUNT, rule=FixedWindow(limit=50, period=10), door="spot"),
    Limit(bucket="orders_spot", scope=Scope.ACCOUNT, rule=FixedWindow(limit=160_000, period=86_400), door="spot"),
    Limit(bucket="weight_linear", scope=Scope.IP, rule=FixedWindow(limit=2400, period=60), door="linear"),
    Limit(bucket="orders_linear", scope=Scope.ACCOUNT, rule=FixedWindow(limit=300, period=10), door="linear"),
    Limit(bucket="orders_linear", scope=Scope.ACCOUNT, rule=FixedWindow(limit=1200, period=60), door="linear"),
)
