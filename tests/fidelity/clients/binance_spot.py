"""Binance's own SDK of spot."""

from __future__ import annotations

import logging
from typing import Any

from binance_sdk_spot import Spot

from tests.fidelity.clients.asking import CannotAsk, takes_profit
from tests.fidelity.clients.binance_sdk import Sdk, following, named, span, terms_of
from tests.fidelity.clients.playing import PRICE, Peer, Told, halved, total
from tests.fidelity.clients.telling import Script


def peer(script: Script) -> Peer:
    logging.disable()
    return SpotSdk(script)


class SpotSdk(Sdk):
    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        super().__init__(script, account, secret)
        self.api = Spot(config_rest_api=self.settings()).rest_api

    def time(self) -> Told:
        return {"ms": self.rows(self.api.time())["serverTime"]}

    def instruments(self) -> Told:
        return self.instrument_of(self.rows(self.api.exchange_info(symbol=self.symbol)))

    def ticker(self) -> Told:
        row = self.api.ticker24hr(symbol=self.symbol).data().actual_instance.to_dict()
        prices = {"bid": row["bidPrice"], "ask": row["askPrice"], "last": row["lastPrice"], "open": row["openPrice"]}
        sizes = {"bid_quantity": row["bidQty"], "ask_quantity": row["askQty"], "volume": row["volume"]}
        return {**prices, **sizes, "high": row["highPrice"], "low": row["lowPrice"]}

    def book(self) -> Told:
        return self.book_of(self.rows(self.api.depth(symbol=self.symbol, limit=5)))

    def candles(self) -> Told:
        return self.candles_of(self.rows(self.api.klines(symbol=self.symbol, interval="1m", limit=5)))

    def balances(self) -> Told:
        rows = {row["asset"]: row for row in self.rows(self.api.get_account())["balances"]}
        names = {"base": "BTC", "quote": "USDT"}
        free = {f"{name}_free": rows[asset]["free"] for name, asset in names.items()}
        held = {f"{name}_held": rows[asset]["locked"] for name, asset in names.items()}
        both = {f"{name}_total": total([free[f"{name}_free"], held[f"{name}_held"]]) for name in names}
        return {**free, **held, **both}

    def buy(self, symbol: str, quantity: str, name: str | None = None) -> None:
        terms = {"side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": quantity, "price": PRICE}
        answer = self.api.new_order(symbol=symbol, **terms, new_client_order_id=name)
        self.order = self.rows(answer)["orderId"]

    def query(self) -> Told:
        return self._told(self.rows(self.api.get_order(symbol=self.symbol, order_id=self.order)))

    def open_orders(self) -> Told:
        (row,) = self.rows(self.api.get_open_orders(symbol=self.symbol))
        seen = self._told(row)
        del seen["average"]
        return seen

    def cancel(self) -> None:
        self.api.delete_order(symbol=self.symbol, order_id=self.order)

    def sell(self) -> None:
        answer = self.api.new_order(symbol=self.symbol, side="SELL", type="MARKET", quantity=self.quantity)
        self.order = self.rows(answer)["orderId"]

    def fills(self) -> Told:
        rows = self.rows(self.api.my_trades(symbol=self.symbol, order_id=self.order))
        return {
            "side": "buy" if rows[0]["isBuyer"] else "sell",
            "count": len(rows),
            "quantity": total(row["qty"] for row in rows),
            "cost": total(row["quoteQty"] for row in rows),
            "fee": total(row["commission"] for row in rows),
            "fee_currency": rows[0]["commissionAsset"],
            "liquidity": "maker" if rows[0]["isMaker"] else "taker",
        }

    # --- one request for each intent

    def ask_place(self, intent: Told) -> Any:
        return self.api.new_order(symbol=self.symbol, **self._terms(intent))

    def ask_test(self, intent: Told) -> Any:
        return self.api.order_test(symbol=self.symbol, **self._terms(intent))

    @staticmethod
    def _terms(intent: Told) -> dict[str, Any]:
        if intent["tif"] == "gtd":
            raise CannotAsk
        terms, kind = terms_of(intent), intent["type"].upper()
        terms |= (
            {"quote_order_qty": intent["quote_quantity"]}
            if "quote_quantity" in intent
            else {"quantity": intent["quantity"]}
        )
        if intent.get("post_only"):
            kind = "LIMIT_MAKER"
            del terms["time_in_force"]
        if "stop_price" in intent:
            kind = "TAKE_PROFIT" if takes_profit(intent) else "STOP_LOSS"
            kind += "_LIMIT" if "price" in intent else ""
            terms["stop_price"] = intent["stop_price"]
        return {**terms, "type": kind}

    def ask_amend(self, intent: Told) -> Any:
        if not intent.get("less"):
            raise CannotAsk
        return self.api.order_amend_keep_priority(
            symbol=self.symbol, new_qty=halved(intent["quantity"]), **named(intent)
        )

    def ask_cancel(self, intent: Told) -> Any:
        return self.api.delete_order(symbol=self.symbol, **named(intent))

    def ask_query(self, intent: Told) -> Any:
        return self.api.get_order(symbol=self.symbol, **named(intent))

    def ask_cancel_all(self, intent: Told) -> Any:
        if intent.get("of_all"):
            raise CannotAsk
        return self.api.delete_open_orders(symbol=self.symbol)

    def ask_time(self, _intent: Told) -> Any:
        return self.api.time()

    def ask_ticker(self, _intent: Told) -> Any:
        return self.api.ticker24hr(symbol=self.symbol)

    def ask_tickers(self, _intent: Told) -> Any:
        return self.api.ticker24hr()

    def ask_book(self, intent: Told) -> Any:
        return self.api.depth(symbol=self.symbol, limit=intent["depth"])

    def ask_trades(self, intent: Told) -> Any:
        if "after" in intent:
            return self.api.historical_trades(symbol=self.symbol, limit=intent["limit"], from_id=int(intent["after"]))
        return self.api.get_trades(symbol=self.symbol, limit=intent["limit"])

    def ask_candles(self, intent: Told) -> Any:
        terms = {"interval": intent.get("interval", "1m"), "limit": intent["limit"]}
        return self.api.klines(symbol=self.symbol, **terms, **span(intent))

    def ask_balances(self, _intent: Told) -> Any:
        return self.api.get_account(omit_zero_balances=True)

    def ask_fees(self, _intent: Told) -> Any:
        return self.api.account_commission(symbol=self.symbol)

    def ask_open_orders(self, intent: Told) -> Any:
        return self.api.get_open_orders(symbol=None if intent.get("of_all") else self.symbol)

    def ask_closed_orders(self, intent: Told) -> Any:
        return self.api.all_orders(symbol=self.symbol, limit=intent["limit"], **following(intent, "order_id"))

    def ask_fills(self, intent: Told) -> Any:
        if intent.get("of_order"):
            return self.api.my_trades(symbol=self.symbol, order_id=int(intent["order_id"]))
        return self.api.my_trades(symbol=self.symbol, limit=intent["limit"], **following(intent, "from_id"))

    def _told(self, row: dict[str, Any]) -> Told:
        filled = float(row["executedQty"])
        return self.told(row, float(row["cummulativeQuoteQty"]) / filled if filled else None)
