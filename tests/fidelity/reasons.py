"""Why our requests differ from those of other people's clients: venue -> difference -> reason. Data only.

A difference is written as `sending.py` words it; where it occurs stands in `differences.json`.
"""

from __future__ import annotations

from collections.abc import Mapping

_NO_METHOD = {"theirs: nothing": "the client has no method for it, or none that sends this one request"}
_NOTHING = {
    **_NO_METHOD,
    "ours: nothing": "the venue has no words for it, and ours says so before anything leaves",
}
_NO_BODY = "it stands on requests that have no body too; the venue reads it there as little as we send it"
_REPEATED = "ccxt repeats the price; what an amendment leaves away stays as it is"
_LEFT_OVER = "ccxt reads it for itself and leaves it in the request, where it means nothing"
_TOGETHER = "ccxt reads trades that are put together by price"
_LISTS_OF_IDS = (
    *(("ours", name) for name in ("orderIdList", "origClientOrderIdList")),
    *(("theirs", name) for name in ("orderidlist", "origclientorderidlist")),
)
_BY_ITSELF = "ccxt knows no such call there and says so before anything leaves"
_OTHER_DOOR = "stops are behind another door: what is not found at the one is looked for at the other"

REASONS: Mapping[str, Mapping[str, str]] = {
    "kraken": {
        **_NO_METHOD,
        "ours: nothing": "the venue has no candles of that length, and ours says so before anything leaves",
        "differs: count: 50, ours 1000": "older trades are reached by walking up to the last page, in long strides",
        "differs: header content-type: application/json; charset=utf-8, ours application/json": "JSON is UTF-8",
        "differs: validate: True, ours true": "Python's word; the pages have the JSON one",
        "path: POST /0/private/CancelOrderBatch, ours POST /0/private/CancelOrder": "its answer counts cancels and "
        "names none, and client ids have a list of their own there, which ccxt does not fill: ours go one by one",
        "theirs: limit_price": _REPEATED,
        "differs: closetime: both, ours open": "we ask for orders by creation alone, as at every venue",
        "ours: closetime": "we ask for orders by creation alone, as at every venue",
        "differs: end: end ms, ours end s": "ccxt hands milliseconds to a parameter of seconds",
        "differs: end: end+1 s, ours end s": "ccxt adds a second; rows beyond the end are dropped by us",
        "differs: header content-type: application/x-www-form-urlencoded; charset=utf-8, "
        "ours application/x-www-form-urlencoded": "the charset says nothing of percent-encoded text",
        "differs: since: start-60 s, ours start-1 s": "`since` is exclusive: a candle or a second before the first",
        "differs: since: start s, ours start-1 s": "`since` is exclusive, and ours includes the start",
        "differs: start: start s, ours start-1 s": "`start` is exclusive, and ours includes the start",
        "ours: deadline": "the fence of our promise never to place twice: no copy is accepted after it",
        "ours: trigger": "the last price, said instead of left to the default, which is the same",
        "path: POST /0/private/CancelAll, ours POST /0/private/OpenOrders": "CancelAll is about all pairs; ours "
        "cancels what it finds open of the one",
        "theirs: consolidate_taker": "the default, said",
        "theirs: fee-info": "an older parameter; the page of 2026-05-27 no longer has it",
        "theirs: ledgers": "the default, said",
        "theirs: order_qty": "ccxt repeats the quantity; what an amendment leaves away stays as it is",
        "theirs: reduce_only": "the default, said",
        "theirs: starttm": "the default, said",
        "theirs: stp_type": "the default, said",
        "theirs: trades": "ids of an order's trades, which ours asks for by their own call",
        "theirs: type": "the default, said; or ccxt's word for the kind of market, which the venue ignores",
        "theirs: until": "a word of ccxt, which the venue ignores; ours drops later rows itself",
        "theirs: validate": "the default, said",
        "theirs: ArgumentsRequired": "ccxt wants the ids of the fills, and refuses an order's by itself",
        "ours: also GET /0/public/Trades": "older trades are reached by walking up to the last page, in long strides",
        "ours: also POST /0/private/CancelOrder": "one by one, so that each has its own answer",
        **dict.fromkeys(
            (f"ours: also POST /0/private/{call}" for call in ("QueryOrders", "OpenOrders", "ClosedOrders")),
            "what a cancel did not find is looked up, to tell an order that is over from one that never was",
        ),
    },
    "okx": {
        **_NOTHING,
        "differs: begin: start ms, ours start-1 ms": "the page does not say whether bounds are inclusive: ours "
        "asks for a millisecond more and drops what was not wanted",
        "differs: end: end ms, ours end+1 ms": "the same at the other end",
        "differs: end: end ms, ours end+60001 ms": "fills are bounded by their booking, which comes later",
        "differs: lever: 5 (no text), ours 5": "the page has a text",
        "differs: tdMode: cross, ours cash": "ccxt sends conditional spot orders as cross margin unless told; ours "
        "sends cash in the account modes whose documented word that is",
        "host: www.okx.com, ours openapi.okx.com": "the documentation moved REST to openapi.okx.com; both answer",
        "ours: algoClOrdId": "the documented name of an algo order's id",
        "theirs: clOrdId": "the documented name of an algo order's id is algoClOrdId",
        "ours: banAmend": "a market order that the account cannot pay is refused, never made smaller by the venue",
        "ours: header exptime": "the fence of our promise never to place twice: no copy is accepted after it",
        "ours: instType": "narrows the list to the product",
        "ours: limit": "the page's size, said, so that a full page is known for one",
        "ours: slTriggerPxType": "the last price, said instead of left to the default, which is the same",
        "ours: tpTriggerPxType": "the last price, said instead of left to the default, which is the same",
        "ours: tgtCcy": "of a market order: base units, said, since the default of buys is the quote",
        "ours: also GET /api/v5/public/instruments": "fees are told by groups of instruments: the group is asked first",
        "ours: groupId": "fees are told by groups of instruments",
        **dict.fromkeys(("theirs: instId", "theirs: uly"), "fees are told by groups: the group's stand beside it"),
        "ours: also GET /api/v5/trade/order": _OTHER_DOOR,
        "ours: also GET /api/v5/trade/order-algo": _OTHER_DOOR,
        **dict.fromkeys(
            ("differs: posSide: long, ours short", "differs: posSide: short, ours long"),
            "a stop of ccxt's closes a position, whatever is asked: ours may open one too",
        ),
        "theirs: NotSupported": _BY_ITSELF,
        "path: GET /api/v5/market/candles, ours GET /api/v5/market/history-candles": "the first holds the newest "
        "1,440 rows; ours asks for an older span where it is",
        "path: GET /api/v5/trade/fills-history, ours GET /api/v5/trade/fills": "three days of fills are in `fills`, "
        "which has them sooner; ours goes to the history for what is older",
        "path: POST /api/v5/trade/batch-orders, ours POST /api/v5/trade/order": "ccxt sends a batch of one",
        "theirs: empty fields": "python-okx sends what was not given as empty texts or null",
        "theirs: header content-type": _NO_BODY,
        "theirs: header x-simulated-trading": "0 says production, which its absence says too",
        "path: GET /api/v5/market/trades, ours GET /api/v5/market/history-trades": "the first holds the newest trades "
        "alone and has no pages",
        "theirs: [0].tgtCcy": "of a limit order, where it has no meaning",
        "theirs: [1].tgtCcy": "of a limit order, where it has no meaning",
        "theirs: clientOrderId": _LEFT_OVER,
        "theirs: newPx": _REPEATED,
        "theirs: type": _LEFT_OVER,
        "theirs: newSz": "ccxt repeats the quantity; what an amendment leaves away stays as it is",
        "theirs: state": "ccxt asks for filled orders alone; closed orders are canceled ones too",
        "theirs: tgtCcy": "of a limit order, where it has no meaning",
        "theirs: createMarketBuyOrderRequiresPrice": _LEFT_OVER,
    },
    "bybit": {
        **_NOTHING,
        "theirs: NotSupported": _BY_ITSELF,
        "theirs: orderFilter": "a unified account is answered with all kinds of orders unless one is named",
        "theirs: also GET /v5/account/info": "ccxt asks once which kind of account it has",
        "theirs: also GET /v5/user/query-api": "ccxt asks once which kind of account it has",
        "ours: also GET /v5/order/history": "what is no longer among the recent orders is looked for in the history",
        "ours: also POST /v5/order/cancel": "each kind of spot order has a filter of its own: all are tried",
        "ours: also POST /v5/order/cancel-all": "each kind of spot order has a filter of its own: all are canceled",
        "differs: end: end ms, ours end-1 ms": "both bounds are inclusive, and ours leaves the end out",
        "differs: endTime: end ms, ours end-1 ms": "both bounds are inclusive, and ours leaves the end out",
        "differs: orderFilter: tpslOrder, ours StopOrder": "ccxt's stops bind the asset while they wait; ours are "
        "conditional orders, which do not",
        "ours: coin": "all instruments of the currency change their mode together; ccxt names one",
        "ours: request[0].timeInForce": "the default of the order's type, said",
        "theirs: execType": "an id makes the venue ignore the rest; other kinds of executions are dropped by us",
        "theirs: price": _REPEATED,
        "theirs: symbol": "an id, or the currency of settlement, says enough",
        "ours: execType": "trades alone: funding and deliveries are executions there too",
        "ours: limit": "the page's size, said, so that a full page is known for one",
        "ours: marketUnit": "what the quantity counts, said, since the default of buys is the quote",
        "ours: openOnly": "0 is the default, said",
        "ours: orderFilter": "which kind of spot order is meant; the default is the plain one, and ours asks for each",
        "ours: timeInForce": "the default of the order's type, said",
        "ours: triggerBy": "the last price, said instead of left to the default, which is the same",
        "theirs: header content-type": _NO_BODY,
        "theirs: header referer": "ccxt's mark as a broker",
        "theirs: header x-bapi-sign-type": "2 is the only type there is; the pages of today no longer name the header",
        "theirs: orderId": "ccxt sends the id that it was not given beside the client's own",
        "theirs: orderStatus": "ccxt asks for filled orders alone; closed orders are canceled ones too",
        "theirs: qty": "ccxt repeats the quantity; what an amendment leaves away stays as it is",
        "theirs: reduceOnly": "a stop of ccxt's closes a position; of ours only where reduce_only is asked for",
        "theirs: triggerDirection": "spot has none: the trigger's side follows from the price",
    },
    "coinbase": {
        **_NOTHING,
        "differs: client_order_id: ccxt-..., ours 11111111-2222-4333-8444-555555555555": "ccxt draws an id of its "
        "own, whatever it is given",
        "differs: end: end-60 s, ours end-1 s": "both bounds are inclusive; the last candle is the same",
        "differs: end: end s, ours end-1 s": "both bounds are inclusive, and ours leaves the end out",
        "differs: end_date: end as text of 24, ours end as text of 20": "the same moment",
        "differs: start_date: start as text of 24, ours start as text of 20": "the same moment",
        "differs: end_sequence_timestamp: end as text of 24, ours end+60000 as text of 20": "the bound counts "
        "another time than the trade's: ours asks for a minute more and drops what was not wanted",
        "differs: end_sequence_timestamp: end as text of 20, ours end+60000 as text of 20": "the same",
        "differs: start_sequence_timestamp: start as text of 24, ours start-60000 as text of 20": "the same",
        "differs: start_sequence_timestamp: start as text of 20, ours start-60000 as text of 20": "the same",
        "differs: limit: 100, ours 250": "ours asks for the largest page",
        "differs: order_status: FILLED, ours FILLED,CANCELLED,EXPIRED,FAILED": "ccxt asks for filled orders alone",
        "ours: also GET /api/v3/brokerage/orders/historical/batch": "OPEN goes with no other status; ours asks for "
        "orders on their way in a request before",
        "theirs: NotSupported": _BY_ITSELF,
        **dict.fromkeys(
            (f"differs: {bound}: a second, ours a second of the same candle" for bound in ("start", "end")),
            "ours names the first and the last second of candles, ccxt the present and a span before it",
        ),
        "differs: order_configuration.limit_limit_gtd.end_time: 2033-05-18T03:33:00.000Z, ours 2033-05-18T03:33:00Z": (
            "the same moment"
        ),
        "ours: stop_price": "documented, and said again so that no amendment moves the trigger",
        "ours: claim uri": "what the official SDK sends; ccxt sends the newer API's list",
        "theirs: claim uris": "the list of the newer CDP API; the official SDK of this API sends `uri`",
        "theirs: claim aud": "the audience of the newer CDP API; the official SDK of this API sends none",
        "ours: header cache-control": "public answers are cached for a second unless fresh ones are asked for",
        "ours: limit": "the page's size, said, so that a full page is known for one",
        "ours: order_configuration.market_market_ioc.base_size": "a quantity stays one; ccxt takes it for an amount",
        "theirs: order_configuration.market_market_ioc.quote_size": "ccxt buys at market by an amount only",
        "ours: order_placement_source": "orders of the interface for retail are in the list too",
        "ours: product_ids": "the documented name; product_id is the older one",
        "theirs: product_id": "the older name of product_ids",
        "ours: product_type": "narrows the list to the product",
        "ours: also GET /api/v3/brokerage/time": "newest candles are a window that ends at the venue's present",
        **dict.fromkeys(
            (
                "theirs: claim iss",
                "theirs: claim life",
                "theirs: claim sub",
                "theirs: claim uri",
                "theirs: token alg",
                "theirs: token kid",
                "theirs: header authorization",
            ),
            "the SDK signs public requests too where it has a key; ours leaves them unsigned, and counted by address",
        ),
        "theirs: get_all_products": "the default, said",
        "theirs: header cb-version": "a header of the older v2 API",
        "theirs: header content-type": _NO_BODY,
    },
    "binance": {
        **_NOTHING,
        "differs: endTime: end ms, ours end-1 ms": "both bounds are inclusive, and ours leaves the end out",
        **dict.fromkeys(
            (f"differs: batchOrders[{number}].newOrderRespType: ACK, ours RESULT" for number in range(2)),
            "the default of the SDK's model; ours wants the order back as it stands",
        ),
        "differs: batchOrders[0].price: 50000.0, ours 50000": "the SDK's model holds prices as floats",
        "differs: batchOrders[1].price: 70000.0, ours 70000": "the SDK's model holds prices as floats",
        **dict.fromkeys(
            (f"{whose}: {name}[{number}]" for number in range(2) for whose, name in _LISTS_OF_IDS),
            "the documented name, which the official SDK sends too, has capitals; ccxt sends it without",
        ),
        "path: GET /api/v3/aggTrades, ours GET /api/v3/historicalTrades": _TOGETHER,
        "path: GET /fapi/v1/aggTrades, ours GET /fapi/v1/historicalTrades": _TOGETHER,
        "path: POST /api/v3/order/cancelReplace, ours PUT /api/v3/order/amend/keepPriority": "ccxt cancels and places "
        "anew; ours lowers the quantity in place, and declines what cannot be done in place",
        "path: POST /fapi/v1/order, ours POST /fapi/v1/order/test": "ccxt knows no tests of USD-M orders: its `test` "
        "places a real one",
        "theirs: batchOrders[0].reduceOnly": "the default, said",
        "theirs: batchOrders[1].reduceOnly": "the default, said",
        "theirs: clientOrderId": _LEFT_OVER,
        "theirs: orderId": "ccxt sends the id that it was not given beside the client's own",
        "theirs: symbol": "a stop is known by its id alone",
        "ours: limit": "the page's size, said; ccxt drops the one it is given here, to cut the answer itself",
        "ours: newOrderRespType": "the answer with the fills in it, said: defaults depend on the order's type",
        "ours: omitZeroBalances": "hundreds of assets that an account has nothing of stay away",
        "ours: recvWindow": "how long the request may travel, said: the fence of our promise never to place twice",
        "ours: symbol": "ccxt asks for all positions and picks",
        "ours: timeInForce": "the default of the order's type, said",
        **dict.fromkeys(
            (
                "ours: also DELETE /fapi/v1/algoOpenOrders",
                "ours: also GET /fapi/v1/algoOrder",
                "ours: also GET /fapi/v1/openAlgoOrders",
                "ours: also GET /fapi/v1/order",
            ),
            _OTHER_DOOR,
        ),
        "ours: also GET /fapi/v1/fundingInfo": "how often funding is paid stands in a list of its own",
        "ours: also GET /fapi/v1/ticker/bookTicker": "the best prices are not in the day's figures",
        "theirs: also GET /fapi/v1/leverageBracket": "ccxt computes margins by it; ours reads what the venue says",
        "theirs: ArgumentsRequired": "ccxt wants a symbol: it knows no cancel of everything there",
        "theirs: BadRequest": "ccxt's batches of cancels are for futures alone; so are the venue's",
        "theirs: NotSupported": _BY_ITSELF,
        "path: GET /api/v3/aggTrades, ours GET /api/v3/trades": _TOGETHER,
        "path: GET /fapi/v1/aggTrades, ours GET /fapi/v1/trades": _TOGETHER,
        "path: GET /fapi/v3/account, ours GET /fapi/v3/balance": "the same balances in another call",
        "path: GET /sapi/v1/asset/tradeFee, ours GET /api/v3/account/commission": "the second tells rates with "
        "discount and tax apart",
        "theirs: header content-type": "ccxt sends parameters as a form body, ours as a query; both are documented",
        "theirs: header x-mbx-apikey": "the SDK names the key on public requests too",
        "theirs: newOrderRespType": "ccxt asks for one where the call is answered alike without",
    },
}
