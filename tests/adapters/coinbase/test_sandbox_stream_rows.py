from __future__ import annotations

from decimal import Decimal

from tests.adapters.coinbase.sandbox_rig import Rig, market
from unified.sandbox.streams import AccountFeed
from unified_coinbase.sandbox_memory import Memory
from unified_coinbase.sandbox_stream_rows import changed_state, order_state


def test_states_are_cumulative_and_name_no_execution() -> None:
    rig, memory = Rig(), Memory()
    feed = AccountFeed(rig.account)
    number = rig.created(configuration=market(base_size="0.01"))
    states = [changed_state(memory, rig.account, change) for change in feed.new()]
    assert {state["order_id"] for state in states} == {number}
    assert (states[0]["status"], states[0]["cumulative_quantity"]) == ("OPEN", "0")
    assert (states[-1]["status"], states[-1]["leaves_quantity"], states[-1]["order_type"]) == ("FILLED", "0", "Market")
    told = [Decimal(state["cumulative_quantity"]) for state in states]
    assert told == sorted(told)
    assert not any("trade_id" in state for state in states)


def test_an_open_order_tells_what_is_left() -> None:
    rig = Rig()
    rig.created()
    (order,) = rig.account.open.values()
    state = order_state(Memory(), rig.account, order)
    assert (state["status"], state["order_type"], state["post_only"]) == ("OPEN", "Limit", "false")
    assert Decimal(state["leaves_quantity"]) == order.quantity
    assert state["end_time"].startswith("0001")
