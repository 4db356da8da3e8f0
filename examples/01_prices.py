"""Prices: instruments by any spelling, ticker, book and candles."""

import asyncio
from decimal import Decimal

from unified import Client, Side
from unified_paper.venue import PaperVenue


async def main() -> None:
    venue = PaperVenue()
    async with Client("paper", transport=venue.transport()) as client:
        btc = await client.instrument("btc-usdt")  # or BTC/USDT, BTCUSDT, XBT/USDT
        print(f"{btc.name}: tick {btc.tick_size}, lot {btc.lot_size}, at least {btc.min_notional} {btc.quote}")

        ticker = await client.ticker(btc)
        print(f"last {ticker.last}, bid {ticker.bid}, ask {ticker.ask}")

        book = await client.book(btc, depth=20)
        print(f"mid {book.mid}; buying 1 {btc.base} costs {book.price_for(Side.BUY, Decimal(1))} on average")

        candles = [candle async for candle in client.candles(btc, "1h", limit=3)]
        for candle in candles:
            print(f"{candle.opened_at:%d %b %H:%M}  open {candle.open}  close {candle.close}  volume {candle.volume}")


if __name__ == "__main__":
    asyncio.run(main())
