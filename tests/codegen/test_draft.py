"""What a draft is as files: what says so, what refuses it, and that it is otherwise the release."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

from declarant import cli as front
from declarant_codegen.formatting import RUFF_ARGUMENTS, find_ruff_bin

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"
LINE = "Draft: not approved; sent to this machine only."
PAGES = ("README.md", "README-telemetry.md", "PRIVACY.md", "modelkit_events/PRIVACY.md")
NOTICES = ("NOTICE.txt", "modelkit_events/NOTICE.txt")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ModelKit's schemas and a draft made of them."""
    folder = tmp_path_factory.mktemp("draft")
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    assert generate(folder, draft=True) == 0
    return folder


@pytest.fixture
def work(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as working directory."""
    work = tmp_path / "work"
    shutil.copytree(made, work)
    monkeypatch.chdir(work)
    return work


def generate(folder: Path, *, draft: bool) -> int:
    words = ["generate", "--schemas", str(folder / "schemas"), "--out", str(folder / "generated")]
    return front.main([*words, *(["--draft"] if draft else [])])


def check(*, full: bool = False, form: str = "text") -> int:
    return front.main(["check", "--format", form, *(["--full"] if full else [])])


def texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_module_and_page_says_that_it_is_a_draft(made: Path) -> None:
    """One line in each docstring, the first words of each page; nothing of the kind elsewhere."""
    files = texts(made / "generated")

    modules = [name for name in files if name.endswith(".py")]
    assert len(modules) == 8
    for name in modules:
        lines = (ast.get_docstring(ast.parse(files[name])) or "").splitlines()
        assert lines.count(LINE) == 1, name
    for name in PAGES:
        assert files[name].splitlines()[2] == f"> **{LINE}**"
    for name in NOTICES:
        assert files[name].startswith(f"{LINE}\n\nMay ModelKit")
    assert json.loads(files["manifest.json"])["draft"] is True
    assert files["modelkit_events/manifest.json"] == files["manifest.json"]
    assert not any(LINE in text for text in texts(GENERATED).values())


def test_a_draft_is_the_release_but_for_what_says_so(made: Path) -> None:
    """Code and pages differ in the lines about the draft alone."""
    # What is said elsewhere makes other digests and stamps.
    digest = re.compile(r'(text: sha256:|stamp="|": ")[0-9a-f]{12}(?=[;)"])')
    draft, release = (
        {name: digest.sub(r"\1", text) for name, text in texts(folder).items()}
        for folder in (made / "generated", GENERATED)
    )

    assert set(draft) - set(release) == {"hatch_build.py"}
    for name in set(release) - {"manifest.json", "modelkit_events/manifest.json", "pyproject.toml"}:
        new = draft[name].replace("    draft=True,\n", "")
        for mark in (f"> **{LINE}**\n\n", f"{LINE}\n\n"):
            new = new.replace(mark, "")
        # The package and its catalogue have one line of docstring otherwise.
        new = new.replace(f'\n\n{LINE}\n"""', '"""')
        assert new == release[name], name


def test_the_version_sorts_before_the_release_and_says_what_it_is(made: Path) -> None:
    """No resolver prefers a draft to the release that follows it."""
    draft, release = (
        folder.joinpath("pyproject.toml").read_text("utf-8").partition('\nversion = "')[2]
        for folder in (made / "generated", GENERATED)
    )
    version, released = Version(draft.partition('"')[0]), Version(release.partition('"')[0])

    assert version < released
    assert version.local == "draft"
    assert version.is_devrelease


def test_the_output_is_a_fixed_point_of_the_formatter(made: Path) -> None:
    """Formatting a draft again changes nothing."""
    done = subprocess.run(
        [find_ruff_bin(), *RUFF_ARGUMENTS, "--check", "generated"], cwd=made, check=False
    )

    assert done.returncode == 0


@pytest.mark.once
def test_a_draft_type_checks(made: Path) -> None:
    """mypy --strict finds nothing in the package, as in a release."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull]
    done = subprocess.run(
        [*command, "modelkit_events"],
        cwd=made / "generated",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_generate_says_that_it_made_a_draft(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody makes a draft without being told."""
    assert generate(work, draft=True) == 0

    told = capsys.readouterr().out.splitlines()[-1]
    assert told == "a draft: it sends to this machine only, and `declarant check` refuses it"


@pytest.mark.parametrize("full", [False, True])
def test_check_refuses_a_draft(work: Path, capsys: pytest.CaptureFixture[str], full: bool) -> None:
    """By digests and byte for byte alike, with what to run; and nothing else is wrong."""
    assert check(full=full) == 1

    first, *rest = capsys.readouterr().out.splitlines()
    assert first == (
        "generated/manifest.json: draft: it is a draft, in which something lacks its approval; "
        "run `declarant approve` for what lacks its approval, then `declarant generate`"
    )
    assert rest == ["1 file not current"]


def test_check_names_the_rule(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In forms for machines the finding has a rule of its own, which is an error."""
    assert check(form="json") == 1

    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["rule"], finding["severity"]) == ("DRIFT_DRAFT", "error")
    assert "run `declarant approve`" in finding["message"]


@pytest.mark.parametrize("full", [False, True])
def test_check_tells_what_else_is_wrong_with_a_draft(
    work: Path, capsys: pytest.CaptureFixture[str], full: bool
) -> None:
    """A draft that somebody made into a release by hand has an edited catalogue."""
    catalogue = work / "generated/modelkit_events/_catalogue.py"
    catalogue.write_text(catalogue.read_text("utf-8").replace("    draft=True,\n", ""), "utf-8")

    assert check(full=full) == 1

    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("generated/")]
    assert [line.split(": ")[1] for line in told] == ["draft", "edited"]


def test_check_takes_no_draft_whose_manifest_denies_it(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the mark taken out of the manifest, its seal included, the package gives it away."""
    from declarant_codegen.manifest import manifest_text, read_manifest

    manifest = read_manifest((work / "generated/manifest.json").read_bytes())
    del manifest["draft"]
    for path in (work / "generated").rglob("manifest.json"):
        path.write_text(manifest_text({**manifest, "sha256": ""}), "utf-8", newline="\n")

    assert check(full=True) == 1

    told = capsys.readouterr().out
    assert "generated/modelkit_events/_catalogue.py: stale" in told
    assert "generated/hatch_build.py: orphaned" in told


def test_generate_makes_the_release_of_a_draft(work: Path) -> None:
    """Nothing of the draft is left behind."""
    assert generate(work, draft=False) == 0

    assert texts(work / "generated") == texts(GENERATED)
    assert check() == 0


def build(project: Path, kind: str, into: Path) -> subprocess.CompletedProcess[str]:
    """Have hatchling build *project*, through the hooks that installers call."""
    into.mkdir(exist_ok=True)
    program = f"import sys; from hatchling.build import build_{kind} as b; print(b(sys.argv[1]))"
    return subprocess.run(
        [sys.executable, "-c", program, str(into)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_no_build_that_could_be_handed_on_is_made(work: Path, tmp_path: Path, kind: str) -> None:
    """Wheel and source archive are refused in one line; the release's are not."""
    refused = build(work / "generated", kind, tmp_path / "dist")

    assert refused.returncode == 1
    (told,) = refused.stderr.splitlines()
    assert told.startswith("modelkit-events is a draft: not approved; expected an editable install")
    assert "run `declarant approve`" in told
    assert list((tmp_path / "dist").iterdir()) == []
    assert generate(work, draft=False) == 0
    assert build(work / "generated", kind, tmp_path / "dist").returncode == 0


def test_an_editable_install_of_a_draft_works(work: Path, tmp_path: Path) -> None:
    """Its wheel leads to the folder, and registries refuse it."""
    done = build(work / "generated", "editable", tmp_path / "dist")

    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").iterdir()
    assert wheel.name == "modelkit_events-0.1.0.dev0+draft-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        read = {name: archive.read(name).decode() for name in archive.namelist()}
    (metadata,) = (text for name, text in read.items() if name.endswith("/METADATA"))
    (leads_to,) = (text for name, text in read.items() if name.endswith(".pth"))
    assert "\nClassifier: Private :: Do Not Upload\n" in metadata
    assert Path(leads_to.strip()).samefile(work / "generated")


def test_the_inventory_names_a_draft(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks what a build can send is told that it is no release."""
    from declarant.cli import main

    assert main(["inventory"]) == 0
    told = capsys.readouterr().out.splitlines()[0]
    assert main(["inventory", "--json"]) == 0
    as_json = json.loads(capsys.readouterr().out)
    assert main(["inventory", "--manifest", str(GENERATED), "--json"]) == 0
    release = json.loads(capsys.readouterr().out)

    assert told.endswith(", a draft")
    assert (as_json["draft"], release["draft"]) == (True, False)
