"""A simulated Coinbase on a clock set by hand, and a client that makes its tokens by the venue's recipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import urlencode

import jwt
from attrs import frozen

from unified.instrument import Instrument
from unified.sandbox.accounts import Account
from unified.sandbox.clock import DEFAULT_BASE_US
from unified.sandbox.dialect import Incoming, Setting
from unified.sandbox.orders import VenueOrder
from unified_coinbase.sandbox import CoinbaseSandbox
from unified_coinbase.sandbox_keys import HOLDERS, Holder

ROOT = "/api/v3/brokerage"
HOST = "api.coinbase.com"
_NUMBERS = count(1)


def holder(name: str) -> Holder:
    return {item.name: item for item in HOLDERS}[name]


def token(who: Holder, uri: str, now_s: int, changes: Mapping[str, Any] | None = None) -> str:
    """As the venue's documentation makes it; `changes` replace claims, None removes one."""
    claims = {"sub": who.key_name, "iss": "cdp", "nbf": now_s, "exp": now_s + 120, "uri": uri}
    claims |= dict(changes or {})
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        who.secret.replace("\\n", "\n") if "BEGIN" in who.secret else who.private_key,
        algorithm="EdDSA" if "Ed25519" in type(who.private_key).__name__ else "ES256",
        headers={"kid": who.key_name, "nonce": "000102030405060708090a0b0c0d0e0f"},
    )


@frozen
class Reply:
    """An answer, read."""

    status: int
    content: Any
    headers: Mapping[str, str]

    @property
    def failure(self) -> dict[str, Any]:
        """Of an order that was refused inside HTTP 200."""
        assert (self.status, self.content["success"]) == (200, False), self.content
        found = self.content["error_response"]
        assert isinstance(found, dict)
        return found


class Rig:
    """`seconds` is the true time since the start; `wait` lets it pass."""

    def __init__(self, seed: int = 0, name: str = "first", base_us: int = DEFAULT_BASE_US) -> None:
        self.seconds = 0.0
        self.sandbox = CoinbaseSandbox(Setting(now=lambda: self.seconds, seed=seed, base_us=base_us))
        self.name = name

    @property
    def account(self) -> Account:
        return self.sandbox.engine.accounts[self.name]

    def instrument(self, symbol: str) -> Instrument:
        return {item.symbol: item for item in self.sandbox.engine.instruments}[symbol]

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.sandbox.engine.advance(self.sandbox.clock.true_us())

    def settle(self) -> None:
        """Let what was acknowledged happen; shorter than a step of the market."""
        self.wait(0.1)

    def get(self, path: str, name: str | None = None, **query: Any) -> Reply:
        """With a token unless it is public. A list repeats its parameter."""
        signed = not path.startswith(("market/", "time"))
        return self.send("GET", path, query=urlencode(query, doseq=True), name=name, signed=signed)

    def post(self, path: str, content: Any, name: str | None = None) -> Reply:
        return self.send("POST", path, body=json.dumps(content), name=name)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: str = "",
        signed: bool = True,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
        claims: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Reply:
        """`headers` go on top; `claims` replace those of the token."""
        full = f"{ROOT}/{path}"
        sent = {"host": HOST}
        if signed:
            made = token(
                holder(name or self.name),
                f"{method} {HOST}{full}",
                self.sandbox.now_us // 1_000_000,
                claims,
            )
            sent["authorization"] = f"Bearer {made}"
        sent |= dict(headers or {})
        return self.deliver(
            Incoming(door="rest", method=method, path=full, query=query, headers=sent, body=body.encode(), **more)
        )

    def deliver(self, incoming: Incoming) -> Reply:
        """As the reception does it: what is due happens first."""
        self.sandbox.engine.advance(self.sandbox.clock.true_us())
        answer = self.sandbox.handle(incoming)
        is_json = answer.headers["content-type"] == "application/json"
        content = json.loads(answer.body) if is_json else answer.body.decode()
        return Reply(answer.status, content, answer.headers)

    # --- orders

    def create(self, name: str | None = None, **changes: Any) -> Reply:
        return self.post("orders", order(**changes), name)

    def created(self, **changes: Any) -> str:
        """The id of an order that was accepted and has settled."""
        reply = self.create(**changes)
        assert reply.content["success"], reply
        self.settle()
        return str(reply.content["success_response"]["order_id"])

    def shown(self, number: str) -> dict[str, Any]:
        found = self.get(f"orders/historical/{number}").content["order"]
        assert isinstance(found, dict)
        return found

    def cancel(self, *numbers: str) -> list[dict[str, Any]]:
        found = self.post("orders/batch_cancel", {"order_ids": list(numbers)}).content["results"]
        assert isinstance(found, list)
        return found

    def last_order(self) -> VenueOrder:
        return self.account.orders[-1]


def limit(price: str = "59000", size: str = "1", **more: Any) -> dict[str, Any]:
    """A limit order that rests: a buy somewhat below the market."""
    return {"limit_limit_gtc": {"base_size": size, "limit_price": price, **more}}


def market(**sizes: str) -> dict[str, Any]:
    return {"market_market_ioc": sizes}


def order(
    configuration: dict[str, Any] | None = None,
    *,
    side: str = "BUY",
    product: str = "BTC-USD",
    client_order_id: str | None = None,
) -> dict[str, Any]:
    return {
        "client_order_id": client_order_id or f"dummy-{next(_NUMBERS)}",
        "product_id": product,
        "side": side,
        "order_configuration": configuration or limit(),
    }
