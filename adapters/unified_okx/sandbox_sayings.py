"""Every error that the simulated OKX answers, with its HTTP status and text. Decides nothing.

Codes, statuses and texts: OKX docs, "Error code, REST API" (2026-07-13), texts shortened. Answers of the layer that
checks headers and keys carry no `data` (recorded from the live venue); 50119 and 50120 are listed there with HTTP 200
and come with 401 in practice.
"""

from __future__ import annotations

import re

from unified.sandbox.dialect import Outgoing, json_answer

SAYINGS: dict[str, tuple[int, str]] = {
    "50000": (400, "Body for POST request cannot be empty."),
    "50001": (503, "Service temporarily unavailable. Please try again later."),
    "50002": (400, "JSON syntax error"),
    "50006": (400, 'Invalid Content-Type. Please use "application/JSON".'),
    "50011": (429, "Too Many Requests"),
    "50014": (400, "Parameter {} can not be empty."),
    "50015": (400, "Either parameter {} or {} is required"),
    "50024": (200, "Parameter {} and {} can not exist at the same time."),
    "50025": (200, "Parameter {} count exceeds the limit {}."),
    "50026": (500, "System error. Try again later"),
    "50036": (
        200,
        "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
    ),
    "50037": (200, "Order expired."),
    "50046": (
        200,
        "This feature is temporarily unavailable while we make some improvements to it. Please try again later.",
    ),
    "50061": (200, "You've reached the maximum order rate limit for this account."),
    "50101": (401, "APIKey does not match current environment."),
    "50102": (401, "Timestamp request expired"),
    "50103": (401, 'Request header "OK-ACCESS-KEY" cannot be empty.'),
    "50104": (401, 'Request header "OK-ACCESS-PASSPHRASE" cannot be empty.'),
    "50105": (401, 'Request header "OK-ACCESS-PASSPHRASE" incorrect.'),
    "50106": (401, 'Request header "OK-ACCESS-SIGN" cannot be empty.'),
    "50107": (401, 'Request header "OK-ACCESS-TIMESTAMP" cannot be empty.'),
    "50110": (401, "Your IP {} is not included in your API key's IP whitelist."),
    "50111": (401, "Invalid OK-ACCESS-KEY"),
    "50112": (401, "Invalid OK-ACCESS-TIMESTAMP"),
    "50113": (401, "Invalid signature."),
    "50115": (405, "Invalid request method."),
    "50119": (401, "API key doesn't exist"),
    "50120": (401, "This API key doesn't have permission to use this function"),
    "51000": (400, "Parameter {} error"),
    "51001": (200, "Instrument ID, Instrument ID code or Spread ID doesn't exist."),
    "51004": (
        200,
        "Order failed. For buy/sell mode of {}, the sum of current order size, position quantity, and pending orders"
        " can't be more than the maximum position amount under current leverage.",
    ),
    "51005": (200, "Your order amount exceeds the max order amount."),
    "51006": (200, "Order price is not within the price limit (max buy price: {} , min sell price: {} )"),
    "51008": (200, "Order failed. Insufficient {} {} in account"),
    "51010": (200, "Request unsupported under current account mode"),
    "51016": (200, "Client order ID already exists."),
    "51020": (200, "Your order should meet or exceed the minimum order amount."),
    "51022": (200, "Contract suspended."),
    "51065": (200, "algoClOrdId already exists."),
    "51102": (200, "Order failed, the number of pending orders for this instId can't be more than {} (orders)"),
    "51111": (200, "Maximum {} orders can be placed in bulk."),
    "51112": (200, "Close order size exceeds available size for this position."),
    "51121": (200, "Order quantity must be a multiple of the lot size."),
    "51139": (200, "Reduce-only feature is unavailable for the spot transactions by spot mode."),
    "51169": (
        200,
        "Order failed because you don't have any positions in this direction for this contract to reduce or close.",
    ),
    "51170": (
        200,
        "Failed to place order. A reduce-only order can't be the same trading direction as your existing positions.",
    ),
    "51185": (200, "The maximum value allowed per order is {} USD"),
    "51201": (200, "The value of a market order can't exceed {}."),
    "51202": (200, "Market order amount exceeds the maximum amount."),
    "51204": (200, "The price for the limit order cannot be empty."),
    "51250": (200, "Algo order price is out of the available range."),
    "51277": (200, "TP trigger price cannot be higher than the last price."),
    "51278": (200, "SL trigger price cannot be lower than the last price."),
    "51279": (200, "TP trigger price cannot be lower than the last price."),
    "51280": (200, "SL trigger price cannot be higher than the last price."),
    "51281": (200, "Trigger order do not support the tgtCcy parameter."),
    "51400": (200, "Order cancellation failed as the order has been filled, canceled or does not exist."),
    "51406": (400, "Canceled - order count exceeds the limit {}."),
    "51410": (200, "Cancellation failed as the order is already in canceling status or pending settlement."),
    "51416": (200, "Order has been triggered and can't be canceled"),
    "51500": (200, "You must enter a price, quantity, or TP/SL"),
    "51501": (400, "Maximum {} orders can be modified."),
    "51502": (200, "Unable to edit order: insufficient balance or margin."),
    "51503": (200, "Your order has already been filled or canceled."),
    "51506": (200, "Order modification unavailable for the order type."),
    "51511": (200, "Modification failed as the order price did not meet the requirement for Post Only."),
    "51512": (
        200,
        "Failed to amend orders in batches. You cannot have duplicate orders in the same amend-batch-orders request.",
    ),
    "51513": (
        200,
        "Number of modification requests that are currently in progress for an order cannot exceed 3 times.",
    ),
    "51600": (200, "Status not found."),
    "51601": (200, "Order status and order id cannot exist at the same time."),
    "51602": (200, "Either order status or order ID is required."),
    "51603": (200, "Order does not exist"),
    "54012": (
        200,
        "Due to insufficient order book depth, we are now taking measures to protect your positions."
        " Currently, you can only cancel orders, add margin to your positions, and place post-only orders.",
    ),
    "54036": (
        200,
        "You can't place fill or kill orders when self-trade prevention is set to both maker and taker orders.",
    ),
    "59000": (200, "Setting failed. Cancel any open orders, close positions, and stop trading bots first."),
    "59101": (200, "Leverage can't be modified. Cancel all pending isolated orders before adjusting the leverage."),
    "59102": (200, "Leverage exceeds the maximum limit. Lower the leverage."),
    "59103": (200, "Leverage is too low and no sufficient margin in your account. Increase the leverage."),
    "59105": (400, "Leverage can't be less than {}. Increase the leverage."),
    "59107": (200, "Cancel all pending cross-margin orders before adjusting the leverage."),
    "59110": (200, "The instrument type corresponding to this {} does not support the tgtCcy parameter."),
    "59668": (200, "Cancel isolated margin TP/SL, trailing, trigger, and chase orders or stop bots first."),
    "59669": (200, "Cancel cross-margin TP/SL, trailing, trigger, and chase orders or stop bots first."),
}
_BARE = re.compile(r"501(0|1)\d|50120")
"""Codes of the layer in front: their answers have no `data`."""
BATCH_LIMIT_TEXT = "Rate limit reached. Please refer to API documentation and throttle requests accordingly."
"""Of 50011 inside an answer of HTTP 200."""


class Refusal(Exception):
    """An error of the venue. `words` fill the gaps of its text, `sub` is its sub-code."""

    def __init__(self, code: str, *words: object, sub: str = "") -> None:
        self.code = code
        self.sub = sub
        self.status, text = SAYINGS[code]
        self.message = text.format(*words)
        super().__init__(f"{code} {self.message}")

    def answer(self) -> Outgoing:
        """The refusal as the answer to the whole request."""
        content: dict[str, object] = {"msg": self.message, "code": self.code}
        if not _BARE.fullmatch(self.code):
            content["data"] = []
        return json_answer(content, status=self.status)
