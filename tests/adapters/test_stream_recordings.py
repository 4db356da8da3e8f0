"""Every recorded frame of a channel that is streamed: nothing in it is dropped unseen.

What an adapter does not read stands in `<venue>/unused_stream_fields.toml`, by recording. A field that a new recording
brings is in neither place and fails here; so does one that is listed and read.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from attrs import evolve, frozen

from tests.adapters.recordings import noted, topmost
from tests.adapters.test_recordings import beyond
from tests.shared import require_shared
from unified.errors import VenueError
from unified.feeds import UNREADABLE, Delta, Event, Feed, News, Own, Snapshot, Ticket, streams_of, value_of
from unified.instrument import ONE, Instrument, Instruments, Product
from unified.market_data import Interval
from unified.registry import adapter_class
from unified.secret import Secret
from unified.testing.conformance.subject import STAMP, subject_of
from unified.watches import AccountWatch, Watch, WatchBook, WatchCandles

HERE = Path(__file__).parent
READ = {"binance": 16, "bybit": 8, "coinbase": 4, "kraken": 4, "okx": 9}
"""How many recordings of each venue are of a channel that is streamed, at least."""
FITTED: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "okx": ({"FUTURES": "SWAP", "candle1D": "candle1Dutc"}, {"FUTURES": "SPOT"}),
    "bybit": ({"option": "linear", **{topic: f"{topic}.linear" for topic in ("order", "execution", "position")}},),
}
"""Words of recordings of products that are not served; those that are have the same frames under these."""
_NO_SYMBOLS = {"EVENT", "STREAM", "TOPIC", "CHANNEL", "SUBSCRIBE", "SNAPSHOT", "UPDATE", "SYMBOL", "RESULT", "PRICE"}
_WORD = re.compile(r"[A-Za-z0-9]{2,}(?:[-/][A-Za-z0-9]+)*")


@frozen
class Recording:
    """What a venue said on one connection."""

    name: str
    frames: tuple[str, ...]
    """The text as it came, number for number."""


def recordings(venue: str) -> Iterator[Recording]:
    corpus = require_shared("corpus", venue)
    for path in sorted(corpus.rglob("*.json")):
        name = path.relative_to(corpus).as_posix()
        if "stream" in path.parts and not name.startswith("futures/"):
            frames = json.loads(path.read_text(encoding="utf-8"))["frames"]
            said = [json.dumps(frame["message"]) for frame in frames if frame["direction"] == "received"]
            fitted = [_fitted(words, frame) for words in FITTED.get(venue, ({},)) for frame in said]
            yield Recording(name.removesuffix(".json"), tuple(dict.fromkeys(fitted)))


def _fitted(words: Mapping[str, str], frame: str) -> str:
    for recorded, served in words.items():
        frame = frame.replace(f'"{recorded}"', f'"{served}"')
    return frame


def watches(venue: str, recording: Recording) -> Iterator[tuple[Feed, Watch[Any]]]:
    """Everything that the adapter could have subscribed for these frames: on every symbol that stands in them."""
    table = streams_of(subject_of(adapter_class(venue)).adapter)
    words = {word for frame in recording.frames for word in _WORD.findall(frame) if 5 <= len(word) <= 20}
    symbols = sorted({word.upper() for word in words if word.isupper() or word.islower()} - _NO_SYMBOLS)
    for (kind, product), feed in table.items():
        make: Any = kind
        items = [_instrument(symbol, product) for symbol in symbols]
        if issubclass(kind, AccountWatch):
            yield feed, feed.fit(make(product=product, listing=Instruments(items)))
            continue
        for item in items:
            for how in _ways(kind):
                with suppress(VenueError):
                    yield feed, feed.fit(make(instrument=item, **how))


def _instrument(symbol: str, product: Product) -> Instrument:
    base, _, quote = symbol.replace("-", "/").partition("/")
    settle = "X" if product is Product.LINEAR else None
    return Instrument(
        symbol=symbol, product=product, base=base, quote=quote or "X", settle=settle, tick_size=ONE, lot_size=ONE
    )


def _ways(kind: Any) -> list[dict[str, Any]]:
    if kind is WatchCandles:
        return [{"interval": interval} for interval in Interval]
    return [{"depth": depth} for depth in (10, 50, 400)] if kind is WatchBook else [{}]


def fields_of(venue: str, recording: Recording) -> tuple[set[str], set[str], bool]:
    """The places that are read and those that are not, and whether anybody makes anything of the recording."""
    seen, read = set[str](), set[str]()
    understood = False
    for feed, watch in watches(venue, recording):
        own_seen, own_read = set[str](), set[str]()
        if _heard(feed, watch, recording, own_seen, own_read):
            understood, seen, read = True, seen | own_seen, read | own_read
    return read, topmost(seen - read, read), understood


def _heard(feed: Feed, watch: Watch[Any], recording: Recording, seen: set[str], read: set[str]) -> bool:
    """Each frame is the first of its connection: recordings of one file were not made in one go."""
    found = False
    loads, plain = orjson.loads, json.JSONDecoder.decode
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orjson, "loads", lambda text: noted(loads(text), "", seen, read))
        patch.setattr(json.JSONDecoder, "decode", lambda self, text: noted(plain(self, text), "", seen, read))
        for frame in recording.frames:
            dialect = feed.line.dialect()
            dialect.subscribe([watch], Ticket(stamp=STAMP, access=Secret("0" * 32)))
            with suppress(VenueError, *UNREADABLE):
                found |= any(_is_news(event) for event in dialect.receive(frame))
    return found


def _is_news(event: Event) -> bool:
    """Whether it brings something; what is only read when it is taken is read now."""
    if isinstance(event, News):
        with suppress(VenueError):
            value_of(event)
    return isinstance(event, News | Own | Snapshot | Delta)


@cache
def unread_of(venue: str) -> tuple[dict[str, set[str]], int]:
    """By recording; and how many were of any concern."""
    found = {one.name: fields for one in recordings(venue) if (fields := fields_of(venue, one))[2]}
    return {name: unread for name, (_, unread, _) in found.items() if unread}, len(found)


def listed(venue: str) -> dict[str, set[str]]:
    file = HERE / venue / "unused_stream_fields.toml"
    known = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {name: set(fields) for name, fields in known.items()}


@pytest.mark.parametrize("venue", READ)
def test_what_an_adapter_does_not_read_of_a_frame_is_on_its_list(venue: str) -> None:
    found, count = unread_of(venue)
    assert count >= READ[venue]
    known = listed(venue)
    assert beyond(found, known) == {}, "recorded, but neither read nor listed: use it, or list it"
    assert beyond(known, found) == {}, "listed, but read or no longer recorded: take it off unused_stream_fields.toml"


def test_control_a_new_field_in_a_recording_is_found() -> None:
    for recording in recordings("okx"):
        if recording.name.endswith("/Ticker"):
            *answers, frame = recording.frames
            grown = frame.replace('"last":', '"zzNew": "1", "last":')
            more = fields_of("okx", evolve(recording, frames=(*answers, grown)))[1]
            assert more - fields_of("okx", recording)[1] == {"data[].zzNew"}
            return
    pytest.fail("there is no recorded ticker")
