from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.unified.sandbox.toy import Toy, signature
from unified.errors import Kind, Outcome, VenueError
from unified.http import HttpRequest, HttpResponse, Method
from unified.ports import Pool, Transport
from unified.sandbox.dialect import Incoming, RequestClass, Setting
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.ledger import AttemptRecord, Verdict, digest_of
from unified.sandbox.network import SandboxNetwork
from unified.testing.loop import run


def network(plan: FaultPlan | None = None, **more: Any) -> SandboxNetwork:
    return SandboxNetwork(Toy(Setting(now=asyncio.get_running_loop().time)), plan, **more)


def request(world: SandboxNetwork, method: str, path: str, content: object = None) -> HttpRequest:
    body = b"" if content is None else json.dumps(content).encode()
    stamp = str(world.reception.dialect.now_ms)
    headers = {"X-Time": stamp, "X-Sign": signature(stamp, method, path, body)}
    return HttpRequest(method=Method(method), base=world.urls["main"], path=path, headers=headers, body=body)


def order(world: SandboxNetwork, name: str, price: str = "59000") -> HttpRequest:
    content = {"symbol": "BTC-USD", "side": "buy", "price": price, "quantity": "0.01", "id": name}
    return request(world, "POST", "/orders", content)


def test_a_request_goes_there_and_back_in_virtual_time() -> None:
    async def main() -> tuple[HttpResponse, HttpResponse]:
        world = network(one_way_s=1.0)
        transport: Transport = world.transport()
        first = await transport.send(order(world, "one"), timeout=10, pool=Pool.ORDERS)
        second = await transport.send(request(world, "GET", "/orders/one"), timeout=10, pool=Pool.ORDERS)
        await transport.aclose()
        return first, second

    first, second = run(main())
    assert json.loads(second.body)["status"] == "new"
    assert 1.0 <= second.received_at - second.sent_at <= 3.0
    assert (first.fresh_connection, second.fresh_connection) == (True, False)
    assert second.header("content-type") == "application/json"


def test_the_venue_sees_the_host_that_was_asked() -> None:
    """Tokens of some venues name it."""

    async def main() -> list[str]:
        world = network()
        dialect, seen = world.reception.dialect, []
        classify = dialect.classify

        def watched(incoming: Incoming) -> RequestClass:
            seen.append(incoming.header("host"))
            return classify(incoming)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dialect, "classify", watched)
            await world.transport().send(order(world, "one"), timeout=10, pool=Pool.ORDERS)
        return [*seen, world.urls["main"]]

    seen, url = run(main())
    assert url.endswith(f"//{seen}")


def test_a_request_that_timed_out_still_runs_at_the_venue() -> None:
    async def main() -> tuple[VenueError, int]:
        world = network(one_way_s=1.0)
        transport = world.transport()
        with pytest.raises(VenueError) as caught:
            await transport.send(order(world, "one"), timeout=0.2, pool=Pool.ORDERS)
        await asyncio.sleep(5)
        return caught.value, world.ledger.verdict().orders

    error, orders = run(main())
    assert (error.kind, error.outcome, orders) == (Kind.REQUEST_TIMEOUT, Outcome.UNKNOWN, 1)


def test_what_is_given_up_at_the_close_never_arrives() -> None:
    async def main() -> int:
        world = network(one_way_s=1.0)
        transport = world.transport()
        with pytest.raises(VenueError):
            await transport.send(order(world, "one"), timeout=0.1, pool=Pool.ORDERS)
        await transport.aclose()
        await transport.aclose()
        await asyncio.sleep(5)
        return world.ledger.verdict().requests

    assert run(main()) == 0


def test_a_foreign_address_is_not_reached() -> None:
    async def main() -> None:
        elsewhere = HttpRequest(method=Method.GET, base="http://elsewhere.example", path="/")
        await network().transport().send(elsewhere, timeout=1, pool=Pool.READS)

    with pytest.raises(KeyError):
        run(main())


async def _storm(seed: int) -> tuple[list[str], Verdict]:
    """Five clients that each place and look, whatever happens."""
    world = network(FaultPlan(Profile.HARSH, seed))
    seen: list[str] = []
    attempts: list[AttemptRecord] = []

    async def send(sent: HttpRequest) -> None:
        attempts.append(AttemptRecord(sent.method, sent.path, digest_of(sent.query, sent.body)))
        transport = world.transport()
        try:
            answer = await transport.send(sent, timeout=2, pool=Pool.ORDERS)
            seen.append(f"{answer.status} {answer.body.decode('utf-8', 'replace')}")
        except VenueError as error:
            seen.append(f"{error.kind} {asyncio.get_running_loop().time():.3f}")

    async def client(number: int) -> None:
        for turn in range(100):
            await send(order(world, f"{number}-{turn}"))
            await asyncio.sleep(0.5)
            await send(request(world, "GET", f"/orders/{number}-{turn}"))

    await asyncio.gather(*(client(number) for number in range(5)))
    return seen, world.ledger.verdict(attempts=attempts)


def test_a_storm_is_the_same_in_every_run_of_its_seed() -> None:
    first = run(_storm(1))
    assert first == run(_storm(1))
    assert first != run(_storm(2))


def test_a_storm_shows_every_way_to_fail_and_hides_no_request() -> None:
    seen, verdict = run(_storm(3))
    texts = "\n".join(seen)
    for sign in ("connection_lost", "request_timeout", "overloaded", "<html>", "throttled", "maintenance", "banned"):
        assert sign in texts
    assert verdict.unattributed_requests == 0
    assert verdict.requests == 1000


def test_addresses_are_such_that_a_client_takes_them_and_found_under_any_scheme() -> None:
    async def main() -> tuple[str, str, str]:
        world = network()
        url = world.urls["main"]
        return url, world.door_of(url), world.door_of(url.replace("https", "http"))

    assert run(main()) == ("https://main.toy.sandbox", "main", "main")
