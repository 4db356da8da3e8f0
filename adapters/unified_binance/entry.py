"""What Binance takes over its WebSocket APIs, one for each product. A table only; how it is said the dialect knows.

USD-M stops and batches go over REST: stops have a door of their own, batches no call here.
Source: Binance web-socket-api.md, "Trading requests" (2026-07-21), USD-M "WebSocket API" trade pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from unified.adapter import Charge, Endpoint, Endpoints
from unified.entry import Entry, EntryLine, where
from unified.errors import Fault
from unified.instrument import Product
from unified.operations import AmendOrder, CancelOrder, PlaceOrder
from unified_binance import amendments, stops
from unified_binance.faults import FAULTS
from unified_binance_dialect import orders
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.entry import ApiEntry, framed

SPOT, LINEAR = Product.SPOT, Product.LINEAR
SPOT_ORDERS, LINEAR_ORDERS = "spot_orders", "linear_orders"
SPOT_PATH, LINEAR_PATH = "/ws-api/v3", "/ws-fapi/v1"
_DAY = 86_400.0


def _line(
    name: str, path: str, sign_of_life: str, auth: Auth, surface: str, connect: tuple[Charge, ...], weight: Charge
) -> EntryLine:
    def fault_of(refusal: Mapping[str, Any], status: int) -> Fault:
        return FAULTS.of_frame(refusal, (surface,), status)

    return EntryLine(
        name=name,
        dialect=lambda: ApiEntry(sign_of_life, auth, fault_of),
        path=lambda _access: path,
        login=auth.logs_on,
        # A request of ours is answered at once; two unanswered ones are death.
        ping_every=8.0,
        silence=18.0,
        lifetime=_DAY,
        connect=connect,
        frame_weight=(weight,),
        source="web-socket-api.md, general information (2026-07-21), USD-M WebSocket API general info (2026-05-28)",
    )


def _lines(auth: Auth) -> tuple[EntryLine, EntryLine]:
    """A login weighs 2, of which a frame of spot pays one already."""
    opening = Charge("weight_spot", 3 if auth.logs_on else 2)
    spot = (Charge("stream_connects_spot"), opening)
    linear = (Charge("stream_connects_linear"), Charge("weight_linear", 5))
    return (
        _line(SPOT_ORDERS, SPOT_PATH, "ping", auth, "spot", spot, Charge("weight_spot")),
        _line(LINEAR_ORDERS, LINEAR_PATH, "session.status", auth, "linear", linear, Charge("weight_linear", 2)),
    )


def entry_of(spot: str, linear: str, auth: Auth, http: Endpoints) -> Entry:
    """`spot` and `linear` are the addresses of the two APIs, `http` the endpoints of REST."""

    def rest(operation: type[Any], product: Product) -> Endpoint[Any, Any]:
        found = http[operation, product]
        assert isinstance(found, Endpoint)
        return found

    on_spot, on_linear = partial(framed, spot, SPOT_PATH, auth), partial(framed, linear, LINEAR_PATH, auth)
    place = rest(PlaceOrder, LINEAR)
    amend = on_spot("order.amend.keepPriority", amendments.amend_spot_parameters, rest(AmendOrder, SPOT))
    return Entry(
        lines=_lines(auth),
        endpoints={
            (PlaceOrder, SPOT): on_spot("order.place", orders.place_parameters, rest(PlaceOrder, SPOT)),
            (CancelOrder, SPOT): on_spot("order.cancel", orders.ids, rest(CancelOrder, SPOT)),
            (AmendOrder, SPOT): amend,
            (PlaceOrder, LINEAR): where(
                lambda order: not stops.is_stop(order), on_linear("order.place", orders.place_parameters, place), place
            ),
            (stops.CancelResting, LINEAR): on_linear("order.cancel", orders.ids, rest(stops.CancelResting, LINEAR)),
            (AmendOrder, LINEAR): on_linear(
                "order.modify", amendments.amend_linear_parameters, rest(AmendOrder, LINEAR)
            ),
        },
    )
