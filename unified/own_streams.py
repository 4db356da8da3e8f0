"""The streams of one account that are watched, and what they hear of orders that are placed and shown.

Makes and ends them; what each does stands in `executions.py` and `holdings.py`. Knows no consumer and no session
(`watching.py` does).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from unified.executions import Executions
from unified.feeds import Own
from unified.holdings import Holdings
from unified.instrument import Instrument, Product
from unified.merging import Story
from unified.operations import PlaceOrder
from unified.order import Order
from unified.reconciling import OwnMeans, OwnStream
from unified.topics import Topic
from unified.watches import Watch, WatchExecutions


class OwnStreams:
    """All of one client."""

    def __init__(
        self,
        story: Story,
        witness: Callable[[Order], None],
        means: OwnMeans,
        missing: Callable[[Watch[Any], str], None],
        now_ms: Callable[[Topic], int],
    ) -> None:
        """`missing` is told of fills that the venue never listed; `now_ms` is the time where a topic comes from."""
        self._story, self._witness, self._means = story, witness, means
        self._missing, self._now_ms = missing, now_ms
        self._streams: dict[Watch[Any], OwnStream] = {}
        """Those that are watched."""
        self._executions: dict[Product, Executions] = {}
        """Own orders and fills that are watched, or were until an error ended it."""
        self._traded: dict[tuple[Product, str], Instrument] = {}

    # --- what the client does

    def placing(self, order: PlaceOrder) -> None:
        """An order is about to be placed: its fills have to be looked for, whatever the streams tell."""
        instrument = order.instrument
        self._traded[instrument.product, instrument.symbol] = instrument
        executions = self._executions.get(instrument.product)
        if executions is not None:
            executions.placing(order)

    def shown(self, order: Order) -> None:
        """An answer shows an own order as it is: whoever watches orders is told."""
        executions = self._executions.get(order.instrument.product)
        if executions is not None:
            executions.shown(order)

    # --- who watches

    def begin(self, topic: Topic) -> None:
        """It is watched now: for orders and fills it goes on where an error ended the watch."""
        watch = topic.watch
        if not isinstance(watch, WatchExecutions):
            self._streams[watch] = Holdings(topic, self._means)
        elif watch.product in self._executions:
            self._streams[watch] = self._executions[watch.product]
            self._executions[watch.product].go_on(topic)
        else:
            self._streams[watch] = self._executions[watch.product] = self._begun(topic)

    def _begun(self, topic: Topic) -> Executions:
        return Executions(
            topic,
            self._means,
            self._story,
            self._witness,
            missing=partial(self._missing, topic.watch),
            now_ms=partial(self._now_ms, topic),
            traded=lambda: tuple(self._traded.values()),
        )

    def end(self, watch: Watch[Any]) -> None:
        """An error has ended it."""
        stream = self._streams.pop(watch, None)
        if stream is not None:
            stream.stop()

    def leave(self, watch: Watch[Any]) -> None:
        """Nobody wants it any more: what follows is told to nobody, later neither."""
        self.end(watch)
        if isinstance(watch, WatchExecutions):
            self._executions.pop(watch.product, None)

    def known(self, watch: Watch[Any]) -> tuple[Any, ...]:
        """What a consumer that comes later would otherwise never hear of."""
        stream = self._streams.get(watch)
        return () if stream is None else stream.known()

    # --- what connections tell

    def told(self, own: Own) -> None:
        """A frame told of something."""
        stream = self._streams.get(own.watch)
        if stream is not None:
            stream.told(own.value)

    def catch_up(self, watch: Watch[Any]) -> None:
        """Something has to be asked for: the connection is new, or something changed of which nobody told what."""
        stream = self._streams.get(watch)
        if stream is not None:
            stream.catch_up()

    def down(self, watch: Watch[Any]) -> None:
        """The connection that was believed has gone."""
        stream = self._streams.get(watch)
        if stream is not None:
            stream.down()
