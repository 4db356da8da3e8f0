"""python-okx's WebSocket classes at OKX: they log in, subscribe, and hand on every frame; books are the user's.

Its private class waits five seconds after each login, whatever comes: so there is no faster play.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from okx.websocket.WsPrivateAsync import WsPrivateAsync
from okx.websocket.WsPublicAsync import WsPublicAsync

from tests.fidelity.clients.inbox import Inbox
from tests.fidelity.clients.joined import CHANGES, JoinedBook
from tests.fidelity.clients.okx_python import PythonOkx
from tests.fidelity.clients.playing import Refused
from tests.fidelity.clients.telling import Script

_KIND = {"spot": "SPOT", "linear": "SWAP"}


def peer(script: Script) -> OkxStreams:
    return OkxStreams(script)


class OkxStreams:
    def __init__(self, script: Script) -> None:
        self.script = script
        # It takes a URL, and wants TLS whatever the URL says.
        self.base = f"{script.streams('secure')['rest']}/ws/v5"
        self._open: list[WsPublicAsync | WsPrivateAsync] = []

    async def close(self) -> None:
        for socket in self._open:
            await socket.stop()

    async def _public(self, channel: str) -> Inbox:
        inbox, socket = Inbox(), WsPublicAsync(f"{self.base}/public")
        self._open.append(socket)
        await socket.start()
        await socket.subscribe([{"channel": channel, "instId": self.script.symbol}], _into(inbox))
        return inbox

    async def _private(self, key: str) -> Inbox:
        known, inbox = self.script.account(), Inbox()
        socket = WsPrivateAsync(key, known["passphrase"], known["secret"], f"{self.base}/private")
        self._open.append(socket)
        await socket.start()
        await socket.subscribe([{"channel": "orders", "instType": _KIND[self.script.product]}], _into(inbox))
        return inbox

    async def book(self) -> dict[str, Any]:
        inbox = await self._public("books")
        book = JoinedBook()
        for _ in range(1 + CHANGES):
            (change,) = (await inbox.take(_data))["data"]
            for side in ("bids", "asks"):
                for price, size, *_more in change[side]:
                    book.put(side, price, size)
        return book.top()

    async def ticker(self) -> dict[str, Any]:
        inbox = await self._public("tickers")
        return {"last": (await inbox.take(_data))["data"][0]["last"]}

    async def trades(self) -> dict[str, Any]:
        inbox = await self._public("trades")
        found = (await inbox.take(_data))["data"][-1]
        return {"price": found["px"], "quantity": found["sz"], "side": found["side"]}

    async def own_order(self) -> dict[str, Any]:
        inbox = await self._private(self.script.account()["key"])
        await inbox.take(lambda said: said.get("event") == "subscribe")
        rest = PythonOkx(self.script)
        rest.buy(self.script.symbol, self.script.quantity)
        told = await inbox.take(lambda said: _data(said) and said["data"][0]["ordId"] == rest.order)
        rest.close()
        row = told["data"][0]
        status = {"live": "open"}.get(row["state"], row["state"])
        return {"side": row["side"], "price": row["px"], "quantity": row["sz"], "status": status}

    async def refused(self) -> dict[str, Any]:
        """A key that is not known: the client shows the frame."""
        inbox = await self._private("0" * 36)
        said = await inbox.take(lambda said: said.get("event") == "error")
        raise Refused("error", f"{said['code']} {said['msg']}")


def _into(inbox: Inbox) -> Callable[[str], None]:
    return lambda frame: inbox.put(json.loads(frame))


def _data(said: dict[str, Any]) -> bool:
    return "data" in said
