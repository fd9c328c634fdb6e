"""Where a `$ref` leads: local pointers, anchors and the documents that the caller gave."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urljoin

from declarant_codegen.compiler.errors import SchemaError, UnresolvableReference
from declarant_codegen.compiler.json_values import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["References", "Target", "escape"]

# Keywords whose values are schemas, schemas by name, or lists of schemas.
_ONE = ("additionalProperties", "propertyNames", "items")
_BY_NAME = ("properties", "$defs")

Target = tuple[str, str, object]


def escape(name: str) -> str:
    """Write *name* as one step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


class References:
    """Finds schemas by reference; reads each document once, when it is first needed."""

    def __init__(self, schema: object, resources: Mapping[str, object]) -> None:
        self._resources = resources
        self._schemas: dict[str, object] = {}
        self._anchors: dict[str, object] = {}
        self._bases: dict[int, str] = {}
        self._root: object = schema
        self._is_indexed = False
        self.root_base = self.base(schema, "")

    def base(self, schema: object, inherited: str) -> str:
        """Give the URI against which references inside *schema* are read."""
        if not is_object(schema) or "$id" not in schema:
            return inherited
        self._index()
        return self._bases.get(id(schema), inherited)

    def _index(self) -> None:
        """Look for what references may name; most schemas neither have nor need any."""
        if not self._is_indexed:
            self._is_indexed = True
            self._add("", self._root)

    def resolve(self, reference: object, base: str, pointer: str) -> Target:
        """Find what *reference* names.

        Returns:
            A key for the target, the base URI inside it, and the schema itself.

        Raises:
            UnresolvableReference: Nothing known has that name.
            SchemaError: The reference is no text.
        """
        if not isinstance(reference, str):
            raise SchemaError(pointer, "expected a text, found another type; write a URI reference")
        self._index()
        target = urljoin(base, reference) if reference.partition("#")[0] else base + reference
        document, fragment = urldefrag(target)
        document = document or base
        if document not in self._schemas and document in self._resources:
            self._add(document, self._resources[document])
        if document not in self._schemas:
            raise UnresolvableReference(
                pointer, f'expected a known document, found "{ascii(document)[1:-1]}"; add it'
            )
        if fragment and not fragment.startswith("/"):
            return self._anchor(document, fragment, pointer)
        return self._walk(document, unquote(fragment), pointer)

    def _anchor(self, document: str, fragment: str, pointer: str) -> Target:
        key = f"{document}#{unquote(fragment)}"
        if key not in self._anchors:
            raise UnresolvableReference(pointer, "expected a known anchor, found none; define it")
        return (key, self.base(self._anchors[key], document), self._anchors[key])

    def _walk(self, document: str, fragment: str, pointer: str) -> Target:
        schema = self._schemas[document]
        base = self.base(schema, document)
        for step in fragment.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if is_object(schema) and name in schema:
                schema = schema[name]
            elif is_array(schema) and name in (items := _by_index(schema)):
                schema = items[name]
            else:
                raise UnresolvableReference(
                    pointer, f"expected a target, found none at #{ascii(fragment)[1:-1]}; add it"
                )
            base = self.base(schema, base)
        return (f"{document}#{fragment}", base, schema)

    def _add(self, uri: str, schema: object) -> None:
        self._schemas[uri] = schema
        for base, inner in _subschemas(schema, uri):
            self._bases[id(inner)] = base
            if inner.get("$id") is not None:
                self._schemas.setdefault(base, inner)
            anchor = inner.get("$anchor")
            if isinstance(anchor, str):
                self._anchors[f"{base}#{anchor}"] = inner


def _by_index(items: Iterable[object]) -> dict[str, object]:
    """Return items by what a pointer calls them. Source: RFC 6901, 4."""
    return {str(index): item for index, item in enumerate(items)}


def _subschemas(schema: object, base: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    if not is_object(schema):
        return
    identifier = schema.get("$id")
    if isinstance(identifier, str):
        base = urldefrag(urljoin(base, identifier))[0]
    yield base, schema
    for keyword in _ONE:
        if keyword in schema:
            yield from _subschemas(schema[keyword], base)
    for keyword in _BY_NAME:
        group = schema.get(keyword)
        if is_object(group):
            for inner in group.values():
                yield from _subschemas(inner, base)
