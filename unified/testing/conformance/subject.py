"""The adapter that is judged: one instance with a dummy key, one without, and what is known of its instruments."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from attrs import define, evolve, field

from unified.adapter import Adapter, AdapterClass, AdapterSettings, Endpoint, Procedure, Stamp
from unified.errors import Fault, Kind, VenueError
from unified.http import HttpRequest
from unified.instrument import ONE, Instrument, Instruments, InstrumentStatus, Product
from unified.operations import Operation
from unified.secret import Credentials, Secret
from unified.testing.conformance.dummies import secrets, taken, with_credentials
from unified.testing.conformance.transcripts import Transcript
from unified.testing.conformance.watch import Exchange

STAMP = Stamp(time_ms=1_795_161_600_123, window_ms=5000, nonce=1_795_161_600_123_001, token="0123456789abcdef" * 2)
"""2026-11-20T08:00:00.123Z"""


@define(kw_only=True)
class Subject:
    """What the checks look at."""

    adapter_class: AdapterClass
    adapter: Adapter
    bare: Adapter
    """The same without credentials."""
    credentials: Credentials | None
    settings: AdapterSettings
    exchanges: list[Exchange] = field(factory=list)
    """Answers at hand: recorded, and heard from the sandbox."""
    transcripts: list[Transcript] = field(factory=list)
    """Of the stream connections that went to the sandbox."""
    listings: dict[Product, Instruments] = field(factory=dict)
    asked: list[Operation[Any]] = field(factory=list)
    """Operations that went to the sandbox, those of the venue's own included."""

    @property
    def venue(self) -> str:
        return self.adapter.venue

    def another(self) -> Adapter:
        """A fresh instance that has seen nothing."""
        return self.adapter_class(self.settings)

    def with_another_secret(self) -> Adapter | None:
        """An instance of the same key and the first other secret that the adapter takes."""
        if self.credentials is None:
            return None
        known = self.credentials.secret.reveal()
        others = (evolve(self.credentials, secret=Secret(text)) for text in secrets() if text != known)
        made = (taken(self.adapter_class, evolve(self.settings, credentials=other)) for other in others)
        return next((adapter for adapter in made if adapter is not None), None)

    def endpoint(self, operation: Operation[Any], adapter: Adapter | None = None) -> Endpoint[Any, Any] | None:
        """How the adapter performs it with one request; None where it does not."""
        how = (adapter or self.adapter).endpoints.get((type(operation), operation.product))
        return how if isinstance(how, Endpoint) else None

    def request(self, operation: Operation[Any], stamp: Stamp = STAMP) -> HttpRequest | None:
        """What it sends; None where it refuses or takes several requests. Whatever else it raises comes through."""
        endpoint = self.endpoint(operation)
        try:
            return None if endpoint is None else endpoint.build(operation, stamp)
        except VenueError:
            return None

    def listing(self, product: Product) -> Instruments:
        """The instruments that its answers hold; one of our making where there are none."""
        known = self.listings.get(product)
        return known or Instruments([_made_up(product)])

    def instrument(self, product: Product) -> Instrument:
        """One that trades, with rules so fine that no number is rounded."""
        every = tuple(self.listing(product))
        trading = [item for item in every if item.status is InstrumentStatus.TRADING]
        return evolve((trading or every)[0], tick_size=_FINE, lot_size=_FINE, contract_size=ONE)


_FINE = Decimal("1e-30")


def subject_of(
    adapter_class: AdapterClass, known: Credentials | None = None, environment: str | None = None
) -> Subject:
    """The subject, made for its first environment unless told otherwise. Raises what making it raises."""
    names = tuple(adapter_class.environments)
    settings = AdapterSettings(environment=environment or ("production" if "production" in names else names[0]))
    credentials = with_credentials(adapter_class, settings, known)
    with_key = evolve(settings, credentials=credentials)
    return Subject(
        adapter_class=adapter_class,
        adapter=adapter_class(with_key),
        bare=adapter_class(settings),
        credentials=credentials,
        settings=with_key,
    )


def steps_of(procedure: Procedure[Any, Any], operation: Operation[Any], answers: int = 3) -> Iterator[Operation[Any]]:
    """The first operations of a procedure when every one is refused: all that can be known without answers."""
    refusal = VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND))
    steps = procedure.steps(operation)
    try:
        step = next(steps)
        for _ in range(answers):
            yield step
            step = steps.throw(refusal)
    except (StopIteration, VenueError):
        return


def _made_up(product: Product) -> Instrument:
    is_spot = product is Product.SPOT
    return Instrument(
        symbol="BTCUSDT",
        product=product,
        base="BTC",
        quote="USDT",
        settle=None if is_spot else "USDT",
        tick_size=_FINE,
        lot_size=_FINE,
    )
