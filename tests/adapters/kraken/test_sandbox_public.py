from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.kraken.sandbox_rig import Rig, refusal, result
from unified.market_data import Interval
from unified.sandbox.engine import Engine
from unified.sandbox.listing import MarketMode
from unified_kraken import sandbox_public as public
from unified_kraken.sandbox_call import SECOND_US, Fields, Refused
from unified_kraken.sandbox_pairs import PAIRS, pair_of


@pytest.fixture(scope="module")
def engine() -> Engine:
    """A minute old, so that there are trades."""
    rig = Rig()
    rig.seconds = 60.0
    rig.venue.engine.advance(rig.venue.clock.true_us())
    return rig.venue.engine


def ask(**values: Any) -> Fields:
    return Fields(values)


def test_time_is_told_in_whole_seconds(engine: Engine) -> None:
    told = public.time(engine, ask())
    assert told == {"unixtime": engine.now_us // SECOND_US, "rfc1123": "Sat, 21 Nov 26 12:01:00 +0000"}


def test_status_is_online(engine: Engine) -> None:
    assert public.status(engine, ask()) == {"status": "online", "timestamp": "2026-11-21T12:01:00Z"}


def test_assets_are_all_or_those_asked_for(engine: Engine) -> None:
    assert {"XXBT", "ZUSD", "USDT", "XXDG"} < set(public.assets(engine, ask()))
    told = public.assets(engine, ask(asset="XBT,ZUSD"))
    assert {asset: row["altname"] for asset, row in told.items()} == {"XXBT": "XBT", "ZUSD": "USD"}
    assert list(public.assets(engine, ask(asset="XBT", assetVersion="1"))) == ["BTC"]
    assert public.assets(engine, ask(aclass="tokenized_asset")) == {}


def test_pairs_are_all_or_those_asked_for(engine: Engine) -> None:
    assert set(public.pairs(engine, ask())) == {pair.id for pair in PAIRS}
    assert public.pairs(engine, ask(pair="XBTUSD"))["XXBTZUSD"]["wsname"] == "XBT/USD"
    assert list(public.pairs(engine, ask(pair="BTC/USD,ETHUSD"))) == ["BTC/USD", "XETHZUSD"]
    assert public.pairs(engine, ask(pair="XBTUSD", assetVersion="1"))["BTC/USD"]["base"] == "BTC"


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("leverage", {"leverage_buy", "leverage_sell"}),
        ("fees", {"fees", "fees_maker", "fee_volume_currency"}),
        ("margin", {"margin_call", "margin_stop"}),
    ],
)
def test_of_pairs_a_part_may_be_asked_for(engine: Engine, part: str, names: set[str]) -> None:
    assert set(public.pairs(engine, ask(pair="XBTUSD", info=part))["XXBTZUSD"]) == names


def test_a_ticker_tells_today_and_the_last_day(engine: Engine) -> None:
    told = public.ticker(engine, ask(pair="XBTUSD"))["XXBTZUSD"]
    book = engine.book(public.instrument_of(engine, pair_of("XBTUSD")), 1)
    assert (Decimal(told["a"][0]), Decimal(told["b"][0])) == (book.asks[0].price, book.bids[0].price)
    assert len(told["c"][0].partition(".")[2]) == 5
    today, day = (Decimal(volume) for volume in told["v"])
    assert 0 < today < day
    assert told["t"][0] < told["t"][1]
    assert Decimal(told["l"][1]) <= Decimal(told["p"][1]) <= Decimal(told["h"][1])


def test_tickers_of_all_pairs_come_without_asking_for_any(engine: Engine) -> None:
    assert set(public.ticker(engine, ask())) == {pair.id for pair in PAIRS}


def test_a_book_holds_what_the_engine_holds(engine: Engine) -> None:
    told = public.depth(engine, ask(pair="XBTUSD", count="3"))["XXBTZUSD"]
    book = engine.book(public.instrument_of(engine, pair_of("XBTUSD")), 3)
    for rows, levels in ((told["asks"], book.asks), (told["bids"], book.bids)):
        assert [Decimal(row[0]) for row in rows] == [level.price for level in levels]
        assert all(
            abs(Decimal(row[1]) - level.quantity) < Decimal("0.0006") for row, level in zip(rows, levels, strict=True)
        )
        assert all(row[2] == engine.now_us // SECOND_US for row in rows)


def test_trades_are_paged_by_a_cursor_of_nanoseconds(engine: Engine) -> None:
    newest = public.trades(engine, ask(pair="XBTUSD", count="2"))
    assert [row[6] for row in newest["XXBTZUSD"]] == sorted(row[6] for row in newest["XXBTZUSD"])
    first = public.trades(engine, ask(pair="XBTUSD", since="0", count="5"))
    second = public.trades(engine, ask(pair="XBTUSD", since=first["last"], count="5"))
    ids = [row[6] for page in (first, second) for row in page["XXBTZUSD"]]
    held = engine.trades(public.instrument_of(engine, pair_of("XBTUSD")), 10_000)
    assert ids == [trade.trade_id for trade in held[:10]]


def test_nothing_after_the_newest_trade_keeps_the_cursor(engine: Engine) -> None:
    newest = public.trades(engine, ask(pair="XBTUSD"))
    assert public.trades(engine, ask(pair="XBTUSD", since=newest["last"])) == {"XXBTZUSD": [], "last": newest["last"]}


def test_a_short_cursor_is_seconds(engine: Engine) -> None:
    now_s = engine.now_us // SECOND_US
    rows = public.trades(engine, ask(pair="XBTUSD", since=str(now_s - 10)))["XXBTZUSD"]
    assert rows
    assert all(row[2] > now_s - 10 for row in rows)


def test_candles_are_at_most_720_and_the_running_one(engine: Engine) -> None:
    told = public.candles(engine, ask(pair="XBTUSD"))
    rows, now_s = told["XXBTZUSD"], engine.now_us // SECOND_US
    assert len(rows) == 721
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert told["last"] == max(row[0] for row in rows if row[0] + 60 <= now_s)
    held = engine.candles(public.instrument_of(engine, pair_of("XBTUSD")), Interval.M1)[-1]
    assert [Decimal(value) for value in rows[-1][1:5]] == [held.open, held.high, held.low, held.close]
    assert (Decimal(rows[-1][6]), rows[-1][7]) == (held.volume, held.trades)


def test_candles_after_a_time_are_those_opened_later(engine: Engine) -> None:
    everything = public.candles(engine, ask(pair="XBTUSD", interval="60"))["XXBTZUSD"]
    since = everything[-3][0]
    assert public.candles(engine, ask(pair="XBTUSD", interval="60", since=str(since)))["XXBTZUSD"] == everything[-2:]


def test_the_running_candle_is_there_before_its_first_trade_and_whatever_is_asked(engine: Engine) -> None:
    running_s = engine.now_us // 60_000_000 * 60
    untraded = [row for row in public.candles(engine, ask(pair="XBTUSD"))["XXBTZUSD"] if row[0] == running_s]
    assert len(untraded) == 1
    later = public.candles(engine, ask(pair="XBTUSD", since=str(running_s)))
    assert [row[0] for row in later["XXBTZUSD"]] == [running_s]


@pytest.mark.parametrize(
    ("call", "values", "words"),
    [
        pytest.param(public.depth, {}, "EGeneral:Invalid arguments:pair", id="a book of no pair"),
        pytest.param(public.depth, {"pair": "NOPE"}, "EQuery:Unknown asset pair", id="a book of an unknown pair"),
        pytest.param(
            public.depth, {"pair": "XBTUSD", "count": "501"}, "EGeneral:Invalid arguments:count", id="too deep a book"
        ),
        pytest.param(
            public.trades, {"pair": "XBTUSD", "count": "0"}, "EGeneral:Invalid arguments:count", id="no trades"
        ),
        pytest.param(
            public.trades, {"pair": "XBTUSD", "since": "-1"}, "EGeneral:Invalid arguments:since", id="a negative cursor"
        ),
        pytest.param(
            public.candles,
            {"pair": "XBTUSD", "interval": "2"},
            "EGeneral:Invalid arguments:interval",
            id="an interval that does not exist",
        ),
        pytest.param(public.assets, {"asset": "NOPE"}, "EQuery:Unknown asset", id="an unknown asset"),
        pytest.param(public.pairs, {"info": "all"}, "EGeneral:Invalid arguments:info", id="an unknown part of pairs"),
    ],
)
def test_malformed_questions_are_refused(engine: Engine, call: Any, values: dict[str, str], words: str) -> None:
    with pytest.raises(Refused) as told:
        call(engine, Fields(values))
    assert told.value.words == words


def test_a_restricted_market_is_told_so() -> None:
    rig = Rig()
    rig.venue.engine.set_mode(public.instrument_of(rig.venue.engine, pair_of("XBTUSD")), MarketMode.CANCEL_ONLY)
    assert result(rig.get("AssetPairs", pair="XBTUSD"))["XXBTZUSD"]["status"] == "cancel_only"
    assert refusal(rig.place()) == "EService:Market in cancel_only mode"


def test_the_same_seed_shows_the_same_market() -> None:
    shown = []
    for seed in (1, 1, 2):
        rig = Rig(seed)
        rig.seconds = 5.0
        shown.append(result(rig.get("Depth", pair="XBTUSD")))
    assert shown[0] == shown[1] != shown[2]
