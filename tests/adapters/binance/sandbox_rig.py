"""A simulated Binance on a clock that tests set by hand, and a client that signs as the venue's papers say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.shared import CHECKOUT
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.secret import Credentials
from unified_binance.sandbox import BinanceSandbox

CATALOGUE = Catalogue(CHECKOUT / "adapters" / "unified_binance" / "errors.csv")
AHEAD_MS = {"spot": 0, "linear": -400}
HALF_DONE = -2021
"""The one code whose meaning depends on what stands beside it."""

Params = Mapping[str, object]


@frozen
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: Any

    @property
    def error(self) -> tuple[int, int, str]:
        """HTTP status, code and text of a refusal."""
        return self.status, self.content["code"], self.content["msg"]


def sign(credentials: Credentials, text: str) -> str:
    """Hex for a shared secret, base64 for a private key."""
    secret = credentials.secret.reveal()
    if "BEGIN" not in secret:
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    key = load_pem_private_key(secret.encode(), password=None)
    if isinstance(key, RSAPrivateKey):
        raw = key.sign(text.encode(), PKCS1v15(), SHA256())
    else:
        assert isinstance(key, Ed25519PrivateKey)
        raw = key.sign(text.encode())
    return base64.b64encode(raw).decode()


class Rig:
    """The sandbox and the time."""

    def __init__(self, seed: int = 0) -> None:
        self.seconds = 0.0
        self.dialect = BinanceSandbox(Setting(now=lambda: self.seconds, seed=seed))

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.dialect.engine.advance(self.dialect.clock.true_us())

    def now_ms(self, door: str) -> int:
        return self.dialect.now_ms + AHEAD_MS[door]

    def account(self, name: str = "hmac") -> Account:
        return self.dialect.engine.accounts[name]

    def instrument(self, product: Product, symbol: str = "BTCUSDT") -> Instrument:
        return self.dialect.engine.instrument(product, symbol)

    # --- requests

    def signed(
        self, door: str, params: Params, who: str = "hmac", *, stamp: int | None = None, signature: str | None = None
    ) -> tuple[str, dict[str, str]]:
        """A query text with timestamp and signature, and the headers that go with it."""
        credentials = self.dialect.credentials(who)
        text = urlencode({**params, "timestamp": self.now_ms(door) if stamp is None else stamp})
        made = sign(credentials, text) if signature is None else signature
        return f"{text}&signature={quote(made, safe='')}", {"x-mbx-apikey": credentials.key}

    def handle(self, incoming: Incoming) -> Answer:
        answer = self.dialect.handle(incoming)
        self._check_code(incoming.door, answer)
        content = json.loads(answer.body) if "json" in answer.headers["content-type"] else answer.body.decode()
        return Answer(answer.status, answer.headers, content)

    def get(self, door: str, path: str, params: Params | None = None, **headers: str) -> Answer:
        """Without a key."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.handle(Incoming(door=door, method="GET", path=path, query=urlencode(params or {}), headers=named))

    def ask(self, door: str, method: str, path: str, params: Params | None = None, who: str = "hmac") -> Answer:
        """Signed, all in the query."""
        query, headers = self.signed(door, params or {}, who)
        return self.handle(Incoming(door=door, method=method, path=path, query=query, headers=headers))

    def spot(self, who: str = "hmac", /, **params: object) -> Answer:
        """Place on spot: a resting limit order to buy bitcoin unless `params` say otherwise; None leaves out."""
        usual = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.01",
            "price": "60000",
        }
        return self.ask("spot", "POST", "/api/v3/order", told({**usual, **params}), who)

    def linear(self, who: str = "hmac", /, **params: object) -> Answer:
        """The same on USD-M."""
        usual = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.010",
            "price": "60000",
        }
        return self.ask("linear", "POST", "/fapi/v1/order", told({**usual, **params}), who)

    @staticmethod
    def _check_code(door: str, answer: Outgoing) -> None:
        """Every code that the sandbox answers is in the adapter's catalogue, under a telling kind."""
        if answer.status == 200 or "json" not in answer.headers["content-type"]:
            return
        content = json.loads(answer.body)
        if "code" in content:
            check_code(door, answer.status, content)


def check_code(door: str, status: int, content: Mapping[str, Any]) -> None:
    row = CATALOGUE.find(str(content["code"]), message=content["msg"], http_status=status, surfaces=(door,))
    assert row is not None, content
    assert row.kind is not Kind.UNKNOWN or content["code"] == HALF_DONE, content


def told(params: Params) -> dict[str, object]:
    """Without what is None."""
    return {name: value for name, value in params.items() if value is not None}


MARKET: Params = {"type": "MARKET", "timeInForce": None, "price": None}
"""Turns the usual order into a market order."""
