"""Listings on disk: what was kept comes back to the digit; what is damaged, old or somebody else's does not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import asdict

from tests.toy import BTC, Toy
from unified.adapter import AdapterSettings
from unified.instrument import Instrument, Instruments, InstrumentStatus, Product
from unified.listing_file import MOST_AGE_SECONDS, ListingFile

Damage = Callable[[bytes], bytes]
NOW_NS = 1_795_262_400_000_000_000
FULL = Instrument(
    symbol="ETH-USDT-SWAP",
    product=Product.SPOT,
    base="ETH",
    quote="USDT",
    settle="USDT",
    tick_size=Decimal("0.010"),
    lot_size=Decimal("1E-8"),
    min_quantity=Decimal("0.001"),
    max_quantity=Decimal(9000),
    max_market_quantity=Decimal("71.03712300"),
    min_price=Decimal("0.01"),
    max_price=Decimal(1_000_000),
    min_notional=Decimal(5),
    max_notional=Decimal(9_000_000),
    quote_step=Decimal("1E-8"),
    contract_size=Decimal("0.1"),
    status=InstrumentStatus.RESTRICTED,
    aliases=("ETHUSDT", "XETHZ"),
    native="17",
)


def file(folder: Path, **settings: object) -> ListingFile:
    return ListingFile(folder, Toy(AdapterSettings(**settings)))  # type: ignore[arg-type]  # hosts alone are given


def test_what_was_kept_comes_back_to_the_digit(tmp_path: Path) -> None:
    kept = file(tmp_path / "new")
    kept.save(Product.SPOT, Instruments([BTC, FULL]), NOW_NS)
    found = kept.load(Product.SPOT, NOW_NS + 5_000_000_000)
    assert found is not None
    assert found.age == 5.0
    assert list(map(repr, found.instruments)) == list(map(repr, (BTC, FULL)))
    assert [path.name for path in (tmp_path / "new").iterdir()] == [kept.path(Product.SPOT).name]


def test_nothing_kept_is_nothing_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert file(tmp_path).load(Product.SPOT, NOW_NS) is None
    assert not caplog.records


def test_other_hosts_and_products_have_files_of_their_own(tmp_path: Path) -> None:
    kept = file(tmp_path)
    kept.save(Product.SPOT, Instruments([BTC]), NOW_NS)
    assert kept.load(Product.LINEAR, NOW_NS) is None
    assert file(tmp_path, hosts={"main": "http://127.0.0.1:2"}).load(Product.SPOT, NOW_NS) is None
    assert file(tmp_path).load(Product.SPOT, NOW_NS) is not None


@pytest.mark.parametrize(
    "at_ns",
    [
        pytest.param(NOW_NS + int(MOST_AGE_SECONDS * 1e9) + 1, id="a listing of yesterday"),
        pytest.param(NOW_NS - 1, id="a listing of the future"),
    ],
)
def test_what_is_too_old_is_not_used(tmp_path: Path, at_ns: int) -> None:
    kept = file(tmp_path)
    kept.save(Product.SPOT, Instruments([BTC]), NOW_NS)
    assert kept.load(Product.SPOT, at_ns) is None


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda text: text[:-1], id="cut"),
        pytest.param(lambda text: text.replace(b"BTC", b"BTD"), id="another word"),
        pytest.param(lambda text: text.replace(b'"form":2', b'"form":1'), id="another form"),
        pytest.param(lambda _text: b"", id="empty"),
        pytest.param(lambda _text: b"[]\n[]", id="no head"),
        pytest.param(lambda _text: b"\xff\n", id="no text"),
    ],
)
def test_what_is_damaged_is_told_of_and_ignored(
    tmp_path: Path, damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    kept = file(tmp_path)
    kept.save(Product.SPOT, Instruments([BTC]), NOW_NS)
    path = kept.path(Product.SPOT)
    path.write_bytes(damage(path.read_bytes()))
    assert kept.load(Product.SPOT, NOW_NS) is None
    assert [str(path) in record.getMessage() for record in caplog.records] == [True]


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "taken").write_text("a file")
    file(tmp_path / "taken").save(Product.SPOT, Instruments([BTC]), NOW_NS)
    assert ["cannot be kept" in record.getMessage() for record in caplog.records] == [True]


def test_every_field_of_an_instrument_is_kept() -> None:
    bare = Instrument(symbol="", product=Product.SPOT, base="", quote="", tick_size=Decimal(1), lot_size=Decimal(1))
    # A field that is the same in both could be lost without anybody seeing it above.
    assert [name for name in asdict(bare) if getattr(FULL, name) == getattr(bare, name)] == ["product"]
