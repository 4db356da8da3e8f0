"""What Binance.US tells of the market in its own way: depths and their weights, no candles of a second.

Source: binance-us-api-docs rest-api.md at 6b62304 (2024-06-17).
"""

from __future__ import annotations

from unified.market_data import Interval
from unified.operations import FetchCandles
from unified_binance_dialect import market_history
from unified_binance_dialect.auth import Parameters, cannot
from unified_binance_dialect.market_data import Depths

DEPTHS = Depths(((100, 1), (500, 5), (1000, 10), (5000, 50)))


def candles_parameters(operation: FetchCandles) -> Parameters:
    if operation.interval is Interval.S1:
        raise cannot(operation, "there are no candles of one second here; the shortest is 1m")
    return market_history.candles_parameters(operation)
