"""The files for CI, pre-commit, git and editors, tried with the tools that read them."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from declarant_codegen.rules import RULES

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
BIN = Path(sys.executable).parent
CI_FILES = {
    "github.yml": "github-workflow.json",
    "azure-pipelines.yml": "azure-pipelines.json.gz",
}
DELETED = "generated/modelkit_events/model_kit_error.py"


pytestmark = pytest.mark.once


class Yaml(yaml.SafeLoader):
    """YAML 1.2 as CI services read it: ``on`` is a word."""


Yaml.yaml_implicit_resolvers = {
    letter: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool" or letter in "tTfF"]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=Yaml)


def scripts(value: Any) -> list[str]:
    """Return every shell script in a CI file."""
    if isinstance(value, list):
        return [script for item in value for script in scripts(item)]
    if isinstance(value, dict):
        own = [value[key] for key in ("run", "script") if isinstance(value.get(key), str)]
        return own + [script for item in value.values() for script in scripts(item)]
    return []


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with ModelKit's catalogue and its output; nothing of this user's git."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "a")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@example.com")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    product = tmp_path / "product"
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("schemas", "generated"):
        shutil.copytree(ROOT / folder, product / folder, ignore=ignore)
    shutil.copy(ROOT / ".gitattributes", product)
    git(product, "init", "-q", "-b", "main")
    commit(product)
    return product


def git(folder: Path, *words: str, code: int = 0) -> str:
    command = ["git", *words]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.mark.parametrize("name", CI_FILES)
def test_ci_files_follow_their_published_schemas(name: str) -> None:
    """The workflow and the pipeline are what GitHub and Azure say they may be."""
    raw = (TESTS / "data/ci_schemas" / CI_FILES[name]).read_bytes()
    schema = json.loads(gzip.decompress(raw) if CI_FILES[name].endswith(".gz") else raw)

    errors = list(Draft7Validator(schema).iter_errors(read_yaml(ROOT / "docs/ci" / name)))

    assert [error.message[:200] for error in errors] == []


@pytest.mark.parametrize("name", CI_FILES)
def test_ci_schemas_refuse_a_slip(name: str) -> None:
    """The schemas used above judge."""
    raw = (TESTS / "data/ci_schemas" / CI_FILES[name]).read_bytes()
    schema = json.loads(gzip.decompress(raw) if CI_FILES[name].endswith(".gz") else raw)
    value = read_yaml(ROOT / "docs/ci" / name)

    assert not Draft7Validator(schema).is_valid({**value, "stepz": []})


@pytest.mark.parametrize("name", CI_FILES)
@pytest.mark.parametrize("is_sound", [True, False])
def test_ci_scripts_do_what_their_steps_say(
    product: Path, name: str, is_sound: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps that check fail on drift; the one that keeps the findings does not."""
    git(product, "update-ref", "refs/remotes/origin/main", "HEAD")
    monkeypatch.setenv("BASE", "origin/main")
    monkeypatch.setenv("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")
    if not is_sound:
        (product / DELETED).unlink()
    found = [text for text in scripts(read_yaml(ROOT / "docs/ci" / name)) if "pip " not in text]

    codes = [
        subprocess.run(["sh", "-e", "-c", text], cwd=product, capture_output=True).returncode
        for text in found
    ]

    assert codes == [0 if is_sound else 1, 0 if is_sound else 1, 0]
    log = json.loads((product / "declarant.sarif").read_text("utf-8"))
    assert len(log["runs"][0]["results"]) == (0 if is_sound else 1)


@pytest.mark.parametrize("name", CI_FILES)
def test_ci_files_install_this_version(name: str) -> None:
    """The version that CI installs is the one that is documented here."""
    from declarant import __version__

    pinned = re.findall(r"declarant\[codegen\]==([0-9.]+)", (ROOT / "docs/ci" / name).read_text())
    assert pinned == [__version__]


@pytest.fixture
def hooked(product: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The product with the hook that uses the installed declarant."""
    pytest.importorskip("pre_commit", reason="the dev group brings it")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    git(hooks, "init", "-q")
    repo = {
        "repo": str(hooks),
        "rev": commit(hooks),
        "hooks": [{"id": "declarant-check-installed"}],
    }
    (product / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [repo]}))
    commit(product)
    command = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(command, cwd=product, capture_output=True, check=True)
    return product


def test_pre_commit_lets_a_sound_commit_through(hooked: Path) -> None:
    """A change of something else is committed."""
    (hooked / "notes.txt").write_text("x")

    commit(hooked)

    assert git(hooked, "status", "--porcelain") == ""


def test_pre_commit_stops_a_commit_that_only_deletes(hooked: Path) -> None:
    """A generated file that goes is noticed, though pre-commit has no file to show the hook."""
    (hooked / DELETED).unlink()
    git(hooked, "add", "-A")

    command = ["git", "commit", "-q", "-m", "x"]
    ran = subprocess.run(command, cwd=hooked, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert f"{DELETED}: missing" in ran.stdout + ran.stderr


def test_pre_commit_stops_a_stale_commit(hooked: Path) -> None:
    """A schema that changed alone is noticed; what was not staged counts for nothing."""
    event = hooked / "schemas/events/model_kit_error.schema.json"
    event.write_text(event.read_text().replace('"x-retention-days": 90', '"x-retention-days": 89'))
    git(hooked, "add", "-A")
    generate = [sys.executable, "-m", "declarant.cli", "generate"]
    subprocess.run(generate, cwd=hooked, capture_output=True, check=True)

    command = ["git", "commit", "-q", "-m", "x"]
    ran = subprocess.run(command, cwd=hooked, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert f"{DELETED}: stale" in ran.stdout + ran.stderr
    commit(hooked)


def test_git_merges_no_generated_file_line_by_line(product: Path) -> None:
    """Two branches' outputs end in a conflict, with one whole file in its place."""
    module = product / DELETED
    text = module.read_text()
    git(product, "checkout", "-q", "-b", "other")
    module.write_text(f"# other\n{text}")
    commit(product)
    git(product, "checkout", "-q", "main")
    module.write_text(f"{text}# ours\n")
    commit(product)

    git(product, "merge", "other", code=1)

    assert module.read_text() == f"{text}# ours\n"
    assert git(product, "diff", "--name-only", "--diff-filter=U").split() == [DELETED]


def test_git_keeps_line_endings_of_schemas(product: Path) -> None:
    """A checkout on a machine that likes CRLF is the same bytes."""
    git(product, "config", "core.autocrlf", "true")
    shutil.rmtree(product / "schemas")
    git(product, "checkout", "-q", "--", "schemas")

    assert all(b"\r" not in path.read_bytes() for path in (product / "schemas").rglob("*.json"))


@pytest.mark.parametrize(
    ("path", "is_folded"),
    [
        ("generated/modelkit_events/_types.py", "set"),
        ("generated/PRIVACY.md", "false"),
        ("generated/NOTICE.txt", "false"),
        ("schemas/catalogue.json", "unspecified"),
    ],
)
def test_reviewers_see_what_they_must_read(product: Path, path: str, is_folded: str) -> None:
    """Diffs of code are folded, those of the privacy page and the notice are not."""
    told = git(product, "check-attr", "linguist-generated", "--", path)

    assert told.strip().endswith(f": {is_folded}")


def test_editors_check_every_schema_file() -> None:
    """Each file of the catalogue is matched by the dialect that it names, and no other."""
    settings = json.loads((ROOT / ".vscode/settings.json").read_text("utf-8"))
    listed = [(entry["fileMatch"], entry["url"]) for entry in settings["json.schemas"]]
    for path in sorted((ROOT / "schemas").rglob("*.json")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("schemas/meta/"):
            continue
        urls = [
            url
            for patterns, url in listed
            if any(PurePosixPath(f"/{name}").match(pattern) for pattern in patterns)
        ]
        named = json.loads(path.read_text("utf-8"))["$schema"]
        assert [(ROOT / url).resolve() for url in urls] == [(path.parent / named).resolve()]


def test_the_guide_names_only_rules_there_are() -> None:
    """What docs/ci.md says of rules and files is so."""
    text = (ROOT / "docs/ci.md").read_text("utf-8")

    assert set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text)) <= {
        *RULES,
        "TF_BUILD",
        "GITHUB_ACTIONS",
    }
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / "docs" / link).exists(), link
