"""A client of Kraken's sandbox for tests: signs by Kraken's recipe itself, with nothing of the adapter."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.secret import Credentials
from unified_kraken.sandbox import KrakenSandbox


def api_sign(secret: str, path: str, nonce: str, body: str) -> str:
    """docs.kraken.com, guide spot-rest-auth (2026-05-27)."""
    message = path.encode() + hashlib.sha256((nonce + body).encode()).digest()
    return base64.b64encode(hmac.new(base64.b64decode(secret), message, hashlib.sha512).digest()).decode()


class Rig:
    """The sandbox on a clock that tests set by hand, and a client of it."""

    def __init__(self, seed: int = 0) -> None:
        self.seconds = 0.0
        self.venue = KrakenSandbox(Setting(now=lambda: self.seconds, seed=seed))
        self.nonce = 1_000
        self.credentials = {
            name: account.credentials
            for name, account in zip(("maker", "taker", "starter", "poor", "reader"), self.venue.accounts, strict=True)
        }

    # --- requests

    def send(self, incoming: Incoming) -> Outgoing:
        self.venue.engine.advance(self.venue.clock.true_us())
        return self.venue.handle(incoming)

    def get(self, call: str, **parameters: Any) -> Any:
        return answer(
            self.send(Incoming(door="rest", method="GET", path=f"/0/public/{call}", query=urlencode(parameters)))
        )

    def post(self, call: str, who: str = "maker", **fields: Any) -> Any:
        """As a form."""
        self.nonce += 1
        return self.signed(call, urlencode({"nonce": self.nonce, **fields}), who)

    def post_json(self, call: str, who: str = "maker", **fields: Any) -> Any:
        self.nonce += 1
        return self.signed(call, json.dumps({"nonce": str(self.nonce), **fields}), who, kind="application/json")

    def signed(
        self, call: str, body: str, who: str, *, kind: str = "application/x-www-form-urlencoded", nonce: str = ""
    ) -> Any:
        return answer(self.send(self.incoming(call, body, self.credentials[who], kind=kind, nonce=nonce)))

    def incoming(
        self, call: str, body: str, credentials: Credentials, *, kind: str, nonce: str = "", arrived_us: int = 0
    ) -> Incoming:
        path, nonce = f"/0/private/{call}", nonce or str(self.nonce)
        headers = {
            "api-key": credentials.key,
            "api-sign": api_sign(credentials.secret.reveal(), path, nonce, body),
            "content-type": kind,
        }
        return Incoming(
            door="rest", method="POST", path=path, headers=headers, body=body.encode(), arrived_us=arrived_us
        )

    def place(self, who: str = "maker", **fields: Any) -> Any:
        """A resting buy unless the fields say otherwise."""
        usual = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "0.01", "price": "50000"}
        return self.post("AddOrder", who, **{**usual, **fields})

    def placed(self, who: str = "maker", **fields: Any) -> str:
        """The id of an order that was taken."""
        return str(result(self.place(who, **fields))["txid"][0])

    def order(self, txid: str, who: str = "maker") -> Any:
        return result(self.post("QueryOrders", who, txid=txid))[txid]


def answer(outgoing: Outgoing) -> Any:
    return json.loads(outgoing.body)


def result(content: Any) -> Any:
    assert content["error"] == [], content
    return content["result"]


def refusal(content: Any) -> str:
    """The one text of a refusal."""
    assert "result" not in content, content
    (text,) = content["error"]
    return str(text)
