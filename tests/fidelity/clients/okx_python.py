"""python-okx at OKX: one class for each part of the API; it signs and sends, and returns refusals as values."""

from __future__ import annotations

import logging
from typing import Any

from okx import Account, MarketData, PublicData, Trade

from tests.fidelity.clients.asking import CannotAsk
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Refused, Told, total
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
        kind = {"ioc": "ioc", "fok": "fok"}.get(intent["tif"], intent["type"])
        if intent["tif"] == "gtd":
            raise CannotAsk
        terms = {"instId": self.symbol, "tdMode": self.mode, "side": intent["side"], "sz": intent["quantity"]}
        terms |= {"reduceOnly": True} if intent.get("reduce_only") else {}
        if "stop_price" in intent:
            terms |= {"ordType": "conditional", "algoClOrdId": intent["client_id"]}
            which = "tp" if intent.get("trigger") == "rises" else "sl"
            limit = {f"{which}TriggerPx": intent["stop_price"], f"{which}OrdPx": intent.get("price", "-1")}
            return self.trade.place_algo_order(**terms, **limit)
        terms |= {"ordType": "post_only" if intent.get("post_only") else kind, "clOrdId": intent["client_id"]}
        terms |= {"px": intent["price"]} if "price" in intent else {}
        if "quote_quantity" in intent:
            terms |= {"sz": intent["quote_quantity"], "tgtCcy": "quote_ccy"}
        elif kind == "market" and self.script.product == "spot":
            terms |= {"tgtCcy": "base_ccy"}
        return self.trade.place_order(**terms)

    def ask_amend(self, intent: Told) -> Any:
        return self.trade.amend_order(self.symbol, ordId=intent["order_id"], newPx=intent["price"])

    def ask_cancel(self, intent: Told) -> Any:
        return self.trade.cancel_order(self.symbol, **_named(intent))

    def ask_query(self, intent: Told) -> Any:
        return self.trade.get_order(self.symbol, **_named(intent))

    def ask_time(self, _intent: Told) -> Any:
        return self.public.get_system_time()

    def ask_ticker(self, _intent: Told) -> Any:
        return self.market.get_ticker(self.symbol)

    def ask_tickers(self, _intent: Told) -> Any:
        return self.market.get_tickers(self.kind)

    def ask_book(self, intent: Told) -> Any:
        return self.market.get_orderbook(self.symbol, sz=str(intent["depth"]))

    def ask_trades(self, intent: Told) -> Any:
        return self.market.get_trades(self.symbol, limit=str(intent["limit"]))

    def ask_candles(self, intent: Told) -> Any:
        span = {}
        if "start_s" in intent:  # after and before exclude their own moment
            span = {"before": str(intent["start_s"] * 1000 - 1), "after": str(intent["end_s"] * 1000)}
        return self.market.get_candlesticks(self.symbol, bar="1m", limit=str(intent["limit"]), **span)

    def ask_balances(self, _intent: Told) -> Any:
        return self.account.get_account_balance()

    def ask_open_orders(self, _intent: Told) -> Any:
        return self.trade.get_order_list(instType=self.kind, instId=self.symbol)

    def ask_closed_orders(self, intent: Told) -> Any:
        span = {"begin": str(intent["start_s"] * 1000), "end": str(intent["end_s"] * 1000)}
        return self.trade.get_orders_history(self.kind, instId=self.symbol, limit=str(intent["limit"]), **span)

    def ask_fills(self, intent: Told) -> Any:
        span = {"begin": str(intent["start_s"] * 1000), "end": str(intent["end_s"] * 1000)}
        return self.trade.get_fills(self.kind, instId=self.symbol, limit=str(intent["limit"]), **span)

    def ask_positions(self, _intent: Told) -> Any:
        return self.account.get_positions(instType=self.kind, instId=self.symbol)

    def ask_funding(self, _intent: Told) -> Any:
        return self.public.get_funding_rate(self.symbol)

    def ask_leverage(self, intent: Told) -> Any:
        return self.account.set_leverage(intent["leverage"], "cross", instId=self.symbol)

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
