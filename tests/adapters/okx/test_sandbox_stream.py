"""OKX's simulated streams, spoken to without the adapter."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.okx.sandbox_rig import Rig
from unified.sandbox.dialect import Outgoing
from unified.sandbox.streams import Opening, Talk
from unified_okx import sandbox_stream


class Listener:
    """One connection to the rig's venue."""

    def __init__(self, path: str = "public", rig: Rig | None = None) -> None:
        self.rig = rig or Rig()
        talk = self.rig.sandbox.talk(Opening(door="rest", path=f"/ws/v5/{path}"))
        assert isinstance(talk, Talk)
        self.talk = talk

    def ask(self, op: str, *args: dict[str, str]) -> list[Any]:
        return self.say(json.dumps({"id": "5", "op": op, "args": args}))

    def say(self, frame: str) -> list[Any]:
        return [json.loads(text) for text in self.talk.receive(frame)]

    def subscribe(self, channel: str, **arg: str) -> list[Any]:
        """What follows the acknowledgement."""
        answer, *frames = self.ask("subscribe", {"channel": channel, **arg})
        assert (answer["event"], answer["id"], answer["arg"]) == ("subscribe", "5", {"channel": channel, **arg})
        return frames

    def wait(self, seconds: float) -> list[Any]:
        found = []
        for _ in range(round(seconds / 0.05)):
            self.rig.wait(0.05)
            found += [json.loads(text) for text in self.talk.pulse()]
        return found

    def login(self, name: str = "first", **changes: str) -> Any:
        credentials = self.rig.credentials(name)
        assert credentials.passphrase is not None
        when = changes.pop("timestamp", str(self.rig.sandbox.now_us // 1_000_000))
        signed = hmac.new(credentials.secret.reveal().encode(), f"{when}GET/users/self/verify".encode(), hashlib.sha256)
        arg = {
            "apiKey": credentials.key,
            "passphrase": credentials.passphrase.reveal(),
            "timestamp": when,
            "sign": base64.b64encode(signed.digest()).decode(),
        }
        (answer,) = self.ask("login", {**arg, **changes})
        return answer


@pytest.fixture
def public() -> Listener:
    return Listener()


@pytest.fixture
def private() -> Listener:
    listener = Listener("private")
    assert listener.login()["event"] == "login"
    return listener


def test_a_book_begins_whole_and_every_update_names_the_one_before(public: Listener) -> None:
    (snapshot,) = public.subscribe("books", instId="BTC-USDT")
    assert (snapshot["action"], snapshot["data"][0]["prevSeqId"], snapshot["data"][0]["checksum"]) == (
        "snapshot",
        -1,
        0,
    )
    sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}
    last, updates = -1, public.wait(20)
    assert len(updates) > 10
    for frame in (snapshot, *updates):
        (row,) = frame["data"]
        assert row["prevSeqId"] == last
        last = row["seqId"]
        for name, side in sides.items():
            side.update({level[0]: level[1] for level in row[name]})
            for price in [price for price, size in side.items() if size == "0"]:
                del side[price]
    instrument = public.rig.instrument("BTC-USDT")
    book = public.rig.sandbox.engine.book(instrument, 400)
    assert last == book.sequence
    assert {Decimal(price): Decimal(size) for price, size in sides["bids"].items()} == dict(book.bids)
    assert {Decimal(price): Decimal(size) for price, size in sides["asks"].items()} == dict(book.asks)


def test_swaps_are_told_in_contracts(public: Listener) -> None:
    (snapshot,) = public.subscribe("books", instId="BTC-USDT-SWAP")
    instrument = public.rig.instrument("BTC-USDT-SWAP")
    best = public.rig.sandbox.engine.book(instrument, 1).bids[0]
    assert Decimal(snapshot["data"][0]["bids"][0][1]) * instrument.contract_size == best.quantity


def test_markets_tell_what_changed(public: Listener) -> None:
    swap = "BTC-USDT-SWAP"
    assert public.subscribe("tickers", instId=swap)[0]["data"][0]["instId"] == swap
    assert public.subscribe("mark-price", instId=swap)[0]["data"][0]["markPx"]
    assert public.subscribe("funding-rate", instId=swap)[0]["data"][0]["fundingTime"]
    assert public.subscribe("trades", instId=swap) == []
    frames = public.wait(20)
    channels = {frame["arg"]["channel"] for frame in frames}
    assert channels == {"tickers", "mark-price", "trades"}
    trades = [frame["data"] for frame in frames if frame["arg"]["channel"] == "trades"]
    assert all(len(rows) == 1 for rows in trades)
    numbers = [int(rows[0]["tradeId"]) for rows in trades]
    assert numbers == sorted(set(numbers))


def test_candles_are_told_on_their_own_path() -> None:
    listener = Listener("business")
    (first,) = listener.subscribe("candle1m", instId="BTC-USDT")
    rows = [*first["data"], *(row for frame in listener.wait(125) for row in frame["data"])]
    assert {len(row) for row in rows} == {9}
    closed = [row[0] for row in rows if row[8] == "1"]
    assert len(set(closed)) >= 2, "a candle that closed is told closed"
    (refused,) = Listener("public").ask("subscribe", {"channel": "candle1m", "instId": "BTC-USDT"})
    assert refused["code"] == "60018"


@pytest.mark.parametrize(
    ("path", "arg", "code"),
    [
        ("public", {"channel": "books", "instId": "BTC-NONE"}, "60018"),
        ("public", {"channel": "weather", "instId": "BTC-USDT"}, "60018"),
        ("public", {"channel": "funding-rate", "instId": "BTC-USDT"}, "60018"),
        ("public", {"channel": "orders", "instType": "SPOT"}, "60018"),
        ("business", {"channel": "candle7m", "instId": "BTC-USDT"}, "60018"),
        ("private", {"channel": "orders", "instType": "SPOT"}, "60011"),
        ("private", {"channel": "books", "instId": "BTC-USDT"}, "60018"),
    ],
)
def test_refusals_name_the_request(path: str, arg: dict[str, str], code: str) -> None:
    (answer,) = Listener(path).ask("subscribe", arg)
    assert (answer["event"], answer["code"], answer["id"]) == ("error", code, "5")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sign": "bad"}, "60007"),
        ({"apiKey": "nobody"}, "60005"),
        ({"apiKey": "00000000-0000-4000-8000-000000000000"}, "60032"),
        ({"passphrase": "wrong"}, "60024"),
        ({"apiKey": ""}, "60001"),
        ({"timestamp": "2026-11-21T12:00:00.000Z"}, "60004"),
        ({"timestamp": "1704876947"}, "60006"),
    ],
)
def test_logins_are_verified(changes: dict[str, str], code: str) -> None:
    assert Listener("private").login(**changes)["code"] == code


def test_a_login_happens_once_and_a_refusal_can_be_ordered() -> None:
    listener = Listener("private")
    listener.talk.refuse_logins = 1
    assert listener.login()["code"] == "63999"
    assert listener.login()["code"] == "0"
    assert listener.login()["code"] == "60031"


def test_orders_are_told_from_their_placement_to_their_end_with_each_execution(private: Listener) -> None:
    assert private.subscribe("orders", instType="SPOT") == []
    number = private.rig.placed(ordType="market", side="sell", sz="0.01", tgtCcy="base_ccy")
    frames = private.wait(0.2)
    rows = [frame["data"][0] for frame in frames]
    assert [row["state"] for row in rows] == ["live", *["partially_filled"] * (len(rows) - 2), "filled"]
    assert {row["ordId"] for row in rows} == {number}
    assert all(frame["arg"]["uid"] for frame in frames)
    executed = sum(Decimal(row["fillSz"]) for row in rows)
    assert executed == Decimal(rows[-1]["accFillSz"]) == Decimal("0.01")
    account = private.rig.account
    assert [row["tradeId"] for row in rows[1:]] == [str(fill.trade_id) for fill in account.fills]


def test_swaps_are_told_to_whom_asks_for_them(private: Listener) -> None:
    private.subscribe("orders", instType="SPOT")
    private.rig.placed("BTC-USDT-SWAP")
    assert private.wait(0.2) == []
    private.subscribe("orders", instType="ANY")
    private.rig.placed("BTC-USDT-SWAP")
    assert len(private.wait(0.2)) == 1


def test_balances_and_positions_come_whole_then_with_each_change_and_again_at_times(private: Listener) -> None:
    (whole,) = private.subscribe("account")
    assert {row["ccy"] for row in whole["data"][0]["details"]} == {"USDT", "BTC", "ETH", "SOL"}
    assert private.subscribe("positions", instType="SWAP") == []
    private.rig.placed("BTC-USDT-SWAP", ordType="market", sz="1")
    first = private.wait(0.2)
    assert {frame["arg"]["channel"] for frame in first} == {"account", "positions"}
    assert any(frame["data"][0].get("pos") == "1" for frame in first)
    private.rig.placed("BTC-USDT-SWAP", ordType="market", sz="1", side="sell", reduceOnly=True)
    closed = [frame for frame in private.wait(0.2) if frame["arg"]["channel"] == "positions"]
    assert closed[-1]["data"][0]["pos"] == "0"
    again = private.wait(6)
    assert [frame["arg"]["channel"] for frame in again] == ["account"]


def test_ping_keeps_a_quiet_connection_and_silence_ends_it(public: Listener) -> None:
    assert public.talk.receive("ping") == ["pong"]
    public.wait(29)
    assert public.talk.wants_close() is None
    public.wait(2)
    assert public.talk.wants_close() == 4004


def test_an_idle_book_says_so(public: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_stream, "_IDLE_BOOK_US", 100_000)
    public.subscribe("books", instId="BTC-USDT")
    rows = [frame["data"][0] for frame in public.wait(10)]
    idle = [row for row in rows if row["seqId"] == row["prevSeqId"]]
    assert 0 < len(idle) < len(rows)
    assert all(row["bids"] == row["asks"] == [] for row in idle)


def test_an_end_is_announced_where_the_papers_say_so(public: Listener) -> None:
    (notice,) = (json.loads(text) for text in public.talk.announced_end())
    assert (notice["event"], notice["code"]) == ("notice", "64008")
    assert Listener("business").talk.announced_end() == []


def test_a_subscription_ends(public: Listener) -> None:
    public.subscribe("books", instId="BTC-USDT")
    (answer,) = public.ask("unsubscribe", {"channel": "books", "instId": "BTC-USDT"})
    assert answer["event"] == "unsubscribe"
    assert public.wait(3) == []


def test_requests_are_counted_by_the_hour(public: Listener) -> None:
    for _ in range(480):
        public.ask("unsubscribe", {"channel": "books", "instId": "BTC-USDT"})
    assert public.ask("subscribe", {"channel": "books", "instId": "BTC-USDT"})[0]["code"] == "60014"


def test_what_is_no_request_is_refused(public: Listener) -> None:
    for frame, code in (
        ("{", "60012"),
        ('{"op":"dance","args":[{}]}', "60012"),
        ('{"op":"subscribe","args":[]}', "60013"),
    ):
        assert public.say(frame)[0]["code"] == code


def test_there_are_three_paths() -> None:
    assert isinstance(Rig().sandbox.talk(Opening(door="rest", path="/ws/v5/other")), Outgoing)
