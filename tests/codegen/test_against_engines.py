"""Generated packages of made-up schemas against two engines that share no code with them.

How many schemas, and from which seed on, two variables say; `make differential` asks for thousands.
"""

from __future__ import annotations

import datetime
import importlib.util
import json
import os
import re
import uuid
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from declarant._uncommon import canonical
from declarant.gencode import UNSET
from declarant.scrub import scrub
from declarant_codegen import compile_validator, load_catalogue
from declarant_codegen.bundle import envelope_schema
from declarant_codegen.generate import render_modules
from declarant_codegen.patterns import to_python
from declarant_codegen.privacy import floor_class

pytestmark = pytest.mark.once

TESTS = Path(__file__).parents[1]
BATCHES = int(os.environ.get("DECLARANT_BATCHES", "2"))
FIRST = int(os.environ.get("DECLARANT_SEED", "1"))
EVENTS, VALUES = 40, 40


def _load(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


zoo = _load("zoo", Path(__file__).with_name("zoo.py"))
made_schemas = _load("made_schemas", TESTS / "made_schemas.py")

FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    if isinstance(value, str):
        datetime.date.fromisoformat(value)
        return len(value) == 10
    return True


@FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(uuid.UUID(value)) == value.lower()


def _multiple(_engine: Any, step: float, value: object, _schema: Any) -> Any:
    """Check `multipleOf` without binary fractions, as this engine does not."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        exact = Fraction(value) if float(value).is_integer() else Fraction(repr(value))
        if exact % Fraction(repr(step)):
            yield jsonschema.ValidationError("no multiple")


Python = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"multipleOf": _multiple})


def _python_patterns(schema: Any) -> Any:
    """Write patterns as Python's `re` must see them; that engine passes them on unchanged."""
    if isinstance(schema, dict):
        return {
            key: to_python(value) if key == "pattern" else _python_patterns(value)
            for key, value in schema.items()
        }
    return schema


def _classed(schema: dict[str, Any]) -> None:
    """Declare the least class of each value, inner ones first."""
    if "items" in schema:
        _classed(schema["items"])
    for child in schema.get("properties", {}).values():
        _classed(child)
        child["x-class"] = floor_class(child)


def _catalogue(maker: Any, folder: Path) -> Any:
    """Return a catalogue of those of its schemas that the rules let pass; most do."""
    events = {}
    for number in range(EVENTS):
        made = maker.event()
        _classed(made)
        name = f"ModelKitE{number}x"
        event = zoo.event(name, made["properties"], made["required"])
        events[f"model_kit_e{number}x"] = event
    schemas = zoo.write_catalogue(folder, events, package="zoo_events")
    path = schemas / "catalogue.json"
    linked = json.loads(path.read_text("utf-8"))
    errors = [item for item in load_catalogue(schemas).findings if item.severity.value == "error"]
    refused = {item.path.removeprefix("schemas/") for item in errors if "/events/" in item.path}
    for finding in load_catalogue(schemas, skip=refused).findings:
        if finding.rule_id == "LINKABILITY_UNKNOWN":
            linked["linkability"].pop(finding.message.split('"')[1])
    path.write_text(json.dumps(linked), "utf-8")
    result = load_catalogue(schemas, skip=refused)
    assert result.catalogue is not None, "\n".join(map(str, result.findings))
    return result.catalogue


def _encodes(value: Any) -> bool:
    """Tell whether no text in a value has half a surrogate pair, which engines elsewhere refuse."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_finite(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def _stored(value: Any, schema: dict[str, Any]) -> Any:
    """Return *value* as it is stored: scrubbed, and its members in the order of the schema."""
    if isinstance(value, str) and "x-scrub" in schema:
        return scrub(schema["x-scrub"], value, schema["maxLength"], ("modelkit",))
    if isinstance(value, list):
        return [_stored(item, schema.get("items", {})) for item in value]
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        names = [name for name in inner if name in value] + [n for n in value if n not in inner]
        return {name: _stored(value[name], inner.get(name, {})) for name in names}
    return value


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are one, with 1 and 1.0 the same and true another."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one == other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


def _module(source: str, name: str) -> dict[str, Any]:
    """Run a rendered module without its catalogue and return its names."""
    known = "CATALOGUE, PACKAGE_ROOTS = None, ('modelkit',)"
    text = re.sub(r"from zoo_events\._catalogue import \([^)]*\)", known, source)
    names: dict[str, Any] = {"__name__": name}
    exec(compile(text, name, "exec"), names)
    return names


class _Judges:
    """What six say of a value: both functions of both validators of ours, and two engines."""

    def __init__(self, event: Any, names: dict[str, Any], catalogue: Any) -> None:
        schema = envelope_schema(event, catalogue)["properties"]["data"]
        self.event = event
        self.encode = names["EVENT"].encode
        self._generated = names[f"is_valid_{event.module}"], names["EVENT"].violations
        self._compiled = compile_validator(event.schema)
        self._rust = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        self._python = Python(_python_patterns(schema), format_checker=FORMATS)
        # That engine has no check of times without packages of other people's.
        self._has_times = "time" in json.dumps(schema)

    def verdict(self, value: Any) -> bool:
        """Return whether *value* is valid, in which all must agree."""
        is_valid, violations = self._generated
        said = {
            "is_valid": is_valid(value),
            "violations": not violations(value),
            "compiled": self._compiled.is_valid(value),
            "compiled violations": not self._compiled.violations(value),
        }
        if _encodes(value):
            said["jsonschema-rs"] = self._rust.is_valid(value)
        if _is_finite(value) and not self._has_times:
            said["jsonschema"] = self._python.is_valid(value)
        assert len(set(said.values())) == 1, (said, self.event.schema, value)
        return said["is_valid"]


@pytest.mark.parametrize("seed", range(FIRST, FIRST + BATCHES))
def test_made_schemas_mean_the_same_to_all(tmp_path: Path, seed: int) -> None:
    """Validators agree with both engines, and what an encoder writes is what it was given."""
    maker = made_schemas.Maker(seed)
    catalogue = _catalogue(maker, tmp_path)
    modules = render_modules(catalogue)
    valid = invalid = written = 0
    for event in catalogue.events:
        names = _module(modules[f"zoo_events/{event.module}.py"], event.module)
        judges = _Judges(event, names, catalogue)
        for _ in range(VALUES):
            value = maker.value(event.schema)
            for _ in range(maker.random.choice([0, 0, 1, 1, 2])):
                value = maker.changed(value)
            is_valid = judges.verdict(value)
            valid, invalid = valid + is_valid, invalid + (not is_valid)
            written += _encoded_as_given(judges, names["EVENT"], value)

    assert len(catalogue.events) > EVENTS / 4
    assert min(valid, invalid, written) > len(catalogue.events)


def _encoded_as_given(judges: _Judges, event: Any, value: Any) -> bool:
    """Check what the encoder makes of a call with *value*; tell whether it wrote anything."""
    required = {field.name for field in judges.event.fields if field.required}
    if not isinstance(value, dict) or not required <= value.keys() <= set(event.arguments):
        return False  # there is no such call
    exact = [canonical(value.get(name, UNSET)) for name in event.arguments]
    inside = event.encode(*exact)
    stored = _stored(value, judges.event.schema)
    assert (inside is not None) is judges.verdict(stored), (judges.event.schema, value, inside)
    as_given = event.encode(*(value.get(name, UNSET) for name in event.arguments))
    assert as_given is None or inside is not None, (judges.event.schema, value)
    if inside is None:
        return False
    back = json.loads(f"{{{inside}}}")
    assert _is_same(back, stored), (judges.event.schema, value, back)
    return True
