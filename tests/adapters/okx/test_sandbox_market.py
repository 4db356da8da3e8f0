from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.okx.sandbox_rig import Rig
from unified.market_data import Interval
from unified.sandbox.listing import MarketMode
from unified_okx.sandbox import OkxSandbox

NOON = 1_795_262_400_000
"""2026-11-21 12:00:00 UTC, where the sandbox begins."""
HOUR = 3_600_000


@pytest.fixture(scope="module")
def quiet() -> Rig:
    """A venue that nobody changes."""
    rig = Rig(venue=OkxSandbox)
    rig.wait(30)
    return rig


def test_server_time_is_stamped_milliseconds(quiet: Rig) -> None:
    assert quiet.get("public/time").row == {"ts": str(NOON + 30_000)}


def test_nothing_is_announced(quiet: Rig) -> None:
    assert quiet.get("system/status").data == []
    quiet.wait(5)
    refused = quiet.get("system/status", state="soon")
    assert (refused.status, refused.code) == (400, "51000")


def test_spot_rows_and_swap_rows_name_their_currencies_differently(quiet: Rig) -> None:
    spot = quiet.get("public/instruments", instType="SPOT", instId="BTC-USDT").row
    assert (spot["baseCcy"], spot["quoteCcy"], spot["settleCcy"], spot["ctVal"]) == ("BTC", "USDT", "", "")
    assert (spot["tickSz"], spot["lotSz"], spot["minSz"], spot["state"]) == ("0.1", "0.00000001", "0.00001", "live")
    swap = quiet.get("public/instruments", instType="SWAP", instId="ETH-USDT-SWAP").row
    assert (swap["baseCcy"], swap["quoteCcy"], swap["settleCcy"]) == ("", "", "USDT")
    assert (swap["ctVal"], swap["ctType"], swap["ctValCcy"], swap["ctMult"]) == ("0.1", "linear", "ETH", "1")
    assert (swap["instFamily"], swap["instIdCode"]) == ("ETH-USDT", 10461)


def test_lists_of_instruments(quiet: Rig) -> None:
    swaps = quiet.get("public/instruments", instType="SWAP").data
    assert [row["instId"] for row in swaps] == ["BTC-USDT-SWAP", "ETH-USDT-SWAP"]
    assert quiet.get("public/instruments", instType="SWAP", instFamily="BTC-USDT").row["instId"] == "BTC-USDT-SWAP"
    assert quiet.get("public/instruments", instType="FUTURES").data == []
    assert quiet.get("account/instruments", instType="SWAP").data == swaps


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        pytest.param("public/instruments", {}, 400, "50014", id="no type of instrument"),
        pytest.param("public/instruments", {"instType": "COIN"}, 400, "51000", id="an unknown type"),
        pytest.param("public/instruments", {"instType": "SPOT", "instId": "X-Y"}, 200, "51001", id="not listed"),
        pytest.param("market/ticker", {}, 400, "50014", id="no instrument"),
        pytest.param("market/ticker", {"instId": "btc-usdt"}, 200, "51001", id="an id in small letters"),
        pytest.param("market/books", {"instId": "BTC-USDT", "sz": "401"}, 400, "51000", id="too deep a book"),
        pytest.param("market/trades", {"instId": "BTC-USDT", "limit": "501"}, 400, "51000", id="too many trades"),
        pytest.param("market/candles", {"instId": "BTC-USDT", "bar": "7m"}, 400, "51000", id="no such bar"),
        pytest.param("market/candles", {"instId": "BTC-USDT", "bar": "1mutc"}, 400, "51000", id="minutes have no utc"),
        pytest.param("market/candles", {"instId": "BTC-USDT", "limit": "301"}, 400, "51000", id="too many candles"),
        pytest.param("public/funding-rate", {"instId": "BTC-USDT"}, 400, "51000", id="funding of a spot instrument"),
    ],
)
def test_refusals(path: str, query: dict[str, str], status: int, code: str) -> None:
    reply = Rig().get(path, None, **query)
    assert (reply.status, reply.code, reply.data) == (status, code, [])


def test_a_closed_market_is_suspended() -> None:
    rig = Rig()
    states = {}
    for mode in MarketMode:
        rig.sandbox.engine.set_mode(rig.instrument("BTC-USDT"), mode)
        states[mode] = rig.get("public/instruments", instType="SPOT", instId="BTC-USDT").row["state"]
    assert states == {"open": "live", "post_only": "post_only", "cancel_only": "suspend", "closed": "suspend"}


def test_a_ticker_agrees_with_the_book(quiet: Rig) -> None:
    ticker = quiet.get("market/ticker", instId="BTC-USDT").row
    book = quiet.get("market/books", instId="BTC-USDT").row
    assert [ticker["askPx"], ticker["askSz"], "0", "1"] == book["asks"][0]
    assert [ticker["bidPx"], ticker["bidSz"], "0", "1"] == book["bids"][0]
    assert Decimal(ticker["low24h"]) <= Decimal(ticker["last"]) <= Decimal(ticker["high24h"])
    assert Decimal(ticker["volCcy24h"]) > Decimal(ticker["vol24h"])


def test_swaps_count_contracts(quiet: Rig) -> None:
    instrument = quiet.instrument("BTC-USDT-SWAP")
    ticker = quiet.get("market/ticker", instId="BTC-USDT-SWAP").row
    day = quiet.sandbox.engine.ticker(instrument)
    assert Decimal(ticker["vol24h"]) == day.volume * 100
    assert Decimal(ticker["volCcy24h"]) == day.volume
    book = quiet.get("market/books", instId="BTC-USDT-SWAP", sz="2").row
    levels = quiet.sandbox.engine.book(instrument, 2)
    assert [Decimal(row[1]) for row in book["asks"]] == [level.quantity * 100 for level in levels.asks]
    assert book["seqId"] == levels.sequence
    assert [row["instId"] for row in quiet.get("market/tickers", instType="SWAP").data] == [
        "BTC-USDT-SWAP",
        "ETH-USDT-SWAP",
    ]


def test_a_book_has_one_level_unless_more_are_asked_for(quiet: Rig) -> None:
    assert len(quiet.get("market/books", instId="BTC-USDT").row["bids"]) == 1
    deep = quiet.get("market/books", instId="BTC-USDT", sz="400").row
    assert len(deep["bids"]) == 20
    assert [Decimal(row[0]) for row in deep["bids"]] == sorted((Decimal(row[0]) for row in deep["bids"]), reverse=True)
    assert Decimal(deep["bids"][0][0]) < Decimal(deep["asks"][0][0])


def test_older_trades_follow_the_one_that_is_named(quiet: Rig) -> None:
    known = [str(trade.trade_id) for trade in quiet.sandbox.engine.trades(quiet.instrument("BTC-USDT"), 9)]
    found = quiet.get("market/history-trades", instId="BTC-USDT", type="1", after=known[-1], limit="3").data
    assert [row["tradeId"] for row in found] == known[-2:-5:-1]


def test_trades_are_newest_first(quiet: Rig) -> None:
    found = quiet.get("market/trades", instId="BTC-USDT", limit="5").data
    assert [int(row["tradeId"]) for row in found] == sorted((int(row["tradeId"]) for row in found), reverse=True)
    newest = quiet.sandbox.engine.trades(quiet.instrument("BTC-USDT"), 1)[0]
    assert Decimal(found[0]["px"]) == newest.price
    assert (found[0]["side"], Decimal(found[0]["sz"])) == (newest.side.value, newest.quantity)


def test_price_limits_stand_around_the_last_price() -> None:
    row = Rig().get("public/price-limit", instId="BTC-USDT-SWAP").row
    assert (row["buyLmt"], row["sellLmt"], row["enabled"]) == ("61800.0", "58200.0", True)


def test_candles_are_newest_first_and_the_first_still_moves(quiet: Rig) -> None:
    found = quiet.get("market/candles", instId="BTC-USDT", bar="1m", limit="3").data
    assert [row[0] for row in found] == [str(NOON), str(NOON - 60_000), str(NOON - 120_000)]
    assert [row[8] for row in found] == ["0", "1", "1"]
    wanted = quiet.sandbox.engine.candles(quiet.instrument("BTC-USDT"), Interval.M1)[-2]
    assert [Decimal(text) for text in found[1][1:8]] == [
        wanted.open,
        wanted.high,
        wanted.low,
        wanted.close,
        wanted.volume,
        wanted.quote_volume,
        wanted.quote_volume,
    ]


def test_candles_of_swaps_count_contracts_then_base_then_quote(quiet: Rig) -> None:
    row = quiet.get("market/candles", instId="ETH-USDT-SWAP", bar="1H", after=str(NOON)).data[0]
    wanted = quiet.sandbox.engine.candles(quiet.instrument("ETH-USDT-SWAP"), Interval.H1)[-2]
    assert [Decimal(text) for text in row[5:8]] == [wanted.volume * 10, wanted.volume, wanted.quote_volume]


def test_candles_are_paged_by_time(quiet: Rig) -> None:
    older = quiet.get("market/candles", instId="BTC-USDT", bar="1H", after=str(NOON - HOUR), limit="2").data
    assert [row[0] for row in older] == [str(NOON - 2 * HOUR), str(NOON - 3 * HOUR)]
    newer = quiet.get("market/history-candles", instId="BTC-USDT", bar="1H", before=str(NOON - 2 * HOUR)).data
    assert [row[0] for row in newer] == [str(NOON), str(NOON - HOUR)]


@pytest.mark.parametrize(
    ("bar", "opened"),
    [
        pytest.param("1Dutc", NOON - 12 * HOUR, id="a day of UTC opens at midnight"),
        pytest.param("1D", NOON - 20 * HOUR, id="a plain day opens at UTC+8"),
        pytest.param("6Hutc", NOON, id="six hours of UTC"),
        pytest.param("6H", NOON - 2 * HOUR, id="six hours of UTC+8"),
        pytest.param("1Wutc", NOON - 132 * HOUR, id="a week of UTC opens on Monday"),
        pytest.param("1M", NOON - 500 * HOUR, id="a month of UTC+8"),
    ],
)
def test_where_long_bars_open(quiet: Rig, bar: str, opened: int) -> None:
    assert quiet.get("market/candles", instId="BTC-USDT", bar=bar).data[0][0] == str(opened)


def test_a_long_bar_joins_its_hours(quiet: Rig) -> None:
    hours = quiet.get("market/candles", instId="BTC-USDT", bar="1H", limit="3").data
    (bar, *_) = quiet.get("market/candles", instId="BTC-USDT", bar="6H").data
    assert bar[4] == hours[0][4]
    assert bar[1] == hours[2][1]
    assert Decimal(bar[5]) == sum(Decimal(row[5]) for row in hours)


def test_funding(quiet: Rig) -> None:
    row = quiet.get("public/funding-rate", instId="BTC-USDT-SWAP").row
    assert (row["fundingRate"], row["fundingTime"]) == ("0.0001", str(NOON + 4 * HOUR))
    assert int(row["nextFundingTime"]) - int(row["fundingTime"]) == 8 * HOUR
    assert len(quiet.get("public/funding-rate", instId="ANY").data) == 2
