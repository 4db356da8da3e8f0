"""Configuration from files and arguments: what is right arrives typed, what is wrong is named with its place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from unified.adapter import AdapterClass
from unified.config import PARTS, ClientConfig, load, sections
from unified.errors import ConfigurationError
from unified.retry import RetrySettings
from unified.secret import Credentials, Secret
from unified.settings import Deadlines, LimitSettings, OrderSettings, TransportSettings, described

CANARY = "c4n4ryS3cr3t"
ADAPTER = """
from unified.adapter import Environment, Option


class Atlantis:
    venue = "atlantis"
    title = "Atlantis"
    environments = {
        "production": Environment(
            name="production",
            hosts={"spot": "https://spot.example", "linear": "https://linear.example"},
            real_money=True,
        ),
        "testnet": Environment(name="testnet", hosts={"spot": "https://test.example"}, real_money=False),
    }
    options = (Option(name="account", default="unified", allowed=("unified", "classic")),)
    credential_fields = ("key", "secret", "passphrase")
    products = ()
    misreadings = ()
"""

Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _atlantis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed adapter, in the way that any other is installed."""
    site = tmp_path / "site"
    about = site / "unified_atlantis-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "made_atlantis.py").write_text(ADAPTER)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: unified-atlantis\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[unified.adapters]\natlantis = made_atlantis:Atlantis\n")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("UNIFIED_TEST_KEY", "the-public-key")
    monkeypatch.setenv("UNIFIED_TEST_SECRET", CANARY)
    monkeypatch.setenv("UNIFIED_TEST_PROXY", f"http://user:{CANARY}@proxy.example")
    yield
    sys.modules.pop("made_atlantis", None)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration file."""

    def written(text: str) -> Path:
        path = tmp_path / "clients.toml"
        path.write_text(text)
        return path

    return written


WHOLE = """
[main]
adapter = "atlantis"
environment = "testnet"
endpoint = "http://127.0.0.1:8080/"
options = { account = "classic" }

[main.credentials]
key = "env:UNIFIED_TEST_KEY"
secret = "env:UNIFIED_TEST_SECRET"
passphrase = "plain:dummy"

[main.limits]
share = 0.8

[main.retry]
attempts = 5

[main.deadlines]
call = 20
order = 7.5

[main.orders]
window_ms = 2000
resend = false

[main.transport]
proxy = "env:UNIFIED_TEST_PROXY"
connections = 4

[archive]
adapter = "atlantis"
"""


def test_a_whole_section(write: Write) -> None:
    config = load(write(WHOLE), "main")
    assert config == ClientConfig(
        adapter="atlantis",
        environment="testnet",
        endpoint="http://127.0.0.1:8080/",
        options={"account": "classic"},
        credentials=Credentials(key="the-public-key", secret=Secret(CANARY), passphrase=Secret("dummy")),
        limits=LimitSettings(share=0.8),
        retry=RetrySettings(attempts=5),
        deadlines=Deadlines(call=20, order=7.5),
        orders=OrderSettings(window_ms=2000, resend=False),
        transport=TransportSettings(proxy=f"http://user:{CANARY}@proxy.example", connections=4),
    )
    assert CANARY not in repr(config)


def test_the_smallest_section_has_the_defaults(write: Write) -> None:
    assert load(write(WHOLE), "archive") == ClientConfig(adapter="atlantis")


def test_sections_come_in_the_order_of_the_file(write: Write) -> None:
    assert sections(write(WHOLE)) == ("main", "archive")


def test_a_file_with_one_section_needs_no_name(write: Write) -> None:
    assert load(write("[only]\nadapter = 'atlantis'")).adapter == "atlantis"


def test_a_key_that_is_public_may_be_written_out(write: Write) -> None:
    text = (
        "[main]\nadapter = 'atlantis'\n[main.credentials]\nkey = 'written'\nsecret = 'plain:a'\npassphrase = 'plain:b'"
    )
    credentials = load(write(text)).credentials
    assert credentials is not None
    assert credentials.key == "written"


def test_files_are_looked_for_beside_the_configuration(write: Write, tmp_path: Path) -> None:
    secret = tmp_path / "atlantis.secret"
    secret.write_text(CANARY)
    secret.chmod(0o600)
    text = WHOLE.replace("env:UNIFIED_TEST_SECRET", "file:atlantis.secret")
    credentials = load(write(text), "main").credentials
    assert credentials is not None
    assert credentials.secret == Secret(CANARY)


def test_one_endpoint_stands_for_every_door() -> None:
    hosts = ClientConfig(adapter="atlantis", endpoint="http://127.0.0.1:1/").adapter_settings().hosts
    assert hosts == {"spot": "http://127.0.0.1:1", "linear": "http://127.0.0.1:1"}


def test_endpoints_by_door_leave_the_others_alone(write: Write) -> None:
    text = "[main]\nadapter = 'atlantis'\nendpoint = { linear = 'http://127.0.0.1:1' }"
    assert load(write(text)).adapter_settings().hosts == {"linear": "http://127.0.0.1:1"}


def test_an_adapter_may_be_a_class() -> None:
    adapter: AdapterClass = ClientConfig(adapter="atlantis").adapter_class
    assert ClientConfig(adapter=adapter).adapter_class is adapter


def _main(text: str) -> str:
    return f'[main]\nadapter = "atlantis"\n{text}'


WRONG: list[Any] = [
    pytest.param("[main]\n", "adapter: missing", id="no adapter"),
    pytest.param("[main]\nadapter = 1", "adapter: found 1, allowed is text", id="an adapter that is no name"),
    pytest.param("[main]\nadapter = 'atlantiss'", "did you mean 'atlantis'?", id="an adapter that is not installed"),
    pytest.param(
        _main("enviroment = 'x'"),
        "enviroment: there is no such setting (did you mean 'environment'?)",
        id="a key misspelt",
    ),
    pytest.param(_main("zzz = 1"), "there are: adapter, environment, endpoint", id="a key that nothing resembles"),
    pytest.param(_main("environment = 'demo'"), "'demo'; allowed: production, testnet", id="no such environment"),
    pytest.param(
        _main("environment = 3"), "environment: found 3, allowed is text", id="an environment that is no name"
    ),
    pytest.param(_main("endpoint = 3"), "endpoint: found 3, allowed is text", id="an endpoint that is no text"),
    pytest.param(
        _main("endpoint = { spot = 3 }"), "endpoint.spot: found 3", id="an endpoint of a door that is no text"
    ),
    pytest.param(
        _main("endpoint = { sopt = 'https://a.example' }"), "'sopt'; its doors are: spot, linear", id="no such door"
    ),
    pytest.param(
        _main("endpoint = 'http://a.example'"), "endpoint: a.example: use https", id="http beyond this machine"
    ),
    pytest.param(_main("options = { acount = 'x' }"), "options.acount", id="no such option of the adapter"),
    pytest.param(
        _main("options = { account = 'x' }"), "options.account: 'x' is not one of unified, classic", id="a wrong option"
    ),
    pytest.param(
        _main("options = { account = true }"),
        "options.account: found True, allowed is text",
        id="an option that is no text",
    ),
    pytest.param(
        _main("retry = 5"), "retry: found a single value, allowed is a table", id="a value where a table is wanted"
    ),
    pytest.param(
        _main("retry = { attemps = 5 }"),
        "retry.attemps: there is no such setting (did you mean 'attempts'?)",
        id="a key misspelt in a table",
    ),
    pytest.param(
        _main("retry = { attempts = 0 }"),
        "retry.attempts: found 0, allowed is a whole number from 1 to 20",
        id="a value out of range",
    ),
    pytest.param(
        _main("orders = { resend = 'no' }"), "orders.resend: found 'no', allowed is true or false", id="a word for no"
    ),
    pytest.param(_main("limits = { share = nan }"), "limits.share: found nan", id="not a number"),
    pytest.param(_main("deadlines = { call = -1 }"), "deadlines.call: found -1", id="a negative time"),
    pytest.param(
        _main("transport = { proxy = 'env:UNIFIED_TEST_ABSENT' }"),
        "transport.proxy: the environment variable",
        id="no proxy where it is said to be",
    ),
    pytest.param(_main("credentials = 'x'"), "credentials: found a single value", id="credentials that are no table"),
    pytest.param(_main("credentials = { key = 'a' }"), "credentials.secret: missing", id="no secret"),
    pytest.param(_main("credentials = { secret = 'plain:a' }"), "credentials.key: missing", id="no key"),
    pytest.param(
        _main("credentials = { key = 'a', secret = 'plain:a' }"),
        "credentials.passphrase: Atlantis keys need key, secret, passphrase",
        id="a part that this venue needs",
    ),
    pytest.param(
        _main(f"credentials = {{ key = 'a', secret = '{CANARY}' }}"),
        "credentials.secret: secrets are not written out",
        id="a secret written out",
    ),
    pytest.param(
        _main("credentials = { key = 'a', secret = 4711471147 }"),
        "credentials.secret: found int, allowed is text",
        id="a secret that is no text",
    ),
    pytest.param(
        _main("credentials = { key = 'a', secrte = 'b' }"),
        "credentials.secrte: there is no such setting (did you mean 'secret'?)",
        id="a secret misspelt",
    ),
    pytest.param(
        _main("credentials = { key = 'env:UNIFIED_TEST_ABSENT', secret = 'plain:a' }"),
        "credentials.key: the environment variable UNIFIED_TEST_ABSENT is not set",
        id="a variable that is not set",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_said_with_file_section_and_key(write: Write, text: str, said: str) -> None:
    path = write(text)
    with pytest.raises(ConfigurationError) as caught:
        load(path, "main")
    assert str(caught.value).startswith(f"{path}, section [main]: ")
    assert said in str(caught.value)
    assert CANARY not in str(caught.value)
    assert "4711471147" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "section", "said"),
    [
        pytest.param(WHOLE, "mian", "there is no section [mian] (did you mean 'main'?)", id="a section misspelt"),
        pytest.param(WHOLE, None, "say which section is meant; there are: main, archive", id="a section to choose"),
        pytest.param("", None, "there are: none", id="an empty file"),
        pytest.param("adapter = 'atlantis'", None, "adapter stands outside of any section", id="no section"),
        pytest.param("[main", None, "not valid TOML", id="no TOML"),
        pytest.param("a = " + "[" * 20_000, None, "cannot be read", id="lists nested by the thousand"),
        pytest.param("[main]\nadapter = " + "9" * 5000, None, "cannot be read", id="a number of thousands of digits"),
    ],
)
def test_a_file_that_does_not_say_which_client_is_refused(
    write: Write, text: str, section: str | None, said: str
) -> None:
    path = write(text)
    with pytest.raises(ConfigurationError) as caught:
        load(path, section)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.toml: cannot be read \(FileNotFoundError\)"):
        sections(tmp_path / "absent.toml")


def test_arguments_are_checked_as_files_are() -> None:
    wrong: Any = {"attempts": 2}
    with pytest.raises(ConfigurationError, match=r"retry: found dict, allowed is RetrySettings\(\.\.\.\)"):
        ClientConfig(adapter="atlantis", retry=wrong)


@pytest.mark.parametrize("part", list(PARTS))
def test_every_table_can_be_described(part: str) -> None:
    assert [row for row in described(PARTS[part]) if row.about and row.allowed]
