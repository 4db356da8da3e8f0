"""The front door: names, numbers and words in, typed values out, and nothing left behind at the end."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from tests.toy import BTC, Toy, Wire, lost, order_of, placed, toy_client, virtual, world
from unified.client import Client
from unified.config import ClientConfig
from unified.errors import ConfigurationError, Kind, OrderError, Outcome, VenueError
from unified.instrument import Instruments, Product
from unified.operations import AmendOrder, FetchFundingRate, FetchTicker


class TestMaking:
    def test_a_client_can_be_made_of_a_configuration_or_of_arguments(self) -> None:
        async def story() -> None:
            for client in (
                Client(ClientConfig(adapter=Toy), transport=Wire(), world=world()),
                Client(Toy, transport=Wire(), world=world(), environment="production"),
            ):
                async with client:
                    assert (client.venue, client.products) == ("toy", (Product.SPOT,))

        virtual(story)

    def test_a_wrong_setting_is_refused_when_the_client_is_made(self) -> None:
        with pytest.raises(ConfigurationError, match="environment"):
            Client(Toy, transport=Wire(), environment="mars")

    def test_a_client_can_be_made_of_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "unified.toml"
        file.write_text('[main]\nadapter = "nowhere"\n')
        with pytest.raises(ConfigurationError, match=r"section \[main\]"):
            Client.from_file(file)

    def test_capabilities_are_those_of_the_adapters_table(self) -> None:
        async def story() -> None:
            async with toy_client(Wire()) as client:
                assert client.supports(AmendOrder)
                assert not client.supports(FetchFundingRate)
                assert not client.supports(AmendOrder, Product.LINEAR)

        virtual(story)


class TestReading:
    def test_names_become_instruments_and_answers_typed_values(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", {"last": "50000.10"})
            async with toy_client(wire) as client:
                ticker = await client.ticker("btcusdt")
                assert (ticker.instrument, ticker.last) == (BTC, Decimal("50000.10"))
                assert isinstance(await client.instruments(), Instruments)
                assert (await client.server_time()).tzinfo is not None

        virtual(story)

    def test_pages_are_walked_to_their_end(self) -> None:
        async def story() -> None:
            wire = Wire().on("open_orders", {"items": [placed("a")], "cursor": "2"}, {"items": [placed("b")]})
            async with toy_client(wire) as client:
                found = [order.venue_order_id async for order in client.open_orders()]
            assert found == ["a", "b"]
            assert [body.get("cursor") for name, body in wire.sent if name == "open_orders"] == [None, "2"]

        virtual(story)

    def test_a_loop_that_has_seen_enough_asks_for_no_further_page(self) -> None:
        async def story() -> None:
            wire = Wire().on("open_orders", {"items": [placed("a"), placed("b")], "cursor": "2"})
            async with toy_client(wire) as client:
                orders = client.open_orders()
                assert (await anext(orders)).venue_order_id == "a"
            assert wire.count("open_orders") == 1

        virtual(story)


class TestOrders:
    def test_an_order_gets_an_id_that_fits_and_is_never_given_twice(self) -> None:
        async def story() -> None:
            async with toy_client(Wire()) as client:
                ids = {(await client.order(BTC, "buy", quantity="1")).client_order_id for _ in range(100)}
            assert len(ids) == 100
            assert all(id_.isalnum() for id_ in ids)

        virtual(story)

    def test_a_users_own_id_is_checked_before_it_is_sent(self) -> None:
        async def story() -> None:
            wire = Wire()
            async with toy_client(wire) as client:
                with pytest.raises(VenueError) as caught:
                    await client.place_order(BTC, "buy", quantity="1", client_order_id="a&side=SELL")
            assert (caught.value.kind, caught.value.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)
            assert wire.count("place_order") == 0

        virtual(story)

    def test_a_broken_rule_names_the_nearest_allowed_value_and_sends_nothing(self) -> None:
        async def story() -> None:
            wire = Wire()
            async with toy_client(wire) as client:
                with pytest.raises(OrderError) as caught:
                    await client.place_order(BTC, "buy", quantity="0.0105", price="50000")
            assert caught.value.kind is Kind.INVALID_QUANTITY
            assert "0.01" in caught.value.hint
            assert wire.count("place_order") == 0

        virtual(story)

    def test_an_amendment_takes_exact_numbers_only(self) -> None:
        async def story() -> None:
            async with toy_client(Wire()) as client:
                with pytest.raises(VenueError, match="not a number"):
                    await client.amend_order(order_of(placed()), price="cheap")

        virtual(story)


class TestEnd:
    def test_closing_twice_is_fine_and_nothing_is_left(self) -> None:
        async def story() -> None:
            wire = Wire().on("get_order", placed())
            client = toy_client(wire)
            await client.get_order(BTC, venue_order_id="v1")
            await client.aclose()
            await client.aclose()
            assert wire.closed
            assert len(asyncio.all_tasks()) == 1

        virtual(story)

    def test_closing_waits_for_orders_in_doubt(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", lost(), lost(), lost(), lost(), placed("v1"))
            client = toy_client(wire)
            with pytest.raises(VenueError) as caught:
                await client.place_order(BTC, "buy", quantity="0.01", price="50000", deadline=0.1)
            assert caught.value.outcome is Outcome.UNKNOWN
            await client.aclose()
            assert client.pending() == ()

        virtual(story)

    def test_an_order_still_in_doubt_at_the_end_is_logged_with_its_id(self, caplog: pytest.LogCaptureFixture) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", lost())
            client = toy_client(wire)
            with pytest.raises(VenueError) as caught:
                await client.place_order(BTC, "buy", quantity="0.01", price="50000", deadline=0.1)
            await client.aclose()
            assert str(caught.value.client_order_id) in caplog.text
            assert len(asyncio.all_tasks()) == 1

        virtual(story)


def test_what_is_known_can_be_read() -> None:
    async def story() -> None:
        wire = Wire().on("get_order", placed()).on("ticker", {"last": "1"})
        async with toy_client(wire) as client:
            await client.get_order(BTC, venue_order_id="v1")
            await client.run(FetchTicker(instrument=BTC))
            clock = client.clock()["main"]
            assert clock.offset is not None
            assert abs(clock.offset) < 1
            assert clock.bound < 0.1
            used = {row.bucket: row.used for row in client.limits()}
            assert used.pop("calls") >= 2
            assert used == {"under way, main reads": 0}

    virtual(story)


def test_without_credentials_public_calls_work() -> None:
    async def story() -> None:
        wire = Wire().on("ticker", {"last": "1"})
        async with Client(Toy, transport=wire, world=world()) as client:
            assert (await client.ticker("BTC/USDT")).last == 1

    virtual(story)
