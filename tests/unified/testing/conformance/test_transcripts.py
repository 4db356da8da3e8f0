from __future__ import annotations

from tests.toy_stream import BOOK, TICKER, ToyStream
from unified.adapter import Stamp
from unified.feeds import Accepted, Feed, Line, Ticket
from unified.instrument import Product
from unified.testing.conformance.transcripts import Transcript, consumed, recorded
from unified.watches import WatchBook, WatchTicker

TICKET = Ticket(stamp=Stamp(time_ms=1, window_ms=1, nonce=1, token="0"))
LINE = Line(name="toy", dialect=ToyStream, silence=5.0)
KEYS = ((WatchBook, Product.SPOT), (WatchTicker, Product.SPOT))


def test_what_is_said_on_a_connection_can_be_said_again() -> None:
    transcripts: list[Transcript] = []
    table = recorded(dict.fromkeys(KEYS, Feed(line=LINE)), transcripts)
    one, other = table[KEYS[0]].line, table[KEYS[1]].line
    assert one is other, "feeds that shared a line share it still"
    dialect = one.dialect()
    assert dialect.login(TICKET) == ['["login"]']
    assert dialect.subscribe([BOOK, TICKER], TICKET) == ['["sub", "watch_book"]', '["sub", "watch_ticker"]']
    assert list(dialect.receive('["ok", "watch_book"]')) == [Accepted(BOOK)]
    assert dialect.unsubscribe([BOOK], TICKET) == ['["unsub", "watch_book"]']
    assert dialect.ping() == '["ping"]'
    (transcript,) = transcripts
    assert [turn.name for turn in transcript.turns] == ["login", "subscribe", "receive", "unsubscribe"]
    assert transcript.line is LINE
    assert transcript.watches == (BOOK, TICKER)
    assert transcript.frames == ('["ok", "watch_book"]',)
    assert isinstance(transcript.replayed(4), ToyStream)
    assert consumed(ToyStream(), transcript.turns[2]) == [Accepted(BOOK)]


def test_a_connection_has_a_transcript_of_its_own() -> None:
    transcripts: list[Transcript] = []
    line = recorded({KEYS[0]: Feed(line=LINE)}, transcripts)[KEYS[0]].line
    line.dialect().login(TICKET)
    line.dialect()
    assert [len(transcript.turns) for transcript in transcripts] == [1, 0]
