"""Kraken's books: the worked checksums of the papers, and frames read at once as they are read in general."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

import pytest
from attrs import evolve

from unified.instrument import Instrument, Product
from unified.watches import WatchBook
from unified_kraken.books import checksum, digits_of, read_at_once, read_row


def pair(base: str, quote: str, tick: str) -> Instrument:
    return Instrument(
        symbol=base + quote,
        product=Product.SPOT,
        base=base,
        quote=quote,
        tick_size=Decimal(tick),
        lot_size=Decimal("0.00000001"),
    )


BTC = pair("BTC", "USD", "0.1")
MATIC = pair("MATIC", "USD", "0.0001")


def levels(text: str) -> list[tuple[str, str]]:
    return [(price, quantity) for price, _, quantity in (level.partition("/") for level in text.split())]


C1_ASKS = levels(
    "45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 45290.2/0.15890660 45291.8/1.54553491 "
    "45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827"
)
C1_BIDS = levels(
    "45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 45280.3/1.54592586 45279.0/0.07990000 "
    "45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238"
)
C2_ASKS = levels(
    "0.5668/4410.79769741 0.5669/4655.40412487 0.567/49844.89424998 0.5671/24306.41678 0.5672/29783.25223475 "
    "0.5673/57234.71239278 0.5674/45065.04744 0.5675/5912.76380354 0.5676/42514.92434778 0.5677/36304.0847022"
)
C2_BIDS = levels(
    "0.5666/4831.75496356 0.5665/6658.22734739 0.5664/18724.91513344 0.5663/11563.92544914 0.5662/14006.65365711 "
    "0.5661/17454.85679807 0.566/18097.1547 0.5659/33644.89175666 0.5658/148.3464 0.5657/606.70854372"
)


@pytest.mark.parametrize(
    ("instrument", "bids", "asks", "wanted"),
    [
        pytest.param(BTC, C1_BIDS, C1_ASKS, 3310070434, id="guide spot-ws-book-v2"),
        pytest.param(MATIC, C2_BIDS, C2_ASKS, 2439117997, id="numbers without their last zeros"),
        pytest.param(MATIC, [*C2_BIDS[:9], ("0.5657", "1098.3947558")], C2_ASKS, 2114181697, id="after an update"),
    ],
)
def test_the_worked_checksums(
    instrument: Instrument, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]], wanted: int
) -> None:
    watch = WatchBook(instrument=instrument, depth=10)
    assert checksum(watch)(bids, asks) == wanted
    assert checksum(watch)(bids[:-1], asks) != wanted


def test_digits_without_the_right_decimals_give_another_sum() -> None:
    coarse = WatchBook(instrument=evolve(MATIC, lot_size=Decimal(1)), depth=10)
    assert checksum(coarse)(C2_BIDS, C2_ASKS) != 2439117997
    assert digits_of("1e-7", 8) == "10"
    assert digits_of("45285.2", 1) == "452852"


def test_a_tick_that_is_written_longer_has_more_digits() -> None:
    """Also where another instrument has the same tick in fewer digits."""
    short, long = (WatchBook(instrument=evolve(BTC, tick_size=Decimal(tick)), depth=10) for tick in ("0.1", "0.10"))
    assert checksum(short)(C1_BIDS, C1_ASKS) == 3310070434
    assert checksum(long)(C1_BIDS, C1_ASKS) != 3310070434


UPDATE = (
    '{"channel":"book","type":"update","data":[{"symbol":"MATIC/USD","bids":[{"price":0.5657,"qty":1098.3947558},'
    '{"price":1e-7,"qty":0}],"asks":[],"checksum":2114181697,"timestamp":"2023-10-06T17:35:55.440295Z"}]}'
)


def test_a_frame_is_read_at_once_as_it_is_read_in_general() -> None:
    decoded = json.JSONDecoder(parse_float=str, parse_int=str).decode(UPDATE)
    told = read_at_once(UPDATE)
    assert told == read_row(decoded["type"], decoded["data"][0])
    assert told is not None
    assert told.bids == [("0.5657", "1098.3947558"), ("1e-7", "0")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"qty":0}', '"qty":0,"more":1}', id="more in a level"),
        pytest.param('"price":1e-7,"qty":0', '"qty":0,"price":1e-7', id="another order of members"),
        pytest.param('"price":1e-7', '"price":"1e-7"', id="text in place of a number"),
        pytest.param(',"timestamp"', ', "timestamp"', id="blanks"),
        pytest.param('"book"', '"ticker"', id="another channel"),
        pytest.param("MATIC", "MA\\\\TIC", id="a name that needs decoding"),
    ],
)
def test_what_is_worded_in_another_way_is_left_to_whoever_decodes(old: str, new: str) -> None:
    assert read_at_once(UPDATE.replace(old, new)) is None
