"""python-kraken-sdk at Kraken spot: a typed method for most endpoints, an exception class for most refusals."""

from __future__ import annotations

from typing import Any

from kraken.spot import Market, SpotClient, Trade, User

from tests.fidelity.clients import kraken_rows as rows
from tests.fidelity.clients.asking import CannotAsk, takes_profit
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Told
from tests.fidelity.clients.telling import Script


def peer(script: Script) -> KrakenSdk:
    return KrakenSdk(script)


class KrakenSdk(Peer):
    unknown = "NOPEUSD"

    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        super().__init__(script, account, secret)
        known = {"key": self.key, "secret": self.secret}
        self.market, self.user, self.trade = Market(), User(**known), Trade(**known)
        self.plain = SpotClient(**known)

    def time(self) -> Told:
        return {"ms": self.plain.request("GET", "/0/public/Time", auth=False)["unixtime"] * 1000}

    def instruments(self) -> Told:
        return rows.instrument(self.market.get_asset_pairs(pair=self.symbol)[self.symbol])

    def ticker(self) -> Told:
        return rows.ticker(self.market.get_ticker(pair=self.symbol)[self.symbol])

    def book(self) -> Told:
        return rows.book(self.market.get_order_book(pair=self.symbol, count=5)[self.symbol])

    def candles(self) -> Told:
        return rows.candles(self.market.get_ohlc(pair=self.symbol, interval=1)[self.symbol])

    def balances(self) -> Told:
        return rows.balances(self.user.get_balances())

    def buy(self, symbol: str, quantity: str, name: str | None = None) -> None:
        more = {"extra_params": {"cl_ord_id": name}} if name else {}
        terms = {"ordertype": "limit", "side": "buy", "pair": symbol, "volume": quantity, "price": PRICE}
        self.order = self.trade.create_order(**terms, **more)["txid"][0]

    def query(self) -> Told:
        return rows.order(self.user.get_orders_info(txid=self.order)[self.order])

    def open_orders(self) -> Told:
        return rows.open_order(self.user.get_open_orders()["open"])

    def amend(self) -> None:
        # Its `edit_order` is the older EditOrder, which replaces the order by another.
        self.trade.request("POST", "/0/private/AmendOrder", params={"txid": self.order, "limit_price": AMENDED})

    def cancel(self) -> None:
        self.trade.cancel_order(txid=self.order)

    def sell(self) -> None:
        terms = {"ordertype": "market", "side": "sell", "pair": self.symbol, "volume": self.quantity}
        self.order = self.trade.create_order(**terms)["txid"][0]

    def fills(self) -> Told:
        return rows.fills(self.user.get_trades_history()["trades"].values(), self.order)

    def reused_nonce(self) -> Any:
        used = self.user.get_nonce()
        self.user.get_nonce = lambda: used
        self.user.get_balances()
        return self.user.get_balances()

    # --- one request for each intent

    def ask_place(self, intent: Told, **more: Any) -> Any:
        named = {"extra_params": {"cl_ord_id": intent["client_id"]}}
        return self.trade.create_order(**self._terms(intent), pair=self.symbol, **named, **more)

    def ask_test(self, intent: Told) -> Any:
        return self.ask_place(intent, validate=True)

    def ask_place_batch(self, intent: Told) -> Any:
        orders = [{**self._terms(order), "cl_ord_id": order["client_id"]} for order in intent["orders"]]
        rows = [{"type": row.pop("side"), **row} for row in orders]
        return self.trade.create_order_batch(orders=rows, pair=self.symbol)

    @staticmethod
    def _terms(intent: Told) -> dict[str, Any]:
        has_limit = "price" in intent
        kind = intent["type"]
        more: dict[str, Any] = {}
        if "stop_price" in intent:
            kind = ("take-profit" if takes_profit(intent) else "stop-loss") + ("-limit" if has_limit else "")
            more["price"] = intent["stop_price"]
            more |= {"price2": intent["price"]} if has_limit else {}
        elif has_limit:
            more["price"] = intent["price"]
        if intent["tif"] != "gtc":
            more["timeinforce"] = intent["tif"].upper()
        more |= {"expiretm": intent["expires_s"]} if "expires_s" in intent else {}
        more |= {"oflags": "post"} if intent.get("post_only") else {}
        more |= {"oflags": "viqc"} if "quote_quantity" in intent else {}
        volume = intent.get("quote_quantity", intent["quantity"])
        return {"ordertype": kind, "side": intent["side"], "volume": volume, **more}

    def ask_amend(self, intent: Told) -> Any:
        raise CannotAsk  # its `edit_order` is the older EditOrder

    def ask_cancel(self, intent: Told) -> Any:
        if intent.get("by_client_id"):
            raise CannotAsk
        return self.trade.cancel_order(txid=intent["order_id"])

    def ask_cancel_batch(self, intent: Told) -> Any:
        if intent.get("by_client_id"):
            raise CannotAsk
        return self.trade.cancel_order_batch(orders=intent["order_ids"])

    def ask_query(self, intent: Told) -> Any:
        if intent.get("by_client_id"):
            raise CannotAsk
        return self.user.get_orders_info(txid=intent["order_id"])

    def ask_cancel_all(self, intent: Told) -> Any:
        if not intent.get("of_all"):
            raise CannotAsk
        return self.trade.cancel_all_orders()

    def ask_ticker(self, _intent: Told) -> Any:
        return self.market.get_ticker(pair=self.symbol)

    def ask_tickers(self, _intent: Told) -> Any:
        return self.market.get_ticker()

    def ask_book(self, intent: Told) -> Any:
        return self.market.get_order_book(pair=self.symbol, count=intent["depth"])

    def ask_trades(self, intent: Told) -> Any:
        return self.market.get_recent_trades(pair=self.symbol, since=intent.get("after"), count=intent["limit"])

    def ask_candles(self, intent: Told) -> Any:
        minutes = {"15m": 15, "1h": 60, "1d": 1_440, "1w": 10_080}.get(intent.get("interval", ""), 1)
        if minutes == 1 and "interval" in intent:
            raise CannotAsk
        since = {"since": intent["start_s"]} if "start_s" in intent else {}
        return self.market.get_ohlc(pair=self.symbol, interval=minutes, **since)

    def ask_balances(self, _intent: Told) -> Any:
        return self.user.get_balances()

    def ask_fees(self, _intent: Told) -> Any:
        return self.user.get_trade_volume(pair=self.symbol)

    def ask_open_orders(self, _intent: Told) -> Any:
        return self.user.get_open_orders()

    def ask_closed_orders(self, intent: Told) -> Any:
        return self.user.get_closed_orders(start=intent["start_s"], end=intent["end_s"], ofs=intent.get("after"))

    def ask_fills(self, intent: Told) -> Any:
        if intent.get("of_order"):
            raise CannotAsk
        return self.user.get_trades_history(start=intent["start_s"], end=intent["end_s"], ofs=intent.get("after"))
