"""pybit at Bybit: one class for the unified account; refusals are exceptions that carry the venue's code."""

from __future__ import annotations

import logging
from typing import Any

from pybit.exceptions import FailedRequestError, InvalidRequestError
from pybit.unified_trading import HTTP

from tests.fidelity.clients.asking import CannotAsk, rises
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Told, halved, total
from tests.fidelity.clients.telling import Script

_STATUS = {"New": "open", "PartiallyFilled": "open", "Filled": "closed", "Cancelled": "canceled"}


def peer(script: Script) -> Pybit:
    logging.disable()
    return Pybit(script)


class Pybit(Peer):
    unknown = "NOPEUSDT"

    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        super().__init__(script, account, secret)
        # Its own repeats are switched off by naming a code that nothing here answers with.
        self.http = HTTP(api_key=self.key, api_secret=self.secret, retry_codes={30034}, retry_delay=0)
        self.http.client.verify = script.given["ca_file"]  # it sends past the variables that name an authority
        self.where = {"category": script.product, "symbol": self.symbol}

    def recognise(self, refusal: Exception) -> Told:
        if isinstance(refusal, InvalidRequestError | FailedRequestError):
            return {"as": f"{type(refusal).__name__} {refusal.status_code}", "text": refusal.message}
        return super().recognise(refusal)

    def close(self) -> None:
        self.http.client.close()

    @staticmethod
    def _only(answer: dict[str, Any]) -> Any:
        (row,) = answer["result"]["list"]
        return row

    def time(self) -> Told:
        return {"ms": int(self.http.get_server_time()["result"]["timeNano"]) // 10**6}

    def instruments(self) -> Told:
        row = self._only(self.http.get_instruments_info(**self.where))
        sizes = row["lotSizeFilter"]
        lot = sizes["basePrecision" if self.script.product == "spot" else "qtyStep"]
        return {"tick": row["priceFilter"]["tickSize"], "lot": lot}

    def ticker(self) -> Told:
        row = self._only(self.http.get_tickers(**self.where))
        prices = {"bid": row["bid1Price"], "ask": row["ask1Price"], "last": row["lastPrice"]}
        sizes = {"bid_quantity": row["bid1Size"], "ask_quantity": row["ask1Size"], "volume": row["volume24h"]}
        extremes = {"high": row["highPrice24h"], "low": row["lowPrice24h"], "open": row["prevPrice24h"]}
        return {**prices, **sizes, **extremes}

    def book(self) -> Told:
        row = self.http.get_orderbook(**self.where, limit=5)["result"]
        return {"bids": row["b"][:5], "asks": row["a"][:5]}

    def candles(self) -> Told:
        rows = self.http.get_kline(**self.where, interval="1", limit=5)["result"]["list"]
        return {"rows": [row[:6] for row in reversed(rows)]}

    def balances(self) -> Told:
        row = self._only(self.http.get_wallet_balance(accountType="UNIFIED"))
        coins = {coin["coin"]: coin for coin in row["coin"]}
        names = {"base": "BTC", "quote": "USDT"}
        seen = {f"{name}_total": coins[asset]["walletBalance"] for name, asset in names.items()}
        return {**seen, **{f"{name}_held": coins[asset]["locked"] for name, asset in names.items()}}

    def buy(self, symbol: str, quantity: str, name: str | None = None) -> None:
        terms = {"side": "Buy", "orderType": "Limit", "qty": quantity, "price": PRICE, "timeInForce": "GTC"}
        named = {"orderLinkId": name} if name else {}
        answer = self.http.place_order(category=self.script.product, symbol=symbol, **terms, **named)
        self.order = answer["result"]["orderId"]

    def query(self) -> Told:
        return self._told(self._only(self.http.get_open_orders(**self.where, orderId=self.order)))

    def open_orders(self) -> Told:
        seen = self._told(self._only(self.http.get_open_orders(**self.where)))
        del seen["average"]
        return seen

    def amend(self) -> None:
        self.http.amend_order(**self.where, orderId=self.order, price=AMENDED)

    def cancel(self) -> None:
        self.http.cancel_order(**self.where, orderId=self.order)

    def sell(self) -> None:
        terms = {"side": "Sell", "orderType": "Market", "qty": self.quantity}
        self.order = self.http.place_order(**self.where, **terms)["result"]["orderId"]

    def fills(self) -> Told:
        rows = self.http.get_executions(**self.where, orderId=self.order)["result"]["list"]
        return {
            "side": rows[0]["side"].lower(),
            "count": len(rows),
            "quantity": total(row["execQty"] for row in rows),
            "cost": total(row["execValue"] for row in rows),
            "fee": total(row["execFee"] for row in rows),
            "liquidity": "maker" if rows[0]["isMaker"] else "taker",
        }

    # --- one request for each intent

    def ask_place(self, intent: Told) -> Any:
        return self.http.place_order(**self.where, **self._terms(intent))

    def ask_test(self, intent: Told) -> Any:
        return self.http.pre_check_order(**self.where, **self._terms(intent))

    def ask_place_batch(self, intent: Told) -> Any:
        orders = [{"symbol": self.symbol, **self._terms(order)} for order in intent["orders"]]
        return self.http.place_batch_order(category=self.script.product, request=orders)

    def _terms(self, intent: Told) -> dict[str, Any]:
        if intent["tif"] == "gtd" or "margin_mode" in intent:
            raise CannotAsk
        is_market, is_spot = "market" in intent["type"], self.script.product == "spot"
        terms: dict[str, Any] = {"side": intent["side"].title(), "orderType": "Market" if is_market else "Limit"}
        terms |= {"qty": intent.get("quote_quantity", intent["quantity"]), "orderLinkId": intent["client_id"]}
        terms |= {"price": intent["price"]} if "price" in intent else {}
        terms |= {} if is_market else {"timeInForce": "PostOnly" if intent.get("post_only") else intent["tif"].upper()}
        if is_spot and is_market:
            terms["marketUnit"] = "quoteCoin" if "quote_quantity" in intent else "baseCoin"
        if "stop_price" in intent:
            terms["triggerPrice"] = intent["stop_price"]
            terms |= {"orderFilter": "StopOrder"} if is_spot else {"triggerDirection": 1 if rises(intent) else 2}
        terms |= {"reduceOnly": True} if intent.get("reduce_only") else {}
        terms |= {"positionIdx": 1 if intent["position_side"] == "long" else 2} if "position_side" in intent else {}
        return terms

    def ask_amend(self, intent: Told) -> Any:
        terms = {"qty": halved(intent["quantity"])} if intent.get("less") else {"price": intent["price"]}
        return self.http.amend_order(**self.where, **_named(intent), **terms)

    def ask_cancel(self, intent: Told) -> Any:
        behind = {"orderFilter": "StopOrder"} if "of_stop" in intent and self.script.product == "spot" else {}
        return self.http.cancel_order(**self.where, **_named(intent), **behind)

    def ask_cancel_batch(self, intent: Told) -> Any:
        word, ids = ("orderLinkId", "client_ids") if intent.get("by_client_id") else ("orderId", "order_ids")
        cancels = [{"symbol": self.symbol, word: id_} for id_ in intent[ids]]
        return self.http.cancel_batch_order(category=self.script.product, request=cancels)

    def ask_query(self, intent: Told) -> Any:
        self.http.get_open_orders(**self.where, **_named(intent))
        return self.http.get_order_history(**self.where, **_named(intent))

    def ask_cancel_all(self, intent: Told) -> Any:
        return self.http.cancel_all_orders(**self._which(intent))

    def _which(self, intent: Told) -> dict[str, str]:
        """The instrument, or all of the product: linear then wants the currency of settlement."""
        if not intent.get("of_all"):
            return self.where
        bound = {} if self.script.product == "spot" else {"settleCoin": "USDT"}
        return {"category": self.script.product, **bound}

    def ask_time(self, _intent: Told) -> Any:
        return self.http.get_server_time()

    def ask_ticker(self, _intent: Told) -> Any:
        return self.http.get_tickers(**self.where)

    def ask_tickers(self, _intent: Told) -> Any:
        return self.http.get_tickers(category=self.script.product)

    def ask_book(self, intent: Told) -> Any:
        return self.http.get_orderbook(**self.where, limit=intent["depth"])

    def ask_trades(self, intent: Told) -> Any:
        if "after" in intent:
            raise CannotAsk
        return self.http.get_public_trade_history(**self.where, limit=intent["limit"])

    def ask_candles(self, intent: Told) -> Any:
        span = {}
        if "start_s" in intent:  # both ends are included
            span = {"start": intent["start_s"] * 1000, "end": intent["end_s"] * 1000 - 1}
        return self.http.get_kline(
            **self.where, interval=_INTERVALS[intent.get("interval", "1m")], limit=intent["limit"], **span
        )

    def ask_balances(self, _intent: Told) -> Any:
        return self.http.get_wallet_balance(accountType="UNIFIED")

    def ask_fees(self, _intent: Told) -> Any:
        return self.http.get_fee_rates(**self.where)

    def ask_open_orders(self, intent: Told) -> Any:
        page = {"cursor": intent["after"]} if "after" in intent else {}
        return self.http.get_open_orders(**self._which(intent), openOnly=0, **page)

    def ask_closed_orders(self, intent: Told) -> Any:
        return self.http.get_order_history(**self.where, **_page(intent))

    def ask_fills(self, intent: Told) -> Any:
        if intent.get("of_order"):
            return self.http.get_executions(**self.where, orderId=intent["order_id"])
        return self.http.get_executions(**self.where, **_page(intent))

    def ask_positions(self, _intent: Told) -> Any:
        return self.http.get_positions(**self.where)

    def ask_funding(self, _intent: Told) -> Any:
        return self.http.get_tickers(**self.where)

    def ask_leverage(self, intent: Told) -> Any:
        return self.http.set_leverage(**self.where, buyLeverage=intent["leverage"], sellLeverage=intent["leverage"])

    def ask_margin_mode(self, _intent: Told) -> Any:
        return self.http.set_margin_mode(setMarginMode="ISOLATED_MARGIN")

    def ask_position_mode(self, intent: Told) -> Any:
        mode = 3 if intent["mode"] == "hedge" else 0
        return self.http.switch_position_mode(category=self.script.product, coin="USDT", mode=mode)

    @staticmethod
    def _told(row: dict[str, Any]) -> Told:
        return {
            "client_order_id": row["orderLinkId"],
            "side": row["side"].lower(),
            "order_type": row["orderType"].lower(),
            "time_in_force": row["timeInForce"].lower(),
            "price": row["price"],
            "quantity": row["qty"],
            "filled": row["cumExecQty"],
            "average": row["avgPrice"],
            "status": _STATUS.get(row["orderStatus"], row["orderStatus"]),
        }


def _named(intent: Told) -> dict[str, str]:
    return {"orderLinkId": intent["client_id"]} if intent.get("by_client_id") else {"orderId": intent["order_id"]}


def _page(intent: Told) -> dict[str, Any]:
    begins_ms, ends_ms = intent["start_s"] * 1000, intent["end_s"] * 1000 - 1  # both are included
    cursor = {"cursor": intent["after"]} if "after" in intent else {}
    return {"startTime": begins_ms, "endTime": ends_ms, "limit": intent["limit"], **cursor}


_INTERVALS = {"1m": "1", "15m": "15", "1h": "60", "6h": "360", "1d": "D", "1w": "W", "1M": "M"}
