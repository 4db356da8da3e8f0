"""Order entry over OKX's WebSocket, simulated: which request over HTTP a frame stands for.

Written from the OKX docs (#order-book-trading-trade-ws-place-order and its neighbours, 2026-07-05): arguments are those
of REST but for the instrument, which is its `instIdCode` only. An unknown one is answered like an unknown instrument.
"""

from __future__ import annotations

from typing import Any

import orjson

from unified.sandbox.dialect import Incoming
from unified.sandbox.entry import Asked
from unified.sandbox.streams import Opening
from unified_okx.sandbox_keys import Holder
from unified_okx.sandbox_listings import FACTS

ORDER_PATHS = {
    "order": "/trade/order",
    "batch-orders": "/trade/batch-orders",
    "cancel-order": "/trade/cancel-order",
    "batch-cancel-orders": "/trade/cancel-batch-orders",
    "amend-order": "/trade/amend-order",
    "batch-amend-orders": "/trade/amend-batch-orders",
}
_BY_CODE = {facts.code: symbol for symbol, facts in FACTS.items()}
_UNKNOWN = "UNKNOWN-INSTRUMENT"


def order_request(frame: str, opening: Opening, holder: Holder) -> Asked | None:
    """The request; None where the frame is about something else, or has no such form (60013)."""
    try:
        said = orjson.loads(frame)
        op, args, number = said["op"], said["args"], said.get("id")
        items = [_with_symbol(item) for item in args]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
    if op not in ORDER_PATHS or not items:
        return None
    headers = {"content-type": "application/json", "exptime": str(said.get("expTime", ""))}
    content: Any = items if "batch" in op else items[0]
    incoming = Incoming(
        door=opening.door,
        method="POST",
        path=f"/api/v5{ORDER_PATHS[op]}",
        headers=headers,
        body=orjson.dumps(content),
        peer=opening.peer,
        session=holder.credentials.key,
    )
    return Asked(incoming=incoming, about={"id": number, "op": op})


def _with_symbol(item: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in item.items() if name not in ("instId", "instIdCode")}
    return {"instId": _BY_CODE.get(item.get("instIdCode", 0), _UNKNOWN), **rest}
