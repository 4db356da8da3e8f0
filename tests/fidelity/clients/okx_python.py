"""python-okx at OKX: one class for each part of the API; it signs and sends, and returns refusals as values."""

from __future__ import annotations

import logging
from typing import Any

from okx import Account, MarketData, PublicData, Trade

from tests.fidelity.clients.asking import CannotAsk, takes_profit
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Refused, Told, halved, total
from tests.fidelity.clients.telling import Script

_STATUS = {"live": "open", "partially_filled": "open", "filled": "closed"}
_KINDS = {"spot": "SPOT", "linear": "SWAP"}


def peer(script: Script) -> PythonOkx:
    logging.disable()
    return PythonOkx(script)


class PythonOkx(Peer):
    unknown = "NOPE-USDT"

    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        super().__init__(script, account, secret)
        known = {"api_key": self.key, "api_secret_key": self.secret, "passphrase": self.passphrase, "flag": "0"}
        self.account, self.trade = Account.AccountAPI(**known), Trade.TradeAPI(**known)
        self.market, self.public = MarketData.MarketAPI(flag="0"), PublicData.PublicAPI(flag="0")
        self.kind = _KINDS[script.product]
        self.mode = "cash" if script.product == "spot" else "cross"

    def close(self) -> None:
        for part in (self.account, self.trade, self.market, self.public):
            part.close()

    @staticmethod
    def _rows(answer: dict[str, Any]) -> list[Any]:
        if answer["code"] != "0":
            first = next(iter(answer.get("data") or [{}]))
            raise Refused(first.get("sCode") or answer["code"], first.get("sMsg") or answer["msg"])
        rows: list[Any] = answer["data"]
        return rows

    def _row(self, answer: dict[str, Any]) -> Any:
        (row,) = self._rows(answer)
        return row

    def time(self) -> Told:
        return {"ms": self._row(self.public.get_system_time())["ts"]}

    def instruments(self) -> Told:
        row = self._row(self.public.get_instruments(self.kind, instId=self.symbol))
        return {"tick": row["tickSz"], "lot": row["lotSz"], "min_quantity": row["minSz"]}

    def ticker(self) -> Told:
        row = self._row(self.market.get_ticker(self.symbol))
        prices = {"bid": row["bidPx"], "ask": row["askPx"], "last": row["last"], "open": row["open24h"]}
        sizes = {"bid_quantity": row["bidSz"], "ask_quantity": row["askSz"], "volume": row["vol24h"]}
        return {**prices, **sizes, "high": row["high24h"], "low": row["low24h"]}

    def book(self) -> Told:
        row = self._row(self.market.get_orderbook(self.symbol, sz="5"))
        return {side: [level[:2] for level in row[side]] for side in ("bids", "asks")}

    def candles(self) -> Told:
        index = 5 if self.script.product == "spot" else 6  # contracts, then base units
        rows = self._rows(self.market.get_candlesticks(self.symbol, bar="1m", limit="5"))
        return {"rows": [[row[0], *row[1:5], row[index]] for row in reversed(rows)]}

    def balances(self) -> Told:
        rows = {row["ccy"]: row for row in self._row(self.account.get_account_balance())["details"]}
        names = {"base": "BTC", "quote": "USDT"}
        known = {name: rows[asset] for name, asset in names.items()}
        seen = {f"{name}_total": row["cashBal"] for name, row in known.items()}
        return {**seen, **{f"{name}_free": row["availBal"] for name, row in known.items()}}

    def buy(self, symbol: str, quantity: str, name: str | None = None) -> None:
        terms = {"instId": symbol, "tdMode": self.mode, "side": "buy", "ordType": "limit", "sz": quantity, "px": PRICE}
        self.order = self._row(self.trade.place_order(**terms, clOrdId=name or ""))["ordId"]

    def query(self) -> Told:
        return self._told(self._row(self.trade.get_order(self.symbol, ordId=self.order)))

    def open_orders(self) -> Told:
        seen = self._told(self._row(self.trade.get_order_list(instType=self.kind)))
        del seen["average"]
        return seen

    def amend(self) -> None:
        self._row(self.trade.amend_order(self.symbol, ordId=self.order, newPx=AMENDED))

    def cancel(self) -> None:
        self._row(self.trade.cancel_order(self.symbol, ordId=self.order))

    def sell(self) -> None:
        terms = {"instId": self.symbol, "tdMode": self.mode, "side": "sell", "ordType": "market", "sz": self.quantity}
        self.order = self._row(self.trade.place_order(**terms))["ordId"]

    def fills(self) -> Told:
        rows = self._rows(self.trade.get_fills(instType=self.kind, ordId=self.order))
        return {
            "side": rows[0]["side"],
            "count": len(rows),
            "quantity": total(row["fillSz"] for row in rows),
            "fee": total("-" + row["fee"] if row["fee"][0] != "-" else row["fee"][1:] for row in rows),
            "fee_currency": rows[0]["feeCcy"],
            "liquidity": {"T": "taker", "M": "maker"}[rows[0]["execType"]],
        }

    # --- one request for each intent

    def ask_place(self, intent: Told) -> Any:
        if "stop_price" in intent:
            return self.trade.place_algo_order(**self._stop_terms(intent))
        return self.trade.place_order(**self._terms(intent))

    def ask_place_batch(self, intent: Told) -> Any:
        return self.trade.place_multiple_orders([self._terms(order) for order in intent["orders"]])

    def _shared(self, intent: Told) -> dict[str, Any]:
        """What orders and stops both have."""
        mode = intent.get("margin_mode", self.mode)
        terms = {"instId": self.symbol, "tdMode": mode, "side": intent["side"], "sz": intent["quantity"]}
        terms |= {"posSide": intent["position_side"]} if "position_side" in intent else {}
        return terms | ({"reduceOnly": True} if intent.get("reduce_only") else {})

    def _stop_terms(self, intent: Told) -> dict[str, Any]:
        terms = {**self._shared(intent), "ordType": "conditional", "algoClOrdId": intent["client_id"]}
        terms |= {} if "price" in intent or self.script.product != "spot" else {"tgtCcy": "base_ccy"}
        which = "tp" if takes_profit(intent) else "sl"
        return terms | {f"{which}TriggerPx": intent["stop_price"], f"{which}OrdPx": intent.get("price", "-1")}

    def _terms(self, intent: Told) -> dict[str, Any]:
        kind = {"ioc": "ioc", "fok": "fok"}.get(intent["tif"], intent["type"])
        if intent["tif"] == "gtd":
            raise CannotAsk
        terms = self._shared(intent)
        terms |= {"ordType": "post_only" if intent.get("post_only") else kind, "clOrdId": intent["client_id"]}
        terms |= {"px": intent["price"]} if "price" in intent else {}
        if "quote_quantity" in intent:
            terms |= {"sz": intent["quote_quantity"], "tgtCcy": "quote_ccy"}
        elif kind == "market" and self.script.product == "spot":
            terms |= {"tgtCcy": "base_ccy"}
        return terms

    def ask_amend(self, intent: Told) -> Any:
        if "of_stop" in intent:
            raise CannotAsk
        terms = {"newSz": halved(intent["quantity"])} if intent.get("less") else {"newPx": intent["price"]}
        return self.trade.amend_order(self.symbol, **_named(intent), **terms)

    def ask_cancel(self, intent: Told) -> Any:
        if "of_stop" not in intent:
            return self.trade.cancel_order(self.symbol, **_named(intent))
        return self.trade.cancel_algo_order([{"instId": self.symbol, **_stop_named(intent)}])

    def ask_cancel_batch(self, intent: Told) -> Any:
        word, ids = ("clOrdId", "client_ids") if intent.get("by_client_id") else ("ordId", "order_ids")
        return self.trade.cancel_multiple_orders([{"instId": self.symbol, word: id_} for id_ in intent[ids]])

    def ask_query(self, intent: Told) -> Any:
        if "of_stop" not in intent:
            return self.trade.get_order(self.symbol, **_named(intent))
        return self.trade.get_algo_order_details(**_stop_named(intent))

    def ask_time(self, _intent: Told) -> Any:
        return self.public.get_system_time()

    def ask_ticker(self, _intent: Told) -> Any:
        return self.market.get_ticker(self.symbol)

    def ask_tickers(self, _intent: Told) -> Any:
        return self.market.get_tickers(self.kind)

    def ask_book(self, intent: Told) -> Any:
        return self.market.get_orderbook(self.symbol, sz=str(intent["depth"]))

    def ask_trades(self, intent: Told) -> Any:
        limit = str(intent["limit"])
        if "after" in intent:  # 1: by trade id
            return self.market.get_history_trades(self.symbol, type="1", after=intent["after"], limit=limit)
        return self.market.get_trades(self.symbol, limit=limit)

    def ask_candles(self, intent: Told) -> Any:
        span = {}
        if "start_s" in intent:  # after and before exclude their own moment
            span = {"before": str(intent["start_s"] * 1000 - 1), "after": str(intent["end_s"] * 1000)}
        bar = _BARS.get(intent.get("interval", ""), "1m")
        return self.market.get_candlesticks(self.symbol, bar=bar, limit=str(intent["limit"]), **span)

    def ask_balances(self, _intent: Told) -> Any:
        return self.account.get_account_balance()

    def ask_open_orders(self, intent: Told) -> Any:
        which = {"instType": self.kind, "instId": "" if intent.get("of_all") else self.symbol}
        if "of_stop" in intent:
            return self.trade.order_algos_list("conditional,oco", **which, after=intent["after"])
        return self.trade.get_order_list(**which, after=intent.get("after", ""))

    def ask_closed_orders(self, intent: Told) -> Any:
        span = {**_span(intent), "after": intent.get("after", "")}
        return self.trade.get_orders_history(self.kind, instId=self.symbol, limit=str(intent["limit"]), **span)

    def ask_fills(self, intent: Told) -> Any:
        if intent.get("of_order"):
            return self.trade.get_fills(self.kind, instId=self.symbol, ordId=intent["order_id"])
        span = {**_span(intent), "after": intent.get("after", "")}
        return self.trade.get_fills(self.kind, instId=self.symbol, limit=str(intent["limit"]), **span)

    def ask_positions(self, _intent: Told) -> Any:
        return self.account.get_positions(instType=self.kind, instId=self.symbol)

    def ask_funding(self, _intent: Told) -> Any:
        return self.public.get_funding_rate(self.symbol)

    def ask_leverage(self, intent: Told) -> Any:
        return self.account.set_leverage(intent["leverage"], "cross", instId=self.symbol)

    def ask_position_mode(self, intent: Told) -> Any:
        return self.account.set_position_mode("long_short_mode" if intent["mode"] == "hedge" else "net_mode")

    @staticmethod
    def _told(row: dict[str, Any]) -> Told:
        return {
            "client_order_id": row["clOrdId"],
            "side": row["side"],
            "order_type": row["ordType"],
            "price": row["px"],
            "quantity": row["sz"],
            "filled": row["accFillSz"],
            "average": row["avgPx"],
            "status": _STATUS.get(row["state"], row["state"]),
        }


def _named(intent: Told) -> dict[str, str]:
    return {"clOrdId": intent["client_id"]} if intent.get("by_client_id") else {"ordId": intent["order_id"]}


def _stop_named(intent: Told) -> dict[str, str]:
    return {"algoClOrdId": intent["client_id"]} if intent.get("by_client_id") else {"algoId": intent["order_id"]}


def _span(intent: Told) -> dict[str, str]:
    return {"begin": str(intent["start_s"] * 1000), "end": str(intent["end_s"] * 1000)}


_BARS = {"15m": "15m", "1h": "1H", "6h": "6Hutc", "1d": "1Dutc", "1w": "1Wutc", "1M": "1Mutc"}
