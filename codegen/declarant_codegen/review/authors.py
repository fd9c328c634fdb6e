"""Who wrote what is approved, as far as git knows.

Owns the comparison of an approver with an author. It compares what people say of themselves: git's
names are not proofs either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from declarant_codegen.revisions import commit_authors, git_user, last_commit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Author", "authors_since", "authors_unapproved", "is_author"]


class Author(NamedTuple):
    """Who wrote a commit, as git writes them."""

    name: str
    mail: str


def authors_since(base: str, schemas: Path, key: str) -> tuple[Author, ...]:
    """Return who changed the file *key* after *base*, with whoever changed it since last commit."""
    return _authors(schemas, key, base)


def authors_unapproved(schemas: Path, key: str, log_key: str) -> tuple[Author, ...]:
    """Return who changed the file *key* since the file *log_key*, its approvals, was committed."""
    return _authors(schemas, key, last_commit(schemas, log_key))


def is_author(approver: str, author: Author) -> bool:
    """Return whether *approver*, ``Name``, ``mail`` or ``Name <mail>``, is the author."""
    name, _, rest = approver.partition("<")
    told = {part.strip().casefold() for part in (approver, name, rest.rstrip("> "))}
    return bool(told & {author.name.casefold(), author.mail.casefold()} - {""})


def _authors(schemas: Path, key: str, since: str | None) -> tuple[Author, ...]:
    found = [Author(*pair) for pair in commit_authors(schemas, key, since)]
    user = git_user(schemas, key)
    return tuple(dict.fromkeys([*found, *([Author(*user)] if user is not None else [])]))
