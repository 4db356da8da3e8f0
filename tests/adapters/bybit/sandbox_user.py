"""A client of the simulated Bybit that signs by the sheet's recipe, never by the adapter, on a clock set by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.secret import Credentials
from unified_bybit.sandbox import BybitSandbox


def signature(credentials: Credentials, signed: bytes) -> str:
    """Hex for a generated secret, base64 for a key of one's own."""
    secret = credentials.secret.reveal()
    if secret.startswith("-----BEGIN"):
        key = load_pem_private_key(secret.encode(), None)
        assert isinstance(key, RSAPrivateKey)
        return base64.b64encode(key.sign(signed, PKCS1v15(), SHA256())).decode()
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def content(answer: Outgoing) -> Any:
    return json.loads(answer.body)


class User:
    """The venue and one account's way to it."""

    def __init__(self, seed: int = 0, *, who: str = "one", peer: str = "127.0.0.1") -> None:
        self.seconds = 0.0
        self.venue = BybitSandbox(Setting(now=lambda: self.seconds, seed=seed))
        self.who = who
        self.peer = peer

    @property
    def credentials(self) -> Credentials:
        return next(account.credentials for account in self.venue.accounts if account.name == self.who)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.venue.engine.advance(self.venue.clock.true_us())

    def headers(self, payload: bytes, *, stamp_ms: int | None = None, window: str = "5000") -> dict[str, str]:
        stamp = str(self.venue.now_ms if stamp_ms is None else stamp_ms)
        signed = f"{stamp}{self.credentials.key}{window}".encode() + payload
        return {
            "x-bapi-api-key": self.credentials.key,
            "x-bapi-timestamp": stamp,
            "x-bapi-recv-window": window,
            "x-bapi-sign": signature(self.credentials, signed),
        }

    def send(
        self, method: str, path: str, query: str = "", body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Outgoing:
        if headers is None:
            headers = self.headers(body if method == "POST" else query.encode())
        self.venue.engine.advance(self.venue.clock.true_us())
        incoming = Incoming(
            door="rest", method=method, path=path, query=query, headers=headers, body=body, peer=self.peer
        )
        return self.venue.handle(incoming)

    def get(self, path: str, **parameters: object) -> Any:
        """The envelope."""
        return content(self.send("GET", path, urlencode(parameters)))

    def post(self, path: str, **parameters: object) -> Any:
        return content(self.send("POST", path, body=json.dumps(parameters).encode()))

    def listed(self, path: str, **parameters: object) -> Any:
        """The rows of a list that was found."""
        told = self.get(path, **parameters)
        assert told["retCode"] == 0, told
        return told["result"]["list"]

    def place(self, category: str = "linear", **more: object) -> Any:
        """A limit order that rests, unless `more` says otherwise; the envelope, after the engine has acted."""
        order: dict[str, object] = {
            "category": category,
            "symbol": "BTCUSDT",
            "side": "Buy",
            "orderType": "Limit",
            "qty": "0.01",
            "price": "59500",
            **more,
        }
        told = self.post("/v5/order/create", **{name: value for name, value in order.items() if value is not None})
        self.wait(0.1)
        return told

    def placed(self, category: str = "linear", **more: object) -> str:
        """The id of an order that was acknowledged."""
        told = self.place(category, **more)
        assert told["retCode"] == 0, told
        return str(told["result"]["orderId"])

    def order(self, order_id: str, category: str = "linear", symbol: str = "BTCUSDT") -> Any:
        """The row of one order."""
        (row,) = self.listed("/v5/order/realtime", category=category, symbol=symbol, orderId=order_id)
        return row
