"""What Binance's own SDKs for spot and for USD-M share: typed answers, and refusals as exceptions with the code."""

from __future__ import annotations

from typing import Any

from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import Error

from tests.fidelity.clients.playing import Peer, Told

_STATUS = {"NEW": "open", "PARTIALLY_FILLED": "open", "FILLED": "closed", "CANCELED": "canceled"}


class Sdk(Peer):
    unknown = "NOPEUSDT"

    def settings(self) -> Any:
        return ConfigurationRestAPI(api_key=self.key, api_secret=self.secret, timeout=10_000, retries=0)

    def recognise(self, refusal: Exception) -> Told:
        if isinstance(refusal, Error) and hasattr(refusal, "status_code"):
            return {"as": f"{type(refusal).__name__} {refusal.status_code}", "text": refusal.error_message}
        return super().recognise(refusal)

    @staticmethod
    def rows(answer: Any) -> Any:
        """What the SDK's models hold, under the venue's names."""
        data = answer.data()
        return [_plain(row) for row in data] if isinstance(data, list) else _plain(data)

    def told(self, row: dict[str, Any], average: Any) -> Told:
        return {
            "client_order_id": row["clientOrderId"],
            "side": row["side"].lower(),
            "order_type": row["type"].lower(),
            "time_in_force": row["timeInForce"].lower(),
            "price": row["price"],
            "quantity": row["origQty"],
            "filled": row["executedQty"],
            "average": average,
            "status": _STATUS.get(row["status"], row["status"]),
        }

    @staticmethod
    def book_of(found: dict[str, Any]) -> Told:
        return {side: [level[:2] for level in found[side]][:5] for side in ("bids", "asks")}

    @staticmethod
    def candles_of(found: list[list[Any]]) -> Told:
        return {"rows": [row[:6] for row in found]}

    def instrument_of(self, found: dict[str, Any]) -> Told:
        (row,) = [row for row in found["symbols"] if row["symbol"] == self.symbol]
        rules = {rule["filterType"]: rule for rule in row["filters"]}
        lots = rules["LOT_SIZE"]
        return {"tick": rules["PRICE_FILTER"]["tickSize"], "lot": lots["stepSize"], "min_quantity": lots["minQty"]}


def terms_of(intent: Told) -> dict[str, Any]:
    """What a new order has in both SDKs."""
    terms = {"side": intent["side"].upper(), "new_client_order_id": intent["client_id"]}
    terms |= {"price": intent["price"]} if "price" in intent else {}
    return terms | ({"time_in_force": intent["tif"].upper()} if "limit" in intent["type"] else {})


def span(intent: Told) -> dict[str, int]:
    if "start_s" not in intent:
        return {}
    return {"start_time": intent["start_s"] * 1000, "end_time": intent["end_s"] * 1000 - 1}  # both are included


def _plain(value: Any) -> Any:
    return value.to_dict() if hasattr(value, "to_dict") else value


def named(intent: Told) -> dict[str, Any]:
    if intent.get("by_client_id"):
        return {"orig_client_order_id": intent["client_id"]}
    return {"order_id": int(intent["order_id"])}


def following(intent: Told, word: str) -> dict[str, Any]:
    """Where a page of a list begins: at an id, or at the start of the span."""
    return {word: int(intent["after"])} if "after" in intent else span(intent)
