"""Rules of an instrument: what is accepted is on the grid, what is refused names a value that is accepted."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unified.errors import Kind, OrderError, Outcome
from unified.instrument import Instrument, Instruments, InstrumentStatus, Product, Rounding, to_step, unlisted

STEPS = st.builds(
    lambda digit, power: Decimal(digit).scaleb(power), st.sampled_from([1, 2, 5, 25]), st.integers(-10, 3)
)
AMOUNTS = st.decimals("1e-10", "1e12", allow_nan=False, allow_infinity=False, places=10)
ANY_NUMBER = AMOUNTS | st.sampled_from([Decimal(text) for text in ("0", "-1", "NaN", "Infinity", "1e-30", "1e30")])
BOUNDS = st.none() | AMOUNTS


def make(**rules: object) -> Instrument:
    """BTC/USDT with these rules."""
    usual: dict[str, object] = {
        "symbol": "BTCUSDT",
        "product": Product.SPOT,
        "base": "BTC",
        "quote": "USDT",
        "tick_size": Decimal("0.01"),
        "lot_size": Decimal("0.00001"),
    }
    return Instrument(**{**usual, **rules})  # type: ignore[arg-type]  # rules are drawn by name


INSTRUMENTS = st.builds(
    lambda **rules: make(**rules),
    tick_size=STEPS,
    lot_size=STEPS,
    min_quantity=st.just(Decimal(0)) | AMOUNTS,
    max_quantity=BOUNDS,
    max_market_quantity=BOUNDS,
    min_price=BOUNDS,
    max_price=BOUNDS,
    min_notional=st.just(Decimal(0)) | AMOUNTS,
    max_notional=BOUNDS,
    quote_step=st.just(Decimal(0)) | STEPS,
)


def on_grid(value: Decimal, step: Decimal) -> bool:
    """Exact for any digits: Decimal's own remainder gives up on large ones."""
    return step == 0 or Fraction(value) % Fraction(step) == 0


def refusal(item: Instrument, *, market: bool = False, **order: Decimal) -> OrderError | None:
    try:
        item.check(market=market, **order)
    except OrderError as error:
        return error
    return None


def nearest_in(error: OrderError) -> Decimal | None:
    found = re.fullmatch(r"Nearest allowed(?: quantity)?: (\S+)", error.hint)
    assert found or error.hint == ""
    return Decimal(found[1]) if found else None


class TestRounding:
    @given(AMOUNTS, STEPS)
    def test_a_step_away_is_never_nearer(self, value: Decimal, step: Decimal) -> None:
        down, up, nearest = (to_step(value, step, way) for way in (Rounding.DOWN, Rounding.UP, Rounding.NEAREST))
        assert all(on_grid(found, step) for found in (down, up, nearest))
        assert down <= value <= up
        assert up - down in (0, step)
        assert abs(nearest - value) == min(value - down, up - value)

    def test_thirty_digits_are_rounded_exactly(self) -> None:
        value, step = Decimal("99999999999.9999999999999999999"), Decimal("1e-18")
        assert to_step(value, step, Rounding.DOWN) == Decimal("99999999999.999999999999999999")

    def test_a_half_goes_to_the_even_step(self) -> None:
        item = make(tick_size=Decimal("0.5"))
        assert (item.round_price(Decimal("0.25")), item.round_price(Decimal("0.75"))) == (Decimal(0), Decimal(1))

    @given(INSTRUMENTS, AMOUNTS)
    def test_a_quantity_is_rounded_down_unless_asked_otherwise(self, item: Instrument, value: Decimal) -> None:
        rounded = item.round_quantity(value)
        assert rounded <= value <= item.round_quantity(value, Rounding.UP)
        assert on_grid(rounded, item.lot_size)

    def test_without_a_step_a_value_stays(self) -> None:
        assert unlisted("X", Product.SPOT).round_price(Decimal("1.2345")) == Decimal("1.2345")


class TestQuantityFor:
    @given(INSTRUMENTS, AMOUNTS, AMOUNTS)
    def test_it_never_costs_more_than_the_budget_and_is_always_allowed(
        self, item: Instrument, budget: Decimal, price: Decimal
    ) -> None:
        quantity = item.quantity_for(budget, price)
        assert quantity >= 0
        assert Fraction(quantity) * Fraction(price) <= Fraction(budget)
        if quantity:
            item.check(quantity=quantity)
            assert item.min_notional <= Fraction(quantity) * Fraction(price)
            assert item.max_notional is None or Fraction(quantity) * Fraction(price) <= item.max_notional

    @given(AMOUNTS, AMOUNTS)
    def test_one_lot_more_would_cost_too_much(self, budget: Decimal, price: Decimal) -> None:
        item = make(lot_size=Decimal("0.001"))
        assume(budget / price < Decimal("1e12"))
        assert (item.quantity_for(budget, price) + item.lot_size) * price > budget

    def test_a_cheap_coin_is_bought_by_the_hundred_billion(self) -> None:
        item = make(lot_size=Decimal(1))
        assert item.quantity_for(Decimal(1_000_000), Decimal("0.00001")) == Decimal("1e11")

    @pytest.mark.parametrize(
        ("rules", "budget", "quantity"),
        [
            pytest.param(
                {"min_notional": Decimal(5)}, "4.99", "0", id="a budget below the least notional buys nothing"
            ),
            pytest.param({"min_quantity": Decimal(2)}, "1", "0", id="a budget below the least quantity buys nothing"),
            pytest.param({"max_quantity": Decimal(2)}, "9", "2", id="it stops at the largest quantity"),
            pytest.param({"max_notional": Decimal(3)}, "9", "3", id="it stops at the largest notional"),
            pytest.param({}, "-1", "0", id="a negative budget buys nothing"),
        ],
    )
    def test_rules_bound_it(self, rules: dict[str, Decimal], budget: str, quantity: str) -> None:
        assert make(**rules).quantity_for(Decimal(budget), Decimal(1)) == Decimal(quantity)

    def test_a_price_of_zero_is_refused_in_words(self) -> None:
        with pytest.raises(ValueError, match="price must be above zero"):
            make().quantity_for(Decimal(1), Decimal(0))


class TestCheck:
    @given(INSTRUMENTS, ANY_NUMBER)
    def test_an_accepted_price_keeps_every_rule_and_a_refused_one_names_one_that_does(
        self, item: Instrument, price: Decimal
    ) -> None:
        refused = refusal(item, price=price)
        if refused:
            assert (refused.kind, refused.outcome) == (Kind.INVALID_PRICE, Outcome.NOT_SENT)
            nearest = nearest_in(refused)
            if nearest is not None:
                item.check(price=nearest)
        else:
            assert price > 0
            assert on_grid(price, item.tick_size)
            assert item.min_price is None or price >= item.min_price
            assert item.max_price is None or price <= item.max_price

    @given(INSTRUMENTS, ANY_NUMBER, st.booleans())
    def test_an_accepted_quantity_keeps_every_rule_and_a_refused_one_names_one_that_does(
        self, item: Instrument, quantity: Decimal, market: bool
    ) -> None:
        refused = refusal(item, quantity=quantity, market=market)
        if refused:
            assert (refused.kind, refused.outcome) == (Kind.INVALID_QUANTITY, Outcome.NOT_SENT)
            nearest = nearest_in(refused)
            if nearest is not None:
                item.check(quantity=nearest, market=market)
        else:
            most = (market and item.max_market_quantity) or item.max_quantity
            assert quantity > 0
            assert on_grid(quantity, item.lot_size)
            assert quantity >= item.min_quantity
            assert most is None or quantity <= most

    @given(INSTRUMENTS, ANY_NUMBER)
    def test_an_accepted_amount_keeps_every_rule_and_a_refused_one_names_one_that_does(
        self, item: Instrument, amount: Decimal
    ) -> None:
        refused = refusal(item, quote_quantity=amount, market=True)
        if refused:
            assert (refused.kind, refused.outcome) == (Kind.INVALID_NOTIONAL, Outcome.NOT_SENT)
            nearest = nearest_in(refused)
            if nearest is not None:
                item.check(quote_quantity=nearest, market=True)
        else:
            assert amount > 0
            assert on_grid(amount, item.quote_step)
            assert amount >= item.min_notional
            assert item.max_notional is None or amount <= item.max_notional

    @given(INSTRUMENTS, AMOUNTS, AMOUNTS)
    def test_a_refused_notional_names_a_quantity_that_is_accepted_at_this_price(
        self, item: Instrument, price: Decimal, quantity: Decimal
    ) -> None:
        price, quantity = item.round_price(price, Rounding.UP), item.round_quantity(quantity, Rounding.UP)
        refused = refusal(item, price=price, quantity=quantity)
        if refused:
            assume(refused.kind is Kind.INVALID_NOTIONAL)
            nearest = nearest_in(refused)
            if nearest is not None:
                item.check(price=price, quantity=nearest)
        else:
            notional = Fraction(price) * Fraction(quantity)
            assert item.min_notional <= notional
            assert item.max_notional is None or notional <= item.max_notional

    @pytest.mark.parametrize(
        ("rules", "order", "text"),
        [
            pytest.param(
                {},
                {"price": "1.234"},
                "price 1.234 is no multiple of tick_size 0.01. Nearest allowed: 1.23",
                id="a price between two ticks names the nearest tick",
            ),
            pytest.param(
                {"min_price": Decimal("1.005")},
                {"price": "1"},
                "price 1 is below the minimum 1.005. Nearest allowed: 1.01",
                id="a least price between two ticks is rounded up",
            ),
            pytest.param(
                {"min_quantity": Decimal("0.000015")},
                {"quantity": "0.00001"},
                "quantity 0.00001 is below the minimum 0.000015. Nearest allowed: 0.00002",
                id="a least quantity between two lots is rounded up",
            ),
            pytest.param(
                {"lot_size": Decimal(2), "min_quantity": Decimal(3), "max_quantity": Decimal(3)},
                {"quantity": "3"},
                "quantity 3 is no multiple of lot_size 2",
                id="where no quantity is allowed none is named",
            ),
            pytest.param(
                {"min_notional": Decimal(10)},
                {"price": "3", "quantity": "1"},
                "notional 3 USDT is below the minimum 10. Nearest allowed quantity: 3.33334",
                id="a small notional names the quantity that is enough",
            ),
            pytest.param(
                {"max_market_quantity": Decimal(5), "max_quantity": Decimal(50)},
                {"quantity": "6", "market": True},
                "quantity 6 is above the maximum 5. Nearest allowed: 5",
                id="a market order has a largest quantity of its own",
            ),
            pytest.param(
                {},
                {"stop_price": "-1"},
                "stop_price -1 is not above zero. Nearest allowed: 0.01",
                id="a stop price is named as such",
            ),
        ],
    )
    def test_the_error_says_which_rule_and_what_would_be_right(
        self, rules: dict[str, Decimal], order: dict[str, str | bool], text: str
    ) -> None:
        values = {name: Decimal(value) if isinstance(value, str) else value for name, value in order.items()}
        with pytest.raises(OrderError) as info:
            make(**rules).check(**values)  # type: ignore[arg-type]  # drawn by name
        shown = str(info.value)
        assert f"BTC/USDT: {text}" in shown
        assert shown.endswith(text)

    def test_nothing_at_all_is_not_an_order_of_an_unlisted_instrument(self) -> None:
        with pytest.raises(OrderError, match="quantity 0 is not above zero"):
            unlisted("X", Product.SPOT).check(quantity=Decimal(0))


def spot(base: str, quote: str, symbol: str = "", **more: object) -> Instrument:
    return make(base=base, quote=quote, symbol=symbol or base + quote, **more)


def perpetual(base: str, quote: str, symbol: str = "", **more: object) -> Instrument:
    return spot(base, quote, symbol, product=Product.LINEAR, settle=quote, **more)


LISTING = Instruments(
    [
        spot("BTC", "USDT"),
        perpetual("BTC", "USDT"),
        spot("BTC", "USD", "XXBTZUSD", aliases=("XBTUSD",)),
        perpetual("ETH", "USDT", "ETH-USDT-SWAP"),
        spot("ETHW", "USDT"),
        spot("AB", "CD", "ab_cd"),
        spot("A", "BCD", "a_bcd"),
    ]
)


class TestFind:
    @pytest.mark.parametrize(
        ("name", "product", "symbol"),
        [
            pytest.param("BTC/USDT", None, "spot BTCUSDT", id="our name"),
            pytest.param("BTC/USDT:USDT", None, "linear BTCUSDT", id="our name of a perpetual"),
            pytest.param("BTCUSDT", None, "spot BTCUSDT", id="a symbol of two products is the spot one"),
            pytest.param("BTCUSDT", Product.LINEAR, "linear BTCUSDT", id="unless the product is said"),
            pytest.param("BTC/USDT", Product.LINEAR, "linear BTCUSDT", id="our spot name with a product said"),
            pytest.param("btcusdt", None, "spot BTCUSDT", id="small letters"),
            pytest.param("BTC-USDT", None, "spot BTCUSDT", id="a dash"),
            pytest.param("btc_usdt", None, "spot BTCUSDT", id="an underscore"),
            pytest.param("XBT/USD", None, "spot XXBTZUSD", id="the asset's other name"),
            pytest.param("XXBTZUSD", None, "spot XXBTZUSD", id="the venue's symbol"),
            pytest.param("xbtusd", None, "spot XXBTZUSD", id="the venue's alias"),
            pytest.param("ETH-USDT-SWAP", None, "linear ETH-USDT-SWAP", id="the venue's symbol of a perpetual"),
            pytest.param("ethusdt", None, "linear ETH-USDT-SWAP", id="a plain spelling that only a perpetual has"),
            pytest.param(
                "ETH/USDT", Product.LINEAR, "linear ETH-USDT-SWAP", id="the pair of a perpetual, product said"
            ),
            pytest.param("ETH/USDT", None, None, id="the name of a spot instrument never means a perpetual"),
            pytest.param("BTC/USDT:BTC", None, None, id="another settle currency is another instrument"),
            pytest.param("abcd", None, None, id="a spelling of two instruments is nobody"),
            pytest.param("AB/CD", None, "spot ab_cd", id="our exact name beats a shared spelling"),
            pytest.param("a_bcd", None, "spot a_bcd", id="the exact symbol beats a shared spelling"),
            pytest.param("BTC", None, None, id="a part of a name"),
            pytest.param("", None, None, id="nothing"),
            pytest.param("ETHW/USDT", Product.LINEAR, None, id="a product that the pair does not have"),
        ],
    )
    def test_a_name_means_one_instrument_or_none(self, name: str, product: Product | None, symbol: str | None) -> None:
        found = LISTING.find(name, product)
        assert (None if found is None else f"{found.product} {found.symbol}") == symbol

    @given(st.text())
    def test_any_text_finds_an_instrument_of_that_spelling_or_none(self, name: str) -> None:
        found = LISTING.find(name)
        assert found is None or found in LISTING

    def test_every_instrument_is_found_by_its_name_and_by_its_symbol(self) -> None:
        for item in LISTING:
            assert LISTING.find(item.name) is item
            assert LISTING.find(item.symbol, item.product) is item
            assert LISTING.of(item.symbol, item.product) is LISTING.listed(item.symbol, item.product) is item

    def test_an_unlisted_symbol_gets_a_stand_in_that_says_so(self) -> None:
        item = LISTING.of("NEWUSDT", Product.SPOT)
        assert (item.name, item.status) == ("NEWUSDT", InstrumentStatus.UNLISTED)
        assert LISTING.listed("NEWUSDT", Product.SPOT) is None

    def test_three_names_are_offered_the_best_first(self) -> None:
        assert LISTING.nearest("BTC/USDC") == ("BTC/USD", "BTC/USDT", "BTC/USDT:USDT")
        assert LISTING.nearest("ethusd")[0] == "ETH/USDT:USDT"

    @given(st.text(), st.integers(1, 5))
    def test_offered_names_are_few_different_and_real(self, name: str, count: int) -> None:
        offered = LISTING.nearest(name, count)
        assert len(offered) == len(set(offered)) <= count
        assert all(LISTING.find(one) is not None for one in offered)

    def test_a_listing_holds_each_symbol_of_a_product_once(self) -> None:
        assert len(Instruments([spot("BTC", "USDT"), spot("BTC", "USDT"), perpetual("BTC", "USDT")])) == 2


def test_a_name_is_the_same_on_every_venue() -> None:
    assert str(spot("BTC", "USDT", "tBTCUST")) == "BTC/USDT"
    assert str(perpetual("BTC", "USDT", "BTC-USDT-SWAP")) == "BTC/USDT:USDT"
