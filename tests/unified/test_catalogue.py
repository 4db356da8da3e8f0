"""The rules by which a row is chosen, how a file is read, and that it is read late."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.catalogue import ANY_SURFACE, COLUMNS, Catalogue, read, write
from unified.errors import Family, Kind, Outcome, Scope

HEADER = ",".join(COLUMNS)
TABLE = f"""{HEADER}
,,403,,,banned,,ip,Stop.,yes
,,400,,,invalid_request,,request,Malformed.,yes
,,500,,,venue_fault,,venue,Look the order up.,yes
,,429,1015,,banned,,ip,Wait.,yes
,,429,,,rate_limited,,ip,Wait.,yes
,,,<html,,malformed_response,,venue,A page.,no
,ws,,,,subscription_rejected,,request,Anything this door refuses.,yes
1,,,,GENERAL,invalid_order,,order,General.,yes
1,,,Balance,FUNDS,insufficient_funds,,account,Fund it.,yes
1,,,balance of margin,MARGIN,position_limit,,account,Lower it.,yes
1,spot,,,SPOT,would_take,,order,Spot.,yes
1,spot,,balance,SPOT_FUNDS,invalid_notional,,order,Spot funds.,yes
2,linear,,,LINEAR,no_change,,account,Linear.,yes
3,spot,,,,invalid_price,,order,Price.,yes
3,trade,,,,order_rate_limited,,key,Trade.,yes
3,,429,,,rate_limited,,key,Any.,yes
4,,,only so,,order_closed,done,order,Closed.,no
5,linear,,,,would_trigger,,order,Linear.,yes
5,spot,,,,unknown,,order,Spot.,yes
E:Funds,,,,,insufficient_funds,,account,Fund it.,yes
E,,,,,unknown,,request,Family.,no
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    path = tmp_path / "errors.csv"
    path.write_text(TABLE, encoding="utf-8")
    return Catalogue(path, family=lambda code: Family.ORDER if code.startswith("9") else None)


@pytest.mark.parametrize(
    ("code", "message", "http_status", "surfaces", "kind"),
    [
        pytest.param("1", "", None, (), Kind.INVALID_ORDER, id="a code alone gives its general row"),
        pytest.param(
            "1", "no such thing", 200, ("rest",), Kind.INVALID_ORDER, id="what fits nothing special is general"
        ),
        pytest.param("1", "BALANCE low", None, (), Kind.INSUFFICIENT_FUNDS, id="fragments are matched in any case"),
        pytest.param("1", "balance of margin", None, (), Kind.POSITION_LIMIT, id="the longer fragment wins"),
        pytest.param("1", "", None, ("spot",), Kind.WOULD_TAKE, id="the door's own row beats the general one"),
        pytest.param(
            "1",
            "balance of margin",
            None,
            ("spot",),
            Kind.INVALID_NOTIONAL,
            id="two conditions beat one longer fragment",
        ),
        pytest.param("1", "balance", None, ("linear",), Kind.INSUFFICIENT_FUNDS, id="another door's row does not fit"),
        pytest.param("3", "", 429, ("trade",), Kind.ORDER_RATE_LIMITED, id="the door says more than the status"),
        pytest.param("3", "", None, ("trade", "spot"), Kind.ORDER_RATE_LIMITED, id="the earlier surface wins"),
        pytest.param("3", "", None, ("spot", "trade"), Kind.INVALID_PRICE, id="the earlier surface wins either way"),
        pytest.param("3", "", 429, (), Kind.RATE_LIMITED, id="with the door unknown a row about no door comes first"),
        pytest.param("2", "", None, (), Kind.NO_CHANGE, id="with the door unknown a row about a door still serves"),
        pytest.param("5", "", None, (), Kind.UNKNOWN, id="of two doors' meanings the one that promises less is taken"),
        pytest.param(
            "2", "", None, ("rest", ANY_SURFACE), Kind.NO_CHANGE, id="a door known in part takes other doors' rows"
        ),
        pytest.param("1", "", None, ("spot", ANY_SURFACE), Kind.WOULD_TAKE, id="a door known in part is asked first"),
        pytest.param(
            "1", "", None, ("rest", ANY_SURFACE), Kind.INVALID_ORDER, id="general rows come before other doors'"
        ),
        pytest.param("4", "it is Only So", None, (), Kind.ORDER_CLOSED, id="a code may have rows with fragments only"),
        pytest.param("", "<HTML>", 502, (), Kind.MALFORMED_RESPONSE, id="without a code the text decides"),
        pytest.param("", "", 500, (), Kind.VENUE_FAULT, id="without code and text the status decides"),
        pytest.param("", "error 1015", 429, (), Kind.BANNED, id="status and text beat the status alone"),
        pytest.param(
            "", "nonsense", None, ("ws",), Kind.SUBSCRIPTION_REJECTED, id="a door's row without code takes the rest"
        ),
        pytest.param("77", "", 429, (), Kind.RATE_LIMITED, id="a throttling status stands whatever the code is"),
        pytest.param("77", "", 403, (), Kind.BANNED, id="a ban stands whatever the code is"),
        pytest.param("77", "", 500, (), Kind.VENUE_FAULT, id="a server fault stands whatever the code is"),
        pytest.param(
            "77", "see <html>", 200, (), Kind.MALFORMED_RESPONSE, id="a fragment speaks for an unknown code too"
        ),
    ],
)
def test_the_most_specific_row_is_found(
    catalogue: Catalogue, code: str, message: str, http_status: int | None, surfaces: tuple[str, ...], kind: Kind
) -> None:
    row = catalogue.find(code, message=message, http_status=http_status, surfaces=surfaces)
    assert row is not None
    assert row.kind is kind


@pytest.mark.parametrize(
    ("code", "http_status", "surfaces"),
    [
        pytest.param("77", None, (), id="a code that no row holds"),
        pytest.param("77", 400, (), id="a status about the request says nothing of an unknown code"),
        pytest.param("77", 200, ("ws",), id="a door's row without code does not explain an unknown code"),
        pytest.param("2", None, ("spot",), id="a code that only another door uses"),
        pytest.param("4", None, (), id="a code whose fragments do not fit"),
        pytest.param("", 200, ("spot",), id="no code and nothing to go by"),
        pytest.param("", None, (), id="a door's row without code needs that door"),
    ],
)
def test_nothing_is_found_where_nothing_fits(
    catalogue: Catalogue, code: str, http_status: int | None, surfaces: tuple[str, ...]
) -> None:
    assert catalogue.find(code, http_status=http_status, surfaces=surfaces) is None


def test_broader_codes_are_asked_in_turn(catalogue: Catalogue) -> None:
    found = catalogue.find("E:Funds:detail", broader=("E:Funds", "E"))
    assert found is not None
    assert found.kind is Kind.INSUFFICIENT_FUNDS
    fallback = catalogue.find("E:Else", broader=("E",))
    assert fallback is not None
    assert fallback.code == "E"
    assert catalogue.find("2", surfaces=("spot",), broader=("1",)) is not None


def test_a_fault_repeats_what_was_said_and_adds_what_the_row_knows(catalogue: Catalogue) -> None:
    fault = catalogue.fault("4", message="Only so!", http_status=200, retry_after=1.5, request_id="r1")
    assert (fault.kind, fault.outcome, fault.scope) == (Kind.ORDER_CLOSED, Outcome.DONE, Scope.ORDER)
    assert (fault.code, fault.message, fault.http_status) == ("4", "Only so!", 200)
    assert (fault.retry_after, fault.request_id, fault.hint, fault.sure) == (1.5, "r1", "Closed.", False)
    assert fault.name is None


def test_a_fault_keeps_the_code_as_sent_where_a_broader_one_explains_it(catalogue: Catalogue) -> None:
    fault = catalogue.fault("E:Funds:detail", broader=("E:Funds",))
    assert (fault.kind, fault.code) == (Kind.INSUFFICIENT_FUNDS, "E:Funds:detail")


@pytest.mark.parametrize(
    ("code", "family"),
    [
        pytest.param("99", Family.ORDER, id="the family that the number implies"),
        pytest.param("77", Family.UNKNOWN, id="no family where the number implies none"),
    ],
)
def test_an_unknown_code_settles_nothing(catalogue: Catalogue, code: str, family: Family) -> None:
    fault = catalogue.fault(code, message="new")
    assert (fault.kind, fault.outcome, fault.family) == (Kind.UNKNOWN, Outcome.UNKNOWN, family)
    assert (fault.code, fault.message, fault.sure) == (code, "new", False)


def test_an_empty_outcome_is_the_usual_one(catalogue: Catalogue) -> None:
    assert {row.outcome for row in catalogue.rows if row.kind is Kind.NO_CHANGE} == {Outcome.DONE}


def test_holds_knows_codes_and_not_the_rows_without_one(catalogue: Catalogue) -> None:
    assert catalogue.holds("1")
    assert not catalogue.holds("77")
    assert not catalogue.holds("")


def test_the_file_is_read_at_the_first_look_up_and_once(tmp_path: Path) -> None:
    path = tmp_path / "errors.csv"
    catalogue = Catalogue(path)  # the file does not exist yet
    path.write_text(TABLE, encoding="utf-8")
    assert catalogue.find("1") is not None
    path.unlink()
    assert catalogue.find("3", surfaces=("trade",)) is not None


@given(
    code=st.sampled_from(("1", "2", "3", "4", "5", "77", "")),
    message=st.sampled_from(("", "balance", "balance of margin", "only so", "<html", "1015")),
    http_status=st.sampled_from((None, 200, 400, 403, 429, 500)),
    surfaces=st.lists(st.sampled_from(("spot", "linear", "trade", "ws")), unique=True),
)
def test_what_is_found_fits_what_was_asked(
    tmp_path_factory: pytest.TempPathFactory, code: str, message: str, http_status: int | None, surfaces: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "errors.csv"
    path.write_text(TABLE, encoding="utf-8")
    catalogue = Catalogue(path)
    first, again = (catalogue.find(code, message=message, http_status=http_status, surfaces=surfaces) for _ in range(2))
    assert first is again
    if first is not None:
        assert first.code in {code, ""}
        assert first.http in {None, http_status}
        assert first.contains.casefold() in message
        assert not first.surface or not surfaces or first.surface in surfaces


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("", "line 1: columns must be code, surface", id="an empty file"),
        pytest.param("code,kind\n", "line 1: columns must be code, surface", id="other columns"),
        pytest.param(f"{HEADER}\n1,,,,,no_change\n", "line 2: not enough values", id="a short line"),
        pytest.param(f"{HEADER}\n1,,,,,no_change,,key,h,yes,x\n", "line 2: too many values", id="a long line"),
        pytest.param(
            f"{HEADER}\n1,,,,,no_change,,key,h,yes\n1,,,,,nope,,key,h,yes\n", "line 3: .*nope", id="no such kind"
        ),
        pytest.param(f"{HEADER}\n1,,,,,no_change,maybe,key,h,yes\n", "line 2: .*maybe", id="no such outcome"),
        pytest.param(f"{HEADER}\n1,,,,,no_change,,moon,h,yes\n", "line 2: .*moon", id="no such scope"),
        pytest.param(f"{HEADER}\n1,,,,,no_change,,key,h,True\n", "line 2: .*True", id="sure is yes or no"),
        pytest.param(f"{HEADER}\n1,,4x,,,no_change,,key,h,yes\n", "line 2: .*4x", id="a status that is no number"),
        pytest.param(f'{HEADER}\n1,,,"a"b,,no_change,,key,h,yes\n', "line 2: ", id="broken quotes"),
    ],
)
def test_what_does_not_belong_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        list(read(text))


def test_write_sorts_by_the_conditions_and_read_takes_it_back() -> None:
    blank = dict.fromkeys(COLUMNS, "") | {"kind": "no_change", "scope": "key", "sure": "no", "hint": 'Say "so", then.'}
    lines = [blank | {"code": "2"}, blank | {"code": "1", "surface": "ws"}, blank | {"code": "1", "http": "404"}]
    rows = list(read(write(lines)))
    assert [(row.code, row.surface, row.http) for row in rows] == [("1", "", 404), ("1", "ws", None), ("2", "", None)]
    assert {row.hint for row in rows} == {'Say "so", then.'}
