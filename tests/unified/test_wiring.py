"""A client's parts: put together as the configuration wants them, without sending anything."""

from __future__ import annotations

import pytest

from tests.toy import Toy, Wire, virtual, world
from unified.config import ClientConfig
from unified.errors import ConfigurationError
from unified.settings import OrderSettings
from unified.transport import AiohttpTransport
from unified.wiring import assemble


def test_parts_share_one_adapter_and_one_set_of_hooks() -> None:
    parts = assemble(ClientConfig(adapter=Toy), Wire(), world())
    assert parts.scheduler.adapter is parts.adapter
    assert parts.scheduler.hooks is parts.hooks


def test_without_a_transport_of_their_own_requests_go_over_http() -> None:
    async def story() -> None:
        parts = assemble(ClientConfig(adapter=Toy))
        assert isinstance(parts.transport, AiohttpTransport)
        await parts.transport.aclose()

    virtual(story)


def test_a_venue_that_takes_no_orders_over_sockets_is_told_before_anything_is_sent() -> None:
    config = ClientConfig(adapter=Toy, orders=OrderSettings(entry="socket"))
    with pytest.raises(ConfigurationError, match=r"orders\.entry: toy \(production\) takes no orders over a WebSocket"):
        assemble(config, Wire(), world())


def test_two_runs_never_number_their_orders_alike() -> None:
    first, second = (assemble(ClientConfig(adapter=Toy), Wire()) for _ in range(2))
    assert first.ids.next(Toy.client_ids) != second.ids.next(Toy.client_ids)
