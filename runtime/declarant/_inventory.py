"""What the installed generated package may send, as its own manifest lists it."""

from __future__ import annotations

import json
import pkgutil
from typing import TYPE_CHECKING, Any

from declarant._errors import PackageDamaged
from declarant._shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant._catalogue import Catalogue

_KEPT = ("product", "display_name", "package", "version", "generation", "events", "ext")

#: Keywords that bound a value, in the order in which they are told.
_BOUNDS = (
    *("enum", "const", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems", "unit", "x-unit", "scrub", "x-scrub"),
)


def inventory(catalogue: Catalogue) -> dict[str, Any]:
    """Return every event with its fields, and every ext field, as JSON.

    Raises:
        PackageDamaged: The package has no manifest that can be read.
    """
    package = catalogue.package
    try:
        found: object = json.loads(pkgutil.get_data(package, "manifest.json") or b"")
    except (OSError, ValueError, ImportError):
        found = None
    if not is_object(found) or "events" not in found:
        raise PackageDamaged(
            f"{package}: expected a manifest.json in the package, found none that can be read; "
            "install the package again"
        )
    mark: dict[str, Any] = {"draft": True} if catalogue.draft else {}
    return {**mark, **{name: found[name] for name in _KEPT if name in found}}


def inventory_lines(listed: dict[str, Any]) -> Iterator[str]:
    """Yield an inventory for a person."""
    draft = ", a draft" if listed.get("draft") else ""
    yield f"{listed['display_name']} {listed['version']} ({listed['package']}) may send{draft}:"
    for event in listed["events"]:
        yield ""
        yield f"{event['name']} ({event['level']}, kept {event['retention_days']} days)"
        yield f"  {event['description']}"
        yield f"  Purpose: {event['purpose']}"
        yield f"  With it: {', '.join(event['ext']) or 'nothing'}"
        for field in event["fields"]:
            yield from _field_lines(field["name"], field)
    yield ""
    yield "With an event, as it says:"
    for field in listed["ext"]:
        yield from _field_lines(f"ext.{field['slot']}.{field['name']}", field)


def _field_lines(place: str, field: dict[str, Any]) -> Iterator[str]:
    kind: str | list[str] = field.get("type", "any")
    kinds = kind if isinstance(kind, str) else " or ".join(kind)
    bounds = [
        f"{name.removeprefix('x-')} {json.dumps(field[name], ensure_ascii=False)}"
        for name in _BOUNDS
        if name in field
    ]
    yield f"  {place}: {'; '.join([kinds, *bounds])}"
    if "description" in field:
        yield f"    {field['description']}"
    if "items" in field:
        yield from _field_lines(f"{place}[]", field["items"])
    for name, inner in field.get("properties", {}).items():
        yield from _field_lines(f"{place}.{name}", inner)
