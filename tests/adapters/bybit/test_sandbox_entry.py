"""Orders over the simulated Bybit's socket, spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.bybit.test_sandbox_stream import Listener
from unified.sandbox.entry import EntryTalk, said_in

BUY = {
    "category": "spot",
    "symbol": "BTCUSDT",
    "side": "Buy",
    "orderType": "Limit",
    "qty": "0.01",
    "price": "50000",
}


class Trader(Listener):
    def __init__(self, *, logged_in: bool = True) -> None:
        super().__init__("/v5/trade")
        self.number = 0
        if logged_in:
            assert self.log_in()["retCode"] == 0

    def order(self, op: str, row: dict[str, Any], *, age_ms: int = 0, number: str = "") -> Any:
        """The one frame that answers a request."""
        self.number += 1
        said = {
            "reqId": number or f"t-{self.number}",
            "header": {"X-BAPI-TIMESTAMP": str(self.venue.now_ms - age_ms), "X-BAPI-RECV-WINDOW": "5000"},
            "op": op,
            "args": [row],
        }
        return self.frame(json.dumps(said))

    def frame(self, frame: str) -> Any:
        assert isinstance(self.talk, EntryTalk)
        asked = self.talk.asked(frame)
        if asked is None:
            (text,) = self.talk.receive(frame)
            return json.loads(text)
        answer = self.venue.handle(asked.incoming)
        (text,) = self.talk.answered(asked, answer, said_in(answer))
        return json.loads(text)


def test_an_order_is_placed_amended_and_canceled() -> None:
    one = Trader()
    placed = one.order("order.create", {**BUY, "orderLinkId": "a1"})
    assert (placed["reqId"], placed["op"], placed["retCode"]) == ("t-1", "order.create", 0)
    assert {"X-Bapi-Limit", "X-Bapi-Limit-Status", "Timenow"} <= placed["header"].keys()
    named = {"category": "spot", "symbol": "BTCUSDT", "orderId": placed["data"]["orderId"]}
    one.wait(0.1)
    assert one.order("order.amend", {**named, "price": "49000"})["retCode"] == 0
    assert one.order("order.cancel", named)["retCode"] == 0
    (order,) = one.venue.engine.accounts[one.venue.accounts[0].name].orders
    assert (str(order.price), order.client_order_id) == ("49000", "a1")


def test_batches_answer_each_item() -> None:
    row = {name: value for name, value in BUY.items() if name != "category"}
    answer = Trader().order("order.create-batch", {"category": "spot", "request": [row, {**row, "qty": "0"}]})
    assert [verdict["code"] == 0 for verdict in answer["retExtInfo"]["list"]] == [True, False]
    assert len(answer["data"]["list"]) == 2


@pytest.mark.parametrize(("age_ms", "code"), [(0, 0), (6000, 10002), (-1500, 10002)])
def test_each_frame_bears_its_time(age_ms: int, code: int) -> None:
    assert Trader().order("order.create", BUY, age_ms=age_ms)["retCode"] == code


def test_an_id_never_comes_twice() -> None:
    one = Trader()
    assert one.order("order.create", BUY, number="same")["retCode"] == 0
    assert one.order("order.create", BUY, number="same")["retCode"] == 20006
    assert len(one.venue.engine.accounts[one.venue.accounts[0].name].orders) == 1


def test_nobody_trades_who_is_not_logged_in() -> None:
    one = Trader(logged_in=False)
    assert one.order("order.create", BUY)["retCode"] == 10005
    assert one.log_in(signature="00")["retCode"] == 10004
    assert one.log_in(expires=one.venue.now_ms - 1)["retCode"] == 10001
    one.talk.refuse_logins = 1
    assert one.log_in()["retCode"] == 10016
    assert one.log_in()["retCode"] == 0
    assert one.log_in()["retCode"] == 20001


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"op":"ping"}', 0),
        ('{"op":"order.unknown","reqId":"1"}', 10404),
        ('{"op":"order.create","reqId":"1","args":[]}', 10001),
        ("not json", 10404),
    ],
)
def test_other_frames(frame: str, code: int) -> None:
    assert Trader().frame(frame)["retCode"] == code


def test_a_socket_that_is_not_used_is_closed() -> None:
    one = Trader()
    assert one.talk.wants_close() is None
    one.wait(601)
    assert one.talk.wants_close() == 1001
