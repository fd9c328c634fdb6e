"""The checks of one file, and of files together.

Owns which check is applied to what; the checks themselves stand in modules of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.bounds import check_bounds, check_required
from declarant_codegen.documents import CATALOGUE_FILE, SUFFIX
from declarant_codegen.event_size import check_size
from declarant_codegen.exception_fields import EXCEPTION_FIELDS, check_field, check_names
from declarant_codegen.ext_slots import check_carried, check_ext_field, check_slot, check_source
from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.linkability import check_linkability
from declarant_codegen.names import (
    check_field_name,
    check_package_name,
    collisions,
    has_prefix,
    snake_case,
)
from declarant_codegen.never_lines import check_never
from declarant_codegen.positions import escape_token
from declarant_codegen.privacy import check_class, check_notice, check_scrub
from declarant_codegen.references import ANNOTATIONS, sites
from declarant_codegen.sensitive_names import check_name
from declarant_codegen.subjects import subject_of
from declarant_codegen.values import check_values
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.bounds import Problem
    from declarant_codegen.cs40 import Slot
    from declarant_codegen.documents import Document, Documents
    from declarant_codegen.findings import Finding
    from declarant_codegen.never_lines import NeverLine
    from declarant_codegen.references import Resolver, Site
    from declarant_codegen.subjects import Subject


_NOT_SCRUBBED = ANNOTATIONS - {"x-scrub", "x-scrub-vectors"}
"""Keywords beside ``$ref`` that change nothing about what is scrubbed."""


_HINDERING = frozenset(
    {"TYPE_MISSING", "PATTERN_UNSAFE", "ENUM_TYPE", "BOUNDS_CONTRADICT", "REQUIRED_UNKNOWN"}
)
"""Rules whose breach makes values invalid or keeps them from being judged."""

_HOLDERS = frozenset({"x-notice", "properties", "items", "$defs"})
"""Keywords that name a notice line or hold schemas that do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """Checks a catalogue's documents.

    Attributes:
        documents: What was read.
        resolver: Follows their references.
        notice: The catalogue's notice lines; None if they could not be read.
        never: What users are told is never collected.
        roots: Roots of the product's packages; None if they could not be read.
    """

    documents: Documents
    resolver: Resolver
    notice: Mapping[str, str] | None
    never: tuple[NeverLine, ...] = ()
    roots: tuple[str, ...] | None = ()
    # What `_key` gives of schemas in which nothing is wrong. A catalogue declares the same few
    # kinds of value under the same names over and over.
    _sound: set[tuple[str | None, str, bool, str]] = field(
        default_factory=set["tuple[str | None, str, bool, str]"], init=False, repr=False
    )

    def run(self) -> Iterator[Finding]:
        """Yield every finding that is not about a file as such."""
        for document in self.documents.by_key.values():
            if document.kind == "catalogue":
                yield from _check_package(document)
                continue
            slot = None
            if document.kind == "ext":
                slot, findings = _check_title_slot(document)
                yield from findings
            for site in sites(document):
                yield from self._check_site(document, site, slot)
            yield from _check_collisions(document)
            yield from self._check_definitions_used(document)
            yield from _check_file_name(document)
        yield from self._check_events()
        yield from check_linkability(self.documents, self.resolver)
        yield from self._check_notice_used()

    def _check_site(self, document: Document, site: Site, slot: Slot | None) -> Iterator[Finding]:
        key = _key(document, site)
        if key is None:
            yield from self._judged(document, site, slot)
        elif key not in self._sound:
            found = list(self._judged(document, site, slot))
            if not found:
                self._sound.add(key)
            yield from found

    def _judged(self, document: Document, site: Site, slot: Slot | None) -> Iterator[Finding]:
        is_field = _is_top(site)
        is_ext_field = is_field and document.kind == "ext"
        if site.name is not None and not is_ext_field:
            wrong = check_field_name(site.name, is_top=is_field and document.kind == "event")
            if wrong is not None:
                yield document.finding(wrong[0], site.pointer, wrong[1])
        yield from self.resolver.check(document, site)
        subject = subject_of(document, self.resolver, site)
        if subject is not None:
            yield from _located(document, site.pointer, self._bounds(site, subject))
            yield from _located(document, site.pointer, self._privacy(document, site, subject))
        if "x-notice" not in document.broken(site.pointer):
            notice = check_notice(
                site.schema, self.notice, self.resolver.guesses, is_field=is_field
            )
            yield from _located(document, site.pointer, notice)
        if is_ext_field:
            yield from _located(document, site.pointer, _ext_field(site, subject, slot))

    def _bounds(self, site: Site, subject: Subject) -> Iterator[Problem]:
        """Yield what is wrong with the values of one schema, judged where it is written."""
        own, schema = site.schema, subject.schema
        is_reference = "$ref" in own
        is_hindered = not subject.is_bounded
        if not is_reference or not own.keys() - ANNOTATIONS <= {"$ref"}:
            for problem in check_bounds(schema, subject.broken):
                is_hindered |= problem[0] in _HINDERING
                yield problem
        if not is_hindered and (not is_reference or "examples" in own):
            yield from check_values(schema)

    def _privacy(self, document: Document, site: Site, subject: Subject) -> Iterator[Problem]:
        """Yield what is wrong with the class, scrubber and name of one schema."""
        own, schema, broken = site.schema, subject.schema, subject.broken
        if not subject.has_shape:
            return
        is_reference = "$ref" in own
        if site.name is not None and "x-class" not in broken:
            inherited = self.resolver.definition_class(document, own)
            yield from check_class(schema, inherited)
        if not is_reference or not own.keys() - _NOT_SCRUBBED <= {"$ref"}:
            yield from check_scrub(schema, broken, self.roots)
        is_judged = broken.isdisjoint(("x-scrub", "x-unit"))
        if site.name is not None and document.kind != "ext" and is_judged:
            yield from check_name(site.name, schema)
        if self.never and is_judged and (site.name is not None or not is_reference):
            yield from check_never(site.name, schema, self.never)

    def _check_notice_used(self) -> Iterator[Finding]:
        catalogue = self.documents.by_key.get(CATALOGUE_FILE)
        if catalogue is None or not self.notice or not self._is_whole():
            return
        documents = self.documents.by_key.values()
        used = {site.schema.get("x-notice") for document in documents for site in sites(document)}
        for name in self.notice:
            if name not in used:
                found = f"expected a field that falls under the line {quote(name)}, found none"
                pointer = f"/consent/notice/{escape_token(name)}"
                yield catalogue.finding("NOTICE_UNUSED", pointer, f"{found}; remove the line")

    def _is_whole(self) -> bool:
        """Return whether every field's notice line is known: what is not read may name any."""
        return len(self.documents.by_key) == len(self.documents.seen) and not any(
            _may_hide_notice(place)
            for document in self.documents.by_key.values()
            for place in document.malformed
        )

    def _check_definitions_used(self, document: Document) -> Iterator[Finding]:
        definitions = document.value.get("$defs")
        if not is_object(definitions):
            return
        used = self.resolver.used(document)
        for name in definitions:
            if name not in used:
                found = f"expected a $ref to each definition, found none to {quote(name)}"
                pointer = f"/$defs/{escape_token(name)}"
                yield document.finding("DEF_UNUSED", pointer, f"{found}; remove it")

    def _check_events(self) -> Iterator[Finding]:
        events = self.documents.of_kind("event")
        permitted = {
            key.removeprefix("ext/").removesuffix(SUFFIX)
            for key in self.documents.seen
            if key.startswith("ext/")
        }
        carried: set[str] = set()
        for document in events:
            yield from _located(document, "", _required_of(document))
            yield from _located(document, "", self._size_of(document))
            if document.value.get("x-exception") is True:
                yield from self._check_exception(document)
            for index, name in enumerate(_strings(document.value.get("x-ext"))):
                carried.add(name)
                wrong = check_carried(name, permitted)
                is_open = wrong is not None and wrong[0] == "EXT_SLOT_NOT_PERMITTED"
                if wrong is not None and not (is_open and "ext/" in self.documents.seen):
                    yield document.finding(wrong[0], f"/x-ext/{index}", wrong[1])
        yield from self._check_slots_carried(events, carried)
        yield from self._check_event_names(events)

    def _size_of(self, document: Document) -> Iterator[Problem]:
        """Yield what is wrong with the size of a whole event that is right in each part."""
        properties = document.value.get("properties")
        if document.malformed or not is_object(properties):
            return
        resolved = {
            name: self.resolver.resolve(document, schema) for name, schema in properties.items()
        }
        whole = {name: schema for name, schema in resolved.items() if schema is not None}
        if len(whole) == len(resolved):
            is_inlined = any("$ref" in site.schema for site in sites(document))
            yield from check_size(whole, is_inlined=is_inlined)

    def _check_exception(self, document: Document) -> Iterator[Finding]:
        properties = document.value.get("properties")
        if is_object(properties) and "/properties" not in document.malformed:
            yield from _located(document, "", check_names(list(properties)))
        required = _strings(document.value.get("required"))
        for site in sites(document):
            if not _is_top(site) or site.name not in EXCEPTION_FIELDS:
                continue
            subject = subject_of(document, self.resolver, site)
            if subject is not None and subject.is_bounded and "x-scrub" not in subject.broken:
                found = check_field(site.name, subject.schema, required=site.name in required)
                yield from _located(document, site.pointer, found)

    def _check_slots_carried(self, events: list[Document], carried: set[str]) -> Iterator[Finding]:
        seen = sum(key.startswith("events/") for key in self.documents.seen)
        if seen > len(events) or any(event.is_faulty("/x-ext") for event in events):
            return  # an event that cannot be read may carry any slot
        for document in self.documents.of_kind("ext"):
            name = document.key.removeprefix("ext/").removesuffix(SUFFIX)
            if name not in carried:
                found = f"expected an event that carries the slot {quote(name)}, found none"
                message = f"{found}; remove the file, or name the slot in an event's x-ext"
                yield document.finding("EXT_SLOT_UNUSED", "/title", message)

    def _check_event_names(self, events: list[Document]) -> Iterator[Finding]:
        catalogue = self.documents.by_key.get(CATALOGUE_FILE)
        prefix = catalogue.value.get("event_prefix") if catalogue else None
        by_name: dict[str, Document] = {}
        for document in events:
            title = _title(document)
            if title is None:
                continue
            if isinstance(prefix, str) and not has_prefix(title, prefix):
                found = (
                    f"expected an event name of {quote(prefix)} and a word, found {quote(title)}"
                )
                message = f"{found}; rename it, as in {quote(prefix + 'Started')}"
                yield document.finding("EVENT_NAME_PREFIX", "/title", message)
            if title in by_name:
                yield _confused(document, title, title, by_name[title])
            by_name.setdefault(title, document)
        for later, earlier in collisions(by_name):
            yield _confused(by_name[later], later, earlier, by_name[earlier])
        yield from _check_emitters(by_name)


def _key(document: Document, site: Site) -> tuple[str | None, str, bool, str] | None:
    """Return all that the judgement of one schema follows from, apart from the catalogue's rules.

    None if it follows from more: from a definition, from the slot of an ext field, or from what the
    dialect found wrong.
    """
    if document.kind == "ext" or document.malformed:
        return None
    # No check reads what a description says, and each has another. The text of a parsed value tells
    # 1 from 1.0 and from true, which == does not.
    text = repr({name: value for name, value in site.schema.items() if name != "description"})
    return None if "'$" in text else (site.name, document.kind, _is_top(site), text)


def _is_top(site: Site) -> bool:
    """Tell whether a schema is that of a field, not of something inside one or of a definition."""
    return site.pointer.count("/") == 2 and site.name is not None


def _required_of(document: Document) -> Iterator[Problem]:
    """Yield each name that an event requires and does not have, whatever its fields are."""
    properties, required = (document.value.get(name) for name in ("properties", "required"))
    if is_object(properties) and is_array(required) and not document.is_malformed("/properties"):
        yield from check_required(document.value)


def _ext_field(site: Site, subject: Subject | None, slot: Slot | None) -> Iterator[Problem]:
    schema = site.schema if subject is None else subject.schema
    if slot is not None:
        is_known = subject is not None and subject.has_shape
        yield from check_ext_field(slot, str(site.name), schema, is_known=is_known)
    yield from check_source(schema)


def _may_hide_notice(place: str) -> bool:
    above, _, key = place.rpartition("/")
    return key in _HOLDERS or above.endswith(("/properties", "/$defs"))


def _confused(document: Document, later: str, earlier: str, other: Document) -> Finding:
    found = f"expected an event name unlike every other, found {quote(later)}"
    message = f"{found}, easily taken for {quote(earlier)} in {other.path}; rename one of the two"
    return document.finding("EVENT_NAME_COLLISION", "/title", message)


def _check_emitters(by_name: Mapping[str, Document]) -> Iterator[Finding]:
    """Yield each event whose emitter is called as the one that takes another's exception."""
    modules = {snake_case(name): name for name in by_name}
    for name, document in by_name.items():
        other = modules.get(f"{snake_case(name)}_from")
        if other is not None and document.value.get("x-exception") is True:
            found = f"expected an event name whose emitter is its own, found {quote(other)}"
            mend = f"the emitter that takes an exception for {quote(name)} is called so; rename it"
            yield by_name[other].finding("EVENT_NAME_COLLISION", "/title", f"{found}; {mend}")


def _located(document: Document, pointer: str, problems: Iterator[Problem]) -> Iterator[Finding]:
    for rule_id, keyword, message in problems:
        place = f"{pointer}/{keyword}" if keyword else pointer
        yield document.finding(rule_id, place, message)


def _check_package(document: Document) -> Iterator[Finding]:
    package = document.value.get("package")
    message = check_package_name(package) if isinstance(package, str) else None
    if message is not None:
        yield document.finding("PACKAGE_NAME", "/package", message)


def _check_title_slot(document: Document) -> tuple[Slot | None, list[Finding]]:
    title = _title(document)
    if title is None:
        return None, []
    slot, message = check_slot(title)
    findings = [document.finding("EXT_SLOT_UNKNOWN", "/title", message)] if message else []
    return slot, findings


def _check_collisions(document: Document) -> Iterator[Finding]:
    is_event = document.kind == "event"
    if is_event:
        yield from _collided(document, document.value, "")
    for site in sites(document):
        yield from _collided(document, site.schema, site.pointer)


def _collided(document: Document, schema: dict[str, Any], pointer: str) -> Iterator[Finding]:
    properties = schema.get("properties")
    if not is_object(properties):
        return
    for later, earlier in collisions(properties):
        found = f"expected a field name unlike every other, found {quote(later)}"
        message = f"{found}, easily taken for {quote(earlier)}; rename one of the two"
        place = f"{pointer}/properties/{escape_token(later)}"
        yield document.finding("FIELD_NAME_COLLISION", place, message)


def _check_file_name(document: Document) -> Iterator[Finding]:
    title = _title(document)
    if title is None:
        return
    stem = snake_case(title) if document.kind == "event" else title
    name = document.key.rpartition("/")[2]
    if name != stem + SUFFIX:
        found = f"expected the file of {quote(title)} to be named {quote(stem + SUFFIX)}"
        message = f"{found}, found {quote(name)}; rename the file"
        yield document.finding("FILE_NAME", "/title", message)


def _title(document: Document) -> str | None:
    """Return the name a file declares, or None if it has none or a malformed one."""
    title = document.value.get("title")
    return title if isinstance(title, str) and not document.is_malformed("/title") else None


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if is_array(value) else []
