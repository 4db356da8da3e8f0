"""The ports are shapes: what the standard library and a small class offer must fit them."""

from __future__ import annotations

import inspect
import random
import time

from unified.http import HttpRequest, HttpResponse, Method
from unified.ports import Chance, Pool, Transport, WallClock


class Echo:
    """A transport that answers with the path it was asked for."""

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        return HttpResponse(status=200, body=f"{pool} {timeout:g} {request.path}".encode())

    async def aclose(self) -> None:
        return None


async def test_a_class_with_two_methods_is_a_transport() -> None:
    transport: Transport = Echo()
    request = HttpRequest(method=Method.GET, base="https://api.example.com", path="/time")
    answer = await transport.send(request, timeout=2.5, pool=Pool.READS)
    await transport.aclose()
    assert answer.body == b"reads 2.5 /time"


def test_a_time_out_and_a_pool_are_said_by_name() -> None:
    parameters = inspect.signature(Transport.send).parameters
    named = {name for name, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY}
    assert named == {"timeout", "pool"}
    assert all(parameters[name].default is inspect.Parameter.empty for name in named)


def test_the_standard_library_offers_chance_and_a_clock() -> None:
    chance: Chance = random.Random(7)
    wall: WallClock = time
    assert 0 <= chance.random() < 1
    assert chance.getrandbits(8) < 256
    assert wall.time_ns() > 1_700_000_000_000_000_000
