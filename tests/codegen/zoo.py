"""A catalogue with one of every kind of field, and generated code made importable."""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declarant_codegen import load_catalogue
from declarant_codegen.generate import generate

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue

SCHEMAS = Path(__file__).parents[2] / "schemas"

_LOW = {"description": "A value.", "x-class": "low", "x-notice": "usage"}
_MIDDLE = {**_LOW, "x-class": "middle"}
_FREE = {
    **_LOW,
    "x-class": "free_text",
    "x-reason": "A test needs it.",
    "x-scrub": "message",
    "x-scrub-vectors": [{"text": "jo.doe@example.com", "kept": "<scrubbed>"}],
}
_WORD = {"type": "string", "pattern": "^[a-z]{1,8}$"}
_ITEM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["value"],
    "properties": {
        "value": {"type": "integer", "minimum": -5, "maximum": 5, **_LOW},
        "item": {**_WORD, **_MIDDLE},
        "text": {"type": ["string", "null"], "maxLength": 12, **_FREE},
    },
}

#: Every kind of field that the dialect knows, plain, nullable, nested; names that hide others.
FIELDS: dict[str, dict[str, Any]] = {
    "choice": {"type": "string", "enum": ["A", 'b"\\{}', "é\u20ac"], **_LOW},
    "maybe_choice": {"type": ["string", "null"], "enum": ["A", None], **_LOW},
    "number_choice": {"type": "integer", "enum": [1, 2, 30], **_LOW},
    "fixed": {"type": "string", "const": "it's {fixed}", **_LOW},
    "text": {**_WORD, **_MIDDLE, "x-class": "free_text"},
    "scrub": {"type": ["string", "null"], "pattern": "^[a-z]{1,8}$", **_MIDDLE},
    "loose": {"type": "string", "pattern": '^["a-z\\\\]{0,4}$', **_MIDDLE},
    "loose_or_null": {"type": ["string", "null"], "pattern": "^[^b]{0,3}$", **_MIDDLE},
    "day": {"type": "string", "format": "date", **_MIDDLE},
    "ident": {"type": ["string", "null"], "format": "uuid", **_MIDDLE, "x-class": "identifier"},
    "free": {"type": "string", "maxLength": 10, **_FREE},
    "free_or_null": {"type": ["string", "null"], "maxLength": 20, **_FREE},
    "count": {"type": "integer", "minimum": -3, "maximum": 300, **_LOW},
    "even": {"type": ["integer", "null"], "minimum": 0, "maximum": 9, "multipleOf": 2, **_LOW},
    "ratio": {"type": "number", "minimum": 0, "exclusiveMaximum": 10, **_LOW},
    "ratio_or_null": {"type": ["number", "null"], "minimum": -1, "maximum": 1, **_LOW},
    "flag": {"type": "boolean", **_LOW},
    "flag_or_null": {"type": ["boolean", "null"], **_LOW},
    "words": {"type": "array", "maxItems": 3, "items": _WORD, **_MIDDLE},
    "numbers": {
        "type": ["array", "null"],
        "minItems": 1,
        "maxItems": 3,
        "uniqueItems": True,
        "items": {"type": "integer", "minimum": 0, "maximum": 9},
        **_LOW,
    },
    "grid": {
        "type": "array",
        "maxItems": 2,
        "items": {
            "type": "array",
            "maxItems": 2,
            "items": {"type": ["boolean", "null"]},
        },
        **_LOW,
    },
    "things": {"type": "array", "maxItems": 2, "items": _ITEM, **_FREE},
    "thing": {**_ITEM, "type": ["object", "null"], **_FREE},
    "empty": {"type": "object", "additionalProperties": False, "properties": {}, **_LOW},
}
for _name in ("things", "thing"):
    del FIELDS[_name]["x-scrub"], FIELDS[_name]["x-scrub-vectors"], FIELDS[_name]["x-reason"]


def event(name: str, properties: dict[str, Any], required: list[str], **members: Any) -> Any:
    """Return an event schema."""
    return {
        "$schema": "../meta/event.v1.json",
        "title": name,
        "description": "An event of the zoo. Sent by tests only.",
        "x-purpose": "Test the generator.",
        "x-owners": ["tests (role)"],
        "x-level": "required",
        "x-retention-days": 1,
        "x-expires": "2030-01-01",
        "x-ext": ["app", "device", "os", "sdk"],
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
        **members,
    }


def zoo_events() -> dict[str, Any]:
    """Return events with all fields required, all optional, and mixed."""
    names = list(FIELDS)
    return {
        "model_kit_required": event("ModelKitRequired", FIELDS, names),
        "model_kit_optional": event("ModelKitOptional", FIELDS, []),
        "model_kit_mixed": event("ModelKitMixed", FIELDS, names[::2]),
    }


def write_catalogue(folder: Path, events: dict[str, Any], *, package: str) -> Path:
    """Write a catalogue of *events* (module name to schema) and return its folder."""
    schemas = folder / "schemas"
    shutil.copytree(SCHEMAS, schemas, ignore=shutil.ignore_patterns("events"))
    (schemas / "events").mkdir()
    for module, schema in events.items():
        path = schemas / "events" / f"{module}.schema.json"
        path.write_text(json.dumps(schema), "utf-8")
    path = schemas / "catalogue.json"
    value = json.loads(path.read_text("utf-8"))
    # What the zoo holds rides with identifiers of the zoo, too.
    own = {
        f"{schema['title']}.{name}": "free_text"
        for schema in events.values()
        for name, field in schema["properties"].items()
        if field.get("x-class") == "identifier"
    }
    value = {**value, "package": package, "linkability": {**value["linkability"], **own}}
    path.write_text(json.dumps(value), "utf-8")
    return schemas


def load(schemas: Path) -> Catalogue:
    """Load a catalogue that must have no errors."""
    result = load_catalogue(schemas)
    assert result.catalogue is not None, "\n".join(map(str, result.findings))
    return result.catalogue


def install(catalogue: Catalogue, folder: Path) -> Any:
    """Generate *catalogue* below *folder* and import the package."""
    made = generate(catalogue, is_clean=True, inputs=[], cache=None, report=_silence)
    for path, content in made.files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    sys.path.insert(0, str(folder))
    try:
        invalidate_caches()
        package = import_module(made.package)
        for one in catalogue.events:
            import_module(f"{made.package}.{one.module}")
    finally:
        sys.path.remove(str(folder))
    return package


def fresh_package() -> str:
    """Return a package name that no other test imports."""
    return f"zoo_events_{os.urandom(6).hex()}"


def _silence(phase: str, done: int, total: int) -> None:
    del phase, done, total
