"""Words that try to leave their place in a request: every text argument of every operation of every adapter.

A request is refused before it leaves (`not_sent`), or the word stands in one place of it, encoded: no parameter more
than with a harmless word, no other path, no header of its own. What is signed is what is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from attrs import evolve, fields, has

from tests.adapters.tried import STAMP, endpoint, tried
from unified.adapter import Adapter
from unified.errors import Outcome, VenueError
from unified.http import HttpRequest
from unified.instrument import Instrument
from unified.operations import Operation
from unified.registry import installed
from unified.settings import UNSAFE_ADDRESS
from unified.testing.hostile import WORDS

HARMLESS = "harmless"
_HEADER = re.compile(r"[\t -~]*")


def variants(part: Any, word: str) -> Iterator[tuple[str, Any]]:
    """It with the word in the place of one of its texts: ids, cursors, symbols, and those of its parts."""
    for attribute in fields(type(part)):
        value, name = getattr(part, attribute.name), attribute.name
        if not attribute.init or name in ("listing", "order_type", "product"):
            continue
        if type(value) is str or (value is None and str(attribute.type).startswith("str")):
            yield name, evolve(part, **{name: word})
        elif isinstance(value, Instrument):
            yield "symbol", evolve(part, instrument=evolve(value, symbol=word))
            yield "native", evolve(part, instrument=evolve(value, native=word))
        elif isinstance(value, tuple) and value and has(type(value[0])):
            yield from (
                (f"{name}.{inner}", evolve(part, **{name: (one, *value[1:])}))
                for inner, one in variants(value[0], word)
            )
        elif has(type(value)):
            yield from ((f"{name}.{inner}", evolve(part, **{name: one})) for inner, one in variants(value, word))


def shape(request: HttpRequest) -> tuple[Any, ...]:
    """What must not change with a word: method, host, the number of path parts, the names of parameters and headers."""
    is_json = request.body[:1] in (b"{", b"[")
    body = request.body.decode()
    return (
        request.method,
        request.base,
        request.path.count("/"),
        [name for name, _ in parse_qsl(request.query, keep_blank_values=True)],
        sorted(request.headers),
        _names(json.loads(body)) if is_json else [name for name, _ in parse_qsl(body, keep_blank_values=True)],
    )


def _names(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _names(inner) for name, inner in value.items()}
    return [_names(inner) for inner in value] if isinstance(value, list) else None


def is_sendable(request: HttpRequest) -> bool:
    """Whether every byte of it may leave as it stands."""
    return (
        not UNSAFE_ADDRESS.search(request.url)
        and "?" not in request.path
        and ".." not in request.path.split("/")
        and all(_HEADER.fullmatch(f"{name}{value}") for name, value in request.headers.items())
    )


def built(adapter: Adapter, operation: Operation[Any]) -> HttpRequest | None:
    """The request, or None where it is refused; what cannot be encoded, the scheduler refuses."""
    try:
        return endpoint(adapter, operation).build(operation, STAMP)
    except UnicodeEncodeError:
        return None
    except TypeError as error:
        return None if "not valid UTF-8" in str(error) else pytest.fail(f"{error} while building")
    except VenueError as error:
        return None if error.outcome is Outcome.NOT_SENT else pytest.fail(f"{error} while building")


@pytest.mark.parametrize("name", installed())
@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_no_word_leaves_its_place(name: str, word: str) -> None:
    adapter, count = tried(name).adapter, 0
    for operation in tried(name).one_of_each():
        harmless = dict(variants(operation, HARMLESS))
        for part, changed in variants(operation, word):
            request, plain = built(adapter, changed), built(adapter, harmless[part])
            count += 1
            if request is None:
                continue
            where = f"{operation.name} {operation.product}: {part}"
            assert is_sendable(request), where
            assert plain is None or shape(request) == shape(plain), where
            assert request == built(adapter, changed), f"{where}: the same stamp makes the same bytes"
    assert count > 15


def test_control_a_request_in_which_a_word_leaves_its_place_is_found() -> None:
    adapter = tried("binance").adapter
    request = next(found for one in tried("binance").examples if (found := built(adapter, one)) and found.query)
    assert is_sendable(request)
    assert shape(evolve(request, query=f"{request.query}&side=sell")) != shape(request)
    assert shape(evolve(request, path=f"{request.path}/x")) != shape(request)
    for broken in (
        evolve(request, query="a=b\r\nX: 1"),
        evolve(request, path="/a/../b"),
        evolve(request, headers={"X-Key": "a\r\nX-Evil: 1"}),
    ):
        assert not is_sendable(broken)
