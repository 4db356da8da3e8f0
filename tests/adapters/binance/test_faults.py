from __future__ import annotations

from tests.adapters.calls import response
from unified.errors import Kind
from unified_binance.faults import FAULTS


def test_the_catalogue_is_the_venues_own() -> None:
    assert FAULTS.catalogue.holds("-5022")
    unmatched = response({"code": -5022, "msg": "Post Only order will be rejected."}, 400)
    assert FAULTS.fault_of(unmatched, ("linear",)).kind is Kind.WOULD_TAKE
