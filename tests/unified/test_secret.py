"""Secrets do not leak by any way that is walked by accident."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.adapter import AdapterSettings
from unified.secret import Credentials, Secret

HIDDEN = "dummy-hidden-text"
SECRET = Secret(HIDDEN)
CREDENTIALS = Credentials(key="dummy-key-0001", secret=SECRET, passphrase=Secret(HIDDEN))


def shown_by_logging(value: object) -> str:
    record = logging.LogRecord("name", logging.INFO, "path", 1, "%s %r", (value, value), None)
    return logging.Formatter().format(record)


def shown_by_traceback(value: object) -> str:
    """A traceback as tools print it that show the variables of each frame."""

    def failing(secret: object) -> None:
        pair = {"secret": secret}
        raise RuntimeError(f"{pair}")

    try:
        failing(value)
    except RuntimeError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    raise AssertionError


WAYS: dict[str, Callable[[Any], object]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "an f-string": lambda value: f"{value}{value!r}{value!s}",
    "a format with a width": lambda value: format(value, "") + f"{value!s:>40}",
    "percent": lambda value: "%s %r" % (value, value),  # noqa: UP031 - this way of printing is what is tested
    "a container": lambda value: repr([value, {"a": value}, (value,)]),
    "logging": shown_by_logging,
    "a traceback with variables": shown_by_traceback,
    "orjson with a default": lambda value: orjson.dumps({"a": value}, default=str),
    "json with a default": lambda value: json.dumps({"a": value}, default=repr),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=[f"not by {way}" for way in WAYS])
@pytest.mark.parametrize(
    "holder",
    [
        pytest.param(SECRET, id="a secret"),
        pytest.param(CREDENTIALS, id="credentials"),
        pytest.param(AdapterSettings(credentials=CREDENTIALS), id="settings that hold credentials"),
    ],
)
def test_nothing_that_prints_shows_it(holder: object, way: Callable[[Any], object]) -> None:
    shown = str(way(holder))
    assert shown
    assert HIDDEN not in shown


@pytest.mark.parametrize(
    "copying",
    [
        pytest.param(pickle.dumps, id="pickle"),
        pytest.param(lambda value: pickle.dumps(value, protocol=0), id="the oldest pickle"),
        pytest.param(copy.deepcopy, id="a deep copy"),
        pytest.param(json.dumps, id="json"),
        pytest.param(orjson.dumps, id="orjson"),
    ],
)
@pytest.mark.parametrize("holder", [SECRET, [SECRET], CREDENTIALS], ids=["a secret", "a list", "credentials"])
def test_it_is_not_written_anywhere(holder: object, copying: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError) as info:
        copying(holder)
    assert HIDDEN not in str(info.value)


def test_it_is_not_copied_nor_hashed() -> None:
    for refused in (copy.copy, hash):
        with pytest.raises(TypeError, match="a secret is not"):
            refused(SECRET)


def test_it_has_no_dictionary_to_look_into() -> None:
    with pytest.raises(TypeError):
        vars(SECRET)
    assert HIDDEN not in repr(attrs.asdict(CREDENTIALS))


@given(st.text(), st.text())
def test_secrets_are_equal_as_their_texts_are(first: str, second: str) -> None:
    assert (Secret(first) == Secret(second)) is (first == second)
    assert Secret(first).reveal() == first
    assert bool(Secret(first)) is bool(first)
    assert Secret(first) != first


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        pytest.param("dummy-key-0001", "key='dumm...'", id="a key is shown by its first four letters"),
        pytest.param("12345678", "key=[secret]", id="a short key not at all"),
    ],
)
def test_a_printed_key_is_recognised_but_not_told(key: str, shown: str) -> None:
    printed = repr(Credentials(key=key, secret=SECRET))
    assert shown in printed
    assert key not in printed


def test_a_fingerprint_tells_accounts_apart_and_is_no_part_of_the_key() -> None:
    one, other = (Credentials(key=f"dummy-key-{n}", secret=SECRET).fingerprint for n in (1, 2))
    assert one != other
    assert one == Credentials(key="dummy-key-1", secret=Secret("another")).fingerprint
    assert len(one) == 12
