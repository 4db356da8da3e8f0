from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.unified.sandbox.rig import PERP
from unified.order import Side
from unified.sandbox.accounts import Account, VenuePosition, Wallet

MARK = Decimal(100)


def position() -> VenuePosition:
    return VenuePosition(instrument=PERP, side=None)


def test_a_wallet_knows_what_is_free() -> None:
    wallet = Wallet()
    wallet.add("USDT", Decimal(10))
    wallet.hold("USDT", Decimal(4))
    assert (wallet.free("USDT"), wallet.free("BTC")) == (Decimal(6), Decimal(0))


def test_a_position_averages_what_it_adds_and_realizes_what_it_closes() -> None:
    held = position()
    held.apply(Side.BUY, Decimal(1), Decimal(100))
    held.apply(Side.BUY, Decimal(1), Decimal(200))
    assert held.entry_price == 150
    assert held.apply(Side.SELL, Decimal(1), Decimal(170)) == 20
    assert (held.quantity, held.entry_price, held.unrealized(Decimal(160))) == (Decimal(1), Decimal(150), Decimal(10))


def test_a_position_can_turn_over() -> None:
    held = position()
    held.apply(Side.BUY, Decimal(1), Decimal(100))
    assert held.apply(Side.SELL, Decimal(3), Decimal(110)) == 10
    assert (held.quantity, held.entry_price, held.closable(Side.BUY)) == (Decimal(-2), Decimal(110), Decimal(2))
    assert held.closable(Side.SELL) == 0


TRADES = st.lists(
    st.tuples(st.sampled_from(list(Side)), st.integers(1, 1000), st.integers(1, 100_000)), min_size=1, max_size=30
)


@given(TRADES)
def test_profit_is_exactly_what_the_trades_made(trades: list[tuple[Side, int, int]]) -> None:
    held = position()
    cash = Decimal(0)
    for side, lots, price in trades:
        quantity = Decimal(lots) / 1000
        held.apply(side, quantity, Decimal(price))
        cash += (-1 if side is Side.BUY else 1) * quantity * price
    assert held.realized_pnl + held.unrealized(MARK) == cash + held.quantity * MARK


def test_margin_binds_what_positions_use_and_profit_frees_it() -> None:
    account = Account(name="a", spot=Wallet(), margin=Wallet({"USDT": Decimal(1000)}))
    account.position(PERP, None).apply(Side.BUY, Decimal(10), Decimal(90))
    product = PERP.product
    assert account.position_margin("USDT", lambda _instrument: MARK) == 100
    assert account.available(product, "USDT", lambda _instrument: MARK) == 1000 + 100 - 100
