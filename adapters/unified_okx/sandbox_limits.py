"""What the simulated OKX allows, and whose requests are counted together. Counts nothing itself.

Limits of the endpoint pages (2026-06-30 to 2026-07-23). OKX does not say whether its windows slide: here they do.
Refused requests are not counted.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from unified.sandbox.limits import LimitScope, RollingWindow, Use, VenueLimit
from unified_okx.sandbox_calls import Call


class Per(StrEnum):
    """Whose requests are counted together: of one address or user, each perhaps by type or instrument."""

    IP = "ip"
    IP_TYPE = "ip+type"
    IP_INSTRUMENT = "ip+instrument"
    USER = "user"
    USER_TYPE = "user+type"
    USER_INSTRUMENT = "user+instrument"


_BY_IP = (Per.IP, Per.IP_TYPE, Per.IP_INSTRUMENT)
_FIELD = {
    Per.IP_TYPE: "instType",
    Per.USER_TYPE: "instType",
    Per.IP_INSTRUMENT: "instId",
    Per.USER_INSTRUMENT: "instId",
}


@frozen(kw_only=True)
class Quota:
    """So many requests (of a batch: orders) in any `seconds`."""

    name: str
    most: int
    seconds: int = 2
    per: Per

    def use(self, call: Call) -> Use:
        """What one request takes."""
        detail = call.fields.text(_FIELD[self.per]) if self.per in _FIELD else ""
        owner = call.incoming.peer if self.per in _BY_IP else call.holder.uid
        return Use(limit=self.name, key=f"{owner}/{detail}")


def _ip(name: str, most: int, per: Per = Per.IP, *, seconds: int = 2) -> Quota:
    return Quota(name=name, most=most, per=per, seconds=seconds)


def _user(name: str, most: int, per: Per = Per.USER, *, seconds: int = 2) -> Quota:
    return Quota(name=name, most=most, per=per, seconds=seconds)


TIME = _ip("time", 10)
STATUS = _ip("status", 1, seconds=5)
INSTRUMENTS = _ip("instruments", 20, Per.IP_TYPE)
TICKER = _ip("ticker", 20)
TICKERS = _ip("tickers", 20)
BOOK = _ip("book", 40)
TRADES = _ip("trades", 100)
OLD_TRADES = _ip("old trades", 20)
CANDLES = _ip("candles", 40)
OLD_CANDLES = _ip("old candles", 20)
FUNDING = _ip("funding", 10, Per.IP_INSTRUMENT)
BAND = _ip("band", 20)

OWN_INSTRUMENTS = _user("own instruments", 20, Per.USER_TYPE)
CONFIG = _user("config", 5)
BALANCE = _user("balance", 10)
FEES = _user("fees", 5)
POSITIONS = _user("positions", 10)
SET_LEVERAGE = _user("set leverage", 20)
SET_MODE = _user("set mode", 5)
RATE_STATE = _user("rate state", 1, seconds=1)

PRECHECK = _user("precheck", 5)
PLACE = _user("place", 60, Per.USER_INSTRUMENT)
PLACE_BATCH = _user("place batch", 300, Per.USER_INSTRUMENT)
CANCEL = _user("cancel", 60, Per.USER_INSTRUMENT)
CANCEL_BATCH = _user("cancel batch", 300, Per.USER_INSTRUMENT)
AMEND = _user("amend", 60, Per.USER_INSTRUMENT)
AMEND_BATCH = _user("amend batch", 300, Per.USER_INSTRUMENT)
ACCOUNT_ORDERS = _user("account orders", 1000)
"""New and amended orders of one user in all instruments; full is 50061."""
GET_ORDER = _user("get order", 60, Per.USER_INSTRUMENT)
PENDING = _user("pending", 60)
HISTORY = _user("history", 40)
ARCHIVE = _user("archive", 20)
FILLS = _user("fills", 60)
OLD_FILLS = _user("old fills", 10)
PLACE_ALGO = _user("place algo", 20, Per.USER_INSTRUMENT)
CANCEL_ALGO = _user("cancel algo", 20, Per.USER_INSTRUMENT)
"""Counts orders, not requests."""
GET_ALGO = _user("get algo", 20)
PENDING_ALGO = _user("pending algo", 20)
HISTORY_ALGO = _user("history algo", 20)

QUOTAS = (
    TIME,
    STATUS,
    INSTRUMENTS,
    TICKER,
    TICKERS,
    BOOK,
    TRADES,
    OLD_TRADES,
    CANDLES,
    OLD_CANDLES,
    FUNDING,
    BAND,
    OWN_INSTRUMENTS,
    CONFIG,
    BALANCE,
    FEES,
    POSITIONS,
    SET_LEVERAGE,
    SET_MODE,
    RATE_STATE,
    PRECHECK,
    PLACE,
    PLACE_BATCH,
    CANCEL,
    CANCEL_BATCH,
    AMEND,
    AMEND_BATCH,
    ACCOUNT_ORDERS,
    GET_ORDER,
    PENDING,
    HISTORY,
    ARCHIVE,
    FILLS,
    OLD_FILLS,
    PLACE_ALGO,
    CANCEL_ALGO,
    GET_ALGO,
    PENDING_ALGO,
    HISTORY_ALGO,
)
LIMITS = tuple(
    VenueLimit(
        name=quota.name,
        counting=RollingWindow(limit=quota.most, period_s=quota.seconds),
        scope=LimitScope.IP if quota.per in _BY_IP else LimitScope.KEY,
        counts_refused=False,
    )
    for quota in QUOTAS
)
