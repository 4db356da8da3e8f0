"""Order entry over Bybit's WebSocket, simulated: login, pings, and which request over HTTP a frame stands for.

Written from websocket/trade/guideline.mdx (2026-07-24), never from the adapter. Where the papers are silent it decides
so: who is not logged in is answered with 10005, a login that is over in the words of the private door (10001), and one
that the fault plan refuses with 10016.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from unified.sandbox.dialect import Incoming, Outgoing
from unified.sandbox.engine import Engine
from unified.sandbox.entry import Asked, EntryTalk
from unified.sandbox.streams import Opening
from unified_bybit.sandbox_calls import Row
from unified_bybit.sandbox_keys import Holder, LoginError, logged_in

TRADE_PATH = "/v5/trade"
OPS = {f"order.{name}": f"/v5/order/{name}" for name in ("create", "amend", "cancel")}
OPS |= {f"{op}-batch": f"{path}-batch" for op, path in OPS.items()}
_CONNECTION = "cojifin88smerbj9t560-406"
_IDLE_US = 600_000_000
_LONGEST_ID = 36


class BybitTradeTalk(EntryTalk):
    """One connection."""

    def __init__(self, engine: Engine, holders: Mapping[str, Holder], opening: Opening) -> None:
        self._engine, self._holders, self._opening = engine, holders, opening
        self._holder: Holder | None = None
        self._seen: set[str] = set()
        self._heard_us = engine.true_us

    def receive(self, frame: str) -> list[str]:
        """Logins, pings, and what is refused without being looked at."""
        self._heard_us = self._engine.true_us
        said = _object(frame)
        op = said.get("op")
        match op:
            case "ping":
                return [self._told(said, 0, op="pong", data=[str(self._now_ms())])]
            case "auth":
                return [self._login(said)]
            case _ if op in OPS and self._holder is None:
                return [self._told(said, 10005, "Permission denied, please check your API key permissions.")]
            case _ if op in OPS and said.get("reqId") in self._seen:
                return [self._told(said, 20006, "Duplicated reqId")]
            case _ if op in OPS:
                return [self._told(said, 10001, "Params Error")]
        return [self._told(said, 10404, "op type is not found")]

    def asked(self, frame: str) -> Asked | None:
        """An order of somebody who is logged in."""
        said = _object(frame)
        op, number, args = said.get("op"), said.get("reqId"), said.get("args")
        header = said.get("header")
        if self._holder is None or op not in OPS or not isinstance(header, dict):
            return None
        if not isinstance(args, list) or len(args) != 1 or not self._is_new(number):
            return None
        self._heard_us = self._engine.true_us
        incoming = Incoming(
            door=self._opening.door,
            method="POST",
            path=OPS[op],
            headers={str(name).lower(): str(value) for name, value in header.items()},
            body=orjson.dumps(args[0]),
            peer=self._opening.peer,
            session=self._holder.credentials.key,
        )
        return Asked(incoming=incoming, about={"reqId": number, "op": op})

    def answered(self, asked: Asked, answer: Outgoing, said: Any) -> list[str]:
        names = ("X-Bapi-Limit", "X-Bapi-Limit-Status", "X-Bapi-Limit-Reset-Timestamp", "Traceid", "Timenow")
        frame = {
            **{name: said[name] for name in ("retCode", "retMsg", "retExtInfo")},
            **asked.about,
            "data": said["result"],
            "header": {name: answer.headers[name] for name in names if name in answer.headers},
            "connId": _CONNECTION,
        }
        return [orjson.dumps(frame).decode()]

    def pulse(self) -> list[str]:
        return []

    def wants_close(self) -> int | None:
        return 1001 if self._engine.true_us - self._heard_us >= _IDLE_US else None

    # --- inside

    def _is_new(self, number: Any) -> bool:
        """Ids may be left out; one that comes must be new and not too long."""
        if not isinstance(number, str):
            return number is None
        if number in self._seen or len(number) > _LONGEST_ID:
            return False
        self._seen.add(number)
        return True

    def _login(self, said: Row) -> str:
        if self._holder is not None:
            return self._told(said, 20001, "Repeat auth")
        if self.refuse_logins:
            self.refuse_logins -= 1
            return self._told(said, 10016, "Server error.")
        try:
            self._holder = logged_in(self._holders, said.get("args"), self._now_ms())
        except LoginError as error:
            return self._told(said, error.code, str(error))
        return self._told(said, 0)

    def _told(self, said: Row, code: int, words: str = "OK", *, op: str = "", data: Any = None) -> str:
        about = {"reqId": said["reqId"]} if "reqId" in said else {}
        frame = {**about, "retCode": code, "retMsg": words, "op": op or said.get("op", ""), "connId": _CONNECTION}
        return orjson.dumps(frame if data is None else {**frame, "data": data}).decode()

    def _now_ms(self) -> int:
        return self._engine.now_us // 1000


def _object(frame: str) -> Row:
    try:
        said = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
