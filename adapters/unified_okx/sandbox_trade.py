"""The trading endpoints of the simulated OKX: place, cancel and amend, one or many, and algo orders.

Every answer is an acknowledgement only: what the matching engine makes of it, queries tell. Of a batch every item
succeeds or fails by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from attrs import frozen

from unified.sandbox.dialect import Outgoing, json_answer
from unified.sandbox.limits import Use
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import plain
from unified_okx.sandbox_calls import Call, Fields, Row, ms, rows
from unified_okx.sandbox_limits import (
    ACCOUNT_ORDERS,
    AMEND,
    AMEND_BATCH,
    CANCEL,
    CANCEL_ALGO,
    CANCEL_BATCH,
    PLACE,
    PLACE_ALGO,
    PLACE_BATCH,
    Quota,
)
from unified_okx.sandbox_orders import client_id, new_algo, new_order, new_values, within_band
from unified_okx.sandbox_refusals import amend_refusal, cancel_refusal, place_refusal
from unified_okx.sandbox_rows import STOP_OFFSET, is_order
from unified_okx.sandbox_sayings import BATCH_LIMIT_TEXT, Refusal

MOST_IN_BATCH = 20
MOST_ALGOS = 10
_ALL_FAILED = ("1", "All operations failed")
_SOME_FAILED = ("2", "Bulk operation partially succeeded.")
_MULTI_CURRENCY = "3"
_PRECHECK = (
    *("adjEq", "adjEqChg", "availBal", "availBalChg", "imr", "imrChg", "mmr", "mmrChg"),
    *("mgnRatio", "mgnRatioChg", "liab", "liabChg"),
)
_PRECHECK_EMPTY = ("liabChgCcy", "liqPx", "liqPxDiff", "liqPxDiffRatio", "posBal", "posBalChg", "type")
_WHOLE_REQUEST = ("50014", "50015")
"""Refusals of a single order that are the answer to the whole request (HTTP 400); of a batch they stay in the item."""

Act = Callable[[Call, Fields], Row]
"""Carry out one item; the ids that its row tells. Raises `Refusal`."""


@frozen(kw_only=True)
class _Job:
    """One thing that can be done to one order or, in a batch, to many."""

    act: Act
    one: Quota
    many: Quota
    """Counts orders. A batch of one falls under the other."""
    too_many: str
    echoes: tuple[str, ...] = ()
    """Parameters that each row repeats."""
    orders: bool = True
    """It makes or changes orders: it counts towards those of the whole account, and heeds `expTime`."""

    def row(self, call: Call, fields: Fields, *, code: str = "0", message: str = "", sub: str = "") -> Row:
        return {
            "clOrdId": fields.text("clOrdId"),
            "ordId": fields.text("ordId"),
            **{name: fields.text(name) for name in self.echoes},
            "ts": ms(call.now_us),
            "sCode": code,
            "sMsg": message,
            **({"subCode": sub} if self.orders else {}),
        }


def _single(call: Call, job: _Job) -> Outgoing:
    account = []
    if job.orders:
        _check_deadline(call)
        account = [_account_use(call)]
    full = call.spend(job.one.use(call), *account)
    if full is not None:
        raise Refusal("50061" if full.limit == ACCOUNT_ORDERS.name else "50011")
    return _told(call, [_attempt(call, job, call.fields, alone=True)])


def _batch(call: Call, job: _Job) -> Outgoing:
    items = [Fields(item) for item in _items(call, job.too_many)]
    if job.orders:
        _check_deadline(call)
    allowed = _within_limits(call, items, job.many if len(items) > 1 else job.one)
    count = sum(allowed)
    if job.orders and count and call.spend(_account_use(call, count)) is not None:
        raise Refusal("50061")
    told = [
        _attempt(call, job, fields) if fits else job.row(call, fields, code="50011", message=BATCH_LIMIT_TEXT)
        for fields, fits in zip(items, allowed, strict=True)
    ]
    return _told(call, told)


def _items(call: Call, too_many: str, most: int = MOST_IN_BATCH) -> Sequence[Row]:
    if not call.items:
        raise Refusal("50000")
    if not all(isinstance(item, dict) for item in call.items):
        raise Refusal("50002")
    if len(call.items) > most:
        raise Refusal(too_many, most)
    return call.items


def _within_limits(call: Call, items: Sequence[Fields], quota: Quota) -> list[bool]:
    """Which items may go: the orders of each instrument are counted together, and go or stay together."""
    counts = Counter(fields.text("instId") for fields in items)
    fits = {
        name: call.spend(Use(limit=quota.name, key=f"{call.holder.uid}/{name}", cost=count)) is None
        for name, count in counts.items()
    }
    return [fits[fields.text("instId")] for fields in items]


def _account_use(call: Call, count: int = 1) -> Use:
    return Use(limit=ACCOUNT_ORDERS.name, key=call.holder.uid, cost=count)


def _check_deadline(call: Call) -> None:
    """The `expTime` header, against the venue's clock: past on arrival, or passed while the request was held up."""
    text = call.incoming.header("exptime")
    if not text:
        return
    if not (text.isascii() and text.isdecimal()):
        raise Refusal("51000", "expTime")
    deadline_us = int(text) * 1000
    if call.engine.clock.shown_at(call.incoming.arrived_us or call.moment.true_us) > deadline_us:
        raise Refusal("50036")
    if call.now_us > deadline_us:
        raise Refusal("50037")


def _attempt(call: Call, job: _Job, fields: Fields, *, alone: bool = False) -> Row:
    try:
        ids = job.act(call, fields)
    except Refusal as refusal:
        if alone and refusal.code in _WHOLE_REQUEST:
            raise
        return job.row(call, fields, code=refusal.code, message=refusal.message, sub=refusal.sub)
    return {**job.row(call, fields), **ids}


def _told(call: Call, items: Sequence[Row]) -> Outgoing:
    failed = sum(item["sCode"] != "0" for item in items)
    code, message = "0", ""
    if failed:
        code, message = _ALL_FAILED if failed == len(items) else _SOME_FAILED
    now = str(call.now_us)
    return json_answer({"code": code, "msg": message, "data": list(items), "inTime": now, "outTime": now})


# --- what is done


def _place(call: Call, fields: Fields) -> Row:
    return _ids(_placed(call, new_order(call, fields)))


def _placed(call: Call, asked: NewOrder) -> VenueOrder:
    account = call.account
    if asked.margin_mode is not None:
        _note_margin_mode(call, asked)
    try:
        return call.engine.place(account, asked)
    except EngineRefusal as error:
        raise place_refusal(error, asked, account.position(asked.instrument, asked.position_side)) from None


def _note_margin_mode(call: Call, asked: NewOrder) -> None:
    """A position takes the mode of the order that opened it; an open one keeps its own."""
    if asked.margin_mode is None:
        return
    try:
        call.engine.set_margin_mode(call.account, asked.instrument, asked.margin_mode)
    except EngineRefusal:
        return


def _amend(call: Call, fields: Fields) -> Row:
    instrument = call.instrument(fields.need("instId"))
    price, size = new_values(fields)
    order = _named(call, fields, missing="51603")
    if price is not None:
        within_band(call.engine, instrument, order.side, price, clamps=False)
    quantity = None if size is None else size * instrument.contract_size
    try:
        call.engine.amend(call.account, order, price=price, quantity=quantity)
    except EngineRefusal as error:
        if error.reason is not Reason.NO_CHANGE:
            raise amend_refusal(error) from None
    return _ids(order)


def _cancel(call: Call, fields: Fields) -> Row:
    call.instrument(fields.need("instId"))
    order = _named(call, fields, missing="51400")
    try:
        call.engine.cancel(call.account, order)
    except EngineRefusal as error:
        raise cancel_refusal(error) from None
    return _ids(order)


def _ids(order: VenueOrder) -> Row:
    is_stop = order.order_type.is_stop
    return {
        "ordId": str(order.order_id + STOP_OFFSET if is_stop else order.order_id),
        "clOrdId": "" if is_stop else order.client_order_id or "",
    }


def _named(call: Call, fields: Fields, missing: str) -> VenueOrder:
    """The order of a write; `ordId` wins. Waiting stops are no orders yet."""
    number, name = fields.whole("ordId"), client_id(fields, "clOrdId")
    if number is None and name is None:
        raise Refusal("50015", "ordId", "clOrdId")
    order = find(call, number, name)
    if order is None or order.instrument.symbol != fields.text("instId"):
        raise Refusal(missing)
    return order


def find(call: Call, number: int | None, name: str | None) -> VenueOrder | None:
    """An order by its `ordId`, else by its `clOrdId` (the latest), whether queries show it already or not."""
    stop = number is not None and number - STOP_OFFSET in call.account.by_id
    try:
        order = call.engine.order(
            call.account,
            order_id=number - STOP_OFFSET if number is not None and stop else number,
            client_order_id=name,
        )
    except EngineRefusal:
        return None
    fits = order.order_type.is_stop is stop
    return order if fits and is_order(order) else None


PLACE_JOB = _Job(act=_place, one=PLACE, many=PLACE_BATCH, too_many="51111", echoes=("tag",))
AMEND_JOB = _Job(act=_amend, one=AMEND, many=AMEND_BATCH, too_many="51501", echoes=("reqId",))
CANCEL_JOB = _Job(act=_cancel, one=CANCEL, many=CANCEL_BATCH, too_many="51406", orders=False)


def place(call: Call) -> Outgoing:
    return _single(call, PLACE_JOB)


def amend(call: Call) -> Outgoing:
    return _single(call, AMEND_JOB)


def cancel(call: Call) -> Outgoing:
    return _single(call, CANCEL_JOB)


def place_batch(call: Call) -> Outgoing:
    return _batch(call, PLACE_JOB)


def amend_batch(call: Call) -> Outgoing:
    named = [(fields.text("ordId"), fields.text("clOrdId")) for fields in map(Fields, _items(call, "51501"))]
    if len(set(named)) < len(named):
        raise Refusal("51512")
    return _batch(call, AMEND_JOB)


def cancel_batch(call: Call) -> Outgoing:
    return _batch(call, CANCEL_JOB)


def precheck(call: Call) -> Outgoing:
    """What an order would change; multi-currency accounts only. Nothing is placed, and the book is not asked."""
    if call.holder.level != _MULTI_CURRENCY:
        raise Refusal("51010")
    asked = new_order(call, call.fields)
    try:
        call.engine.test(call.account, asked)
    except EngineRefusal as error:
        raise place_refusal(error, asked, call.account.position(asked.instrument, asked.position_side)) from None
    currency = asked.instrument.settle or asked.instrument.quote
    changes = dict.fromkeys(_PRECHECK, "0") | dict.fromkeys(_PRECHECK_EMPTY, "")
    return rows([changes | {"imr": plain(call.engine.margin_in_use(call.account, currency))}])


# --- algo orders


def place_algo(call: Call) -> Outgoing:
    if call.spend(PLACE_ALGO.use(call)) is not None:
        raise Refusal("50011")
    try:
        asked = new_algo(call, call.fields)
        order = _placed(call, asked)
    except Refusal as refusal:
        if refusal.code in _WHOLE_REQUEST:
            raise
        return _algo_answer([_algo_item(call.fields, code=refusal.code, message=refusal.message)])
    return _algo_answer([_algo_item(call.fields, order)])


def cancel_algos(call: Call) -> Outgoing:
    items = [Fields(item) for item in _items(call, "51406", MOST_ALGOS)]
    allowed = _within_limits(call, items, CANCEL_ALGO)
    return _algo_answer(
        [
            _cancel_algo(call, fields) if fits else _algo_item(fields, code="50011", message=BATCH_LIMIT_TEXT)
            for fields, fits in zip(items, allowed, strict=True)
        ]
    )


def _cancel_algo(call: Call, fields: Fields) -> Row:
    try:
        return _algo_item(fields, _canceled_algo(call, fields))
    except Refusal as refusal:
        return _algo_item(fields, code=refusal.code, message=refusal.message)


def _canceled_algo(call: Call, fields: Fields) -> VenueOrder:
    fields.need("instId")
    order = find_algo(call, fields)
    if order is None:
        raise Refusal("51400")
    if order.triggered:
        raise Refusal("51416")
    try:
        return call.engine.cancel(call.account, order)
    except EngineRefusal as error:
        raise cancel_refusal(error) from None


def find_algo(call: Call, fields: Fields) -> VenueOrder | None:
    """A stop by its `algoId`, else by its `algoClOrdId`."""
    number, name = fields.whole("algoId"), client_id(fields, "algoClOrdId")
    if number is None and name is None:
        raise Refusal("50015", "algoId", "algoClOrdId")
    try:
        order = call.engine.order(call.account, order_id=number, client_order_id=name)
    except EngineRefusal:
        return None
    return order if order.order_type.is_stop else None


def _algo_item(fields: Fields, order: VenueOrder | None = None, *, code: str = "0", message: str = "") -> Row:
    return {
        "algoId": fields.text("algoId") if order is None else str(order.order_id),
        "algoClOrdId": fields.text("algoClOrdId") if order is None else order.client_order_id or "",
        "clOrdId": "",
        "tag": fields.text("tag"),
        "sCode": code,
        "sMsg": message,
    }


def _algo_answer(items: Sequence[Row]) -> Outgoing:
    if all(item["sCode"] != "0" for item in items):
        code, message = _ALL_FAILED
        return json_answer({"code": code, "msg": message, "data": list(items)})
    return rows(items)
