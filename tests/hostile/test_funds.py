"""Nothing here can move funds off an account: no operation, no path in any table, no path in any adapter's source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.architecture.source import Module, adapters, snippet
from unified.account import KeyPermissions
from unified.adapter import AdapterSettings
from unified.operations import OPERATIONS, FetchKeyPermissions
from unified.registry import adapter_class, installed

MOVES = re.compile(
    r"withdraw|transfer|payout|remit|sendmoney|send[-_]crypto|capital/|sub-?account|convert|fiat|giftcard|/pay/"
    r"|staking|savings|earn/|loan|borrow|redeem|purchase|address|wallet/transfer|portfolios/move",
    re.IGNORECASE,
)
"""Words of the paths by which venues let money leave an account, change into something else, or go to a new address."""
_PATH = re.compile(r"/[A-Za-z0-9_{}/.-]{3,}")


def paths_of(module: Module) -> Iterator[str]:
    """Every text in a module that looks like a path; docstrings are for people."""
    told = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield from (found for found in _PATH.findall(node.value) if " " not in node.value)


def moving(paths: Iterable[str]) -> list[str]:
    return sorted({path for path in paths if MOVES.search(path)})


@pytest.mark.parametrize("venue", installed())
def test_no_row_of_a_table_moves_funds(venue: str) -> None:
    table = adapter_class(venue)(AdapterSettings()).endpoints
    assert moving(how.example for how in table.values()) == []
    assert moving(operation.name for operation, _ in table) == []
    assert len(table) > 10


def test_no_operation_moves_funds() -> None:
    assert moving(operation.name for operation in OPERATIONS) == []


def test_no_adapter_knows_a_path_that_moves_funds() -> None:
    found = {path for module in adapters() for path in paths_of(module)}
    assert any(path.endswith("/order") for path in found)
    assert moving(found) == []


SILENT = {"binanceus", "bitzoom"}
"""Venues with no call that tells what a key may do; `unified doctor` says so."""


@pytest.mark.parametrize("venue", installed())
def test_where_a_venue_tells_what_a_key_may_do_it_is_asked(venue: str) -> None:
    """Whether it may withdraw is then told by `unified doctor` (tests/unified/cli/test_checkup.py)."""
    table = adapter_class(venue)(AdapterSettings()).endpoints
    assert any(operation is FetchKeyPermissions for operation, _ in table) is (venue not in SILENT)
    assert KeyPermissions().withdraw is None


@pytest.mark.parametrize(
    "path",
    [
        "/sapi/v1/capital/withdraw/apply",
        "/sapi/v1/asset/transfer",
        "/v5/asset/withdraw/create",
        "/v5/asset/transfer/inter-transfer",
        "/api/v5/asset/withdrawal",
        "/api/v5/asset/transfer",
        "/0/private/Withdraw",
        "/0/private/WalletTransfer",
        "/api/v3/brokerage/portfolios/move_funds",
        "/api/v3/brokerage/convert/quote",
    ],
)
def test_control_the_paths_by_which_money_leaves_are_found(path: str) -> None:
    assert moving([f"POST {path}"]) != []
    assert moving(paths_of(snippet("unified_x.account", f'"""Docs."""\nPATH = "{path}"\n'))) != []
