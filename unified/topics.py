"""One watch that somebody watches: who is told, by which connection, and whether what is told is whole.

Holds and hands out; decides nothing. `watching.py` brings topics to connections, own ones are kept complete by
`executions.py` and `holdings.py`.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from unified.book import BookBuilder
from unified.consumers import Consumer, Newest, Queue
from unified.feeds import Feed
from unified.link import Link
from unified.stream import Session
from unified.watches import Watch, WatchTrades

KEYS_REMEMBERED = 4_096
"""Trades of one topic whose ids are remembered: two connections bring the same ones during a handover."""


class Topic:
    """One watch and its consumers."""

    def __init__(self, watch: Watch[Any], feed: Feed) -> None:
        self.watch, self.feed = watch, feed
        self.begun_at = asyncio.get_running_loop().time()
        self.session: Session | None = None
        self.newest: dict[Newest[Topic], None] = {}
        self.queues: dict[Queue, None] = {}
        self.source: Link | None = None
        """The connection that is believed."""
        self.builder: BookBuilder | None = None
        self.latest: Any = None
        """The last News."""
        self.gaps = 0
        self.whole = False
        """Whether nothing is missing; a gap is over when it is so again."""
        self._keys: OrderedDict[str, None] = OrderedDict()

    @property
    def watched(self) -> bool:
        """Whether anybody is left."""
        return bool(self.newest or self.queues)

    @property
    def consumers(self) -> tuple[Consumer, ...]:
        """Everybody who watches."""
        return (*self.queues, *self.newest)

    def add(self, consumer: Consumer) -> None:
        """Somebody watches it too."""
        if isinstance(consumer, Queue):
            self.queues[consumer] = None
        elif isinstance(consumer, Newest):
            self.newest[consumer] = None

    def drop(self, consumer: Consumer) -> None:
        """Somebody watches it no longer."""
        if isinstance(consumer, Queue):
            self.queues.pop(consumer, None)
        elif isinstance(consumer, Newest):
            self.newest.pop(consumer, None)

    def queue(self, value: Any) -> None:
        """Something of which every single one counts."""
        for queue in self.queues:
            queue.offer(value)

    def touch(self) -> None:
        """Its state is another one."""
        for newest in self.newest:
            newest.offer(self)

    def is_new(self, key: str) -> bool:
        """Whether what bears this key came for the first time."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > KEYS_REMEMBERED:
            self._keys.popitem(last=False)
        return True

    def outranks(self, link: Link) -> bool:
        """Whether a newer connection than this one is believed."""
        return self.source is not None and link.number < self.source.number


def keeps_all(watch: Watch[Any]) -> bool:
    """Whether every value counts (trades, own events), or the newest state is enough."""
    return watch.private or isinstance(watch, WatchTrades)
