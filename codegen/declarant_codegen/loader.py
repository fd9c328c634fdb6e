"""From files to a checked catalogue, with every problem of every file in one run.

Owns the way from the folder to the model. Each kind of check has a module of its own.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

from declarant_codegen.checks import Checker
from declarant_codegen.documents import CATALOGUE_FILE, read_documents
from declarant_codegen.findings import Severity
from declarant_codegen.json_values import is_object
from declarant_codegen.meta_files import check_meta
from declarant_codegen.model import Catalogue, Event, ExtField, Field, LoadResult
from declarant_codegen.never_lines import read_never
from declarant_codegen.references import Resolver
from declarant_codegen.review_rules import (
    apply_suppressions,
    read_accepted_breaks,
    read_review,
    read_suppressions,
)
from declarant_codegen.rules import JUDGING, MENDED_BY_GENERATE

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from declarant_codegen.documents import Document, Documents
    from declarant_codegen.never_lines import NeverLine


def load_catalogue(folder: Path, *, lenient: bool = False, skip: Container[str] = ()) -> LoadResult:
    """Read and check a schemas folder.

    Args:
        folder: The folder.
        lenient: Let a catalogue be built that only rules of judgement (`JUDGING`) speak against,
            such as an old one, from before there was the rule.
        skip: Keys of files to take as not there, such as ``events/a.schema.json``.

    Returns:
        Every finding, and the catalogue unless one of them is an error. Errors that ``generate``
        mends itself (`MENDED_BY_GENERATE`) leave the catalogue whole.

    Raises:
        NotADirectoryError: *folder* is not a folder.
    """
    documents = read_documents(folder, skip=skip)
    resolver = Resolver(documents=documents.by_key)
    notice, never = _consent(documents)
    checker = Checker(
        documents=documents,
        resolver=resolver,
        notice=notice,
        never=never,
        roots=_roots(documents),
    )
    found = {*documents.findings, *check_meta(folder), *checker.run()}
    findings, suppressed = apply_suppressions(documents, found)
    passed = MENDED_BY_GENERATE | JUDGING if lenient else MENDED_BY_GENERATE
    stops = any(
        finding.severity is Severity.ERROR and finding.rule_id not in passed for finding in findings
    )
    catalogue = None if stops else _catalogue(documents, resolver)
    return LoadResult(
        catalogue=catalogue,
        findings=tuple(sorted(findings)),
        suppressed=tuple(sorted(suppressed)),
    )


def _roots(documents: Documents) -> tuple[str, ...] | None:
    """Return the roots of the product's packages, or None if they could not be read."""
    document = documents.by_key.get(CATALOGUE_FILE)
    if document is None or document.is_faulty("/package_roots"):
        return None
    return tuple(document.value.get("package_roots", ()))


def _consent(
    documents: Documents,
) -> tuple[Mapping[str, Any] | None, tuple[NeverLine, ...]]:
    """Return the notice lines, or None if they could not be read, and what is never collected."""
    document = documents.by_key.get(CATALOGUE_FILE)
    consent = document.value.get("consent") if document else None
    if document is None or document.is_malformed("/consent") or not is_object(consent):
        return None, ()
    notice = consent.get("notice", {})
    is_read = is_object(notice) and not document.is_malformed("/consent/notice")
    never = () if document.is_faulty("/consent/never") else read_never(consent)
    return notice if is_read else None, never


def _catalogue(documents: Documents, resolver: Resolver) -> Catalogue:
    """Build the model of documents that passed every check."""
    value = documents.by_key[CATALOGUE_FILE].value
    events = [_event(document, resolver) for document in documents.of_kind("event")]
    ext = {
        document.value["title"]: _ext_fields(document, resolver)
        for document in documents.of_kind("ext")
    }
    inputs = tuple(sorted((item.logical, item.digest) for item in documents.by_key.values()))
    lines = "".join(f"{path}\0{digest}\n" for path, digest in inputs)
    return Catalogue(
        product=value["product"],
        display_name=value["display_name"],
        package=value["package"],
        distribution=value["distribution"],
        version=value["version"],
        event_prefix=value["event_prefix"],
        endpoint=value["endpoint"],
        off=value.get("telemetry") == "off",
        package_roots=tuple(value.get("package_roots", ())),
        consent_version=int(value["consent"]["version"]),
        consent_default=value["consent"]["default"],
        consent_file=value["consent"].get("file", ""),
        notice=value["consent"].get("notice", {}),
        never=read_never(value["consent"]),
        linkability=value.get("linkability", {}),
        controls=value["consent"].get("controls", {}),
        review=read_review(value),
        suppressions=read_suppressions(value),
        accepted_breaks=read_accepted_breaks(value),
        events=tuple(sorted(events, key=lambda event: event.name)),
        ext=dict(sorted(ext.items())),
        slot_descriptions={
            document.value["title"]: document.value["description"]
            for document in documents.of_kind("ext")
        },
        inputs=inputs,
        generation=hashlib.sha256(lines.encode()).hexdigest(),
    )


def _event(document: Document, resolver: Resolver) -> Event:
    value = document.value
    properties = _resolved_properties(document, resolver)
    required: list[str] = value.get("required", [])
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }
    lines = document.property_lines()
    fields = [
        Field(name=name, schema=child, required=name in required, line=lines[name])
        for name, child in properties.items()
    ]
    return Event(
        name=value["title"],
        path=document.logical,
        digest=document.digest,
        schema=schema,
        description=value["description"],
        fields=tuple(sorted(fields, key=lambda field: not field.required)),
        purpose=value["x-purpose"],
        owners=tuple(value["x-owners"]),
        level=value["x-level"],
        retention_days=int(value["x-retention-days"]),
        expires=value["x-expires"],
        slots=tuple(sorted(value["x-ext"])),
        is_exception=value.get("x-exception", False),
    )


def _ext_fields(document: Document, resolver: Resolver) -> tuple[ExtField, ...]:
    lines = document.property_lines()
    return tuple(
        ExtField(
            slot=document.value["title"],
            name=name,
            schema=schema,
            source=schema["x-source"],
            line=lines[name],
            path=document.logical,
        )
        for name, schema in _resolved_properties(document, resolver).items()
    )


def _resolved_properties(document: Document, resolver: Resolver) -> dict[str, dict[str, Any]]:
    # A None here would have been an error finding, and no catalogue is built with one.
    return {
        name: cast("dict[str, Any]", resolver.resolve(document, schema))
        for name, schema in document.value["properties"].items()
    }
