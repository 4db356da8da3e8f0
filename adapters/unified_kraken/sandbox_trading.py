"""Orders of Kraken's sandbox: placing, amending, canceling, and the matching engine's counter that they cost.

The engine of the sandbox matches; this module speaks for it. Placing answers an id and nothing of what became
of the order: that must be asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from attrs import define, field

from unified.order import OrderStatus
from unified.sandbox.accounts import Account
from unified.sandbox.engine import Engine
from unified.sandbox.limits import LimitKeeper, Use
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_kraken.sandbox_call import SECOND_US, Call, Fields, Refused, invalid
from unified_kraken.sandbox_keys import ApiKey
from unified_kraken.sandbox_orders import (
    AMENDING,
    OTHERWISE,
    WORDS,
    check_deadline,
    describe,
    has_places,
    read_client_id,
    read_order,
    read_price,
    read_userref,
)
from unified_kraken.sandbox_pairs import Pair, pair_of
from unified_kraken.sandbox_public import instrument_of
from unified_kraken.sandbox_rows import amend_id, order_id

_CANCEL_COST = ((5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1))
_AMEND_COST = ((5, 3), (10, 2), (15, 1))
"""Seconds since the order was made or last amended, below which a cancel or an amendment costs so much.
Source: docs.kraken.com, guide spot-ratelimits (2026-05-27)."""
_BATCH = (2, 15)
_MOST_CANCELED = 50


class PostOnly(StrEnum):
    """What becomes of a post-only order that would trade: both were seen at Kraken."""

    AT_ONCE = "at_once"
    """Refused."""
    LATER = "later"
    """Acknowledged, then canceled with the reason "Post only order"."""
    BY_SEED = "by_seed"
    """Now the one, now the other."""


@define
class Trading:
    """The writing half of the private API."""

    engine: Engine
    keeper: LimitKeeper
    seed: int
    post_only: PostOnly = PostOnly.BY_SEED
    _by_id: dict[str, VenueOrder] = field(factory=dict, init=False)
    _touched_us: dict[str, int] = field(factory=dict, init=False)
    """True time at which an order was made or last amended, by id."""
    _crossings: int = field(default=0, init=False)

    # --- placing

    def add_order(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """An id and a description; with `validate` only the description."""
        pair = pair_of(call.fields.required("pair"))
        self._charge(key, pair, 1)
        asked = self._read(call.fields, pair)
        self._check_deadline(call)
        described = {"descr": {"order": describe(asked, pair)}}
        if call.fields.flag("validate"):
            self.engine.test(self._account(key), asked)
            return described
        return {"txid": [self._place(key, pair, asked)], **described}

    def add_batch(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """Malformed items refuse the whole batch; what the engine refuses is told at its item."""
        pair = pair_of(call.fields.required("pair"))
        items = call.fields.rows("orders")
        if not _BATCH[0] <= len(items) <= _BATCH[1] or not all(isinstance(item, dict) for item in items):
            raise invalid("orders")
        self._charge(key, pair, Fraction(len(items), 2))
        batch = [self._read(Fields(item), pair) for item in items]
        self._check_deadline(call)
        only_validate = call.fields.flag("validate")
        return {"orders": [self._batched(key, pair, asked, only_validate=only_validate) for asked in batch]}

    def _batched(self, key: ApiKey, pair: Pair, asked: NewOrder, *, only_validate: bool) -> dict[str, Any]:
        described = {"descr": {"order": describe(asked, pair)}}
        try:
            if only_validate:
                self.engine.test(self._account(key), asked)
                return described
            return {"txid": self._place(key, pair, asked), **described}
        except EngineRefusal as refusal:
            return {"error": WORDS.get(refusal.reason, OTHERWISE)}

    def _read(self, fields: Fields, pair: Pair) -> NewOrder:
        return read_order(fields, pair, instrument_of(self.engine, pair), self.engine.now_us)

    def _place(self, key: ApiKey, pair: Pair, asked: NewOrder) -> str:
        account = self._account(key)
        if sum(order.instrument is asked.instrument for order in account.open.values()) >= key.tier.open_orders:
            raise EngineRefusal(Reason.TOO_MANY_OPEN_ORDERS, pair.id)
        if asked.post_only and self._crosses(asked) and self._refuses_at_once():
            raise EngineRefusal(Reason.WOULD_TAKE, str(asked.price))
        order = self.engine.place(account, asked)
        txid = order_id(order.order_id)
        self._by_id[txid], self._touched_us[txid] = order, self.engine.true_us
        return txid

    def _crosses(self, asked: NewOrder) -> bool:
        return self.engine.market(asked.instrument).book.crosses(asked.side, asked.price)

    def _refuses_at_once(self) -> bool:
        self._crossings += 1
        if self.post_only is not PostOnly.BY_SEED:
            return self.post_only is PostOnly.AT_ONCE
        return blake2b(f"{self.seed}/post-only/{self._crossings}".encode()).digest()[0] % 2 == 0

    # --- amending

    def amend_order(self, call: Call, key: ApiKey) -> dict[str, str]:
        """Keeps the order's ids and fills. Not for triggers and display quantities here."""
        order, fields = self._target(call, key, unknown="EOrder:Unknown order"), call.fields
        pair = pair_of(order.instrument.symbol)
        quantity = fields.number("order_qty")
        if quantity is not None and (quantity <= 0 or not has_places(quantity, pair.lot_decimals)):
            raise invalid("order_qty")
        price = read_price(fields, "limit_price", pair) if fields.text("limit_price") else None
        ends = quantity is not None and quantity <= order.filled_quantity
        self._charge(key, pair, self._age_cost(order, _CANCEL_COST) if ends else 1 + self._age_cost(order, _AMEND_COST))
        self._check_deadline(call)
        if fields.text("trigger_price") or fields.text("display_qty"):
            raise Refused("EOrder:Order not editable")
        if fields.flag("post_only") and self.engine.market(order.instrument).book.crosses(
            order.side, price or order.price
        ):
            raise Refused(WORDS[Reason.WOULD_TAKE])
        try:
            self.engine.amend(self._account(key), order, price=price, quantity=quantity)
        except EngineRefusal as refusal:
            raise Refused(AMENDING.get(refusal.reason, OTHERWISE)) from refusal
        self._touched_us[order_id(order.order_id)] = self.engine.true_us
        return {"amend_id": amend_id(order)}

    # --- canceling

    def cancel_order(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """One order by its id or client id, or all of a group tag in the place of the id."""
        txid = call.fields.text("txid")
        if txid.removeprefix("-").isdecimal():
            return self._cancel_each(self._tagged(key, txid), key)
        return self._cancel_each([self._target(call, key, unknown="EOrder:Invalid order")], key)

    def cancel_all(self, _call: Call, key: ApiKey) -> dict[str, Any]:
        """Every open order, whatever its pair. Costs the engine one per pair and is never refused for that."""
        orders = self.engine.cancel_all(self._account(key))
        for pair_id in {order.instrument.symbol for order in orders}:
            self.keeper.charge(self._use(key, pair_of(pair_id), 1), self.engine.moment)
        return _canceled(orders)

    def cancel_batch(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """By ids, group tags and client ids. Answers how many were canceled, not which; goes through even
        where it takes the counter over its threshold."""
        txids = [_named(item, "txid") for item in call.fields.rows("orders")]
        names = [_named(item, "cl_ord_id") for item in call.fields.rows("cl_ord_ids")]
        if not 1 <= len({*txids, *names}) <= _MOST_CANCELED:
            raise invalid("orders")
        orders = {order.order_id: order for order in self._named_orders(key, txids, names) if _cancelable(order)}
        pairs = {order.instrument.symbol for order in orders.values()}
        self._admit([self._use(key, pair_of(pair_id), 0) for pair_id in sorted(pairs)])
        for order in orders.values():
            cost = self._age_cost(order, _CANCEL_COST)
            self.keeper.charge(self._use(key, pair_of(order.instrument.symbol), cost), self.engine.moment)
            self.engine.cancel(self._account(key), order)
        return {"count": len(orders)}

    def _cancel_each(self, orders: list[VenueOrder], key: ApiKey) -> dict[str, Any]:
        """All of them or, where their cost is too much, none."""
        costs: Counter[str] = Counter()
        for order in orders:
            costs[order.instrument.symbol] += self._age_cost(order, _CANCEL_COST)
        self._admit([self._use(key, pair_of(pair_id), cost) for pair_id, cost in costs.items()])
        return _canceled([self.engine.cancel(self._account(key), order) for order in orders])

    # --- finding

    def _target(self, call: Call, key: ApiKey, *, unknown: str) -> VenueOrder:
        """The open order that a call names. `unknown` is said of a client id that no open order bears."""
        txid, client_id = call.fields.text("txid"), read_client_id(call.fields)
        if bool(txid) is (client_id is not None):
            raise invalid("txid")
        if client_id is not None:
            found = [order for order in self._account(key).open.values() if order.client_order_id == client_id]
            if not found:
                raise Refused(unknown)
            return found[0]
        order = self._by_id.get(txid)
        if order is None or order.account != key.account:
            raise Refused("EOrder:Invalid order")
        if not order.is_open:
            raise Refused("EOrder:Unknown order")
        return order

    def _tagged(self, key: ApiKey, userref: str) -> list[VenueOrder]:
        read_userref(Fields({"userref": userref}))
        found = [order for order in self._account(key).open.values() if order.words["userref"] == userref]
        if not found:
            raise Refused("EOrder:Unknown order")
        return found

    def _named_orders(self, key: ApiKey, txids: list[str], names: list[str]) -> list[VenueOrder]:
        return [
            order
            for txid, order in ((order_id(number), order) for number, order in self._account(key).open.items())
            if txid in txids or order.words["userref"] in txids or order.client_order_id in names
        ]

    # --- inside

    def _account(self, key: ApiKey) -> Account:
        return self.engine.accounts[key.account]

    def _check_deadline(self, call: Call) -> None:
        arrived_us = call.incoming.arrived_us or self.engine.true_us
        check_deadline(call, self.engine.moment, self.engine.clock.shown_at(arrived_us))

    def _use(self, key: ApiKey, pair: Pair, cost: Fraction | int) -> Use:
        return Use(limit=key.tier.engine_limit, key=f"{key.account} {pair.id}", cost=cost)

    def _charge(self, key: ApiKey, pair: Pair, cost: Fraction | int) -> None:
        self._admit([self._use(key, pair, cost)])

    def _admit(self, uses: list[Use]) -> None:
        """Count what the engine is asked to do, or refuse it. Paid also by what is refused afterwards."""
        if self.keeper.admit(uses, self.engine.moment) is not None:
            raise Refused("EOrder:Rate limit exceeded")

    def _age_cost(self, order: VenueOrder, steps: tuple[tuple[int, int], ...]) -> int:
        age_us = self.engine.true_us - self._touched_us[order_id(order.order_id)]
        return next((cost for below_s, cost in steps if age_us < below_s * SECOND_US), 0)


def _canceled(orders: Iterable[VenueOrder]) -> dict[str, Any]:
    """`pending`: accepted, not done yet."""
    found = list(orders)
    return {"count": len(found), "pending": any(order.status is OrderStatus.PENDING_CANCEL for order in found)}


def _cancelable(order: VenueOrder) -> bool:
    return order.status is not OrderStatus.PENDING_CANCEL


def _named(item: object, member: str) -> str:
    """An id itself, or an object that holds it: the documentation shows both."""
    value = item.get(member) if isinstance(item, dict) else item
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise invalid(member)
    return str(value)
