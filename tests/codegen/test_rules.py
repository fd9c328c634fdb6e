"""Every rule has a case in ``tests/rules`` that trips it and one that does not.

Each rule has a folder with ``bad/`` and ``good/``. Their files are laid over ``base/``, and the
dialect's own files are added. ``setup.json`` holds what files cannot: paths to remove, links to
make, files to pad with spaces to a size in bytes. ``expected.txt`` holds every finding of ``bad/``.

The rules of drift are about generated files: ``base/`` is generated from first, the case's files
are laid over the schemas, ``setup.json`` says what befell the output (or that it is a draft), and
``check`` is asked.

The rules of review are about approvals and days: ``base/`` is approved first, the case's files are
laid over it, ``setup.json`` says what was approved after that (``approve``), which dates somebody
gave the approvals of a log, with digests that fit (``dated``), what was replaced in a file, on
which day ``check`` is asked and whether against the base as it was (``against``).

``python tests/codegen/test_rules.py`` writes every ``expected.txt`` anew; review the difference.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from declarant import cli as front
from declarant_codegen import Finding, load_catalogue
from declarant_codegen.canonical import canonical_digest
from declarant_codegen.digests import text_digest
from declarant_codegen.findings import RULES, make_finding
from declarant_codegen.manifest import MANIFEST, manifest_text, read_manifest
from declarant_codegen.meta_files import meta_files
from declarant_codegen.own_digest import with_own_digest

RULES_FOLDER = Path(__file__).parent.parent / "rules"
#: Cases about approvals, or about days.
REVIEWED = (
    *("SEAL_", "CONSENT_", "BREAKING_", "ACCEPTED_"),
    *("EXPIRED", "EXPIRES_SOON", "SUPPRESSION_EXPIRED"),
)
#: Cases whose files are no JSON objects, or whose findings are not about what files say.
APART = ("DRIFT_", "FILE_", "JSON_", "CATALOGUE_", "EVENTS_", "META_", *REVIEWED)


def case_folders() -> list[Path]:
    """Return every rule's folder, sorted."""
    return sorted(path for path in RULES_FOLDER.iterdir() if path.is_dir() and path.name != "base")


def findings_of(case: Path, kind: str, into: Path) -> tuple[Finding, ...]:
    """Lay a case out below *into* and return what loading it finds."""
    schemas = lay_base(into)
    if is_reviewed := case.name.startswith(REVIEWED):
        approve(schemas, "--all")
        shutil.copytree(schemas, into / "before" / "schemas")
    setup_file = case / kind / "setup.json"
    setup = json.loads(setup_file.read_text("utf-8")) if setup_file.exists() else {}
    if case.name.startswith("DRIFT_"):
        approve(schemas, "--all")
        made = generated_from_base(draft=setup.get("draft", False))
        for name, content in made.items():
            (into / "generated" / name).parent.mkdir(parents=True, exist_ok=True)
            (into / "generated" / name).write_bytes(content)
        meddle(into / "generated", setup)
    for name in setup.get("remove", []):
        (schemas / name).unlink()
    ignore = shutil.ignore_patterns("setup.json")
    shutil.copytree(case / kind, schemas, dirs_exist_ok=True, ignore=ignore)
    for name, target in setup.get("link", {}).items():
        (schemas / name).symlink_to(target)
    for name, size in setup.get("pad", {}).items():
        raw = (schemas / name).read_bytes()
        (schemas / name).write_bytes(raw + b" " * (size - len(raw)))
    if case.name.startswith("DRIFT_"):
        return drift_of(schemas, into / "generated")
    if is_reviewed:
        return reviewed(schemas, setup, into)
    return load_catalogue(schemas).findings


def lay_base(into: Path) -> Path:
    """Lay out a catalogue without findings and return its folder."""
    schemas = into / "schemas"
    shutil.copytree(RULES_FOLDER / "base", schemas)
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8", newline="\n")
    return schemas


@functools.cache
def generated_from_base(*, draft: bool = False) -> dict[str, bytes]:
    """Return what ``generate`` writes for the base."""
    with tempfile.TemporaryDirectory() as folder:
        schemas, out = lay_base(Path(folder)), Path(folder, "generated")
        if not draft:
            approve(schemas, "--all")
        with contextlib.redirect_stdout(io.StringIO()):
            words = ["generate", "--schemas", str(schemas), "--out", str(out)]
            assert front.main([*words, *(["--draft"] if draft else [])]) == 0
        return {
            path.relative_to(out).as_posix(): path.read_bytes()
            for path in out.rglob("*")
            if path.is_file()
        }


def meddle(out: Path, setup: dict[str, Any]) -> None:
    """Do to generated files what a case says was done to them."""
    for name in setup.get("edited", []):
        with (out / name).open("ab") as file:
            file.write(b"# mine\n")
    for name, (old, new) in setup.get("of_another_generation", {}).items():
        text = (out / name).read_text("utf-8")
        blank = re.sub(r"(?<=text: sha256:)[0-9a-f]{12}", "0" * 12, text, count=1)
        (out / name).write_bytes(with_own_digest(blank.replace(old, new)))
        assert old in text
    for name in setup.get("in_conflict", []):
        ours, _, rest = (out / name).read_text("utf-8").partition("\n")
        sides = f"<<<<<<< HEAD\n{ours}\n=======\n{ours} \n>>>>>>> other\n"
        (out / name).write_text(sides + rest, "utf-8", newline="\n")
    for name in setup.get("deleted", []):
        (out / name).unlink()
    for name in setup.get("folders", []):
        (out / name).unlink(missing_ok=True)
        (out / name).mkdir()
    for name in setup.get("linked", []):
        (out / name).rename(out.parent / "elsewhere")
        (out / name).symlink_to(out.parent / "elsewhere")
    for name, text in setup.get("added", {}).items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, "utf-8", newline="\n")
    if generator := setup.get("generator"):
        manifest = read_manifest((out / MANIFEST).read_bytes())
        for item in manifest["outputs"]:
            item["sha256"] = text_digest((out / item["path"]).read_bytes())
        text = manifest_text({**manifest, "generator": generator, "sha256": ""})
        for name in (MANIFEST, f"{manifest['package']}/{MANIFEST}"):
            (out / name).write_text(text, "utf-8", newline="\n")


def approve(schemas: Path, *words: str, by: str = "A reviewer", role: str = "reviewer") -> None:
    """Approve as a person would."""
    given = ["--by", by, "--role", role, "--reference", "T-1", "--date", "2026-11-26"]
    with contextlib.redirect_stdout(io.StringIO()):
        assert front.main(["approve", "--schemas", str(schemas), *words, *given]) == 0


def reviewed(schemas: Path, setup: dict[str, Any], into: Path) -> tuple[Finding, ...]:
    """Do to approvals what a case says was done, and return what ``check`` finds but drift."""
    for item in setup.get("approve", []):
        approve(schemas, *item.pop("subjects"), **item)
    for name, dates in setup.get("dated", {}).items():
        redate(schemas / name, dates)
    for name, (old, new) in setup.get("replace", {}).items():
        text = (schemas / name).read_text("utf-8")
        assert old in text
        (schemas / name).write_text(text.replace(old, new, 1), "utf-8", newline="\n")
    words = ["check", "--schemas", str(schemas), "--out", str(into / "generated")]
    words += ["--format", "json", "--today", setup.get("today", "2026-11-26")]
    if setup.get("against"):
        words += ["--against", str(into / "before" / "schemas")]
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(io.StringIO()):
        front.main(words)
    before = str(into / "before" / "schemas")
    return tuple(
        make_finding(
            item["rule"],
            Path.cwd().joinpath(item["path"]).resolve().relative_to(into.resolve()).as_posix(),
            item["line"],
            item["message"].replace(before, "BASE"),
        )
        for item in json.loads(told.getvalue())["findings"]
        if not item["rule"].startswith("DRIFT_")
    )


def redate(log: Path, dates: list[str]) -> None:
    """Give the approvals of a log other dates, and the digests that they need."""
    value = json.loads(log.read_text("utf-8"))
    previous = None
    for members, date in zip(value["approvals"], dates, strict=True):
        members.update(previous=previous, date=date)
        kept = {key: it for key, it in members.items() if key not in ("projection", "seal")}
        previous = members["seal"] = canonical_digest(kept)
    log.write_text(json.dumps(value, indent=2), "utf-8")


def drift_of(schemas: Path, out: Path) -> tuple[Finding, ...]:
    """Return what ``check`` finds, with paths below the case's folder."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(io.StringIO()):
        front.main(["check", "--schemas", str(schemas), "--out", str(out), "--format", "json"])
    found = []
    for item in json.loads(told.getvalue())["findings"]:
        path = Path(os.path.relpath(item["path"], out.parent))
        message = item["message"].partition("; run ")[0]
        message = message.replace(f" --schemas {schemas} --out {out}", "")
        found.append(make_finding(item["rule"], path.as_posix(), item["line"], message))
    return tuple(found)


@pytest.mark.parametrize("case", case_folders(), ids=lambda case: case.name)
def test_bad_case_has_exactly_its_findings(case: Path, tmp_path: Path) -> None:
    """Loading the bad files finds what expected.txt lists, in that order."""
    found = findings_of(case, "bad", tmp_path)

    assert "".join(f"{finding}\n" for finding in found) == (case / "expected.txt").read_text(
        "utf-8"
    )
    assert case.name in {finding.rule_id for finding in found}


@pytest.mark.parametrize("case", case_folders(), ids=lambda case: case.name)
def test_good_case_has_no_findings(case: Path, tmp_path: Path) -> None:
    """Loading the good files finds nothing at all."""
    assert findings_of(case, "good", tmp_path) == ()


def disturb(schema: Any) -> None:
    """Add a keyword that nothing is like to a schema and to all inside it but definitions."""
    schema["zzzzzz"] = 1
    inner = [*schema.get("properties", {}).values(), schema.get("items")]
    for part in inner:
        if isinstance(part, dict):
            disturb(part)


@pytest.mark.parametrize(
    "case",
    [case for case in case_folders() if not case.name.startswith(APART)],
    ids=lambda case: case.name,
)
def test_an_unknown_keyword_everywhere_hides_nothing(case: Path, tmp_path: Path) -> None:
    """Every finding of a rule's bad case is still told when each schema has a keyword too many."""
    before = findings_of(case, "bad", tmp_path)
    for path in (tmp_path / "schemas").glob("*/*.schema.json"):
        value = json.loads(path.read_text("utf-8"))
        disturb(value)
        path.write_text(json.dumps(value, indent=2), "utf-8")

    after = load_catalogue(tmp_path / "schemas").findings

    told = {(finding.path, finding.rule_id, finding.message) for finding in after}
    assert {(finding.path, finding.rule_id, finding.message) for finding in before} <= told
    others = {rule for _, rule, message in told if '"zzzzzz"' not in message}
    assert others == {finding.rule_id for finding in before}


def test_every_rule_has_a_case() -> None:
    """The table of rules and the folders name the same ids."""
    assert [case.name for case in case_folders()] == sorted(RULES)


def test_every_rule_says_why() -> None:
    """Each purpose is one sentence."""
    assert [rule.id for rule in RULES.values() if not rule.purpose.endswith(".")] == []


def main() -> None:
    """Write what each bad case says now."""
    for case in case_folders():
        with tempfile.TemporaryDirectory() as folder:
            found = findings_of(case, "bad", Path(folder))
        text = "".join(f"{finding}\n" for finding in found)
        (case / "expected.txt").write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
