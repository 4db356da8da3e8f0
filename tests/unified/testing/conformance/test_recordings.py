from __future__ import annotations

from pathlib import Path

import pytest

from unified.errors import ConfigurationError
from unified.instrument import Product
from unified.testing.conformance.recordings import recordings

HTTP = """POST /orders?x=1 HTTP/1.1
content-type: application/json

{"symbol":"BTCUSDT"}
HTTP/1.1 429 Too Many Requests
Retry-After: 3

{"error":{"code":"throttled"}}
"""


def test_a_recording_is_a_request_and_its_answer(tmp_path: Path) -> None:
    (tmp_path / "place_order.spot.refused.http").write_text(HTTP)
    (found,) = recordings(tmp_path)
    assert (found.operation, found.product, found.method, found.path) == (
        "place_order",
        Product.SPOT,
        "POST",
        "/orders",
    )
    assert (found.response.status, found.response.header("retry-after")) == (429, "3")
    assert found.response.body == b'{"error":{"code":"throttled"}}'


def test_a_json_recording_keeps_the_digits_of_its_answer(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '{"method": "GET", "path": "/t?a=1", "response": {"last": 1.10000000000000000001}}'
    )
    (found,) = recordings(tmp_path)
    assert (found.operation, found.path) == ("", "/t")
    assert found.response.body == b'{"last": 1.10000000000000000001}'


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("words")
    (tmp_path / "a.json").write_text('{"frames": []}')
    assert list(recordings(tmp_path)) == []


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no folder"):
        list(recordings(tmp_path / "nowhere"))
    (tmp_path / "ticker.http").write_text("just words")
    with pytest.raises(ConfigurationError, match=r"ticker\.http: expected"):
        list(recordings(tmp_path))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[" * 20_000, id="lists in lists"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b'{"method": 1, "path": [], "response": {}}', id="a path that is none"),
        pytest.param(b'{"method": "GET", "path": "http://[::1", "response": {}}', id="an address that is none"),
    ],
)
def test_a_damaged_file_is_named(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "ticker.json").write_bytes(body)
    with pytest.raises(ConfigurationError, match=r"ticker\.json: is no recording"):
        list(recordings(tmp_path))
