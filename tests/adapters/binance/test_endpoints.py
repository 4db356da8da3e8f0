from __future__ import annotations

from tests.adapters.binance.venue import BINANCE
from unified.instrument import Product
from unified.operations import (
    OPERATIONS,
    CancelBatch,
    FetchFundingRate,
    FetchPositions,
    FetchVenueStatus,
    PlaceBatch,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)

ABSENT = {
    (operation, Product.SPOT)
    for operation in (
        PlaceBatch,
        CancelBatch,
        FetchPositions,
        FetchFundingRate,
        SetLeverage,
        SetMarginMode,
        SetPositionMode,
    )
} | {(FetchVenueStatus, Product.LINEAR)}
"""What Binance does not offer: batches on spot, futures matters on spot, a status of USD-M."""


def test_all_that_the_venue_offers_is_in_the_table() -> None:
    wanted = {(operation, product) for operation in OPERATIONS for product in Product} - ABSENT
    assert {key for key in BINANCE.endpoints if key[0] in OPERATIONS} == wanted
