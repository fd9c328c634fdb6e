"""The replacing of the output: whole or not at all, whatever comes in between."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from declarant_codegen.output import OutputRefused, write_files

ROOT = Path(__file__).parents[2]
UNIX = pytest.mark.skipif(sys.platform == "win32", reason="needs signals of Unix")

# The command itself; at the wanted moment (the number of an audit event on a path of the output)
# it sends itself a signal.
SIGNALLED = """
import os, signal, sys
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup has its children ignore it
number, event, left = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
def hook(name, arguments):
    global left
    if name == event and ".declarant-" in str(arguments[0]) + str(arguments[1]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), number)
sys.addaudithook(hook)
from declarant.cli import main
sys.exit(main(["generate"]))
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of types that the tests of this module share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def work(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory whose schemas changed, and lost an event, since the generation."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(ROOT / "generated", tmp_path / "generated", ignore=ignore)
    (tmp_path / "schemas/events/model_kit_heartbeat.schema.json").unlink()
    set_version(tmp_path, "9.9.9")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def new(work: Path) -> dict[str, bytes]:
    """What the output is to become."""
    assert run("generate", "--out", "new").returncode == 0
    return tree(work / "new")


def set_version(work: Path, version: str) -> None:
    path = work / "schemas/catalogue.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": version}))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "declarant.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def signalled(number: int, event: str, count: int) -> int:
    command = [sys.executable, "-c", SIGNALLED, str(int(number)), event, str(count)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@UNIX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(("event", "count"), [("os.link", 1), ("os.rename", 3), ("os.rename", 9)])
def test_a_signal_among_the_moves_waits_for_the_last(
    work: Path, new: dict[str, bytes], name: str, event: str, count: int
) -> None:
    """The folder is whole and new, and then the process ends as the signal wants it to."""
    number = getattr(signal, name)

    code = signalled(number, event, count)

    assert code == (130 if name == "SIGINT" else -number)
    assert tree(work / "generated") == new


@UNIX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_before_the_moves_stops_the_run(work: Path, name: str) -> None:
    """Nothing was replaced, so nothing is; no staging folder stays behind."""
    before, number = tree(work / "generated"), getattr(signal, name)

    code = signalled(number, "open", 2)

    assert code == (130 if name == "SIGINT" else -number)
    assert tree(work / "generated") == before


@UNIX
def test_check_sees_what_a_kill_left_and_generate_mends_it(
    work: Path, new: dict[str, bytes]
) -> None:
    """No file is missing in between; the next run clears the dead run's folder away."""
    before = set(tree(work / "generated"))
    assert signalled(signal.SIGKILL, "os.rename", 3) == -signal.SIGKILL
    left = tree(work / "generated")
    assert any(path.startswith(".declarant-") for path in left)
    assert before <= set(left)
    assert run("check").returncode == 1

    assert run("generate").returncode == 0

    assert tree(work / "generated") == new
    assert run("check").returncode == 0


def test_a_folder_that_only_looks_like_staging_is_kept(work: Path) -> None:
    """What holds anything but staged files is somebody's own."""
    mine = work / "generated/.declarant-mine/notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")

    assert run("generate").returncode == 0

    assert mine.read_text() == "mine"


def test_two_runs_at_once_mix_nothing(work: Path, new: dict[str, bytes]) -> None:
    """Whoever comes last wins as a whole."""
    shutil.copytree(work / "schemas", work / "others")
    path = work / "others/catalogue.json"
    path.write_text(path.read_text().replace("9.9.9", "8.8.8"))
    assert run("generate", "--schemas", "others", "--out", "other").returncode == 0

    for _ in range(3):
        runs = [
            subprocess.Popen(
                [sys.executable, "-m", "declarant.cli", "generate", "--schemas", schemas],
                stdout=subprocess.DEVNULL,
            )
            for schemas in ("schemas", "others")
        ]
        assert [process.wait() for process in runs] == [0, 0]
        assert tree(work / "generated") in (new, tree(work / "other"))


@UNIX
def test_a_full_disk_changes_nothing_and_is_told_with_the_folder(work: Path) -> None:
    """A write that the system refuses half-way: one line, and every byte as before."""
    before = tree(work / "generated")
    program = (
        "import resource, sys\n"
        "sys.dont_write_bytecode = True\n"
        "from pathlib import Path\n"
        "from declarant_codegen.output import OutputRefused, write_files\n"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))\n"
        "files = {'README.md': b'short', 'modelkit_events/__init__.py': b'#' * 9000}\n"
        "try:\n"
        "    write_files(Path('generated'), files, package='modelkit_events')\n"
        "except OutputRefused as refused:\n"
        "    sys.exit(str(refused))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.stderr == (
        "generated: expected a folder that can be written to, found: File too large; nothing was "
        "changed; make room there, or name another folder with --out\n"
    )
    assert tree(work / "generated") == before


def test_a_folder_made_for_nothing_goes_again(tmp_path: Path) -> None:
    """When nothing can be written, no empty folder stays."""
    with pytest.raises(OutputRefused, match="expected a path below the output folder"):
        write_files(tmp_path / "a/b", {"../x": b""}, package="p")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["generate", "check"])
@pytest.mark.parametrize(
    ("out", "found"),
    [("taken", "a file"), ("taken/x", "that taken is a file"), ("taken/x/y", "that taken is")],
)
def test_a_file_in_the_place_of_the_output_is_named(
    work: Path, command: str, out: str, found: str
) -> None:
    """The path as it was typed, what was expected, and how to mend it."""
    (work / "taken").write_text("mine")

    done = run(command, "--out", out)

    start = f"declarant {command}: {out}: expected an output folder, found {found}"
    assert done.returncode == 2
    assert done.stderr.startswith(start)
    assert done.stderr.endswith("; move it away or name another folder\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a right to make links")
@pytest.mark.parametrize("target", ["nowhere", "linked"])
@pytest.mark.parametrize("command", ["generate", "check"])
def test_a_link_that_leads_nowhere_is_no_output_folder(
    work: Path, command: str, target: str
) -> None:
    """Both commands say so, and neither makes the folder, nor fails at a link to itself."""
    (work / "linked").symlink_to(target, target_is_directory=True)

    done = run(command, "--out", "linked")

    assert done.returncode == 2
    assert done.stderr == (
        f"declarant {command}: linked: expected an output folder, found a symbolic link that leads "
        "to none; make the folder that it leads to, or remove the link\n"
    )
    assert not (work / "nowhere").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a right to make links")
def test_a_link_to_a_folder_is_an_output_folder(work: Path) -> None:
    """Where the output lies is the user's choice: both commands follow it, and it stays."""
    (work / "elsewhere").mkdir()
    (work / "linked").symlink_to("elsewhere", target_is_directory=True)

    made = run("generate", "--out", "linked")

    assert made.returncode == 0, made.stderr
    assert (work / "linked").is_symlink()
    assert (work / "elsewhere/manifest.json").is_file()
    for more in ([], ["--full"]):
        assert run("check", "--out", "linked", *more).stdout == "the generated files are current\n"


def test_a_file_in_the_place_of_the_package_is_named(work: Path) -> None:
    """A file where the package's folder must be is not written over."""
    shutil.rmtree(work / "generated")
    (work / "generated").mkdir()
    (work / "generated/modelkit_events").write_text("mine")

    done = run("generate")

    assert done.returncode == 2
    assert done.stderr == (
        "declarant generate: generated/modelkit_events: expected a folder, found a file; "
        "move it away\n"
    )


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="needs /proc, where even root cannot write"
)
def test_a_place_that_cannot_be_written_is_named(work: Path) -> None:
    """Not the number of an error, nor the name of a temporary file."""
    done = run("generate", "--out", "/proc/generated")

    assert done.returncode == 2
    assert done.stderr == (
        "declarant generate: /proc/generated: expected a folder that can be written to, found: "
        f"{os.strerror(2)}; nothing was changed; see that you may write there, or name another "
        "folder with --out\n"
    )


@pytest.mark.parametrize("marks", [b"<<<<<<< ours\n=======\n>>>>>>> theirs\n", b"x" * 300, b""])
def test_a_damaged_manifest_is_mended(work: Path, new: dict[str, bytes], marks: bytes) -> None:
    """A merge's marks, or anything else, in the place of both manifests stop nothing."""
    for place in ("manifest.json", "modelkit_events/manifest.json"):
        content = (work / "generated" / place).read_bytes()
        (work / "generated" / place).write_bytes(marks + b" " * 300 + content[400:])
    assert run("check").returncode == 1

    assert run("generate").returncode == 0

    assert tree(work / "generated") == new


def test_a_manifest_of_another_tool_is_kept(work: Path) -> None:
    """Without a generated package beside it, a manifest.json is somebody else's."""
    other = work / "other/manifest.json"
    other.parent.mkdir()
    other.write_text('{"name": "a web app"}')

    done = run("generate", "--out", "other")

    assert done.returncode == 2
    assert "other/manifest.json: expected a generated file, found one that is not" in done.stderr
    assert tree(work / "other") == {"manifest.json": b'{"name": "a web app"}'}
