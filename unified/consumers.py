"""What waits for the consumers of streams, and what becomes of it when they are slow. Knows no venue and no socket.

Two kinds. A `Newest` keeps one note a topic, so that a slow consumer gets the newest state of each and nothing else.
A `Queue` keeps everything in order up to a bound; beyond it the oldest is left out and the consumer is told how much:
the next thing it gets is a `sequence_gap`. Neither ever holds up whoever offers, nor another consumer.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from unified.errors import Fault, Kind, VenueError

K = TypeVar("K")

QUEUE_BOUND = 10_000
"""Values that wait for one consumer of trades or own events."""


class Consumer(ABC):
    """One end of a stream."""

    def __init__(self) -> None:
        self._waiting: asyncio.Future[None] | None = None
        self._error: VenueError | None = None
        self._closed = False

    def fail(self, error: VenueError) -> None:
        """The stream cannot go on: raised to the consumer after what waits already."""
        self._error = error
        self._wake()

    def close(self) -> None:
        """No more comes: whoever waits stops."""
        self._closed = True
        self._wake()

    async def take(self) -> Any:
        """The next value. Raises what the stream failed with, and StopAsyncIteration when it was closed."""
        while True:
            found = self._next()
            if found is not _NOTHING:
                return found
            if self._closed:
                raise StopAsyncIteration
            if self._error is not None:
                raise self._error
            more = self._more()
            try:
                await more
            finally:
                self._waiting = None

    def _more(self) -> asyncio.Future[None]:
        """Done when there may be something."""
        if self._waiting is not None:
            raise RuntimeError("a stream has one consumer: watch it twice instead")
        self._waiting = asyncio.get_running_loop().create_future()
        return self._waiting

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    @abstractmethod
    def _next(self) -> Any:
        """What is ready, or _NOTHING."""


_NOTHING = object()


class Newest(Consumer, Generic[K]):
    """The newest state of each topic, topics in the order in which they first changed."""

    def __init__(self, read: Callable[[K], Any]) -> None:
        """`read` gives a topic's state as it is now; None where there is none (any more)."""
        super().__init__()
        self._read = read
        self._changed: dict[K, None] = {}

    def offer(self, topic: K) -> None:
        """The topic has changed."""
        changed = self._changed
        if topic not in changed:
            changed[topic] = None
            if self._waiting is not None:
                self._wake()

    def _next(self) -> Any:
        while self._changed:
            topic = next(iter(self._changed))
            del self._changed[topic]
            value = self._read(topic)
            if value is not None:
                return value
        return _NOTHING


class Queue(Consumer):
    """Everything, in order, up to a bound."""

    def __init__(self, name: str, bound: int = QUEUE_BOUND, hit: Callable[[int], None] = lambda _lost: None) -> None:
        """`hit` is called once when the bound is reached, and again after the consumer was told."""
        super().__init__()
        self._name = name
        self._kept: deque[Any] = deque(maxlen=bound)
        self._hit = hit
        self._lost = 0

    def offer(self, value: Any) -> None:
        """One more."""
        kept = self._kept
        if len(kept) == kept.maxlen:
            self._lost += 1
            if self._lost == 1:
                self._hit(len(kept))
        kept.append(value)
        if self._waiting is not None:
            self._wake()

    def _next(self) -> Any:
        if self._lost:
            lost, self._lost = self._lost, 0
            raise VenueError.of(
                Fault(
                    kind=Kind.SEQUENCE_GAP,
                    message=f"{lost} values were left out: the consumer was too slow for {self._kept.maxlen} in wait",
                    hint="Take values faster, or ask for a larger bound. The stream goes on with what follows.",
                ),
                operation=self._name,
            )
        return self._kept.popleft() if self._kept else _NOTHING
