"""krakenex, the community's thin client of Kraken spot: it signs and sends, and returns errors as values."""

from __future__ import annotations

from typing import Any

import krakenex

from tests.fidelity.clients import kraken_rows as rows
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Refused, Told
from tests.fidelity.clients.telling import Script


def peer(script: Script) -> Krakenex:
    return Krakenex(script)


class Krakenex(Peer):
    unknown = "NOPEUSD"

    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        super().__init__(script, account, secret)
        self.api = krakenex.API(self.key, self.secret)

    def close(self) -> None:
        self.api.close()

    def _ask(self, answer: dict[str, Any]) -> Any:
        if answer["error"]:
            raise Refused(answer["error"][0])
        return answer["result"]

    def _public(self, method: str, **data: Any) -> Any:
        return self._ask(self.api.query_public(method, data))

    def _private(self, method: str, **data: Any) -> Any:
        return self._ask(self.api.query_private(method, data))

    def time(self) -> Told:
        return {"ms": self._public("Time")["unixtime"] * 1000}

    def instruments(self) -> Told:
        return rows.instrument(self._public("AssetPairs", pair=self.symbol)[self.symbol])

    def ticker(self) -> Told:
        return rows.ticker(self._public("Ticker", pair=self.symbol)[self.symbol])

    def book(self) -> Told:
        return rows.book(self._public("Depth", pair=self.symbol, count=5)[self.symbol])

    def candles(self) -> Told:
        return rows.candles(self._public("OHLC", pair=self.symbol, interval=1)[self.symbol])

    def balances(self) -> Told:
        return rows.balances(self._private("BalanceEx"))

    def buy(self, symbol: str, quantity: str, name: str | None = None) -> None:
        order = {"pair": symbol, "type": "buy", "ordertype": "limit", "price": PRICE, "volume": quantity}
        named = {"cl_ord_id": name} if name else {}
        self.order = self._private("AddOrder", **order, **named)["txid"][0]

    def query(self) -> Told:
        return rows.order(self._private("QueryOrders", txid=self.order)[self.order])

    def open_orders(self) -> Told:
        return rows.open_order(self._private("OpenOrders")["open"])

    def amend(self) -> None:
        self._private("AmendOrder", txid=self.order, limit_price=AMENDED)

    def cancel(self) -> None:
        self._private("CancelOrder", txid=self.order)

    def sell(self) -> None:
        order = {"pair": self.symbol, "type": "sell", "ordertype": "market", "volume": self.quantity}
        self.order = self._private("AddOrder", **order)["txid"][0]

    def fills(self) -> Told:
        return rows.fills(self._private("TradesHistory")["trades"].values(), self.order)

    def reused_nonce(self) -> Any:
        used = self.api._nonce()
        self.api._nonce = lambda: used
        self._private("BalanceEx")
        return self._private("BalanceEx")
