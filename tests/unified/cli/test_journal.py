"""`unified journal`: whose orders, which are open, and what of the file can be believed."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toy import BTC
from tests.unified.cli.typed import Shell
from unified import records
from unified.cli.journal import examined
from unified.errors import Outcome
from unified.journal import FileJournal
from unified.operations import PlaceOrder
from unified.order import OrderType, Side
from unified.records import OrderRecord

LIMIT = PlaceOrder(
    instrument=BTC, side=Side.BUY, quantity=Decimal("0.01"), price=Decimal("50000.10"), client_order_id="limit1"
)
MARKET = PlaceOrder(
    instrument=BTC,
    side=Side.SELL,
    order_type=OrderType.MARKET,
    quote_quantity=Decimal(250),
    client_order_id="market1",
)
FENCED = OrderRecord(order=LIMIT, sends=2, fence_ms=1_800_000_002_500, first_sent_ms=1_800_000_000_000)
UNFENCED = OrderRecord(order=MARKET, sends=1, fence_ms=None, first_sent_ms=1_800_000_001_000)
PARTS = [
    records.opened("toy", "fingerprint"),
    records.sent(FENCED, whole=True),
    records.sent(UNFENCED),
    records.sent(OrderRecord(order=MARKET, sends=1, fence_ms=9, first_sent_ms=1), whole=True).replace(
        b"market1", b"over1"
    ),
    records.ended("over1", Outcome.DONE),
]
FRAMES = [records.framed(part) for part in PARTS]
DATA = b"".join(FRAMES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "orders.journal"
    file.write_bytes(DATA)
    file.chmod(0o600)
    return file


def test_it_says_whose_it_is_and_shows_each_open_order(path: Path, shell: Shell) -> None:
    done = shell("journal", path)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == str(path)
    assert "toy account fingerprint" in done.out
    assert "1 orders since" in done.out
    (limit,) = (line for line in lines if line.startswith("limit1 "))
    assert limit.split() == [
        *("limit1", "BTC/USDT", "buy", "limit", "0.01", "50000.10", "2"),
        *("2027-01-15T08:00:00+00:00", "2027-01-15T08:00:02.500000+00:00"),
    ]
    assert any(line.startswith("market1 ") and " 250 " in line for line in lines)
    assert lines[-1] == "sound"


def test_the_same_as_json(path: Path, shell: Shell) -> None:
    done = shell("journal", path, "--json")
    said = done.json
    assert done.status == 0
    assert (said["venue"], said["account"], said["ended"]) == ("toy", "fingerprint", 1)
    assert (said["sound"], said["damaged_at"], said["torn_bytes"]) == (True, None, 0)
    assert [row["client_order_id"] for row in said["open"]] == ["limit1", "market1"]
    assert said["open"][0] == {
        "client_order_id": "limit1",
        "instrument": "BTC/USDT",
        "side": "buy",
        "order_type": "limit",
        "quantity": "0.01",
        "quote_quantity": None,
        "price": "50000.10",
        "stop_price": None,
        "sends": 2,
        "first_sent": "2027-01-15T08:00:00+00:00",
        "fence": "2027-01-15T08:00:02.500000+00:00",
    }
    assert said["open"][1]["fence"] is None


def test_it_reads_while_another_writes_and_changes_nothing(path: Path, shell: Shell) -> None:
    writer = FileJournal(path, "toy", "fingerprint", durable=False)
    before = path.read_bytes()
    done = shell("journal", path)
    assert done.status == 0
    assert "limit1" in done.out
    assert path.read_bytes() == before
    asyncio.run(writer.aclose())


def test_a_torn_end_is_harmless_and_left_as_it_is(path: Path, shell: Shell) -> None:
    path.write_bytes(DATA[:-5])
    done = shell("journal", path)
    assert done.status == 0
    assert f"the last {len(FRAMES[-1]) - 5} bytes: harmless" in done.out
    assert shell("journal", path, "--json").json["torn_bytes"] == len(FRAMES[-1]) - 5
    assert path.read_bytes() == DATA[:-5]


def test_damage_is_told_with_its_byte_and_what_to_do(path: Path, shell: Shell) -> None:
    at = len(FRAMES[0]) + len(FRAMES[1])
    data = bytearray(DATA)
    data[at + 30] ^= 1
    path.write_bytes(data)
    done = shell("journal", path)
    assert done.status == 1
    assert f"damaged at byte {at} of {len(DATA)}" in done.out
    assert "move the file away" in done.out
    assert "limit1" in done.out
    assert "market1" not in done.out
    said = shell("journal", path, "--json")
    assert (said.status, said.json["sound"], said.json["damaged_at"]) == (1, False, at)


def test_a_record_that_makes_no_sense_is_damage_at_its_byte(path: Path, shell: Shell) -> None:
    path.write_bytes(DATA + records.framed(b'{"step":"dreamt"}') + FRAMES[-1])
    said = shell("journal", path, "--json")
    assert (said.status, said.json["damaged_at"]) == (1, len(DATA))
    assert said.json["reason"] == "record 6: unknown step 'dreamt'"
    assert len(said.json["open"]) == 2


def test_a_file_of_something_else_is_not_called_torn(path: Path, shell: Shell) -> None:
    path.write_text("[main]\nadapter = 'binance'\n")
    done = shell("journal", path)
    assert done.status == 1
    assert "does not begin as a journal" in done.out


def test_a_new_file_is_sound_and_nobodys(path: Path, shell: Shell) -> None:
    path.write_bytes(b"")
    done = shell("journal", path)
    assert done.status == 0
    assert "nobody yet" in done.out


@pytest.mark.parametrize("words", [[], ["--json"]], ids=["a text", "JSON"])
def test_a_file_that_there_is_not_is_wrong_usage(words: list[str], tmp_path: Path, shell: Shell) -> None:
    done = shell("journal", tmp_path / "missing.journal", *words)
    assert done.status == 2
    assert "No such file" in done.err


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_torn_or_damage_at_the_record_it_is_in(at: int, change: int) -> None:
    data = bytearray(DATA)
    data[at] ^= change
    finding = examined(bytes(data))
    starts = [sum(map(len, FRAMES[:number])) for number in range(len(FRAMES))]
    start = max(start for start in starts if start <= at)
    if start == starts[-1]:
        assert (finding.is_sound, finding.torn) == (True, len(FRAMES[-1]))
    else:
        assert finding.damaged_at == start
