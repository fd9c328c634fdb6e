"""The catalogue's files: found, read, parsed, checked against the dialect.

Owns the folder's layout and the file system. It follows no link, reads nothing outside the folder,
and judges no policy.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.dialect import check_dialect, without_idle
from declarant_codegen.findings import Finding, make_finding
from declarant_codegen.hostile_text import check_text
from declarant_codegen.inputs import LOGICAL_FOLDER
from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.positions import line_at, member_offsets, offsets, read_json
from declarant_codegen.reading import read_regular, unreadable
from declarant_codegen.words import quote, shown

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

    from declarant_codegen.references import Site

MAX_BYTES = 1 << 20
"""Largest file that is read, in bytes; a schema of a hundred fields has about 40,000."""

CATALOGUE_FILE = "catalogue.json"
SUFFIX = ".schema.json"
FOLDERS = {"events": "event", "ext": "ext", "common": "types"}
"""Folders of schema files and the kind of file each holds."""

_NOT_OURS = frozenset({"meta", "reviews"})
_COUNTS = frozenset(
    ("minLength", "maxLength", "minItems", "maxItems", "x-retention-days", "version")
)
"""Keywords that count; ``3.0`` is as good a count as ``3``, and is read as that."""
_FRACTION = re.compile(r":\s*[0-9]+[.eE]")
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


@dataclass(slots=True, kw_only=True, eq=False)
class Document:
    """One parsed file.

    Attributes:
        key: Path inside the schemas folder, POSIX.
        path: Path as its author would type it; for findings.
        kind: ``catalogue``, ``event``, ``ext`` or ``types``.
        whole: What it holds.
        value: The same without keywords that the dialect has not and that resemble none.
        malformed: Pointers of everything that the dialect found wrong or missing; judging it
            further would only repeat the same mistake in other words.
        sites: Its schemas, once `references.sites` looked for them.
    """

    key: str
    path: str
    kind: str
    text: str
    whole: Any
    value: dict[str, Any]
    malformed: frozenset[str] = frozenset()
    sites: tuple[Site, ...] | None = None
    _places: dict[str, int] = field(default_factory=dict[str, int])
    _broken: dict[str, frozenset[str]] = field(default_factory=dict[str, "frozenset[str]"])

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all it holds as compact JSON in its own order, which output follows."""
        return hashlib.sha256(_encode(self.whole).encode()).hexdigest()

    @property
    def logical(self) -> str:
        """The file's name in the output, which the name of the catalogue's folder is no part of."""
        return f"{LOGICAL_FOLDER}/{shown(self.key)}"

    def is_malformed(self, pointer: str) -> bool:
        """Return whether the dialect found *pointer* wrong, or the whole file to be no object."""
        return pointer in self.malformed or "" in self.malformed

    def is_faulty(self, pointer: str) -> bool:
        """Return whether the dialect found anything wrong at or inside *pointer*."""
        return self.is_malformed(pointer) or bool(self.broken(pointer))

    def broken(self, pointer: str) -> frozenset[str]:
        """Return the keys of the object at *pointer* at or inside which something is wrong."""
        if self.malformed and not self._broken:
            found: dict[str, set[str]] = {}
            for place in self.malformed:
                above, slash, key = place.rpartition("/")
                while slash:
                    found.setdefault(above, set()).add(key)
                    above, slash, key = above.rpartition("/")
            self._broken.update((place, frozenset(keys)) for place, keys in found.items())
        return self._broken.get(pointer, frozenset())

    def line(self, pointer: str) -> int:
        """Return the line of the value at *pointer*, or of the nearest value around it."""
        if not self._places:
            self._places.update(offsets(self.text))
        while pointer not in self._places and pointer:
            pointer = pointer.rpartition("/")[0]
        return line_at(self.text, self._places.get(pointer, 0))

    def property_lines(self) -> dict[str, int]:
        """Return the line of each name in the root's ``properties``, quickly."""
        lines: dict[str, int] = {}
        line, counted = 1, 0
        for name, offset in member_offsets(self.text, "properties").items():
            line += self.text.count("\n", counted, offset)
            lines[name], counted = line, offset
        return lines

    def finding(self, rule_id: str, pointer: str, message: str) -> Finding:
        """Return a finding at *pointer*."""
        return make_finding(rule_id, self.path, self.line(pointer), message, pointer=pointer)


@dataclass(slots=True, kw_only=True)
class Documents:
    """Everything read from a schemas folder.

    Attributes:
        by_key: Parsed files by `Document.key`.
        seen: Keys of all schema files, the unreadable ones too. Of a folder that could not be
            listed, its name with a slash: it may hold any.
        findings: Problems of files, text and dialect.
    """

    by_key: dict[str, Document] = field(default_factory=dict[str, Document])
    seen: list[str] = field(default_factory=list[str])
    findings: list[Finding] = field(default_factory=list[Finding])

    def of_kind(self, kind: str) -> list[Document]:
        """Return the parsed files of one kind, sorted by path."""
        return [document for document in self.by_key.values() if document.kind == kind]


def read_documents(folder: Path, *, skip: Container[str] = ()) -> Documents:
    """Read every schema file of a catalogue, in the order of their paths.

    Args:
        folder: The catalogue's folder.
        skip: Keys of files to take as not there.

    Raises:
        NotADirectoryError: *folder* is not a folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder}: expected a folder of schemas, found none")
    documents = Documents()
    typed = shown(folder.resolve().name)
    for key, kind, entry in _entries(folder, typed, documents.findings):
        if key in skip:
            continue
        documents.seen.append(key)
        if entry is None:
            continue
        read_document(key, f"{typed}/{shown(key)}", kind, entry, documents)
    if CATALOGUE_FILE not in documents.seen:
        message = f"expected {typed}/{CATALOGUE_FILE}, found none; add it to name the product"
        path = f"{typed}/{CATALOGUE_FILE}"
        documents.findings.append(make_finding("CATALOGUE_MISSING", path, 1, message))
    if not any(key.startswith("events/") for key in documents.seen):
        message = f"expected at least one event, found none; declare one in events/*{SUFFIX}"
        documents.findings.append(make_finding("EVENTS_MISSING", f"{typed}/events", 1, message))
    return documents


def _entries(
    folder: Path, typed: str, findings: list[Finding]
) -> Iterator[tuple[str, str, os.DirEntry[str] | None]]:
    for entry in _listed(folder):
        if entry.name.startswith(".") or entry.name in _NOT_OURS:
            continue
        path = f"{typed}/{shown(entry.name)}"
        if entry.is_symlink():
            findings.append(_link(path))
        elif entry.name == CATALOGUE_FILE:
            yield entry.name, "catalogue", entry
        elif entry.name in FOLDERS and entry.is_dir():
            yield from _schemas(entry.name, entry.path, path, findings)
        elif entry.is_dir() or entry.name.endswith(".json"):
            findings.append(_unexpected(path))


def _schemas(
    name: str, folder: str, typed: str, findings: list[Finding]
) -> Iterator[tuple[str, str, os.DirEntry[str] | None]]:
    try:
        listed = _listed(folder)
    except OSError as error:
        message = unreadable(error, noun="folder")
        findings.append(make_finding("FILE_UNREADABLE", typed, 1, message))
        yield f"{name}/", FOLDERS[name], None
        return
    for entry in listed:
        path = f"{typed}/{shown(entry.name)}"
        if is_passed_over(entry.name):
            continue
        if entry.is_symlink():
            findings.append(_link(path))
        elif entry.name.endswith(SUFFIX):
            yield f"{name}/{entry.name}", FOLDERS[name], entry
        else:
            findings.append(_unexpected(path))


def is_passed_over(name: str) -> bool:
    """Return whether a file in a folder of schemas is nobody's business: notes, editors' copies."""
    return name.startswith(".") or name.endswith((".md", "~"))


def _listed(folder: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _link(path: str) -> Finding:
    message = "expected a regular file, found a symbolic link; put the file itself here"
    return make_finding("FILE_LINK", path, 1, message)


def _unexpected(path: str) -> Finding:
    expected = f"expected {CATALOGUE_FILE}, events/*{SUFFIX}, ext/*{SUFFIX} or common/*{SUFFIX}"
    name = quote(path.rpartition("/")[2])
    message = f"{expected}, found {name}, which is not read; rename or remove it"
    return make_finding("FILE_UNEXPECTED", path, 1, message)


def read_document(
    key: str,
    path: str,
    kind: str,
    entry: os.DirEntry[str],
    documents: Documents,
    *,
    limit: int = MAX_BYTES,
) -> None:
    """Read one file into *documents*, with what is wrong with its text and against the dialect.

    Args:
        key: Its `Document.key`.
        path: Its `Document.path`.
        kind: Its kind, which names the meta-schema.
        entry: Where it is.
        documents: What it is added to.
        limit: Most bytes that are read.
    """
    text = _text(path, entry, documents.findings, limit)
    if text is None:
        return
    reading = read_json(text)
    for problem in reading.problems:
        line = line_at(text, problem.offset)
        documents.findings.append(make_finding(problem.rule_id, path, line, problem.message))
    if not reading.whole:
        return
    breaches = check_dialect(kind, reading.value)
    value = reading.value if is_object(reading.value) else {}
    if _FRACTION.search(text):
        _count_whole(value)
    document = Document(
        key=key,
        path=path,
        kind=kind,
        text=text,
        whole=reading.value,
        value=without_idle(value, breaches),
        malformed=frozenset(place for breach in breaches for place in breach.places),
    )
    documents.by_key[key] = document
    documents.findings += [document.finding(b.rule_id, b.pointer, b.message) for b in breaches]
    documents.findings += [document.finding(*problem) for problem in check_text(text, value)]


def _count_whole(value: Any) -> None:
    """Make counts that are written as fractions whole numbers, at every depth."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if is_object(item):
            for key, member in item.items():
                if key in _COUNTS and type(member) is float and member.is_integer():
                    item[key] = int(member)
            waiting += item.values()
        elif is_array(item):
            waiting += item


def _text(path: str, entry: os.DirEntry[str], findings: list[Finding], limit: int) -> str | None:
    """Return a file's text, or None and a finding."""
    try:
        raw = read_regular(entry.path, limit + 1)
    except OSError as error:
        findings.append(make_finding("FILE_UNREADABLE", path, 1, unreadable(error)))
        return None
    if len(raw) > limit:
        message = f"expected at most {limit} bytes, found more; split the file"
        findings.append(make_finding("FILE_TOO_LARGE", path, 1, message))
        return None
    if raw.startswith(b"\xef\xbb\xbf"):
        message = "expected text, found a UTF-8 byte order mark; save the file without one"
        findings.append(make_finding("JSON_BOM", path, 1, message))
        raw = raw[3:]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"expected UTF-8, found byte 0x{raw[error.start]:02x}; save the file as UTF-8"
        findings.append(make_finding("JSON_ENCODING", path, line, message))
        return None
