from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.toy import BTC
from unified.echoes import MASK, Spoken, masked, masked_items
from unified.errors import Fault, Kind, VenueError
from unified.http import HttpRequest, Method
from unified.operations import Page
from unified.order import Order, OrderStatus
from unified.wire import malformed

SIGNATURE = "Zm9v/YmFy+" * 8 + "Zm8="
TOKEN = "eyJhbGciOiJFUzI1NiJ9." + "eyJzdWIiOiJkdW1teSJ9" * 4 + ".c2lnbmF0dXJl"
HEX = "0123456789abcdef" * 4
SENT = HttpRequest(
    method=Method.POST,
    base="http://127.0.0.1:1",
    path="/orders",
    query=f"symbol=BTCUSDT&newClientOrderId=a1b2c3d4e5f60718293a4b5c6d7e8f90&timestamp=1763640000000&signature={HEX}",
    headers={
        "X-Key": "a-dummy-key",
        "X-Passphrase": "a dummy/passphrase",
        "X-Sign": SIGNATURE,
        "X-Time": "2026-11-21T10:00:00.123Z",
        "X-Expires": "1763640005000",
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
    },
    body=b'{"otp":"pa55w","instId":"BTC-USDT","px":"60000.5"}',
)
SECRETS = {
    "a key": "a-dummy-key",
    "a passphrase": "a dummy/passphrase",
    "a signature in a header": SIGNATURE,
    "a signature percent-encoded": quote(SIGNATURE, safe=""),
    "a signature in the query": HEX,
    "a signature in capitals": HEX.upper(),
    "a token": TOKEN,
    "a token that is cut off": TOKEN[:60],
    "a signature that is cut off": SIGNATURE[:40],
    "a second password of the body": "pa55w",
}


def error(message: str = "", **more: Any) -> VenueError:
    return VenueError.of(Fault(kind=Kind.BAD_SIGNATURE, message=message, **more))


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_what_a_venue_repeats_of_a_secret_is_masked(secret: str) -> None:
    told = masked(error(f"Invalid request <{secret}>, see the manual"), SENT)
    assert told.message == f"Invalid request <{MASK}>, see the manual"
    assert secret not in f"{told} {told!r} {told.__reduce__()}"


@pytest.mark.parametrize("name", ["message", "code", "name", "hint", "request_id"])
def test_no_text_of_the_error_is_left_out(name: str) -> None:
    fault = masked(error(**{name: f"of {HEX}"}), SENT).fault
    assert getattr(fault, name) == f"of {MASK}"


def test_several_in_one_message_are_all_masked() -> None:
    said = f"origin[1763640000000a-dummy-key5000] sign[{HEX}] {TOKEN}"
    assert masked(error(said), SENT).message == f"origin[1763640000000{MASK}5000] sign[{MASK}] {MASK}"


def test_a_cause_that_repeats_one_is_dropped() -> None:
    def caused(text: str) -> VenueError:
        made = malformed("ValueError while reading ticker")
        made.__cause__ = ValueError(text)
        return made

    assert masked(caused(f"no number: {HEX}"), SENT).__cause__ is None
    kept = caused("no number: abc")
    assert masked(kept, SENT) is kept


def test_the_items_of_a_batch_are_masked_too() -> None:
    first, second = masked_items((error("fine"), error(f"bad {HEX}")), SENT)
    assert (first.message, second.message) == ("fine", f"bad {MASK}")
    for answer in ("text", (), ("text",), None, [error()]):
        assert masked_items(answer, SENT) is answer


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Order a1b2c3d4e5f60718293a4b5c6d7e8f90 of BTCUSDT was not found",
        "Timestamp 1763640000000 (2026-11-21T10:00:00.123Z) is outside of recvWindow",
        "BTC-USDT: price 60000.5, application/json wanted, Bearer missing",
        "The request expired at 1763640005000",
    ],
)
def test_control_what_is_no_secret_stays(said: str) -> None:
    one = error(said)
    assert masked(one, SENT) is one


def test_control_a_request_without_secrets_masks_nothing() -> None:
    one = error(f"{HEX} {TOKEN}")
    assert masked(one, HttpRequest(method=Method.GET, base="http://127.0.0.1:1", path="/time")) is one


# --- what a venue says of refused orders


def order(message: str | None) -> Order:
    refusal = None if message is None else Fault(kind=Kind.INVALID_ORDER, message=message)
    return Order(instrument=BTC, venue_order_id="1", status=OrderStatus.REJECTED, refusal=refusal)


def test_what_is_said_of_a_refused_order_is_masked_wherever_it_stands() -> None:
    bad, good = order(f"bad {HEX}"), order(None)
    for answer in (bad, (good, bad), Page(items=(bad, good), cursor="x")):
        told = repr(masked_items(answer, SENT))
        assert HEX not in told
        assert MASK in told
    assert masked_items(good, SENT) is good
    page = Page(items=(good,))
    assert masked_items(page, SENT) is page


# --- on a connection

LISTEN_KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


def spoken() -> Spoken:
    said = Spoken()
    said.hear_address(f"wss://stream.example/ws/{LISTEN_KEY}")
    said.hear_login(f'{{"op":"auth","args":["a-dummy-key",1763640000000,"{HEX}"]}}')
    said.hear_login(
        f'{{"op":"login","args":[{{"apiKey":"b-dummy-key","passphrase":"a-phrase","sign":"{SIGNATURE}"}}]}}'
    )
    said.hear(f'{{"method":"subscribe","params":{{"channel":"executions","token":"{TOKEN}"}}}}')
    return said


@pytest.mark.parametrize(
    "secret", [LISTEN_KEY, LISTEN_KEY[:30], "a-dummy-key", HEX, "b-dummy-key", "a-phrase", SIGNATURE, TOKEN]
)
def test_what_a_stream_repeats_of_a_secret_is_masked(secret: str) -> None:
    fault = Fault(kind=Kind.BAD_SIGNATURE, message=f"invalid request <{secret}>")
    assert spoken().masked(fault).message == f"invalid request <{MASK}>"
    assert secret not in str(spoken().masked_error(VenueError.of(fault)))


def test_what_a_stream_says_beside_is_left_alone() -> None:
    for words in ("unknown channel executions", "op auth was refused at 1763640000000", "subscribe again"):
        fault = Fault(kind=Kind.SUBSCRIPTION_REJECTED, message=words)
        assert spoken().masked(fault) is fault
        error = VenueError.of(fault)
        assert spoken().masked_error(error) is error
