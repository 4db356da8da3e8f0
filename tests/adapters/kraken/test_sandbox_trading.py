from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.kraken.sandbox_rig import Rig, answer, refusal, result
from unified.instrument import Instrument
from unified.sandbox.clock import DEFAULT_BASE_US
from unified.sandbox.listing import EngineRules, MarketMode
from unified.sandbox.wording import rfc3339
from unified_kraken.sandbox import KrakenSandbox
from unified_kraken.sandbox_pairs import pair_of
from unified_kraken.sandbox_public import instrument_of
from unified_kraken.sandbox_trading import PostOnly

UUID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"
OTHER = "6d1b345e-2821-40e2-ad83-4ecb18a06877"
ITEM = {"type": "buy", "ordertype": "limit", "price": "50000", "volume": "0.01"}
CROSSING = {"price": "61000", "oflags": "post"}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def btc(rig: Rig) -> Instrument:
    return instrument_of(rig.venue.engine, pair_of("XBTUSD"))


def spent(rig: Rig, who: str = "maker", pair: str = "XXBTZUSD", tier: str = "pro") -> int:
    """The engine's counter."""
    return rig.venue.keeper.used(f"engine of {tier}", f"{who} {pair}", rig.venue.moment)


def deadline(rig: Rig, seconds: float) -> str:
    return rfc3339(rig.venue.now_us + round(seconds * 1_000_000))


# --- placing


def test_placing_answers_an_id_and_a_description_and_nothing_of_the_outcome(rig: Rig) -> None:
    told = result(rig.place(volume="0.5", price="50000"))
    assert set(told) == {"txid", "descr"}
    assert told["descr"] == {"order": "buy 0.50000000 XBTUSD @ limit 50000.0"}
    (txid,) = told["txid"]
    assert [len(part) for part in txid.split("-")] == [6, 5, 6]
    assert rig.order(txid)["status"] == "open"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"ordertype": "limit", "price": "50000"}, "open", id="a limit order that rests"),
        pytest.param({"ordertype": "limit", "price": "61000"}, "closed", id="a limit order that takes"),
        pytest.param({"ordertype": "market"}, "closed", id="a market order"),
        pytest.param({"ordertype": "market", "oflags": "viqc", "volume": "500"}, "closed", id="so many dollars"),
        pytest.param({"ordertype": "stop-loss", "price": "65000"}, "open", id="a stop that waits"),
        pytest.param(
            {"ordertype": "take-profit-limit", "price": "55000", "price2": "55100"},
            "open",
            id="a take-profit that waits",
        ),
        pytest.param(
            {"ordertype": "stop-loss", "price": "55000"}, "closed", id="a stop beyond the market acts at once"
        ),
        pytest.param({"price": "50000", "timeinforce": "IOC"}, "canceled", id="immediate or cancel, out of reach"),
        pytest.param({"price": "50000", "timeinforce": "FOK"}, "canceled", id="fill or kill, out of reach"),
        pytest.param({"price": "61000", "timeinforce": "FOK"}, "closed", id="fill or kill, within reach"),
    ],
)
def test_every_type_goes_its_way(rig: Rig, fields: dict[str, str], status: str) -> None:
    assert rig.order(rig.placed(**fields))["status"] == status


def test_an_order_good_till_a_date_expires(rig: Rig) -> None:
    txid = rig.placed(timeinforce="GTD", expiretm="+10")
    rig.seconds += 11
    assert rig.order(txid)["status"] == "expired"


def test_a_stop_triggers_when_its_price_comes(rig: Rig) -> None:
    txid = rig.placed(type="sell", ordertype="stop-loss", price="59000")
    rig.venue.engine.move_price(btc(rig), Decimal(58_900))
    found = rig.order(txid)
    assert (found["status"], found["misc"], found["stopprice"]) == ("closed", "stopped", "59000.00000")


@pytest.mark.parametrize(
    ("who", "fields", "words"),
    [
        pytest.param("maker", {"pair": "NOPE"}, "EQuery:Unknown asset pair", id="an unknown pair"),
        pytest.param("maker", {"pair": ""}, "EGeneral:Invalid arguments:pair", id="no pair"),
        pytest.param(
            "maker", {"volume": "0.00004"}, "EGeneral:Invalid arguments:volume minimum not met", id="below the minimum"
        ),
        pytest.param(
            "maker", {"volume": "0.0001", "price": "1000"}, "EOrder:Cost minimum not met", id="worth too little"
        ),
        pytest.param(
            "maker",
            {"pair": "XDGUSD", "volume": "100", "price": "0.1000001"},
            "EOrder:Tick size check failed",
            id="off the tick",
        ),
        pytest.param("poor", {}, "EOrder:Insufficient funds", id="too little money"),
        pytest.param("poor", {"type": "sell", "price": "70000"}, "EOrder:Insufficient funds", id="too few coins"),
        pytest.param(
            "maker", {"expiretm": "1000"}, "EGeneral:Invalid arguments:expiretm", id="an expiry that has passed"
        ),
        pytest.param(
            "maker",
            {"oflags": "post", "timeinforce": "IOC"},
            "EOrder:Invalid order",
            id="flags that do not go together",
        ),
    ],
)
def test_refusals_of_a_placement(rig: Rig, who: str, fields: dict[str, str], words: str) -> None:
    assert refusal(rig.place(who, **fields)) == words
    assert rig.venue.engine.accounts[who].orders == []


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (MarketMode.CANCEL_ONLY, "EService:Market in cancel_only mode"),
        (MarketMode.POST_ONLY, "EService:Market in post_only mode"),
        (MarketMode.CLOSED, "EService:Unavailable"),
    ],
)
def test_a_market_that_does_not_take_the_order_says_so(rig: Rig, mode: MarketMode, words: str) -> None:
    rig.venue.engine.set_mode(btc(rig), mode)
    assert refusal(rig.place()) == words


def test_open_orders_of_a_pair_are_limited_by_tier(rig: Rig) -> None:
    for _ in range(60):
        rig.placed("starter", volume="0.00005")
        rig.seconds += 1
    assert refusal(rig.place("starter", volume="0.00005")) == "EOrder:Orders limit exceeded"
    rig.placed("starter", pair="ETHUSD", price="2000")


# --- post-only


def test_a_crossing_post_only_order_can_be_refused_at_once(rig: Rig) -> None:
    rig.venue.trading.post_only = PostOnly.AT_ONCE
    assert refusal(rig.place(**CROSSING)) == "EOrder:Post only order"


def test_a_crossing_post_only_order_can_be_canceled_afterwards(rig: Rig) -> None:
    rig.venue.trading.post_only = PostOnly.LATER
    found = rig.order(rig.placed(**CROSSING))
    assert (found["status"], found["reason"], found["vol_exec"]) == ("canceled", "Post only order", "0.00000000")


def test_by_seed_a_crossing_post_only_order_ends_either_way(rig: Rig) -> None:
    def outcomes(seed: int) -> list[bool]:
        other = Rig(seed)
        return [bool(other.place(**CROSSING)["error"]) for _ in range(12)]

    assert set(outcomes(1)) == {True, False}
    assert outcomes(1) == outcomes(1) != outcomes(2)


def test_a_post_only_order_that_does_not_cross_rests(rig: Rig) -> None:
    found = rig.order(rig.placed(oflags="post"))
    assert (found["status"], found["oflags"]) == ("open", "post,fciq")


# --- client ids


def test_a_client_id_is_unique_among_open_orders_only(rig: Rig) -> None:
    first = rig.placed(cl_ord_id=UUID)
    assert refusal(rig.place(cl_ord_id=UUID)) == "EGeneral:Invalid arguments:cl_ord_id not unique"
    result(rig.post("CancelOrder", txid=first))
    second = rig.placed(cl_ord_id=UUID)
    assert second != first
    result(rig.place("taker", cl_ord_id=UUID))


def test_tags_are_not_unique(rig: Rig) -> None:
    assert rig.placed(userref=5) != rig.placed(userref=5)


# --- validate and deadline


def test_validate_checks_and_places_nothing(rig: Rig) -> None:
    assert result(rig.place(validate="true")) == {"descr": {"order": "buy 0.01000000 XBTUSD @ limit 50000.0"}}
    assert refusal(rig.place("poor", validate="true")) == "EOrder:Insufficient funds"
    assert rig.venue.engine.accounts["maker"].orders == []


def test_a_deadline_in_its_window_is_fine(rig: Rig) -> None:
    result(rig.place(deadline=deadline(rig, 5)))


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        pytest.param("AddOrder", {"pair": "XBTUSD", **ITEM}, id="a placement"),
        pytest.param("AmendOrder", {"limit_price": "50001"}, id="an amendment"),
        pytest.param("AddOrderBatch", {"pair": "XBTUSD", "orders": [ITEM, ITEM]}, id="a batch"),
    ],
)
def test_what_was_held_up_beyond_its_deadline_does_nothing(rig: Rig, call: str, fields: dict[str, Any]) -> None:
    resting = rig.placed()
    fields = {**fields, "txid": resting} if call == "AmendOrder" else fields
    arrived_us, limit = rig.venue.clock.true_us(), deadline(rig, 3)
    rig.seconds += 3.5
    rig.nonce += 1
    body = json_body(rig, {**fields, "deadline": limit})
    late = rig.incoming(call, body, rig.credentials["maker"], kind="application/json", arrived_us=arrived_us)
    assert refusal(answer(rig.send(late))) == "EService:Deadline elapsed"
    (order,) = rig.venue.engine.accounts["maker"].orders
    assert order.amendments == 0


def json_body(rig: Rig, fields: dict[str, Any]) -> str:
    return json.dumps({"nonce": rig.nonce, **fields})


# --- amending


def test_an_amendment_keeps_the_order_s_ids(rig: Rig) -> None:
    txid = rig.placed(cl_ord_id=UUID)
    told = result(rig.post("AmendOrder", txid=txid, limit_price="50001.5", order_qty="0.02"))
    assert [len(part) for part in told["amend_id"].split("-")] == [6, 5, 6]
    found = rig.order(txid)
    assert (found["descr"]["price"], found["vol"], found["cl_ord_id"], found["misc"]) == (
        "50001.5",
        "0.02000000",
        UUID,
        "amended",
    )


def test_an_amendment_by_client_id_to_less_than_is_filled_cancels_the_rest(rig: Rig) -> None:
    txid = rig.placed(price="60006", volume="1", cl_ord_id=UUID)
    filled = Decimal(rig.order(txid)["vol_exec"])
    assert 0 < filled < 1
    result(rig.post("AmendOrder", cl_ord_id=UUID, order_qty="0.0001"))
    found = rig.order(txid)
    assert (found["status"], Decimal(found["vol_exec"])) == ("canceled", filled)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "EOrder:No amendable parameters specified", id="nothing to change"),
        pytest.param({"limit_price": "50000"}, "EOrder:No amendable parameters specified", id="as it is"),
        pytest.param({"order_qty": "0"}, "EGeneral:Invalid arguments:order_qty", id="a quantity of zero"),
        pytest.param({"order_qty": "0.00004"}, "EOrder:Order minimum not met", id="below the minimum"),
        pytest.param({"order_qty": "100"}, "EOrder:Insufficient funds", id="more than the account has"),
        pytest.param({"limit_price": "61000", "post_only": "true"}, "EOrder:Post only order", id="would trade"),
        pytest.param({"trigger_price": "61000"}, "EOrder:Order not editable", id="a trigger that it has not"),
    ],
)
def test_refusals_of_an_amendment(rig: Rig, fields: dict[str, str], words: str) -> None:
    txid = rig.placed()
    assert refusal(rig.post("AmendOrder", txid=txid, **fields)) == words
    assert rig.order(txid)["misc"] == ""


def test_an_order_without_a_limit_is_not_editable(rig: Rig) -> None:
    txid = rig.placed(ordertype="stop-loss", price="65000")
    assert refusal(rig.post("AmendOrder", txid=txid, order_qty="0.02")) == "EOrder:Order not editable"


# --- canceling


def test_a_cancel_tells_its_count(rig: Rig) -> None:
    txid = rig.placed()
    assert result(rig.post("CancelOrder", txid=txid)) == {"count": 1, "pending": False}
    found = rig.order(txid)
    assert (found["status"], found["reason"]) == ("canceled", "User requested")


def test_a_cancel_by_client_id_and_by_tag(rig: Rig) -> None:
    for fields in ({"cl_ord_id": UUID}, {"userref": 9}, {"userref": 9}, {"userref": 8}):
        rig.placed(**fields)
    assert result(rig.post("CancelOrder", cl_ord_id=UUID))["count"] == 1
    assert result(rig.post("CancelOrder", txid=9))["count"] == 2
    assert len(rig.venue.engine.accounts["maker"].open) == 1


@pytest.mark.parametrize("call", ["CancelOrder", "AmendOrder"])
def test_targets_that_are_none(rig: Rig, call: str) -> None:
    done = rig.placed(cl_ord_id=UUID, ordertype="market")
    theirs = rig.placed("taker")
    by_name = {"CancelOrder": "EOrder:Invalid order", "AmendOrder": "EOrder:Unknown order"}[call]
    said = {
        "finished": refusal(rig.post(call, txid=done)),
        "never": refusal(rig.post(call, txid="OAAAAA-AAAAA-AAAAAA")),
        "theirs": refusal(rig.post(call, txid=theirs)),
        "finished by name": refusal(rig.post(call, cl_ord_id=UUID)),
        "never by name": refusal(rig.post(call, cl_ord_id=OTHER)),
        "nothing": refusal(rig.post(call)),
        "both": refusal(rig.post(call, txid=done, cl_ord_id=UUID)),
    }
    assert said == {
        "finished": "EOrder:Unknown order",
        "never": "EOrder:Invalid order",
        "theirs": "EOrder:Invalid order",
        "finished by name": by_name,
        "never by name": by_name,
        "nothing": "EGeneral:Invalid arguments:txid",
        "both": "EGeneral:Invalid arguments:txid",
    }


def test_a_tag_that_no_open_order_bears_is_an_unknown_order(rig: Rig) -> None:
    assert refusal(rig.post("CancelOrder", txid=77)) == "EOrder:Unknown order"


def test_a_cancel_may_be_pending(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KrakenSandbox, "rules", EngineRules(cancel_us=(500_000, 500_000)))
    slow = Rig()
    txid = slow.placed()
    assert result(slow.post("CancelOrder", txid=txid)) == {"count": 1, "pending": True}
    assert slow.order(txid)["status"] == "open"
    assert refusal(slow.post("CancelOrder", txid=txid)) == "EOrder:Cancel pending"
    assert result(slow.post_json("CancelOrderBatch", orders=[txid])) == {"count": 0}
    slow.seconds += 0.5
    assert slow.order(txid)["status"] == "canceled"


def test_all_orders_are_canceled_whatever_their_pair(rig: Rig) -> None:
    rig.placed()
    rig.placed(pair="ETHUSD", price="2000")
    theirs = rig.placed("taker")
    assert result(rig.post("CancelAll")) == {"count": 2, "pending": False}
    assert result(rig.post("CancelAll")) == {"count": 0, "pending": False}
    assert rig.order(theirs, "taker")["status"] == "open"


# --- batches


def test_a_batch_tells_each_order_in_its_place(rig: Rig) -> None:
    orders = [{**ITEM, "cl_ord_id": UUID}, {**ITEM, "volume": "0.00004"}, {**ITEM, "cl_ord_id": UUID}, ITEM]
    told = result(rig.post_json("AddOrderBatch", pair="XBTUSD", orders=orders))["orders"]
    assert [item.get("error") for item in told] == [
        None,
        "EGeneral:Invalid arguments:volume minimum not met",
        "EGeneral:Invalid arguments:cl_ord_id not unique",
        None,
    ]
    assert rig.order(told[0]["txid"])["cl_ord_id"] == UUID
    assert told[3]["descr"] == {"order": "buy 0.01000000 XBTUSD @ limit 50000.0"}


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        pytest.param([ITEM], "EGeneral:Invalid arguments:orders", id="too few"),
        pytest.param([ITEM] * 16, "EGeneral:Invalid arguments:orders", id="too many"),
        pytest.param("x", "EGeneral:Invalid arguments:orders", id="no list"),
        pytest.param([ITEM, "x"], "EGeneral:Invalid arguments:orders", id="an item that is no order"),
        pytest.param([ITEM, {**ITEM, "type": "x"}], "EGeneral:Invalid arguments:type", id="a malformed item"),
    ],
)
def test_a_malformed_batch_places_nothing(rig: Rig, orders: Any, words: str) -> None:
    assert refusal(rig.post_json("AddOrderBatch", pair="XBTUSD", orders=orders)) == words
    assert rig.venue.engine.accounts["maker"].orders == []


def test_a_batch_can_be_validated(rig: Rig) -> None:
    told = result(rig.post_json("AddOrderBatch", pair="XBTUSD", orders=[ITEM, ITEM], validate=True))["orders"]
    assert [set(item) for item in told] == [{"descr"}, {"descr"}]
    assert rig.venue.engine.accounts["maker"].orders == []


def test_a_batch_of_cancels_tells_only_how_many(rig: Rig) -> None:
    ids = [rig.placed(), rig.placed(userref=3), rig.placed(cl_ord_id=UUID), rig.placed()]
    told = rig.post_json(
        "CancelOrderBatch",
        orders=[ids[0], {"txid": 3}, "OAAAAA-AAAAA-AAAAAA"],
        cl_ord_ids=[{"cl_ord_id": UUID}],
    )
    assert result(told) == {"count": 3}
    assert rig.order(ids[3])["status"] == "open"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "EGeneral:Invalid arguments:orders", id="none"),
        pytest.param({"orders": [str(n) for n in range(51)]}, "EGeneral:Invalid arguments:orders", id="too many"),
        pytest.param({"orders": [True]}, "EGeneral:Invalid arguments:txid", id="no id"),
        pytest.param({"cl_ord_ids": [{}]}, "EGeneral:Invalid arguments:cl_ord_id", id="no client id"),
    ],
)
def test_malformed_batches_of_cancels(rig: Rig, fields: dict[str, Any], words: str) -> None:
    assert refusal(rig.post_json("CancelOrderBatch", **fields)) == words


# --- the engine's counter


def test_the_documented_check_of_the_counter_without_decay(rig: Rig) -> None:
    """add, amend at 7 s, cancel 36 s later: 1 + (1 + 2) + 4 = 8."""
    txid, costs = rig.placed(), [1]
    for wait, call, fields in ((7, "AmendOrder", {"limit_price": "50001"}), (36, "CancelOrder", {})):
        rig.seconds += wait
        before = spent(rig)
        result(rig.post(call, txid=txid, **fields))
        costs.append(spent(rig) - before)
    assert costs == [1, 3, 4]


@pytest.mark.parametrize(
    ("age", "cancel", "amend"),
    [(0, 8, 4), (5, 6, 3), (10, 5, 2), (15, 4, 1), (45, 2, 1), (90, 1, 1), (300, 0, 1)],
)
def test_young_orders_cost_more(rig: Rig, age: int, cancel: int, amend: int) -> None:
    first, second = rig.placed(), rig.placed()
    rig.seconds += age
    placed = spent(rig)
    result(rig.post("CancelOrder", txid=first))
    assert spent(rig) == placed + cancel
    result(rig.post("AmendOrder", txid=second, limit_price="50001"))
    assert spent(rig) == placed + cancel + amend


def test_beyond_the_threshold_everything_of_the_pair_is_refused_until_it_decayed(rig: Rig) -> None:
    for _ in range(180):
        result(rig.place(validate="true"))
    assert refusal(rig.place()) == "EOrder:Rate limit exceeded"
    rig.placed(pair="ETHUSD", price="2000")
    rig.placed("taker")
    rig.seconds += 1
    txid = rig.placed()
    assert refusal(rig.post("CancelOrder", txid=txid)) == "EOrder:Rate limit exceeded"
    rig.seconds += 5
    result(rig.post("CancelOrder", txid=txid))


@pytest.mark.parametrize(("who", "tier", "threshold"), [("starter", "starter", 60), ("taker", "intermediate", 125)])
def test_lower_tiers_have_lower_thresholds(rig: Rig, who: str, tier: str, threshold: int) -> None:
    for _ in range(threshold):
        result(rig.place(who, validate="true"))
    assert refusal(rig.place(who, validate="true")) == "EOrder:Rate limit exceeded"
    assert spent(rig, who, tier=tier) == threshold


def test_what_is_refused_afterwards_has_paid(rig: Rig) -> None:
    rig.place(volume="0")
    rig.place(price="0")
    assert spent(rig) == 2


def test_a_batch_costs_half(rig: Rig) -> None:
    result(rig.post_json("AddOrderBatch", pair="XBTUSD", orders=[ITEM] * 3))
    assert spent(rig) == 2  # 1.5, rounded up


def test_a_batch_of_cancels_goes_through_though_it_overshoots(rig: Rig) -> None:
    ids = [rig.placed() for _ in range(25)]
    assert result(rig.post_json("CancelOrderBatch", orders=ids)) == {"count": 25}
    assert spent(rig) == 25 + 8 * 25
    assert refusal(rig.place()) == "EOrder:Rate limit exceeded"
    rig.seconds += 45 / 3.75
    assert refusal(rig.place()) == "EOrder:Rate limit exceeded"
    rig.seconds += 1 / 3.75 + 0.001
    rig.placed()


def test_beyond_the_threshold_no_batch_of_cancels_begins(rig: Rig) -> None:
    ids = [rig.placed() for _ in range(26)]
    result(rig.post_json("CancelOrderBatch", orders=ids[:25]))
    assert refusal(rig.post_json("CancelOrderBatch", orders=ids[25:])) == "EOrder:Rate limit exceeded"


def test_a_tag_s_orders_are_canceled_all_or_none(rig: Rig) -> None:
    for _ in range(21):
        rig.placed(userref=4)
    assert refusal(rig.post("CancelOrder", txid=4)) == "EOrder:Rate limit exceeded"
    assert len(rig.venue.engine.accounts["maker"].open) == 21
    rig.seconds += 10
    assert result(rig.post("CancelOrder", txid=4))["count"] == 21


def test_canceling_all_costs_one_a_pair(rig: Rig) -> None:
    rig.placed()
    rig.placed()
    result(rig.post("CancelAll"))
    assert spent(rig) == 3


def test_the_clock_of_the_venue_may_step_without_changing_an_age(rig: Rig) -> None:
    txid = rig.placed()
    rig.venue.clock.step(-3600.0)
    rig.seconds += 300
    result(rig.post("CancelOrder", txid=txid))
    assert spent(rig) == 0
    assert rig.venue.clock.base_us == DEFAULT_BASE_US
