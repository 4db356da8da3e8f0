"""Paper, simulated: lets requests in or refuses them, and leads streams. Opens no socket.

What is answered stands in `sandbox_market.py` and `sandbox_trade.py`, how streams go in `sandbox_stream.py`. A dialect
over the engine of `unified.sandbox`, which never imports the adapter.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from unified.instrument import Instrument, Product
from unified.sandbox.dialect import ClientAccount, Dialect, Incoming, Outgoing, RequestClass, Setting, json_answer
from unified.sandbox.limits import CalendarWindow, LimitScope, VenueLimit
from unified.sandbox.listing import Listing
from unified.sandbox.streams import Opening, Talk
from unified_paper.sandbox_calls import Call, Endpoint, Refusal, Table, carried_out, fields_of
from unified_paper.sandbox_keys import CREDENTIALS, problem_of
from unified_paper.sandbox_market import PUBLIC
from unified_paper.sandbox_stream import PATH, PaperTalk
from unified_paper.sandbox_trade import PRIVATE

ENDPOINTS: Table = {**PUBLIC, **PRIVATE}


def _instrument(base: str, tick: str, lot: str) -> Instrument:
    return Instrument(
        symbol=f"{base}USDT",
        product=Product.SPOT,
        base=base,
        quote="USDT",
        tick_size=Decimal(tick),
        lot_size=Decimal(lot),
        min_quantity=Decimal(lot),
        min_notional=Decimal(5),
    )


class PaperDialect(Dialect):
    """Paper's own way of speaking about the engine."""

    name = "paper"
    listings = (
        Listing(instrument=_instrument("BTC", "0.01", "0.00001"), price=Decimal(60_000)),
        Listing(instrument=_instrument("ETH", "0.01", "0.0001"), price=Decimal(3_000)),
    )
    limits = (
        VenueLimit(name="requests", counting=CalendarWindow(limit=1200, period_s=60)),
        VenueLimit(name="orders", counting=CalendarWindow(limit=100, period_s=10), scope=LimitScope.KEY),
        VenueLimit(name="connects", counting=CalendarWindow(limit=120, period_s=60)),
    )
    accounts = (ClientAccount(name="client", credentials=CREDENTIALS),)
    counts_account_frames = True

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        spot = {"USDT": Decimal(100_000), "BTC": Decimal(1), "ETH": Decimal(20)}
        self._client = self.engine.open_account("client", spot=spot)

    # --- a request

    def handle(self, incoming: Incoming) -> Outgoing:
        found = ENDPOINTS.get((incoming.method, incoming.path))
        uses = [self.use("requests", incoming.peer)]
        if found is not None and found.orders:
            uses.append(self.use("orders", "client", found.orders))
        breach = self.keeper.admit(uses, self.moment)
        if breach is not None:
            return self.throttled(incoming, breach.retry_after_us / 1e6)
        try:
            answer = json_answer(self._answered(found, incoming))
        except Refusal as refusal:
            answer = _refused(refusal)
        return self._marked(answer, incoming)

    def _answered(self, found: Endpoint | None, incoming: Incoming) -> object:
        if found is None:
            raise Refusal("no_such_call", status=404)
        if found.signed:
            self._check(incoming)
        call = Call(engine=self.engine, account=self._client, fields=fields_of(incoming))
        return carried_out(found.answer, call)

    def _check(self, incoming: Incoming) -> None:
        what = f"{incoming.method}{incoming.path}{incoming.query}".encode() + incoming.body
        code = problem_of(incoming.headers, what, self.now_ms)
        if code == "bad_time":
            self.refused_for_clock(incoming)
            raise Refusal(code, f"the time here is {self.now_ms}")
        if code:
            raise Refusal(code, status=401)

    def _marked(self, answer: Outgoing, incoming: Incoming) -> Outgoing:
        used = self.keeper.used("requests", incoming.peer, self.moment)
        headers = {"x-paper-clock": str(self.now_us), "x-paper-used": str(int(used))}
        return Outgoing(status=answer.status, headers={**answer.headers, **headers}, body=answer.body, stamped=True)

    def classify(self, incoming: Incoming) -> RequestClass:
        found = ENDPOINTS.get((incoming.method, incoming.path))
        return RequestClass.READ if found is None else found.kind

    # --- a stream

    def talk(self, opening: Opening) -> Talk | Outgoing:
        """Lead a stream connection, or refuse it."""
        if opening.path != PATH:
            return _refused(Refusal("no_such_call", status=404))
        if self.keeper.admit([self.use("connects", opening.peer)], self.moment) is not None:
            return _refused(Refusal("throttled", status=429))
        return PaperTalk(self.engine, self._client, self._log_in)

    def _log_in(self, headers: Mapping[str, str]) -> None:
        """Raises Refusal."""
        code = problem_of(headers, f"GET{PATH}".encode(), self.now_ms)
        if code:
            raise Refusal(code, f"the time here is {self.now_ms}")

    # --- refusals

    def overloaded(self, incoming: Incoming) -> Outgoing:
        return _refused(Refusal("overloaded", status=503))

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return _refused(Refusal("maintenance", status=503))

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        return _waiting(Refusal("throttled", status=429), retry_after)

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        return _waiting(Refusal("banned", status=418), seconds)


def _refused(refusal: Refusal) -> Outgoing:
    return json_answer({"error": refusal.content}, status=refusal.status)


def _waiting(refusal: Refusal, seconds: float) -> Outgoing:
    return _refused(refusal).with_headers({"retry-after": str(int(seconds) + 1)})
