"""One word: a configuration file describes the client, and its `adapter` line is all that names the venue."""

import asyncio
import tempfile
from pathlib import Path

from unified import Client, ConfigurationError
from unified_paper.venue import PaperVenue

CONFIGURATION = """
[main]
adapter = "paper"          # the one word: "binance", "okx", "bybit", "coinbase", "kraken"

[main.credentials]
key = "paper-dummy-key"
secret = "plain:paper-dummy-secret"      # for real ones: "env:NAME", "file:path" or "keyring:service/name"

[main.deadlines]
order = 5.0

[main.limits]
share = 0.5                # leave half of every limit to other programs
"""


async def main() -> None:
    file = Path(tempfile.mkdtemp()) / "unified.toml"
    file.write_text(CONFIGURATION)
    venue = PaperVenue()
    async with Client.from_file(file, "main", transport=venue.transport(), dialer=venue.dialer()) as client:
        print(f"{client.venue}: {(await client.ticker('BTC/USDT')).last}")
        for row in client.limits():
            print(f"limit {row.bucket}: {row.used:g} of {row.limit:g} used")

    file.write_text(CONFIGURATION.replace("share = 0.5", "shares = 0.5"))
    try:
        Client.from_file(file, "main")
    except ConfigurationError as error:
        print(f"a mistake is named: {str(error).split('unified.toml')[-1]}")


if __name__ == "__main__":
    asyncio.run(main())
