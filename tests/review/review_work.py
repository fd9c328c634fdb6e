"""What the tests of review do: edit a catalogue, run the real commands, keep it in a real git."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from declarant import cli as front
from declarant_codegen import load_catalogue
from declarant_codegen.canonical import NotCanonicalError, canonical_digest
from declarant_codegen.meta_files import meta_files
from declarant_codegen.review.verdict import Review, review_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant_codegen.model import Catalogue
    from declarant_codegen.review.standing import Standing

BASE = Path(__file__).parents[1] / "rules" / "base"
EVENT = "events/sample_opened.schema.json"
LOG = "reviews/sample_opened.json"
RULES_LOG = "reviews/catalogue.json"
DAY = "2026-11-26"
CLASSES = ("low", "middle", "identifier", "free_text", "rules")
TEXT = {
    "description": "What was said.",
    "type": "string",
    "maxLength": 50,
    "x-class": "free_text",
    "x-notice": "usage",
    "x-scrub": "message",
    "x-scrub-vectors": [{"text": "no jo.doe@example.com", "kept": "no <scrubbed>"}],
    "x-reason": "Nothing else tells the causes apart.",
}
"""A field of free text, as it should be."""

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


class Ran(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str


def declarant(*words: object) -> Ran:
    """Run the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = front.main([str(word) for word in words])
        except SystemExit as stopped:  # argparse's own refusals
            code = int(str(stopped.code))
    return Ran(code, out.getvalue(), err.getvalue())


def in_process(*words: object, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    command = [sys.executable, "-m", "declarant.cli", *map(str, words)]
    return subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def lay_base(folder: Path) -> Path:
    """Lay out a catalogue without findings and return its folder."""
    schemas = folder / "schemas"
    shutil.copytree(BASE, schemas)
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8", newline="\n")
    return schemas


class Work:
    """A folder with a catalogue in ``schemas``, which is the working directory too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.schemas = folder / "schemas"

    def read(self, key: str) -> Any:
        """Return a file's value."""
        return json.loads((self.schemas / key).read_text("utf-8"))

    def edit(self, key: str, change: Callable[[Any], object]) -> None:
        """Change a file's value."""
        value = self.read(key)
        change(value)
        (self.schemas / key).write_text(json.dumps(value, indent=2), "utf-8")

    def event(self, **members: Any) -> None:
        """Set members of the event's schema; a dash in their names is an underscore here."""
        named = {name.replace("x_", "x-").replace("_", "-"): it for name, it in members.items()}
        self.edit(EVENT, lambda value: value.update(named))

    def field(self, name: str, schema: dict[str, Any] | None) -> None:
        """Set a field of the event, or take it away."""

        def change(value: Any) -> None:
            if schema is None:
                del value["properties"][name]
                value["required"] = [one for one in value["required"] if one != name]
            else:
                value["properties"][name] = schema

        self.edit(EVENT, change)

    def policy(self, *, self_approval: bool = False, **approvers: list[str]) -> None:
        """State who approves; *rest* stands for the classes that are not named."""
        rest = approvers.pop("rest", ["reviewer"])
        roles = {name: approvers.get(name, rest) for name in CLASSES}
        review = {"approvers": roles, "self_approval": self_approval}
        self.edit("catalogue.json", lambda value: value.update(review=review))

    def consent(self, version: int) -> None:
        """Set the consent version."""
        self.edit("catalogue.json", lambda value: value["consent"].update(version=version))

    def approve(self, *subjects: str, by: str = "", role: str = "reviewer", code: int = 0) -> Ran:
        """Approve as a person would; for each role another, unless *by* says who."""
        words = ["--by", by or f"A {role}", "--role", role, "--reference", "T-1", "--date", DAY]
        ran = declarant("approve", *subjects, *words)
        assert ran.code == code, ran
        return ran

    def check(self, *words: str, today: str = DAY) -> list[dict[str, Any]]:
        """Return what ``check`` finds, drift apart."""
        ran = declarant("check", "--format", "json", "--today", today, *words)
        assert ran.code in (0, 1), ran
        found = json.loads(ran.out)["findings"]
        return [item for item in found if not item["rule"].startswith("DRIFT_")]

    def rules(self, *words: str, today: str = DAY) -> list[str]:
        """Return the rules that ``check`` finds broken."""
        return [item["rule"] for item in self.check(*words, today=today)]

    def message(self, rule: str, *words: str, has: str = "", today: str = DAY) -> str:
        """Return what the one finding of a rule says, of those that say *has*."""
        found = self.check(*words, today=today)
        told = [item["message"] for item in found if item["rule"] == rule]
        (message,) = [words for words in told if has in words]
        return str(message)

    def catalogue(self) -> Catalogue:
        """Return the catalogue, which must have no errors."""
        result = load_catalogue(self.schemas)
        assert result.catalogue is not None, "\n".join(map(str, result.findings))
        return result.catalogue

    def review(self) -> Review:
        """Judge the approvals."""
        return review_catalogue(self.schemas, self.catalogue())

    def standing(self, name: str = "SampleOpened") -> Standing:
        """Return where a subject stands."""
        return next(item for item in self.review().standings if item.subject.name == name)

    def state(self, name: str = "SampleOpened") -> str:
        """Return the state of a subject."""
        return self.standing(name).state.name

    def forge(self, key: str, change: Callable[[Any], object]) -> None:
        """Change approvals and make every digest fit, as somebody may who can write the file."""
        self.edit(key, lambda value: change(value["approvals"]))
        self.edit(key, lambda value: reseal(value["approvals"]))

    def files(self) -> dict[str, bytes]:
        """Return every file of the catalogue."""
        return {
            path.relative_to(self.schemas).as_posix(): path.read_bytes()
            for path in self.schemas.rglob("*")
            if path.is_file()
        }


def reseal(approvals: list[Any]) -> None:
    """Write into approvals the digests that they should have."""
    previous = None
    for members in approvals:
        members["previous"] = previous
        try:
            members["sha256"] = canonical_digest(members["projection"])
        except NotCanonicalError:
            members["sha256"] = "0" * 64
        kept = {key: it for key, it in members.items() if key not in ("projection", "seal")}
        previous = members["seal"] = canonical_digest(kept)


class Person(NamedTuple):
    """Somebody who commits."""

    name: str
    mail: str


ALICE = Person("Alice Author", "alice@example.com")
BOB = Person("Bob Builder", "bob@example.com")


def git(*words: str, by: Person = ALICE) -> str:
    """Run git in the working directory as somebody, without anybody's settings."""
    settings = (f"user.name={by.name}", f"user.email={by.mail}", "commit.gpgsign=false")
    options = [part for setting in settings for part in ("-c", setting)]
    ran = subprocess.run(["git", *options, *words], check=True, capture_output=True, text=True)
    return ran.stdout


def become(person: Person) -> None:
    """Make somebody git's user in the working directory's repository."""
    git("config", "user.name", person.name)
    git("config", "user.email", person.mail)


def commit(message: str = "change", *, by: Person = ALICE) -> str:
    """Commit everything, and return the commit."""
    git("add", "-A", by=by)
    git("commit", "-q", "-m", message, by=by)
    return git("rev-parse", "HEAD").strip()


def start_repository(by: Person = BOB) -> str:
    """Make the working directory a repository with one commit, and return that."""
    git("init", "-q", "-b", "main")
    return commit("first", by=by)
