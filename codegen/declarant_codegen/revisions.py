"""A catalogue's files as a git revision holds them.

Owns every call of git. It reads objects, never the work tree, so that neither attributes (such as
``export-ignore``) nor checked-out changes alter what is compared.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["RevisionError", "commit_authors", "files_at", "git_user", "last_commit"]

_FILES = (b"100644", b"100755", b"120000")


class RevisionError(Exception):
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
    git = shutil.which("git")
    if git is None:
        raise RevisionError(
            f'expected git, to read the revision "{revision}", found none; '
            "install git, or give a folder to compare with"
        )
    repository = _Repository(git, folder)
    prefix = repository.prefix(revision)
    commit = repository.commit(revision)
    return repository.files(revision, f"{commit}:{prefix}", tuple(f"{name}/" for name in skip))


def commit_authors(folder: Path, key: str, since: str | None) -> list[tuple[str, str]]:
    """Return name and mail of those who changed a file, co-authors too; none where git knows none.

    Args:
        folder: A folder, perhaps inside a git work tree.
        key: The file below it.
        since: A revision, whose own changes do not count; None for all.
    """
    git = shutil.which("git")
    if git is None:
        return []
    revisions = "HEAD" if since is None else f"{since}..HEAD"
    lines = _Repository(git, folder).lines(
        "log", f"--format={_AUTHORS}", "--end-of-options", revisions, "--", key
    )
    return [_person(line) for line in lines if line.strip()]


def git_user(folder: Path, key: str) -> tuple[str, str] | None:
    """Return name and mail of git's user if the file *key* has changes that are not committed."""
    git = shutil.which("git")
    if git is None:
        return None
    repository = _Repository(git, folder)
    if not repository.lines("status", "--porcelain", "--", key):
        return None
    name, mail = (
        "".join(repository.lines("config", "--get", f"user.{part}")) for part in ("name", "email")
    )
    return (name, mail) if name or mail else None


def last_commit(folder: Path, key: str) -> str | None:
    """Return the last commit that changed the file *key*, or None where git knows none."""
    git = shutil.which("git")
    found = _Repository(git, folder).lines("log", "-1", "--format=%H", "--", key) if git else []
    return found[0] if found else None


_AUTHORS = "%aN <%aE>%n%(trailers:key=Co-authored-by,valueonly)"


def _person(line: str) -> tuple[str, str]:
    name, _, mail = line.partition("<")
    return name.strip(), mail.strip().removesuffix(">")


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

    def lines(self, *arguments: str) -> list[str]:
        """Return the lines that a git command prints; none where it fails."""
        done = self._run(*arguments)
        return [] if done.returncode else done.stdout.decode(errors="replace").splitlines()

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
