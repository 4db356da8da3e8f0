from __future__ import annotations

import asyncio
import json

import pytest

from tests.adapters.binance.sandbox_rig import CATALOGUE, MARKET, Rig, check_code
from unified.errors import Outcome
from unified.sandbox.dialect import Incoming, Outgoing, RequestClass, Setting
from unified.sandbox.limits import LimitScope
from unified.sandbox.reception import Reception
from unified.testing.loop import run
from unified_binance.sandbox import BinanceSandbox

PING = {"spot": "/api/v3/ping", "linear": "/fapi/v1/ping"}


@pytest.fixture(params=["spot", "linear"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def pinging(door: str, path: str | None = None, method: str = "GET") -> Incoming:
    return Incoming(door=door, method=method, path=path or PING[door])


def told(door: str, answer: Outgoing) -> tuple[int, int, str]:
    content = json.loads(answer.body)
    check_code(door, answer.status, content)
    return answer.status, content["code"], content["msg"]


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/api/v3/time", RequestClass.TIME),
        ("GET", "/api/v3/depth", RequestClass.READ),
        ("GET", "/api/v3/account", RequestClass.PRIVATE_READ),
        ("POST", "/api/v3/order", RequestClass.ORDER),
        ("DELETE", "/api/v3/openOrders", RequestClass.CANCEL),
        ("POST", "/api/v3/order/test", RequestClass.WRITE),
        ("GET", "/nowhere", RequestClass.READ),
    ],
)
def test_a_request_is_classed_by_what_it_is_about(rig: Rig, method: str, path: str, kind: RequestClass) -> None:
    assert rig.dialect.classify(pinging("spot", path, method)) is kind


@pytest.mark.parametrize(("accept", "kind"), [("application/json", "application/json"), ("text/html,*/*", "text/html")])
def test_an_unknown_path_answers_in_html_only_where_asked(rig: Rig, door: str, accept: str, kind: str) -> None:
    incoming = Incoming(door=door, method="GET", path="/api/v9/nothing", headers={"accept": accept})
    answer = rig.dialect.handle(incoming)
    assert (answer.status, answer.headers["content-type"]) == (404, kind)
    assert answer.headers["x-mbx-used-weight-1m"] == "1"


def test_who_does_not_heed_refusals_is_banned_longer_each_time(door: str) -> None:
    async def main() -> list[tuple[int, str]]:
        reception = Reception(BinanceSandbox(Setting(now=asyncio.get_running_loop().time)))
        keeper, seen = reception.dialect.keeper, []
        await asyncio.sleep(1)  # into a minute that is the same on both clocks
        for _ in range(2):
            keeper.charge(reception.dialect.use(f"{door} weight", f"{door} 127.0.0.1", 6000), reception.dialect.moment)
            answers = [(await reception.receive(pinging(door))).answer for _ in range(7)]
            assert [answer.status for answer in answers] == [429] * 6 + [418]
            seen.append((told(door, answers[-1])[1], answers[-1].headers["retry-after"]))
            other = "linear" if door == "spot" else "spot"
            assert (await reception.receive(pinging(other))).answer.status == 200
            await asyncio.sleep(float(answers[-1].headers["retry-after"]))
            assert (await reception.receive(pinging(door))).answer.status == 200
        return seen

    assert run(main()) == [(-1003, "120"), (-1003, "240")]


def test_a_ban_tells_its_end_by_the_clock_of_its_door(rig: Rig, door: str) -> None:
    answer = rig.dialect.banned(pinging(door), 90.5)
    assert answer is not None
    status, code, text = told(door, answer)
    assert (status, code, answer.headers["retry-after"]) == (418, -1003, "91")
    assert f"banned until {rig.now_ms(door) + 90_500}." in text
    assert rig.dialect.ban_keys(pinging(door)) == ((LimitScope.IP, f"{door} 127.0.0.1"),)


def test_faults_speak_the_venues_words(rig: Rig, door: str) -> None:
    throttled = rig.dialect.throttled(pinging(door), 1.2)
    assert told(door, throttled)[:2] == (429, -1003)
    assert throttled.headers["retry-after"] == "2"
    text = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
    assert told(door, rig.dialect.overloaded(pinging(door))) == (503, -1007, text)
    assert told(door, rig.dialect.under_maintenance(pinging(door)))[:2] == (503, -1016)
    page = rig.dialect.html_error(502)
    assert page.headers["content-type"] == "text/html"
    assert b"cloudfront" in page.body


def test_an_answer_about_an_unsure_outcome_is_read_as_unsure(rig: Rig, door: str) -> None:
    answer = rig.dialect.overloaded(pinging(door))
    row = CATALOGUE.find("-1007", message=told(door, answer)[2], http_status=answer.status, surfaces=(door,))
    assert row is not None
    assert row.outcome is Outcome.UNKNOWN


def story(seed: int) -> list[object]:
    rig, seen = Rig(seed), []
    for number in range(5):
        rig.wait(7)
        seen.append(rig.spot(**MARKET, quantity=f"0.{number + 1}").content)
        seen.append(rig.linear(price="61100").content)
        seen.append(rig.get("spot", "/api/v3/depth", {"symbol": "BTCUSDT"}).content)
        seen.append(rig.ask("linear", "GET", "/fapi/v3/positionRisk").content)
    return seen


def test_the_same_seed_tells_the_same_story() -> None:
    assert story(3) == story(3)
    assert story(3) != story(4)
