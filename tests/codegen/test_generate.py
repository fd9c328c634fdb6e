"""The commands generate and check, run on real folders."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from declarant import cli as front
from declarant_codegen import datamodel, swap
from declarant_codegen.drift import STATES
from declarant_codegen.formatting import RUFF_ARGUMENTS, find_ruff_bin

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"


@pytest.fixture
def cache(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of types instead of the shared one."""
    del work
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def generate(schemas: str = "schemas", out: str = "generated") -> int:
    return front.main(["generate", "--schemas", schemas, "--out", out])


def check(schemas: str = "schemas", out: str = "generated", *, full: bool = False) -> int:
    words = ["check", "--schemas", schemas, "--out", out, *(["--full"] if full else [])]
    return front.main(words)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def edit(path: Path, **members: Any) -> None:
    value = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**value, **members}, indent=2), "utf-8")


def test_generate_makes_the_committed_output(work: Path) -> None:
    """Schemas and output are committed together, byte for byte."""
    assert generate(out="fresh") == 0

    assert tree(work / "fresh") == tree(GENERATED)


def test_generate_depends_on_nothing_but_the_schemas(work: Path) -> None:
    """Another folder, working directory, hash seed, file order and settings give the same bytes."""
    elsewhere = work / "some where" / "else"
    elsewhere.mkdir(parents=True)
    shutil.copytree(ROOT / "schemas", elsewhere / "schemas")
    (elsewhere / "pyproject.toml").write_text(
        "[tool.black]\nline-length = 40\n[tool.ruff]\nline-length = 40\n"
        '[tool.datamodel-codegen]\noutput-model-type = "dataclasses.dataclass"\n'
    )
    for path in sorted((elsewhere / "schemas").rglob("*.json"), reverse=True):
        # Written anew in the opposite order, as another checkout may.
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    made = []
    for seed, cwd, schemas in (
        ("0", elsewhere, "schemas"),
        ("12345", work, str(elsewhere / "schemas")),
    ):
        out = work / f"out{seed}"
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "XDG_CACHE_HOME": str(work / f"cache{seed}"),
            "LC_ALL": "C",
        }
        command = [sys.executable, "-m", "declarant.cli", "generate"]
        subprocess.run(
            [*command, "--schemas", schemas, "--out", str(out)],
            cwd=cwd,
            env=environment,
            check=True,
            capture_output=True,
        )
        made.append(tree(out))

    assert made[0] == made[1] == tree(GENERATED)


def test_the_schemas_folders_own_name_reaches_no_output(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under another name or through a link, the catalogue makes the same bytes and is current."""
    shutil.move(work / "schemas", work / "renamed")
    (work / "link").symlink_to("renamed")

    for name in ("renamed", "link"):
        assert generate(name, f"from_{name}") == 0
        assert tree(work / f"from_{name}") == tree(GENERATED)
        assert (check(name), check(name, full=True)) == (0, 0)

    capsys.readouterr()
    edit(work / "renamed/catalogue.json", wrong=1)
    assert check("renamed") == 1
    assert capsys.readouterr().out.startswith("renamed/catalogue.json:")


def test_a_files_odd_name_is_no_obstacle(work: Path) -> None:
    """Definitions may stand in a file whose name has a line break or bytes that are no UTF-8."""
    (work / "schemas/common").mkdir()
    (work / "schemas/common" / os.fsdecode(b"odd\n\xff.schema.json")).write_text(
        '{"$schema": "../meta/types.v1.json", "description": "Shared.", "$defs": {}}'
    )

    assert generate() == check() == 0


def test_generate_leaves_right_files_alone(work: Path) -> None:
    """A second run touches no file."""
    before = {path: path.stat().st_mtime_ns for path in (work / "generated").rglob("*.*")}

    assert generate() == 0

    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_generate_touches_nothing_when_a_schema_is_wrong(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One finding, no change, exit code 1."""
    ext = work / "schemas/ext/os.schema.json"
    value = json.loads(ext.read_text())
    value["properties"]["release"] = value["properties"]["ver"]
    ext.write_text(json.dumps(value, indent=2))
    edit(work / "schemas/catalogue.json", version="9.9.9")
    before = tree(work / "generated")

    assert generate() == 1

    out = capsys.readouterr().out
    assert 'ext.os has no field "release" in Common Schema 4.0' in out
    assert out.splitlines()[-1].endswith("nothing was written")
    assert tree(work / "generated") == before


def test_generate_touches_nothing_when_a_write_fails(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failure in the midst of the replacing restores what was replaced."""
    edit(work / "schemas/catalogue.json", version="9.9.9")
    (work / "schemas/events/model_kit_heartbeat.schema.json").unlink()
    before = tree(work / "generated")
    keep, calls = swap._keep, []

    def failing(place: Path, old: Path) -> None:
        keep(place, old)
        calls.append(place)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(swap, "_keep", failing)

    assert generate() == 2

    assert "found: No space left on device; nothing was changed" in capsys.readouterr().err
    assert tree(work / "generated") == before


def test_a_catalogue_without_events_is_a_finding(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Told with its rule, at the folder where events are declared."""
    shutil.rmtree(work / "schemas/events")
    before = tree(work / "generated")

    assert generate() == 1

    out = capsys.readouterr().out
    assert "schemas/events:1: error EVENTS_MISSING: expected at least one event, found none" in out
    assert tree(work / "generated") == before


@pytest.mark.usefixtures("cache")
def test_a_generation_that_fails_is_told_in_one_line(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever breaks inside, people get a sentence, exit code 2, and their files as they were."""
    monkeypatch.setattr(datamodel, "_BOOT", "raise SystemExit('it broke\\nfor good')")
    edit(work / "schemas/catalogue.json", version="9.9.9")
    before = tree(work / "generated")

    assert generate() == 2

    told = capsys.readouterr().err
    assert told == "declarant generate: datamodel-code-generator: failed: for good\n"
    assert tree(work / "generated") == before


def test_generate_removes_what_no_schema_declares(work: Path) -> None:
    """An event that is gone takes its module and schema along, and nothing else."""
    (work / "schemas/events/model_kit_heartbeat.schema.json").unlink()
    (work / "generated/modelkit_events/_key.py").write_text('IKEY = "x"\n')

    assert generate() == 0

    left = set(tree(work / "generated"))
    gone = {
        "modelkit_events/model_kit_heartbeat.py",
        "modelkit_events/schemas/ModelKitHeartbeat.json",
    }
    assert left == (set(tree(GENERATED)) - gone) | {"modelkit_events/_key.py"}


def test_generate_refuses_a_file_that_is_not_its_own(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hand-written file in the way is named and kept."""
    shutil.rmtree(work / "generated")
    mine = work / "generated/README.md"
    mine.parent.mkdir()
    mine.write_text("mine")

    assert generate() == 2

    assert "README.md: expected a generated file" in capsys.readouterr().err
    assert tree(work / "generated") == {"README.md": b"mine"}


@pytest.mark.parametrize("link", ["modelkit_events", "modelkit_events/_types.py"])
def test_generate_refuses_links(work: Path, link: str) -> None:
    """Nothing is written through a symbolic link."""
    place, outside = work / "generated" / link, work / "outside"
    place.rename(outside)
    place.symlink_to(outside)
    edit(work / "schemas/catalogue.json", version="9.9.9")
    before = tree(work)

    assert generate() == 2

    assert tree(work) == before


def test_generate_trusts_no_path_of_a_manifest(work: Path) -> None:
    """A manifest that lists files outside makes no file outside go away."""
    victim = work / "victim.py"
    victim.write_text("# Code generated by declarant. DO NOT EDIT.\n")
    from declarant_codegen.manifest import manifest_text, read_manifest

    path = work / "generated/manifest.json"
    manifest = read_manifest(path.read_bytes())
    manifest["outputs"] += [{"path": "../victim.py", "sha256": "0" * 64}]
    path.write_text(manifest_text({**manifest, "sha256": ""}))

    assert generate() == 0

    assert victim.exists()


def test_generate_lays_the_dialect_down(work: Path) -> None:
    """Missing or old dialect files are mended by the command that the finding names."""
    (work / "schemas/meta/event.v1.json").unlink()
    (work / "schemas/meta/ext.v1.json").write_text("{}")
    assert check() == 1

    assert generate() == 0

    assert tree(work / "schemas/meta") == tree(ROOT / "schemas/meta")
    assert check() == 0


def test_generate_refuses_one_folder_inside_the_other(work: Path) -> None:
    """Output among the schemas would be read as schemas next time."""
    assert generate(out="schemas/generated") == 2


def test_check_is_clean_after_generate(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both ways of checking agree."""
    assert (check(), check(full=True)) == (0, 0)

    assert capsys.readouterr().out.splitlines() == ["the generated files are current"] * 2


@pytest.mark.parametrize("full", [False, True])
def test_check_names_each_state(work: Path, capsys: pytest.CaptureFixture[str], full: bool) -> None:
    """Each file that is not current is told with its state and the command that mends it."""
    package = work / "generated/modelkit_events"
    (package / "model_kit_action.py").write_text("# mine\n")
    (package / "py.typed").unlink()
    (package / "old.py").write_text("# Code generated by declarant. DO NOT EDIT.\n")
    (package / "zz.py").write_text("# not generated\n")

    assert check(full=full) == 1

    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("generated/")]
    assert [line.partition("; ")[0] for line in told] == [
        "generated/modelkit_events/model_kit_action.py: edited: it was edited by hand",
        "generated/modelkit_events/old.py: orphaned: no schema declares it any more",
        "generated/modelkit_events/py.typed: missing: it is not there",
        f"generated/modelkit_events/zz.py: foreign: {STATES['foreign']}",
    ]
    assert all(line.endswith("run `declarant generate`") for line in told[:-1])
    assert told[-1].endswith("; move it out of the package")
    (package / "zz.py").unlink()
    assert generate() == 0
    assert check(full=full) == 0


def test_check_tells_stale_from_edited(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After a schema changed, what only follows it is stale; what somebody touched is edited."""
    edit(work / "schemas/events/model_kit_action.schema.json", description="Changed. Really.")
    heartbeat = work / "generated/modelkit_events/model_kit_heartbeat.py"
    heartbeat.write_text(heartbeat.read_text() + "# mine\n")

    assert check() == 1

    told = capsys.readouterr().out
    assert "model_kit_action.py: stale: its schemas changed" in told
    assert "model_kit_heartbeat.py: edited: it was edited by hand" in told
    assert "model_kit_error.py" not in told


def test_check_names_another_generator(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Output of another generator version is told as such, not as an edit."""
    from declarant_codegen.digests import text_digest
    from declarant_codegen.manifest import manifest_text, read_manifest

    module = work / "generated/modelkit_events/model_kit_action.py"
    module.write_text(module.read_text() + "# as an older version wrote it\n")
    path = work / "generated/manifest.json"
    manifest = read_manifest(path.read_bytes())
    manifest["generator"] = "0.0.1"
    for item in manifest["outputs"]:
        if item["path"] == "modelkit_events/model_kit_action.py":
            item["sha256"] = text_digest(module.read_bytes())
    text = manifest_text({**manifest, "sha256": ""})
    path.write_text(text)
    (work / "generated/modelkit_events/manifest.json").write_text(text)

    assert check() == 1

    told = capsys.readouterr().out
    assert "model_kit_action.py: other generator: another generator version made it" in told
    assert "edited" not in told


def test_check_sees_an_edited_manifest(work: Path) -> None:
    """The manifest is sealed by its own digest."""
    for path in (work / "generated").rglob("manifest.json"):
        path.write_text(path.read_text().replace("ModelKit ", "ModelKlt "))

    assert check() == 1


@pytest.mark.parametrize("full", [False, True])
def test_check_takes_either_line_ending(work: Path, full: bool) -> None:
    """A checkout that writes CRLF is no drift."""
    for folder in ("schemas", "generated"):
        for path in (work / folder).rglob("*.*"):
            if path.is_file():
                path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert check(full=full) == 0


@pytest.mark.parametrize(
    "name", ["schemas/events/notes.txt", "schemas/other.json", "schemas/events/link.schema.json"]
)
def test_check_tells_findings_that_came_without_a_change_of_content(work: Path, name: str) -> None:
    """The quick way answers only for a tree that is the one that was generated from."""
    if "link" in name:
        (work / name).symlink_to(work / "schemas/events/model_kit_action.schema.json")
    else:
        (work / name).write_text("{}")

    assert check() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_check_waits_for_no_pipe(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe among the schemas is a finding, not something to read from."""
    os.mkfifo(work / "schemas/events/pipe.schema.json")

    assert check() == 1

    assert "schemas/events/pipe.schema.json:1: error FILE_" in capsys.readouterr().out


def test_a_warm_check_loads_no_generator(work: Path) -> None:
    """Neither the loader nor any of the generator's libraries is imported when digests agree."""
    program = (
        "import sys; from declarant.cli import main; code = main(['check']); "
        "heavy = ('jinja2', 'ruff', 'datamodel_code_generator', 'jsonschema', 'rich', 'requests',"
        " 'declarant_codegen.loader'); "
        "print(code, [name for name in heavy if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=work, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "0 []"


def test_types_come_from_the_cache_only_when_it_is_whole(
    work: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged cache entry is made anew, an entry that holds code as well."""
    assert generate(out="first") == 0
    entry = next(cache.rglob("*.py"))
    calls: list[str] = []

    class Counted(datamodel._Worker):
        def __init__(self, document: str) -> None:
            calls.append("started")
            super().__init__(document)

    monkeypatch.setattr(datamodel, "_Worker", Counted)

    assert generate(out="second") == 0
    assert calls == []
    entry.write_text(entry.read_text() + "import os\nos.abort()\n")
    assert generate(out="third") == 0

    assert calls == ["started"]
    assert tree(work / "third") == tree(GENERATED)


@pytest.mark.usefixtures("cache")
def test_types_are_made_away_from_the_working_directory(work: Path) -> None:
    """No module of the working directory is run, and a failing library leaves nothing behind."""
    for name in ("datamodel_code_generator", "pydantic", "json"):
        (work / f"{name}.py").write_text("raise SystemExit('imported from the working directory')")

    assert generate(out="fresh") == 0

    assert tree(work / "fresh") == tree(GENERATED)


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.abort()\n",
        "class A(TypedDict):\n    a: print('x')\n",
        "class A(TypedDict):\n    def f(self): ...\n",
        "A = TypedDict('A', {'a': __import__('os')})\n",
        "@decorate\nclass A(TypedDict):\n    pass\n",
        "A = [print() for _ in ()]\n",
        "def f(): ...\n",
        "if True:\n    pass\n",
    ],
)
def test_types_hold_declarations_only(source: str) -> None:
    """Whatever datamodel-code-generator might return, nothing that runs gets through."""
    assert datamodel._problem(source) is not None


def test_the_output_is_a_fixed_point_of_the_formatter(work: Path) -> None:
    """Formatting the generated files again changes nothing."""
    done = subprocess.run(
        [find_ruff_bin(), *RUFF_ARGUMENTS, "--check", "generated"], cwd=work, check=False
    )

    assert done.returncode == 0


def test_every_module_opens_with_three_comment_lines() -> None:
    """Marker, source with digest, its own digest and how to change it; then the docstring."""
    for path in (GENERATED / "modelkit_events").glob("*.py"):
        lines = path.read_text().splitlines()
        assert lines[0] == "# Code generated by declarant. DO NOT EDIT."
        assert lines[1].startswith("# source: schemas/")
        assert lines[1].endswith(")")
        assert re.fullmatch(
            "# text: sha256:[0-9a-f]{12}; to change it, edit the source .*", lines[2]
        )
        assert (lines[3], lines[4][:3]) == ("", '"""')


def test_the_manifest_holds_no_place_of_this_machine() -> None:
    """No absolute path, no user and no time reaches the output."""
    for content in tree(GENERATED).values():
        assert str(ROOT).encode() not in content
        assert str(Path.home()).encode() + b"/" not in content


def test_envelope_schemas_are_standard() -> None:
    """Each bundled schema is valid JSON Schema 2020-12 and holds no keyword of our own."""
    schemas = sorted((GENERATED / "modelkit_events/schemas").glob("*.json"))

    assert [path.stem for path in schemas] == [
        "ModelKitAction",
        "ModelKitError",
        "ModelKitHeartbeat",
    ]
    for path in schemas:
        Draft202012Validator.check_schema(json.loads(path.read_text()))
        assert '"x-' not in path.read_text()
        assert "$ref" not in path.read_text()


def test_generated_modules_parse_on_the_oldest_python() -> None:
    """No syntax newer than Python 3.10 is used."""
    for path in (GENERATED / "modelkit_events").glob("*.py"):
        ast.parse(path.read_text(), feature_version=(3, 10))
