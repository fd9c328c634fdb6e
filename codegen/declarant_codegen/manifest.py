"""The manifest: what was read, what was written, and every event and field in one file.

Owns its content and the reading of earlier ones. It holds no time, user or path of a machine.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant.scrub import SCRUBBERS
from declarant_codegen.digests import text_digest
from declarant_codegen.own_digest import GENERATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.model import Catalogue, Event, ExtField
    from declarant_codegen.review.standing import Seal

__all__ = [
    "FORMAT",
    "MANIFEST",
    "ManifestUnreadable",
    "is_manifest_whole",
    "make_manifest",
    "manifest_text",
    "read_manifest",
]

FORMAT = 1
"""Rises when the manifest's own form changes."""

MANIFEST = "manifest.json"
_SEAL = '\n  "sha256": "'
_DIGITS = 64
_WIDTH = 500
"""Wide enough for a field on a line of its own, which is what a diff should show."""
_BOUNDS = (
    "type",
    "enum",
    "const",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "items",
    "properties",
    "required",
)


class ManifestUnreadable(Exception):  # noqa: N818  it names the state
    """There is a manifest, but not one that this generator wrote."""


def make_manifest(
    catalogue: Catalogue,
    *,
    generator: str,
    is_clean: bool,
    inputs: Iterable[tuple[str, str, str]],
    outputs: Mapping[str, str],
    seals: Mapping[str, Seal] | None = None,
    draft: bool = False,
) -> dict[str, Any]:
    """Return the manifest of one generation.

    Args:
        catalogue: What was generated.
        generator: The generator's version.
        is_clean: Whether the catalogue had no finding at all, warnings included.
        inputs: (path, digest of the content, digest of the text) of each file read.
        outputs: Path to digest of each file written, without the manifests themselves.
        seals: Subject (event, ``ext.`` and slot, ``catalogue``) to its approval, where known.
        draft: Whether something in it lacks its approval; other manifests do not speak of it.
    """
    known = seals or {}
    return {
        "$comment": GENERATED,
        # Set to the digest of this text with the digest left empty; tells edits by hand.
        "sha256": "",
        "format": FORMAT,
        "generator": generator,
        "scrubbers": dict(SCRUBBERS),
        "generation": catalogue.generation,
        "product": catalogue.product,
        "display_name": catalogue.display_name,
        "package": catalogue.package,
        "distribution": catalogue.distribution,
        "version": catalogue.version,
        **({"draft": True} if draft else {}),
        **({"telemetry": "off"} if catalogue.off else {}),
        "endpoint": catalogue.endpoint,
        **({"package_roots": list(catalogue.package_roots)} if catalogue.package_roots else {}),
        "consent": {
            "version": catalogue.consent_version,
            "default": catalogue.consent_default,
            **({"file": catalogue.consent_file} if catalogue.consent_file else {}),
            "notice": dict(catalogue.notice),
            "never": [
                {"line": item.line, "names": list(item.names), "removed_by": list(item.removed_by)}
                for item in catalogue.never
            ],
            **({"controls": dict(catalogue.controls)} if catalogue.controls else {}),
        },
        "clean": is_clean,
        "inputs": [
            {"path": path, "sha256": content, "text_sha256": text}
            for path, content, text in sorted(inputs)
        ],
        "outputs": [{"path": path, "sha256": digest} for path, digest in sorted(outputs.items())],
        **_rules(catalogue),
        **({"seals": _seals(known, catalogue)} if known else {}),
        "events": [_event(event, known.get(event.name)) for event in catalogue.events],
        "ext": [_ext_field(field) for slot in catalogue.ext.values() for field in slot],
    }


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """Return the manifest as text, its own digest filled in."""
    from declarant_codegen.json_text import json_text

    text = json_text(manifest, width=_WIDTH)
    before, found, after = text.partition(_SEAL)
    assert found, "the digest stands second in the text"
    return f"{before}{_SEAL}{text_digest(text.encode())}{after}"


def read_manifest(raw: bytes) -> dict[str, Any]:
    """Return the manifest in *raw*.

    Raises:
        ManifestUnreadable: It is damaged, edited, or of another format.
    """
    if not is_manifest_whole(raw):
        raise ManifestUnreadable("expected the digest of its own text, found another")
    manifest: dict[str, Any] = json.loads(raw)
    if manifest.get("format") != FORMAT:
        raise ManifestUnreadable(f"expected format {FORMAT}, found another")
    return manifest


def is_manifest_whole(raw: bytes) -> bool:
    """Tell whether a manifest, of whatever format, is as some generation wrote it."""
    before, found, after = raw.replace(b"\r\n", b"\n").partition(_SEAL.encode())
    digest, rest = after[:_DIGITS].decode("ascii", "replace"), after[_DIGITS:]
    return bool(found) and text_digest(before + found + rest) == digest


def _rules(catalogue: Catalogue) -> dict[str, Any]:
    """Return who approves, what may ride along, and what is excepted, where the catalogue says."""
    review = {
        "approvers": {name: list(roles) for name, roles in catalogue.review.approvers.items()},
        "self_approval": catalogue.review.self_approval,
    }
    suppressions = [
        {
            "rule": item.rule_id,
            "place": item.place,
            "reason": item.reason,
            "owner": item.owner,
            "until": item.until,
        }
        for item in catalogue.suppressions
    ]
    breaks = [
        {"place": item.place, "reason": item.reason, "owner": item.owner, "until": item.until}
        for item in catalogue.accepted_breaks
    ]
    linkability = dict(catalogue.linkability)
    return {
        **({"linkability": linkability} if linkability else {}),
        **({"review": review} if catalogue.review.approvers else {}),
        **({"suppressions": suppressions} if suppressions else {}),
        **({"accepted_breaks": breaks} if breaks else {}),
    }


def _seals(seals: Mapping[str, Seal], catalogue: Catalogue) -> dict[str, Any]:
    """Return the seals of all that is no event; an event has its own beside it."""
    names = sorted(seals.keys() - {event.name for event in catalogue.events})
    return {name: _seal(seals[name]) for name in names}


def _seal(seal: Seal) -> dict[str, Any]:
    return {
        "state": seal.state,
        "sha256": seal.digest,
        "self_approved": seal.is_self_approved,
        "approvals": [
            {
                "by": approval.by,
                "role": approval.role,
                "date": approval.date,
                "reference": approval.reference,
                "seal": approval.seal,
            }
            for approval in seal.approvals
        ],
    }


def _event(event: Event, seal: Seal | None) -> dict[str, Any]:
    return {
        "name": event.name,
        "source": event.path,
        "description": event.description,
        "purpose": event.purpose,
        "owners": list(event.owners),
        "level": event.level,
        "retention_days": event.retention_days,
        "expires": event.expires,
        "exception": event.is_exception,
        "ext": list(event.slots),
        **({"seal": _seal(seal)} if seal is not None else {}),
        "fields": [
            _field(field.name, field.schema, is_required=field.required) for field in event.fields
        ],
    }


def _ext_field(field: ExtField) -> dict[str, Any]:
    described = _described(field.schema)
    return {"slot": field.slot, "name": field.name, "source": field.source, **described}


def _field(name: str, schema: Mapping[str, Any], *, is_required: bool) -> dict[str, Any]:
    described = _described(schema)
    if "required" in described:
        # The field's own word is taken by whether the event always has it.
        described["requires"] = described.pop("required")
    return {"name": name, "required": is_required, **described}


def _described(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a schema says of a value, its bounds as JSON Schema writes them."""
    described = {
        word: schema[keyword]
        for word, keyword in (
            ("description", "description"),
            ("class", "x-class"),
            ("unit", "x-unit"),
            ("notice", "x-notice"),
            ("scrub", "x-scrub"),
            ("reason", "x-reason"),
        )
        if keyword in schema
    }
    bare = _without_vectors(schema)
    return {**described, **{key: bare[key] for key in _BOUNDS if key in bare}}


def _without_vectors(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema without its scrub vectors, at every depth: they are for its authors."""
    kept = {key: value for key, value in schema.items() if key != "x-scrub-vectors"}
    if "properties" in kept:
        kept["properties"] = {
            name: _without_vectors(child) for name, child in kept["properties"].items()
        }
    if "items" in kept:
        kept["items"] = _without_vectors(kept["items"])
    return kept
