"""The holder's questions to the simulated Paper: orders live and end, and lists come in pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.paper.sandbox_rig import Rig
from unified.sandbox.dialect import RequestClass
from unified.sandbox.refusal import EngineRefusal
from unified_paper import sandbox_trade
from unified_paper.sandbox_trade import PRIVATE


def placed(rig: Rig, **terms: str) -> dict[str, Any]:
    found: dict[str, Any] = sandbox_trade.place(rig.call(**rig.order(**terms)))
    return found


def test_an_order_is_placed_amended_and_canceled() -> None:
    rig = Rig()
    row = placed(rig)
    assert (row["status"], row["price"], row["quantity"]) == ("new", "50000", "0.01")
    assert sandbox_trade.amend(rig.call(id=str(row["id"]), price="49999"))["price"] == "49999"
    assert sandbox_trade.cancel(rig.call(client_order_id="c1"))["status"] == "canceled"
    rig.wait(5)
    assert [one["id"] for one in sandbox_trade.closed_orders(rig.call())["orders"]] == [row["id"]]
    assert sandbox_trade.open_orders(rig.call())["orders"] == []


def test_a_trial_leaves_nothing() -> None:
    rig = Rig()
    assert sandbox_trade.test(rig.call(**rig.order())) == {}
    with pytest.raises(EngineRefusal):
        sandbox_trade.test(rig.call(**rig.order(quantity="100")))
    assert rig.call().account.orders == []


def test_everything_of_a_symbol_is_canceled_at_once() -> None:
    rig = Rig()
    placed(rig)
    placed(rig, symbol="ETHUSDT", price="2000", quantity="0.1", client_order_id="c2")
    sandbox_trade.cancel_all(rig.call(symbol="ETHUSDT"))
    assert [order.is_open for order in rig.call().account.orders] == [True, False]


def test_lists_come_in_pages() -> None:
    rig = Rig()
    for number in range(sandbox_trade.PAGE + 1):
        sandbox_trade.place(rig.call(**rig.market_order(client_order_id=f"c{number}", quantity="0.001")))
    first = sandbox_trade.fills(rig.call())
    assert (len(first["fills"]), first["cursor"]) == (sandbox_trade.PAGE, str(sandbox_trade.PAGE))
    rest = sandbox_trade.fills(rig.call(cursor=first["cursor"]))
    assert (bool(rest["fills"]), rest["cursor"]) == (True, "")


def test_what_a_call_is_the_table_says() -> None:
    assert all(found.signed for found in PRIVATE.values())
    assert {key for key, found in PRIVATE.items() if found.orders} == {("POST", "/orders"), ("PUT", "/orders")}
    assert PRIVATE["DELETE", "/orders"].kind is RequestClass.CANCEL


def test_fees_and_key_are_told() -> None:
    rig = Rig()
    assert sandbox_trade.fees(rig.call(symbol="BTCUSDT"))["taker"] == "0.001"
    assert sandbox_trade.key(rig.call()) == {"read": True, "trade": True}
    assert {row["currency"] for row in sandbox_trade.balances(rig.call())["balances"]} == {"BTC", "ETH", "USDT"}
