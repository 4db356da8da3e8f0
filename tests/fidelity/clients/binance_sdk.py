"""Binance's own SDKs, spot and USD-M: typed methods and answers, refusals as exceptions that carry the code."""

from __future__ import annotations

import logging
from typing import Any

from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import Error
from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from binance_sdk_spot import Spot

from tests.fidelity.clients.asking import CannotAsk
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Told, total
from tests.fidelity.clients.telling import Script

_STATUS = {"NEW": "open", "PARTIALLY_FILLED": "open", "FILLED": "closed", "CANCELED": "canceled"}


def peer(script: Script) -> Peer:
    logging.disable()
    return SpotSdk(script) if script.product == "spot" else UsdmSdk(script)


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


def _terms(intent: Told) -> dict[str, Any]:
    """What a new order has in both SDKs."""
    terms = {"side": intent["side"].upper(), "new_client_order_id": intent["client_id"]}
    terms |= {"price": intent["price"]} if "price" in intent else {}
    return terms | ({"time_in_force": intent["tif"].upper()} if "limit" in intent["type"] else {})


def _span(intent: Told) -> dict[str, int]:
    if "start_s" not in intent:
        return {}
    return {"start_time": intent["start_s"] * 1000, "end_time": intent["end_s"] * 1000 - 1}  # both are included


def _plain(value: Any) -> Any:
    return value.to_dict() if hasattr(value, "to_dict") else value


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
        if intent["tif"] == "gtd":
            raise CannotAsk
        terms, kind = _terms(intent), intent["type"].upper()
        terms |= (
            {"quote_order_qty": intent["quote_quantity"]}
            if "quote_quantity" in intent
            else {"quantity": intent["quantity"]}
        )
        if intent.get("post_only"):
            kind = "LIMIT_MAKER"
            del terms["time_in_force"]
        if "stop_price" in intent:
            kind = "TAKE_PROFIT" if intent.get("trigger") == "rises" else "STOP_LOSS"
            kind += "_LIMIT" if "price" in intent else ""
            terms["stop_price"] = intent["stop_price"]
        return self.api.new_order(symbol=self.symbol, type=kind, **terms)

    def ask_cancel(self, intent: Told) -> Any:
        return self.api.delete_order(symbol=self.symbol, **self._named(intent))

    def ask_query(self, intent: Told) -> Any:
        return self.api.get_order(symbol=self.symbol, **self._named(intent))

    def ask_cancel_all(self, _intent: Told) -> Any:
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
        return self.api.get_trades(symbol=self.symbol, limit=intent["limit"])

    def ask_candles(self, intent: Told) -> Any:
        return self.api.klines(symbol=self.symbol, interval="1m", limit=intent["limit"], **_span(intent))

    def ask_balances(self, _intent: Told) -> Any:
        return self.api.get_account(omit_zero_balances=True)

    def ask_fees(self, _intent: Told) -> Any:
        return self.api.account_commission(symbol=self.symbol)

    def ask_open_orders(self, _intent: Told) -> Any:
        return self.api.get_open_orders(symbol=self.symbol)

    def ask_closed_orders(self, intent: Told) -> Any:
        return self.api.all_orders(symbol=self.symbol, limit=intent["limit"], **_span(intent))

    def ask_fills(self, intent: Told) -> Any:
        return self.api.my_trades(symbol=self.symbol, limit=intent["limit"], **_span(intent))

    @staticmethod
    def _named(intent: Told) -> dict[str, Any]:
        if intent.get("by_client_id"):
            return {"orig_client_order_id": intent["client_id"]}
        return {"order_id": int(intent["order_id"])}

    def _told(self, row: dict[str, Any]) -> Told:
        filled = float(row["executedQty"])
        return self.told(row, float(row["cummulativeQuoteQty"]) / filled if filled else None)


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
        if "quote_quantity" in intent:
            raise CannotAsk
        terms, kind = {**_terms(intent), "quantity": intent["quantity"]}, intent["type"].upper()
        terms |= {"time_in_force": "GTX"} if intent.get("post_only") else {}
        terms |= {"good_till_date": intent["expires_s"] * 1000} if "expires_s" in intent else {}
        terms |= {"reduce_only": "true"} if intent.get("reduce_only") else {}
        if "stop_price" not in intent:
            return self.api.new_order(symbol=self.symbol, type=kind, **terms)
        terms["client_algo_id"] = terms.pop("new_client_order_id")
        kind = "TAKE_PROFIT" if intent.get("trigger") == "rises" else "STOP"
        kind += "" if "price" in intent else "_MARKET"
        terms["trigger_price"] = intent["stop_price"]
        return self.api.new_algo_order(symbol=self.symbol, algo_type="CONDITIONAL", type=kind, **terms)

    def ask_amend(self, intent: Told) -> Any:
        terms = {"symbol": self.symbol, "side": "BUY", "quantity": intent["quantity"], "price": intent["price"]}
        return self.api.modify_order(**terms, order_id=int(intent["order_id"]))

    def ask_cancel(self, intent: Told) -> Any:
        return self.api.cancel_order(symbol=self.symbol, **SpotSdk._named(intent))

    def ask_query(self, intent: Told) -> Any:
        return self.api.query_order(symbol=self.symbol, **SpotSdk._named(intent))

    def ask_cancel_all(self, _intent: Told) -> Any:
        self.api.cancel_all_algo_open_orders(symbol=self.symbol)
        return self.api.cancel_all_open_orders(symbol=self.symbol)

    def ask_time(self, _intent: Told) -> Any:
        return self.api.check_server_time()

    def ask_ticker(self, _intent: Told) -> Any:
        return self.api.ticker24hr_price_change_statistics(symbol=self.symbol)

    def ask_tickers(self, _intent: Told) -> Any:
        return self.api.ticker24hr_price_change_statistics()

    def ask_book(self, intent: Told) -> Any:
        return self.api.order_book(symbol=self.symbol, limit=intent["depth"])

    def ask_trades(self, intent: Told) -> Any:
        return self.api.recent_trades_list(symbol=self.symbol, limit=intent["limit"])

    def ask_candles(self, intent: Told) -> Any:
        terms = {"symbol": self.symbol, "interval": "1m", "limit": intent["limit"]}
        return self.api.kline_candlestick_data(**terms, **_span(intent))

    def ask_balances(self, _intent: Told) -> Any:
        return self.api.futures_account_balance_v3()

    def ask_fees(self, _intent: Told) -> Any:
        return self.api.user_commission_rate(symbol=self.symbol)

    def ask_open_orders(self, _intent: Told) -> Any:
        self.api.current_all_algo_open_orders(symbol=self.symbol)
        return self.api.current_all_open_orders(symbol=self.symbol)

    def ask_closed_orders(self, intent: Told) -> Any:
        return self.api.all_orders(symbol=self.symbol, limit=intent["limit"], **_span(intent))

    def ask_fills(self, intent: Told) -> Any:
        return self.api.account_trade_list(symbol=self.symbol, limit=intent["limit"], **_span(intent))

    def ask_positions(self, _intent: Told) -> Any:
        return self.api.position_information_v3(symbol=self.symbol)

    def ask_funding(self, _intent: Told) -> Any:
        return self.api.mark_price(symbol=self.symbol)

    def ask_leverage(self, intent: Told) -> Any:
        return self.api.change_initial_leverage(symbol=self.symbol, leverage=int(intent["leverage"]))

    def _told(self, row: dict[str, Any]) -> Told:
        return self.told(row, row["avgPrice"])
