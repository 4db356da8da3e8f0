"""The listing of instruments: fetched once, refreshed beside the calls, exact when it answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.toy import BTC, Wire, toy_client, virtual
from unified.errors import Kind, Outcome, RequestError
from unified.listing import REFRESH_SECONDS
from unified.settings import InstrumentSettings


class TestListing:
    def test_callers_at_the_same_time_share_one_fetch(self) -> None:
        async def story() -> None:
            wire = Wire()
            async with toy_client(wire) as client:
                found = await asyncio.gather(*(client.instrument("BTC/USDT") for _ in range(10)))
            assert found == [BTC] * 10
            assert wire.count("instruments") == 1

        virtual(story)

    def test_an_old_listing_answers_at_once_and_is_refreshed_in_the_background(self) -> None:
        async def story() -> None:
            wire = Wire(latency=1.0)
            loop = asyncio.get_running_loop()
            async with toy_client(wire) as client:
                await client.instrument("BTC/USDT")
                await asyncio.sleep(REFRESH_SECONDS + 1)
                started = loop.time()
                assert await client.instrument("BTC/USDT") == BTC
                assert loop.time() - started < 0.5
                await asyncio.sleep(2.0)
            assert wire.count("instruments") == 2

        virtual(story)

    @pytest.mark.parametrize("name", ["BTC/USDT", "BTCUSDT", "btcusdt", "BTC-USDT", "btc_usdt", "XBT/USDT"])
    def test_common_spellings_are_understood(self, name: str) -> None:
        async def story() -> None:
            async with toy_client(Wire()) as client:
                assert await client.instrument(name) == BTC

        virtual(story)

    def test_an_unknown_name_is_refused_before_anything_about_it_is_sent_and_names_the_nearest(self) -> None:
        async def story() -> None:
            async with toy_client(Wire()) as client:
                with pytest.raises(RequestError) as caught:
                    await client.ticker("BTC/USDTT")
            error = caught.value
            assert (error.kind, error.outcome) == (Kind.UNKNOWN_SYMBOL, Outcome.NOT_SENT)
            assert "BTC/USDT" in error.hint

        virtual(story)

    def test_a_caller_who_gives_up_does_not_stop_the_fetch_for_others(self) -> None:
        async def story() -> None:
            wire = Wire(latency=1.0)
            async with toy_client(wire) as client:
                impatient = asyncio.create_task(client.instrument("BTC/USDT"))
                patient = asyncio.create_task(client.instrument("BTC/USDT"))
                await asyncio.sleep(0.1)
                impatient.cancel()
                assert await patient == BTC
            assert wire.count("instruments") == 1

        virtual(story)

    def test_the_next_run_has_what_this_one_kept_and_renews_it_beside(self, tmp_path: Path) -> None:
        keeping = InstrumentSettings(cache=str(tmp_path))

        async def run(later: float) -> int:
            wire = Wire(latency=1.0)
            async with toy_client(wire, instruments=keeping) as client:
                await asyncio.sleep(later)
                started = asyncio.get_running_loop().time()
                found = await asyncio.gather(client.instrument("BTC/USDT"), client.instrument("btc-usdt"))
                assert list(found) == [BTC, BTC]
                waited = asyncio.get_running_loop().time() - started
                assert (waited < 0.5) is (wire.count("instruments") == 0)
                await asyncio.sleep(REFRESH_SECONDS + 1)
                await client.instrument("BTC/USDT")
                await asyncio.sleep(2.0)
            return wire.count("instruments")

        assert virtual(lambda: run(0.0)) == 2  # fetched, and renewed
        assert virtual(lambda: run(1000.0)) == 1  # kept, and renewed

    def test_closing_in_the_middle_of_a_fetch_leaves_nothing_behind(self) -> None:
        async def story() -> None:
            client = toy_client(Wire(latency=5.0))
            waiting = asyncio.create_task(client.instrument("BTC/USDT"))
            await asyncio.sleep(0.1)
            await client.aclose()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert len(asyncio.all_tasks()) == 1

        virtual(story)
