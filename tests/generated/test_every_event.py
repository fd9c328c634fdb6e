"""Every event of the committed package: emitter, validator and an independent engine agree."""

from __future__ import annotations

import copy
import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

import modelkit_events
from declarant import InvalidEvent, Outcome
from declarant._client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = Path(modelkit_events.__file__).parent
MANIFEST = json.loads((PACKAGE / "manifest.json").read_text("utf-8"))
EVENTS = [event["name"] for event in MANIFEST["events"]]
FROM_EXCEPTIONS = [event["name"] for event in MANIFEST["events"] if event["exception"]]
KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"


def module_of(name: str) -> Any:
    return import_module(f"modelkit_events.{modelkit_events.CATALOGUE.events[name]}")


def emitter(name: str) -> Any:
    return getattr(modelkit_events, f"emit_{modelkit_events.CATALOGUE.events[name]}")


def envelope_schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PACKAGE / f"schemas/{name}.json").read_text("utf-8"))
    return loaded


def data_schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = envelope_schema(name)["properties"]["data"]
    return found


def accepts(schema: dict[str, Any], value: Any) -> bool:
    # Not jsonschema: Python's `$` would let a line break through after the last character.
    return jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(value)


def valid(schema: dict[str, Any]) -> Any:
    """Return a value that meets *schema*; patterns give theirs by example."""
    for keyword, pick in (("const", lambda value: value), ("enum", lambda values: values[0])):
        if keyword in schema:
            return pick(schema[keyword])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = next(kind for kind in kinds if kind != "null")
    if kind == "object":
        return {name: valid(child) for name, child in schema["properties"].items()}
    if kind == "array":
        return [valid(schema["items"])] * max(1, schema.get("minItems", 0))
    if kind == "string":
        return schema["examples"][0] if "pattern" in schema else "a" * schema.get("minLength", 1)
    return True if kind == "boolean" else schema["minimum"]


def invalid(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield values that each breach one keyword of *schema*."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    yield from (value for kind, value in WRONG.items() if kind not in kinds and "type" in schema)
    if "enum" in schema:
        yield "no such value"
    if "pattern" in schema:
        yield "~ does not match ~"
        yield f"{schema['examples'][0]}\n"
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if "maxItems" in schema:
        yield [valid(schema["items"])] * (schema["maxItems"] + 1)
    if "items" in schema:
        yield from ([value] for value in invalid(schema["items"]))
    yield from _bad_members(schema)


WRONG: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "string": "a",
    "integer": 7,
    "array": [[]],
    "object": {"undeclared": 1},
}


def _bad_members(schema: dict[str, Any]) -> Iterator[Any]:
    if "properties" not in schema:
        return
    whole = {name: valid(child) for name, child in schema["properties"].items()}
    yield {**whole, "undeclared": 1}
    for name, child in schema["properties"].items():
        if name in schema.get("required", ()):
            yield {key: value for key, value in whole.items() if key != name}
        yield from ({**whole, name: value} for value in invalid(child))


def written(name: str, data: dict[str, Any]) -> Any:
    """Return what the emitter would store, or None."""
    event = module_of(name).EVENT
    if set(data) != set(event.arguments):
        return None  # no such call: every argument is required, and there are no others
    inside = event.encode(*(data[argument] for argument in event.arguments))
    return None if inside is None else json.loads(f"{{{inside}}}")


@pytest.mark.parametrize("name", EVENTS)
def test_a_valid_event_passes_everywhere(name: str) -> None:
    """Emitter, validator and another engine accept it, and the keys are those that were given."""
    data = valid(data_schema(name))

    stored = written(name, data)

    assert list(stored) == list(data)
    assert accepts(data_schema(name), data)
    assert module_of(name).EVENT.violations(data) == []
    assert module_of(name).EVENT.violations(stored) == []


@pytest.mark.parametrize("name", EVENTS)
def test_every_breach_fails_everywhere(name: str) -> None:
    """One keyword broken is enough for each of the three; scrubbed text may be of any length."""
    schema = data_schema(name)
    breaches = [data for data in invalid(schema) if isinstance(data, dict)]
    scrubbed = {
        field["name"]
        for event in MANIFEST["events"]
        for field in event["fields"]
        if "scrub" in field
    }

    for data in breaches:
        assert not accepts(schema, data)
        assert module_of(name).EVENT.violations(data) != []
        is_long_text = any(isinstance(data.get(key), str) for key in scrubbed)
        assert written(name, data) is None or is_long_text or _only_scrubbed_inside(data)
    assert len(breaches) > len(schema["properties"])


def _only_scrubbed_inside(data: dict[str, Any]) -> bool:
    """Tell whether the breach is the length of a scrubbed text of a stack frame."""
    return any(len(frame["file"]) > 260 for frame in data.get("exception_stack", ()))


def emitted(folder: Path, name: str, emit: Callable[[Client], object]) -> Any:
    """Return the envelope that an emit call leaves in a store."""
    client = Client(modelkit_events.CATALOGUE)
    client.configure(
        app_version="1.2.3",
        consent="granted",
        ikey=KEY,
        delivery="manual",
        strict=True,
        store_folder=str(folder / "store"),
    )
    try:
        assert emit(client) is Outcome.STORED
    finally:
        client.close()
    envelopes = [
        json.loads(line)
        for path in (folder / "store").rglob("*.ndjson")
        for line in path.read_text("utf-8").splitlines()
    ]
    (envelope,) = [item for item in envelopes if item.get("name") == name]
    return envelope


@pytest.mark.parametrize("name", EVENTS)
def test_an_emitted_line_meets_the_bundled_schema(name: str, tmp_path: Path) -> None:
    """What the offline store holds is an envelope that the published schema describes."""
    data = valid(data_schema(name))

    envelope = emitted(tmp_path, name, lambda client: emitter(name)(client=client, **data))

    assert accepts(envelope_schema(name), envelope)
    declared = {
        (field["slot"], field["name"]) for field in MANIFEST["ext"]
    }  # every permitted field of the carried slots could be filled here
    assert {(slot, key) for slot, keys in envelope["ext"].items() for key in keys} == declared


@pytest.mark.parametrize("name", FROM_EXCEPTIONS)
def test_a_told_exception_meets_the_bundled_schema(name: str, tmp_path: Path) -> None:
    """So does what is read from an exception."""
    module = modelkit_events.CATALOGUE.events[name]
    emit = getattr(modelkit_events, f"emit_{module}_from")
    try:
        json.loads("{" * 100_000)
    except (ValueError, RecursionError) as error:
        told = error

    envelope = emitted(tmp_path, name, lambda client: emit(told, client=client))

    assert accepts(envelope_schema(name), envelope)
    assert emit.__name__ in modelkit_events.__all__


@pytest.mark.parametrize(
    ("slot", "name"), [("os", "release"), ("app", "initTs"), ("user", "localId"), ("os", "locale")]
)
def test_the_bundled_schemas_refuse_an_undeclared_ext_field(slot: str, name: str) -> None:
    """ext is as closed as data."""
    for event in EVENTS:
        schema = envelope_schema(event)["properties"]["ext"]
        assert not accepts(schema, {slot: {name: "x"}})


@pytest.mark.parametrize("name", EVENTS)
def test_an_emitter_takes_its_arguments_by_name_only(name: str) -> None:
    """Arguments are the declared fields in order, then the client."""
    parameters = inspect.signature(emitter(name)).parameters

    assert [*parameters] == [*module_of(name).EVENT.arguments, "client"]
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("name", EVENTS)
def test_an_emitter_refuses_what_no_schema_names(name: str) -> None:
    """An undeclared argument is an error of the call itself."""
    with pytest.raises(TypeError):
        emitter(name)(**valid(data_schema(name)), release="10")


def test_an_invalid_event_raises_in_strict_mode(tmp_path: Path) -> None:
    """The exception names the fields and never a value."""
    client = Client(modelkit_events.CATALOGUE)
    client.configure(
        app_version="1",
        consent="granted",
        ikey=KEY,
        delivery="manual",
        strict=True,
        store_folder=str(tmp_path / "store"),
    )
    data = {**valid(data_schema("ModelKitAction")), "invoked_from": "Robot", "duration_ms": -77}
    try:
        with pytest.raises(InvalidEvent) as caught:
            emitter("ModelKitAction")(client=client, **data)
    finally:
        client.close()

    assert [violation.keyword for violation in caught.value.violations] == ["enum", "minimum"]
    assert "Robot" not in str(caught.value)
    assert "77" not in str(caught.value)


def test_the_package_exports_what_it_lists() -> None:
    """`__all__`, `dir` and the attributes are the same names."""
    names = modelkit_events.__all__

    assert names == sorted(names)
    assert dir(modelkit_events) == names
    assert all(hasattr(modelkit_events, name) for name in names)
    with pytest.raises(AttributeError, match="emit_nothing"):
        _ = modelkit_events.emit_nothing


def test_configure_is_the_clients_own() -> None:
    """Parameters, order and defaults are those of the runtime's `Client.configure`."""
    ours = inspect.signature(modelkit_events.configure).parameters
    theirs = copy.copy(dict(inspect.signature(Client.configure).parameters))
    del theirs["self"]

    assert [(p.name, p.kind, p.default) for p in ours.values()] == [
        (p.name, p.kind, p.default) for p in theirs.values()
    ]


def test_importing_the_package_loads_no_event() -> None:
    """A package of thousands of events imports as quickly as one of three."""
    program = (
        "import sys, modelkit_events; "
        "print(sorted(name for name in sys.modules if name.startswith('modelkit_events.')))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "['modelkit_events._catalogue']\n"


def test_generated_code_imports_public_names_only() -> None:
    """Of the runtime it knows `declarant` and `declarant.gencode`, and no other module."""
    import ast

    import declarant.gencode

    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not str(node.module).startswith("declarant"):
                continue
            assert node.module in ("declarant", "declarant.gencode")
            public = declarant if node.module == "declarant" else declarant.gencode
            assert {alias.name for alias in node.names} <= set(public.__all__)


def test_the_runtime_and_the_manifests_agree() -> None:
    """Both manifests are one, and name the generation that the package records in its segments."""
    outer = (PACKAGE.parent / "manifest.json").read_bytes()

    assert outer == (PACKAGE / "manifest.json").read_bytes()
    assert MANIFEST["generation"] == modelkit_events.CATALOGUE.generation
    assert [event["name"] for event in MANIFEST["events"]] == sorted(
        modelkit_events.CATALOGUE.events
    )


class Makes(dict[Any, Any]):
    """A dictionary that makes what it is asked for, as `defaultdict` does."""

    def __missing__(self, key: object) -> object:
        self[key] = None
        return None


@pytest.mark.parametrize("name", EVENTS)
def test_a_quick_yes_is_one_of_the_validator(name: str) -> None:
    """Plain data is judged at one glance; as many members, but others, are not the same."""
    module = module_of(name)
    is_valid = getattr(module, f"is_valid_{modelkit_events.CATALOGUE.events[name]}")
    data = valid(data_schema(name))
    assert is_valid(data)
    for gone in data:
        other = {key: value for key, value in data.items() if key != gone}
        asked = Makes({**other, "other": data[gone]})
        assert not is_valid({**other, "other": data[gone]})
        assert not is_valid(asked)
        assert gone not in asked
        for value in (b"x", object(), {}, float("nan")):
            assert not is_valid({**data, gone: value})
