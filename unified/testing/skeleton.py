"""The skeleton of a new adapter: a distribution that installs, runs, and fails the conformance kit with a to-do list.

Makes texts and files only; installs nothing. What it lacks is said by `unified conform`, and where to read on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from unified.errors import ConfigurationError

_NAME = re.compile("[a-z][a-z0-9]{1,30}")


def checked(name: str) -> str:
    """The name, if a venue can have it. Raises ConfigurationError."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"name: {name!r} is none for an adapter; allowed are 2 to 31 lower-case letters and digits, a letter first"
        )
    return name


def write(name: str, folder: Path) -> tuple[Path, ...]:
    """Write the files below the folder; answers them. Raises ConfigurationError before it would touch anything."""
    texts = {folder / path: text for path, text in files(checked(name)).items()}
    there = sorted(str(path) for path in texts if path.exists())
    if there:
        raise ConfigurationError(f"folder: {there[0]} exists already; nothing was written. Choose another folder.")
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"folder: {folder} cannot be written, {error.strerror}") from error
    return tuple(texts)


def files(name: str) -> Mapping[str, str]:
    """The texts of a skeleton, by path."""
    package, title = f"unified_{name}", name.capitalize()
    return {
        path.format(package=package): text.replace("@name@", name)
        .replace("@Name@", title)
        .replace("@package@", package)
        for path, text in _FILES.items()
    }


_PROJECT = """[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "unified-@name@"
version = "0.1.0"
description = "@Name@ for unified-trading"
requires-python = ">=3.11"
dependencies = ["unified-trading"]

[project.entry-points."unified.adapters"]
@name@ = "@package@:@Name@"

[tool.hatch.build.targets.wheel]
packages = ["@package@"]

[tool.mypy]
strict = true

[tool.ruff]
line-length = 120
"""

_README = """# unified-@name@

@Name@ for unified-trading.

```
python -m pip install --editable .
unified conform @name@ --recordings tests/recordings
```

The report says what to do next, and where docs/write-an-adapter.md of unified-trading says how.
"""

_PACKAGE = '''"""@Name@, for unified-trading."""

from @package@.adapter import @Name@

__all__ = ["@Name@"]
'''

_CODES = """code,surface,http,contains,name,kind,outcome,scope,hint,sure
"""

_FAULTS = '''"""Where @Name@ writes its codes, and what counts as one. Decides no kind: errors.csv does."""

from __future__ import annotations

from pathlib import Path

from unified.catalogue import Catalogue
from unified.errors import Fault, VenueError
from unified.http import HttpResponse
from unified.wire import Json, json_of

CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"))


def answer_of(response: HttpResponse) -> Json:
    """The body of a success; everything else is raised."""
    faults = faults_of(response)
    if faults:
        raise VenueError.of(faults[0])
    return json_of(response)


def faults_of(response: HttpResponse) -> tuple[Fault, ...]:
    """What a refused answer says. Here: everything that is no JSON object with HTTP 200."""
    try:
        body = json_of(response)
    except VenueError as unreadable:
        return (unreadable.fault,)
    if type(body) is dict and response.status == 200:
        return ()
    return (CATALOGUE.fault("", http_status=response.status),)
'''

_MARKET_DATA = '''"""Public data of @Name@: what to ask and how to read it, a pair per call."""

from __future__ import annotations

from urllib.parse import urlencode

from unified.account import VenueTime
from unified.market_data import Ticker
from unified.operations import FetchServerTime, FetchTicker
from unified.wire import Json, decimal, integer, obj


def nothing(_operation: FetchServerTime) -> str:
    """Nothing to say."""
    return ""


def read_time(_operation: FetchServerTime, answer: Json) -> VenueTime:
    """The venue's clock, here in milliseconds."""
    return VenueTime(time_us=integer(obj(answer), "time_ms") * 1000, unit_us=1000)


def symbol(operation: FetchTicker) -> str:
    """Which market."""
    return urlencode({"symbol": operation.instrument.symbol})


def read_ticker(operation: FetchTicker, answer: Json) -> Ticker:
    """The last price."""
    return Ticker(instrument=operation.instrument, last=decimal(obj(answer), "last"))
'''

_ADAPTER = '''"""@Name@ at a glance: read this first. Hosts, endpoint table, limits, clock and promises about orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from unified.adapter import (
    AdapterSettings,
    ClientIdRule,
    ClockRule,
    Endpoint,
    Endpoints,
    Environment,
    Limit,
    Observation,
    Option,
    PlacementRule,
    costs,
    credentials_of,
    environment_of,
    options_of,
)
from unified.catalogue import Misreading
from unified.errors import Fault
from unified.http import HttpRequest, HttpResponse, Method
from unified.instrument import Product
from unified.operations import FetchServerTime, FetchTicker, Operation

from @package@ import market_data
from @package@.faults import CATALOGUE, answer_of, faults_of

SPOT = Product.SPOT


def _public(base: str, path: str, say: Callable[[Any], str], read: Callable[[Any, Any], Any]) -> Endpoint[Any, Any]:
    """A call that anybody may make."""
    return Endpoint(
        build=lambda operation, _stamp: HttpRequest(method=Method.GET, base=base, path=path, query=say(operation)),
        parse=lambda operation, response: read(operation, answer_of(response)),
        charges=costs(),
        door="main",
        signed=False,
        example=f"GET {path}",
    )


class @Name@:
    """The adapter. Everything it knows stands in the tables of this module."""

    venue: ClassVar[str] = "@name@"
    title: ClassVar[str] = "@Name@"
    environments: ClassVar[Mapping[str, Environment]] = {
        "production": Environment(name="production", hosts={"main": "https://api.@name@.invalid"}, real_money=True)
    }
    options: ClassVar[tuple[Option, ...]] = ()
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (SPOT,)
    misreadings: ClassVar[tuple[Misreading, ...]] = ()

    limits: ClassVar[tuple[Limit, ...]] = ()
    clocks: ClassVar[Mapping[str, ClockRule]] = {"main": ClockRule()}
    placement: ClassVar[Mapping[Product, PlacementRule]] = {}
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern="[a-z0-9]+", max_length=32)

    def __init__(self, settings: AdapterSettings) -> None:
        credentials = credentials_of(type(self), settings)
        options_of(type(self), settings)
        self.environment = environment_of(type(self), settings)
        self.account = "" if credentials is None else credentials.fingerprint
        base = self.environment.hosts["main"]
        self.endpoints: Endpoints = {
            (FetchServerTime, SPOT): _public(base, "/time", market_data.nothing, market_data.read_time),
            (FetchTicker, SPOT): _public(base, "/ticker", market_data.symbol, market_data.read_ticker),
        }

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells about time and limits beside its content. Never raises."""
        del operation, response
        return Observation()

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code means."""
        return CATALOGUE.fault(code, message=message, http_status=http_status, surfaces=(surface,) if surface else ())

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """Every fault in an answer."""
        del operation, surface
        return faults_of(response)
'''

_CONFTEST = """pytest_plugins = ["unified.testing.plugin"]
"""

_TEST = """from __future__ import annotations

import pytest
from unified.testing.plugin import Kept


@pytest.mark.unified_adapter("@name@", recordings="recordings")
def test_the_contract_is_kept(kept: Kept) -> None:
    assert not kept.problems, kept.told
"""

_RECORDING = """GET /time HTTP/1.1

HTTP/1.1 200
content-type: application/json

{"time_ms": 1795161600123}
"""

_FILES: Mapping[str, str] = {
    "pyproject.toml": _PROJECT,
    "README.md": _README,
    "{package}/__init__.py": _PACKAGE,
    "{package}/py.typed": "",
    "{package}/errors.csv": _CODES,
    "{package}/faults.py": _FAULTS,
    "{package}/market_data.py": _MARKET_DATA,
    "{package}/adapter.py": _ADAPTER,
    "tests/conftest.py": _CONFTEST,
    "tests/test_contract.py": _TEST,
    "tests/recordings/server_time.http": _RECORDING,
}
