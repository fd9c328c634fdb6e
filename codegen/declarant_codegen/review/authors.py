"""Who wrote what is approved, as far as git knows.

Owns the comparison of an approver with an author. It compares what people say of themselves: git's
names are not proofs either.
"""

from __future__ import annotations

import json
import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.reading import read_regular
from declarant_codegen.review.log import FOLDER, log_name
from declarant_codegen.review.people import names_of
from declarant_codegen.revisions import commits, contents, git_users, uncommitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from declarant_codegen.review.standing import Standing

__all__ = ["Author", "authors_since", "authors_unapproved", "is_author"]

_Authors = dict[str, tuple["Author", ...]]


class Author(NamedTuple):
    """Who wrote a commit, as git writes them."""

    name: str
    mail: str


def authors_since(base: str, schemas: Path, standings: Sequence[Standing]) -> _Authors:
    """Return who changed what declares each subject after *base*, committed or not."""
    return _authors(schemas, standings, dict.fromkeys(_names(standings), base))


def authors_unapproved(schemas: Path, standings: Sequence[Standing]) -> _Authors:
    """Return who changed what declares each subject since its last complete approval came in."""
    return _authors(schemas, standings, _last_approved(schemas, standings))


def is_author(approver: str, author: Author) -> bool:
    """Return whether *approver*, ``Name``, ``mail`` or ``Name <mail>``, is the author."""
    return bool(names_of(approver) & (names_of(author.name) | names_of(author.mail)))


def _names(standings: Iterable[Standing]) -> list[str]:
    return [standing.subject.name for standing in standings]


def _authors(
    schemas: Path, standings: Sequence[Standing], since: Mapping[str, str | None]
) -> _Authors:
    """Return the authors of each subject, asking git once for all that have one revision."""
    files = _Files(schemas)
    keys = {item.subject.name: files.of(item.subject.key) for item in standings}
    together: defaultdict[str | None, list[str]] = defaultdict(list)
    for name in keys:
        together[since[name]].append(name)
    open_ = uncommitted(schemas)
    users = [Author(*person) for person in (git_users(schemas) if open_ else ())]
    found: _Authors = {}
    for revision, names in together.items():
        people: defaultdict[str, list[Author]] = defaultdict(list)
        asked = sorted({key for name in names for key in keys[name]})
        for commit in commits(schemas, asked, revision):
            for key in commit.keys:
                people[key] += (Author(*person) for person in commit.people)
        for name in names:
            one = [author for key in keys[name] for author in people[key]]
            one += users if open_ & keys[name] else []
            found[name] = tuple(dict.fromkeys(one))
    return found


def _last_approved(schemas: Path, standings: Sequence[Standing]) -> dict[str, str | None]:
    """Return the commit in which the last complete approval of each subject came in, if any did.

    It is looked for by its seal: whoever lays out the file anew has not approved anything.
    """
    keys = {item.subject.name: f"{FOLDER}/{log_name(item.subject.name)}" for item in standings}
    approved = [item for item in standings if item.base is not None]
    asked = sorted(keys[item.subject.name] for item in approved)
    versions = [
        (commit.id, key)
        for commit in (commits(schemas, asked) if asked else [])
        for key in commit.keys
    ]
    held: defaultdict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for (commit, key), content in zip(versions, contents(schemas, versions), strict=True):
        held[key].append((commit, content or b""))
    found: dict[str, str | None] = dict.fromkeys(keys)
    for item in approved:
        name = item.subject.name
        seals = [approval.seal.encode() for round_ in item.complete for approval in round_]
        found[name] = _came_in(held[keys[name]], seals)
    return found


def _came_in(versions: list[tuple[str, bytes]], seals: list[bytes]) -> str | None:
    """Return the oldest of some versions, newest first, with the last of the seals that any has."""
    for seal in reversed(seals):
        for commit, content in reversed(versions):
            if seal in content:
                return commit
    return None


class _Files:
    """The files that declare a subject: its own, and all that it refers to."""

    def __init__(self, schemas: Path) -> None:
        self._schemas = schemas
        self._direct: dict[str, frozenset[str]] = {}

    def of(self, key: str) -> frozenset[str]:
        """Return the keys of the file *key* and of those that it leads to."""
        found: set[str] = set()
        waiting = [key]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting.extend(self._referred(one))
        return frozenset(found)

    def _referred(self, key: str) -> frozenset[str]:
        if key not in self._direct:
            try:
                text = read_regular(str(self._schemas / key)).decode()
                # Most files refer to nothing; an escape may hide that one does.
                value = json.loads(text) if "$ref" in text or "\\u" in text else None
            except (OSError, ValueError):
                value = None  # it changed since it was read as part of the catalogue
            self._direct[key] = frozenset(
                posixpath.normpath(posixpath.join(posixpath.dirname(key), file))
                for file in _referred_files(value)
            )
        return self._direct[key]


def _referred_files(value: Any) -> Iterator[str]:
    """Yield the file of each reference in a parsed schema, as it is written."""
    inner: Iterable[Any] = value.values() if is_object(value) else value if is_array(value) else ()
    for item in inner:
        yield from _referred_files(item)
    reference = value.get("$ref") if is_object(value) else None
    if isinstance(reference, str) and (file := reference.partition("#")[0]):
        yield file
