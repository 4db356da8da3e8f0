from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest
from attrs import evolve

from tests.unified.sandbox.toy import Toy, signature
from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.sandbox.faults import Fate, FaultPlan, Incident, IncidentKind, Mishap
from unified.sandbox.limits import LimitScope
from unified.sandbox.reception import Breakage, Delivery, Reception
from unified.testing.loop import run


class Scripted(FaultPlan):
    """The fates and incidents that a test wants."""

    def __init__(self, mishap: Mishap = Mishap.NONE, *incidents: Incident) -> None:
        super().__init__()
        self._always = mishap
        self._incidents = list(incidents)

    def fate(self, route: str, *, is_time: bool) -> Fate:
        return Fate(mishap=self._always, delay_s=2.0, retry_after=7.0, status=502)

    def incidents(self, elapsed_s: float) -> tuple[Incident, ...]:
        due = tuple(incident for incident in self._incidents if incident.at_s <= elapsed_s)
        self._incidents = [incident for incident in self._incidents if incident not in due]
        return due


def toy() -> Toy:
    return Toy(Setting(now=asyncio.get_running_loop().time))


def placing(dialect: Toy, name: str = "one") -> Incoming:
    content = {"symbol": "BTC-USD", "side": "buy", "price": "59000", "quantity": "0.01", "id": name}
    body, stamp = json.dumps(content).encode(), str(dialect.now_ms)
    sign = signature(stamp, "POST", "/orders", body)
    return Incoming(door="main", method="POST", path="/orders", headers={"x-time": stamp, "x-sign": sign}, body=body)


TIME = Incoming(door="main", method="GET", path="/time")
Seen = tuple[Delivery, Reception, float]


def receive(mishap: Mishap, request: Callable[[Toy], Incoming] = placing) -> Seen:
    async def main() -> Seen:
        dialect = toy()
        reception = Reception(dialect, Scripted(mishap))
        begun = asyncio.get_running_loop().time()
        delivery = await reception.receive(request(dialect))
        return delivery, reception, asyncio.get_running_loop().time() - begun

    return run(main())


@pytest.mark.parametrize(
    ("mishap", "orders", "breakage", "status"),
    [
        pytest.param(Mishap.NONE, 1, Breakage.NONE, 200, id="nothing goes wrong"),
        pytest.param(Mishap.LOST_REQUEST, 0, Breakage.RESET, None, id="lost on the way there"),
        pytest.param(Mishap.LOST_ANSWER, 1, Breakage.RESET, None, id="lost on the way back"),
        pytest.param(Mishap.RESET_IN_ANSWER, 1, Breakage.RESET_IN_ANSWER, 200, id="reset in the answer"),
        pytest.param(Mishap.HALF_CLOSED, 1, Breakage.HALF_CLOSED, None, id="half-closed"),
        pytest.param(Mishap.ERROR, 0, Breakage.NONE, 503, id="an error and nothing ran"),
        pytest.param(Mishap.ERROR_AFTER, 1, Breakage.NONE, 503, id="an error although it ran"),
        pytest.param(Mishap.HTML, 0, Breakage.NONE, 502, id="a page and nothing ran"),
        pytest.param(Mishap.HTML_AFTER, 1, Breakage.NONE, 502, id="a page although it ran"),
        pytest.param(Mishap.THROTTLED, 0, Breakage.NONE, 429, id="throttled"),
        pytest.param(Mishap.CUT_JSON, 1, Breakage.NONE, 200, id="cut JSON"),
        pytest.param(Mishap.EMPTY_BODY, 1, Breakage.NONE, 200, id="an empty body"),
    ],
)
def test_each_mishap(mishap: Mishap, orders: int, breakage: Breakage, status: int | None) -> None:
    delivery, reception, _ = receive(mishap)
    assert len(reception.dialect.engine.accounts["client"].orders) == orders
    assert delivery.breakage is breakage
    assert status in (None, delivery.answer.status)


def test_a_late_request_runs_at_its_late_time() -> None:
    _, reception, elapsed = receive(Mishap.LATE)
    (order,) = reception.dialect.engine.accounts["client"].orders
    assert elapsed == pytest.approx(2.0, abs=0.01)
    assert order.created_us - reception.dialect.setting.base_us == pytest.approx(2_000_000, abs=10_000)


def test_a_slow_answer_tells_of_what_ran_at_once() -> None:
    _, reception, elapsed = receive(Mishap.SLOW_ANSWER)
    (order,) = reception.dialect.engine.accounts["client"].orders
    assert elapsed == pytest.approx(2.0, abs=0.01)
    assert order.created_us == pytest.approx(reception.dialect.setting.base_us, abs=10_000)


def test_a_late_request_whose_stamp_is_stale_then_is_the_faults_and_not_the_clients() -> None:
    def stale(dialect: Toy) -> Incoming:
        dialect.clock.step(-4.0)
        signed = placing(dialect)
        dialect.clock.step(4.0)
        return signed

    delivery, reception, _ = receive(Mishap.LATE, stale)
    assert delivery.answer.status == 400
    verdict = reception.ledger.verdict()
    assert (verdict.clock_rejections, verdict.clock_rejections_total) == (0, 1)


def talk(
    *incidents: Incident, seconds: tuple[float, ...], dialect: Callable[[], Toy] = toy
) -> tuple[list[int], Reception]:
    async def main() -> tuple[list[int], Reception]:
        reception = Reception(dialect(), Scripted(Mishap.NONE, *incidents))
        statuses, begun = [], asyncio.get_running_loop().time()
        for second in seconds:
            await asyncio.sleep(begun + second - asyncio.get_running_loop().time())
            statuses.append((await reception.receive(TIME)).answer.status)
        return statuses, reception

    return run(main())


def test_a_ban_is_announced_and_kept() -> None:
    ban = Incident(kind=IncidentKind.BAN, at_s=1, seconds=2)
    statuses, reception = talk(ban, seconds=(0, 1.1, 1.12, 2, 3.2))
    assert statuses == [200, 418, 418, 418, 200]
    assert reception.ledger.verdict().requests_while_banned == 1


def test_a_venue_that_cannot_announce_a_ban_has_none() -> None:
    class Silent(Toy):
        def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
            return None

    def silent() -> Silent:
        return Silent(Setting(now=asyncio.get_running_loop().time))

    ban = Incident(kind=IncidentKind.BAN, at_s=1, seconds=2)
    statuses, reception = talk(ban, seconds=(1.1, 1.2), dialect=silent)
    assert statuses == [200, 200]
    moment = reception.dialect.moment
    reception.dialect.keeper.ban(LimitScope.IP, "127.0.0.1", 2, moment, announced=True)
    assert asyncio.run(reception.receive(TIME)).answer.status == 429


def test_maintenance_ends() -> None:
    down = Incident(kind=IncidentKind.MAINTENANCE, at_s=1, seconds=2)
    assert talk(down, seconds=(0.5, 1.5, 2.5, 3.6))[0] == [200, 503, 503, 200]


@pytest.mark.parametrize("kind", [IncidentKind.MAINTENANCE, IncidentKind.BAN])
def test_what_was_over_before_anybody_asked_meets_nobody(kind: IncidentKind) -> None:
    assert talk(Incident(kind=kind, at_s=1, seconds=2), seconds=(0.5, 30))[0] == [200, 200]


def test_a_step_of_the_clock_moves_what_is_shown() -> None:
    step = Incident(kind=IncidentKind.CLOCK_STEP, at_s=1, seconds=-3600)
    _, reception = talk(step, seconds=(2,))
    assert reception.dialect.clock.stepped_us == -3_600_000_000


def test_cut_json_is_no_json_any_more() -> None:
    delivery, _, _ = receive(Mishap.CUT_JSON)
    with pytest.raises(json.JSONDecodeError):
        json.loads(delivery.answer.body)


def test_only_a_whole_stamped_answer_lets_the_client_know_the_time() -> None:
    for mishap, known in ((Mishap.NONE, True), (Mishap.CUT_JSON, False), (Mishap.LOST_ANSWER, False)):
        _, reception, _ = receive(mishap, lambda _dialect: TIME)
        late = evolve(TIME, arrived_us=reception.dialect.clock.true_us() + 1_000_000)
        reception.ledger.refused_for_clock(late)
        assert (reception.ledger.verdict().clock_rejections == 1) is known
