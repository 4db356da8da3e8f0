"""The program that trades: it wants what its seed says, and believes what its client tells it."""

from __future__ import annotations

from decimal import Decimal

from tests.toy import BTC, Wire, lost, placed, refusal, toy_client, virtual
from unified.errors import Kind, Outcome
from unified.order import OrderStatus
from unified.settings import OrderSettings
from unified.simulation.beliefs import Belief, Beliefs
from unified.simulation.chronicle import Chronicle
from unified.simulation.trader import Trader


def traded(wire: Wire, count: int = 8, seed: str = "1") -> Beliefs:
    beliefs = Beliefs()

    async def story() -> None:
        async with toy_client(wire, orders=OrderSettings(resend=False)) as client:
            chronicle = Chronicle(lambda: 0.0)
            trader = Trader(client, (BTC.name,), lambda _: Decimal(50_000), seed, beliefs, chronicle)
            await trader.run(iter(range(count)))
            await client.settle()

    virtual(story)
    return beliefs


def test_each_number_is_an_order_and_the_seed_says_which() -> None:
    def wanted(seed: str) -> list[object]:
        beliefs = traded(Wire().on("place_order", placed(status=OrderStatus.FILLED)), seed=seed)
        return [(order.side, order.quantity, order.order_type, order.price) for order in beliefs.orders.values()]

    first = wanted("1")
    assert len(first) == 8
    assert first == wanted("1") != wanted("2")


def test_some_orders_go_together_and_each_has_its_own_belief() -> None:
    replies = Wire().on("place_order", placed(status=OrderStatus.FILLED))
    replies.on("place_batch", {"items": [placed(status=OrderStatus.FILLED), *[refusal(Kind.INSUFFICIENT_FUNDS)] * 2]})
    beliefs = traded(replies, count=200)
    batches = replies.count("place_batch")
    assert batches > 0
    assert len(beliefs.of) == 200
    assert list(beliefs.of.values()).count(Belief.REJECTED) == 2 * batches


def test_resting_orders_are_amended_and_taken_back() -> None:
    resting = placed(status=OrderStatus.NEW)
    replies = Wire().on("place_order", resting).on("amend_order", resting).on("cancel_order", resting)
    beliefs = traded(replies.on("place_batch", refusal(Kind.INSUFFICIENT_FUNDS)), count=200)
    assert set(beliefs.amended.values()) == {Belief.DONE}
    assert 0 < len(beliefs.amended) <= replies.count("amend_order") < replies.count("cancel_order")
    refused = replies.on("amend_order", refusal(Kind.INVALID_REQUEST))
    assert set(traded(refused, count=200).amended.values()) == {Belief.REJECTED}


def test_what_the_client_says_is_believed() -> None:
    taken = traded(Wire().on("place_order", placed(status=OrderStatus.FILLED)))
    assert set(taken.of.values()) == {Belief.DONE}
    refused = traded(Wire().on("place_order", refusal(Kind.INSUFFICIENT_FUNDS)))
    assert set(refused.of.values()) == {Belief.REJECTED}
    assert refused.kinds == {"insufficient_funds (rejected)": 8}


def test_a_doubt_that_is_settled_later_changes_the_belief() -> None:
    beliefs = traded(Wire().on("place_order", lost()).on("get_order", refusal(Kind.ORDER_NOT_FOUND)))
    assert set(beliefs.of.values()) == {Belief.REJECTED}
    assert beliefs.settled[Outcome.REJECTED] == 8
