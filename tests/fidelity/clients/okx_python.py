"""python-okx at OKX: one class for each part of the API; it signs and sends, and returns refusals as values."""

from __future__ import annotations

import logging
from typing import Any

from okx import Account, MarketData, PublicData, Trade

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
