"""The tutorial's code runs: its first adapter answers through a real client, its procedure walks pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from tests.documents import DOCS, code_blocks
from tests.toy import BTC, order_of, placed, virtual, world
from unified.client import Client
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Instruments
from unified.operations import CancelAll, CancelOrder, FetchOpenOrders, FetchTicker, Page
from unified.ports import Pool

PAGE = DOCS / "write-an-adapter.md"


def defined(number: int) -> dict[str, Any]:
    """What the page's code block defines."""
    found: dict[str, Any] = {"__name__": f"tutorial_{number}"}
    exec(compile(code_blocks(PAGE)[number], str(PAGE), "exec"), found)
    return found


def test_the_first_adapter_answers_through_a_client() -> None:
    async def story() -> None:
        tiny = defined(0)["Tiny"]
        wire = Played({"last": "60000.10"})
        async with Client(tiny, transport=wire, world=world()) as client:
            ticker = await client.run(FetchTicker(instrument=BTC))
        assert ticker.last == Decimal("60000.10")
        assert wire.asked == ["https://api.tiny.example/ticker?symbol=BTCUSDT"]

    virtual(story)


def test_the_procedure_cancels_page_by_page() -> None:
    steps = defined(1)["cancel_all"](CancelAll(listing=Instruments()))
    first = next(steps)
    assert isinstance(first, FetchOpenOrders)
    cancel = steps.send(Page(items=(order_of(placed("a")),), cursor="2"))
    assert isinstance(cancel, CancelOrder)
    second = steps.send(None)
    assert (type(second), second.cursor) == (FetchOpenOrders, "2")


class Played:
    """A transport that answers every request alike, and keeps their addresses."""

    def __init__(self, answer: dict[str, str]) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        self.asked.append(request.url)
        return HttpResponse(status=200, body=orjson.dumps(self._answer))

    async def aclose(self) -> None:
        """Nothing is open."""
