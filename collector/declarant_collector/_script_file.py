"""Reads fault scripts; the format stands in `declarant_collector._script`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeGuard

from declarant_collector._script import Connection, Drip, Kill, Script, ScriptRule, When
from declarant_collector._values import is_array, is_object, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["ScriptError", "load_script", "make_script"]


class ScriptError(ValueError):
    """A fault script that cannot be followed; the message says where and why."""


_PRESETS: dict[str, ScriptRule] = {
    "quota": ScriptRule(status=403, body={"acc": 0}),
    "chatty": ScriptRule(status=429, body={"acc": 0}),
    "overloaded": ScriptRule(
        status=503, body="", headers=(("Connection", "Close"),), connection=Connection.CLOSE
    ),
    # Both places a client may look in (onecollector.md 2.2).
    "ticket": ScriptRule(
        status=401,
        body={
            "acc": 0,
            "efi": {"TokenCrackingFailure": "all"},
            "TokenCrackingFailure": "all",
        },
    ),
}


def load_script(path: Path) -> Script:
    """Read a script file.

    Raises:
        ScriptError: The file is no script.
        OSError: The file cannot be read.
    """
    try:
        content: object = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ScriptError(f"{path}: expected JSON in UTF-8, got something else") from error
    if not is_object(content) or set(content) != {"rules"}:
        raise ScriptError(f'{path}: expected an object with the one key "rules"')
    rules = content["rules"]
    if not is_array(rules):
        raise ScriptError(f"{path}: rules: expected array, got {type_of(rules)}")
    try:
        return make_script(rules)
    except ScriptError as error:
        raise ScriptError(f"{path}: {error}") from error


def make_script(rules: Iterable[object]) -> Script:
    """Return a script of rules given as mappings or as `ScriptRule`.

    Raises:
        ScriptError: A rule cannot be followed.
    """
    made: list[ScriptRule] = []
    for place, rule in enumerate(rules):
        made.append(rule if isinstance(rule, ScriptRule) else _Reader(rule, place).rule())
    return Script(made)


class _Reader:
    """Reads one rule and says what is wrong with it."""

    def __init__(self, rule: object, place: int) -> None:
        self._where = f"rules[{place}]"
        self._rule = self._object(rule, "")
        self._refuse_others("", self._rule, set(_KEYS))

    def rule(self) -> ScriptRule:
        preset = self._rule.get("preset")
        if preset is not None and (not isinstance(preset, str) or preset not in _PRESETS):
            raise self._error("preset", f"expected one of {', '.join(_PRESETS)}")
        base = ScriptRule() if preset is None else _PRESETS[preset]
        headers = self._headers("headers", self._rule.get("headers", {}))
        return ScriptRule(
            when=self._when(),
            times=self._integer("times", None),
            status=self._status(base.status),
            reason=self._safe_text("reason", base.reason),
            headers=headers or base.headers,
            body=self._rule.get("body", base.body),
            delay_ms=self._integer("delay_ms", 0) or 0,
            connection=self._connection(base.connection),
            throttle=self._throttle(),
            kill=self._kill(),
            store=self._store(),
        )

    def _when(self) -> When:
        when = self._object(self._rule.get("when", {}), "when")
        self._refuse_others("when", when, {"request", "event", "header"})
        first, last = self._span(when.get("request"))
        event = when.get("event")
        if event is not None and not isinstance(event, str):
            raise self._error("when.event", f"expected string, got {type_of(event)}")
        headers = self._headers("when.header", when.get("header", {}))
        return When(first=first, last=last, event=event, headers=headers)

    def _span(self, value: object) -> tuple[int, int | None]:
        if value is None:
            return 1, None
        if _is_count(value):
            return value, value
        if is_array(value) and len(value) == 2:
            first, last = value
            if _is_count(first) and (last is None or _is_count(last)):
                return first, last
        raise self._error("when.request", "expected a number from 1 or [first, last or null]")

    def _headers(self, path: str, value: object) -> tuple[tuple[str, str], ...]:
        pairs: list[tuple[str, str]] = []
        for name, content in self._object(value, path).items():
            for each in content if is_array(content) else [content]:
                if not isinstance(each, str) or not _is_header(name) or not _is_line(each):
                    raise self._error(f"{path}.{name}", "expected a header of printable ASCII")
                pairs.append((name, each))
        return tuple(pairs)

    def _connection(self, default: Connection | Drip | None) -> Connection | Drip | None:
        value = self._rule.get("connection")
        if value is None:
            return default
        if is_object(value) and set(value) == {"drip"}:
            drip = self._object(value["drip"], "connection.drip")
            size, every = drip.get("bytes", 1), drip.get("every_ms", 20)
            if _is_count(size) and isinstance(every, int) and every >= 0:
                return Drip(bytes=size, every_ms=every)
        words = [each.value for each in Connection]
        if value in words:
            return Connection(value)
        raise self._error("connection", f"expected one of {', '.join(words)} or a drip")

    def _throttle(self) -> frozenset[int] | str | None:
        value = self._rule.get("throttle")
        if value is None or value == "matched":
            return None if value is None else "matched"
        if is_array(value):
            indices = frozenset(each for each in value if isinstance(each, int) and each >= 0)
            if len(indices) == len(value):
                return indices
        raise self._error("throttle", 'expected indices from 0, each once, or "matched"')

    def _kill(self) -> Kill | None:
        value = self._rule.get("kill")
        if value is None:
            return None
        kill = self._object(value, "kill")
        self._refuse_others("kill", kill, {"duration", "form", "event", "header"})
        words = {name: str(content) for name, content in kill.items()}
        if not all(map(_is_line, words.values())):
            raise self._error("kill", "expected printable ASCII")
        if words.get("form", "both") not in ("tenant", "key", "both"):
            raise self._error("kill.form", "expected tenant, key or both")
        return Kill(
            duration=words.get("duration", "86400"),
            form=words.get("form", "both"),
            event=words.get("event", ""),
            header=words.get("header", "kill-duration"),
        )

    def _store(self) -> bool | None:
        value = self._rule.get("store")
        if value is None or isinstance(value, bool):
            return value
        raise self._error("store", f"expected boolean, got {type_of(value)}")

    def _integer(self, name: str, default: int | None) -> int | None:
        value = self._rule.get(name, default)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        raise self._error(name, f"expected an integer from 0, got {type_of(value)}")

    def _status(self, default: int | None) -> int | None:
        value = self._integer("status", default)
        if value is None or 200 <= value <= 599:
            return value
        raise self._error("status", "expected 200 to 599")

    def _safe_text(self, name: str, default: str) -> str:
        value = self._rule.get(name, default)
        if isinstance(value, str) and _is_line(value):
            return value
        raise self._error(name, "expected printable ASCII")

    def _object(self, value: object, path: str) -> Mapping[str, object]:
        if not is_object(value):
            raise self._error(path, f"expected object, got {type_of(value)}")
        return value

    def _refuse_others(self, path: str, value: Mapping[str, object], known: set[str]) -> None:
        if others := sorted(set(value) - known):
            listed = ", ".join(sorted(known))
            raise self._error(path, f'expected one of {listed}, found "{others[0]}"')

    def _error(self, path: str, message: str) -> ScriptError:
        where = f"{self._where}.{path}" if path else self._where
        return ScriptError(f"{where}: {message}")


_KEYS = (
    "body",
    "connection",
    "delay_ms",
    "headers",
    "kill",
    "preset",
    "reason",
    "status",
    "store",
    "throttle",
    "times",
    "when",
)


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_line(text: str) -> bool:
    return text.isascii() and (text.isprintable() or not text)


def _is_header(name: str) -> bool:
    return name.isascii() and name.replace("-", "").replace("_", "").isalnum()
