"""Makes the tables of docs/fidelity.md: `python -m tests.fidelity.page` prints them, `--write` puts them in place.

Everything in them comes from what the tests check: plays, findings, the list of differences and their reasons.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.fidelity import listed
from tests.fidelity.findings import FINDINGS
from tests.fidelity.intents import intents
from tests.fidelity.plays import ORDERS, PLAYS, READS, REFUSALS, Play
from tests.fidelity.reasons import REASONS
from tests.fidelity.stream_plays import STREAM_PLAYS, STREAM_STEPS, StreamPlay

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "fidelity.md"
BEGIN, END = "<!-- made by tests/fidelity/page.py: begin -->", "<!-- made by tests/fidelity/page.py: end -->"


def table() -> str:
    """Venue x client: what was exercised and what was found."""
    rows = [
        "| venue | client | exercised | refusals, as the client names them | requests compared | found |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    rows += [f"| {' | '.join(_row(play))} |" for play in PLAYS]
    return "\n".join(rows)


def streams() -> str:
    """Venue x stream client: what was watched."""
    rows = [
        "| venue | client | watched | refusal, as the client names it |",
        "| --- | --- | --- | --- |",
    ]
    rows += [f"| {' | '.join(_stream_row(play))} |" for play in STREAM_PLAYS]
    return "\n".join(rows)


def _stream_row(play: StreamPlay) -> Iterator[str]:
    yield f"{play.venue} {play.product.value}"
    yield play.client
    taken = [step.replace("_", " ") for step in STREAM_STEPS if step not in play.excused]
    left_out = [f"no {step.replace('_', ' ')}: {why}" for step, why in play.excused.items()]
    yield "; ".join([", ".join(taken), *left_out])
    yield "" if "refused" in play.excused else f"`{play.refused[0]}`: {play.refused[1]}"


def _row(play: Play) -> Iterator[str]:
    yield f"{play.venue} {play.product.value}"
    yield play.client
    taken = [step for step in (*READS, *ORDERS) if step not in play.excused]
    excused = [f"no {step.replace('_', ' ')}: {why}" for step, why in play.excused.items() if step in (*READS, *ORDERS)]
    yield "; ".join([f"{len(taken)} of {len(READS) + len(ORDERS)} steps", *excused])
    yield ", ".join(
        f"{step.replace('_', ' ')} `{play.refusals[step][0]}`" for step in REFUSALS if step in play.refusals
    )
    yield _compared(play)
    found = [number for number, finding in enumerate(FINDINGS, 1) if _concerns(play, number - 1)]
    yield ", ".join(map(str, found)) or "agrees"


def _compared(play: Play) -> str:
    """Of how many intents both sides sent something, and of the others, who did."""
    found = listed.read().get(play.name)
    if found is None:
        return "none: its user writes the request"
    wanted = [intent["name"] for intent in intents(play.venue, play.product, "1", 0)]
    silent = Counter(
        tuple(word in found.get(name, ()) for word in ("theirs: nothing", "ours: nothing")) for name in wanted
    )
    words = {"sent by ours alone": (True, False), "declined by ours alone": (False, True), "by neither": (True, True)}
    others = [f"{silent[key]} {what}" for what, key in words.items() if silent[key]]
    return ", ".join([f"{silent[False, False]} of {len(wanted)}", *others])


def _concerns(play: Play, number: int) -> bool:
    finding = FINDINGS[number]
    return finding.venue == play.venue and play.client in finding.clients


def findings() -> str:
    """Each disagreement, numbered."""
    return "\n".join(
        f"{number}. **{finding.venue}** ({', '.join(finding.clients)}). {finding.what} {finding.verdict} "
        f"{'Mended: ' + finding.mend if finding.mend else 'Nothing of ours to mend.'}"
        for number, finding in enumerate(FINDINGS, 1)
    )


def requests() -> str:
    """Every way in which a request of ours differs from one of theirs for the same intent, with its reason."""
    blocks = []
    for venue, reasons in REASONS.items():
        where: dict[str, list[str]] = defaultdict(list)
        for name, found in listed.read().items():
            for intent, words in found.items():
                for word in words:
                    if f" at {venue} " in name:
                        where[word].append(f"{name.partition(' at ')[0]} ({intent})")
        rows = ["| difference | requests | reason |", "| --- | --- | --- |"]
        rows += [f"| `{word}` | {len(where[word])} | {reason} |" for word, reason in sorted(reasons.items())]
        blocks.append("\n".join([f"### {venue}", "", *rows]))
    return "\n\n".join(blocks)


def made() -> str:
    """All that stands between the two marks of the page."""
    parts = [
        "## Venue and client",
        table(),
        "## Venue and stream client",
        streams(),
        "## What was found",
        findings(),
        "## Requests",
        requests(),
    ]
    return "\n\n".join([BEGIN, *parts, END])


def with_tables(page: str) -> str:
    """The page with its tables made anew."""
    head, _, rest = page.partition(BEGIN)
    return head + made() + rest.partition(END)[2]


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(table() + "\n\n" + findings() + "\n")
