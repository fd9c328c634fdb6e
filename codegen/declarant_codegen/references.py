"""References: ``$ref`` inside the catalogue, and nowhere else.

Owns where a reference may lead and what a schema is with its references inlined. It opens no file:
only documents that were read already are targets.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_object
from declarant_codegen.positions import escape_token
from declarant_codegen.words import Guesses, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.documents import Document
    from declarant_codegen.findings import Finding

ANNOTATIONS = frozenset(
    {
        "title",
        "description",
        "examples",
        "deprecated",
        "x-class",
        "x-unit",
        "x-notice",
        "x-scrub",
        "x-scrub-vectors",
        "x-reason",
        "x-source",
    }
)
"""Keywords that say what a value means at this place; beside ``$ref`` they replace the target's."""

MAX_VALUES = 1000
"""Most values (fields, items, at every depth) that one definition unfolds to."""

MAX_DEFINITIONS = 100
"""Most definitions that one leads to; more would also exhaust Python's stack."""

_OBJECT_KEYWORDS = frozenset({"properties", "required", "additionalProperties"})
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\\\\")
_DEFINITION = re.compile(r"/\$defs/([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One definition: the file's key and the name in its ``$defs``."""

    key: str
    name: str


@dataclass(slots=True, kw_only=True, eq=False)
class Site:
    """One schema inside a file.

    Attributes:
        pointer: Its place.
        schema: The schema as written.
        name: The property it is the schema of, or None (items, definitions).
    """

    pointer: str
    schema: dict[str, Any]
    name: str | None


def sites(document: Document) -> tuple[Site, ...]:
    """Return every schema of a file, an outer one before those inside it."""
    if document.sites is None:
        document.sites = tuple(_all_sites(document))
    return document.sites


def _all_sites(document: Document) -> Iterator[Site]:
    yield from _properties(document.value, "")
    definitions = document.value.get("$defs")
    if is_object(definitions):
        for name, schema in definitions.items():
            yield from _site(schema, f"/$defs/{escape_token(name)}", None)


def _properties(schema: Mapping[str, Any], pointer: str) -> Iterator[Site]:
    properties = schema.get("properties")
    if is_object(properties):
        for name, child in properties.items():
            yield from _site(child, f"{pointer}/properties/{escape_token(name)}", name)


def _site(schema: Any, pointer: str, name: str | None) -> Iterator[Site]:
    if not is_object(schema):
        return
    yield Site(pointer=pointer, schema=schema, name=name)
    if "properties" in schema:
        yield from _properties(schema, pointer)
    if "items" in schema:
        yield from _site(schema["items"], f"{pointer}/items", None)


@dataclass(slots=True, kw_only=True)
class Resolver:
    """Follows references among one catalogue's documents.

    Attributes:
        documents: The documents by `Document.key`.
        guesses: Of what names mean that lead nowhere, here and in other checks.
    """

    documents: Mapping[str, Document]
    guesses: Guesses = field(default_factory=Guesses)
    _cache: dict[Target, dict[str, Any] | None] = field(
        default_factory=dict[Target, "dict[str, Any] | None"]
    )
    _sizes: dict[Target, int] = field(default_factory=dict[Target, int])
    _used: set[Target] = field(default_factory=set[Target])
    _reached: dict[Target, frozenset[Target]] = field(
        default_factory=dict[Target, frozenset[Target]]
    )

    def check(self, document: Document, site: Site) -> Iterator[Finding]:
        """Yield what is wrong with the reference of one schema, if it has one."""
        reference = site.schema.get("$ref")
        if not isinstance(reference, str):
            return
        target = self.find(document, reference)
        place = f"{site.pointer}/$ref"
        if isinstance(target, tuple):
            yield document.finding(target[0], place, target[1])
            return
        if target in self._reachable(target):
            found = f"expected a definition of bounded depth, found {quote(reference)}"
            yield document.finding(
                "REF_RECURSIVE", place, f"{found}, which contains itself; write the levels out"
            )
            return
        is_endless = len(self._reachable(target)) > MAX_DEFINITIONS
        if self._is_first_too_large(target) or (is_endless and "/$defs/" not in site.pointer):
            found = f"expected a definition of at most {MAX_VALUES} values, found more"
            yield document.finding("REF_TOO_LARGE", place, f"{found}; nest less")
            return
        if self._size(target) > MAX_VALUES:
            return
        found_schema = self._definition(target)
        for keyword in _conflicts(site.schema, found_schema):
            found = f"expected {quote(keyword)} in the definition only, found it beside $ref too"
            where = f"{site.pointer}/{keyword}"
            yield document.finding("REF_SIBLING", where, f"{found}; remove one of the two")

    def find(self, document: Document, reference: str) -> Target | tuple[str, str]:
        """Return the definition that a reference leads to, or (rule id, message)."""
        file, mark, fragment = reference.partition("#")
        if _REMOTE.match(reference):
            found = f"expected a reference inside the catalogue, found {quote(reference)}"
            return "REF_REMOTE", f"{found}; copy the definition into common/"
        key = document.key if not file else _joined(document.key, file)
        if file.startswith("/") or key.startswith("../") or key == "..":
            found = f"expected a reference inside the catalogue, found {quote(reference)}"
            return "REF_OUTSIDE", f"{found}; move the definition into common/"
        match = _DEFINITION.fullmatch(fragment)
        if not mark or not match:
            found = (
                f'expected a reference to a definition ("#/$defs/name"), found {quote(reference)}'
            )
            return "REF_FORM", f"{found}; put the schema into $defs and name it"
        return self._target(key, file, match.group(1), reference)

    def _target(self, key: str, file: str, name: str, reference: str) -> Target | tuple[str, str]:
        other = self.documents.get(key)
        if other is None:
            found = f"expected a readable file of the catalogue, found no {quote(file)}"
            return "REF_MISSING", f"{found}; mend the path or add the file"
        definitions = other.value.get("$defs")
        known = definitions if is_object(definitions) else {}
        if not is_object(known.get(name)):
            guess = self.guesses.nearest(name, known)
            mend = f"did you mean {quote(guess)}?" if guess else "add the definition"
            found = f"expected a definition, found none at {quote(reference)}"
            return "REF_MISSING", f"{found}; {mend}"
        return Target(key=key, name=name)

    def resolve(self, document: Document, schema: dict[str, Any]) -> dict[str, Any] | None:
        """Return a schema with every reference inlined, or None if one of them is wrong."""
        reference = schema.get("$ref")
        if reference is not None:
            target = self.find(document, reference) if isinstance(reference, str) else ("", "")
            inlined = None if isinstance(target, tuple) else self._resolved(target)
            if inlined is None:
                return None
            own = {key: value for key, value in schema.items() if key != "$ref"}
            inside = self._inside(document, own)
            return None if inside is None else {**inlined, **inside}
        return self._inside(document, schema)

    def _inside(self, document: Document, schema: dict[str, Any]) -> dict[str, Any] | None:
        changed: dict[str, Any] = {}
        items = schema.get("items")
        if is_object(items):
            changed["items"] = self.resolve(document, items)
        properties = schema.get("properties")
        if is_object(properties):
            inner = {
                name: self.resolve(document, child) if is_object(child) else None
                for name, child in properties.items()
            }
            changed["properties"] = inner
            if None in inner.values():
                return None
        if not changed:
            return schema
        return None if changed.get("items", {}) is None else {**schema, **changed}

    def _resolved(self, target: Target) -> dict[str, Any] | None:
        if target not in self._cache:
            self._cache[target] = None  # an unbounded recursion meets this and ends
            document = self.documents[target.key]
            is_whole = not document.is_faulty(f"/$defs/{target.name}")
            if is_whole and self._size(target) <= MAX_VALUES:
                self._cache[target] = self.resolve(document, self._definition(target))
        return self._cache[target]

    def _definition(self, target: Target) -> dict[str, Any]:
        definition: dict[str, Any] = self.documents[target.key].value["$defs"][target.name]
        return definition

    def definition_class(self, document: Document, schema: dict[str, Any]) -> str | None:
        """Return the class that the definition a schema refers to declares, or None."""
        reference = schema.get("$ref")
        target = self.find(document, reference) if isinstance(reference, str) else None
        declared = self._definition(target).get("x-class") if isinstance(target, Target) else None
        return declared if isinstance(declared, str) else None

    def used(self, document: Document) -> frozenset[str]:
        """Return the names of a file's definitions that any file refers to."""
        if not self._used:
            for other in self.documents.values():
                for site in sites(other):
                    self._used.update(self.targets(other, site.schema))
        return frozenset(target.name for target in self._used if target.key == document.key)

    def targets(self, document: Document, schema: dict[str, Any]) -> Iterator[Target]:
        """Yield each definition that a schema, or one inside it, refers to directly."""
        for site in _site(schema, "", None):
            reference = site.schema.get("$ref")
            if isinstance(reference, str):
                target = self.find(document, reference)
                if isinstance(target, Target):
                    yield target

    def _reachable(self, start: Target) -> frozenset[Target]:
        """Return the definitions that *start* leads to; of very many, some more than allowed."""
        if start not in self._reached:
            found: set[Target] = set()
            waiting = [start]
            while waiting and len(found) <= MAX_DEFINITIONS:
                target = waiting.pop()
                document = self.documents[target.key]
                following = set(self.targets(document, self._definition(target))) - found
                found |= following
                waiting.extend(following)
            self._reached[start] = frozenset(found)
        return self._reached[start]

    def _is_first_too_large(self, target: Target) -> bool:
        """Return whether a definition is too large though all that it refers to are not."""
        inner = self.targets(self.documents[target.key], self._definition(target))
        return self._size(target) > MAX_VALUES and all(self._size(t) <= MAX_VALUES for t in inner)

    def _size(self, target: Target) -> int:
        """Return how many values a definition unfolds to; of a recursive one, one level."""
        if len(self._reachable(target)) > MAX_DEFINITIONS:
            return MAX_VALUES + 1
        if target not in self._sizes:
            self._sizes[target] = 0
            document, schema = self.documents[target.key], self._definition(target)
            own = sum(1 for _ in _site(schema, "", None))
            inner = sum(self._size(other) for other in self.targets(document, schema))
            self._sizes[target] = own + inner
        return self._sizes[target]


def _joined(key: str, file: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(key), file))


def _conflicts(own: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keywords beside ``$ref`` that the target has otherwise, or that close objects."""
    for keyword, value in own.items():
        if keyword == "$ref" or keyword in ANNOTATIONS:
            continue
        if keyword in _OBJECT_KEYWORDS or (keyword in target and target[keyword] != value):
            yield keyword
