"""What clients of one venue share, and until when."""

from __future__ import annotations

import asyncio

from tests.toy import BTC, Toy, Wire, placed, toy_client, virtual
from unified.adapter import Endpoint
from unified.instrument import Product
from unified.operations import FetchOrder
from unified.secret import Credentials, Secret

ASKED = FetchOrder(instrument=BTC, venue_order_id="v1")


class TestSharing:
    def test_clients_of_one_venue_share_its_clock(self) -> None:
        async def story() -> None:
            first, second = Wire().on("get_order", placed()), Wire().on("get_order", placed())
            async with toy_client(first) as one, toy_client(second) as other:
                await one.get_order(BTC, venue_order_id="v1")
                await other.get_order(BTC, venue_order_id="v1")
            assert first.count("server_time") > 0
            assert second.count("server_time") == 0

        virtual(story)

    def test_the_last_to_leave_forgets_what_was_shared(self) -> None:
        async def story() -> None:
            for _ in range(2):
                wire = Wire().on("get_order", placed())
                async with toy_client(wire) as client:
                    await client.get_order(BTC, venue_order_id="v1")
                assert wire.count("server_time") > 0

        virtual(story)

    def test_nonces_of_one_account_rise_over_all_its_clients(self) -> None:
        async def story() -> None:
            stamps = []

            class Numbered(Toy):
                pass

            wire = Wire().on("get_order", placed())
            async with toy_client(wire, Numbered) as one, toy_client(wire, Numbered) as other:
                for client in (one, other, one):
                    access = client._access  # the stamp is not visible from outside
                    endpoint = client._scheduler.how(ASKED)
                    assert isinstance(endpoint, Endpoint)
                    route = access.route(endpoint, FetchOrder, Product.SPOT, FetchOrder.priority)
                    passage = await access.admit(route, ASKED, 1e9)
                    stamps.append(access.stamping.stamp(passage, asyncio.get_running_loop().time()).nonce)
            assert stamps == sorted(set(stamps))

        virtual(story)


def test_accounts_are_told_apart_by_their_keys() -> None:
    one, other = (Credentials(key=f"dummy-key-{name}", secret=Secret("dummy")) for name in "ab")
    assert one.fingerprint != other.fingerprint
