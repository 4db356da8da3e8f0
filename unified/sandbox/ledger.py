"""What the sandbox saw, and its judgement of the client at the end. Refuses nothing; believes only the engine.

Counted here: orders placed twice or lost, timestamps that were wrong without excuse, and requests that the
client cannot account for. Limits and bans are counted by `limits.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256

from attrs import frozen

from unified.instrument import ZERO
from unified.order import OrderStatus
from unified.sandbox.dialect import Dialect, Incoming, Outgoing
from unified.sandbox.orders import EndReason, VenueOrder

GRACE_US = 250_000
"""After the first answer from which a client could learn of a clock step: what it had sent before may still arrive."""


def digest_of(query: str, body: bytes) -> str:
    """What identifies the content of a request: hex sha256 of the raw query followed by the body."""
    return sha256(query.encode() + body).hexdigest()


@frozen
class AttemptRecord:
    """One request that the client says it has sent, or one that arrived."""

    method: str
    path: str
    """Raw, without the query."""
    digest: str
    """See `digest_of`."""


@frozen(kw_only=True)
class Intent:
    """One order that the client wanted, and what it believes of it at the end."""

    client_order_id: str
    """As it was sent to the venue."""
    status: OrderStatus | None
    """None where the client never learned of an order (not sent, or given up)."""
    filled_quantity: Decimal = ZERO


@frozen(kw_only=True)
class Verdict:
    """The sandbox's judgement. None means that the client handed over nothing to judge it by."""

    requests: int
    orders: int
    fills: int
    duplicate_orders: int
    """Orders beyond the first of one client order id; with intents also orders that belong to none."""
    lost_orders: int | None
    """Orders that live or have filled, of which the client knows nothing or believes a wrong final state."""
    clock_rejections: int
    """Refused timestamps of requests that no fault delayed, after the client could know the venue's clock."""
    clock_rejections_total: int
    limit_violations: int
    limit_violations_at_clock_step: int
    """In calendar windows that ran when the venue's clock was stepped: not counted in `limit_violations`."""
    requests_while_banned: int
    unattributed_requests: int | None
    """Arrivals that match none of the client's attempts one to one: hidden retries."""

    @property
    def is_clean(self) -> bool:
        """Nothing that is the client's fault."""
        return not any(
            (
                self.duplicate_orders,
                self.lost_orders,
                self.clock_rejections,
                self.limit_violations,
                self.requests_while_banned,
                self.unattributed_requests,
            )
        )


class Ledger:
    """The record of one run."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._arrivals: Counter[AttemptRecord] = Counter()
        self._stepped_us = dialect.clock.true_us()
        self._synced_us: dict[str, int] = {}
        """By door, whose clocks a client measures apart: since when it could know the time."""
        self._clock_rejections = 0
        self._clock_rejections_total = 0

    # --- what happens

    def arrived(self, incoming: Incoming) -> None:
        self._arrivals[AttemptRecord(incoming.method, incoming.path, digest_of(incoming.query, incoming.body))] += 1

    def clock_stepped(self) -> None:
        self._stepped_us = self._dialect.clock.true_us()
        self._synced_us = {}

    def answered(self, door: str, outgoing: Outgoing, asked_us: int) -> None:
        """A whole answer of a door reaches the client; its request arrived at `asked_us` (true time).

        A client that asked before a step cannot tell whether its answer was made before or after it.
        """
        if outgoing.stamped and asked_us >= self._stepped_us and door not in self._synced_us:
            self._synced_us[door] = self._dialect.clock.true_us()
            self._dialect.keeper.clock_told(self._dialect.clock.moment())

    def refused_for_clock(self, incoming: Incoming) -> None:
        self._clock_rejections_total += 1
        since_us = self._synced_us.get(incoming.door)
        known = since_us is not None and incoming.arrived_us > since_us + GRACE_US
        if known and not incoming.delayed:
            self._clock_rejections += 1

    # --- the judgement

    def verdict(
        self, *, intents: Iterable[Intent] | None = None, attempts: Iterable[AttemptRecord] | None = None
    ) -> Verdict:
        """Judge the run so far, by the client's own records where it hands them over."""
        engine, keeper = self._dialect.engine, self._dialect.keeper
        engine.advance(self._dialect.clock.true_us())
        accounts = engine.accounts.values()
        orders = [order for account in accounts for order in account.orders if _took_effect(order)]
        wanted = None if intents is None else {intent.client_order_id: intent for intent in intents}
        return Verdict(
            requests=self._arrivals.total(),
            orders=len(orders),
            fills=sum(len(account.fills) for account in accounts),
            duplicate_orders=_duplicates(orders, wanted),
            lost_orders=None if wanted is None else _lost(orders, wanted),
            clock_rejections=self._clock_rejections,
            clock_rejections_total=self._clock_rejections_total,
            limit_violations=keeper.violations,
            limit_violations_at_clock_step=keeper.violations_at_clock_step,
            requests_while_banned=keeper.while_banned,
            unattributed_requests=None if attempts is None else (self._arrivals - Counter(attempts)).total(),
        )


def _took_effect(order: VenueOrder) -> bool:
    """An order that the matching engine refused after its acknowledgement never lived."""
    return order.status is not OrderStatus.REJECTED or order.filled_quantity > ZERO


def _intent_id(order: VenueOrder) -> str | None:
    """The id under which it was placed: an amendment may have renamed it since."""
    return order.asked.client_order_id


def _duplicates(orders: list[VenueOrder], wanted: dict[str, Intent] | None) -> int:
    counts = Counter(_intent_id(order) for order in orders)
    nameless = counts.pop(None, 0)
    if wanted is None:
        return sum(count - 1 for count in counts.values())
    return nameless + sum(count - (name in wanted) for name, count in counts.items())


def _lost(orders: list[VenueOrder], wanted: dict[str, Intent]) -> int:
    living: defaultdict[str | None, list[VenueOrder]] = defaultdict(list)
    for order in orders:
        if order.is_open or order.filled_quantity > ZERO:
            living[_intent_id(order)].append(order)
    return sum(not any(_is_known(order, wanted.get(name or "")) for order in same) for name, same in living.items())


def _is_known(order: VenueOrder, intent: Intent | None) -> bool:
    """A client that still takes an order for open is behind, not wrong; one that has closed it must be right."""
    if intent is None or intent.status is None:
        return False
    if intent.status.is_open:
        return True
    if order.quantity is None or order.end is EndReason.AMENDED_AWAY:
        # The rest of a quote quantity that buys no lot any more, or a total amended down to what was filled:
        # some venues call the order filled, some canceled.
        return order.status.is_final and intent.filled_quantity == order.filled_quantity
    same_end = (intent.status is OrderStatus.FILLED) is (order.status is OrderStatus.FILLED)
    return order.status.is_final and same_end and intent.filled_quantity == order.filled_quantity
