from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.errors import Kind, OrderError, Outcome
from unified.oco import check_oco
from unified.order import Side

PRICES = st.decimals(min_value="0.01", max_value="1000", places=2)


def refused(side: Side, limit_price: Decimal, last: Decimal, stop_price: Decimal) -> OrderError | None:
    try:
        check_oco(side, limit_price=limit_price, last=last, stop_price=stop_price)
    except OrderError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("side", "limit_price", "stop_price"),
    [
        pytest.param(Side.SELL, "110", "90", id="a sell takes profit above and stops below"),
        pytest.param(Side.BUY, "90", "110", id="a buy takes profit below and stops above"),
    ],
)
def test_legs_on_either_side_of_the_market_pass(side: Side, limit_price: str, stop_price: str) -> None:
    assert refused(side, Decimal(limit_price), Decimal(100), Decimal(stop_price)) is None


@pytest.mark.parametrize(
    ("side", "limit_price", "stop_price", "said"),
    [
        pytest.param(Side.SELL, "99", "90", "limit_price 99 is not above", id="a sell with its limit below the market"),
        pytest.param(
            Side.SELL, "110", "101", "stop_price 101 is not below", id="a sell with its stop above the market"
        ),
        pytest.param(Side.SELL, "100", "90", "limit_price 100 is not above", id="a sell with its limit at the market"),
        pytest.param(Side.BUY, "90", "99", "stop_price 99 is not above", id="a buy with its stop below the market"),
        pytest.param(
            Side.BUY, "101", "110", "limit_price 101 is not below", id="a buy with its limit above the market"
        ),
        pytest.param(Side.BUY, "90", "100", "stop_price 100 is not above", id="a buy with its stop at the market"),
    ],
)
def test_any_other_relation_is_refused_before_sending(side: Side, limit_price: str, stop_price: str, said: str) -> None:
    error = refused(side, Decimal(limit_price), Decimal(100), Decimal(stop_price))
    assert error is not None
    assert (error.kind, error.outcome) == (Kind.INVALID_PRICE, Outcome.NOT_SENT)
    assert said in error.message
    assert "> last >" in error.hint if side is Side.SELL else "< last <" in error.hint


@given(limit_price=PRICES, last=PRICES, stop_price=PRICES)
def test_the_rule_of_a_buy_is_the_mirror_of_the_rule_of_a_sell(
    limit_price: Decimal, last: Decimal, stop_price: Decimal
) -> None:
    sell = refused(Side.SELL, limit_price, last, stop_price)
    buy = refused(Side.BUY, stop_price, last, limit_price)
    assert (sell is None) == (buy is None) == (limit_price > last > stop_price)
