"""Own orders and fills of one product: what frames, answers and questions tell, merged and told once each.

Merges by `merging.Story`; asks by `catching_up.py` and `owed_fills.py`. Outlives the watch that an error ends: whoever
watches again goes on where it stood, so that nothing is lost in between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal

from unified.catching_up import CatchUp
from unified.consumers import QUEUE_BOUND
from unified.instrument import Instrument, Product
from unified.merging import Story
from unified.operations import PlaceOrder
from unified.order import Fill, Order
from unified.owed_fills import OwedFills
from unified.reconciling import OwnMeans, OwnStream, until_answered
from unified.topics import Topic
from unified.watches import WatchExecutions

LOOK_AGAIN_SECONDS = 5.0
"""A second look after the first: a fill may be missing from lists for a while, and its frame may be the lost one."""


class Executions(OwnStream):
    """One account and product."""

    def __init__(
        self,
        topic: Topic,
        means: OwnMeans,
        story: Story,
        witness: Callable[[Order], None],
        missing: Callable[[str], None],
        now_ms: Callable[[], int],
        traded: Callable[[], Iterable[Instrument]],
    ) -> None:
        """`missing` is told of fills that the venue never listed, in words; `now_ms` is the venue's time."""
        super().__init__(topic, means)
        watch = topic.watch
        assert isinstance(watch, WatchExecutions)
        self._story, self._witness, self._missing = story, witness, missing
        self._owed = OwedFills(means.run, watch.product, watch.listing, story, self._take, self._gave_up)
        self._catch_up = CatchUp(means.run, watch.product, watch.listing, story, self._owed, self._take, now_ms, traded)
        self._begun_at = topic.begun_at
        self._proved_at: float | None = None
        """Loop seconds of the last own event: whatever came before it has come."""
        self._stopped = False
        self._untold: deque[Order] = deque(maxlen=QUEUE_BOUND)
        """What answers showed after an error had ended the watch: for whoever watches again."""

    @property
    def product(self) -> Product:
        return self.topic.watch.product

    def go_on(self, topic: Topic) -> None:
        """An error ended the watch, and somebody watches again: what was missed in between is a gap to be healed."""
        topic.gaps = self.topic.gaps + self.topic.whole
        self.topic, self._proved_at, self._stopped = topic, None, False

    def stop(self) -> None:
        super().stop()
        self._owed.stop()
        self._stopped = True
        self._untold.clear()

    # --- what is told

    def placing(self, order: PlaceOrder) -> None:
        """An order is about to be placed: its fills have to be looked for, whatever the streams tell."""
        self._owed.placing(order.client_order_id)
        self._catch_up.note_time()

    def shown(self, order: Order) -> None:
        """An answer shows an own order as it is: as good as a frame, and all that tells where the frame is lost.

        Stops have numbers of their own until they trigger: streams and catching up tell of them.
        """
        is_stop = order.order_type is not None and order.order_type.is_stop
        if order.venue_order_id and not is_stop:
            self._take(order)

    def told(self, value: Order | Fill) -> None:
        self._proved_at = asyncio.get_running_loop().time()
        self._catch_up.note_time()
        self._take(value)

    def down(self) -> None:
        # Not while something is asked for that frames have only told of. And not when the line was last heard:
        # heartbeats prove nothing about what came before them.
        if self._proved_at is not None and not self.is_asking:
            self._catch_up.complete_until(asyncio.get_running_loop().time() - self._proved_at)

    def known(self) -> tuple[Order, ...]:
        """Orders that are open, and those that ended after an error had ended the watch before this one."""
        still_open = (order for order in self._story.open_orders if order.instrument.product is self.product)
        return (*still_open, *(order for order in self._untold if order.status.is_final))

    def _take(self, value: Order | Fill) -> None:
        if isinstance(value, Order):
            merged = self._story.take_order(value)
            if merged is not None:
                self._witness(merged)
                if self._stopped:
                    self._untold.append(merged)
                else:
                    self.topic.queue(merged)
            self._owed.note(value)
        elif self._story.take_fill(value):
            self.topic.queue(value)

    # --- what is asked

    async def _ask(self) -> None:
        # From when it was watched on, however long the first connection took to come about.
        self._catch_up.begin(asyncio.get_running_loop().time() - self._begun_at)
        await until_answered(self._catch_up.look)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        await until_answered(self._catch_up.look)

    async def _proved(self) -> None:
        """Orders that are filled further than their fills tell have been asked for."""
        await self._owed.settled()

    def _gave_up(self, order: Order, owed: Decimal) -> None:
        self._missing(f"{owed} of order {order.venue_order_id} is filled, and the venue lists no fill of it")
