"""Nonces rise whatever the wall clock does."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.errors import Kind, Outcome, VenueError
from unified.nonce import LARGEST, NonceSource, TokenSource

WALL_NS = 1_790_000_000_000_000_000


@given(st.lists(st.integers(0, 2 * WALL_NS), min_size=1))
def test_nonces_rise_whatever_the_wall_clock_does(wall_clock: list[int]) -> None:
    source = NonceSource()
    nonces = [source.next(wall_ns) for wall_ns in wall_clock]
    assert all(earlier < later for earlier, later in pairwise(nonces))


def test_a_nonce_is_the_wall_clock_in_nanoseconds_as_long_as_that_rises() -> None:
    source = NonceSource()
    assert [source.next(WALL_NS), source.next(WALL_NS + 5), source.next(WALL_NS + 5)] == [
        WALL_NS,
        WALL_NS + 5,
        WALL_NS + 6,
    ]


def test_a_restart_goes_on_above_the_last_run() -> None:
    first_run = NonceSource()
    last = [first_run.next(WALL_NS) for _ in range(1000)][-1]
    assert NonceSource().next(WALL_NS + 1_000_000) > last


def test_a_key_without_numbers_left_is_refused_before_anything_leaves() -> None:
    source = NonceSource()
    source.next(LARGEST - 1)
    assert source.next(WALL_NS) == LARGEST
    with pytest.raises(VenueError, match="make a new key") as caught:
        source.next(WALL_NS)
    assert (caught.value.kind, caught.value.outcome) == (Kind.NONCE_REJECTED, Outcome.NOT_SENT)


def test_words_are_never_the_same_however_many_are_drawn() -> None:
    source = TokenSource(Random(1).getrandbits)
    words = [source.next() for _ in range(1000)]
    assert len(set(words)) == 1000
    assert all(len(word) == 32 and set(word) <= set("0123456789abcdef") for word in words)


def test_words_of_small_numbers_have_all_their_digits() -> None:
    assert TokenSource(lambda _bits: 1).next() == f"{1:032x}"
