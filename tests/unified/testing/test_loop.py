from __future__ import annotations

import asyncio
import time
from threading import Thread

import aiohttp
import pytest
from aiohttp import web

from unified.testing.loop import TICK, Deadlock, VirtualTimeLoop, run


def test_an_hour_of_sleeps_takes_no_time() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        for _ in range(3600):
            await asyncio.sleep(1)
        return loop.time() - before

    begun = time.monotonic()
    assert run(main()) == pytest.approx(3600, abs=0.1)
    assert time.monotonic() - begun < 5


def test_the_clock_begins_where_it_is_told() -> None:
    async def main() -> float:
        return asyncio.get_running_loop().time()

    assert run(main(), start=1000.0) == pytest.approx(1000.0, abs=0.01)


def test_timers_fire_in_the_order_of_their_time() -> None:
    fired: list[int] = []

    async def later(seconds: int) -> None:
        await asyncio.sleep(seconds)
        fired.append(seconds)

    async def main() -> None:
        await asyncio.gather(*(later(seconds) for seconds in (30, 10, 20)))

    run(main())
    assert fired == [10, 20, 30]


def test_a_timeout_fires_at_its_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await asyncio.sleep(60)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(2.5, abs=0.01)


def test_a_timer_that_is_armed_for_now_again_and_again_does_not_stop_the_clock() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        end, done = loop.time() + 100 * TICK, asyncio.Event()

        def again() -> None:
            if loop.time() < end:
                loop.call_at(loop.time(), again)
            else:
                done.set()

        again()
        await done.wait()

    run(main())


def test_a_job_takes_no_time_however_long_it_takes() -> None:
    async def main(seconds: float) -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.to_thread(time.sleep, seconds)
        return loop.time() - before

    assert run(main(0.0)) == run(main(0.05)) < 0.001


def test_a_job_that_fails_fails_for_whoever_awaits_it() -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="invalid literal"):
            await asyncio.to_thread(int, "x")
        abandoned = asyncio.create_task(asyncio.to_thread(int, "x"))
        await asyncio.sleep(0)
        abandoned.cancel()
        with pytest.raises(asyncio.CancelledError):
            await abandoned

    run(main())


def test_waiting_for_nothing_is_told() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with (
        asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(patience_s=0.01)) as runner,
        pytest.raises(Deadlock),
    ):
        runner.run(main())


def test_a_thread_of_ones_own_can_wake_the_loop() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[str] = loop.create_future()
        Thread(target=lambda: loop.call_soon_threadsafe(told.set_result, "woken")).start()
        return await told

    assert run(main()) == "woken"


async def _slow(request: web.Request) -> web.Response:
    await asyncio.sleep(float(request.query["seconds"]))
    return web.Response(text="done")


async def _get(session: aiohttp.ClientSession, url: str, seconds: float, timeout: float) -> str:
    async with session.get(
        url, params={"seconds": str(seconds)}, timeout=aiohttp.ClientTimeout(total=timeout)
    ) as answer:
        return await answer.text()


async def _talk() -> tuple[list[str], float]:
    app = web.Application()
    app.router.add_get("/", _slow)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    answers: list[str] = []
    async with aiohttp.ClientSession() as session:
        for number in range(20):
            try:
                answers.append(await _get(session, runner_url(runner), 60 if number % 5 == 4 else 2.5, 10))
            except TimeoutError:
                answers.append("late")
    elapsed = asyncio.get_running_loop().time()
    await runner.cleanup()
    return answers, elapsed


def runner_url(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/"


def test_client_and_server_share_the_loop_over_real_sockets() -> None:
    answers, elapsed = run(_talk())
    assert answers == ["late" if number % 5 == 4 else "done" for number in range(20)]
    # aiohttp rounds time-outs up to whole seconds.
    assert 80 <= elapsed <= 85
