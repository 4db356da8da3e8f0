"""The account against the engine of the sandbox: balances, fees, the key, positions and settings."""

from __future__ import annotations

from decimal import Decimal

from unified.account import PositionMode
from unified.errors import Kind, VenueError
from unified.instrument import Product
from unified.operations import (
    FetchBalances,
    FetchInstruments,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.testing.conformance.rules import ACCOUNT
from unified.testing.conformance.stage import Stage, Story, require

_LARGEST_FEE = Decimal("0.05")


async def balances(stage: Stage) -> None:
    """Every amount that the account holds is read, whatever the venue calls the currency."""
    read = await stage.client.balances(stage.product)
    wallet = stage.account.wallet(stage.product)
    held = sorted(amount for amount in wallet.total.values() if amount > 0)
    ours = sorted(balance.total for balance in read.values() if balance.total > 0)
    require(ours == held, f"totals are read as {_shown(ours)}, the account holds {_shown(held)}")


def _shown(amounts: list[Decimal]) -> str:
    return ", ".join(f"{amount:f}" for amount in amounts) or "nothing"


async def locked(stage: Stage) -> None:
    """What a resting order holds is locked."""
    client = stage.client
    await client.place_order(
        await stage.instrument(), "buy", quantity=await stage.quantity(), price=await stage.price("0.99"), confirm=True
    )
    read = await client.balances(stage.product)
    require(any(balance.locked > 0 for balance in read.values()), "a resting order locks nothing")


async def fees(stage: Stage) -> None:
    fee = await stage.client.trading_fees(await stage.instrument())
    for name, rate in (("maker", fee.maker), ("taker", fee.taker)):
        require(abs(rate) < _LARGEST_FEE, f"the {name} fee is read as {rate}: fees are fractions, 0.001 is 0.1 %")


async def permissions(stage: Stage) -> None:
    key = await stage.client.key_permissions(stage.product)
    require(key.trade is not False, "a key that may trade is read as one that may not")


async def positions(stage: Stage) -> None:
    """A position is read with its sign and size in base units."""
    client, quantity = stage.client, await stage.quantity()
    await client.place_order(await stage.instrument(), "sell", quantity=quantity, confirm=True)
    (position,) = await client.positions(stage.product)
    require(position.quantity == -quantity, f"a short of {quantity} is read as {position.quantity}")
    await client.place_order(await stage.instrument(), "buy", quantity=quantity, reduce_only=True, confirm=True)
    require(await client.positions(stage.product) == (), "a closed position is still read")


async def leverage(stage: Stage) -> None:
    await stage.client.set_leverage(await stage.instrument(), 7)
    held = stage.account.leverage_of(await stage.native())
    require(held == 7, f"leverage 7 was set, the venue has {held}")


async def margin_mode(stage: Stage) -> None:
    await _set(stage, "isolated")
    await _set(stage, "cross")


async def _set(stage: Stage, mode: str) -> None:
    try:
        await stage.client.set_margin_mode(await stage.instrument(), mode)
    except VenueError as error:
        if error.kind is not Kind.NO_CHANGE:
            raise


async def position_mode(stage: Stage) -> None:
    await stage.client.set_position_mode(PositionMode.HEDGE, stage.product)
    held = stage.account.position_mode
    require(held is PositionMode.HEDGE, f"hedge mode was set, the venue has {held}")


STORIES = (
    Story(rule=ACCOUNT, name="balances", needs=(FetchBalances,), play=balances),
    Story(
        rule=ACCOUNT,
        name="locked balances",
        needs=(FetchBalances, FetchInstruments, PlaceOrder),
        play=locked,
        product=Product.SPOT,
    ),
    Story(rule=ACCOUNT, name="fees", needs=(FetchTradingFees, FetchInstruments), play=fees),
    Story(rule=ACCOUNT, name="key permissions", needs=(FetchKeyPermissions,), play=permissions),
    Story(rule=ACCOUNT, name="positions", needs=(FetchPositions, FetchInstruments, PlaceOrder), play=positions),
    Story(rule=ACCOUNT, name="leverage", needs=(SetLeverage, FetchInstruments), play=leverage),
    Story(rule=ACCOUNT, name="margin mode", needs=(SetMarginMode, FetchInstruments), play=margin_mode),
    Story(rule=ACCOUNT, name="position mode", needs=(SetPositionMode,), play=position_mode),
)
