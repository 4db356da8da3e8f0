"""What the contract asks of an adapter, rule by rule, and the report of a judgement. Judges nothing itself.

Every rule names the heading of docs/write-an-adapter.md under which it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

PAGE = "docs/write-an-adapter.md"


@frozen
class Rule:
    """One thing that is judged."""

    name: str
    heading: str
    """Where the contract says so: a heading of `PAGE`."""

    @property
    def place(self) -> str:
        return f"{PAGE}, {self.heading!r}"


NAMES = Rule("names and doors are declared", "Names and doors")
TABLE = Rule("the endpoint table fits together", "The endpoint table")
BUILD = Rule("requests are built alike every time", "Requests")
NUMBERS = Rule("numbers are sent digit for digit", "Requests")
TERMS = Rule("nothing that was asked for is dropped", "Requests")
STAMPS = Rule("time and windows come from the stamp", "Requests")
INJECTION = Rule("no argument leaves its place", "Requests")
SECRETS = Rule("secrets are never shown", "Signatures and secrets")
SIGNED = Rule("signed calls need a key, others do not", "Signatures and secrets")
ANSWERS = Rule("good answers are read", "Answers")
EVIDENCE = Rule("every call has read an answer", "Recordings")
DAMAGE = Rule("damaged answers are venue errors", "Answers")
SETTLED = Rule("an unreadable answer settles nothing", "Answers")
OBSERVED = Rule("observe and faults never fail", "Answers")
CODES = Rule("the catalogue is complete and in order", "Error codes")
LIMITS = Rule("limits are declared and charged", "Limits")
CLOCKS = Rule("clocks are declared", "Time")
PLACEMENT = Rule("promises about orders are declared", "Orders")
CLIENT_IDS = Rule("client ids fit", "Orders")
INSTRUMENTS = Rule("instruments are told apart", "Instruments")
PRICES = Rule("public data is the venue's", "The sandbox")
ACCOUNT = Rule("the account is read and set", "The sandbox")
ORDERS = Rule("orders live and end", "The sandbox")
REFUSALS = Rule("refusals are recognised", "The sandbox")
DOUBTS = Rule("lost answers leave one order", "The sandbox")
FEEDS = Rule("streams are declared", "Streams")
FRAMES = Rule("frames are told and read alike every time", "Streams")
STRANGERS = Rule("frames of no concern are left aside", "Streams")
TORN_FRAMES = Rule("damaged frames are venue errors", "Streams")
STREAMED = Rule("streams are the venue's", "Streams")
TORN = Rule("torn streams are told and healed", "Streams")
KEEPING = Rule("limits and clock are kept", "The sandbox")

RULES: Sequence[Rule] = (
    NAMES, TABLE, INSTRUMENTS, BUILD, NUMBERS, TERMS, STAMPS, INJECTION, SIGNED, SECRETS, ANSWERS, EVIDENCE, DAMAGE,
    SETTLED, OBSERVED, CODES, LIMITS, CLOCKS, PLACEMENT, CLIENT_IDS, PRICES, ACCOUNT, ORDERS, REFUSALS, DOUBTS, KEEPING,
    FEEDS, FRAMES, STRANGERS, TORN_FRAMES, STREAMED, TORN,
)  # fmt: skip
"""In the order in which an adapter grows."""


@frozen
class Finding:
    """Something that is wrong, or still to be done."""

    rule: Rule
    where: str
    """The operation, product, code or field that it is about."""
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@frozen(kw_only=True)
class Report:
    """What an adapter can do, what it lacks, and what is wrong with it."""

    venue: str
    implemented: Mapping[str, Sequence[str]]
    """Product -> names of operations."""
    missing: Mapping[str, Sequence[str]]
    """Product -> operations of the library that are not in its table. Venues do not offer everything: no fault."""
    findings: Sequence[Finding]
    skipped: Mapping[Rule, str]
    """Rules that could not be judged, and why."""

    @property
    def passed(self) -> bool:
        return not self.findings

    def of(self, rule: Rule) -> tuple[Finding, ...]:
        """What is wrong by this rule."""
        return tuple(finding for finding in self.findings if finding.rule is rule)

    def lines(self) -> Iterator[str]:
        """The report for people."""
        for product, names in self.implemented.items():
            yield f"{self.venue} {product}: {len(names)} operations"
            yield f"  implemented  {', '.join(names) or 'none'}"
            if self.missing.get(product):
                yield f"  not offered  {', '.join(self.missing[product])}"
        for rule in RULES:
            yield from self._told(rule)
        yield self._verdict()

    def _told(self, rule: Rule) -> Iterator[str]:
        found = self.of(rule)
        if rule in self.skipped and not found:
            yield f"-  {rule.name}: not judged, {self.skipped[rule]}"
            return
        yield f"{'FAIL' if found else 'ok'}  {rule.name}"
        if found:
            yield f"      see {rule.place}"
        yield from (f"      {finding}" for finding in found)

    def _verdict(self) -> str:
        if self.passed:
            left = len(self.skipped)
            rest = f" that were judged; not judged, for the reasons above: {left}" if left else " of the contract"
            return f"{self.venue} keeps all {len(RULES) - left} rules{rest}."
        broken = len({finding.rule for finding in self.findings})
        first = next(rule for rule in RULES if self.of(rule))
        return f"{self.venue} breaks {broken} of {len(RULES)} rules. Begin with: {first.name} ({first.place})."
