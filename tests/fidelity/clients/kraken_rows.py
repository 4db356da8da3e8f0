"""What the two clients that hand out Kraken's rows as they come see in them, in the words of the play."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.fidelity.clients.playing import Told, total

_STATUS = {"pending": "open"}


def instrument(row: dict[str, Any]) -> Told:
    lot = f"1e-{row['lot_decimals']}"
    return {"tick": row["tick_size"], "lot": lot, "min_quantity": row["ordermin"], "min_notional": row["costmin"]}


def ticker(row: dict[str, Any]) -> Told:
    last_day = {"volume": row["v"][1], "low": row["l"][1], "high": row["h"][1]}
    return {"ask": row["a"][0], "bid": row["b"][0], "last": row["c"][0], **last_day}


def book(row: dict[str, Any]) -> Told:
    return {side: [level[:2] for level in row[side]] for side in ("bids", "asks")}


def candles(found: list[list[Any]]) -> Told:
    return {"rows": [[row[0] * 1000, *row[1:5], row[6]] for row in found[-5:]]}


def balances(found: dict[str, dict[str, str]]) -> Told:
    names = {"base": "XXBT", "quote": "ZUSD"}
    seen = {f"{name}_total": found[asset]["balance"] for name, asset in names.items()}
    held = {f"{name}_held": found[asset]["hold_trade"] for name, asset in names.items()}
    return {**seen, **held}


def order(row: dict[str, Any]) -> Told:
    terms = row["descr"]
    return {
        "client_order_id": row["cl_ord_id"],
        "side": terms["type"],
        "order_type": terms["ordertype"],
        "price": terms["price"],
        "quantity": row["vol"],
        "filled": row["vol_exec"],
        "average": row["price"],
        "status": _STATUS.get(row["status"], row["status"]),
    }


def open_order(found: dict[str, dict[str, Any]]) -> Told:
    (row,) = found.values()
    seen = order(row)
    del seen["average"]
    return seen


def fills(found: Iterable[dict[str, Any]], order_id: str) -> Told:
    rows = [row for row in found if row["ordertxid"] == order_id]
    return {
        "side": rows[0]["type"],
        "count": len(rows),
        "quantity": total(row["vol"] for row in rows),
        "cost": total(row["cost"] for row in rows),
        "fee": total(row["fee"] for row in rows),
        "liquidity": "maker" if rows[0]["maker"] else "taker",
    }
