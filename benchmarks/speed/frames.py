"""Frames of books and tickers as the venues word them, made from a seed: what everybody who is measured reads.

A book of 400 levels a side, then deltas of twenty levels: most change a quantity, some take a level out and another in,
as books do. Sequence numbers and checksums are right, so that nobody finds a gap. Measures nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import orjson
from attrs import field, frozen

LEVELS = 400
CHANGES = 10
"""A side and delta."""
_ADDS = 0.2
"""Of the changes, how many are of a new level; as many take one out."""
_TIME_MS = 1_795_262_400_000


@frozen
class Change:
    """What one delta tells: price in cents and quantity in hundred-millionths, zero for a level that is gone."""

    number: int
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]
    best: tuple[dict[int, int], dict[int, int]] = field(repr=False)
    """The book after it: bids and asks, only what a checksum needs of them (the ten best)."""


@frozen
class Story:
    """A book and what became of it."""

    bids: dict[int, int]
    asks: dict[int, int]
    changes: list[Change]


def story(deltas: int, seed: int = 1) -> Story:
    """A book and so many deltas."""
    chance, middle = Random(seed), 6_000_000
    sides = [{middle + sign * 10 * step: _some(chance) for step in range(1, LEVELS + 1)} for sign in (-1, 1)]
    first = dict(sides[0]), dict(sides[1])
    changes = []
    for number in range(1, deltas + 1):
        bids, asks = (_changed(chance, side, sign, middle) for side, sign in zip(sides, (-1, 1), strict=True))
        changes.append(Change(number, bids, asks, (_top(sides[0], -1), _top(sides[1], 1))))
    return Story(*first, changes)


def _changed(chance: Random, side: dict[int, int], sign: int, middle: int) -> list[tuple[int, int]]:
    told: dict[int, int] = {}
    for _ in range(CHANGES):
        drawn = chance.random()
        near = middle + sign * 10 * min(LEVELS, 1 + int(chance.expovariate(0.03)))  # most happens near the best
        if drawn < _ADDS:
            told[near + sign * chance.randrange(1, 10)] = _some(chance)
        elif drawn < 2 * _ADDS:
            odd = [price for price in side if price % 10 and price not in told]
            if odd:
                told[chance.choice(odd)] = 0
        else:
            told[near] = _some(chance)
    for price, quantity in told.items():
        if quantity:
            side[price] = quantity
        else:
            del side[price]
    return list(told.items())


def _top(side: Mapping[int, int], sign: int) -> dict[int, int]:
    return {price: side[price] for price in sorted(side, key=lambda price: sign * price)[:10]}


def _some(chance: Random) -> int:
    return chance.randrange(1, 10**9)


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _quantity(parts: int) -> str:
    return f"{parts // 10**8}.{parts % 10**8:08d}"


def _rows(levels: Any) -> list[list[str]]:
    return [[_price(price), _quantity(quantity)] for price, quantity in levels]


def _text(content: Any) -> str:
    return orjson.dumps(content).decode()


# --- OKX


def _okx_row(levels: Any) -> list[list[str]]:
    return [[*row, "0", "3"] for row in _rows(levels)]


def okx(told: Story) -> Iterator[str]:
    """The channel `books`: the snapshot, then each delta."""
    arg = {"channel": "books", "instId": "BTC-USDT"}

    def frame(action: str, bids: Any, asks: Any, previous: int, number: int) -> str:
        row = {"asks": _okx_row(asks), "bids": _okx_row(bids), "ts": str(_TIME_MS + number * 100), "checksum": 0}
        return _text({"arg": arg, "action": action, "data": [{**row, "prevSeqId": previous, "seqId": number}]})

    yield frame("snapshot", told.bids.items(), told.asks.items(), -1, 100)
    for change in told.changes:
        yield frame("update", change.bids, change.asks, 99 + change.number, 100 + change.number)


def okx_ticker(number: int) -> str:
    """The channel `tickers`."""
    row = {"instType": "SPOT", "instId": "BTC-USDT", "last": f"60000.{number % 10}", "lastSz": "0.00081527"}
    row |= {"askPx": "60000.9", "askSz": "0.91829381", "bidPx": "60000.8", "bidSz": "1.28379182", "open24h": "59120.4"}
    row |= {"high24h": "60512.2", "low24h": "58800", "sodUtc0": "59777.7", "sodUtc8": "59412.3"}
    row |= {"volCcy24h": "412345678.91827364", "vol24h": "6912.81726354", "ts": str(_TIME_MS + number)}
    return _text({"arg": {"channel": "tickers", "instId": "BTC-USDT"}, "data": [row]})


# --- Binance


def binance_book(told: Story) -> dict[str, Any]:
    """The snapshot over REST."""
    return {"lastUpdateId": 100, "bids": _rows(told.bids.items()), "asks": _rows(told.asks.items())}


def binance(told: Story) -> Iterator[str]:
    """The stream `depth`, as a combined stream brings it. Each delta covers one number."""
    for change in told.changes:
        number = 100 + change.number
        data = {"e": "depthUpdate", "E": _TIME_MS + change.number * 100, "s": "BTCUSDT", "U": number, "u": number}
        data |= {"b": _rows(change.bids), "a": _rows(change.asks)}
        yield _text({"stream": "btcusdt@depth@100ms", "data": data})


# --- Bybit


def bybit(told: Story) -> Iterator[str]:
    """The topic `orderbook`."""

    def frame(kind: str, bids: Any, asks: Any, number: int) -> str:
        data = {"s": "BTCUSDT", "b": _rows(bids), "a": _rows(asks), "u": number, "seq": 7_000_000 + number}
        when = _TIME_MS + number * 20
        return _text({"topic": "orderbook.1000.BTCUSDT", "type": kind, "ts": when, "data": data, "cts": when - 2})

    yield frame("snapshot", told.bids.items(), told.asks.items(), 100)
    for change in told.changes:
        yield frame("delta", change.bids, change.asks, 100 + change.number)


# --- Kraken


def kraken(told: Story) -> Iterator[str]:
    """The channel `book` of version 2: numbers without quotes, a CRC32 of the ten best levels a side."""
    bids, asks = told.bids, told.asks
    yield _kraken("snapshot", bids.items(), asks.items(), 0, (_top(bids, -1), _top(asks, 1)))
    for change in told.changes:
        yield _kraken("update", change.bids, change.asks, change.number, change.best)


def _kraken(kind: str, bids: Any, asks: Any, number: int, best: tuple[dict[int, int], dict[int, int]]) -> str:
    def side(levels: Any) -> str:
        return ",".join(f'{{"price":{price},"qty":{quantity}}}' for price, quantity in _rows(levels))

    seconds, rest = divmod(number, 10)
    stamp = f"2026-11-21T{16 + seconds // 3600 % 8:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest}00000Z"
    data = f'"symbol":"BTC/USD","bids":[{side(bids)}],"asks":[{side(asks)}],"checksum":{_crc32(*best)}'
    return f'{{"channel":"book","type":"{kind}","data":[{{{data},"timestamp":"{stamp}"}}]}}'


def _crc32(bids: dict[int, int], asks: dict[int, int]) -> int:
    """Digits without point and leading zeros, asks first."""
    digits = [f"{price}{quantity}" for side in (asks, bids) for price, quantity in side.items()]
    return zlib.crc32("".join(digits).encode())


# --- Coinbase


def coinbase(told: Story) -> Iterator[str]:
    """The channel `level2`: one counter for the connection."""

    def frame(kind: str, bids: Any, asks: Any, number: int) -> str:
        stamp = "2026-11-21T16:00:00.123456Z"
        updates = [
            {"side": name, "event_time": stamp, "price_level": price, "new_quantity": quantity}
            for name, levels in (("bid", bids), ("offer", asks))
            for price, quantity in _rows(levels)
        ]
        events = [{"type": kind, "product_id": "BTC-USD", "updates": updates}]
        head = {"channel": "l2_data", "client_id": "", "timestamp": stamp, "sequence_num": number}
        return _text({**head, "events": events})

    yield frame("snapshot", told.bids.items(), told.asks.items(), 2)
    for change in told.changes:
        yield frame("update", change.bids, change.asks, 2 + change.number)


FRAMES: Mapping[str, Callable[[Story], Iterator[str]]] = {
    "binance": binance,
    "bybit": bybit,
    "coinbase": coinbase,
    "kraken": kraken,
    "okx": okx,
}
