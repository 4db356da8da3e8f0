"""Puts a client's parts together: the one place that knows which part needs which.

Decides nothing and sends nothing; every part can be had with other ports, which is how simulations run the same
code in another world.
"""

from __future__ import annotations

from unified.adapter import Adapter
from unified.carryover import Carryover
from unified.changes import Changes
from unified.config import ClientConfig
from unified.entry import NO_ENTRY, Entry, entry_of
from unified.errors import ConfigurationError
from unified.hooks import Hooks
from unified.journal import FileJournal
from unified.listing import Listing
from unified.listing_file import ListingFile
from unified.merging import Story
from unified.order_ids import RUN_BITS, OrderIds
from unified.placement import Placement
from unified.ports import Dialer, Journal, Transport
from unified.references import expanded
from unified.retry import RetryPolicy
from unified.scheduler import Scheduler
from unified.services import Access
from unified.settlement import Settlement
from unified.socket_transport import SocketTransport
from unified.sockets import AiohttpDialer
from unified.timed_journal import TimedJournal
from unified.transport import AiohttpTransport
from unified.values import frozen
from unified.watching import Hub
from unified.witness import Witness
from unified.world import World, real_world


@frozen(kw_only=True)
class Parts:
    """What a client is made of."""

    adapter: Adapter
    transport: Transport
    access: Access
    scheduler: Scheduler
    placement: Placement
    settlement: Settlement
    changes: Changes
    journal: Journal | None
    ids: OrderIds
    hooks: Hooks
    hub: Hub
    dialer: Dialer
    listing: Listing


def assemble(
    config: ClientConfig,
    transport: Transport | None = None,
    world: World | None = None,
    journal: Journal | None = None,
    dialer: Dialer | None = None,
) -> Parts:
    """The parts of a client as its configuration wants them. Raises ConfigurationError."""
    world = real_world() if world is None else world
    adapter = config.adapter_class(config.adapter_settings())
    hooks = Hooks()
    carrier = AiohttpTransport(config.transport) if transport is None else transport
    dialer = dialer or AiohttpDialer(config.transport)
    kept = _journal(config, adapter) if journal is None else journal
    carryover = None if kept is None else Carryover(kept, world.wall)
    limits, orders, connections = config.limits, config.orders, config.transport.connections
    access = Access(adapter, hooks, world, limits.share, orders.window_ms, connections, carryover)
    policy = RetryPolicy(config.retry, world.chance.random)
    entry = _entry(config, adapter)
    over_sockets = SocketTransport(carrier, adapter, access, dialer, hooks) if entry.lines else None
    endpoints = {**adapter.endpoints, **entry.endpoints}
    carrier = over_sockets or carrier
    scheduler = Scheduler(adapter, carrier, access, policy, config.deadlines, hooks, endpoints)
    access.stamping.ask_with(scheduler.run)
    if over_sockets is not None:
        over_sockets.run_with(scheduler.run)
    if kept is not None:
        kept = TimedJournal(kept, adapter.venue, hooks)
    story = Story()
    witness = Witness(story)
    settlement = Settlement(adapter, scheduler, config.orders, hooks, kept, witness)
    placement = Placement(adapter.venue, scheduler, settlement, kept, resend=config.orders.resend)
    hub = Hub(adapter, scheduler, access, dialer, hooks, story, witness.told)
    witness.show_with(hub.account.shown)
    return Parts(
        adapter=adapter,
        transport=carrier,
        access=access,
        scheduler=scheduler,
        placement=placement,
        settlement=settlement,
        changes=Changes(adapter, scheduler, config.orders.visibility, hooks),
        journal=kept,
        ids=OrderIds(world.chance.getrandbits(RUN_BITS)),
        hooks=hooks,
        hub=hub,
        dialer=dialer,
        listing=_listing(config, adapter, scheduler, world),
    )


def _listing(config: ClientConfig, adapter: Adapter, scheduler: Scheduler, world: World) -> Listing:
    cache = config.instruments.cache
    file = ListingFile(expanded(cache), adapter) if cache else None
    return Listing(adapter.venue, scheduler, config.adapter_class.products, world.wall, file)


def _entry(config: ClientConfig, adapter: Adapter) -> Entry:
    """What goes over sockets, as far as it is wanted. Raises ConfigurationError where the venue takes nothing so."""
    if config.orders.entry == "rest":
        return NO_ENTRY
    entry = entry_of(adapter)
    if not entry.lines:
        where = f"{adapter.venue} ({adapter.environment.name})"
        raise ConfigurationError(f'orders.entry: {where} takes no orders over a WebSocket here; allowed is "rest"')
    return entry


def _journal(config: ClientConfig, adapter: Adapter) -> Journal | None:
    """The journal that the configuration names, if any."""
    if not config.journal.file:
        return None
    path = expanded(config.journal.file)
    return FileJournal(path, adapter.venue, adapter.account, durable=config.journal.mode == "durable")
