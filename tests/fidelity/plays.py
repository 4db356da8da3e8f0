"""Who plays where, how each client names each refusal, and the steps that a client or a venue does not have.

Data only; `judging.py` compares, `page.py` makes the table of docs/fidelity.md of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from unified.instrument import Product

READS = ("time", "instruments", "ticker", "book", "candles", "balances")
ORDERS = (
    "place", "query", "open_orders", "amend", "query_amended", "cancel", "query_canceled",
    "sell", "query_sold", "fills",
)  # fmt: skip
REFUSALS = ("wrong_signature", "missing_funds", "bad_lot", "unknown_symbol", "old_timestamp", "reused_nonce")


@frozen(kw_only=True)
class Play:
    """One client at one venue."""

    client: str
    """As people know it."""
    program: str
    """Module in `clients/`."""
    venue: str
    product: Product = Product.SPOT
    refusals: Mapping[str, tuple[str, str]]
    """Step -> how the client names the refusal, and a part of the text that it shows."""
    excused: Mapping[str, str] = field(factory=dict)
    """Step -> why it is not taken."""

    @property
    def name(self) -> str:
        return f"{self.client} at {self.venue} {self.product.value}"


_KRAKEN = {"old_timestamp": "Kraken checks nonces, no timestamps"}
_ELSEWHERE = {"reused_nonce": "only Kraken has nonces"}

PLAYS = (
    Play(
        client="ccxt",
        program="ccxt_async",
        venue="kraken",
        refusals={
            "wrong_signature": ("ExchangeError", "EAPI:Invalid signature"),
            "missing_funds": ("InsufficientFunds", "EOrder:Insufficient funds"),
            "bad_lot": ("InvalidOrder", "EGeneral:Invalid arguments:volume"),
            "unknown_symbol": ("ExchangeError", "EQuery:Unknown asset pair"),
            "reused_nonce": ("InvalidNonce", "EAPI:Invalid nonce"),
        },
        excused=_KRAKEN,
    ),
    Play(
        client="python-kraken-sdk",
        program="kraken_sdk",
        venue="kraken",
        refusals={
            "wrong_signature": ("KrakenInvalidSignatureError", "EAPI:Invalid signature"),
            "missing_funds": ("KrakenInsufficientFundsError", "EOrder:Insufficient funds"),
            "bad_lot": ("KrakenInvalidArgumentsError", "EGeneral:Invalid arguments:volume"),
            "unknown_symbol": ("KrakenUnknownAssetError", "EQuery:Unknown asset pair"),
            "reused_nonce": ("KrakenInvalidNonceError", "EAPI:Invalid nonce"),
        },
        excused=_KRAKEN,
    ),
    Play(
        client="krakenex",
        program="krakenex_client",
        venue="kraken",
        refusals={
            "wrong_signature": ("EAPI:Invalid signature", ""),
            "missing_funds": ("EOrder:Insufficient funds", ""),
            "bad_lot": ("EGeneral:Invalid arguments:volume", ""),
            "unknown_symbol": ("EQuery:Unknown asset pair", ""),
            "reused_nonce": ("EAPI:Invalid nonce", ""),
        },
        excused=_KRAKEN,
    ),
    *(
        Play(
            client="ccxt",
            program="ccxt_async",
            venue="okx",
            product=product,
            refusals={
                "wrong_signature": ("AuthenticationError", "50113"),
                "missing_funds": ("InsufficientFunds", "51008"),
                "bad_lot": ("InvalidOrder", "51020"),
                "unknown_symbol": ("BadSymbol", "51001"),
                "old_timestamp": ("InvalidNonce", "50102"),
            },
            excused=_ELSEWHERE,
        )
        for product in (Product.SPOT, Product.LINEAR)
    ),
    *(
        Play(
            client="python-okx",
            program="okx_python",
            venue="okx",
            product=product,
            refusals={
                "wrong_signature": ("50113", "Invalid signature"),
                "missing_funds": ("51008", "Insufficient USDT"),
                "bad_lot": ("51020", "minimum order amount"),
                "unknown_symbol": ("51001", "doesn't exist"),
                "old_timestamp": ("50102", "Timestamp request expired"),
            },
            excused=_ELSEWHERE,
        )
        for product in (Product.SPOT, Product.LINEAR)
    ),
    Play(
        client="ccxt",
        program="ccxt_async",
        venue="bybit",
        refusals={
            "wrong_signature": ("AuthenticationError", "10004"),
            "missing_funds": ("InsufficientFunds", "170131"),
            "bad_lot": ("InvalidOrder", "170137"),
            "unknown_symbol": ("InvalidOrder", "170121"),
            "old_timestamp": ("InvalidNonce", "10002"),
        },
        excused=_ELSEWHERE,
    ),
    Play(
        client="ccxt",
        program="ccxt_async",
        venue="bybit",
        product=Product.LINEAR,
        refusals={
            "wrong_signature": ("AuthenticationError", "10004"),
            "missing_funds": ("InsufficientFunds", "110007"),
            "bad_lot": ("BadRequest", "10001"),
            "unknown_symbol": ("BadRequest", "10001"),
            "old_timestamp": ("InvalidNonce", "10002"),
        },
        excused=_ELSEWHERE,
    ),
    Play(
        client="pybit",
        program="bybit_pybit",
        venue="bybit",
        refusals={
            "wrong_signature": ("InvalidRequestError 10004", "error sign!"),
            "missing_funds": ("InvalidRequestError 170131", "Insufficient balance"),
            "bad_lot": ("InvalidRequestError 170137", "too many decimals"),
            "unknown_symbol": ("InvalidRequestError 170121", "Invalid symbol"),
            "old_timestamp": ("InvalidRequestError 10002", "recv_window"),
        },
        excused=_ELSEWHERE,
    ),
    Play(
        client="pybit",
        program="bybit_pybit",
        venue="bybit",
        product=Product.LINEAR,
        refusals={
            "wrong_signature": ("InvalidRequestError 10004", "error sign!"),
            "missing_funds": ("InvalidRequestError 110007", "not enough"),
            "bad_lot": ("InvalidRequestError 10001", "minimum limit"),
            "unknown_symbol": ("InvalidRequestError 10001", "symbol invalid"),
            "old_timestamp": ("InvalidRequestError 10002", "recv_window"),
        },
        excused=_ELSEWHERE,
    ),
    Play(
        client="ccxt",
        program="ccxt_async",
        venue="coinbase",
        refusals={
            "wrong_signature": ("AuthenticationError", "401"),
            "missing_funds": ("InsufficientFunds", "PREVIEW_INSUFFICIENT_FUND"),
            "bad_lot": ("ExchangeError", "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"),
            "unknown_symbol": ("ExchangeError", "INVALID_PRODUCT_ID"),
            "old_timestamp": ("AuthenticationError", "401"),
        },
        excused=_ELSEWHERE,
    ),
    Play(
        client="coinbase-advanced-py",
        program="coinbase_advanced",
        venue="coinbase",
        refusals={
            "wrong_signature": ("HTTPError 401", "Unauthorized"),
            "missing_funds": ("INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND"),
            "bad_lot": ("UNKNOWN_FAILURE_REASON", "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"),
            "unknown_symbol": ("INVALID_PRODUCT_ID", "PREVIEW_INVALID_PRODUCT_ID"),
            "old_timestamp": ("HTTPError 401", "Unauthorized"),
        },
        excused=_ELSEWHERE,
    ),
    Play(
        client="ccxt",
        program="ccxt_async",
        venue="binance",
        refusals={
            "wrong_signature": ("AuthenticationError", "-1022"),
            "missing_funds": ("InsufficientFunds", "insufficient balance"),
            "bad_lot": ("BadRequest", "-1111"),
            "unknown_symbol": ("BadSymbol", "-1121"),
            "old_timestamp": ("InvalidNonce", "-1021"),
        },
        excused=_ELSEWHERE,
    ),
    Play(
        client="ccxt",
        program="ccxt_async",
        venue="binance",
        product=Product.LINEAR,
        refusals={
            "wrong_signature": ("AuthenticationError", "-1022"),
            "missing_funds": ("InsufficientFunds", "-2019"),
            "bad_lot": ("BadRequest", "-1111"),
            "unknown_symbol": ("BadSymbol", "-1121"),
            "old_timestamp": ("InvalidNonce", "-1021"),
        },
        excused=_ELSEWHERE,
    ),
    Play(
        client="binance-sdk-spot",
        program="binance_spot",
        venue="binance",
        refusals={
            "wrong_signature": ("BadRequestError -1022", "Signature"),
            "missing_funds": ("BadRequestError -2010", "insufficient balance"),
            "bad_lot": ("BadRequestError -1111", "too much precision"),
            "unknown_symbol": ("BadRequestError -1121", "Invalid symbol"),
            "old_timestamp": ("BadRequestError -1021", "recvWindow"),
        },
        excused={**_ELSEWHERE, **dict.fromkeys(("amend", "query_amended"), "spot changes no price in place")},
    ),
    Play(
        client="binance-sdk-derivatives-trading-usds-futures",
        program="binance_usdm",
        venue="binance",
        product=Product.LINEAR,
        refusals={
            "wrong_signature": ("BadRequestError -1022", "Signature"),
            "missing_funds": ("BadRequestError -2019", "Margin is insufficient"),
            "bad_lot": ("BadRequestError -1111", "Precision"),
            "unknown_symbol": ("BadRequestError -1121", "Invalid symbol"),
            "old_timestamp": ("BadRequestError -1021", "recvWindow"),
        },
        excused=_ELSEWHERE,
    ),
)
