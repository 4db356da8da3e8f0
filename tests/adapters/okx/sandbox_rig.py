"""A simulated OKX on a clock set by hand, and a client that signs by the recipe of the venue's documentation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from attrs import evolve, frozen

from unified.instrument import Instrument
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.secret import Credentials
from unified_okx.sandbox import OkxSandbox

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamp_of(time_us: int) -> str:
    moment = _EPOCH + timedelta(microseconds=time_us)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def signature(secret: str, stamp: str, method: str, target: str, body: str) -> str:
    digest = hmac.new(secret.encode(), f"{stamp}{method}{target}{body}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@frozen
class Reply:
    """An answer, read."""

    status: int
    content: Any

    @property
    def code(self) -> str:
        return str(self.content["code"])

    @property
    def data(self) -> Any:
        return self.content["data"]

    @property
    def row(self) -> dict[str, Any]:
        """The only row."""
        (row,) = self.data
        assert isinstance(row, dict)
        return row

    @property
    def told(self) -> str:
        """The code that counts: that of the only item where there is one, else that of the envelope."""
        data = self.content.get("data")
        return str(data[0].get("sCode", self.code)) if data and isinstance(data[0], dict) else self.code


class _Brief(OkxSandbox):
    """With half an hour of candles: a day of them takes longer to make than most tests to run."""

    rules = evolve(OkxSandbox.rules, history_minutes=30)


class Rig:
    """`seconds` is the true time since the start; `wait` lets it pass."""

    def __init__(self, seed: int = 0, name: str = "first", venue: type[OkxSandbox] = _Brief) -> None:
        self.seconds = 0.0
        self.sandbox = venue(Setting(now=lambda: self.seconds, seed=seed))
        self.name = name

    @property
    def account(self) -> Account:
        return self.sandbox.engine.accounts[self.name]

    def credentials(self, name: str = "") -> Credentials:
        return {account.name: account.credentials for account in self.sandbox.accounts}[name or self.name]

    def instrument(self, symbol: str) -> Instrument:
        return {item.symbol: item for item in self.sandbox.engine.instruments}[symbol]

    def wait(self, seconds: float = 0.01) -> None:
        self.seconds += seconds
        self.sandbox.engine.advance(self.sandbox.clock.true_us())

    def settle(self) -> None:
        """Let what was acknowledged happen; shorter than a step of the market."""
        self.wait(0.02)

    def get(self, path: str, name: str | None = None, **query: str) -> Reply:
        """Signed unless it is public data."""
        signed = path.startswith(("account/", "trade/"))
        return self.send("GET", path, query=urlencode(query), signed=signed, name=name)

    def post(
        self, path: str, content: Any, *, name: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        return self.send("POST", path, body=json.dumps(content), name=name, headers=headers)

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
        **more: Any,
    ) -> Reply:
        """`headers` go on top; an empty one removes the header."""
        target = f"/api/v5/{path}?{query}" if query else f"/api/v5/{path}"
        sent = {"content-type": "application/json"} if body else {}
        if signed:
            sent |= self.signed_headers(method, target, body, name)
        sent = {key: value for key, value in (sent | dict(headers or {})).items() if value}
        return self.deliver(
            Incoming(
                door="rest",
                method=method,
                path=f"/api/v5/{path}",
                query=query,
                headers=sent,
                body=body.encode(),
                **more,
            )
        )

    def signed_headers(self, method: str, target: str, body: str, name: str | None = None) -> dict[str, str]:
        credentials = self.credentials(name or "")
        stamp = stamp_of(self.sandbox.now_us)
        assert credentials.passphrase is not None
        return {
            "ok-access-key": credentials.key,
            "ok-access-passphrase": credentials.passphrase.reveal(),
            "ok-access-timestamp": stamp,
            "ok-access-sign": signature(credentials.secret.reveal(), stamp, method, target, body),
        }

    def deliver(self, incoming: Incoming) -> Reply:
        """As the reception does it: what is due happens first."""
        self.sandbox.engine.advance(self.sandbox.clock.true_us())
        answer: Outgoing = self.sandbox.handle(incoming)
        is_json = answer.headers["content-type"] == "application/json"
        return Reply(answer.status, json.loads(answer.body) if is_json else answer.body.decode())

    # --- orders

    def place(self, symbol: str = "BTC-USDT", **changes: Any) -> Reply:
        return self.post("trade/order", order(symbol, **changes))

    def placed(self, symbol: str = "BTC-USDT", **changes: Any) -> str:
        """The `ordId` of an order that was accepted and has settled."""
        reply = self.place(symbol, **changes)
        assert reply.code == "0", reply
        self.settle()
        return str(reply.row["ordId"])

    def shown(self, number: str, symbol: str = "BTC-USDT") -> dict[str, Any]:
        return self.get("trade/order", instId=symbol, ordId=number).row


def order(symbol: str = "BTC-USDT", **changes: Any) -> dict[str, Any]:
    """A limit order that rests: a buy somewhat below the market. None removes a field."""
    is_swap = symbol.endswith("-SWAP")
    row: dict[str, Any] = {
        "instId": symbol,
        "tdMode": "cross" if is_swap else "cash",
        "side": "buy",
        "ordType": "limit",
        "px": {"BTC": "59000", "ETH": "2950", "SOL": "145"}[symbol.partition("-")[0]],
        "sz": "1",
    }
    row |= changes
    if row["ordType"] == "market" and "px" not in changes:
        row["px"] = None
    return {key: value for key, value in row.items() if value is not None}
