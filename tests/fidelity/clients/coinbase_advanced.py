"""coinbase-advanced-py at Coinbase: typed answers; refused orders are values, everything else an HTTPError."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from coinbase.rest import RESTClient
from requests.exceptions import HTTPError

from tests.fidelity.clients.asking import CannotAsk, rises
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Refused, Told, halved, total
from tests.fidelity.clients.telling import Script

_STATUS = {"OPEN": "open", "FILLED": "closed", "CANCELLED": "canceled"}


def peer(script: Script) -> Coinbase:
    logging.disable()
    return Coinbase(script)


class Coinbase(Peer):
    unknown = "NOPE-USD"

    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        super().__init__(script, account, secret)
        self.rest = RESTClient(api_key=self.key, api_secret=self.secret)

    def recognise(self, refusal: Exception) -> Told:
        if isinstance(refusal, HTTPError):
            return {"as": f"HTTPError {refusal.response.status_code}", "text": refusal.response.text}
        return super().recognise(refusal)

    def close(self) -> None:
        self.rest.session.close()

    def time(self) -> Told:
        return {"ms": self.rest.get_unix_time()["epoch_millis"]}

    def instruments(self) -> Told:
        row = self.rest.get_product(self.symbol)
        steps = {"tick": row["price_increment"], "lot": row["base_increment"]}
        return {**steps, "min_quantity": row["base_min_size"], "min_notional": row["quote_min_size"]}

    def ticker(self) -> Told:
        row = self.rest.get_product(self.symbol)
        return {"last": row["price"], "volume": row["volume_24h"]}

    def book(self) -> Told:
        row = self.rest.get_product_book(self.symbol, limit=5)["pricebook"]
        return {side: [[level["price"], level["size"]] for level in row[side]] for side in ("bids", "asks")}

    def candles(self) -> Told:
        now = int(time.time())
        rows = self.rest.get_candles(self.symbol, str(now - 300), str(now), "ONE_MINUTE")["candles"]
        names = ("open", "high", "low", "close", "volume")
        return {"rows": [[int(row["start"]) * 1000, *(row[name] for name in names)] for row in reversed(rows)]}

    def balances(self) -> Told:
        rows = {row["currency"]: row for row in self.rest.get_accounts()["accounts"]}
        names = {"base": "BTC", "quote": "USD"}
        held = {f"{name}_held": rows[asset]["hold"]["value"] for name, asset in names.items()}
        free = {f"{name}_free": rows[asset]["available_balance"]["value"] for name, asset in names.items()}
        both = {f"{name}_total": total([held[f"{name}_held"], free[f"{name}_free"]]) for name in names}
        return {**held, **free, **both}

    @staticmethod
    def _made(answer: Any) -> str:
        if not answer["success"]:
            row = answer["error_response"]
            raise Refused(row["error"], row["preview_failure_reason"])
        return str(answer["success_response"]["order_id"])

    def buy(self, symbol: str, quantity: str, name: str | None = None) -> bool:
        # An empty id: the SDK makes one, a UUID, and sends it.
        self.order = self._made(self.rest.limit_order_gtc_buy("", symbol, quantity, PRICE))
        return False

    def query(self) -> Told:
        return self._told(self.rest.get_order(self.order)["order"])

    def open_orders(self) -> Told:
        (row,) = self.rest.list_orders(product_ids=[self.symbol], order_status=["OPEN"])["orders"]
        seen = self._told(row)
        del seen["average"]
        return seen

    def amend(self) -> None:
        answer = self.rest.edit_order(self.order, size=self.quantity, price=AMENDED)
        if not answer["success"]:
            raise Refused(answer["errors"])

    def cancel(self) -> None:
        (row,) = self.rest.cancel_orders([self.order])["results"]
        if not row["success"]:
            raise Refused(row["failure_reason"])

    def sell(self) -> None:
        self.order = self._made(self.rest.market_order_sell("", self.symbol, self.quantity))

    def fills(self) -> Told:
        rows = self.rest.get_fills(order_ids=[self.order])["fills"]
        return {
            "side": rows[0]["side"].lower(),
            "count": len(rows),
            "quantity": total(row["size"] for row in rows),
            "fee": total(row["commission"] for row in rows),
            "liquidity": rows[0]["liquidity_indicator"].lower(),
        }

    # --- one request for each intent

    def ask_test(self, intent: Told) -> Any:
        named, size = (self.symbol, intent["side"].upper()), intent["quantity"]
        if intent["type"] == "market":
            return self.rest.preview_market_order(*named, base_size=size)
        return self.rest.preview_limit_order_gtc(*named, size, intent["price"])

    def ask_place(self, intent: Told) -> Any:
        named = (intent["client_id"], self.symbol, intent["side"].upper())
        size, price, stop = intent["quantity"], intent.get("price"), intent.get("stop_price")
        match intent["type"], intent["tif"]:
            case "market", _ if "quote_quantity" in intent:
                return self.rest.market_order(*named, quote_size=intent["quote_quantity"])
            case "market", _:
                return self.rest.market_order(*named, base_size=size)
            case "limit", "gtc":
                return self.rest.limit_order_gtc(*named, size, price, post_only=intent.get("post_only", False))
            case "limit", "gtd":
                post_only = intent.get("post_only", False)
                return self.rest.limit_order_gtd(*named, size, price, _until(intent), post_only=post_only)
            case "limit", "fok":
                return self.rest.limit_order_fok(*named, size, price)
            case "limit", "ioc":
                return self.rest.limit_order_ioc(*named, size, price)
            case "stop_limit", "gtd":
                return self.rest.stop_limit_order_gtd(*named, size, price, stop, _until(intent), _way(intent))
            case "stop_limit", "gtc":
                return self.rest.stop_limit_order_gtc(*named, size, price, stop, _way(intent))
        raise CannotAsk

    def ask_amend(self, intent: Told) -> Any:
        if intent.get("by_client_id"):
            raise CannotAsk
        size = halved(intent["quantity"]) if intent.get("less") else intent["quantity"]
        return self.rest.edit_order(intent["order_id"], size=size, price=intent.get("price", PRICE))

    def ask_cancel(self, intent: Told) -> Any:
        if intent.get("by_client_id"):
            raise CannotAsk
        return self.rest.cancel_orders([intent["order_id"]])

    def ask_cancel_batch(self, intent: Told) -> Any:
        if intent.get("by_client_id"):
            raise CannotAsk
        return self.rest.cancel_orders(intent["order_ids"])

    def ask_query(self, intent: Told) -> Any:
        if intent.get("by_client_id"):
            raise CannotAsk
        return self.rest.get_order(intent["order_id"])

    def ask_time(self, _intent: Told) -> Any:
        return self.rest.get_unix_time()

    def ask_ticker(self, _intent: Told) -> Any:
        return self.rest.get_public_market_trades(self.symbol, limit=1)

    def ask_tickers(self, _intent: Told) -> Any:
        return self.rest.get_public_products()

    def ask_book(self, intent: Told) -> Any:
        return self.rest.get_public_product_book(self.symbol, limit=intent["depth"])

    def ask_trades(self, intent: Told) -> Any:
        return self.rest.get_public_market_trades(self.symbol, limit=intent["limit"], end=intent.get("after"))

    def ask_candles(self, intent: Told) -> Any:
        if "start_s" not in intent:
            raise CannotAsk
        span = (str(intent["start_s"]), str(intent["end_s"] - 60))  # both ends are included
        return self.rest.get_public_candles(self.symbol, *span, "ONE_MINUTE", limit=intent["limit"])

    def ask_balances(self, _intent: Told) -> Any:
        return self.rest.get_accounts()

    def ask_fees(self, _intent: Told) -> Any:
        return self.rest.get_transaction_summary(product_type="SPOT")

    def ask_open_orders(self, intent: Told) -> Any:
        which = {"product_ids": None if intent.get("of_all") else [self.symbol]}
        for statuses in (["PENDING", "QUEUED", "CANCEL_QUEUED", "EDIT_QUEUED"], ["OPEN"]):
            self.rest.list_orders(**which, order_status=statuses)

    def ask_closed_orders(self, intent: Told) -> Any:
        done = ["FILLED", "CANCELLED", "EXPIRED", "FAILED"]
        span = {"start_date": _rfc3339(intent["start_s"]), "end_date": _rfc3339(intent["end_s"])}
        page = {"limit": intent["limit"], "cursor": intent.get("after")}
        return self.rest.list_orders(product_ids=[self.symbol], order_status=done, **page, **span)

    def ask_fills(self, intent: Told) -> Any:
        if intent.get("of_order"):
            return self.rest.get_fills(order_ids=[intent["order_id"]], product_ids=[self.symbol])
        begins, ends = _rfc3339(intent["start_s"]), _rfc3339(intent["end_s"])
        span = {"start_sequence_timestamp": begins, "end_sequence_timestamp": ends}
        page = {"limit": intent["limit"], "cursor": intent.get("after")}
        return self.rest.get_fills(product_ids=[self.symbol], **page, **span)

    @staticmethod
    def _told(row: Any) -> Told:
        (terms,) = [value for value in row["order_configuration"].to_dict().values() if value]
        created = datetime.fromisoformat(row["created_time"])
        assert created.tzinfo
        UUID(row["client_order_id"])
        return {
            "side": row["side"].lower(),
            "order_type": row["order_type"].lower(),
            "price": terms.get("limit_price"),
            "quantity": terms["base_size"],
            "filled": row["filled_size"],
            "average": row["average_filled_price"],
            "status": _STATUS.get(row["status"], row["status"]),
        }


def _way(intent: Told) -> str:
    return "STOP_DIRECTION_STOP_" + ("UP" if rises(intent) else "DOWN")


def _until(intent: Told) -> str:
    return _rfc3339(intent["expires_s"])


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
