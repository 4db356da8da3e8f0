"""How a simulated venue counts: what each request costs, when orders are given back, what the headers say.

Decides no answer and knows no figure. Source: Binance spot `faqs/order_count_decrement.md` (2026-07-21). Windows are
calendar intervals of each door's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.sandbox.clock import Moment
from unified.sandbox.dialect import Incoming
from unified.sandbox.limits import CalendarWindow, Escalation, LimitKeeper, LimitScope, Use, VenueLimit
from unified.sandbox.orders import VenueOrder
from unified_binance_dialect.sandbox_calls import Door, Endpoint, Fields

BANS = Escalation(refusals=5, within_s=60, first_s=120, longest_s=259_200)
"""From two minutes to three days; how many 429s it takes the venue does not say."""


def by_address(name: str, limit: int, period_s: int) -> VenueLimit:
    """Requests of one address are counted together; who goes on is banned."""
    return VenueLimit(name=name, counting=CalendarWindow(limit=limit, period_s=period_s), escalation=BANS)


def by_account(name: str, limit: int, period_s: int) -> VenueLimit:
    """Orders of one account are counted together."""
    counting = CalendarWindow(limit=limit, period_s=period_s)
    return VenueLimit(name=name, counting=counting, scope=LimitScope.KEY, counts_refused=False)


PERIOD_WORDS: Mapping[int, str] = {1: "1 SECOND", 10: "10 SECOND", 60: "1 MINUTE", 86_400: "1 DAY"}
_TAKER_BACK, _MAKER_BACK = 1, 5
"""Orders taken off the count at an order's first fill, where only unfilled ones count."""


def address(incoming: Incoming) -> str:
    """Whose requests are counted together, and banned: one address at one door."""
    return f"{incoming.door} {incoming.peer}"


def account(incoming: Incoming) -> str:
    """Whose orders are counted together: every account here has one key."""
    return f"{incoming.door} {incoming.header('x-mbx-apikey')}"


class Meters:
    """The counts of all doors."""

    def __init__(self, keeper: LimitKeeper, doors: Mapping[str, Door]) -> None:
        self._keeper = keeper
        self._doors = doors
        self._unfilled: dict[str, list[VenueOrder]] = {}
        """By account: orders that have not traded yet."""

    def uses(self, incoming: Incoming, endpoint: Endpoint | None, fields: Fields) -> list[Use]:
        """What a request takes before anything else is looked at. An unknown path weighs one."""
        weight = 1 if endpoint is None else 0 if endpoint.free_when_done else endpoint.cost(fields)
        found = [Use(limit=f"{incoming.door} weight", key=address(incoming), cost=weight)]
        also = self._doors[incoming.door].counts + (() if endpoint is None else endpoint.counts)
        found += [Use(limit=name, key=address(incoming)) for name in also]
        return found + ([] if endpoint is None else _order_uses(incoming, endpoint))

    def refused(self, incoming: Incoming, endpoint: Endpoint, fields: Fields, moment: Moment, *, counts: bool) -> None:
        """A refusal costs its weight, and may give back the order that it did not place, unless it counts."""
        if endpoint.free_when_done:
            weight = Use(limit=f"{incoming.door} weight", key=address(incoming), cost=endpoint.cost(fields))
            self._keeper.charge(weight, moment)
        if self._doors[incoming.door].unfilled_only and not counts and any(endpoint.orders):
            self._give_back(incoming, 1, moment)

    def placed(self, incoming: Incoming, order: VenueOrder, moment: Moment) -> None:
        """Where unfilled orders only are counted, a new one that traded at once is taken off again."""
        if not self._doors[incoming.door].unfilled_only:
            return
        if order.filled_quantity:
            self._give_back(incoming, _TAKER_BACK, moment)
        elif order.is_open:
            self._unfilled.setdefault(account(incoming), []).append(order)

    def sweep(self, incoming: Incoming, moment: Moment) -> None:
        """Take off what has had its first fill since, as a maker; forget what has ended without one."""
        waiting = self._unfilled.pop(account(incoming), [])
        for order in waiting:
            if order.filled_quantity:
                self._give_back(incoming, _MAKER_BACK, moment)
        kept = [order for order in waiting if order.is_open and not order.filled_quantity]
        if kept:
            self._unfilled[account(incoming)] = kept

    def order_counts(self, incoming: Incoming, moment: Moment) -> tuple[int, ...]:
        periods = self._doors[incoming.door].order_periods
        names = [f"{incoming.door} orders {which}" for which in range(1, len(periods) + 1)]
        return tuple(self._keeper.used(name, account(incoming), moment) for name in names)

    def headers(self, incoming: Incoming, endpoint: Endpoint | None, moment: Moment) -> dict[str, str]:
        """Of the used weight, on every answer."""
        used = self._keeper.used(f"{incoming.door} weight", address(incoming), moment)
        if endpoint is not None and endpoint.misleads:
            used = 1
        return {"x-mbx-used-weight": f"{used}", "x-mbx-used-weight-1m": f"{used}"}

    def order_headers(self, incoming: Incoming, endpoint: Endpoint, moment: Moment) -> dict[str, str]:
        """Of the order counts, on answers of calls that add to them."""
        if not any(endpoint.orders):
            return {}
        counts = zip(self._doors[incoming.door].order_periods, self.order_counts(incoming, moment), strict=True)
        return {f"x-mbx-order-count-{period}": f"{used}" for period, used in counts}

    def _give_back(self, incoming: Incoming, orders: int, moment: Moment) -> None:
        """Never below zero: nobody gets credit."""
        for which, used in enumerate(self.order_counts(incoming, moment), 1):
            back = Use(limit=f"{incoming.door} orders {which}", key=account(incoming), cost=-min(orders, used))
            self._keeper.charge(back, moment)


def _order_uses(incoming: Incoming, endpoint: Endpoint) -> list[Use]:
    return [
        Use(limit=f"{incoming.door} orders {which}", key=account(incoming), cost=cost)
        for which, cost in enumerate(endpoint.orders, 1)
        if cost
    ]
