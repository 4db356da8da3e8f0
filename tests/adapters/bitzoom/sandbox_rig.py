"""A simulated Bitzoom on a clock that tests set by hand, and a client that signs as the venue's papers say."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import urlencode

from attrs import frozen

from tests.shared import CHECKOUT
from unified.catalogue import Catalogue
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import Incoming, Setting
from unified_bitzoom.sandbox import BitzoomSandbox
from unified_bitzoom.sandbox_keys import canonical

CATALOGUE = Catalogue(CHECKOUT / "adapters" / "unified_bitzoom" / "errors.csv")
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.01", "price": "60000"}


@frozen
class Answer:
    """What came back."""

    status: int
    content: Any

    @property
    def data(self) -> Any:
        assert self.status == 200, self.content
        return self.content["data"]

    @property
    def code(self) -> int:
        return int(self.content["code"])


class Rig:
    """The sandbox and the time. A second passes before each request, so that no limit is met by chance."""

    def __init__(self, dialect: type[BitzoomSandbox] = BitzoomSandbox) -> None:
        self.seconds = 0.0
        self.dialect = dialect(Setting(now=lambda: self.seconds))
        self._nonces = count(1)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.dialect.engine.advance(self.dialect.clock.true_us())

    def account(self, name: str = "main") -> Account:
        return self.dialect.engine.accounts[name]

    def get(self, path: str, **params: object) -> Answer:
        """Without a key."""
        self.wait(1)
        return self.handle(Incoming(door="main", method="GET", path=path, query=urlencode(params)))

    def ask(
        self, method: str, path: str, said: Mapping[str, Any] | None = None, who: str = "main", **how: Any
    ) -> Answer:
        """Signed; `nonce`, `late_ms` and `signature` stand in for what is usual."""
        self.wait(1)
        query = urlencode(said or {}) if method == "GET" else ""
        body = b"" if method == "GET" else json.dumps(said or {}).encode()
        incoming = Incoming(door="main", method=method, path=path, query=query, body=body)
        headers = self.headers(incoming, who, **how)
        return self.handle(Incoming(door="main", method=method, path=path, query=query, body=body, headers=headers))

    def headers(self, incoming: Incoming, who: str, **how: Any) -> dict[str, str]:
        credentials = self.dialect.credentials(who)
        time = str(self.dialect.now_ms - how.get("late_ms", 0))
        nonce = how.get("nonce", f"n-{next(self._nonces)}")
        lines = [time, nonce, "5000", incoming.method, incoming.path, canonical(incoming.query)]
        text = "\n".join([*lines, hashlib.sha256(incoming.body).hexdigest()])
        made = hmac.new(credentials.secret.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()
        return {
            "content-type": "application/json",
            "x-bz-apikey": credentials.key,
            "x-bz-timestamp": time,
            "x-bz-nonce": nonce,
            "x-bz-recvwindow": "5000",
            "x-bz-signature": how.get("signature", made),
        }

    def place(self, who: str = "main", **terms: Any) -> Answer:
        """A resting limit order to buy unless `terms` say otherwise; None leaves out."""
        said = {name: value for name, value in {**ORDER, **terms}.items() if value is not None}
        return self.ask("POST", "/api/v1/order", said, who)

    def handle(self, incoming: Incoming) -> Answer:
        """Every code that the sandbox answers is in the adapter's catalogue."""
        answer = self.dialect.handle(incoming)
        content = json.loads(answer.body)
        if answer.status != 200 and "code" in content:
            assert CATALOGUE.holds(str(content["code"])), content
        return Answer(answer.status, content)
