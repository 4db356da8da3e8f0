"""The limits of the simulated Binance: what each request costs, when orders are given back, what the headers say.

Decides no answer. Sources: `exchangeInfo.rateLimits` and `faqs/order_count_decrement.md` (2026-07-21), USD-M
"General Info" (2026-05-28). Windows are calendar intervals of each door's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.sandbox.clock import Moment
from unified.sandbox.dialect import Incoming
from unified.sandbox.limits import CalendarWindow, Escalation, LimitKeeper, LimitScope, Use, VenueLimit
from unified.sandbox.orders import VenueOrder
from unified_binance.sandbox_calls import Endpoint, Fields

BANS = Escalation(refusals=5, within_s=60, first_s=120, longest_s=259_200)
"""From two minutes to three days; how many 429s it takes the venue does not say."""


def _by_address(name: str, limit: int, period_s: int) -> VenueLimit:
    return VenueLimit(name=name, counting=CalendarWindow(limit=limit, period_s=period_s), escalation=BANS)


def _by_account(name: str, limit: int, period_s: int) -> VenueLimit:
    counting = CalendarWindow(limit=limit, period_s=period_s)
    return VenueLimit(name=name, counting=counting, scope=LimitScope.KEY, counts_refused=False)


LIMITS = (
    _by_address("spot weight", 6000, 60),
    _by_address("spot raw", 300_000, 300),
    _by_account("spot orders 1", 100, 10),
    _by_account("spot orders 2", 200_000, 86_400),
    _by_address("linear weight", 2400, 60),
    _by_address("linear funding", 500, 300),
    _by_account("linear orders 1", 300, 10),
    _by_account("linear orders 2", 1200, 60),
)
_PERIODS = {"spot": ("10s", "1d"), "linear": ("10s", "1m")}
"""As the headers of the two order counts name them."""
PERIOD_WORDS: Mapping[int, str] = {10: "10 SECOND", 60: "1 MINUTE", 86_400: "1 DAY"}
_TAKER_BACK, _MAKER_BACK = 1, 5
"""Orders that spot takes off the count at an order's first fill."""


def address(incoming: Incoming) -> str:
    """Whose requests are counted together, and banned: one address at one door."""
    return f"{incoming.door} {incoming.peer}"


def account(incoming: Incoming) -> str:
    """Whose orders are counted together: every account here has one key."""
    return f"{incoming.door} {incoming.header('x-mbx-apikey')}"


class Meters:
    """The counts of both doors."""

    def __init__(self, keeper: LimitKeeper) -> None:
        self._keeper = keeper
        self._unfilled: dict[str, list[VenueOrder]] = {}
        """By account: spot orders that have not traded yet."""

    def uses(self, incoming: Incoming, endpoint: Endpoint | None, fields: Fields) -> list[Use]:
        """What a request takes before anything else is looked at. An unknown path weighs one."""
        weight = 1 if endpoint is None else 0 if endpoint.free_when_done else endpoint.cost(fields)
        found = [Use(limit=f"{incoming.door} weight", key=address(incoming), cost=weight)]
        if incoming.door == "spot":
            found.append(Use(limit="spot raw", key=address(incoming)))
        if endpoint is not None and endpoint.funding:
            found.append(Use(limit="linear funding", key=address(incoming)))
        return found + ([] if endpoint is None else _order_uses(incoming, endpoint))

    def refused(self, incoming: Incoming, endpoint: Endpoint, fields: Fields, moment: Moment, *, counts: bool) -> None:
        """A refusal on spot costs its weight, and gives back the order that it did not place, unless it counts."""
        if endpoint.free_when_done:
            weight = Use(limit="spot weight", key=address(incoming), cost=endpoint.cost(fields))
            self._keeper.charge(weight, moment)
        if incoming.door == "spot" and not counts and any(endpoint.orders):
            self._give_back(incoming, 1, moment)

    def placed(self, incoming: Incoming, order: VenueOrder, moment: Moment) -> None:
        """Spot counts unfilled orders only: a new one that traded at once is taken off again."""
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

    def order_counts(self, incoming: Incoming, moment: Moment) -> tuple[int, int]:
        first, second = (
            self._keeper.used(f"{incoming.door} orders {which}", account(incoming), moment) for which in (1, 2)
        )
        return first, second

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
        counts = zip(_PERIODS[incoming.door], self.order_counts(incoming, moment), strict=True)
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
