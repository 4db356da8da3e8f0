"""Listen keys of a simulated venue of this make: the calls that make and keep them, and the stream behind one.

Written from binance-us-api-docs user-data-stream.md at 6b62304 (2024-06-17) and USD-M "User Data Streams" (2026-05-28),
never from the adapters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from unified.sandbox.dialect import RequestClass
from unified_binance_dialect.sandbox_calls import Call, Endpoint, Security, error
from unified_binance_dialect.sandbox_rows import Row
from unified_binance_dialect.sandbox_stream import Source

_GONE = error(-1125, "This listenKey does not exist.")


_LETTERS = 64
"""Of a key, as the papers show one."""


def _start(call: Call) -> Row:
    return {"listenKey": call.listen_keys.start(call.account.name, call.engine.true_us, lambda: _minted(call))}


def _minted(call: Call) -> str:
    return "".join(call.mint() for _ in range(3))[:_LETTERS]


def _extend(call: Call) -> Row:
    key = call.listen_keys.extend(call.account.name, call.engine.true_us)
    if key is None:
        raise _GONE()
    return {"listenKey": key}


def _end(call: Call) -> Row:
    call.listen_keys.end(call.account.name)
    return {}


def _named(answer: Callable[[Call], Row], call: Call) -> Row:
    """The key is named, and has to be the account's own."""
    if call.listen_keys.owner(call.fields.text("listenKey")) != call.account.name:
        raise _GONE()
    answer(call)
    return {}


def calls(path: str, *, named: bool) -> tuple[Endpoint, ...]:
    """The calls at this path; `named` where a key has to be named to be kept or ended."""
    keyed = partial(Endpoint, path=path, kind=RequestClass.PRIVATE_READ, security=Security.KEY)
    if not named:
        return (
            keyed(method="POST", answer=_start),
            keyed(method="PUT", answer=_extend),
            keyed(method="DELETE", answer=_end),
        )
    about = partial(keyed, takes="listenKey!")
    return (
        keyed(method="POST", answer=_start),
        about(method="PUT", answer=partial(_named, _extend)),
        about(method="DELETE", answer=partial(_named, _end)),
    )


def account_source(
    lives: Callable[[], bool], news: Callable[[], Iterable[Row]], expired: Callable[[], Iterable[Row]] = list
) -> Source:
    """The stream of a key that `lives`: `news` of the account; its end is said once, and then there is silence."""
    last_words = expired

    def due() -> Iterable[Row]:
        nonlocal last_words
        if lives():
            return news()
        said, last_words = last_words(), list
        return said

    return Source(due=due, every_us=0)
