"""The certificate authority that the servers of these tests get their names from."""

from __future__ import annotations

import pytest

from tests.unified.transport.servers import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))
