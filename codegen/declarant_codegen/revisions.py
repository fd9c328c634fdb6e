"""A catalogue's files as a git revision holds them.

Owns every call of git. It reads objects, never the work tree, so that neither attributes (such as
``export-ignore``) nor checked-out changes alter what is compared.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from declarant_codegen.errors import CodegenError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "Commit",
    "RevisionError",
    "commits",
    "contents",
    "files_at",
    "git_users",
    "uncommitted",
]

_FILES = (b"100644", b"100755", b"120000")


class RevisionError(CodegenError):
    """A revision's files cannot be had; the message says why and what to do."""


def files_at(revision: str, folder: Path, *, skip: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the files below *folder* as *revision* holds them, by POSIX path inside it.

    Args:
        revision: Anything that git takes for a commit.
        folder: A folder inside a git work tree; it exists, but perhaps not in the revision.
        skip: Folders in it that are not wanted.

    Raises:
        RevisionError: No git, no repository, no such revision, or no such folder in it.
    """
    from shutil import which  # start-up: who compares folders needs no git

    git = which("git")
    if git is None:
        raise RevisionError(
            f'expected git, to read the revision "{revision}", found none; '
            "install git, or give a folder to compare with"
        )
    repository = _Repository(git, folder)
    prefix = repository.prefix(revision)
    commit = repository.commit(revision)
    return repository.files(revision, f"{commit}:{prefix}", tuple(f"{name}/" for name in skip))


class Commit(NamedTuple):
    """What one commit did to some files.

    Attributes:
        id: Its hash.
        people: Name and mail of its author and of its co-authors, by git's ``.mailmap``.
        keys: The files that it changed, by POSIX path inside the folder asked about.
    """

    id: str
    people: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]


def commits(folder: Path, keys: Sequence[str], since: str | None = None) -> list[Commit]:
    """Return the commits that changed any of some files, newest first; none where git knows none.

    Args:
        folder: A folder, perhaps inside a git work tree.
        keys: Files below it.
        since: A revision, whose own changes do not count; None for all.
    """
    revisions = "HEAD" if since is None else f"{since}..HEAD"
    # Of a merge, -c lists what is in none of the merged. Paths are the work tree's: --relative has
    # no effect on them there.
    found = _told(
        folder, "log", "-z", "-c", "--no-renames", "--name-only", "--no-color",
        f"--format={_COMMIT}", "--end-of-options", revisions, "--", *keys,
    )  # fmt: skip
    prefix = _prefix(folder)
    return [_commit(text, prefix) for text in found.split("\x01")[1:]]


def uncommitted(folder: Path) -> frozenset[str]:
    """Return the files below *folder* with changes that are not committed; none without git."""
    prefix = _prefix(folder)
    told = _told(
        folder, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", "."
    )
    return frozenset(entry[3:].removeprefix(prefix) for entry in told.split("\0") if entry)


def git_users(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return name and mail of who is at work: as git would commit, and as its settings say."""
    told = _told(folder, "var", "GIT_AUTHOR_IDENT")
    name, mail = (_told(folder, "config", "--get", f"user.{part}") for part in ("name", "email"))
    found = (_person(told.rpartition(">")[0]), (name.strip(), mail.strip()))
    return tuple(dict.fromkeys(person for person in found if any(person)))


def contents(folder: Path, versions: Sequence[tuple[str, str]]) -> list[bytes | None]:
    """Return the content of files as commits have them; None for one that a commit lacks.

    Args:
        folder: A folder inside a git work tree.
        versions: Commit and path inside the folder of each.
    """
    from shutil import which  # start-up: who compares folders needs no git

    git = which("git")
    return [None] * len(versions) if git is None else _Repository(git, folder).contents(versions)


_CO_AUTHORS = "%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x02)"
_COMMIT = f"%x01%H%x02%aN <%aE>%x02{_CO_AUTHORS}%x03"


def _prefix(folder: Path) -> str:
    """Return the folder's path inside the work tree, with a slash at its end."""
    return _told(folder, "rev-parse", "--show-prefix").removesuffix("\n")


def _commit(text: str, prefix: str) -> Commit:
    head, _, names = text.partition("\x03")
    digest, *people = head.split("\x02")
    return Commit(
        id=digest,
        people=tuple(_person(one) for one in people if one.strip()),
        keys=tuple(
            name.removeprefix("\n").removeprefix(prefix)
            for name in names.split("\0")
            if name.removeprefix("\n")
        ),
    )


def _person(text: str) -> tuple[str, str]:
    name, _, mail = text.partition("<")
    return name.strip(), mail.strip().removesuffix(">")


def _told(folder: Path, *arguments: str) -> str:
    """Return what a git command prints; nothing where there is no git, or where it fails."""
    from shutil import which  # start-up: who compares folders needs no git

    git = which("git")
    return "" if git is None else _Repository(git, folder).told(*arguments)


class _Repository:
    """One git work tree, seen from a folder inside it."""

    def __init__(self, git: str, folder: Path) -> None:
        self._git = git
        self._folder = folder.resolve()
        self._shown = folder

    def prefix(self, revision: str) -> str:
        """Return the folder's path inside the work tree, with a slash at its end."""
        done = self._run("rev-parse", "--show-prefix")
        if done.returncode:
            raise RevisionError(
                f'expected "{revision}" to be a folder, or {self._shown} to be inside a git '
                f"repository, found neither ({_first_line(done.stderr)}); name a folder"
            )
        return os.fsdecode(done.stdout).rstrip("\n")

    def commit(self, revision: str) -> str:
        """Return the commit that *revision* names."""
        done = self._run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        if done.returncode:
            raise RevisionError(
                f'expected a folder or a git revision, found "{revision}", which is neither; '
                "fetch it if it is of another clone, or mend its name"
            )
        return done.stdout.decode().strip()

    def files(self, revision: str, tree: str, skip: tuple[str, ...]) -> dict[str, bytes]:
        """Return every file of a tree whose path does not begin with one of *skip*."""
        done = self._run("ls-tree", "-r", "-z", "--full-tree", tree)
        if done.returncode:
            raise RevisionError(
                f'{self._shown}: expected this folder in the revision "{revision}", found none; '
                "name a revision that has it"
            )
        blobs: dict[str, str] = {}
        for entry in filter(None, done.stdout.split(b"\0")):
            head, _, name = entry.partition(b"\t")
            mode, _, digest = head.split(b" ")
            path = os.fsdecode(name)
            if mode in _FILES and not path.startswith(skip):
                blobs[path] = digest.decode()
        return self._contents(blobs)

    def told(self, *arguments: str) -> str:
        """Return what a git command prints; nothing where it fails."""
        done = self._run(*arguments)
        return "" if done.returncode else os.fsdecode(done.stdout)

    def contents(self, versions: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Return the content of files as commits have them."""
        asked = "".join(f"{commit}:./{key}\n" for commit, key in versions)
        done = self._run("cat-file", "--batch", given=os.fsencode(asked))
        found: list[bytes | None] = []
        at = 0
        while at < len(done.stdout):
            end = done.stdout.index(b"\n", at)
            *_, kind, last = done.stdout[at:end].split(b" ")
            at = end + 1
            if not last.isdigit():  # "missing"
                found.append(None)
                continue
            found.append(done.stdout[at : at + int(last)] if kind == b"blob" else None)
            at += int(last) + 1
        return found

    def _contents(self, blobs: dict[str, str]) -> dict[str, bytes]:
        asked = "".join(f"{digest}\n" for digest in blobs.values())
        done = self._run("cat-file", "--batch", given=asked.encode())
        if done.returncode:
            raise RevisionError(
                f"expected git to read its objects, found: {_first_line(done.stderr)}"
            )
        found: dict[str, bytes] = {}
        at = 0
        for name in blobs:
            end = done.stdout.index(b"\n", at)
            words = done.stdout[at:end].split(b" ")
            if len(words) != 3:  # "<digest> missing", as in a clone without all of its blobs
                raise RevisionError(
                    f"{name}: expected its content in the repository, found none; fetch it"
                )
            size = int(words[2])
            found[name] = done.stdout[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    def _run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        import subprocess  # start-up: the same

        return subprocess.run(  # noqa: S603  git itself, with arguments that no shell reads
            [self._git, "-c", "core.quotePath=false", *arguments],
            cwd=self._folder,
            input=given,
            capture_output=True,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )


def _first_line(text: bytes) -> str:
    lines = text.decode(errors="backslashreplace").strip().splitlines()
    return lines[0] if lines else "an error without words"
