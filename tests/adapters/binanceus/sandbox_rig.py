"""A simulated Binance.US on a clock that tests set by hand, and a client that signs as the venue's papers say."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlencode

from tests.adapters.binance.sandbox_rig import Answer, Params
from tests.shared import CHECKOUT
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified.sandbox.dialect import Incoming, Setting
from unified_binanceus.sandbox import BinanceUsSandbox

CATALOGUE = Catalogue(CHECKOUT / "adapters" / "unified_binanceus" / "errors.csv")
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "60000",
}


class Rig:
    """The sandbox and the time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.dialect = BinanceUsSandbox(Setting(now=lambda: self.seconds))

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.dialect.engine.advance(self.dialect.clock.true_us())

    def get(self, path: str, params: Params | None = None) -> Answer:
        """Without a key."""
        return self._handle(Incoming(door="spot", method="GET", path=path, query=urlencode(params or {})))

    def ask(
        self, method: str, path: str, params: Params | None = None, who: str = "main", *, held_s: float = 0
    ) -> Answer:
        """Signed, all in the query; `held_s` is the time that a fault holds it up after its arrival."""
        credentials = self.dialect.credentials(who)
        text = urlencode({**(params or {}), "timestamp": self.dialect.now_ms})
        mac = hmac.new(credentials.secret.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()
        arrived_us = self.dialect.clock.true_us()
        self.wait(held_s)
        return self._handle(
            Incoming(
                door="spot",
                method=method,
                path=path,
                query=f"{text}&signature={mac}",
                headers={"x-mbx-apikey": credentials.key},
                arrived_us=arrived_us,
                delayed=held_s > 0,
            )
        )

    def keyed(self, method: str, params: Params, who: str = "main") -> Answer:
        """A call of listen keys: it names the API key and signs nothing."""
        headers = {"x-mbx-apikey": self.dialect.credentials(who).key}
        path = "/api/v3/userDataStream"
        return self._handle(Incoming(door="spot", method=method, path=path, query=urlencode(params), headers=headers))

    def _handle(self, incoming: Incoming) -> Answer:
        """Every code that the sandbox answers is in the adapter's catalogue, under a telling kind."""
        answer = self.dialect.handle(incoming)
        content = json.loads(answer.body)
        if answer.status != 200 and "code" in content:
            row = CATALOGUE.find(
                str(content["code"]), message=content["msg"], http_status=answer.status, surfaces=("spot",)
            )
            assert row is not None, content
            assert row.kind is not Kind.UNKNOWN, content
        return Answer(answer.status, answer.headers, content)
