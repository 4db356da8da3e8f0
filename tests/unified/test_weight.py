"""What a text weighs: never less than what was measured, and little enough that honest listings pass."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from benchmarks.speed import answers
from unified import wire
from unified.body import CountedBody, UnreadableBodyError
from unified.http import HttpResponse
from unified.settings import TransportSettings
from unified.weight import TIMES, WORST, weight_of
from unified.wire import exact_json, json_of

Read = Callable[[HttpResponse], Any]
CAP = 2 * 2**20
CHUNK = 2**16
HARMFUL = {
    "lists": "[],",
    "objects": "{},",
    "objects of one member": '{"a":1},',
    "objects of six members": '{"a":"xx","b":"xx","c":"xx","d":"xx","e":"xx","f":"xx"},',
    "objects in objects": '{"a":{"a":{"a":1}}},',
    "lists in lists": "[[[[1]]]],",
    "pairs": "[0,0],",
    "short texts": '"éb",',
    "characters of three bytes": '"币",',
    "emojis": '"😀",',
    "spelled characters": '"\\u5e01",',
    "short numbers": "1.5,",
    "objects of one short number": '{"a":1.5},',
}
WIDE = {
    "one long text": "",
    "a text with an escape": "\\n",
    "a text with an emoji": "😀",
    "a text with a spelled emoji": "\\ud83d\\ude00",
    "a text of two bytes a character": "币",
}


def repeated(row: str, size: int) -> bytes:
    return f"[{row * (size // len(row.encode()))}0]".encode()


def names(size: int) -> bytes:
    """Members that no two objects share the names of."""
    return ("{" + ",".join(f'"é{number:05x}":"é"' for number in range(size // 16)) + "}").encode()


def objects_with_names(size: int) -> bytes:
    """Objects of one member each, none named like another."""
    return ("[" + ",".join(f'{{"{number:05x}":1.5}}' for number in range(size // 14)) + "]").encode()


def text(within: str, size: int) -> bytes:
    return f'"{"x" * (size - 30)}{within}"'.encode()


HOSTILE: dict[str, Callable[[int], bytes]] = {
    **{about: partial(repeated, row) for about, row in HARMFUL.items()},
    **{about: partial(text, within) for about, within in WIDE.items()},
    "names of one use": names,
    "objects with names of one use": objects_with_names,
}


def feed(counted: CountedBody, body: bytes, chunk: int) -> None:
    for start in range(0, len(body), chunk):
        counted.feed(body[start : start + chunk])


def taken(read: Read, body: bytes, cap: int) -> int:
    """Bytes held at once, the body among them, by who receives it and reads it. Raises as the counted body does."""
    tracemalloc.start()
    try:
        counted = CountedBody(cap, to_read=True)
        feed(counted, body, CHUNK)
        whole = counted.finish()
        del counted
        read(HttpResponse(status=200, body=whole))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("read", [json_of, exact_json])
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_an_answer_takes_three_times_the_cap_at_most(
    hostile: Callable[[int], bytes], read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LONG_BODY", 1)  # as if it were long: orjson sets memory aside that it does not use
    each = min(WORST, weight_of(hostile(CHUNK)) / CHUNK)
    assert taken(read, hostile(int(TIMES * CAP / each * 0.98)), CAP) < TIMES * CAP, "the heaviest that may pass"
    too_heavy = hostile(int(TIMES * CAP / each * 1.02))
    with pytest.raises(UnreadableBodyError, match=r"times|larger"):
        taken(read, too_heavy, CAP)


def test_control_a_body_of_the_size_of_the_cap_could_take_much_more() -> None:
    body = repeated("[[[[1]]]],", 2**20)
    assert 20 * len(body) < taken(json_of, body, 100 * len(body)) < WORST * len(body)


def test_a_short_body_is_not_weighed_since_it_cannot_take_too_much() -> None:
    body = repeated("[[[[1]]]],", TIMES * CAP // WORST - 10)
    assert taken(exact_json, body, CAP) < TIMES * CAP


NOTES = {
    "plain": "",
    "with a Chinese name": "币安人生",
    "with an emoji": "😀",
    "with a spelled name": "\\u5e01",
    "with an escape": "a\\/b",
}


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
def test_the_largest_honest_listing_passes(note: str) -> None:
    """Binance's spot listing of 2026-11: 3,300 instruments, 5.2 MB; whatever one name in it is written with."""
    listing = answers.listing()
    assert 5_000_000 < len(listing) < 5_500_000
    listing = listing.replace(b'{"symbol"', f'{{"note":"{note}","symbol"'.encode(), 1)
    assert note.encode() in listing
    cap = TransportSettings().body_limit
    assert taken(json_of, listing, cap) < TIMES * cap


def test_the_weight_is_the_same_however_the_text_comes() -> None:
    whole = repeated('{"a":"b\\u5e01","c":[1.5,"é"]},', 10_000)
    cap = int(weight_of(whole) / TIMES) - 1
    for chunk in (1, 7, len(whole)):
        counted = CountedBody(cap, to_read=True)
        with pytest.raises(UnreadableBodyError, match=f"more than 3 times {cap} bytes"):
            feed(counted, whole, chunk)
    assert weight_of(whole.decode()) == weight_of(whole)
