"""Listings of instruments in files, so that a program that starts again need not wait for the venue's megabytes.

Fetches nothing; how old a listing may be when it is used `listing.py` decides. A file is a cache: one that is missing
is no matter, one that is damaged, too old or of another form is told of in the log, and ignored.

A file is one line that says what it is, with a checksum of the rest, then the fields of all instruments by column.
"""

from __future__ import annotations

import logging
import os
import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from attrs import fields

from unified import exact
from unified.adapter import Adapter
from unified.instrument import Instrument, Instruments, InstrumentStatus, Product
from unified.values import frozen

FORM = 2
"""Goes up when fields of an instrument change: files of another form are not read."""
MOST_AGE_SECONDS = 86_400.0
"""Older ones are not used: rules of instruments change a few times a month."""

_TEXTS = ("symbol", "base", "quote", "settle", "native", "name")
_NUMBERS = (
    "tick_size",
    "lot_size",
    "min_quantity",
    "max_quantity",
    "max_market_quantity",
    "min_price",
    "max_price",
    "min_notional",
    "max_notional",
    "quote_step",
    "contract_size",
)
_STATUSES = {status.value: status for status in InstrumentStatus}

_log = logging.getLogger(__name__)


@frozen
class Kept:
    """A listing as it was kept."""

    instruments: Instruments
    age: float
    """Seconds since it was fetched."""


class ListingFile:
    """The listings of one venue and its hosts, a file for each product."""

    def __init__(self, folder: Path, adapter: Adapter) -> None:
        self._folder = folder
        hosts = orjson.dumps(dict(adapter.environment.hosts), option=orjson.OPT_SORT_KEYS)
        self._name = f"{adapter.venue}-{adapter.environment.name}-{sha256(hosts).hexdigest()[:12]}"

    def path(self, product: Product) -> Path:
        """Where the listing of a product is kept."""
        return self._folder / f"{self._name}-{product}.listing"

    def load(self, product: Product, now_ns: int) -> Kept | None:
        """What was kept, if it can be used. `now_ns` is the time of day. Never raises."""
        path = self.path(product)
        try:
            head, _, body = path.read_bytes().partition(b"\n")
            about = orjson.loads(head)
            if (about["form"], about["crc32"]) != (FORM, zlib.crc32(body)):
                raise ValueError("another form, or damaged")
            age = (now_ns - about["fetched_ns"]) / 1e9
            if 0 <= age <= MOST_AGE_SECONDS:
                return Kept(Instruments(_instruments(orjson.loads(body), product)), age)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError) as problem:
            _log.warning("%s is no listing that can be used (%s): ignored", path, type(problem).__name__)
        return None

    def save(self, product: Product, instruments: Instruments, fetched_ns: int) -> None:
        """Keep a listing in place of the one before. A crash leaves either; a disk that fails is told of in the log."""
        body = orjson.dumps(_columns(instruments))
        head = orjson.dumps({"form": FORM, "fetched_ns": fetched_ns, "crc32": zlib.crc32(body)})
        path = self.path(product)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(head + b"\n" + body)
            draft.replace(path)
        except OSError as problem:
            _log.warning("%s cannot be kept (%s)", path, problem)


def _columns(instruments: Instruments) -> dict[str, list[Any]]:
    found = list(instruments)
    texts = {name: [getattr(item, name) for item in found] for name in (*_TEXTS, "status", "aliases")}
    return texts | {name: [_written(getattr(item, name)) for item in found] for name in _NUMBERS}


def _written(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _instruments(columns: Mapping[str, list[Any]], product: Product) -> list[Instrument]:
    """The instruments again. Raises ValueError, LookupError or TypeError for what was not written by `_columns`.

    All their fields are told, so that they need no constructor, which takes thrice the time: thousands keep a start
    waiting.
    """
    known: dict[str, Sequence[Any]] = {
        "product": [product] * len(columns["symbol"]),
        "status": [_STATUSES[word] for word in columns["status"]],
        "aliases": [tuple(names) for names in columns["aliases"]],
        **{name: columns[name] for name in _TEXTS},
        **{name: _numbers(columns[name]) for name in _NUMBERS},
    }
    assert known.keys() == {one.name for one in fields(Instrument)}, "every field is kept"
    names = tuple(known)
    made = [object.__new__(Instrument) for _ in known["symbol"]]
    for one, row in zip(made, zip(*known.values(), strict=True), strict=True):
        vars(one).update(zip(names, row, strict=True))
    return made


def _numbers(texts: Sequence[str | None]) -> list[Decimal | None]:
    """Each number once: thousands of instruments have a few dozen steps and limits."""
    made = {text: None if text is None else exact.number(text) for text in set(texts)}
    return [made[text] for text in texts]
