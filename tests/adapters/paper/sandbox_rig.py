"""The simulated Paper without a network: requests to its dialect, and one stream connection."""

from __future__ import annotations

import json
from typing import Any

from attrs import define, field

from unified.adapter import Stamp
from unified.http import Method
from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.sandbox.streams import Opening, Talk
from unified_paper.auth import Auth
from unified_paper.sandbox import PaperDialect
from unified_paper.sandbox_calls import Call
from unified_paper.sandbox_keys import CREDENTIALS


@define
class Rig:
    """A venue whose time stands until it is told to go on."""

    now: float = 0.0
    dialect: PaperDialect = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.dialect = PaperDialect(Setting(now=lambda: self.now))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.dialect.engine.advance(self.dialect.clock.true_us())

    def call(self, **fields: str) -> Call:
        """What an endpoint is given."""
        return Call(engine=self.dialect.engine, account=self.dialect.engine.accounts["client"], fields=fields)

    def headers(self, method: Method, path: str, body: bytes = b"", *, late_ms: int = 0) -> dict[str, str]:
        stamp = Stamp(time_ms=self.dialect.now_ms - late_ms, window_ms=2000, nonce=1, token="0" * 32)
        return dict(Auth(CREDENTIALS).headers(method, path, "", body, stamp))

    def ask(self, method: Method, path: str, query: str = "", **more: Any) -> Outgoing:
        incoming = Incoming(door="main", method=method.value, path=path, query=query, **more)
        return self.dialect.handle(incoming)

    def market_order(self, **terms: str) -> dict[str, str]:
        """The fields of an order that fills at once."""
        return {name: said for name, said in self.order(type="market", **terms).items() if name != "price"}

    def order(self, **terms: str) -> dict[str, str]:
        """The fields of an order that rests."""
        return {
            "symbol": "BTCUSDT",
            "side": "buy",
            "type": "limit",
            "client_order_id": "c1",
            "quantity": "0.01",
            "price": "50000",
            **terms,
        }


class Listener:
    """One connection to the rig's venue."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        talk = rig.dialect.talk(Opening(door="main", path="/stream"))
        assert isinstance(talk, Talk)
        self.talk = talk
        self.frames: list[dict[str, Any]] = []

    def say(self, do: str, **about: Any) -> list[dict[str, Any]]:
        return self._heard(self.talk.receive(json.dumps({"id": 7, "do": do, **about})))

    def log_in(self, **changes: str) -> dict[str, Any]:
        (answer,) = self.say("login", **{"as": {**self.rig.headers(Method.GET, "/stream"), **changes}})
        return answer

    def wait(self, seconds: float) -> list[dict[str, Any]]:
        found = []
        for _ in range(round(seconds / 0.05)):
            self.rig.wait(0.05)
            found += self._heard(self.talk.pulse())
        return found

    def _heard(self, texts: list[str]) -> list[dict[str, Any]]:
        found = [json.loads(text) for text in texts]
        self.frames += found
        return found
