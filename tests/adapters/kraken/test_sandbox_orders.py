from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.order import OrderType, Side, TimeInForce, Trigger
from unified.sandbox.clock import DEFAULT_BASE_US, Moment
from unified.sandbox.dialect import Incoming
from unified.sandbox.orders import NewOrder, SelfTrade
from unified.sandbox.refusal import Reason
from unified_kraken.sandbox_call import SECOND_US, Call, Fields, Refused
from unified_kraken.sandbox_orders import (
    AMENDING,
    OTHERWISE,
    WORDS,
    check_deadline,
    describe,
    has_places,
    read_client_id,
    read_order,
    read_price,
    read_userref,
)
from unified_kraken.sandbox_pairs import pair_of

NOW_US = DEFAULT_BASE_US
NOW_S = NOW_US // SECOND_US
PAIR = pair_of("XBTUSD")
BTC = PAIR.listing().instrument
UUID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"


def read(**changed: Any) -> NewOrder:
    """A limit buy, with some parameters changed or, where they are None, left out."""
    usual = {"type": "buy", "ordertype": "limit", "volume": "1.25", "price": "27500"}
    values = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    return read_order(Fields(values), PAIR, BTC, NOW_US)


# --- what is understood


@pytest.mark.parametrize(
    ("word", "side", "order_type", "trigger"),
    [
        ("limit", "buy", OrderType.LIMIT, None),
        ("market", "sell", OrderType.MARKET, None),
        ("stop-loss", "buy", OrderType.STOP_MARKET, Trigger.RISES),
        ("stop-loss", "sell", OrderType.STOP_MARKET, Trigger.FALLS),
        ("take-profit", "buy", OrderType.STOP_MARKET, Trigger.FALLS),
        ("take-profit", "sell", OrderType.STOP_MARKET, Trigger.RISES),
        ("stop-loss-limit", "sell", OrderType.STOP_LIMIT, Trigger.FALLS),
        ("take-profit-limit", "sell", OrderType.STOP_LIMIT, Trigger.RISES),
    ],
)
def test_every_type_is_read(word: str, side: str, order_type: OrderType, trigger: Trigger | None) -> None:
    asked = read(ordertype=word, type=side, price2="27400")
    assert (asked.order_type, asked.side, asked.trigger) == (order_type, Side(side), trigger)
    limit, stop = {
        OrderType.LIMIT: (Decimal(27500), None),
        OrderType.MARKET: (None, None),
        OrderType.STOP_MARKET: (None, Decimal(27500)),
        OrderType.STOP_LIMIT: (Decimal(27400), Decimal(27500)),
    }[order_type]
    assert (asked.price, asked.stop_price) == (limit, stop)


@pytest.mark.parametrize(
    ("fields", "time_in_force", "expires_us"),
    [
        pytest.param({}, TimeInForce.GTC, None, id="nothing is until canceled"),
        pytest.param({"timeinforce": "IOC"}, TimeInForce.IOC, None, id="immediate or cancel"),
        pytest.param({"timeinforce": "FOK"}, TimeInForce.FOK, None, id="fill or kill"),
        pytest.param({"expiretm": "0"}, TimeInForce.GTC, None, id="no expiry"),
        pytest.param(
            {"timeinforce": "GTD", "expiretm": "+60"}, TimeInForce.GTD, NOW_US + 60 * SECOND_US, id="so long from now"
        ),
        pytest.param(
            {"expiretm": str(NOW_S + 90)}, TimeInForce.GTD, (NOW_S + 90) * SECOND_US, id="a time alone is a date"
        ),
    ],
)
def test_lifetimes_are_read(fields: dict[str, str], time_in_force: TimeInForce, expires_us: int | None) -> None:
    asked = read(**fields)
    assert (asked.time_in_force, asked.expires_us) == (time_in_force, expires_us)


def test_flags_and_tags_are_read() -> None:
    asked = read(oflags="post,fciq", userref=7, stptype="cancel-oldest")
    assert (asked.post_only, asked.words["userref"], asked.self_trade) == (True, "7", SelfTrade.CANCEL_MAKER)
    assert (asked.client_order_id, read(cl_ord_id=UUID).client_order_id) == (None, UUID)
    in_quote = read(ordertype="market", price=None, oflags="viqc", volume="100.5")
    assert (in_quote.quantity, in_quote.quote_quantity) == (None, Decimal("100.5"))


def test_defaults_may_be_spelled_out() -> None:
    assert read(leverage="none", reduce_only="false", trigger="last", starttm="0").quantity == Decimal("1.25")


# --- what is refused


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"type": None}, "EGeneral:Invalid arguments:type", id="no side"),
        pytest.param({"ordertype": None}, "EGeneral:Invalid arguments:ordertype", id="no type"),
        pytest.param(
            {"ordertype": "iceberg"}, "EGeneral:Invalid arguments:ordertype", id="a type that is not simulated"
        ),
        pytest.param({"volume": None}, "EGeneral:Invalid arguments:volume", id="no volume"),
        pytest.param({"volume": "0"}, "EGeneral:Invalid arguments:volume", id="a volume of zero"),
        pytest.param({"volume": "1.123456789"}, "EGeneral:Invalid arguments:volume", id="a volume of nine decimals"),
        pytest.param({"volume": "1e3"}, "EGeneral:Invalid arguments:volume", id="a volume with an exponent"),
        pytest.param({"price": None}, "EGeneral:Invalid arguments:price", id="no price"),
        pytest.param({"price": "+5%"}, "EGeneral:Invalid arguments:price", id="a relative price"),
        pytest.param({"price": "-1"}, "EOrder:Invalid price", id="a negative price"),
        pytest.param(
            {"price": "27500.11"},
            "EOrder:Invalid price:XBTUSD price can only be specified up to 1 decimals.",
            id="a price of too many decimals",
        ),
        pytest.param(
            {"ordertype": "stop-loss-limit"}, "EGeneral:Invalid arguments:price2", id="no limit behind a stop"
        ),
        pytest.param({"oflags": "maker"}, "EGeneral:Invalid arguments:oflags", id="an unknown flag"),
        pytest.param({"oflags": "fcib,fciq"}, "EGeneral:Invalid arguments:oflags", id="two fee preferences"),
        pytest.param(
            {"oflags": "post", "ordertype": "market"}, "EGeneral:Invalid arguments:oflags", id="market, post-only"
        ),
        pytest.param({"oflags": "viqc"}, "EGeneral:Invalid arguments:viqc", id="a limit order in quote"),
        pytest.param(
            {"oflags": "viqc", "ordertype": "market", "type": "sell"},
            "EGeneral:Invalid arguments:viqc",
            id="a market sell in quote",
        ),
        pytest.param({"timeinforce": "DAY"}, "EGeneral:Invalid arguments:timeinforce", id="an unknown time in force"),
        pytest.param(
            {"timeinforce": "FOK", "ordertype": "market"}, "EGeneral:Invalid arguments:timeinforce", id="market, FOK"
        ),
        pytest.param({"timeinforce": "GTD"}, "EGeneral:Invalid arguments:expiretm", id="a date that is missing"),
        pytest.param({"expiretm": "+4"}, "EGeneral:Invalid arguments:expiretm", id="an expiry too soon"),
        pytest.param({"expiretm": "+2700000"}, "EGeneral:Invalid arguments:expiretm", id="an expiry beyond a month"),
        pytest.param({"expiretm": "soon"}, "EGeneral:Invalid arguments:expiretm", id="an expiry that is no time"),
        pytest.param(
            {"timeinforce": "IOC", "expiretm": "+60"}, "EGeneral:Invalid arguments:expiretm", id="IOC with an expiry"
        ),
        pytest.param({"stptype": "none"}, "EGeneral:Invalid arguments:stptype", id="an unknown self-trade rule"),
        pytest.param({"userref": "x"}, "EGeneral:Invalid arguments:userref", id="a tag that is no number"),
        pytest.param({"userref": str(2**31)}, "EGeneral:Invalid arguments:userref", id="a tag beyond 32 bits"),
        pytest.param({"userref": 1, "cl_ord_id": UUID}, "EGeneral:Invalid arguments:cl_ord_id", id="tag and client id"),
        pytest.param({"leverage": "5:1"}, "EOrder:Cannot open position", id="leverage"),
        pytest.param({"reduce_only": True}, "EOrder:Reduce only:No position exists", id="reduce-only"),
        pytest.param({"trigger": "index"}, "EGeneral:Invalid arguments:Index unavailable", id="an index trigger"),
        pytest.param({"trigger": "mark"}, "EGeneral:Invalid arguments:trigger", id="an unknown trigger"),
        pytest.param({"starttm": "+5"}, "EGeneral:Invalid arguments:starttm", id="a scheduled start"),
        pytest.param({"close[ordertype]": "limit"}, "EGeneral:Invalid arguments:close", id="a close in a form"),
        pytest.param({"close": {"ordertype": "limit"}}, "EGeneral:Invalid arguments:close", id="a close in JSON"),
    ],
)
def test_malformed_orders_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as told:
        read(**fields)
    assert told.value.words == words


# --- client ids and tags


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(UUID, id="a UUID"),
        pytest.param(UUID.upper(), id="a UUID in capitals"),
        pytest.param("da8e4ad59b78481c93e589746b0cf91f", id="the digits of a UUID"),
        pytest.param("arb-20240509-00010", id="free text of 18 characters"),
        pytest.param("a", id="free text of one"),
    ],
)
def test_client_ids_have_three_forms(text: str) -> None:
    assert read_client_id(Fields({"cl_ord_id": text})) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("arb-20240509-000100", id="free text of 19 characters"),
        pytest.param("ARB-1", id="free text in capitals"),
        pytest.param("a_b", id="free text with another sign"),
        pytest.param(UUID[:-1], id="a UUID that lacks a digit"),
        pytest.param(UUID.replace("-", "")[:-1], id="31 digits"),
    ],
)
def test_any_other_client_id_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"EGeneral:Invalid arguments:cl_ord_id$"):
        read_client_id(Fields({"cl_ord_id": text}))


@given(st.uuids())
def test_every_uuid_is_a_client_id_with_and_without_its_dashes(made: Any) -> None:
    for text in (str(made), made.hex):
        assert read_client_id(Fields({"cl_ord_id": text})) == text


def test_a_tag_may_be_negative_or_missing() -> None:
    assert (read_userref(Fields({"userref": "-5"})), read_userref(Fields({}))) == ("-5", "")


# --- prices


@given(st.decimals(min_value="0.1", max_value="999999", places=1))
def test_every_price_in_the_pair_s_decimals_is_read_as_it_is(value: Decimal) -> None:
    assert read_price(Fields({"price": f"{value:f}"}), "price", PAIR) == value


@given(st.integers(1, 10**30), st.integers(0, 12))
def test_places_are_counted_exactly(digits: int, places: int) -> None:
    value = Decimal(digits).scaleb(-places)
    assert has_places(value, places)
    assert has_places(value, places - 1) is (digits % 10 == 0)


# --- descriptions


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "buy 1.25000000 XBTUSD @ limit 27500.0"),
        ({"ordertype": "market"}, "buy 1.25000000 XBTUSD @ market"),
        ({"ordertype": "stop-loss", "type": "sell"}, "sell 1.25000000 XBTUSD @ stop loss 27500.0"),
        (
            {"ordertype": "take-profit-limit", "price2": "27400"},
            "buy 1.25000000 XBTUSD @ take profit 27500.0 -> limit 27400.0",
        ),
    ],
)
def test_an_order_is_described_in_words(fields: dict[str, str], text: str) -> None:
    assert describe(read(**fields), PAIR) == text


# --- deadlines


@pytest.mark.parametrize(
    ("deadline", "late_us", "words"),
    [
        pytest.param("12:00:02Z", 0, None, id="the soonest"),
        pytest.param("12:01:00Z", 0, None, id="the latest"),
        pytest.param("12:00:01.999Z", 0, "EGeneral:Invalid arguments:deadline", id="too soon"),
        pytest.param("12:01:00.001Z", 0, "EGeneral:Invalid arguments:deadline", id="too late"),
        pytest.param("12:00:05Z", 4_999_999, None, id="held up, but still in time"),
        pytest.param("12:00:05Z", 5_000_000, "EService:Deadline elapsed", id="held up beyond it"),
        pytest.param("11:59:59Z", 0, "EService:Deadline elapsed", id="over before it came"),
    ],
)
def test_deadlines(deadline: str, late_us: int, words: str | None) -> None:
    call = Call(
        incoming=Incoming(door="rest", method="POST", path="/"), fields=Fields({"deadline": f"2026-11-21T{deadline}"})
    )
    moment = Moment(NOW_US + late_us, NOW_US + late_us)
    if words is None:
        check_deadline(call, moment, NOW_US)
        return
    with pytest.raises(Refused) as told:
        check_deadline(call, moment, NOW_US)
    assert told.value.words == words


def test_a_deadline_is_not_required_but_must_be_a_time() -> None:
    incoming, moment = Incoming(door="rest", method="POST", path="/"), Moment(NOW_US, NOW_US)
    check_deadline(Call(incoming=incoming, fields=Fields({})), moment, NOW_US)
    with pytest.raises(Refused, match="deadline"):
        check_deadline(Call(incoming=incoming, fields=Fields({"deadline": "12:00"})), moment, NOW_US)


# --- words


def test_every_refusal_of_the_engine_has_words_of_kraken_s_form() -> None:
    form = re.compile(r"E(General|Order|Query|Service):[A-Z][\w :]+")
    assert all(form.fullmatch(text) for text in (*WORDS.values(), *AMENDING.values(), OTHERWISE))


def test_only_what_needs_a_position_or_cannot_happen_on_spot_has_no_words_of_its_own() -> None:
    assert set(Reason) - set(WORDS) == {
        Reason.BAD_ORDER,
        Reason.ABOVE_MAX_QUANTITY,
        Reason.ABOVE_MAX_NOTIONAL,
        Reason.WOULD_TRIGGER,
        Reason.UNFILLABLE_FOK,
        Reason.NO_LIQUIDITY,
        Reason.REDUCE_ONLY,
        Reason.POSITION_LIMIT,
        Reason.LEVERAGE,
        Reason.POSITION_OPEN,
    }
