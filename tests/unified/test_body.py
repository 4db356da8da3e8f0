"""The counted body: whole where it may be, stopped where it must be, however it is cut into chunks."""

from __future__ import annotations

import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.body import CountedBody, UnreadableBodyError

LIMIT = 1000


def packed(data: bytes) -> bytes:
    return zlib.compress(data, wbits=31)


def read(data: bytes, encoding: str = "", *, limit: int = LIMIT, chunk: int = 7) -> bytes:
    body = CountedBody(limit, encoding)
    for start in range(0, len(data), chunk):
        body.feed(data[start : start + chunk])
    return body.finish()


@given(st.binary(max_size=LIMIT), st.integers(1, 2 * LIMIT))
def test_what_fits_comes_out_as_it_went_in(data: bytes, chunk: int) -> None:
    assert read(data, chunk=chunk) == data
    assert read(packed(data), "gzip", limit=LIMIT + 100, chunk=chunk) == data


@given(st.integers(LIMIT + 1, 3 * LIMIT), st.integers(1, 4 * LIMIT))
def test_one_byte_too_many_stops_it(size: int, chunk: int) -> None:
    for data, encoding in ((bytes(size), ""), (packed(bytes(size)), "gzip")):
        with pytest.raises(UnreadableBodyError, match="larger than 1000 bytes"):
            read(data, encoding, chunk=chunk)


@pytest.mark.parametrize("encoding", ["", "identity", "gzip"])
def test_no_body_is_an_empty_body(encoding: str) -> None:
    assert read(b"", encoding) == b""


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"{}", id="no gzip at all"),
        pytest.param(packed(b"abc" * 50)[:-1], id="a cut trailer"),
        pytest.param(packed(b"abc" * 50)[:-8] + bytes(8), id="a wrong checksum"),
        pytest.param(packed(b"abc") + b"{}", id="bytes after the end"),
        pytest.param(packed(b"abc") + packed(b"abc"), id="a second stream after the first"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 10_000])
def test_damaged_gzip_is_unreadable(data: bytes, chunk: int) -> None:
    with pytest.raises(UnreadableBodyError, match="gzip body"):
        read(data, "gzip", chunk=chunk)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_an_encoding_that_was_not_asked_for_is_unreadable(encoding: str) -> None:
    with pytest.raises(UnreadableBodyError, match="encoding"):
        CountedBody(LIMIT, encoding)


def test_a_bomb_costs_no_more_memory_than_the_limit() -> None:
    bomb = packed(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableBodyError):
            read(bomb, "gzip", limit=100_000, chunk=65_536)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000
