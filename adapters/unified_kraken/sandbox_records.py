"""What a client of Kraken's sandbox can ask about its account: balances, fees, orders, fills, its key.

Reads the engine and changes nothing. New orders may be missing from every list for a while, as they are at Kraken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar

from attrs import define, field

from unified.sandbox.accounts import Account
from unified.sandbox.engine import Engine
from unified.sandbox.orders import VenueFill, VenueOrder
from unified.sandbox.wording import amount, fixed
from unified_kraken.sandbox_call import SECOND_US, Call, Fields, Refused, invalid
from unified_kraken.sandbox_keys import ApiKey
from unified_kraken.sandbox_orders import read_client_id, read_userref
from unified_kraken.sandbox_pairs import ASSETS, MAKER_FEES, TAKER_FEES, asset_of, fee_at, pair_of
from unified_kraken.sandbox_rows import balance_row, fill_id, fill_row, order_id, order_row

_PAGE = 50
_MOST_ORDERS = 50
_MOST_FILLS = 20
_TOKEN_S = 900
_FILL_TYPES = ("all", "no position", "any position", "closed position", "closing position")
VOLUMES = {"maker": 12_000}
"""30-day volume in USD of the accounts that have traded before."""

T = TypeVar("T", VenueOrder, VenueFill)


@define
class Records:
    """The reading half of the private API."""

    engine: Engine
    seed: int
    _tokens: count[int] = field(factory=lambda: count(1), init=False)
    _issued: dict[str, tuple[ApiKey, int]] = field(factory=dict, init=False)

    # --- money

    def balance(self, _call: Call, key: ApiKey) -> dict[str, str]:
        wallet = self._account(key).spot
        held = [asset for asset in ASSETS if asset.id in wallet.total]
        return {asset.id: fixed(wallet.total[asset.id], asset.decimals) for asset in held}

    def balance_ex(self, _call: Call, key: ApiKey) -> dict[str, dict[str, str]]:
        wallet = self._account(key).spot
        return {
            asset.id: balance_row(asset, wallet.total[asset.id], wallet.held.get(asset.id, Decimal(0)))
            for asset in ASSETS
            if asset.id in wallet.total
        }

    def trade_volume(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """Fees in percent; of the pairs that were asked for."""
        asked = call.fields.values.get("pair")
        names = [_asset_pair(item) for item in asked] if isinstance(asked, list) else call.fields.listed("pair")
        pairs, volume = [pair_of(name) for name in names], VOLUMES.get(key.account, 0)
        answer: dict[str, Any] = {"currency": asset_of("USD").id, "volume": fixed(Decimal(volume), 4)}
        if pairs:
            answer["fees"] = {pair.id: _fee_row(TAKER_FEES, volume) for pair in pairs}
            answer["fees_maker"] = {pair.id: _fee_row(MAKER_FEES, volume) for pair in pairs}
        return answer

    def positions(self, _call: Call, _key: ApiKey) -> dict[str, Any]:
        """None: there is no margin here."""
        return {}

    # --- orders

    def open_orders(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """Newest first, not paged."""
        found = filter(_filter(call.fields), reversed(self.engine.open_orders(self._account(key))))
        return {"open": self._rows(found, call, key)}

    def closed_orders(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """Newest first, fifty at a time. `count` is the number of all that match."""
        times = _closing(call.fields.text("closetime") or "both")
        account = self._account(key)
        within = _range(
            call.fields,
            lambda: {order_id(order.order_id): order.created_us for order in self.engine.orders(account)},
        )
        orders = self.engine.orders(account, client_order_id=read_client_id(call.fields))
        found = [order for order in filter(_filter(call.fields), orders) if not order.is_open]
        found = [order for order in found if any(within(time_us) for time_us in times(order))]
        found.sort(key=lambda order: max(times(order)), reverse=True)
        return {"closed": self._rows(_page(found, call.fields), call, key), **_count(found, call.fields)}

    def query_orders(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """By ids; `cl_ord_id` and `userref` only narrow them down. One unknown id refuses the whole question."""
        known = {order_id(order.order_id): order for order in self.engine.orders(self._account(key))}
        wanted, matches = call.fields.listed("txid"), _filter(call.fields)
        if not 1 <= len(wanted) <= _MOST_ORDERS:
            raise invalid("txid")
        if any(txid not in known for txid in wanted):
            raise Refused("EOrder:Invalid order")
        return self._rows((known[txid] for txid in wanted if matches(known[txid])), call, key)

    # --- fills

    def trades_history(self, call: Call, key: ApiKey) -> dict[str, Any]:
        """Newest first, fifty at a time."""
        kind = call.fields.text("type") or "all"
        if kind not in _FILL_TYPES:
            raise invalid("type")
        fills = self.engine.fills(self._account(key)) if kind in _FILL_TYPES[:2] else ()
        within = _range(call.fields, lambda: {fill_id(fill): fill.time_us for fill in fills})
        found = [fill for fill in reversed(fills) if within(fill.time_us)]
        rows = {fill_id(fill): self._fill_row(fill) for fill in _page(found, call.fields)}
        return {"trades": rows, **_count(found, call.fields)}

    def query_trades(self, call: Call, key: ApiKey) -> dict[str, Any]:
        known = {fill_id(fill): fill for fill in self.engine.fills(self._account(key))}
        wanted = call.fields.listed("txid")
        if not 1 <= len(wanted) <= _MOST_FILLS or any(txid not in known for txid in wanted):
            raise invalid("txid")
        return {txid: self._fill_row(known[txid]) for txid in wanted}

    # --- the key

    def token(self, _call: Call, key: ApiKey) -> dict[str, Any]:
        """For private streams."""
        number = next(self._tokens)
        token = sha256(f"{self.seed}/{key.text}/{number}".encode()).hexdigest()[:43]
        self._issued[token] = key, self.engine.true_us
        return {"token": token, "expires": _TOKEN_S}

    def owner_of(self, token: str) -> ApiKey | None:
        """Whose token it is, while it may be used for a new subscription."""
        key, issued_us = self._issued.get(token, (None, 0))
        return key if self.engine.true_us - issued_us <= _TOKEN_S * SECOND_US else None

    def key_info(self, _call: Call, key: ApiKey) -> dict[str, Any]:
        started_s = str(self.engine.clock.base_us // SECOND_US)
        return {
            "apiKeyName": key.label,
            "apiKey": key.text,
            "nonce": str(key.nonce),
            "nonceWindow": 0,
            "permissions": sorted(key.permissions),
            "iban": "AA00 DUMM Y000 0000",
            "validUntil": "0",
            "queryFrom": "0",
            "queryTo": "0",
            "createdTime": started_s,
            "modifiedTime": started_s,
            "ipAllowlist": [],
            "lastUsed": None if key.last_used_us is None else str(key.last_used_us // SECOND_US),
        }

    # --- inside

    def _account(self, key: ApiKey) -> Account:
        return self.engine.accounts[key.account]

    def _rows(self, orders: Iterable[VenueOrder], call: Call, key: ApiKey) -> dict[str, Any]:
        account, with_trades = self._account(key), call.fields.flag("trades")
        return {
            order_id(order.order_id): order_row(
                order,
                pair_of(order.instrument.symbol),
                [fill_id(fill) for fill in account.fills if fill.order is order] if with_trades else None,
            )
            for order in orders
        }

    def _fill_row(self, fill: VenueFill) -> dict[str, Any]:
        return fill_row(fill, pair_of(fill.order.instrument.symbol))


def _filter(fields: Fields) -> Callable[[VenueOrder], bool]:
    userref, client_id = read_userref(fields), read_client_id(fields)
    return lambda order: userref in ("", order.words["userref"]) and client_id in (None, order.client_order_id)


def _closing(word: str) -> Callable[[VenueOrder], tuple[int, ...]]:
    """Which times of a finished order a range is about."""
    choices: dict[str, Callable[[VenueOrder], tuple[int, ...]]] = {
        "open": lambda order: (order.created_us,),
        "close": lambda order: (order.updated_us,),
        "both": lambda order: (order.created_us, order.updated_us),
    }
    if word not in choices:
        raise invalid("closetime")
    return choices[word]


def _range(fields: Fields, times: Callable[[], Mapping[str, int]]) -> Callable[[int], bool]:
    """`start` (exclusive) to `end` (inclusive): Unix seconds, or an id that stands for its time."""

    def bound(name: str) -> int | None:
        text = fields.text(name)
        if text and amount(text) is None and text in (known := times()):
            return known[text]
        value = fields.number(name)
        return None if value is None else int(value * SECOND_US)

    start_us, end_us = bound("start"), bound("end")
    return lambda time_us: (start_us is None or time_us > start_us) and (end_us is None or time_us <= end_us)


def _page(found: Sequence[T], fields: Fields) -> Sequence[T]:
    offset = fields.whole("ofs", 0, 0, 10**9)
    return found[offset : offset + _PAGE]


def _count(found: Sequence[T], fields: Fields) -> dict[str, int]:
    return {} if fields.flag("without_count") else {"count": len(found)}


def _asset_pair(item: object) -> str:
    """The newer form of `pair` (2026-06-16): a list of objects."""
    if not isinstance(item, dict) or not isinstance(item.get("asset"), str):
        raise invalid("pair")
    return str(item["asset"])


def _fee_row(schedule: Sequence[tuple[int, int]], volume: int) -> dict[str, str | None]:
    """Percent: 0.2600 is 0.26 %."""
    above = [(least, fee) for least, fee in schedule if least > volume]
    reached = [least for least, _ in schedule if least <= volume]
    return {
        "fee": _percent(fee_at(schedule, volume)),
        "min_fee": _percent(min(fee for _, fee in schedule)),
        "max_fee": _percent(max(fee for _, fee in schedule)),
        "next_fee": _percent(above[0][1]) if above else None,
        "tier_volume": fixed(Decimal(reached[-1]), 4),
        "next_volume": fixed(Decimal(above[0][0]), 4) if above else None,
    }


def _percent(hundredths: int) -> str:
    return fixed(Decimal(hundredths) / 100, 4)
