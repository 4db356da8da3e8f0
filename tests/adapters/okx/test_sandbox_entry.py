"""Orders over the simulated OKX's stream, spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.okx.test_sandbox_stream import Listener
from unified.sandbox.entry import EntryTalk, said_in
from unified_okx.sandbox_entry import ORDER_PATHS

SPOT_CODE = 3
BUY = {"instIdCode": SPOT_CODE, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "50000", "sz": "0.01"}


class Trader(Listener):
    def __init__(self) -> None:
        super().__init__("private")

    def order(self, op: str, *args: dict[str, Any], **beside: str) -> Any:
        """The one frame that answers a request."""
        frame = json.dumps({"id": "9", "op": op, "args": args, **beside})
        assert isinstance(self.talk, EntryTalk)
        asked = self.talk.asked(frame)
        if asked is None:
            (answer,) = self.say(frame)
            return answer
        answer_ = self.rig.sandbox.handle(asked.incoming)
        (text,) = self.talk.answered(asked, answer_, said_in(answer_))
        return json.loads(text)


def trader() -> Trader:
    one = Trader()
    assert one.login()["event"] == "login"
    return one


def test_an_order_is_placed_amended_and_canceled() -> None:
    one = trader()
    placed = one.order("order", {**BUY, "clOrdId": "a1"})
    assert (placed["id"], placed["op"], placed["code"]) == ("9", "order", "0")
    number = placed["data"][0]["ordId"]
    one.rig.wait(0.1)
    amended = one.order("amend-order", {"instIdCode": SPOT_CODE, "ordId": number, "newPx": "49000"})
    assert amended["data"][0]["sCode"] == "0"
    assert one.order("cancel-order", {"instIdCode": SPOT_CODE, "ordId": number})["code"] == "0"
    (order,) = one.rig.sandbox.engine.accounts["first"].orders
    assert (str(order.price), order.client_order_id) == ("49000", "a1")


def test_batches_answer_each_item() -> None:
    one = trader()
    answer = one.order("batch-orders", {**BUY, "clOrdId": "a1"}, {**BUY, "clOrdId": "a2", "sz": "0"})
    assert answer["code"] == "2"
    assert [row["sCode"] == "0" for row in answer["data"]] == [True, False]


def test_the_name_of_an_instrument_is_ignored() -> None:
    named = {name: value for name, value in BUY.items() if name != "instIdCode"}
    answer = trader().order("order", {**named, "instId": "BTC-USDT"})
    assert answer["data"] == [] or answer["data"][0]["sCode"] == "51001"


@pytest.mark.parametrize("late", [True, False])
def test_a_deadline_stands_beside_the_arguments(late: bool) -> None:
    one = trader()
    when = str(one.rig.sandbox.now_us // 1000 + (-1 if late else 1000))
    answer = one.order("order", BUY, expTime=when)
    assert answer["code"] == ("50036" if late else "0")


def test_nobody_trades_who_is_not_logged_in() -> None:
    answer = Trader().order("order", BUY)
    assert (answer["event"], answer["id"], answer["code"]) == ("error", "9", "60011")


def test_a_key_that_only_reads_cannot_trade() -> None:
    one = Trader()
    one.login("reader")
    assert one.order("order", BUY)["code"] == "50120"


def test_a_request_without_arguments_is_malformed() -> None:
    assert trader().order("order")["code"] == "60013"


def test_a_subscription_is_no_order() -> None:
    one = trader()
    assert isinstance(one.talk, EntryTalk)
    assert one.talk.asked('{"op":"subscribe","args":[{"channel":"account"}]}') is None
    assert one.talk.asked("ping") is None
    assert "subscribe" not in ORDER_PATHS
