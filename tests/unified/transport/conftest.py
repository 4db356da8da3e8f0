"""Both ways in which a request leaves, and the authority that the servers of these tests get their names from."""

from __future__ import annotations

import aiohttp
import pytest

from tests.unified.transport.servers import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=["3.14.5", "4.0.0"], ids=["written here", "by another aiohttp's session"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is promised of a request is promised whoever writes its bytes."""
    monkeypatch.setattr(aiohttp, "__version__", request.param)
