"""ccxt's async classes at any of the five venues, by its unified methods."""

from __future__ import annotations

from typing import Any

import ccxt.async_support as ccxt

from tests.fidelity.clients.asking import CannotAsk, takes_profit
from tests.fidelity.clients.playing import AMENDED, PRICE, Peer, Told, total
from tests.fidelity.clients.telling import Script


def peer(script: Script) -> Ccxt:
    return Ccxt(script)


class Ccxt(Peer):
    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        super().__init__(script, account, secret)
        is_spot = script.product == "spot"
        self.unified = ("BTC/USD" if script.venue in ("kraken", "coinbase") else "BTC/USDT") + (
            "" if is_spot else ":USDT"
        )
        self.exchange = getattr(ccxt, script.venue if is_spot or script.venue != "binance" else "binanceusdm")(
            {
                "apiKey": self.key,
                "secret": self.secret,
                "password": self.passphrase,
                "aiohttp_trust_env": True,
                "cafile": script.given["ca_file"],
                "enableRateLimit": False,
                "has": {"fetchCurrencies": False},
                "options": options(script),
            }
        )

    def close(self) -> Any:
        return self.exchange.close()

    # --- reading

    async def time(self) -> Told:
        return {"ms": await self.exchange.fetch_time()}

    async def instruments(self) -> Told:
        await self.exchange.load_markets()
        market = self.exchange.market(self.unified)
        precision = market["precision"]
        seen = {"tick": precision["price"], "lot": precision["amount"]}
        if (self.script.venue, self.script.product) == ("bybit", "spot"):
            return seen  # minOrderQty stands in the listing and is no longer applied
        return {**seen, "min_quantity": market["limits"]["amount"]["min"]}

    async def ticker(self) -> Told:
        row = await self.exchange.fetch_ticker(self.unified)
        names = {"bid": "bid", "ask": "ask", "last": "last", "high": "high", "low": "low", "volume": "baseVolume"}
        return {ours: row[theirs] for ours, theirs in names.items() if row[theirs] is not None}

    async def book(self) -> Told:
        found = await self.exchange.fetch_order_book(self.unified, 5)
        return {side: [row[:2] for row in found[side][:5]] for side in ("bids", "asks")}

    async def candles(self) -> Told:
        return {"rows": (await self.exchange.fetch_ohlcv(self.unified, "1m", limit=5))[-5:]}

    async def balances(self) -> Told:
        found = await self.exchange.fetch_balance()
        base, quote = self.unified.split(":")[0].split("/")
        names = {"base": base, "quote": quote}
        seen = {name: found[asset] for name, asset in names.items() if asset in found}
        return {f"{name}_{kind}": row[kind] for name, row in seen.items() for kind in ("total", "free")}

    # --- trading

    async def buy(self, symbol: str, quantity: str, name: str | None = None) -> Any:
        if name is None:
            return await self._raw_order(symbol, quantity)
        quantity, price = float(quantity), float(PRICE)  # type: ignore[assignment]
        made = await self.exchange.create_order(self.unified, "limit", "buy", quantity, price, {"clientOrderId": name})
        self.order = made["id"]
        # At Coinbase ccxt sends an id of its own, whatever it is given.
        return self.script.venue != "coinbase"

    async def query(self) -> Told:
        return self._told(await self.exchange.fetch_order(self.order, self.unified))

    async def open_orders(self) -> Told:
        (found,) = await self.exchange.fetch_open_orders(self.unified)
        seen = self._told(found)
        del seen["average"]
        return seen

    async def amend(self) -> None:
        quantity, price = float(self.quantity), float(AMENDED)
        made = await self.exchange.edit_order(self.order, self.unified, "limit", "buy", quantity, price)
        if (self.script.venue, self.script.product) == ("binance", "spot"):
            self.order = made["id"]  # canceled and replaced

    async def cancel(self) -> None:
        await self.exchange.cancel_order(self.order, self.unified)

    async def sell(self) -> None:
        made = await self.exchange.create_order(self.unified, "market", "sell", float(self.quantity))
        self.order = made["id"]

    async def fills(self) -> Told:
        rows = [row for row in await self.exchange.fetch_my_trades(self.unified) if row["order"] == self.order]
        return {
            "side": rows[0]["side"],
            "count": len(rows),
            "quantity": total(row["amount"] for row in rows),
            "cost": total(row["cost"] for row in rows),
            "fee": total(row["fee"]["cost"] for row in rows),
            "fee_currency": rows[0]["fee"]["currency"],
            "liquidity": rows[0]["takerOrMaker"],
        }

    def _told(self, order: dict[str, Any]) -> Told:
        names = {"side": "side", "price": "price", "amount": "quantity", "filled": "filled", "status": "status"}
        seen = {ours: order[theirs] for theirs, ours in names.items()}
        more = {"client_order_id": order["clientOrderId"], "average": order["average"], "order_type": order["type"]}
        return {**seen, **more}

    # --- refusals

    async def reused_nonce(self) -> Any:
        self.exchange.incrementing_nonce = lambda: 1
        return await self.exchange.fetch_balance()

    def _raw_order(self, symbol: str, quantity: str) -> Any:
        """By ccxt's direct method of the endpoint, which neither rounds nor checks; it reads the answer alike."""
        match self.script.venue:
            case "kraken":
                order = {"pair": symbol, "type": "buy", "ordertype": "limit", "price": PRICE, "volume": quantity}
                return self.exchange.privatePostAddOrder(order)
            case "okx":
                order = {"instId": symbol, "tdMode": "cash" if self.script.product == "spot" else "cross"}
                return self.exchange.privatePostTradeOrder(
                    {**order, "side": "buy", "ordType": "limit", "px": PRICE, "sz": quantity}
                )
            case "bybit":
                order = {"category": self.script.product, "symbol": symbol, "side": "Buy", "orderType": "Limit"}
                return self.exchange.privatePostV5OrderCreate({**order, "qty": quantity, "price": PRICE})
            case "coinbase":
                terms = {"limit_limit_gtc": {"base_size": quantity, "limit_price": PRICE}}
                order = {"client_order_id": self.exchange.uuid(), "product_id": symbol, "side": "BUY"}
                return self.exchange.v3PrivatePostBrokerageOrders({**order, "order_configuration": terms})
        order = {"symbol": symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        is_spot = self.script.product == "spot"
        place = self.exchange.privatePostOrder if is_spot else self.exchange.fapiPrivatePostOrder
        return place({**order, "quantity": quantity, "price": PRICE})

    # --- one request for each intent

    async def get_ready(self) -> None:
        await self.exchange.load_markets()

    def ask_place(self, intent: Told) -> Any:
        if "quote_quantity" in intent:
            if not self.exchange.has.get(f"createMarket{intent['side'].title()}OrderWithCost"):
                raise CannotAsk
            place = getattr(self.exchange, f"create_market_{intent['side']}_order_with_cost")
            return place(self.unified, float(intent["quote_quantity"]), {"clientOrderId": intent["client_id"]})
        return self.exchange.create_order(self.unified, *self._terms(intent))

    def ask_test(self, intent: Told) -> Any:
        word = {"kraken": "validate", "coinbase": "test", "binance": "test"}.get(self.script.venue)
        if word is None:
            raise CannotAsk
        *terms, more = self._terms(intent)
        return self.exchange.create_order(self.unified, *terms, {**more, word: True})

    def ask_place_batch(self, intent: Told) -> Any:
        if not self.exchange.has["createOrders"]:
            raise CannotAsk
        names = ("type", "side", "amount", "price", "params")
        orders = [dict(zip(names, self._terms(order), strict=True)) for order in intent["orders"]]
        return self.exchange.create_orders([{"symbol": self.unified, **order} for order in orders])

    def _terms(self, intent: Told) -> tuple[str, str, float, float | None, dict[str, Any]]:
        """Type, side, quantity, price and the rest, as `create_order` takes them."""
        more: dict[str, Any] = {"clientOrderId": intent["client_id"]}
        if intent["tif"] != "gtc":
            more |= {"timeInForce": intent["tif"].upper(), **self._until(intent)}
        if "stop_price" in intent:
            more["takeProfitPrice" if takes_profit(intent) else "stopLossPrice"] = float(intent["stop_price"])
        if "position_side" in intent:
            opens = (intent["position_side"] == "long") == (intent["side"] == "buy")
            more |= {"hedged": True} if opens else {"hedged": True, "reduceOnly": True}
        more |= {"postOnly": True} if intent.get("post_only") else {}
        more |= {"reduceOnly": True} if intent.get("reduce_only") else {}
        more |= {"marginMode": intent["margin_mode"]} if "margin_mode" in intent else {}
        kind = "market" if "market" in intent["type"] else "limit"
        price = float(intent["price"]) if "price" in intent else None
        return kind, intent["side"], float(intent["quantity"]), price, more

    def _until(self, intent: Told) -> dict[str, Any]:
        """The last moment of an order in the venue's own parameter, where ccxt knows such orders."""
        if intent["tif"] != "gtd":
            return {}
        if self.script.venue == "coinbase" and "stop_price" not in intent:
            return {"end_time": self.exchange.iso8601(intent["expires_s"] * 1000)}
        if (self.script.venue, self.script.product) == ("binance", "linear") and not intent.get("post_only"):
            return {"goodTillDate": intent["expires_s"] * 1000}
        raise CannotAsk

    def ask_amend(self, intent: Told) -> Any:
        if intent.get("of_stop") and self.script.venue not in ("bybit", "coinbase", "kraken"):
            raise CannotAsk
        quantity = float(intent["quantity"]) / (2 if intent.get("less") else 1)
        id_, more = self._names(intent)
        side, price = ("sell" if intent.get("of_stop") else "buy"), float(intent.get("price", PRICE))
        return self.exchange.edit_order(id_, self.unified, "limit", side, quantity, price, more)

    def ask_cancel(self, intent: Told) -> Any:
        id_, more = self._names(intent)
        return self.exchange.cancel_order(id_, self.unified, {**more, **self._door(intent)})

    def _door(self, intent: Told) -> dict[str, bool]:
        """ccxt's word for stops, where they are behind another door."""
        doors = (("okx", "spot"), ("okx", "linear"), ("bybit", "spot"), ("binance", "linear"))
        is_other = "of_stop" in intent and (self.script.venue, self.script.product) in doors
        return {"trigger": True} if is_other else {}

    def ask_cancel_batch(self, intent: Told) -> Any:
        if not self.exchange.has["cancelOrders"] or (intent.get("by_client_id") and self.script.venue == "coinbase"):
            raise CannotAsk
        if not intent.get("by_client_id"):
            return self.exchange.cancel_orders(intent["order_ids"], self.unified)
        word = "clientOrderId" if self.script.venue == "okx" else "clientOrderIds"
        return self.exchange.cancel_orders([], self.unified, {word: intent["client_ids"]})

    def ask_query(self, intent: Told) -> Any:
        if intent.get("by_client_id") and self.script.venue == "kraken":
            raise CannotAsk
        id_, more = self._names(intent)
        return self.exchange.fetch_order(id_, self.unified, {**more, **self._door(intent)})

    def _names(self, intent: Told) -> tuple[str | None, dict[str, Any]]:
        if not intent.get("by_client_id"):
            return intent["order_id"], {}
        if self.script.venue == "coinbase":
            raise CannotAsk
        return None, {"orderLinkId" if self.script.venue == "bybit" else "clientOrderId": intent["client_id"]}

    def ask_cancel_all(self, intent: Told) -> Any:
        if not self.exchange.has["cancelAllOrders"]:
            raise CannotAsk
        return self.exchange.cancel_all_orders(*self._which(intent))

    def _which(self, intent: Told) -> tuple[Any, ...]:
        """The instrument, or all of the product."""
        kind = "spot" if self.script.product == "spot" else "swap"
        rest: tuple[Any, ...] = () if self.script.venue in ("kraken", "coinbase") else ({"type": kind},)
        return (None, *rest) if intent.get("of_all") else (self.unified,)

    def ask_time(self, _intent: Told) -> Any:
        return self.exchange.fetch_time()

    def ask_ticker(self, _intent: Told) -> Any:
        return self.exchange.fetch_ticker(self.unified)

    def ask_tickers(self, _intent: Told) -> Any:
        return self.exchange.fetch_tickers(None, {"type": "spot" if self.script.product == "spot" else "swap"})

    def ask_book(self, intent: Told) -> Any:
        return self.exchange.fetch_order_book(self.unified, intent["depth"])

    def ask_trades(self, intent: Told) -> Any:
        return self.exchange.fetch_trades(self.unified, None, intent["limit"], self._after(intent))

    def ask_candles(self, intent: Told) -> Any:
        since, until = _span(intent)
        return self.exchange.fetch_ohlcv(self.unified, intent.get("interval", "1m"), since, intent["limit"], until)

    def ask_balances(self, _intent: Told) -> Any:
        return self.exchange.fetch_balance()

    def ask_fees(self, _intent: Told) -> Any:
        return self.exchange.fetch_trading_fee(self.unified)

    def ask_open_orders(self, intent: Told) -> Any:
        if "after" in intent:
            more = {"ordType": "conditional,oco", **self._door(intent)} if "of_stop" in intent else {}
            return self.exchange.fetch_open_orders(self.unified, None, None, {**self._after(intent), **more})
        if not intent.get("of_all"):
            return self.exchange.fetch_open_orders(self.unified)
        symbol, *params = self._which(intent)
        return self.exchange.fetch_open_orders(symbol, params=next(iter(params), {}))

    def ask_closed_orders(self, intent: Told) -> Any:
        since, more = self._page(intent)
        return self.exchange.fetch_closed_orders(self.unified, since, intent["limit"], more)

    def ask_fills(self, intent: Told) -> Any:
        if intent.get("of_order"):
            return self.exchange.fetch_order_trades(intent["order_id"], self.unified)
        since, more = self._page(intent)
        return self.exchange.fetch_my_trades(self.unified, since, intent["limit"], more)

    def _page(self, intent: Told) -> tuple[int | None, dict[str, Any]]:
        if self.script.venue == "binance" and "after" in intent:
            return None, self._after(intent)  # ids and times do not go together
        since, until = _span(intent)
        return since, {**until, **self._after(intent)}

    def _after(self, intent: Told) -> dict[str, str]:
        """Of a page that is not the first: the venue's own parameter, which ccxt passes on."""
        if "after" not in intent:
            return {}
        if intent["do"] == "trades":
            words = {"binance": "fromId", "okx": "after", "kraken": "since", "coinbase": "end"}
        else:
            by_id = "orderId" if intent["do"] == "closed_orders" else "fromId"
            words = {"binance": by_id, "okx": "after", "kraken": "ofs", "coinbase": "cursor", "bybit": "cursor"}
        if self.script.venue not in words:
            raise CannotAsk
        return {words[self.script.venue]: intent["after"]}

    def ask_positions(self, _intent: Told) -> Any:
        return self.exchange.fetch_positions([self.unified])

    def ask_funding(self, _intent: Told) -> Any:
        return self.exchange.fetch_funding_rate(self.unified)

    def ask_leverage(self, intent: Told) -> Any:
        return self.exchange.set_leverage(int(intent["leverage"]), self.unified)

    def ask_margin_mode(self, intent: Told) -> Any:
        return self.exchange.set_margin_mode(
            intent["mode"], self.unified, {"lever": "5"} if self.script.venue == "okx" else {}
        )

    def ask_position_mode(self, intent: Told) -> Any:
        return self.exchange.set_position_mode(intent["mode"] == "hedge", self.unified)


def _span(intent: Told) -> tuple[int | None, dict[str, int]]:
    if "start_s" not in intent:
        return None, {}
    return intent["start_s"] * 1000, {"until": intent["end_s"] * 1000}


def options(script: Script) -> dict[str, Any]:
    """ccxt's own options, so that it asks for what the sandboxes have: no wallets, no on-chain networks."""
    by_quantity = {"createMarketBuyOrderRequiresPrice": False}
    match script.venue:
        case "coinbase":
            known = {"currencies": [], "exchangeRates": {}, "timestamp": 2**50, "expires": 2**50}
            third = {"fetchTime": "v3PublicGetBrokerageTime", "fetchBalance": "v3PrivateGetBrokerageAccounts"}
            return {**third, **by_quantity, "fetchCurrencies": known}
        case "bybit":
            types = {"fetchMarkets": {"types": [script.product]}}
            return {**types, **by_quantity, "fetchOrder": {"acknowledged": True}}
        case "okx":
            return {"fetchMarkets": {"types": ["spot" if script.product == "spot" else "swap"]}}
        case "binance":
            quiet = {"warnOnFetchOpenOrdersWithoutSymbol": False}
            return {"fetchMarkets": {"types": [script.product]}, "fetchMargins": False, **quiet}
    return {}
