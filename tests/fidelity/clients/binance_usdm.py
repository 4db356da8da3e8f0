"""Binance's own SDK of USD-M futures."""

from __future__ import annotations

import logging
from typing import Any

from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from binance_sdk_derivatives_trading_usds_futures.rest_api.models import (
    PlaceMultipleOrdersBatchOrdersParameterInner as _BatchOrder,
)

from tests.fidelity.clients.asking import CannotAsk, takes_profit
from tests.fidelity.clients.binance_sdk import Sdk, following, named, span, terms_of
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Told, halved, total
from tests.fidelity.clients.telling import Script


def peer(script: Script) -> Peer:
    logging.disable()
    return UsdmSdk(script)


class UsdmSdk(Sdk):
    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        super().__init__(script, account, secret)
        self.api = DerivativesTradingUsdsFutures(config_rest_api=self.settings()).rest_api

    def time(self) -> Told:
        return {"ms": self.rows(self.api.check_server_time())["serverTime"]}

    def instruments(self) -> Told:
        return self.instrument_of(self.rows(self.api.exchange_information()))

    def ticker(self) -> Told:
        day = self.api.ticker24hr_price_change_statistics(symbol=self.symbol).data().actual_instance.to_dict()
        prices = {"last": day["lastPrice"], "open": day["openPrice"], "high": day["highPrice"], "low": day["lowPrice"]}
        return {**prices, "volume": day["volume"]}

    def book(self) -> Told:
        return self.book_of(self.rows(self.api.order_book(symbol=self.symbol, limit=5)))

    def candles(self) -> Told:
        found = self.rows(self.api.kline_candlestick_data(symbol=self.symbol, interval="1m", limit=5))
        return self.candles_of(found)

    def balances(self) -> Told:
        (row,) = [row for row in self.rows(self.api.futures_account_balance_v3()) if row["asset"] == "USDT"]
        return {"quote_total": row["balance"], "quote_free": row["availableBalance"]}

    def buy(self, symbol: str, quantity: str, name: str | None = None) -> None:
        terms = {"side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": quantity, "price": PRICE}
        answer = self.api.new_order(symbol=symbol, **terms, new_client_order_id=name)
        self.order = self.rows(answer)["orderId"]

    def query(self) -> Told:
        return self._told(self.rows(self.api.query_order(symbol=self.symbol, order_id=self.order)))

    def open_orders(self) -> Told:
        (row,) = self.rows(self.api.current_all_open_orders(symbol=self.symbol))
        seen = self._told(row)
        del seen["average"]
        return seen

    def amend(self) -> None:
        terms = {"symbol": self.symbol, "side": "BUY", "quantity": self.quantity, "price": AMENDED}
        self.api.modify_order(**terms, order_id=self.order)

    def cancel(self) -> None:
        self.api.cancel_order(symbol=self.symbol, order_id=self.order)

    def sell(self) -> None:
        answer = self.api.new_order(symbol=self.symbol, side="SELL", type="MARKET", quantity=self.quantity)
        self.order = self.rows(answer)["orderId"]

    def fills(self) -> Told:
        rows = self.rows(self.api.account_trade_list(symbol=self.symbol, order_id=self.order))
        return {
            "side": rows[0]["side"].lower(),
            "count": len(rows),
            "quantity": total(row["qty"] for row in rows),
            "cost": total(row["quoteQty"] for row in rows),
            "fee": total(row["commission"] for row in rows),
            "fee_currency": rows[0]["commissionAsset"],
            "liquidity": "maker" if rows[0]["maker"] else "taker",
        }

    # --- one request for each intent

    def ask_place(self, intent: Told) -> Any:
        if "stop_price" in intent:
            return self.api.new_algo_order(symbol=self.symbol, algo_type="CONDITIONAL", **self._stop_terms(intent))
        return self.api.new_order(symbol=self.symbol, **self._terms(intent))

    def ask_test(self, intent: Told) -> Any:
        return self.api.test_order(symbol=self.symbol, **self._terms(intent))

    def ask_place_batch(self, intent: Told) -> Any:
        orders = [{"symbol": self.symbol, **self._terms(order)} for order in intent["orders"]]
        exact = [{**order, **{name: float(order[name]) for name in ("quantity", "price")}} for order in orders]
        return self.api.place_multiple_orders(batch_orders=[_BatchOrder(**order) for order in exact])

    @staticmethod
    def _terms(intent: Told) -> dict[str, Any]:
        if "quote_quantity" in intent or "margin_mode" in intent or (intent.get("post_only") and "expires_s" in intent):
            raise CannotAsk  # the last two are both times in force there
        terms, kind = {**terms_of(intent), "quantity": intent["quantity"]}, intent["type"].upper()
        terms |= {"time_in_force": "GTX"} if intent.get("post_only") else {}
        terms |= {"good_till_date": intent["expires_s"] * 1000} if "expires_s" in intent else {}
        terms |= {"reduce_only": "true"} if intent.get("reduce_only") else {}
        terms |= {"position_side": intent["position_side"].upper()} if "position_side" in intent else {}
        return {**terms, "type": kind}

    def _stop_terms(self, intent: Told) -> dict[str, Any]:
        terms = self._terms(intent)
        terms["client_algo_id"] = terms.pop("new_client_order_id")
        kind = "TAKE_PROFIT" if takes_profit(intent) else "STOP"
        kind += "" if "price" in intent else "_MARKET"
        return {**terms, "type": kind, "trigger_price": intent["stop_price"]}

    def ask_amend(self, intent: Told) -> Any:
        if "of_stop" in intent:
            raise CannotAsk
        quantity = halved(intent["quantity"]) if intent.get("less") else intent["quantity"]
        terms = {"symbol": self.symbol, "side": "BUY", "quantity": quantity, "price": intent.get("price", PRICE)}
        return self.api.modify_order(**terms, **named(intent))

    def ask_cancel(self, intent: Told) -> Any:
        if "of_stop" not in intent:
            return self.api.cancel_order(symbol=self.symbol, **named(intent))
        if intent.get("by_client_id"):
            return self.api.cancel_algo_order(client_algo_id=intent["client_id"])
        return self.api.cancel_algo_order(algo_id=int(intent["order_id"]))

    def ask_cancel_batch(self, intent: Told) -> Any:
        if intent.get("by_client_id"):
            return self.api.cancel_multiple_orders(self.symbol, orig_client_order_id_list=intent["client_ids"])
        return self.api.cancel_multiple_orders(self.symbol, order_id_list=[int(id_) for id_ in intent["order_ids"]])

    def ask_query(self, intent: Told) -> Any:
        if "of_stop" not in intent:
            return self.api.query_order(symbol=self.symbol, **named(intent))
        if intent.get("by_client_id"):
            return self.api.query_algo_order(client_algo_id=intent["client_id"])
        return self.api.query_algo_order(algo_id=int(intent["order_id"]))

    def ask_cancel_all(self, intent: Told) -> Any:
        if intent.get("of_all"):
            raise CannotAsk
        self.api.cancel_all_algo_open_orders(symbol=self.symbol)
        return self.api.cancel_all_open_orders(symbol=self.symbol)

    def ask_time(self, _intent: Told) -> Any:
        return self.api.check_server_time()

    def ask_ticker(self, _intent: Told) -> Any:
        self.api.ticker24hr_price_change_statistics(symbol=self.symbol)
        return self.api.symbol_order_book_ticker(symbol=self.symbol)

    def ask_tickers(self, _intent: Told) -> Any:
        self.api.ticker24hr_price_change_statistics()
        return self.api.symbol_order_book_ticker()

    def ask_book(self, intent: Told) -> Any:
        return self.api.order_book(symbol=self.symbol, limit=intent["depth"])

    def ask_trades(self, intent: Told) -> Any:
        if "after" in intent:
            return self.api.old_trades_lookup(symbol=self.symbol, limit=intent["limit"], from_id=int(intent["after"]))
        return self.api.recent_trades_list(symbol=self.symbol, limit=intent["limit"])

    def ask_candles(self, intent: Told) -> Any:
        terms = {"symbol": self.symbol, "interval": intent.get("interval", "1m"), "limit": intent["limit"]}
        return self.api.kline_candlestick_data(**terms, **span(intent))

    def ask_balances(self, _intent: Told) -> Any:
        return self.api.futures_account_balance_v3()

    def ask_fees(self, _intent: Told) -> Any:
        return self.api.user_commission_rate(symbol=self.symbol)

    def ask_open_orders(self, intent: Told) -> Any:
        symbol = None if intent.get("of_all") else self.symbol
        self.api.current_all_algo_open_orders(symbol=symbol)
        return self.api.current_all_open_orders(symbol=symbol)

    def ask_closed_orders(self, intent: Told) -> Any:
        return self.api.all_orders(symbol=self.symbol, limit=intent["limit"], **following(intent, "order_id"))

    def ask_fills(self, intent: Told) -> Any:
        if intent.get("of_order"):
            return self.api.account_trade_list(symbol=self.symbol, order_id=int(intent["order_id"]))
        return self.api.account_trade_list(symbol=self.symbol, limit=intent["limit"], **following(intent, "from_id"))

    def ask_positions(self, _intent: Told) -> Any:
        return self.api.position_information_v3(symbol=self.symbol)

    def ask_funding(self, _intent: Told) -> Any:
        self.api.mark_price(symbol=self.symbol)
        return self.api.get_funding_rate_info()

    def ask_leverage(self, intent: Told) -> Any:
        return self.api.change_initial_leverage(symbol=self.symbol, leverage=int(intent["leverage"]))

    def ask_margin_mode(self, intent: Told) -> Any:
        return self.api.change_margin_type(symbol=self.symbol, margin_type=intent["mode"].upper())

    def ask_position_mode(self, intent: Told) -> Any:
        return self.api.change_position_mode(dual_side_position="true" if intent["mode"] == "hedge" else "false")

    def _told(self, row: dict[str, Any]) -> Told:
        return self.told(row, row["avgPrice"])
