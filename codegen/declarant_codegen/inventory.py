"""A build's inventory: its manifest, found in a wheel, a folder or a package, read as a catalogue.

Owns where a manifest is looked for and how it becomes the model again, so that everything that
compares catalogues compares builds too. It imports no package and runs no code of a build.
"""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_object
from declarant_codegen.manifest import MANIFEST, ManifestUnreadable, read_manifest
from declarant_codegen.model import Catalogue, Event, ExtField, Field
from declarant_codegen.never_lines import read_never
from declarant_codegen.reading import unreadable
from declarant_codegen.review_rules import read_accepted_breaks, read_review, read_suppressions
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["InventoryError", "load_inventory"]

MAX_BYTES = 64 << 20
"""Largest manifest that is read, in bytes; one of 1,000 events of 8 fields has about 2 MB."""

_OURS = {
    "description": "description",
    "class": "x-class",
    "unit": "x-unit",
    "notice": "x-notice",
    "scrub": "x-scrub",
    "reason": "x-reason",
    "source": "x-source",
    "requires": "required",
}
_NOT_SCHEMA = frozenset(("name", "slot", "required"))


class InventoryError(Exception):
    """There is no readable manifest; the message says where one was looked for."""


def load_inventory(source: str) -> tuple[dict[str, Any], Catalogue]:
    """Return the manifest that *source* names, and the catalogue that it tells of.

    Args:
        source: A manifest, a wheel, a folder that holds either a manifest or a package with one,
            or the import name of an installed package.

    Raises:
        InventoryError: There is none, more than one, or none that this version reads.
    """
    raw = _raw(source)
    try:
        manifest = read_manifest(raw)
        return manifest, _catalogue(manifest)
    except ManifestUnreadable as error:
        message = f"{source}: expected a manifest that declarant wrote: {error}"
        raise InventoryError(message) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InventoryError(
            f"{source}: expected a manifest of this version, found another; generate it anew"
        ) from error


def _raw(source: str) -> bytes:
    place = Path(source)
    if place.is_file():
        return _in_wheel(place) if zipfile.is_zipfile(place) else _read(place)
    if place.is_dir():
        return _in_folder(place)
    if all(part.isidentifier() for part in source.split(".")):
        return _in_package(source)
    raise InventoryError(f"{source}: expected a manifest, wheel, folder or package, found none")


def _read(place: Path) -> bytes:
    if place.is_dir():
        raise _no_file(place)
    try:
        with place.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InventoryError(f"{place}: {unreadable(error)}") from error
    if len(raw) > MAX_BYTES:
        raise InventoryError(f"{place}: expected at most {MAX_BYTES} bytes, found more")
    return raw


def _no_file(place: Path) -> InventoryError:
    mend = "move it away and run `declarant generate`, or name another with --manifest"
    return InventoryError(f"{place}: expected a manifest, found a folder; {mend}")


def _in_folder(folder: Path) -> bytes:
    own = folder / MANIFEST
    if folder.name == MANIFEST:
        raise _no_file(folder)
    found = [own] if own.exists() else sorted(folder.glob(f"*/{MANIFEST}"))
    return _read(Path(_only(str(folder), [str(place) for place in found])))


def _in_package(name: str) -> bytes:
    try:
        # Finding a package runs no code of it, as long as it is no part of another one.
        spec = find_spec(name) if "." not in name else None
    except (ImportError, ValueError):
        spec = None
    for folder in (spec and spec.submodule_search_locations) or ():
        place = Path(folder, MANIFEST)
        if place.is_file():
            return _read(place)
    raise InventoryError(
        f"{name}: expected an installed generated package, or a file, found neither; "
        "install it, or give the path of a manifest, wheel or folder"
    )


def _in_wheel(place: Path) -> bytes:
    try:
        with zipfile.ZipFile(place) as wheel:
            named = [name for name in wheel.namelist() if name.split("/")[1:] == [MANIFEST]]
            name = _only(str(place), named)
            with wheel.open(name) as file:
                raw = file.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InventoryError(f"{place}: expected a wheel, found a damaged one") from error
    if len(raw) > MAX_BYTES:
        raise InventoryError(f"{place}: expected at most {MAX_BYTES} bytes, found more")
    return raw


def _only(where: str, found: list[str]) -> str:
    if len(found) == 1:
        return found[0]
    what, mend = "none", "run `declarant generate`, or name another with --manifest"
    if found:
        what = f"{len(found)}: {listing(found, last='and')}"
        mend = "name one of them"
    raise InventoryError(f"{where}: expected one {MANIFEST}, found {what}; {mend}")


def _catalogue(manifest: Mapping[str, Any]) -> Catalogue:
    digests = {item["path"]: item["sha256"] for item in manifest["inputs"]}
    consent = manifest["consent"]
    ext: dict[str, list[ExtField]] = {}
    for item in manifest["ext"]:
        ext.setdefault(item["slot"], []).append(_ext_field(item))
    return Catalogue(
        product=manifest["product"],
        display_name=manifest["display_name"],
        package=manifest["package"],
        distribution=manifest["distribution"],
        version=manifest["version"],
        event_prefix="",  # it bounds names of schemas, and a build has no schemas to come
        endpoint=manifest["endpoint"],
        off=manifest.get("telemetry") == "off",
        package_roots=tuple(manifest.get("package_roots", ())),
        consent_version=consent["version"],
        consent_default=consent["default"],
        consent_file=consent.get("file", ""),
        notice=dict(consent["notice"]),
        never=read_never(consent),
        controls=dict(consent.get("controls", {})),
        linkability=dict(manifest.get("linkability", {})),
        review=read_review(manifest),
        suppressions=read_suppressions(manifest),
        accepted_breaks=read_accepted_breaks(manifest),
        events=tuple(_event(item, digests) for item in manifest["events"]),
        ext={slot: tuple(fields) for slot, fields in sorted(ext.items())},
        inputs=tuple(sorted(digests.items())),
        generation=manifest["generation"],
    )


def _event(item: Mapping[str, Any], digests: Mapping[str, str]) -> Event:
    fields = tuple(
        Field(name=field["name"], schema=_schema(field), required=field["required"], line=1)
        for field in item["fields"]
    )
    return Event(
        name=item["name"],
        path=item["source"],
        digest=digests[item["source"]],
        schema={
            "type": "object",
            "additionalProperties": False,
            "required": [field.name for field in fields if field.required],
            "properties": {field.name: field.schema for field in fields},
        },
        description=item["description"],
        fields=fields,
        purpose=item["purpose"],
        owners=tuple(item["owners"]),
        level=item["level"],
        retention_days=item["retention_days"],
        expires=item["expires"],
        slots=tuple(item["ext"]),
        is_exception=item["exception"],
    )


def _ext_field(item: Mapping[str, Any]) -> ExtField:
    return ExtField(
        slot=item["slot"],
        name=item["name"],
        schema=_schema(item),
        source=item["source"],
        line=1,
        path=MANIFEST,
    )


def _schema(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a field from what the manifest says of it."""
    schema = {_OURS.get(key, key): value for key, value in item.items() if key not in _NOT_SCHEMA}
    if is_object(schema.get("properties")):
        schema["additionalProperties"] = False  # as every object of the dialect
    return schema
