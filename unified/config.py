"""What a client is made from, as arguments or as a section of a TOML file. Makes no client and sends nothing.

```toml
[main]
adapter = "binance"
environment = "testnet"
endpoint = "http://127.0.0.1:8080"        # or { spot = "...", linear = "..." }
credentials = { key = "env:BINANCE_KEY", secret = "file:binance.secret" }

[main.retry]
attempts = 5
```

Every key of the other tables stands in the class that `PARTS` names for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from attrs import Attribute, field, fields

from unified.adapter import AdapterClass, AdapterSettings, credentials_of, environment_of, options_of
from unified.errors import ConfigurationError
from unified.references import expanded, is_reference, resolve
from unified.registry import adapter_class
from unified.retry import RetrySettings
from unified.secret import Credentials, Secret
from unified.settings import (
    Deadlines,
    InstrumentSettings,
    JournalSettings,
    LimitSettings,
    OrderSettings,
    TransportSettings,
    check_address,
)
from unified.values import frozen

PARTS: Mapping[str, type[Any]] = {
    "limits": LimitSettings,
    "retry": RetrySettings,
    "deadlines": Deadlines,
    "orders": OrderSettings,
    "journal": JournalSettings,
    "instruments": InstrumentSettings,
    "transport": TransportSettings,
}
"""Table of a section -> the settings that stand in it."""

_KEYS = ("adapter", "environment", "endpoint", "credentials", "options", *PARTS)
_CREDENTIALS = ("key", "secret", "passphrase")


def _check_part(_owner: object, attribute: Attribute[Any], value: object) -> None:
    wanted = PARTS[attribute.name]
    if not isinstance(value, wanted):
        raise ConfigurationError(f"{attribute.name}: found {type(value).__name__}, allowed is {wanted.__name__}(...)")


@frozen(kw_only=True)
class ClientConfig:
    """Everything that a client needs to know. Raises ConfigurationError."""

    adapter: str | AdapterClass
    """Its name, as installed, or the class itself."""
    environment: str = "production"
    credentials: Credentials | None = None
    """None: public data only."""
    endpoint: str | Mapping[str, str] = ""
    """Address to use instead of the environment's: one for all doors of the venue, or by door."""
    options: Mapping[str, str] = field(factory=dict)
    """Settings of the adapter's own; `AdapterClass.options` lists them."""
    limits: LimitSettings = field(factory=LimitSettings, validator=_check_part)
    retry: RetrySettings = field(factory=RetrySettings, validator=_check_part)
    deadlines: Deadlines = field(factory=Deadlines, validator=_check_part)
    orders: OrderSettings = field(factory=OrderSettings, validator=_check_part)
    journal: JournalSettings = field(factory=JournalSettings, validator=_check_part)
    instruments: InstrumentSettings = field(factory=InstrumentSettings, validator=_check_part)
    transport: TransportSettings = field(factory=TransportSettings, validator=_check_part)

    @property
    def adapter_class(self) -> AdapterClass:
        """The class that `adapter` means. Raises ConfigurationError if it is not installed."""
        return adapter_class(self.adapter) if isinstance(self.adapter, str) else self.adapter

    def adapter_settings(self) -> AdapterSettings:
        """What the adapter is made with, checked against what it knows. Raises ConfigurationError."""
        adapter = self.adapter_class
        settings = AdapterSettings(
            environment=self.environment,
            credentials=self.credentials,
            hosts=self._hosts(adapter),
            options=self.options,
        )
        environment_of(adapter, settings)
        options_of(adapter, settings)
        credentials_of(adapter, settings)
        return settings

    def _hosts(self, adapter: AdapterClass) -> Mapping[str, str]:
        if not self.endpoint:
            return {}
        doors = environment_of(adapter, AdapterSettings(environment=self.environment)).hosts
        hosts = dict.fromkeys(doors, self.endpoint) if isinstance(self.endpoint, str) else self.endpoint
        for base in hosts.values():
            try:
                check_address(base)
            except ConfigurationError as error:
                raise ConfigurationError(f"endpoint: {error}") from None
        return {door: base.rstrip("/") for door, base in hosts.items()}


def sections(path: str | Path) -> tuple[str, ...]:
    """The clients that a file describes, in its order. Raises ConfigurationError."""
    return tuple(_document(expanded(path)))


def load(path: str | Path, section: str | None = None) -> ClientConfig:
    """The configuration of one client; `section` may be left out where the file has only one.

    Raises ConfigurationError naming file, section and key, what was found and what is allowed.
    """
    file = expanded(path)
    document = _document(file)
    if section is None and len(document) == 1:
        (section,) = document
    if section not in document:
        asked = "say which section is meant" if section is None else f"there is no section [{section}]"
        raise ConfigurationError(f"{file}: {asked}{_hint(section or '', document)}")
    try:
        return _read_section(document[section], file.parent)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}, section [{section}]: {error}") from None


def _document(file: Path) -> dict[str, dict[str, Any]]:
    import tomllib  # only who has a file needs it

    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from None
    except (OSError, ValueError, RecursionError) as error:
        # Text in another encoding, a number of thousands of digits, lists nested by the thousand.
        raise ConfigurationError(f"{file}: cannot be read ({type(error).__name__})") from None
    for name, table in document.items():
        if not isinstance(table, dict):
            raise ConfigurationError(f"{file}: {name} stands outside of any section; begin the file with [main]")
    return document


def _read_section(table: Mapping[str, Any], folder: Path) -> ClientConfig:
    _check_keys(table, _KEYS)
    if "adapter" not in table:
        raise ConfigurationError('adapter: missing; the name of an installed adapter, such as "binance"')
    endpoint = table.get("endpoint", "")
    config = ClientConfig(
        adapter=_text(table, "adapter"),
        environment=_text(table, "environment") if "environment" in table else "production",
        credentials=_credentials(_table(table, "credentials"), folder) if "credentials" in table else None,
        endpoint=_texts(table, "endpoint") if isinstance(endpoint, dict) else _text({"endpoint": endpoint}, "endpoint"),
        options=_texts(table, "options"),
        **{name: _part(name, _table(table, name), folder) for name in PARTS},
    )
    config.adapter_settings()
    return config


def _part(name: str, table: Mapping[str, Any], folder: Path) -> Any:
    kind = PARTS[name]
    _check_keys(table, [attribute.name for attribute in fields(kind)], f"{name}.")
    proxy = table.get("proxy")
    if isinstance(proxy, str) and is_reference(proxy):  # it may hold a password
        table = {**table, "proxy": _resolved(proxy, f"{name}.proxy", folder)}
    try:
        return kind(**table)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}.{error}") from None


def _credentials(table: Mapping[str, Any], folder: Path) -> Credentials:
    _check_keys(table, _CREDENTIALS, "credentials.")
    for name in ("key", "secret"):
        if name not in table:
            raise ConfigurationError(f"credentials.{name}: missing; say where it is kept: env:NAME, file:path, ...")
    written = {name: _text(table, name, "credentials.", shown=False) for name in table}
    key = written.pop("key")  # the public half may be written out
    if is_reference(key):
        key = _resolved(key, "credentials.key", folder)
    secrets = {name: Secret(_resolved(value, f"credentials.{name}", folder)) for name, value in written.items()}
    return Credentials(key=key, **secrets)


def _resolved(reference: str, name: str, folder: Path) -> str:
    try:
        return resolve(reference, folder)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: {error}") from None


def _check_keys(table: Mapping[str, Any], known: Collection[str], prefix: str = "") -> None:
    for key in table:
        if key not in known:
            raise ConfigurationError(f"{prefix}{key}: there is no such setting{_hint(key, known)}")


def _hint(word: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # only who misspells needs it

    near = get_close_matches(word, known, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    return f"{guess}; there are: {', '.join(known) or 'none'}"


def _text(table: Mapping[str, Any], key: str, prefix: str = "", *, shown: bool = True) -> str:
    value = table[key]
    if not isinstance(value, str):
        found = repr(value) if shown else type(value).__name__
        raise ConfigurationError(f"{prefix}{key}: found {found}, allowed is text")
    return value


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ConfigurationError(f"{key}: found a single value, allowed is a table")
    return value


def _texts(table: Mapping[str, Any], key: str) -> Mapping[str, str]:
    values = _table(table, key)
    return {name: _text(values, name, f"{key}.") for name in values}
