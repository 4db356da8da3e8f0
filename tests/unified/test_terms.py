"""What a caller writes: exact numbers, words from a list, and terms that make sense together."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toy import BTC
from unified.errors import Kind, Outcome, VenueError
from unified.order import OrderType, Side
from unified.terms import Number, Terms, check_order, exact, implied_type, order_of

LATER = datetime(2030, 1, 1, tzinfo=UTC)
REFUSED = Kind.INVALID_ORDER


def kind_of(side: str, terms: Terms) -> Kind:
    with pytest.raises(VenueError) as caught:
        check_order(order_of(BTC, side, terms))
    assert caught.value.outcome is Outcome.NOT_SENT
    return caught.value.kind


class TestNumbers:
    @given(st.decimals(allow_nan=False, allow_infinity=False))
    def test_text_and_decimal_stay_as_they_are(self, number: Decimal) -> None:
        assert exact(number, "price") == exact(str(number), "price") == number

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(0.1, id="a float"),
            pytest.param(True, id="a truth value"),
            pytest.param("0,1", id="a comma"),
            pytest.param("", id="nothing"),
            pytest.param("NaN", id="not a number"),
            pytest.param(Decimal("Infinity"), id="infinity"),
            pytest.param(None, id="None"),
        ],
    )
    def test_what_is_not_exact_is_refused_before_it_is_sent(self, value: Number) -> None:
        with pytest.raises(VenueError) as caught:
            exact(value, "quantity")
        assert (caught.value.kind, caught.value.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)
        assert "quantity" in str(caught.value)

    def test_a_float_is_told_how_to_be_exact(self) -> None:
        with pytest.raises(VenueError, match=r"Decimal\('0\.1'\)"):
            exact(cast(Number, 0.1), "price")


class TestTypes:
    @pytest.mark.parametrize(
        ("price", "stop_price", "implied"),
        [
            pytest.param("1", None, OrderType.LIMIT, id="a price makes a limit order"),
            pytest.param(None, None, OrderType.MARKET, id="no price makes a market order"),
            pytest.param(None, "1", OrderType.STOP_MARKET, id="a stop price alone makes a stop at market"),
            pytest.param("1", "1", OrderType.STOP_LIMIT, id="both make a stop with a limit"),
        ],
    )
    def test_prices_imply_the_type(self, price: str | None, stop_price: str | None, implied: OrderType) -> None:
        assert implied_type(price, stop_price) is implied

    def test_a_word_that_is_none_names_those_that_are(self) -> None:
        with pytest.raises(VenueError, match=r"side: 'long' is not one of buy, sell"):
            order_of(BTC, "long", {"quantity": "1"})

    def test_a_term_that_there_is_not_is_refused_and_not_passed_over(self) -> None:
        """An order that should have been post-only must not leave as one that is not."""
        with pytest.raises(VenueError, match=r"post_onyl: an order has no such term; it has .*post_only") as caught:
            order_of(BTC, "buy", cast(Terms, {"quantity": "1", "post_onyl": True}))
        assert (caught.value.kind, caught.value.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)

    def test_every_term_is_read(self) -> None:
        """Whatever `Terms` has is a field of an order, and None is as if it had not been said."""
        nothing = dict.fromkeys(Terms.__annotations__)
        assert order_of(BTC, "buy", cast(Terms, nothing)) == order_of(BTC, "buy", {})

    def test_words_may_be_text_or_members(self) -> None:
        assert order_of(BTC, "buy", {}).side is order_of(BTC, Side.BUY, {}).side


class TestContradictions:
    @pytest.mark.parametrize(
        ("terms", "kind"),
        [
            pytest.param({"price": "1"}, REFUSED, id="neither quantity nor quote quantity"),
            pytest.param({"quantity": "1", "quote_quantity": "1"}, REFUSED, id="both quantities"),
            pytest.param({"quote_quantity": "9", "price": "1"}, REFUSED, id="a limit order by quote quantity"),
            pytest.param({"quantity": "1", "order_type": "limit"}, REFUSED, id="a limit without price"),
            pytest.param({"quantity": "1", "price": "1", "order_type": "market"}, REFUSED, id="a market with price"),
            pytest.param({"quantity": "1", "order_type": "stop_market"}, REFUSED, id="a stop without stop price"),
            pytest.param({"quantity": "1", "price": "9", "trigger": "rises"}, REFUSED, id="a trigger without stop"),
            pytest.param({"quantity": "1", "post_only": True}, REFUSED, id="a post-only market order"),
            pytest.param(
                {"quantity": "1", "price": "9", "post_only": True, "time_in_force": "ioc"},
                REFUSED,
                id="a post-only order that does not rest",
            ),
            pytest.param({"quantity": "1", "price": "9", "time_in_force": "gtd"}, REFUSED, id="gtd without end"),
            pytest.param({"quantity": "1", "price": "9", "expires_at": LATER}, REFUSED, id="an end without gtd"),
            pytest.param({"quantity": "1", "price": "9.001"}, Kind.INVALID_PRICE, id="a price off the tick"),
            pytest.param({"quantity": "0.0001", "price": "9"}, Kind.INVALID_QUANTITY, id="too small a quantity"),
            pytest.param({"quantity": "0.001", "price": "9"}, Kind.INVALID_NOTIONAL, id="too small a notional"),
        ],
    )
    def test_what_contradicts_itself_is_refused(self, terms: Terms, kind: Kind) -> None:
        assert kind_of("buy", terms) is kind

    @pytest.mark.parametrize(
        "terms",
        [
            pytest.param({"quantity": "1", "price": "9"}, id="a limit order"),
            pytest.param({"quantity": "1"}, id="a market order"),
            pytest.param({"quote_quantity": "100"}, id="a market order by quote quantity"),
            pytest.param({"quantity": "1", "stop_price": "9", "trigger": "falls"}, id="a stop"),
            pytest.param(
                {"quantity": "1", "price": "9", "time_in_force": "gtd", "expires_at": LATER}, id="an order with an end"
            ),
        ],
    )
    def test_sensible_orders_pass(self, terms: Terms) -> None:
        check_order(order_of(BTC, "buy", terms))
