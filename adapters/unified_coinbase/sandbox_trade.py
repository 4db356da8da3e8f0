"""The trading endpoints of the simulated Coinbase: create, preview, cancel and edit orders.

A refused order is an answer of HTTP 200 with `success: false`. Success means accepted: what the matching engine makes
of an order or of a cancel, queries tell later. Edits act at once, and the price of a stop cannot be edited here.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from unified.instrument import ZERO
from unified.order import OrderStatus, TimeInForce
from unified.sandbox.dialect import Outgoing, json_answer
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import plain, uuid_of
from unified_coinbase.sandbox_calls import ApiError, Call, Row, invalid
from unified_coinbase.sandbox_memory import Edit, public_id_of
from unified_coinbase.sandbox_orders import new_order
from unified_coinbase.sandbox_refusals import (
    ALREADY_FILLED,
    NO_CANCEL_REASON,
    NO_PREVIEW_REASON,
    NO_REASON,
    Failure,
    OrderRefused,
    cancel_failure,
    edit_failure,
    place_failure,
)

MOST_CANCELS = 100


# --- create


def create(call: Call) -> Outgoing:
    """A used client order id makes no order: the answer names the first one and repeats what this request asks."""
    client_order_id = call.body.text("client_order_id")
    if not client_order_id:
        raise invalid("client_order_id is required")
    known = call.account.by_client_id.get(client_order_id)
    if known:
        return _created(call, known[0])
    try:
        asked = new_order(call, client_order_id)
        return _created(call, _placed(call, asked))
    except OrderRefused as refused:
        return _not_created(call, refused.failure)


def _placed(call: Call, asked: NewOrder) -> VenueOrder:
    try:
        return call.engine.place(call.account, asked)
    except EngineRefusal as error:
        raise OrderRefused(place_failure(error, asked)) from None


def _created(call: Call, order: VenueOrder) -> Outgoing:
    number = public_id_of(order)
    told = {name: call.body.text(name) for name in ("product_id", "side", "client_order_id")}
    return json_answer(
        {
            "success": True,
            "failure_reason": NO_REASON,
            "order_id": number,
            "success_response": {"order_id": number, **told, "attached_order_id": ""},
            "order_configuration": call.body.values.get("order_configuration"),
        }
    )


def _not_created(call: Call, failure: Failure) -> Outgoing:
    own = {} if failure.create == NO_REASON else {"new_order_failure_reason": failure.create}
    return json_answer(
        {
            "success": False,
            "failure_reason": NO_REASON,
            "order_id": "",
            "error_response": {
                "error": failure.create,
                "message": failure.message,
                "error_details": "",
                "preview_failure_reason": failure.preview_reason,
                **own,
            },
            "order_configuration": call.body.values.get("order_configuration"),
        }
    )


def preview(call: Call) -> Outgoing:
    """What a create would do; reserves nothing."""
    try:
        asked = new_order(call, None)
        _test(call, asked)
    except OrderRefused as refused:
        return json_answer(_preview_row(None, errors=[refused.failure.preview_reason]))
    best = call.engine.book(asked.instrument, 1)
    value = _value(call, asked)
    fee = (value * call.engine.fees(call.account, asked.instrument.product).taker).quantize(Decimal("1e-8"))
    shown = {
        "order_total": plain(value + fee),
        "commission_total": plain(fee),
        "quote_size": plain(value),
        "base_size": plain(asked.quantity or ZERO),
        "best_bid": plain(best.bids[0].price) if best.bids else "",
        "best_ask": plain(best.asks[0].price) if best.asks else "",
        "preview_id": uuid_of(call.moment.true_us, f"coinbase preview {call.account.name}"),
    }
    return json_answer(_preview_row(shown, errors=[]))


def _test(call: Call, asked: NewOrder) -> None:
    try:
        call.engine.test(call.account, asked)
    except EngineRefusal as error:
        raise OrderRefused(place_failure(error, asked)) from None


def _value(call: Call, asked: NewOrder) -> Decimal:
    if asked.quote_quantity is not None:
        return asked.quote_quantity
    return (asked.quantity or ZERO) * (asked.price or call.engine.market(asked.instrument).last)


def _preview_row(shown: dict[str, str] | None, errors: list[str]) -> Row:
    empty = ("order_total", "commission_total", "quote_size", "base_size", "best_bid", "best_ask", "preview_id")
    return {
        **dict.fromkeys(empty, ""),
        **(shown or {}),
        "errs": errors,
        "warning": [],
        "is_max": False,
        "slippage": "0",
        "leverage": "",
    }


# --- cancel


def batch_cancel(call: Call) -> Outgoing:
    numbers = call.body.texts("order_ids")
    if not numbers:
        raise invalid("order_ids is required")
    if len(numbers) > MOST_CANCELS:
        raise ApiError(400, "InvalidArgument", f"number of orders to cancel exceeds the limit of {MOST_CANCELS}")
    return json_answer({"results": [_cancel(call, number) for number in numbers]})


def _cancel(call: Call, number: str) -> Row:
    reason = NO_CANCEL_REASON
    try:
        call.engine.cancel(call.account, _named(call, number))
    except EngineRefusal as error:
        filled = error.order is not None and error.order.status is OrderStatus.FILLED
        reason = ALREADY_FILLED if filled else cancel_failure(error)
    return {"success": reason == NO_CANCEL_REASON, "failure_reason": reason, "order_id": number}


def _named(call: Call, number: str) -> VenueOrder:
    """Also an order that queries do not show yet."""
    found = call.memory.order(call.account, number)
    if found is None:
        raise EngineRefusal(Reason.NOT_FOUND, number)
    return found


# --- edit


@frozen
class _Refused:
    """Why an edit is refused: its own reason, and that of its preview."""

    edit: str
    preview: str = NO_PREVIEW_REASON


def edit(call: Call) -> Outgoing:
    """Price and size are both needed: a missing one counts as zero."""
    price, size = _new_values(call)
    refused = _tried(call, price, size)
    if refused is None:
        order = _named(call, call.body.text("order_id"))
        call.memory.note_edit(order, Edit(price=plain(price), size=plain(size), time_us=call.now_us))
    return json_answer({"success": refused is None, "errors": _edit_errors(refused)})


def edit_preview(call: Call) -> Outgoing:
    """What can be told of an edit without making it: what forbids it for the order as it stands."""
    price, size = _new_values(call)
    try:
        reason = _forbidden(call, _named(call, call.body.text("order_id")), price, size)
    except EngineRefusal as error:
        reason = edit_failure(error)[0]
    value = price * size
    shown = {"order_total": plain(value), "commission_total": "0", "quote_size": plain(value), "base_size": plain(size)}
    return json_answer({"errors": _edit_errors(None if reason is None else _Refused(reason)), **shown, "slippage": "0"})


def _new_values(call: Call) -> tuple[Decimal, Decimal]:
    if not call.body.text("order_id"):
        raise invalid("order_id is required")
    return call.body.number("price") or ZERO, call.body.number("size") or ZERO


def _tried(call: Call, price: Decimal, size: Decimal) -> _Refused | None:
    """Carry out an edit; why it could not be, where it could not."""
    try:
        order = _named(call, call.body.text("order_id"))
        reason = _forbidden(call, order, price, size)
        if reason is not None:
            return _Refused(reason)
        call.engine.amend(call.account, order, price=price, quantity=size)
    except EngineRefusal as error:
        return _Refused(*edit_failure(error))
    return None


def _forbidden(call: Call, order: VenueOrder, price: Decimal, size: Decimal) -> str | None:
    stop = call.body.number("stop_price")
    checks = {
        "CANNOT_EDIT_ORDER_PENDING_CANCEL": order.status is OrderStatus.PENDING_CANCEL,
        "ONLY_OPEN_ORDERS_CAN_BE_EDITED": not order.is_open or order.status is OrderStatus.PENDING_NEW,
        "CANNOT_EDIT_TRIGGERED_ORDER": order.triggered,
        "ONLY_LIMIT_ORDER_EDITS_SUPPORTED": order.time_in_force is not TimeInForce.GTC,
        "FIELD_STOPPRICE_NOT_SUPPORTED": stop is not None and stop != order.asked.stop_price,
        "INVALID_EDITED_PRICE": price <= ZERO,
        "CANNOT_EDIT_TO_BELOW_FILLED_SIZE": size <= order.filled_quantity,
    }
    return next((reason for reason, applies in checks.items() if applies), None)


def _edit_errors(refused: _Refused | None) -> list[Row]:
    if refused is None:
        return []
    return [{"edit_failure_reason": refused.edit, "preview_failure_reason": refused.preview}]
