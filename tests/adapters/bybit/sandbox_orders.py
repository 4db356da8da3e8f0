"""What tests of orders at Bybit's sandbox have in common: paths, kinds of refusals, prices that jump."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import unified_bybit
from tests.adapters.bybit.sandbox_user import User
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified.instrument import Instrument, Product

CATALOGUE = Catalogue(Path(str(unified_bybit.__file__)).with_name("errors.csv"))
REALTIME, HISTORY, FILLS = "/v5/order/realtime", "/v5/order/history", "/v5/execution/list"
BOTH = pytest.mark.parametrize("category", ["spot", "linear"])
NOT_FOUND = {"spot": 170213, "linear": 110001}


def kind(told: Any, category: str) -> Kind:
    row = CATALOGUE.find(str(told["retCode"]), message=told["retMsg"], http_status=200, surfaces=("rest", category))
    assert row is not None, told
    return row.kind


def market_of(user: User, category: str) -> Instrument:
    return user.venue.engine.instrument(Product(category), "BTCUSDT")


def jump(user: User, category: str, price: str) -> None:
    user.venue.engine.move_price(market_of(user, category), Decimal(price))
    user.wait(0.1)
