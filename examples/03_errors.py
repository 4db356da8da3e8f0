"""Errors: what happened (kind), whether it took effect (outcome), and what to do (hint)."""

import asyncio

from unified import AuthError, Client, Kind, OrderError, Outcome, VenueError
from unified_paper.venue import PaperVenue


async def try_to_buy(client: Client, quantity: str, price: str) -> None:
    try:
        order = await client.place_order("BTC/USDT", "buy", quantity=quantity, price=price)
    except OrderError as error:
        match error.kind:
            case Kind.INSUFFICIENT_FUNDS:
                print(f"too expensive: {error.hint}")
            case Kind.INVALID_PRICE | Kind.INVALID_QUANTITY | Kind.INVALID_NOTIONAL:
                print(f"off the grid ({error.outcome}): {error.message}. {error.hint}")
            case _:
                print(f"refused: {error}")
    except AuthError as error:
        print(f"check your key: {error}")
    except VenueError as error:
        if error.outcome is Outcome.UNKNOWN:
            print(f"undecided, being settled in the background: {error.client_order_id}")
        else:
            print(f"did not work, nothing was placed: {error}")
    else:
        print(f"placed {order.venue_order_id}: {order.status}")


async def main() -> None:
    venue = PaperVenue()
    async with Client("paper", transport=venue.transport(), credentials=venue.credentials) as client:
        await try_to_buy(client, "0.01", "50000")
        await try_to_buy(client, "0.01", "50000.123")  # not on the grid: never sent
        await try_to_buy(client, "100", "50000")  # more than the account holds
        await try_to_buy(client, "0.00001", "50000")  # worth less than the minimum


if __name__ == "__main__":
    asyncio.run(main())
