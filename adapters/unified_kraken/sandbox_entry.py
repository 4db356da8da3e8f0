"""Order entry over Kraken's WebSocket v2, simulated: which request over HTTP a frame stands for, and its answer.

Written from docs.kraken.com (websocket-v2 add_order, batch_add, amend_order, cancel_order, 2026-05-27), never from the
adapter. Batches of cancels, edits and the dead man's switch are not simulated; a cancel names one order. Where the
papers are silent it decides so: the order of a batch that the engine refuses is told as `{"success": false, "error"}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from unified.sandbox.dialect import Incoming
from unified.sandbox.entry import Asked
from unified.sandbox.streams import Opening
from unified.sandbox.wording import microseconds
from unified_kraken.sandbox_call import SECOND_US
from unified_kraken.sandbox_keys import ApiKey

Params = Mapping[str, Any]
Row = dict[str, Any]

_BATCH = "AddOrderBatch"
_SAME = ("cl_ord_id", "deadline", "stptype")


def order_request(frame: str, opening: Opening, owner_of: Callable[[str], ApiKey | None]) -> Asked | None:
    """The request; None where the frame is about something else, or its token is nobody's."""
    try:
        said = json.loads(frame, parse_float=str)
        method, params = said["method"], said["params"]
        known = CALLS.get(method)
        key = None if known is None else owner_of(str(params.get("token") or ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if known is None or key is None:
        return None
    call, fields = known
    nested = json.dumps(_filled(fields(params))).encode() if call == _BATCH else b""
    incoming = Incoming(
        door=opening.door,
        method="POST",
        path=f"/0/private/{call}",
        headers={"api-key": key.text, **({"content-type": "application/json"} if nested else {})},
        body=nested or urlencode(_filled(fields(params))).encode(),
        peer=opening.peer,
        session=key.text,
    )
    return Asked(incoming=incoming, about={"method": method, "req_id": said.get("req_id"), "params": params})


def _filled(fields: Row) -> Row:
    return {name: value for name, value in fields.items() if value not in ("", None)}


def answer_row(asked: Asked, said: Mapping[str, Any], times: Mapping[str, str]) -> Row:
    """An answer over HTTP as a frame says it; of several errors the first."""
    about = {"method": asked.about["method"], **times}
    if asked.about["req_id"] is not None:
        about["req_id"] = asked.about["req_id"]
    if said["error"]:
        return {**about, "success": False, "error": said["error"][0]}
    return {**about, "success": True, "result": _result(said["result"], asked.about["params"])}


def _result(result: Mapping[str, Any], params: Params) -> Row | list[Row]:
    if "amend_id" in result:
        return {"amend_id": result["amend_id"]}
    if "orders" in result:
        return [_item(told, asked) for told, asked in zip(result["orders"], params["orders"], strict=True)]
    client_id = _client_id(params)
    placed = result.get("txid")
    return {"order_id": placed[0] if placed else _first(params, "order_id"), **client_id}


def _item(told: Mapping[str, Any], asked: Params) -> Row:
    if "error" in told:
        return {"success": False, "error": told["error"], **_client_id(asked)}
    return {"order_id": told.get("txid", ""), **_client_id(asked)}


def _client_id(params: Params) -> Row:
    named = params.get("cl_ord_id")
    return {"cl_ord_id": named[0] if isinstance(named, list) else named} if named else {}


def _place(params: Params) -> Row:
    cash = params.get("cash_order_qty")
    flags = [*(["viqc"] if cash else []), *(["post"] if params.get("post_only") else [])]
    return {
        "pair": params.get("symbol"),
        "type": params.get("side"),
        "ordertype": params.get("order_type"),
        "volume": cash or params.get("order_qty"),
        "price": params.get("limit_price"),
        "timeinforce": str(params.get("time_in_force") or "").upper(),
        "expiretm": _seconds(params.get("expire_time")),
        "oflags": ",".join(flags),
        **{name: params.get(name) for name in _SAME},
    }


def _batch(params: Params) -> Row:
    items = params.get("orders")
    rows = [_filled(_place(item)) if isinstance(item, dict) else item for item in items or ()]
    return {"pair": params.get("symbol"), "deadline": params.get("deadline"), "orders": rows}


def _amend(params: Params) -> Row:
    named = {"txid": params.get("order_id"), "cl_ord_id": params.get("cl_ord_id")}
    return {**named, **{name: params.get(name) for name in ("order_qty", "limit_price", "deadline")}}


def _cancel(params: Params) -> Row:
    return {"txid": _first(params, "order_id"), "cl_ord_id": _first(params, "cl_ord_id")}


CALLS: Mapping[str, tuple[str, Callable[[Params], Row]]] = {
    "add_order": ("AddOrder", _place),
    "batch_add": (_BATCH, _batch),
    "amend_order": ("AmendOrder", _amend),
    "cancel_order": ("CancelOrder", _cancel),
}
"""Name of a call -> the same over HTTP, and its parameters."""


def _first(params: Params, name: str) -> str:
    """The one id of a list; empty where there is none."""
    listed = params.get(name)
    return str(listed[0]) if isinstance(listed, list) and listed else ""


def _seconds(moment: Any) -> str:
    time_us = microseconds(moment) if isinstance(moment, str) else None
    return "" if time_us is None else str(time_us // SECOND_US)
