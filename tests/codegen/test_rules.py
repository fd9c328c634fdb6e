"""Every rule has a case in ``tests/rules`` that trips it and one that does not.

Each rule has a folder with ``bad/`` and ``good/``. Their files are laid over ``base/``, and the
dialect's own files are added. ``setup.json`` holds what files cannot: paths to remove, links to
make, files to pad with spaces to a size in bytes. ``expected.txt`` holds every finding of ``bad/``.

``python tests/codegen/test_rules.py`` writes every ``expected.txt`` anew; review the difference.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from declarant_codegen import Finding, load_catalogue
from declarant_codegen.findings import RULES
from declarant_codegen.meta_files import meta_files

RULES_FOLDER = Path(__file__).parent.parent / "rules"


def case_folders() -> list[Path]:
    """Return every rule's folder, sorted."""
    return sorted(path for path in RULES_FOLDER.iterdir() if path.is_dir() and path.name != "base")


def findings_of(case: Path, kind: str, into: Path) -> tuple[Finding, ...]:
    """Lay a case out below *into* and return what loading it finds."""
    schemas = into / "schemas"
    shutil.copytree(RULES_FOLDER / "base", schemas)
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8", newline="\n")
    setup_file = case / kind / "setup.json"
    setup = json.loads(setup_file.read_text("utf-8")) if setup_file.exists() else {}
    for name in setup.get("remove", []):
        (schemas / name).unlink()
    ignore = shutil.ignore_patterns("setup.json")
    shutil.copytree(case / kind, schemas, dirs_exist_ok=True, ignore=ignore)
    for name, target in setup.get("link", {}).items():
        (schemas / name).symlink_to(target)
    for name, size in setup.get("pad", {}).items():
        raw = (schemas / name).read_bytes()
        (schemas / name).write_bytes(raw + b" " * (size - len(raw)))
    return load_catalogue(schemas).findings


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
