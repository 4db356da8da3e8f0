"""Binance's own SDKs, spot and USD-M: typed methods and answers, refusals as exceptions that carry the code."""

from __future__ import annotations

import logging
from typing import Any

from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import Error
from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from binance_sdk_spot import Spot

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
        row = self.api.symbol_order_book_ticker(symbol=self.symbol).data().actual_instance.to_dict()
        day = self.api.ticker24hr_price_change_statistics(symbol=self.symbol).data().actual_instance.to_dict()
        prices = {"bid": row["bidPrice"], "ask": row["askPrice"], "last": day["lastPrice"], "open": day["openPrice"]}
        sizes = {"bid_quantity": row["bidQty"], "ask_quantity": row["askQty"], "volume": day["volume"]}
        return {**prices, **sizes, "high": day["highPrice"], "low": day["lowPrice"]}

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

    def _told(self, row: dict[str, Any]) -> Told:
        return self.told(row, row["avgPrice"])
