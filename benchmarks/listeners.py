"""What watching costs where nobody watches: events made for nobody, counted, so that the figure repeats exactly.

The same calls run twice through harsh faults, once unwatched and once with a listener of every kind. They must send the
same requests: watching changes nothing.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import CodeType, FrameType

import attrs
from attrs import frozen

from benchmarks.figure import Figure, Sizes
from benchmarks.scene import Scene
from unified import hooks
from unified.client import Client
from unified.errors import VenueError
from unified.sandbox.faults import FaultPlan, Profile
from unified.settings import OrderSettings
from unified.testing.loop import run

_EVENTS = {
    kind.__init__.__code__: name for name, kind in vars(hooks).items() if name.endswith("Event") and attrs.has(kind)
}
_KINDS = {"AttemptEvent", "CallEvent", "WaitEvent", "ErrorEvent", "ResyncEvent", "BanEvent", "SettledEvent"}
"""What calls can tell of; the events of streams are not among them."""


@frozen(kw_only=True)
class _Seen:
    """What one run did."""

    made: Counter[str]
    """Events by kind."""
    entered: int
    """How often a function of `hooks.py` ran."""
    requests: tuple[tuple[float, str, bytes], ...]


def figures(sizes: Sizes) -> Iterator[Figure]:
    """Events made for nobody, and what the same calls have to tell where somebody listens."""
    calls = sizes.faulty_calls
    alone, watched = run(_seen(calls, watched=False)), run(_seen(calls, watched=True))
    yield Figure(
        what="events made where nobody listens, harsh faults",
        required="0",
        measured=f"{alone.made.total()} in {calls:,} calls and {len(alone.requests):,} requests; "
        f"{alone.entered / calls:.2f} functions of the hooks a call",
        holds=alone.made.total() == 0,
    )
    yield Figure(
        what="control: the same calls with a listener of every kind",
        required="more than 0 of each kind",
        measured=", ".join(f"{name.removesuffix('Event').lower()} {count:,}" for name, count in watched.made.items()),
        holds=set(watched.made) == _KINDS,
    )
    yield Figure(
        what="requests of the watched run that differ from those of the other",
        required="0",
        measured=f"{_differences(alone, watched)} of {len(watched.requests):,}",
        holds=_differences(alone, watched) == 0,
    )


def _differences(one: _Seen, other: _Seen) -> int:
    pairs = zip(one.requests, other.requests, strict=False)
    return sum(a != b for a, b in pairs) + abs(len(one.requests) - len(other.requests))


async def _seen(calls: int, *, watched: bool) -> _Seen:
    scene = Scene("binance", FaultPlan(Profile.HARSH, seed=1))
    client, tap = scene.client(orders=OrderSettings(settle_on_close=3600))
    if watched:
        for signal in (getattr(client.hooks, field.name) for field in attrs.fields(hooks.Hooks)):
            signal.add(lambda _event: None)
    async with client:
        with _counted() as entered:
            for number in range(calls):
                await _called(client, number)
    requests = tuple((sent.at, sent.request.query, sent.request.body) for sent in tap.sent)
    made = Counter({name: entered[code] for code, name in _EVENTS.items() if entered[code]})
    return _Seen(made=made, entered=_of_hooks(entered), requests=requests)


def _of_hooks(entered: Counter[CodeType]) -> int:
    return sum(times for code, times in entered.items() if code.co_filename == hooks.__file__)


async def _called(client: Client, number: int) -> None:
    """A call in turn: a question, or an order that is cancelled again."""
    with suppress(VenueError):
        if number % 2:
            await client.ticker("BTC/USDT")
        else:
            order = await client.place_order("BTC/USDT", "buy", quantity="0.001", price="50000")
            await client.cancel_order(order)


@contextmanager
def _counted() -> Iterator[Counter[CodeType]]:
    """How often each function of Python is entered meanwhile."""
    entered = Counter[CodeType]()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            entered[frame.f_code] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield entered
    finally:
        sys.setprofile(before)
