"""Where a client and a sandbox disagreed, who was right by which source, and what became of it. Data only."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Finding:
    """One disagreement."""

    venue: str
    clients: tuple[str, ...]
    what: str
    verdict: str
    """Who was right, with source and date."""
    mend: str
    """Of ours; empty where there was nothing of ours to mend."""


FINDINGS = (
    Finding(
        venue="kraken",
        clients=("ccxt", "python-kraken-sdk"),
        what="`trades=True` in QueryOrders was refused as `EGeneral:Invalid arguments:trades`.",
        verdict="The clients: both write Python's `True` and are in wide use (ccxt 4.5.90, python-kraken-sdk 3.1.1, "
        "read 2026-11-21). The pages show `true` and say nothing of case.",
        mend="The sandbox reads flags in any case. The adapter keeps writing `true`.",
    ),
    Finding(
        venue="kraken",
        clients=("ccxt", "krakenex", "python-kraken-sdk"),
        what="OHLC lacked the running candle until something was traded in it, and whenever `since` was later.",
        verdict="The clients: the last entry is the running candle and always present, whatever `since` is "
        "(docs.kraken.com, get-ohlc-data, read 2026-11-21).",
        mend="The sandbox always shows it. The adapter reads both forms.",
    ),
    Finding(
        venue="kraken",
        clients=("ccxt", "krakenex", "python-kraken-sdk"),
        what="Books show quantities to three decimals; the engine holds eight.",
        verdict="The sandbox: recorded answers and the page's example of Depth show three.",
        mend="",
    ),
    Finding(
        venue="kraken",
        clients=("ccxt",),
        what="After an amendment ccxt names the order by the amendment's id, which no later call accepts.",
        verdict="The sandbox: the order keeps its `txid`, the answer's `amend_id` is the amendment's "
        "(docs.kraken.com, amend-order, 2026-05-27).",
        mend="",
    ),
    Finding(
        venue="coinbase",
        clients=("ccxt",),
        what="Tokens with `iss` = `coinbase-cloud`, or with the list `uris` instead of `uri`, got 401.",
        verdict="The client, by its wide use: ccxt 4.5.90 sends the one with ECDSA keys, the other with Ed25519 keys "
        "(coinbase.py, create_auth_token, read 2026-11-21). The official SDK (coinbase-advanced-py 1.8.4) and the "
        "authentication page of 2026-06-19 know `cdp` and `uri` alone.",
        mend="The sandbox takes all four. The adapter keeps to the official SDK.",
    ),
    Finding(
        venue="coinbase",
        clients=("ccxt",),
        what="An order placed with a client order id has another one at the venue.",
        verdict="The sandbox: ccxt draws its own (`ccxt-` and a UUID) and drops what it is given (coinbase.py, "
        "create_order, read 2026-11-21).",
        mend="",
    ),
    Finding(
        venue="bybit",
        clients=("ccxt",),
        what="ccxt shows a least quantity for spot that the engine does not enforce.",
        verdict="The sandbox: `minOrderQty` of spot still stands in the listing and is no longer applied; the least "
        "amount is (Bybit V5, instruments-info, 2026-07-24).",
        mend="",
    ),
    Finding(
        venue="binance",
        clients=("ccxt",),
        what="An order that ccxt is told only to `test` arrives at USD-M as a real one.",
        verdict="The sandbox: `POST /fapi/v1/order/test` exists (USD-M trade pages, 2026-05-28) and the official SDK "
        "uses it; ccxt 4.5.90 drops `test` for futures (binance.py, create_order, read 2026-11-21).",
        mend="",
    ),
    Finding(
        venue="okx",
        clients=("ccxt",),
        what="A conditional spot order comes as `tdMode` = `cross`, and its id as `clOrdId`.",
        verdict="The adapter sends what is documented: `cash` in the spot and futures modes, `algoClOrdId` for algo "
        "orders (OKX v5, order-algo, 2026-11).",
        mend="",
    ),
    Finding(
        venue="kraken",
        clients=("python-kraken-sdk",),
        what="AssetPairs, asked for `BTC/USD`, told the pair as `XXBTZUSD`, and the SDK's book never came about.",
        verdict="The client, whose book and whose tests look the pair up under the name that they asked for "
        "(orderbook.py 3.1.1, test_spot_orderbook.py, read 2026-11-21). The page shows no answer to this question.",
        mend="The sandbox tells a pair under this name where it was asked for by it. The adapter asks for ids.",
    ),
    Finding(
        venue="binance",
        clients=("binance-sdk-spot", "binance-sdk-derivatives-trading-usds-futures"),
        what="Requests on market streams that are numbered by a text were refused; the WebSocket API told "
        "`rateLimits` where it answered orders only, and the SDK takes an answer without them for a failure.",
        verdict="The client: an id may be a text of up to 36 characters (web-socket-streams.md, 2026-07-21), and every "
        "answer has `rateLimits` (web-socket-api.md, 2026-07-21). The USD-M pages speak of integers (2026-05-28); the "
        "official SDK (18.0.1) numbers its requests there by UUID as well.",
        mend="The sandbox takes such ids, and its answers have `rateLimits`, without rows where nothing is counted. "
        "The adapter numbers by integers.",
    ),
    Finding(
        venue="binance",
        clients=("binance-sdk-derivatives-trading-usds-futures",),
        what="Own orders of USD-M came on `/private/ws/<listenKey>` alone; the SDK subscribes to its listen key on "
        "`/private/stream`.",
        verdict="Both: the pages name the key in the path (2026-05-28); the official SDK (18.0.1) knows the other way "
        "alone, and elsewhere the venue says that a listen key is a stream, at `/ws/` and `/stream` alike (trade data "
        "stream of margin accounts, read 2026-11-21).",
        mend="The sandbox serves both. The adapter keeps the key in the path.",
    ),
)
