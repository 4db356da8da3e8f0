"""The journal: what it says after any crash, whom it lets in, and what it does when it cannot be written.

Long because every way in which a file can fail has its own small story here.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.toy import BTC, Wire, placed, refusal, toy_client, virtual
from unified import journal as module
from unified import records
from unified.errors import ConfigurationError, Kind, Outcome, VenueError
from unified.journal import FileJournal
from unified.operations import PlaceBatch, PlaceOrder
from unified.order import Side
from unified.records import OrderRecord, SpentRecord

ACCOUNT = "fingerprint"


def record(id_: str, sends: int = 1, fence_ms: int | None = 2_000) -> OrderRecord:
    order = PlaceOrder(instrument=BTC, side=Side.BUY, quantity=Decimal(1), price=Decimal(50_000), client_order_id=id_)
    return OrderRecord(order=order, sends=sends, fence_ms=fence_ms, first_sent_ms=1_000)


def opened(path: Path, *, durable: bool = False, venue: str = "toy", account: str = ACCOUNT) -> FileJournal:
    return FileJournal(path, venue, account, durable=durable)


async def left_over(path: Path) -> dict[str, OrderRecord]:
    """What the next process finds."""
    journal = opened(path)
    found = dict(journal.left_over)
    await journal.aclose()
    return found


def size_of(path: Path) -> int:
    return path.stat().st_size


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def content(path: Path) -> bytes:
    return path.read_bytes()


async def on_record(journal: FileJournal, item: OrderRecord) -> None:
    """As placement does before a copy leaves."""
    to_wait_for = journal.sending(item)
    if to_wait_for is not None:
        await to_wait_for


def put(path: Path, data: bytes | bytearray, mode: int = 0o600) -> None:
    path.write_bytes(data)
    path.chmod(mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.journal"


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the file at each sync of it."""
    seen: list[int] = []
    real = os.fdatasync

    def counted(file: int) -> None:
        seen.append(os.fstat(file).st_size)
        real(file)

    monkeypatch.setattr(os, "fdatasync", counted)
    return seen


class FullDisk:
    """Writes that the system takes only in part, then not at all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None
        self.full = asyncio.Event()
        self._write = os.write
        monkeypatch.setattr(os, "write", self)

    def __call__(self, file: int, data: bytes) -> int:
        if self.room is None:
            return self._write(file, data)
        if not self.room:
            self.full.set()
            raise OSError(28, "No space left on device")
        written = self._write(file, data[: self.room])
        self.room -= written
        return written


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


both = pytest.mark.parametrize("durable", [True, False], ids=["durable", "process"])


class TestMemory:
    @both
    async def test_an_order_without_a_known_outcome_is_left_over(self, path: Path, *, durable: bool) -> None:
        journal = opened(path, durable=durable)
        for item in (record("a"), record("b"), record("b", sends=2, fence_ms=3_000), record("c")):
            await on_record(journal, item)
        journal.ended("a", Outcome.DONE)
        await journal.aclose()
        assert await left_over(path) == {"b": record("b", sends=2, fence_ms=3_000), "c": record("c")}

    async def test_an_order_that_was_left_over_is_forgotten_when_it_has_ended(self, path: Path) -> None:
        first = opened(path)
        await on_record(first, record("a"))
        await first.aclose()
        second = opened(path)
        second.ended("a", Outcome.REJECTED)
        await second.aclose()
        assert await left_over(path) == {}

    async def test_an_id_that_is_used_again_is_a_new_order(self, path: Path) -> None:
        journal = opened(path, durable=True)
        await on_record(journal, record("a", fence_ms=1))
        journal.ended("a", Outcome.DONE)
        await on_record(journal, record("a", fence_ms=9))
        await journal.aclose()
        assert await left_over(path) == {"a": record("a", fence_ms=9)}

    async def test_what_nobody_has_sent_cannot_end(self, path: Path) -> None:
        journal = opened(path)
        size = size_of(path)
        journal.ended("never", Outcome.DONE)
        assert size_of(path) == size
        await journal.aclose()

    async def test_no_secret_and_no_key_stands_in_the_file(self, path: Path) -> None:
        client = toy_client(Wire().on("place_order", placed()), journal=opened(path))
        async with client:
            await client.place_order("BTC/USDT", "buy", quantity="0.01", price="50000")
        said = content(path)
        assert b"50000" in said
        assert b"toy-dummy" not in said


class TestLimits:
    FIRST = SpentRecord(
        bucket="weight",
        key="",
        rule="FixedWindow 60",
        door="spot",
        used=20,
        under_way=0,
        until_ms=9_000,
        arrives_ms=9_000,
    )
    LATER = SpentRecord(
        bucket="weight",
        key="",
        rule="FixedWindow 60",
        door="spot",
        used=40,
        under_way=0,
        until_ms=9_900,
        arrives_ms=9_900,
    )

    @both
    async def test_the_next_process_finds_the_last_word_about_a_limit(self, path: Path, *, durable: bool) -> None:
        journal = opened(path, durable=durable)
        journal.limited(self.FIRST)
        await asyncio.gather(on_record(journal, record("a")), asyncio.to_thread(lambda: None))
        journal.limited(self.LATER)
        await journal.aclose()
        journal.limited(self.FIRST)  # too late, and no error: the request it is about does not leave any more
        second = opened(path)
        assert list(second.limits) == [self.LATER]
        await second.aclose()

    async def test_it_outlasts_the_rewriting_of_the_file(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "COMPACT_BYTES", 2_000)
        journal = opened(path)
        for _ in range(50):
            journal.limited(self.FIRST)
            journal.limited(self.LATER)
        await journal.aclose()
        assert size_of(path) < 4_000
        second = opened(path)
        assert list(second.limits) == [self.LATER]
        await second.aclose()

    async def test_a_full_disk_is_told_of_and_stops_nobody(
        self, path: Path, disk: FullDisk, caplog: pytest.LogCaptureFixture
    ) -> None:
        journal = opened(path)
        disk.room = 0
        journal.limited(self.FIRST)
        assert "a note was not written" in caplog.text
        await journal.aclose()

    def test_a_client_keeps_the_ban_of_the_one_before(self, path: Path) -> None:
        async def story() -> None:
            banned = Wire().on("ticker", refusal(Kind.BANNED, scope="ip", retry_after=60.0))
            async with toy_client(banned, journal=journal()) as first:
                with pytest.raises(VenueError):
                    await first.ticker(BTC)
            quiet = Wire()
            async with toy_client(quiet, journal=journal()) as second:
                with pytest.raises(VenueError) as caught:
                    await second.ticker(BTC)
            assert caught.value.outcome is Outcome.NOT_SENT
            assert caught.value.kind is Kind.BANNED
            assert quiet.sent == []

        def journal() -> FileJournal:
            return FileJournal(path, "toy", ACCOUNT, durable=False)

        virtual(story)


class TestCrash:
    async def test_a_torn_end_is_cut_at_every_byte_and_all_before_survives(self, path: Path) -> None:
        journal = opened(path)
        ends = {size_of(path): 0}
        for number in range(1, 4):
            await on_record(journal, record(f"id{number}"))
            ends[size_of(path)] = number
        await journal.aclose()
        whole = content(path)
        for size in range(min(ends), len(whole) + 1):
            put(path, whole[:size])
            found = await left_over(path)
            assert len(found) == max(number for end, number in ends.items() if end <= size)
            assert all(found[id_] == record(id_) for id_ in found)
            assert size_of(path) == max(end for end in ends if end <= size)

    async def test_damage_in_the_middle_is_refused_by_name_and_byte(self, path: Path) -> None:
        journal = opened(path)
        first = size_of(path)
        await on_record(journal, record("a"))
        await on_record(journal, record("b"))
        await journal.aclose()
        data = bytearray(content(path))
        data[first + 20] ^= 1
        put(path, data)
        with pytest.raises(ConfigurationError, match=rf"{path}: damaged at byte {first}; see: unified journal"):
            opened(path)
        assert content(path) == data

    async def test_a_record_of_the_future_is_refused_by_its_number(self, path: Path) -> None:
        await opened(path).aclose()
        with path.open("ab") as file:
            file.write(records.framed(b'{"step":"dreamt"}'))
        with pytest.raises(ConfigurationError, match="record 2: unknown step 'dreamt'"):
            opened(path)

    def test_a_file_of_something_else_is_refused_and_not_cut(self, path: Path) -> None:
        put(path, b"[main]\nadapter = 'binance'\n")
        with pytest.raises(ConfigurationError, match="not a journal"):
            opened(path)
        assert content(path).startswith(b"[main]")

    @given(tail=st.binary(max_size=300), owned=st.booleans())
    @settings(max_examples=200)
    def test_arbitrary_bytes_are_opened_or_refused(self, tail: bytes, *, owned: bool) -> None:
        folder = Path(mkdtemp())
        path = folder / "orders.journal"
        put(path, (records.framed(records.opened("toy", ACCOUNT)) if owned else b"") + tail)
        try:
            journal = opened(path)
        except ConfigurationError as refused:
            assert str(path) in str(refused)  # noqa: PT017 - either way is right, this one by name
        else:
            assert journal.left_over == {}
            asyncio.run(journal.aclose())
        finally:
            shutil.rmtree(folder)


class TestOwner:
    @pytest.mark.parametrize(
        ("venue", "account"),
        [pytest.param("toy", "another", id="another account"), pytest.param("okx", ACCOUNT, id="another venue")],
    )
    async def test_the_file_of_another_is_refused(self, venue: str, account: str, path: Path) -> None:
        await opened(path).aclose()
        with pytest.raises(ConfigurationError, match=r"is about toy account fingerprint; each account has its own"):
            opened(path, venue=venue, account=account)
        await opened(path).aclose()

    async def test_a_second_writer_is_refused_until_the_first_has_closed(self, path: Path) -> None:
        first = opened(path)
        with pytest.raises(ConfigurationError, match="another process writes it"):
            opened(path)
        await first.aclose()
        await opened(path).aclose()

    async def test_the_lock_holds_after_the_file_was_written_anew(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "COMPACT_BYTES", 1)
        first = opened(path)
        await on_record(first, record("a"))
        first.ended("a", Outcome.DONE)
        with pytest.raises(ConfigurationError, match="another process writes it"):
            opened(path)
        await first.aclose()

    async def test_the_file_is_its_users_alone_and_must_stay_so(self, path: Path) -> None:
        await opened(path).aclose()
        assert mode(path) == 0o600
        put(path, b"", 0o640)
        with pytest.raises(ConfigurationError, match=rf"chmod 600 {path}"):
            opened(path)

    def test_a_folder_that_there_is_not_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="No such file"):
            opened(tmp_path / "missing" / "orders.journal")

    async def test_a_file_that_was_refused_is_not_held(self, path: Path) -> None:
        await opened(path).aclose()
        with pytest.raises(ConfigurationError):
            opened(path, account="another")
        await opened(path).aclose()


class TestGrowth:
    async def test_writing_anew_keeps_what_is_open_and_forgets_what_has_ended(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "COMPACT_BYTES", 4_000)
        journal = opened(path)
        await on_record(journal, record("stays"))
        await on_record(journal, record("stays", sends=2, fence_ms=None))
        for number in range(200):
            await on_record(journal, record(f"id{number}"))
            journal.ended(f"id{number}", Outcome.DONE)
            assert size_of(path) < 5_000
        await journal.aclose()
        assert await left_over(path) == {"stays": record("stays", sends=2, fence_ms=None)}
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    async def test_opening_forgets_what_has_ended(self, path: Path) -> None:
        journal = opened(path)
        empty = size_of(path)
        await on_record(journal, record("a"))
        journal.ended("a", Outcome.DONE)
        await journal.aclose()
        await opened(path).aclose()
        assert size_of(path) == empty


class TestSyncs:
    async def test_an_order_is_on_the_disk_before_it_leaves(self, path: Path, syncs: list[int]) -> None:
        journal = opened(path, durable=True)
        await on_record(journal, record("a"))
        assert syncs[-1] == size_of(path)
        await journal.aclose()

    async def test_orders_that_are_placed_at_once_share_syncs(self, path: Path, syncs: list[int]) -> None:
        journal = opened(path, durable=True)
        before = len(syncs)
        await asyncio.gather(*(on_record(journal, record(f"id{number}")) for number in range(50)))
        assert 1 <= len(syncs) - before <= 2
        await journal.aclose()
        assert len(await left_over(path)) == 50

    async def test_whoever_comes_during_a_sync_waits_for_the_next(self, path: Path, syncs: list[int]) -> None:
        journal = opened(path, durable=True)
        before = len(syncs)
        first = asyncio.create_task(on_record(journal, record("a")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await on_record(journal, record("b"))
        assert first.done()
        assert len(syncs) - before == 2
        assert syncs[-1] == size_of(path)
        await journal.aclose()

    async def test_for_the_process_mode_the_system_has_it_and_nothing_is_synced(
        self, path: Path, syncs: list[int]
    ) -> None:
        journal = opened(path)
        before = len(syncs)
        await on_record(journal, record("a"))
        assert b'"a"' in content(path)
        assert len(syncs) == before
        await journal.aclose()

    async def test_an_outcome_alone_is_not_synced(self, path: Path, syncs: list[int]) -> None:
        journal = opened(path, durable=True)
        await on_record(journal, record("a"))
        before = len(syncs)
        journal.ended("a", Outcome.DONE)
        await journal.aclose()
        assert len(syncs) == before
        assert await left_over(path) == {}


class TestFailures:
    @both
    async def test_what_cannot_be_written_does_not_leave(self, path: Path, disk: FullDisk, *, durable: bool) -> None:
        journal = opened(path, durable=durable)
        disk.room = 0
        with pytest.raises(VenueError) as caught:
            await on_record(journal, record("a"))
        assert (caught.value.kind, caught.value.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
        assert "No space left" in caught.value.fault.hint
        await journal.aclose()

    @both
    async def test_half_a_record_on_a_full_disk_is_cut_before_the_next(
        self, path: Path, disk: FullDisk, *, durable: bool
    ) -> None:
        journal = opened(path, durable=durable)
        disk.room = 30
        with pytest.raises(VenueError):
            await on_record(journal, record("a"))
        journal.ended("a", Outcome.REJECTED)
        disk.room = None
        await on_record(journal, record("b"))
        await journal.aclose()
        assert await left_over(path) == {"b": record("b")}

    async def test_a_sync_that_fails_holds_every_order_that_waits_for_it(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_file: int) -> None:
            raise OSError(5, "Input/output error")

        journal = opened(path, durable=True)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", fail)
            sendings = (on_record(journal, record(f"id{number}")) for number in range(5))
            failures = await asyncio.gather(*sendings, return_exceptions=True)
        assert [getattr(failure, "outcome", None) for failure in failures] == [Outcome.NOT_SENT] * 5
        await on_record(journal, record("later"))
        await journal.aclose()

    async def test_a_writer_that_breaks_lets_nobody_wait_for_ever(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_file: int) -> None:
            raise RuntimeError("broken")

        journal = opened(path, durable=True)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", fail)
            writer = asyncio.create_task(on_record(journal, record("a")))
            await asyncio.wait([writer], timeout=30)
        assert writer.cancelled()
        await on_record(journal, record("b"))
        await journal.aclose()

    @both
    async def test_an_outcome_that_cannot_be_written_is_logged_not_raised(
        self, path: Path, disk: FullDisk, caplog: pytest.LogCaptureFixture, *, durable: bool
    ) -> None:
        journal = opened(path, durable=durable)
        await on_record(journal, record("a"))
        disk.room = 0
        journal.ended("a", Outcome.DONE)
        assert f"{path}: a note was not written (No space left on device)" in caplog.text
        await journal.aclose()
        disk.room = None
        assert await left_over(path) == {"a": record("a")}

    def test_a_client_whose_disk_is_full_sends_nothing(self, path: Path, disk: FullDisk) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", placed())
            async with toy_client(wire, journal=opened(path)) as client:
                await client.instruments()
                disk.room = 10
                with pytest.raises(VenueError) as caught:
                    await client.place_order("BTC/USDT", "buy", quantity="0.01", price="50000")
                assert (caught.value.outcome, wire.count("place_order")) == (Outcome.NOT_SENT, 0)
                assert client.pending() == ()
                disk.room = None
                await client.place_order("BTC/USDT", "buy", quantity="0.01", price="50000")
            assert wire.count("place_order") == 1
            assert await left_over(path) == {}

        virtual(story)

    def test_a_batch_of_which_one_item_was_not_written_waits_until_all_are(self, path: Path, disk: FullDisk) -> None:
        async def story() -> None:
            rows = [placed(f"v{id_}", client_order_id=id_, quantity="1") for id_ in ("a", "b")]
            wire = Wire().on(PlaceBatch.name, {"items": rows})
            async with toy_client(wire, journal=opened(path)) as client:
                instrument = await client.instrument("BTC/USDT")
                orders = [evolve(record(id_).order, instrument=instrument) for id_ in ("a", "b")]
                disk.room = len(records.framed(records.sent(record("a")))) + 40
                batch = asyncio.create_task(client.place_batch(orders))
                await asyncio.wait_for(disk.full.wait(), 5)
                assert wire.count(PlaceBatch.name) == 0
                disk.room = None
                assert [getattr(item, "client_order_id", None) for item in await batch] == ["a", "b"]
            assert wire.count(PlaceBatch.name) == 1
            assert await left_over(path) == {}

        virtual(story)


class TestClosing:
    @both
    async def test_closing_twice_is_closing_once(self, path: Path, *, durable: bool) -> None:
        journal = opened(path, durable=durable)
        await on_record(journal, record("a"))
        await journal.aclose()
        await journal.aclose()

    async def test_closing_finishes_what_is_being_written(self, path: Path) -> None:
        journal = opened(path, durable=True)
        writers = [asyncio.create_task(on_record(journal, record(f"id{number}"))) for number in range(3)]
        await asyncio.sleep(0)
        await journal.aclose()
        await asyncio.gather(*writers)
        assert len(await left_over(path)) == 3

    @both
    async def test_a_closed_journal_lets_no_order_leave(self, path: Path, *, durable: bool) -> None:
        journal = opened(path, durable=durable)
        await journal.aclose()
        with pytest.raises(VenueError, match="connect_failed") as caught:
            await on_record(journal, record("a"))
        assert caught.value.outcome is Outcome.NOT_SENT
        journal.ended("a", Outcome.REJECTED)
        assert await left_over(path) == {}

    @pytest.mark.parametrize("turns", range(4))
    async def test_a_cancelled_writer_leaves_no_order_behind(self, turns: int, path: Path) -> None:
        journal = opened(path, durable=True)
        writers = [asyncio.create_task(on_record(journal, record(id_))) for id_ in ("gone", "stays")]
        for _ in range(turns):
            await asyncio.sleep(0)
        late = asyncio.create_task(on_record(journal, record("late")))
        await asyncio.sleep(0)
        for writer, id_ in ((writers[0], "gone"), (late, "late")):
            writer.cancel()
            with pytest.raises(asyncio.CancelledError):
                await writer
            journal.ended(id_, Outcome.REJECTED)  # as placement does for an order that never left
        await writers[1]
        await journal.aclose()
        assert await left_over(path) == {"stays": record("stays")}


class Life(RuleBasedStateMachine):
    """A journal that is written, torn and opened again says what a dictionary says that suffers the same."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.path = self.folder / "orders.journal"
        self.loop = asyncio.new_event_loop()
        self.steps: list[tuple[int, dict[str, OrderRecord]]] = []
        """Size of the file after each step, and what is open then."""

    @initialize(durable=st.booleans())
    def begin(self, *, durable: bool) -> None:
        self.durable = durable
        self._open({})

    def _open(self, expected: dict[str, OrderRecord]) -> None:
        self.journal = opened(self.path, durable=self.durable)
        assert self.journal.left_over == expected
        self.steps = [(size_of(self.path), expected)]

    @property
    def model(self) -> dict[str, OrderRecord]:
        return self.steps[-1][1]

    def _step(self, model: dict[str, OrderRecord]) -> None:
        self.steps.append((size_of(self.path), model))

    @rule(id_=st.sampled_from("abcdef"), fence_ms=st.none() | st.integers(0, 9))
    def send(self, id_: str, fence_ms: int | None) -> None:
        before = self.model.get(id_)
        item = record(id_, sends=before.sends + 1 if before else 1, fence_ms=fence_ms)
        self.loop.run_until_complete(on_record(self.journal, item))
        self._step({**self.model, id_: item})

    @rule(id_=st.sampled_from("abcdef"))
    def end(self, id_: str) -> None:
        self.journal.ended(id_, Outcome.DONE)
        self._step({name: item for name, item in self.model.items() if name != id_})

    @rule()
    def close_and_open(self) -> None:
        self.loop.run_until_complete(self.journal.aclose())
        self._open(self.model)

    @precondition(lambda self: len(self.steps) > 1)
    @rule(seed=st.integers(0, 2**32))
    def crash(self, seed: int) -> None:
        self.loop.run_until_complete(self.journal.aclose())
        size = Random(seed).randint(self.steps[0][0], size_of(self.path))
        os.truncate(self.path, size)
        self._open(next(model for end, model in reversed(self.steps) if end <= size))

    @invariant()
    def what_others_read_is_the_model(self) -> None:
        if self.steps:
            payloads, _ = records.unframed(content(self.path))
            assert records.history(payloads).open == self.model

    def teardown(self) -> None:
        if self.steps:
            self.loop.run_until_complete(self.journal.aclose())
        self.loop.close()
        shutil.rmtree(self.folder)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
