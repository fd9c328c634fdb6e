"""One event of six fields through every validator, all in turns in one process; prints JSON.

usage: engines.py ROUNDS

Before anything is timed, every engine has to tell the same valid and invalid instances apart: a
figure of an engine that checks less than the others would mean nothing. The schema is the event's
own, as the generated package ships it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import fastjsonschema
import jsonschema_rs
import msgspec
import orjson
import pydantic

import modelkit_events
from modelkit_events import model_kit_action as generated

CALLS = 2_000
VALUES = ("Interactive", "cache.clear", "NPU", "QNNExecutionProvider", 4321, True)
GOOD = dict(
    zip(
        ("invoked_from", "action_name", "device", "ep", "duration_ms", "success"),
        VALUES,
        strict=True,
    )
)
INVALID = (
    {**GOOD, "duration_ms": "4321"},
    {**GOOD, "duration_ms": -1},
    {**GOOD, "invoked_from": "Robot"},
    {**GOOD, "action_name": "Cache Clear"},
    {**GOOD, "device": ""},
    {**GOOD, "ep": 7},
    {**GOOD, "success": 1},
    {**GOOD, "more": 1},
    {name: value for name, value in GOOD.items() if name != "ep"},
)

_ACTION = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}").fullmatch
_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,31}").fullmatch
_EP = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}").fullmatch
_FROM = frozenset(("Interactive", "Script"))


def by_hand(data: dict) -> bool:
    """Check what the schema says, as somebody would write it who writes it once and for speed."""
    if len(data) != 6:
        return False
    try:
        invoked_from, action_name = data["invoked_from"], data["action_name"]
        device, ep = data["device"], data["ep"]
        duration_ms, success = data["duration_ms"], data["success"]
    except KeyError:
        return False
    return (
        type(invoked_from) is str
        and invoked_from in _FROM
        and type(action_name) is str
        and _ACTION(action_name) is not None
        and (device is None or (type(device) is str and _DEVICE(device) is not None))
        and (ep is None or (type(ep) is str and _EP(ep) is not None))
        and type(duration_ms) is int
        and 0 <= duration_ms <= 2_592_000_000
        and type(success) is bool
    )


class Action(pydantic.BaseModel):
    """The event for pydantic, which knows no regular expression with a look-around."""

    model_config = pydantic.ConfigDict(extra="forbid", strict=True)
    invoked_from: Literal["Interactive", "Script"]
    action_name: str = pydantic.Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")
    device: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,31}$")] | None
    ep: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")] | None
    duration_ms: int = pydantic.Field(ge=0, le=2_592_000_000)
    success: bool


class ActionStruct(msgspec.Struct, forbid_unknown_fields=True):
    """The event for msgspec."""

    invoked_from: Literal["Interactive", "Script"]
    action_name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    device: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,31}$")] | None
    ep: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")] | None
    duration_ms: Annotated[int, msgspec.Meta(ge=0, le=2_592_000_000)]
    success: bool


def schema() -> dict:
    """Return the schema of the event's data."""
    package = Path(modelkit_events.__file__).parent
    document = json.loads((package / "schemas" / "ModelKitAction.json").read_text("utf-8"))
    return document["properties"]["data"]


def quiet(call, *errors):
    """Return *call* as a predicate: it raises on what is invalid."""

    def is_valid(data: dict) -> bool:
        try:
            call(data)
        except errors:
            return False
        return True

    return is_valid


def engines() -> dict[str, tuple]:
    """Return name to a predicate for the comparison, and the call that is timed."""
    strict = fastjsonschema.compile(schema())
    rust = jsonschema_rs.validator_for(
        {**schema(), "$schema": "http://json-schema.org/draft-07/schema#"}
    )
    encode = generated.EVENT.encode
    hand = by_hand

    def ours(data: dict) -> bool:
        return not data.keys() ^ GOOD.keys() and encode(*data.values()) is not None

    return {
        "declarant": (generated.is_valid_model_kit_action,) * 2,
        "declarant's emitter: check and encode, no dictionary": (
            ours,
            lambda _: encode(*VALUES),
        ),
        "written by hand": (hand, hand),
        "fastjsonschema": (quiet(strict, fastjsonschema.JsonSchemaException), strict),
        "jsonschema-rs": (rust.is_valid, rust.is_valid),
        "pydantic": (
            quiet(Action.model_validate, pydantic.ValidationError),
            Action.model_validate,
        ),
        "msgspec": (
            quiet(lambda data: msgspec.convert(data, ActionStruct), msgspec.ValidationError),
            lambda data: msgspec.convert(data, ActionStruct),
        ),
    }


def encoders() -> dict[str, tuple]:
    """Return what others encode a whole envelope with, in the order of engines: name to call."""
    envelope = {
        "ver": "4.0",
        "name": "ModelKitAction",
        "time": "2026-11-22T01:12:10.362Z",
        "iKey": "o:0123456789abcdef0123456789abcdef",
        "ext": {
            "app": {"ver": "1.2.3", "sesId": "00000000-0000-4000-8000-000000000002"},
            "device": {
                "localId": "r:00000000-0000-4000-8000-000000000001",
                "authId": "EXISTING",
                "deviceClass": "x86_64",
            },
            "os": {"name": "Linux", "ver": "6.1"},
            "sdk": {
                "ver": "declarant-python-0.1.0",
                "epoch": "00000000-0000-4000-8000-000000000003",
                "seq": 7,
            },
        },
        "data": GOOD,
    }
    bare = msgspec.json.Encoder().encode
    return {
        "json.dumps": lambda _: json.dumps(envelope, separators=(",", ":")),
        "orjson": lambda _: orjson.dumps(envelope),
        "msgspec": lambda _: bare(envelope),
    }


def timed(calls: dict, rounds: int) -> dict[str, list[float]]:
    """Return nanoseconds of CPU time per call of each, *rounds* samples taken in turns."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    clock = time.thread_time_ns
    for _ in range(rounds):
        for name, call in calls.items():
            begun = clock()
            for _ in range(CALLS):
                call(GOOD)
            taken[name].append((clock() - begun) / CALLS)
    return taken


def main() -> None:
    rounds = int(sys.argv[1])
    found = engines()
    for name, (is_valid, _) in found.items():
        assert is_valid(GOOD), name
        assert not any(map(is_valid, INVALID)), (name, [i for i in INVALID if is_valid(i)])
    print(
        json.dumps(
            {
                "validate": timed({name: call for name, (_, call) in found.items()}, rounds),
                "encode": timed(encoders(), rounds),
            }
        )
    )


main()
