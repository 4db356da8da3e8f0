"""Recorded answers, read from files. Sends nothing, judges nothing.

Two forms are known:

`OPERATION[.PRODUCT][.WHAT].http`: the request as it was sent and the answer as it came, secrets scrubbed::

    GET /ticker?symbol=BTC-EUR HTTP/1.1
    accept: application/json

    HTTP/1.1 200
    content-type: application/json

    {"last": "60000.0"}

OPERATION is the operation's name (`ticker`, `place_order`), PRODUCT `spot` or `linear`, WHAT anything. A request body
stands between the empty line after its headers and the line with the status.

`*.json`: an object with the members `method`, `path` and `response` (the body of an answer with status 200). Which
operation it answers is found by method and path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

from unified.errors import ConfigurationError
from unified.http import HttpResponse
from unified.instrument import Product

_STATUS = re.compile(rb"^HTTP/1\.\d (\d{3})[^\n]*\n", re.MULTILINE)
_RESPONSE = re.compile(r'"response"\s*:\s*')


@frozen(kw_only=True)
class Recording:
    """One answer and what is known of its question."""

    file: str
    operation: str
    """Its name; empty where only method and path are known."""
    product: Product | None
    method: str
    path: str
    response: HttpResponse


def recordings(*folders: Path) -> Iterator[Recording]:
    """Every recording below the folders, by name. Raises ConfigurationError for a file that cannot be read."""
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(f"recordings: there is no folder {folder}")
        for path in sorted(folder.rglob("*")):
            yield from _read(path, path.relative_to(folder).as_posix())


def _read(path: Path, name: str) -> Iterable[Recording]:
    try:
        if path.suffix == ".http":
            return [_of_http(path, name)]
        if path.suffix == ".json" and "stream" not in path.parts:
            return list(_of_json(path, name))
    except ConfigurationError:
        raise
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{path}: is no recording: {type(error).__name__}") from None
    return ()


def _of_http(path: Path, name: str) -> Recording:
    raw = path.read_bytes().replace(b"\r\n", b"\n")
    status, line = _STATUS.search(raw), raw.partition(b"\n")[0].decode("latin-1").split(" ")
    if status is None or len(line) < 2 or not line[1].startswith("/"):
        raise ConfigurationError(f"{path}: expected `METHOD /path HTTP/1.1`, headers, an empty line, `HTTP/1.1 200`")
    head, _, body = (b"\n" + raw[status.end() :]).partition(b"\n\n")
    operation, *rest = path.name.removesuffix(".http").split(".")
    product = next((Product(word) for word in rest if word in list(Product)), None)
    return Recording(
        file=name,
        operation=operation,
        product=product,
        method=line[0],
        path=urlsplit(line[1]).path,
        response=HttpResponse(
            status=int(status[1]), headers=_headers(head.decode("latin-1")), body=body.removesuffix(b"\n")
        ),
    )


def _headers(head: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in head.splitlines() if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _of_json(path: Path, name: str) -> Iterator[Recording]:
    """The body keeps the text of the file: a number that went through a float would have lost digits."""
    text = path.read_text(encoding="utf-8")
    known = json.loads(text)
    if isinstance(known, dict) and {"method", "path", "response"} <= set(known):
        start = max((found.end() for found in [_RESPONSE.search(text)] if found), default=0)
        _, end = json.JSONDecoder().raw_decode(text, start)
        yield Recording(
            file=name,
            operation="",
            product=None,
            method=known["method"],
            path=urlsplit(known["path"]).path,
            response=HttpResponse(status=200, body=text[start:end].encode()),
        )
