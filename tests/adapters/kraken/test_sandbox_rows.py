from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.kraken.sandbox_rig import Rig, result
from tests.shared import require_shared
from unified.market_data import Level
from unified.order import Side
from unified.sandbox.markets import VenueBook
from unified.sandbox.tape import TapeTrade
from unified.sandbox.wording import plain
from unified_kraken.sandbox_pairs import USD, pair_of
from unified_kraken.sandbox_rows import balance_row, book_row, fill_id, lots, order_id, price, seconds, trade_rows

BTC, DOGE = pair_of("XBTUSD"), pair_of("XDGUSD")


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_ids_have_kraken_s_form_and_are_ever_the_same() -> None:
    assert order_id(7) == order_id(7) != order_id(8)
    assert order_id(7).startswith("O")
    assert [len(part) for part in order_id(7).split("-")] == [6, 5, 6]


def test_both_sides_of_a_trade_have_ids_of_their_own(rig: Rig) -> None:
    rig.placed(price="60005", volume="0.5")
    rig.placed("taker", type="sell", price="60005", volume="0.5")
    (ours,), (theirs,) = (rig.venue.engine.accounts[name].fills for name in ("maker", "taker"))
    assert ours.trade_id == theirs.trade_id
    assert fill_id(ours) != fill_id(theirs)


def test_an_order_tells_everything_that_happened_to_it(rig: Rig) -> None:
    txid = rig.placed(price="60006", volume="1", cl_ord_id="one", oflags="fciq")
    (order,) = rig.venue.engine.accounts["maker"].orders
    assert order.average_price is not None
    told = rig.order(txid)
    assert told == {
        "refid": None,
        "userref": 0,
        "cl_ord_id": "one",
        "status": "open",
        "opentm": seconds(order.created_us),
        "starttm": 0,
        "expiretm": 0,
        "descr": {
            "pair": "XBTUSD",
            "aclass": "forex",
            "type": "buy",
            "ordertype": "limit",
            "price": "60006.0",
            "price2": "0",
            "leverage": "none",
            "order": "buy 1.00000000 XBTUSD @ limit 60006.0",
            "close": "",
        },
        "vol": "1.00000000",
        "vol_exec": f"{order.filled_quantity:.8f}",
        "cost": f"{order.filled_quote:.5f}",
        "fee": f"{order.fees['ZUSD']:.5f}",
        "price": f"{order.average_price:.5f}",
        "stopprice": "0.00000",
        "limitprice": "0.00000",
        "misc": "partial",
        "oflags": "fciq",
    }
    assert Decimal(told["vol_exec"]) == order.filled_quantity > 0


def test_a_stop_tells_its_trigger_first_and_its_limit_second(rig: Rig) -> None:
    txid = rig.placed(type="sell", ordertype="take-profit-limit", price="61000", price2="60900", timeinforce="GTC")
    described = rig.order(txid)["descr"]
    assert (described["price"], described["price2"]) == ("61000.0", "60900.0")
    rig.venue.engine.move_price(rig.venue.engine.instruments[0], Decimal(61_100))
    found = rig.order(txid)
    assert (found["misc"], found["stopprice"], found["limitprice"]) == ("touched", "61000.00000", "60900.00000")


def test_an_order_in_dollars_tells_its_volume_in_dollars(rig: Rig) -> None:
    found = rig.order(rig.placed(ordertype="market", oflags="viqc", volume="500"))
    assert (found["vol"], found["oflags"]) == ("500.00000000", "viqc,fciq")
    assert Decimal("0.008") < Decimal(found["vol_exec"]) < Decimal("0.009")


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.5", "0.500"), ("12.3456", "12.346"), ("0.0001", "0.00010000"), ("0", "0.00000000")],
)
def test_lots_are_told_in_three_decimals_unless_that_is_nothing(value: str, text: str) -> None:
    assert lots(Decimal(value)) == text


def test_prices_have_five_decimals_at_least() -> None:
    assert (price(Decimal("60000.1"), BTC), price(Decimal("0.15"), DOGE)) == ("60000.10000", "0.1500000")


def test_a_book_tells_each_level_with_its_second() -> None:
    book = VenueBook(bids=(), asks=(Level(Decimal("60000.5"), Decimal("0.25")),), sequence=1, time_us=5_900_000)
    assert book_row(book, BTC) == {"asks": [["60000.50000", "0.250", 5]], "bids": []}


def test_trades_of_one_instant_have_cursors_of_their_own() -> None:
    def trade(number: int, time_us: int) -> TapeTrade:
        return TapeTrade(trade_id=number, price=Decimal(60_000), quantity=Decimal(1), side=Side.SELL, time_us=time_us)

    rows = trade_rows([trade(1, 5), trade(2, 5), trade(3, 6)], BTC)
    assert [time_ns for time_ns, _ in rows] == [5_000, 5_001, 6_000]
    assert rows[0][1] == ["60000.00000", "1.00000000", 0.000005, "s", "m", "", 1]


def test_balances_are_written_in_the_digits_of_their_asset() -> None:
    assert balance_row(USD, Decimal("10.5"), Decimal(0)) == {"balance": "10.5000", "hold_trade": "0.0000"}


# --- beside recorded answers


def shape(value: Any) -> Any:
    """What a value is made of; numbers are alike."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, bool) or not isinstance(value, int | float):
        return type(value).__name__
    return "number"


def recorded(name: str) -> Any:
    return json.loads(require_shared("corpus", "kraken", "spot", *f"{name}.json".split("/")).read_text())["response"]


@pytest.mark.parametrize(
    ("name", "call", "fields"),
    [
        pytest.param("ExchangeData/GetAssets", "Assets", {}, id="assets"),
        pytest.param("ExchangeData/GetSystemStatus", "SystemStatus", {}, id="the status"),
        pytest.param("ExchangeData/GetTicker", "Ticker", {"pair": "XBTUSD"}, id="a ticker"),
        pytest.param("ExchangeData/GetOrderBook", "Depth", {"pair": "XBTUSD"}, id="a book"),
        pytest.param("ExchangeData/GetKlines", "OHLC", {"pair": "XBTUSD"}, id="candles"),
        pytest.param("ExchangeData/GetTradeHistory", "Trades", {"pair": "XBTUSD"}, id="trades"),
    ],
)
def test_public_answers_look_like_recorded_ones(rig: Rig, name: str, call: str, fields: dict[str, str]) -> None:
    rig.seconds = 60.0
    rig.get("Time")
    seen, ours = recorded(name)["result"], result(rig.get(call, **fields))
    alike = seen.keys() & ours.keys()
    assert alike
    assert {key: shape(seen[key]) for key in alike} == {key: shape(ours[key]) for key in alike}
    rows = [part for part in alike if isinstance(seen[part], list)]
    assert [[shape(cell) for cell in seen[row][0]] for row in rows] == [
        [shape(c) for c in ours[row][0]] for row in rows
    ]


@pytest.mark.parametrize(
    ("name", "lists"),
    [
        pytest.param("Trading/GetOpenOrders", "open", id="open orders"),
        pytest.param("Trading/GetClosedOrders", "closed", id="closed orders"),
        pytest.param("Trading/GetUserTrades", "trades", id="fills"),
    ],
)
def test_records_tell_what_recorded_ones_tell(rig: Rig, name: str, lists: str) -> None:
    rig.placed(price="60006", volume="1")
    rig.placed(ordertype="market")
    call = {"open": "OpenOrders", "closed": "ClosedOrders", "trades": "TradesHistory"}[lists]
    seen = next(iter(recorded(name)["result"][lists].values()))
    ours = next(iter(result(rig.post(call, trades="true"))[lists].values()))
    assert seen.keys() - ours.keys() <= {"trigger"}
    nullable = {"refid", "userref", "reason"}
    for key in seen.keys() & ours.keys() - nullable - {"descr"}:
        assert shape(seen[key]) == shape(ours[key]), key


def test_rules_of_pairs_have_the_recorded_members(rig: Rig) -> None:
    seen = next(iter(recorded("ExchangeData/GetSymbols")["result"].values()))
    ours = result(rig.get("AssetPairs", pair="XBTUSD"))["XXBTZUSD"]
    assert seen.keys() - ours.keys() == {"long_position_limit", "short_position_limit"}
    assert plain(Decimal(ours["tick_size"])) == ours["tick_size"]
