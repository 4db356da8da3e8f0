"""Kraken's books: their frames, read in one go, and their checksum. Opens no socket and keeps no book.

Most frames of a busy connection are books, and all are worded alike: those are read by an expression. What is worded in
any other way is left to whoever reads frames in general (stream.py).

Source: docs.kraken.com, websocket-v2 book and checksum guide (2026-05-27).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from zlib import crc32

from unified.feeds import BookRule, Checksum
from unified.market_data import RawLevel
from unified.watches import WatchBook
from unified.wire import sent_text

_LEVELS_REMEMBERED = 16_384

# --- frames


class BookFrame(NamedTuple):
    """What a frame of the channel `book` says, numbers as text."""

    kind: str
    symbol: str
    bids: Sequence[RawLevel]
    asks: Sequence[RawLevel]
    checksum: str
    time: Any


_WORDING = re.compile(
    r'{"channel":"book","type":"([a-z]+)","data":\[{"symbol":"([^"\\]+)","bids":\[([^]]*)],"asks":\[([^]]*)],'
    r'"checksum":([0-9]+),"timestamp":"([^"\\]+)"}]}'
)
_LEVEL = re.compile(r'"price":([-+.0-9eE]+),"qty":([-+.0-9eE]+)}')
_OTHER_OBJECTS = 2
"""Of a frame: itself, and its one row."""
_PRICE_AND_QUANTITY = itemgetter("price", "qty")


def read_at_once(frame: str) -> BookFrame | None:
    """The frame, or None where it is no book, or worded in another way."""
    worded = _WORDING.fullmatch(frame)
    if worded is None:
        return None
    kind, symbol, told_bids, told_asks, checksum, time = worded.groups()
    bids, asks = _LEVEL.findall(told_bids), _LEVEL.findall(told_asks)
    if len(bids) + len(asks) + _OTHER_OBJECTS != frame.count("{"):
        return None  # a level with more in it, or less
    return BookFrame(kind, symbol, bids, asks, checksum, time)


def read_row(kind: str, row: dict[str, Any]) -> BookFrame:
    """The same of a frame that was decoded."""
    bids, asks = (list(map(_PRICE_AND_QUANTITY, row[side])) for side in ("bids", "asks"))
    return BookFrame(kind, row["symbol"], bids, asks, row["checksum"], row.get("timestamp"))


# --- checksums


class _Digits(dict[RawLevel, str]):
    """What a level adds to the checksum, remembered: most of the best levels are those of the frame before."""

    def __init__(self, price_places: int, quantity_places: int) -> None:
        self._places = price_places, quantity_places

    def __missing__(self, level: RawLevel) -> str:
        if len(self) >= _LEVELS_REMEMBERED:
            self.clear()
        prices, quantities = self._places
        found = self[level] = _digits_of_price(level[0], prices) + digits_of(level[1], quantities)
        return found


_digits = lru_cache(maxsize=None)(_Digits)  # pairs of two small numbers: some dozens


def checksum(watch: WatchBook) -> Checksum:
    """CRC32 of the ten best asks and bids: digits of price and quantity, written with all their decimals."""
    instrument = watch.instrument
    digits = _digits(_decimals(instrument.tick_size), _decimals(instrument.lot_size)).__getitem__

    def summed(bids: Sequence[RawLevel], asks: Sequence[RawLevel]) -> int:
        return crc32("".join([*map(digits, asks), *map(digits, bids)]).encode())

    return summed


def digits_of(number: str, places: int) -> str:
    """The number's digits with so many decimals, without the point and without zeros in front."""
    if "e" in number or "E" in number:
        number = format(Decimal(number), "f")
    whole, _, fraction = number.partition(".")
    return (whole + fraction.ljust(places, "0")).lstrip("0")


_digits_of_price = lru_cache(maxsize=_LEVELS_REMEMBERED)(digits_of)


def _decimals(step: Decimal) -> int:
    """As it is written: 0.10 is equal to 0.1, and has one more."""
    exponent = step.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


BOOK = BookRule(checksum=checksum, checksum_levels=10, cuts=True, moment=sent_text)
