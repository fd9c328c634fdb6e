"""Catalogues for tests, made without files."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from declarant_codegen.model import Catalogue, Event, ExtField, Field


def event(name: str = "ProductAction", /, **members: Any) -> Event:
    """An event; *properties* and *required* make its data."""
    properties = members.pop("properties", {})
    required = members.pop("required", [])
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }
    told = {
        "description": "Something happened.",
        "purpose": "Know that it did.",
        "owners": ("telemetry",),
        "level": "optional",
        "retention_days": 30,
        "expires": "2030-01-01",
        "slots": ("os",),
        "is_exception": False,
        **members,
    }
    return Event(
        name=name,
        path=f"schemas/events/{name}.schema.json",
        digest=hashlib.sha256(repr((name, schema, sorted(told.items()))).encode()).hexdigest(),
        schema=schema,
        fields=tuple(
            Field(name=field, schema=child, required=field in required, line=1)
            for field, child in properties.items()
        ),
        **told,
    )


def ext_field(slot: str, name: str, schema: dict[str, Any], source: str = "os_name") -> ExtField:
    """A permitted ext field."""
    return ExtField(
        slot=slot,
        name=name,
        schema={**schema, "x-source": source},
        source=source,
        line=1,
        path=f"schemas/ext/{slot}.schema.json",
    )


def catalogue(*events: Event, **members: Any) -> Catalogue:
    """A catalogue of *events*."""
    told: dict[str, Any] = {
        "product": "product",
        "display_name": "Product",
        "package": "product_events",
        "distribution": "product-events",
        "version": "1.0.0",
        "event_prefix": "Product",
        "endpoint": "https://collector.example/OneCollector/1.0/",
        "consent_version": 1,
        "consent_default": True,
        "notice": {"usage": "What you do.", "device": "What you have."},
        "ext": {},
        **members,
    }
    inputs = tuple((item.path, item.digest) for item in events)
    return Catalogue(
        events=tuple(sorted(events, key=lambda item: item.name)),
        inputs=inputs,
        generation=hashlib.sha256(json.dumps(inputs).encode()).hexdigest(),
        **told,
    )
