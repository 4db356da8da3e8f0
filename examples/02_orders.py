"""Orders: from placing to the end, with prices and quantities that keep the instrument's rules."""

import asyncio
from decimal import Decimal

from unified import Client, Rounding
from unified_paper.venue import PaperVenue


async def main() -> None:
    venue = PaperVenue()
    async with Client("paper", transport=venue.transport(), credentials=venue.credentials) as client:
        btc = await client.instrument("BTC/USDT")
        book = await client.book(btc)
        assert book.best_bid is not None

        price = btc.round_price(book.best_bid.price * Decimal("0.98"), Rounding.DOWN)
        quantity = btc.quantity_for(Decimal(600), price)  # what 600 USDT buy there, on the grid
        order = await client.place_order(btc, "buy", quantity=quantity, price=price, post_only=True)
        print(f"placed {order.side} {order.quantity} at {order.price}: {order.status}")

        order = await client.amend_order(order, price=btc.round_price(price * Decimal("0.999")))
        print(f"moved to {order.price}: {order.status}")

        balance = (await client.balances())["USDT"]
        print(f"free {balance.free} USDT, locked {balance.locked}")

        order = await client.cancel_order(order)
        print(f"canceled: {order.status}, filled {order.filled_quantity}")

        taken = await client.place_order(btc, "sell", quantity="0.01")  # no price: a market order
        print(f"sold {taken.filled_quantity} at {taken.average_price} on average")


if __name__ == "__main__":
    asyncio.run(main())
