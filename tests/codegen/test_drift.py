"""Drift told apart: what befell each generated file, by hand and by git."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from declarant import cli as front
from declarant.scrub import SCRUBBERS
from declarant_codegen.drift import STATES, mending, quick_drift
from declarant_codegen.manifest import MANIFEST, manifest_text, read_manifest
from declarant_codegen.own_digest import is_whole, stamped, with_own_digest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
ACTION = "modelkit_events/model_kit_action.py"
HEARTBEAT = "modelkit_events/model_kit_heartbeat.py"
COPY = f"modelkit_events/{MANIFEST}"
#: What follows from ModelKitAction's schema.
OF_ACTION = {
    *("PRIVACY.md", MANIFEST, "modelkit_events/PRIVACY.md", "modelkit_events/_catalogue.py"),
    *(ACTION, COPY, "modelkit_events/schemas/ModelKitAction.json"),
}

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def generate() -> None:
    assert front.main(["generate"]) == 0


def told(capsys: pytest.CaptureFixture[str], *, full: bool = False) -> tuple[int, list[str]]:
    """Return the exit code of ``check`` and its lines."""
    capsys.readouterr()
    code = front.main(["check", *(["--full"] if full else [])])
    return code, capsys.readouterr().out.splitlines()


def states(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what both kinds of ``check`` say of each file; they agree."""
    found = []
    for full in (False, True):
        code, lines = told(capsys, full=full)
        starts = [line.split(": ") for line in lines if line.startswith("generated/")]
        found.append({path.removeprefix("generated/"): state for path, state, *_ in starts})
        assert code == bool(found[-1])
        for path, state, meaning in starts:
            assert meaning == f"{STATES[state]}; {mending(state, 'declarant generate')}", path
    assert found[0] == found[1]
    return found[0]


def replace(path: str, old: str, new: str) -> None:
    place = Path(path)
    text = place.read_text("utf-8")
    assert old in text
    place.write_text(text.replace(old, new), "utf-8", newline="\n")


def of_another_generation(path: str) -> bytes:
    """Return a generated file as another generation would have written it."""
    text = Path("generated", path).read_text("utf-8")
    if path.endswith(MANIFEST):
        manifest = read_manifest(text.encode())
        return manifest_text({**manifest, "version": "9.9.9", "sha256": ""}).encode()
    blank = re.sub(r"(?<=text: sha256:)[0-9a-f]{12}", "0" * 12, text, count=1)
    return with_own_digest(blank.replace("ModelKit", "ModelBox", 1))


def put(path: str, content: bytes) -> None:
    Path("generated", path).write_bytes(content)


# A text's own digest


def test_every_text_but_the_notice_tells_whether_it_is_whole() -> None:
    """Each generated text is whole by itself, with either line ending, and not once changed."""
    seen = set()
    for path in (ROOT / "generated").rglob("*.*"):
        if path.name in (MANIFEST, "NOTICE.txt", "py.typed") or "__pycache__" in path.parts:
            continue
        raw = path.read_bytes()
        seen.add(path.suffix)
        assert is_whole(raw), path
        assert is_whole(raw.replace(b"\n", b"\r\n")), path
        assert not is_whole(raw + b"\n"), path
        assert not is_whole(raw.replace(b"ModelKit", b"Modelkit", 1)), path
        digest = raw.partition(b"text: sha256:")[2][:12]
        other = b"0" * 12 if digest != b"0" * 12 else b"1" * 12
        assert not is_whole(raw.replace(digest, other)), path
    assert seen == {".json", ".md", ".py", ".toml"}


def test_the_digest_in_the_header_is_the_one_that_is_filled_in() -> None:
    """A description that looks like a blank digest or stamp stays as it is."""
    text = (
        "# text: sha256:000000000000;\n"
        '"""text: sha256:000000000000, stamp="000000000000"."""\n'
        'E(stamp="000000000000")\n'
    )

    filled, stamp = stamped(text)
    lines = with_own_digest(filled).decode().splitlines()

    assert lines[1] == text.splitlines()[1]
    assert lines[2] == f'E(stamp="{stamp}")'
    assert lines[0] not in text
    assert is_whole(with_own_digest(filled))


def test_a_stamp_depends_on_all_of_its_module_but_itself() -> None:
    """Another text has another stamp, and the stamp says nothing of itself."""
    one, two = (stamped(f'{word}(stamp="000000000000")')[1] for word in "ab")

    assert one != two
    assert stamped('a(stamp="000000000000")') == (f'a(stamp="{one}")', one)


@pytest.mark.parametrize("fill", [with_own_digest, stamped])
def test_a_text_without_a_place_for_its_digest_is_a_defect(fill: Callable[[str], object]) -> None:
    """A template that lost its blank stops the generation."""
    with pytest.raises(ValueError, match=r"expected a \w+ with a blank \w+, found none"):
        fill("# Code generated by declarant. DO NOT EDIT.\n")


# One file at a time


def test_a_whole_file_of_another_generation_is_merged(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not as the manifest lists it, and yet no hand changed it."""
    for path in (
        ACTION,
        "README.md",
        "pyproject.toml",
        "modelkit_events/schemas/ModelKitError.json",
    ):
        put(path, of_another_generation(path))
    put(HEARTBEAT, Path("generated", HEARTBEAT).read_bytes() + b"# mine\n")
    put(COPY, of_another_generation(COPY))

    assert states(capsys) == {
        ACTION: "merged",
        "README.md": "merged",
        "pyproject.toml": "merged",
        "modelkit_events/schemas/ModelKitError.json": "merged",
        HEARTBEAT: "edited",
        COPY: "merged",
    }


def test_a_notice_shares_the_fate_of_the_page_beside_it(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notice has no digest of its own, since it is shown to users."""
    for folder in ("", "modelkit_events/"):
        put(f"{folder}NOTICE.txt", b"another")
    put("PRIVACY.md", of_another_generation("PRIVACY.md"))

    assert states(capsys) == {
        "NOTICE.txt": "merged",
        "PRIVACY.md": "merged",
        "modelkit_events/NOTICE.txt": "edited",
    }


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "||||||| 1234567", "=======", ">>>>>>> other"])
@pytest.mark.parametrize("path", [ACTION, "NOTICE.txt", COPY])
def test_a_mark_of_a_conflict_tells_a_merge(
    work: Path, capsys: pytest.CaptureFixture[str], mark: str, path: str
) -> None:
    """Even one alone, forgotten when the others were taken away."""
    put(path, Path("generated", path).read_bytes() + f"{mark}\n".encode())

    assert states(capsys) == {path: "merged"}


def test_a_manifest_of_another_generation_than_the_files(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The files are those of the schemas, so it is the manifest that does not belong here."""
    kept = {path: Path("generated", path).read_bytes() for path in (MANIFEST, COPY)}
    replace("schemas/events/model_kit_action.schema.json", "2592000000", "1000")
    generate()
    for path, content in kept.items():
        put(path, content)

    assert states(capsys) == {MANIFEST: "merged", COPY: "merged"}


def test_without_a_manifest_whole_files_are_stale(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No list tells which generation wrote them, and no hand changed them."""
    Path("generated", MANIFEST).unlink()
    replace("schemas/events/model_kit_action.schema.json", "2592000000", "1000")

    assert states(capsys) == {**dict.fromkeys(OF_ACTION, "stale"), MANIFEST: "missing"}


def test_a_manifest_of_another_format_is_another_generators(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is whole, and what it lists cannot be known."""
    manifest = read_manifest(Path("generated", MANIFEST).read_bytes())
    text = manifest_text({**manifest, "format": 99, "sha256": ""}).encode()
    for path in (MANIFEST, COPY):
        put(path, text)
    put(ACTION, of_another_generation(ACTION))

    assert set(states(capsys).items()) == {
        (MANIFEST, "other generator"),
        (COPY, "other generator"),
        (ACTION, "other generator"),
    }


def test_the_quick_answer_loads_no_generator(work: Path) -> None:
    """It tells what is merged from what is edited by digests alone."""
    put(ACTION, of_another_generation(ACTION))
    put(HEARTBEAT, b"# mine\n")
    program = (
        "import sys; from pathlib import Path; from declarant_codegen.drift import quick_drift\n"
        "found = quick_drift(Path('schemas'), Path('generated'))\n"
        "heavy = ('jinja2', 'ruff', 'datamodel_code_generator', 'jsonschema', 'difflib',"
        " 'declarant_codegen.loader', 'declarant_codegen.generate')\n"
        "print(sorted(found[0].values()), [name for name in heavy if name in sys.modules])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=work, capture_output=True, text=True, check=True
    )

    assert done.stdout == "['edited', 'merged'] []\n"


def test_another_scrubber_is_seen_by_the_quick_answer(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Approved was what another version keeps, although no file changed."""
    monkeypatch.setitem(SCRUBBERS, "message", "another")

    quick, full = told(capsys), told(capsys, full=True)

    assert quick[0] == full[0] == 1
    assert any("another version of the scrubber" in line for line in quick[1])


# What is shown of it


def test_each_file_comes_with_its_difference(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the line that names it, what `declarant generate` would change in it."""
    replace(f"generated/{HEARTBEAT}", "arguments=(),", 'arguments=("more",),')
    Path("generated/modelkit_events/py.typed").unlink()

    code, lines = told(capsys)

    name = f"generated/{HEARTBEAT}"
    assert code == 1
    assert lines == [
        f"{name}: edited: it was edited by hand; run `declarant generate`",
        f"--- {name}",
        f"+++ {name} (generated)",
        "@@ -76,7 +76,7 @@",
        '     stamp="' + Path(name).read_text("utf-8").partition('stamp="')[2][:12] + '",',
        '     level="required",',
        '     slots=("app", "device", "os", "sdk"),',
        '-    arguments=("more",),',
        "+    arguments=(),",
        "     encode=_encode,",
        "     violations=violations_model_kit_heartbeat,",
        " )",
        "generated/modelkit_events/py.typed: missing: it is not there; run `declarant generate`",
        "2 files not current",
    ]


def test_a_long_difference_is_cut_but_for_full(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of each file a few lines, with the number of those left out; of all of them every line."""
    put(ACTION, b"# mine\n")

    _, short = told(capsys)
    _, long = told(capsys, full=True)

    assert short[1:25] == long[1:25]
    assert short[25:] == [
        f"... {len(long) - 26} more lines; --full shows them",
        "1 file not current",
    ]


def test_a_stale_file_shows_its_difference_in_full_alone(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who changed a schema knows why; what a hand did beside it is shown."""
    replace("schemas/events/model_kit_action.schema.json", "2592000000", "1000")
    put(HEARTBEAT, b"# mine\n")

    _, short = told(capsys)
    _, long = told(capsys, full=True)

    shown = [line for line in short if line.startswith("+++ ")]
    assert shown == [f"+++ generated/{HEARTBEAT} (generated)"]
    assert short[-1] == "8 files not current"
    assert {line for line in long if line.startswith("+++ ")} > set(shown)
    assert any("1000" in line for line in long if line.startswith("+"))


def test_few_files_show_what_differs(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where everything changed, the number of those that show nothing is told."""
    for path in Path("generated").rglob("*.*"):
        if path.suffix in (".py", ".json", ".md", ".toml"):
            path.write_bytes(path.read_bytes() + b"\n")

    _, lines = told(capsys)

    shown = [line for line in lines if line.startswith(("+++ ", "... the same differs"))]
    assert len(shown) == 12
    assert not any(MANIFEST in line for line in shown)
    assert lines[-1] == "17 files not current; --full shows what differs in 5 more"


def test_a_copy_does_not_repeat_what_differs(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page stands twice, and its difference once."""
    for path in ("PRIVACY.md", "modelkit_events/PRIVACY.md"):
        replace(f"generated/{path}", "# What ModelKit collects", "# What we collect")

    _, lines = told(capsys)

    assert lines.count("-# What we collect") == 1
    assert lines[-2] == "... the same differs as in generated/PRIVACY.md"


def test_what_a_file_holds_does_nothing_to_a_terminal(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters and broken bytes are shown, a missing line break at the end too."""
    put("modelkit_events/py.typed", b"\x1b[31m\xff\r\nlast")

    _, lines = told(capsys)

    assert lines[4:7] == ["-\\u001b[31m\\xff", "-last", "-\\ no line break at the end"]


# Real merges


def git(*arguments: str, fails: bool = False) -> None:
    """Run git as nobody, without anybody's settings."""
    settings = ("user.name=nobody", "user.email=nobody@example.com", "commit.gpgsign=false")
    options = [part for setting in settings for part in ("-c", setting)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *options, *arguments], capture_output=True, env=environment, check=False
    )
    assert bool(done.returncode) == fails, done.stdout + done.stderr


@pytest.fixture(scope="module")
def _branches(tmp_path_factory: pytest.TempPathFactory, warm_cache: Path) -> Path:
    """A repository whose branches both changed ModelKitAction, one of them another event too."""
    folder = tmp_path_factory.mktemp("branches") / "repository"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(warm_cache))
        shutil.copytree(ROOT / "schemas", folder / "schemas")
        patch.chdir(folder)
        generate()
        git("init", "-q", "-b", "main")
        git("add", ".")
        git("commit", "-q", "-m", "base")
        git("checkout", "-q", "-b", "theirs")
        action = "schemas/events/model_kit_action.schema.json"
        replace(action, '"^[a-z0-9][a-z0-9_.-]{0,63}$"', '"^[a-z0-9][a-z0-9_.-]{0,31}$"')
        replace("schemas/events/model_kit_heartbeat.schema.json", "Count active", "Count")
        generate()
        git("commit", "-q", "-am", "theirs")
        git("checkout", "-q", "main")
        replace(action, "2592000000", "86400000")
        generate()
        git("commit", "-q", "-am", "ours")
    return folder


@pytest.fixture
def merge(
    _branches: Path, warm_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Merge the other branch, in a repository with the attributes given."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm_cache))
    shutil.copytree(_branches, tmp_path / "merged")
    monkeypatch.chdir(tmp_path / "merged")

    def run(attributes: str, *, fails: bool = True) -> None:
        Path(".git/info/attributes").write_text(attributes)
        git("merge", "-q", "--no-edit", "theirs", fails=fails)

    return run


OURS_ATTRIBUTES = (ROOT / ".gitattributes").read_text("utf-8")


@needs_git
def test_our_attributes_leave_one_whole_file_each(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours are stale, theirs are what the merged schemas make, and the manifest knows only ours."""
    merge(OURS_ATTRIBUTES)

    assert states(capsys) == {
        **dict.fromkeys(OF_ACTION, "stale"),
        MANIFEST: "merged",
        COPY: "merged",
    }
    git("add", ".")
    git("commit", "-q", "-m", "resolved by taking what lay there")
    assert states(capsys)[ACTION] == "stale"
    generate()
    assert states(capsys) == {}


@needs_git
def test_marks_of_a_conflict_left_behind(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever commits them all: every file that both changed is told as merged, and mended."""
    merge("")

    assert states(capsys) == dict.fromkeys(OF_ACTION, "merged")
    git("commit", "-q", "-am", "marks and all")
    assert states(capsys) == dict.fromkeys(OF_ACTION, "merged")
    generate()
    assert states(capsys) == {}


@needs_git
def test_ours_for_one_file_and_theirs_for_another(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A whole file of theirs is none of our manifest's."""
    merge("")
    git("checkout", "--ours", "generated")
    git("checkout", "--theirs", f"generated/{ACTION}", "generated/PRIVACY.md")

    assert states(capsys) == {
        **dict.fromkeys(OF_ACTION, "stale"),
        **dict.fromkeys((ACTION, "PRIVACY.md", MANIFEST, COPY), "merged"),
    }
    generate()
    assert states(capsys) == {}


@needs_git
def test_theirs_for_one_file_alone(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that neither our manifest lists nor the merged schemas make tells on both."""
    merge("")
    git("checkout", "main", "--", "generated")
    git("checkout", "theirs", "--", f"generated/{ACTION}")

    assert states(capsys) == {
        **dict.fromkeys((*OF_ACTION, HEARTBEAT), "stale"),
        **dict.fromkeys((ACTION, MANIFEST, COPY), "merged"),
    }


@needs_git
def test_theirs_for_one_file_and_ours_for_all_else(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """With our schemas and our manifest the digests alone tell it."""
    merge("")
    git("checkout", "main", "--", "schemas", "generated")
    git("checkout", "theirs", "--", f"generated/{ACTION}", f"generated/{HEARTBEAT}")

    assert states(capsys) == {ACTION: "merged", HEARTBEAT: "merged"}
    quick = quick_drift(Path("schemas"), Path("generated"))
    assert quick is not None
    assert quick[0] == {ACTION: "merged", HEARTBEAT: "merged"}


@needs_git
def test_theirs_for_all_that_is_generated_and_ours_for_the_schemas(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """One whole generation, and of other schemas: that is stale."""
    merge(OURS_ATTRIBUTES)
    git("checkout", "main", "--", "schemas")
    git("checkout", "theirs", "--", "generated")

    assert states(capsys) == dict.fromkeys((*OF_ACTION, HEARTBEAT), "stale")


@needs_git
def test_a_conflict_resolved_by_hand(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Both sides' lines in one file are nobody's generation: a hand made it."""
    merge("")
    path = Path("generated", ACTION)
    conflict = re.compile("<<<<<<< .*?\n(.*?)=======\n.*?>>>>>>> .*?\n", re.DOTALL)
    resolved = conflict.sub(r"\1", path.read_text("utf-8"))
    git("checkout", "--ours", "generated")
    path.write_text(resolved, "utf-8", newline="\n")
    assert "86400000" in resolved
    assert "<= 32" in resolved

    assert states(capsys)[ACTION] == "edited"
    put(MANIFEST, b"<<<<<<< HEAD\n" + Path("generated", MANIFEST).read_bytes())
    assert states(capsys)[ACTION] == "merged"
    generate()
    assert states(capsys) == {}


@needs_git
def test_a_union_of_both_sides(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A driver that keeps all lines leaves no mark, and every header twice."""
    merge("generated/** merge=union", fails=False)

    assert states(capsys) == dict.fromkeys(OF_ACTION, "merged")
    generate()
    assert states(capsys) == {}


@needs_git
def test_line_ends_of_another_system_change_no_state(
    merge: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A checkout that writes CRLF tells the same of a bad merge."""
    merge("")
    before = states(capsys)
    for path in Path("generated").rglob("*.*"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert states(capsys) == before


def test_a_package_of_an_older_name_is_orphaned(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Modules that a rename left behind are named and removed; what is not generated stays."""
    old = work / "generated/old_events"
    shutil.copytree(work / "generated/modelkit_events", old)
    (old / "mine.py").write_text("MINE = 1\n", "utf-8")
    (work / "generated/notes").mkdir()
    (work / "generated/notes/mine.py").write_text("MINE = 2\n", "utf-8")

    found = states(capsys)

    assert set(found.values()) == {"orphaned"}
    assert {"old_events/__init__.py", "old_events/schemas/ModelKitAction.json"} <= set(found)
    assert "old_events/mine.py" not in found
    generate()
    assert states(capsys) == {}
    assert (old / "mine.py").exists()
    assert not (old / "_catalogue.py").exists()
    assert (work / "generated/notes/mine.py").exists()


def test_of_an_older_package_the_unmarked_files_are_orphaned_too(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own manifest lists them; with another content they are somebody's, and stay."""
    for name in ("old_events", "older_events"):
        shutil.copytree(work / "generated/modelkit_events", work / f"generated/{name}")
    (work / "generated/older_events/NOTICE.txt").write_text("Mine.\n", "utf-8")

    found = states(capsys)

    assert {"old_events/NOTICE.txt", "old_events/PRIVACY.md", "old_events/py.typed"} <= set(found)
    assert "older_events/NOTICE.txt" not in found
    generate()
    assert not (work / "generated/old_events").exists()
    assert [path.name for path in (work / "generated/older_events").iterdir()] == ["NOTICE.txt"]


# What stands beside and in the place of files


@pytest.mark.parametrize(
    "path", ["zz.py", "OLD.md", "notes/deeper/old.json", "modelkit_events/deeper/old.py"]
)
def test_a_marked_file_anywhere_is_orphaned(
    work: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    """It says that it is generated, and it is not: named, and removed."""
    place = work / "generated" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("# Code generated by declarant. DO NOT EDIT.\n", "utf-8")

    assert states(capsys) == {path: "orphaned"}
    generate()
    assert states(capsys) == {}
    assert not place.exists()


@pytest.mark.parametrize("name", ["helpers.py", "empty.py", "native.so", "deeper/data"])
def test_a_foreign_file_in_the_package_is_named_and_kept(
    work: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """It would ship in the wheel; nothing of ours takes it away."""
    place = work / "generated/modelkit_events" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text("" if name == "empty.py" else "MINE = 1\n", "utf-8")

    assert states(capsys) == {f"modelkit_events/{name}": "foreign"}
    generate()
    assert states(capsys) == {f"modelkit_events/{name}": "foreign"}
    place.rename(work / "moved")
    assert states(capsys) == {}


def test_what_tools_and_hosts_leave_is_nobodys_business(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Caches, builds, environments, and output of another catalogue."""
    for path in (
        "modelkit_events/__pycache__/helpers.cpython-312.pyc",
        "modelkit_events/.mypy_cache/3.12/cache.json",
        "modelkit_events/.DS_Store",
        "build/lib/modelkit_events/old.py",
        "dist/modelkit_events.py",
        "modelkit_events.egg-info/old.py",
        ".venv/lib/old.py",
        "tests/test_events.py",
    ):
        place = work / "generated" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        is_copy = place.name == "old.py" or place.parent.name == "dist"
        place.write_text(
            "# Code generated by declarant. DO NOT EDIT.\n" if is_copy else "", "utf-8"
        )
    environment = work / "generated/env/old.py"
    environment.parent.mkdir()
    environment.with_name("pyvenv.cfg").touch()
    shutil.copy(work / "generated" / HEARTBEAT, environment)
    shutil.copytree(ROOT / "generated", work / "generated/other")
    vendored = work / "generated/vendored"
    shutil.copytree(ROOT / "generated/modelkit_events", vendored)
    manifest = read_manifest((vendored / MANIFEST).read_bytes())
    text = manifest_text({**manifest, "product": "another", "sha256": ""})
    (vendored / MANIFEST).write_text(text, "utf-8", newline="\n")
    before = sorted(Path("generated").rglob("*"))

    assert states(capsys) == {}
    generate()
    assert sorted(Path("generated").rglob("*")) == before


@pytest.mark.parametrize("path", ["README.md", MANIFEST, ACTION, COPY, "modelkit_events/py.typed"])
@pytest.mark.parametrize("kind", ["linked", "blocked"])
def test_what_stands_in_a_files_place_is_named_with_what_mends_it(
    work: Path, capsys: pytest.CaptureFixture[str], path: str, kind: str
) -> None:
    """A link, even to the right content, or a folder: `generate` touches neither."""
    place, moved = work / "generated" / path, work / "moved"
    place.rename(moved)
    if kind == "linked":
        place.symlink_to(moved)
    else:
        place.mkdir()
        (place / "mine").touch()

    assert states(capsys) == {path: kind}
    assert front.main(["generate"]) == 2
    place.rename(work / "moved too")
    generate()
    assert states(capsys) == {}


@pytest.mark.parametrize("kind", ["linked", "blocked"])
def test_what_stands_in_the_packages_place_is_named_once(
    work: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """Not each file that cannot be there."""
    package, moved = work / "generated/modelkit_events", work / "moved"
    package.rename(moved)
    if kind == "linked":
        package.symlink_to(moved)
    else:
        package.write_text("mine\n", "utf-8")

    assert states(capsys) == {"modelkit_events": kind}
    assert front.main(["generate"]) == 2
    package.unlink()
    generate()
    assert states(capsys) == {}


def test_a_strange_file_that_no_manifest_lists_is_in_the_way(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`generate` would not write over it, so `check` does not say that it would."""
    Path("generated", MANIFEST).unlink()
    put("README.md", b"mine\n")

    assert states(capsys) == {MANIFEST: "missing", "README.md": "blocked"}
    assert front.main(["generate"]) == 2
    Path("generated/README.md").rename("moved")
    generate()
    assert states(capsys) == {}


def test_a_listed_orphan_that_became_a_folder_is_left_alone(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands there now is nobody's orphan, and no reason to refuse."""
    Path("schemas/events/model_kit_heartbeat.schema.json").unlink()
    Path("generated", HEARTBEAT).unlink()
    mine = Path("generated", HEARTBEAT, "mine")
    mine.parent.mkdir()
    mine.touch()

    assert HEARTBEAT not in states(capsys)
    generate()
    assert states(capsys) == {f"{HEARTBEAT}/mine": "foreign"}
