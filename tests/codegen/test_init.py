"""``declarant init``: what it makes, what it refuses, and what it says."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from privileges import unprivileged

from declarant.cli import main
from declarant_codegen import load_catalogue
from declarant_codegen.meta_files import meta_files
from declarant_codegen.scaffold.answers import Answers, default, problem, product_like
from declarant_codegen.scaffold.asking import QUESTIONS
from declarant_codegen.scaffold.companions import ATTRIBUTES
from declarant_codegen.scaffold.schemas import schema_files

ROOT = Path(__file__).parents[2]
UNIX = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and permissions of Unix")
BESIDE = {".gitattributes", ".github/CODEOWNERS", ".pre-commit-config.yaml"}
BESIDE |= {".vscode/settings.json"}


@pytest.fixture(autouse=True)
def _nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of this module waits for answers, wherever it runs."""
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, and every empty folder with a slash."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() or path.is_symlink():
            found[name] = b"link" if path.is_symlink() else path.read_bytes()
        elif not any(path.iterdir()):
            found[f"{name}/"] = b""
    return found


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command and return its exit code, output and errors."""
    capsys.readouterr()
    try:
        code = main(list(words))
    except SystemExit as left:
        code = int(left.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def answers(**given: str) -> Answers:
    """Return answers, those not given by default."""
    taken: dict[str, str] = {}
    for name in QUESTIONS:
        taken[name] = given.get(name) or default(name, taken)
        assert problem(name, taken[name]) is None
    return Answers(**taken)


# ---- what it makes


def test_check_finds_nothing(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The catalogue is sound, approved and generated, by digests and byte for byte."""
    assert run(capsys, "init", "--product", "my-app")[0] == 0

    for form in ([], ["--full"]):
        assert run(capsys, "check", *form) == (0, "the generated files are current\n", "")
    assert run(capsys, "review")[1].startswith("Everything is approved as it is")


def test_the_files_are_those_that_are_promised(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A catalogue, its output, and four files beside them; the output says which were written."""
    _, out, _ = run(capsys, "init", "--product", "my-app")

    found = tree(work)
    schemas = {name.removeprefix("schemas/") for name in found if name.startswith("schemas/")}
    generated = {name for name in found if name.startswith("generated/")}
    subjects = ("catalogue", "ext.app", "ext.device", "ext.os", "ext.sdk", "my_app_started")
    assert schemas == {
        "catalogue.json",
        "events/my_app_started.schema.json",
        *(f"ext/{slot}.schema.json" for slot in ("app", "device", "os", "sdk")),
        *(f"reviews/{name}.json" for name in subjects),
        *meta_files(),
    }
    assert {"generated/PRIVACY.md", "generated/my_app_events/my_app_started.py"} <= generated
    assert found.keys() - {f"schemas/{name}" for name in schemas} - generated == BESIDE
    assert f"schemas: {len(schemas)} files" in out
    assert f"generated: {len(generated)} files" in out
    assert all(f"{name}: written\n" in out for name in BESIDE)


def test_everything_is_marked_as_self_approved(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The catalogue allows it, each approval says it, and so does what users read."""
    run(capsys, "init", "--product", "my-app", "--owner", "telemetry team", "--approver", "legal")

    review = json.loads((work / "schemas/catalogue.json").read_text("utf-8"))["review"]
    logs = [json.loads(path.read_text()) for path in (work / "schemas/reviews").iterdir()]
    approvals = [approval for log in logs for approval in log["approvals"]]
    assert review["self_approval"] is True
    assert {tuple(roles) for roles in review["approvers"].values()} == {("legal",)}
    assert [(item["role"], item["self_approved"]) for item in approvals] == [("legal", True)] * 6
    for name in ("PRIVACY.md", "README-telemetry.md", "my_app_events/PRIVACY.md"):
        text = (work / "generated" / name).read_text("utf-8")
        listed = "MyAppStarted, `ext.app`, `ext.device`, `ext.os`, `ext.sdk`, the rules"
        assert "**Self-approved**" in text
        assert all(words in text for words in listed.split(", "))


def test_nothing_is_sent_anywhere_by_default(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Events go to this machine, and return alone says no."""
    run(capsys, "init", "--product", "my-app")

    catalogue = json.loads((work / "schemas/catalogue.json").read_text("utf-8"))
    assert catalogue["endpoint"] == "http://127.0.0.1:8765/OneCollector/1.0/"
    assert catalogue["consent"]["default"] is False
    assert (work / "generated/NOTICE.txt").read_text("utf-8").endswith("[y/N]\n")


def test_each_slot_means_what_the_standard_says() -> None:
    """No field borrows a place: what fills it is what Common Schema names it."""
    sources = {
        "app": {"ver": "app_version", "sesId": "session_id"},
        "device": {"localId": "device_id"},
        "os": {"name": "os_name", "ver": "os_version"},
        "sdk": {"ver": "sdk_version", "epoch": "epoch", "seq": "sequence"},
    }
    files = schema_files(answers(product="my-app"), "2026-11-26")

    for slot, expected in sources.items():
        fields = json.loads(files[f"ext/{slot}.schema.json"])["properties"]
        assert {name: field["x-source"] for name, field in fields.items()} == expected


def test_the_first_event_shows_three_bounds() -> None:
    """A choice, a number between two bounds with its unit, a yes or no."""
    files = schema_files(answers(product="my-app"), "2026-11-26")
    event = json.loads(files["events/my_app_started.schema.json"])

    kinds = [
        sorted(field.keys() & {"enum", "minimum", "maximum", "x-unit", "type"})
        for field in event["properties"].values()
    ]
    assert kinds == [["enum", "type"], ["maximum", "minimum", "type", "x-unit"], ["type"]]
    assert event["required"] == list(event["properties"])
    assert event["x-expires"] == "2027-11-26"


def test_editor_settings_are_the_documented_ones(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is documented, and tried with a real language service, is what a new product gets."""
    run(capsys, "init", "--product", "my-app")

    ours, theirs = (
        json.loads((folder / ".vscode/settings.json").read_text("utf-8")) for folder in (ROOT, work)
    )
    assert theirs == ours


def test_git_attributes_and_owners_are_the_documented_ones(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines apart from comments are those of the project and of its documentation."""
    run(capsys, "init", "--product", "my-app")

    def lines(text: str) -> list[str]:
        return [line for line in text.splitlines() if line and not line.startswith("#")]

    theirs = (work / ".github/CODEOWNERS").read_text("utf-8")
    documented = re.findall(r"^    (/\S+ +@.+)$", (ROOT / "docs/ci.md").read_text("utf-8"), re.M)
    assert lines(ATTRIBUTES) == lines((ROOT / ".gitattributes").read_text("utf-8"))
    assert re.findall("^# (/.*)$", theirs, re.M) == documented
    # A team that nobody has would stop every merge.
    assert lines(theirs) == []


@pytest.mark.once
def test_pre_commit_runs_the_suggested_hook(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """pre-commit itself takes the file; a deleted output stops it."""
    pytest.importorskip("pre_commit", reason="the dev group brings it")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    run(capsys, "init", "--product", "my-app")
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "-A"], check=True)
    hook = [sys.executable, "-m", "pre_commit", "run", "--all-files"]

    clean = subprocess.run(hook, capture_output=True, text=True, check=False)
    (work / "generated/NOTICE.txt").unlink()
    subprocess.run(["git", "add", "-A"], check=True)
    broken = subprocess.run(hook, capture_output=True, text=True, check=False)

    assert (clean.returncode, broken.returncode) == (0, 1), clean.stdout + clean.stderr
    assert "generated/NOTICE.txt: missing" in broken.stdout


# ---- answers


@pytest.mark.parametrize(
    ("product", "display_name", "package", "event_prefix"),
    [
        ("my-app", "My App", "my_app_events", "MyApp"),
        ("class", "Class", "class_events", "Class"),
        ("a", "A", "a_events", "A"),
        ("x_--_y", "X Y", "x____y_events", "XY"),
        ("n2-48", "N2 48", "n2_48_events", "N248"),
        ("p" * 64, "P" + "p" * 63, "p" * 57 + "_events", "P" + "p" * 31),
    ],
)
def test_what_is_not_given_follows_from_the_product(
    product: str, display_name: str, package: str, event_prefix: str
) -> None:
    """Names are made of the words of the product's, and fit."""
    taken = answers(product=product)

    assert (taken.display_name, taken.package, taken.event_prefix) == (
        display_name,
        package,
        event_prefix,
    )
    assert taken.approver == taken.owner == f"{product}-owner"
    # Of a name in other letters nothing is guessed.
    assert answers(product=product, display_name="Größe 2").event_prefix == event_prefix


def test_spaces_around_an_answer_are_no_part_of_it(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As at a terminal, where nobody sees them."""
    assert run(capsys, "init", "--product", " my-app\t", "--display-name", " My App ")[0] == 0

    found = json.loads((work / "schemas/catalogue.json").read_text("utf-8"))
    assert (found["product"], found["display_name"]) == ("my-app", "My App")


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("My App 2.0", "my-app-2-0"),
        ("ModelKit", "modelkit"),
        ("7zip", "app-7zip"),
        ("Grüße & Söhne", "grusse-sohne"),
        ("../../etc", "etc"),
        ("日本", ""),
        ("", ""),
    ],
)
def test_an_odd_product_name_has_a_near_one(
    capsys: pytest.CaptureFixture[str], work: Path, text: str, like: str
) -> None:
    """Dots, spaces, digits first and other letters are refused, with a name that is not."""
    assert product_like(text) == like

    code, _, err = run(capsys, "init", "--product", text)

    assert code == 2
    assert err.startswith('declarant init: --product: expected "product" to be 1 to 64 of a-z')
    assert (f'as in "{like}"' in err) is bool(like)
    assert tree(work) == {}


@pytest.mark.parametrize(("text", "like"), [("x" * 65, "x" * 64), (f"{'x' * 63}-y", "x" * 63)])
def test_a_long_product_name_is_cut(text: str, like: str) -> None:
    """To a name of the greatest length, or before a dash at its end."""
    assert product_like(text) == like


@pytest.mark.parametrize(
    ("flag", "text", "words"),
    [
        ("--display-name", "", '"display_name" to be a string of 1 to 64 characters, found ""'),
        ("--display-name", "a\u202eb", "expected visible text, found the bidirectional control"),
        ("--display-name", "p\u0430y", "expected letters of one alphabet"),
        ("--display-name", "a\nb", "expected visible text, found the control character U+000A"),
        ("--display-name", "a\udc80b", "expected visible text, found the invisible character"),
        ("--display-name", "a\u00a0b", "expected printable characters"),
        ("--package", "json", 'a package name that is free, found "json"'),
        ("--package", "my-app", '"package" to be a package name'),
        ("--package", "class", 'a package name that is free, found "class"'),
        ("--event-prefix", "my", "starting with a capital"),
        ("--event-prefix", "Ünit", "1 to 32 ASCII letters and digits"),
        ("--endpoint", "http://collector.example.com/", '"endpoint" to be an https URL'),
        ("--endpoint", "https://user@collector.example.com/", '"endpoint" to be an https URL'),
        ("--endpoint", "http://localhost:8765/", "http to 127.0.0.1 or [::1]"),
        ("--endpoint", "http://127.0.0.1:99999/", "a port from 1 to 65535"),
        ("--owner", "jo@example.com", "a role of 3 to 100 characters, no mail address"),
        ("--approver", "jo", "a role of 3 to 100 characters, no mail address"),
    ],
)
def test_a_bad_answer_is_refused_in_the_words_of_the_dialect(
    capsys: pytest.CaptureFixture[str], work: Path, flag: str, text: str, words: str
) -> None:
    """Nothing is written, and the message names the flag."""
    code, out, err = run(capsys, "init", "--product", "my-app", flag, text)

    assert (code, out) == (2, "")
    assert err.startswith(f"declarant init: {flag}: expected ")
    assert words in err
    assert err.endswith("declarant init: nothing was written\n")
    assert tree(work) == {}


def test_every_bad_answer_is_told_in_one_run(
    capsys: pytest.CaptureFixture[str], work: Path
) -> None:
    """One line for each flag."""
    words = ["--product", "My App", "--package", "json", "--owner", "x"]

    code, _, err = run(capsys, "init", *words, "--yes")

    lines = err.splitlines()
    assert code == 2
    assert [line.split(": ")[1] for line in lines[:-1]] == ["--product", "--package", "--owner"]


@pytest.mark.parametrize("words", [[], ["--yes"], ["--package", "x_events"]])
def test_without_a_terminal_the_product_must_be_given(
    capsys: pytest.CaptureFixture[str], work: Path, words: list[str]
) -> None:
    """It is the one answer without a default, and the flag is named."""
    code, _, err = run(capsys, "init", *words)

    assert code == 2
    assert err == (
        "declarant init: --product: expected a value, found none and nobody to ask; "
        "add --product NAME\ndeclarant init: nothing was written\n"
    )
    assert tree(work) == {}


@pytest.mark.parametrize(
    "given",
    [
        {"product": "class", "display_name": 'Lambda "quoted" {braces} %s \\ `x` <b> | [a](b)'},
        {"product": "import", "display_name": "日本語 ツール", "event_prefix": "Nihongo"},
        {"product": "none", "event_prefix": "ABC9", "package": "yield_"},
        {"product": "p" * 64, "endpoint": "https://collector.example.com/OneCollector/1.0/"},
        {"product": "x", "owner": "the owners (EU) 'of' it", "approver": 'legal "team"'},
    ],
)
def test_odd_answers_give_a_catalogue_without_findings(
    work: Path, capsys: pytest.CaptureFixture[str], given: dict[str, str]
) -> None:
    """Whatever is accepted is carried through to a generated package that can be loaded."""
    flags = [word for name, text in given.items() for word in (f"--{name.replace('_', '-')}", text)]

    assert run(capsys, "init", *flags)[0] == 0

    assert run(capsys, "check", "--full") == (0, "the generated files are current\n", "")
    package = given.get("package") or default("package", given)
    load = f"import {package}; print({package}.CATALOGUE.product)"
    loaded = subprocess.run(
        [sys.executable, "-c", load], cwd="generated", capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == given["product"]


NAMES = st.text(max_size=70) | st.from_regex(r"\A[A-Za-z0-9 _.-]{1,40}\Z")


@given(
    product=NAMES | st.from_regex(r"\A[a-z][a-z0-9_-]{0,63}\Z"),
    display_name=NAMES,
    package=st.none() | NAMES | st.from_regex(r"\A[a-z][a-z0-9_]{0,63}\Z"),
    event_prefix=st.none() | NAMES | st.from_regex(r"\A[A-Z][A-Za-z0-9]{0,31}\Z"),
    owner=st.none() | st.text(max_size=110),
)
@example(product="a", display_name="x" * 64, package="a__", event_prefix="Z" * 32, owner="o" * 100)
def test_what_passes_alone_passes_together(
    tmp_path_factory: pytest.TempPathFactory, **given: str | None
) -> None:
    """No answer that is accepted makes a file that a rule speaks against."""
    taken: dict[str, str] = {}
    for name in QUESTIONS:
        chosen = given.get(name)
        fits = chosen is not None and problem(name, chosen) is None
        taken[name] = chosen if fits and chosen is not None else default(name, taken) or "my-app"
    folder = tmp_path_factory.mktemp("made") / "schemas"
    for path, text in {**meta_files(), **schema_files(Answers(**taken), "2026-11-26")}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())

    assert load_catalogue(folder).findings == ()


@given(text=st.text(max_size=80))
def test_a_near_name_is_a_name(text: str) -> None:
    """What is offered in the place of a bad answer is a good one."""
    like = product_like(text)

    assert not like or problem("product", like) is None


# ---- what is there already


def test_unrelated_files_are_no_obstacle(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A repository with a README stays as it is."""
    (work / ".git").mkdir()
    (work / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (work / "README.md").write_text("# Mine\n")
    (work / ".github").mkdir()
    before = tree(work)

    assert run(capsys, "init", "--product", "my-app")[0] == 0

    after = tree(work)
    assert before.items() - {(".github/", b"")} <= after.items()


@pytest.mark.parametrize("name", ["schemas", "generated"])
@pytest.mark.parametrize("kind", ["folder", "file", "link", "filled"])
def test_a_catalogue_is_never_written_over(
    work: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    """Whatever stands in its place is named, and nothing is written."""
    if kind == "file":
        (work / name).write_text("mine")
    elif kind == "link":
        (work / name).symlink_to("nowhere")
    else:
        (work / name).mkdir()
        if kind == "filled":
            (work / name / "mine.txt").write_text("mine")
    before = tree(work)

    code, out, err = run(capsys, "init", "--product", "my-app")

    found = {"file": "a file", "link": "a symbolic link"}.get(kind, "a folder")
    assert (code, out) == (1, "")
    assert err == (
        f"declarant init: {name}: expected nothing, found {found}; move it away, or name another "
        "folder\ndeclarant init: nothing was written\n"
    )
    assert tree(work) == before


def test_a_second_run_is_refused_and_changes_nothing(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says the same each time, and names both folders."""
    run(capsys, "init", "--product", "my-app")
    before = tree(work)

    second = run(capsys, "init", "--product", "my-app")
    third = run(capsys, "init", "--product", "other", "--package", "json")

    assert second == third
    assert second[0] == 1
    assert second[2].count("expected nothing, found a folder") == 2
    assert tree(work) == before


def test_the_same_answers_give_the_same_files_and_words(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in them depends on the folder or on chance."""
    (work / "a").mkdir()
    (work / "b").mkdir()

    told = []
    for name in ("a", "b"):
        os.chdir(work / name)
        told.append(run(capsys, "init", "--product", "my-app"))
    os.chdir(work)

    assert told[0] == told[1]
    assert tree(work / "a") == tree(work / "b")


def test_companions_that_are_there_are_left_alone(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They keep their content, and the output shows what they could hold."""
    mine = {
        "CODEOWNERS": b"* @me\n",
        ".pre-commit-config.yaml": b"repos: []\n",
        ".vscode/settings.json": b"{}\n",
    }
    (work / ".vscode").mkdir()
    for name, content in mine.items():
        (work / name).write_bytes(content)

    code, out, _ = run(capsys, "init", "--product", "my-app")

    assert code == 0
    assert mine.items() <= tree(work).items()
    # The platform reads one file of owners, wherever it stands.
    assert not (work / ".github").exists()
    assert out.count("left alone, as something is there already; it could hold:") == 3
    assert all(words in out for words in ("entry: declarant check", '"json.schemas"', "/schemas/"))


def test_a_link_leads_nothing_outside(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through a linked folder no file is written; a linked .gitattributes is refused."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (work / ".vscode").symlink_to(outside)

    assert run(capsys, "init", "first", "--product", "my-app")[0] == 0
    assert run(capsys, "init", "--product", "my-app")[0] == 0
    (work / "first/.gitattributes").unlink()
    (work / "second").mkdir()
    (outside / "attributes").write_bytes(b"")
    (work / "second/.gitattributes").symlink_to(outside / "attributes")
    code, _, err = run(capsys, "init", "second", "--product", "my-app")

    assert code == 1
    assert "expected a file to add lines to, found a symbolic link" in err
    assert tree(outside) == {"attributes": b""}


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_lines_are_added_to_git_attributes(
    work: Path, capsys: pytest.CaptureFixture[str], end: bytes
) -> None:
    """What is there stays, on lines of its own."""
    (work / ".gitattributes").write_bytes(b"*.png binary" + end)

    _, out, _ = run(capsys, "init", "--product", "my-app")

    expected = b"*.png binary\n" + ATTRIBUTES.encode()
    assert (work / ".gitattributes").read_bytes() == expected
    assert ".gitattributes: lines added\n" in out


def test_lines_that_are_there_are_not_added_twice(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that a former run left, with line breaks of another system, is enough."""
    before = ATTRIBUTES.replace("\n", "\r\n").encode()
    (work / ".gitattributes").write_bytes(before)

    _, out, _ = run(capsys, "init", "--product", "my-app")

    assert (work / ".gitattributes").read_bytes() == before
    assert ".gitattributes" not in out


def test_a_folder_that_is_not_there_is_made(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With all above it; the next steps begin with the way there."""
    code, out, _ = run(capsys, "init", "a b/c", "--product", "my-app")

    assert code == 0
    assert "       cd 'a b/c'\n" in out
    assert (work / "a b/c/schemas/catalogue.json").is_file()


def test_a_file_in_the_folders_place_is_told(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where it stands above the folder."""
    (work / "file").write_text("mine")

    for folder in ("file", "file/below"):
        code, _, err = run(capsys, "init", folder, "--product", "my-app")

        assert code == 1
        assert "file: expected a folder, found a file; move it away" in err


# ---- all or nothing


@UNIX
@pytest.mark.parametrize("folder", [".", "below/that"])
def test_a_read_only_folder_is_told_before_anything_is_asked(
    work: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    """Even the product's name is not asked for: the answers would be for nothing."""
    work.chmod(0o555)
    with unprivileged():
        code, _, err = run(capsys, "init", folder)
    work.chmod(0o755)

    assert code == 2
    assert err == (
        f"declarant init: {work}: expected a place that can be written to, found: Permission "
        "denied; see that you may write there, or name another folder\n"
        "declarant init: nothing was written\n"
    )
    assert tree(work) == {}


# The command itself; at the wanted moment (the number of a move into the folder) something befalls
# it.
STRUCK = """
import os, sys
what, left = sys.argv[1], int(sys.argv[2])
def hook(name, arguments):
    global left
    if name == "os.rename" and os.path.join("new", ".declarant-") in str(arguments[0]):
        left -= 1
        if left == 0:
            if what == "full":
                raise OSError(28, "No space left on device", str(arguments[0]))
            os.kill(os.getpid(), int(what))
from declarant.cli import main
sys.addaudithook(hook)
sys.exit(main(["init", "new", "--product", "my-app"]))
"""


def struck(what: str, left: int) -> subprocess.CompletedProcess[str]:
    """Run the command, and let something befall it."""
    return subprocess.run(
        [sys.executable, "-c", STRUCK, what, str(left)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.once
@pytest.mark.parametrize("left", [1, 2, 20])
def test_a_full_disk_leaves_nothing_behind(work: Path, left: int) -> None:
    """Files that were placed already are taken away, and so is the folder that was made."""
    ran = struck("full", left)

    assert ran.returncode == 2
    assert "found: No space left on device" in ran.stderr
    assert ran.stderr.endswith("declarant init: nothing was written\n")
    assert tree(work) == {}


@UNIX
@pytest.mark.once
@pytest.mark.parametrize("left", [1, 20])
def test_a_signal_leaves_all_or_nothing(work: Path, left: int) -> None:
    """It waits until the folder is whole."""
    ran = struck(str(int(signal.SIGTERM)), left)

    assert ran.returncode == -signal.SIGTERM
    found = tree(work / "new")
    assert found.keys() > BESIDE
    assert not any(".declarant-" in name for name in found)


# Another run, which had the folder's lock until now, has just placed its catalogue.
OVERTAKEN = """
import os, sys
def hook(name, arguments):
    if name == "fcntl.flock" and not os.path.exists("new/schemas"):
        os.makedirs("new/schemas")
from declarant.cli import main
sys.addaudithook(hook)
sys.exit(main(["init", "new", "--product", "my-app"]))
"""


@UNIX
@pytest.mark.once
def test_a_run_that_waited_for_another_looks_again(work: Path) -> None:
    """What the other placed is not written over."""
    ran = subprocess.run(
        [sys.executable, "-c", OVERTAKEN],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert "schemas: expected nothing, found a folder" in ran.stderr
    assert tree(work) == {"new/schemas/": b""}


# ---- what it says


def test_the_next_steps_name_the_answers(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commands hold the package, the emitter, the roles and the port of the endpoint."""
    words = ["--product", "my-app", "--owner", "owners of 'it'", "--event-prefix", "Own2"]

    _, out, _ = run(capsys, "init", *words)

    commands = [line.strip() for line in out.splitlines() if line.startswith("       ")]
    split = [shlex.split(command) for command in commands]
    assert ["declarant", "collector", "--port", "8765", "--schemas", "schemas"] in split
    (emit,) = [words[2] for words in split if words[:2] == ["python", "-c"]]
    assert "import my_app_events" in emit
    assert "emit_own2_started(" in emit
    roles = [words[words.index("--role") + 1] for words in split if "--role" in words]
    assert roles == ["owners of 'it'", "owners of 'it'", "NEW-ROLE"]


def test_names_are_told_in_whatever_encoding(work: Path) -> None:
    """A terminal that cannot show a letter is shown its escape, and the command succeeds."""
    words = ["init", "--product", "my-app", "--owner", "Größe", "--display-name", "日本"]

    ran = subprocess.run(
        [sys.executable, "-m", "declarant.cli", *words],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"Gr\\xf6\\xdfe" in ran.stdout
    assert '"日本"' in (work / "schemas/catalogue.json").read_text("utf-8")


@pytest.mark.parametrize("approver", [None, "legal"])
def test_self_approval_ends_as_the_next_steps_say(
    work: Path, capsys: pytest.CaptureFixture[str], approver: str | None
) -> None:
    """Edit what they name, run what they show: everything is approved by another, and says so."""
    given = ["--product", "my-app", *(["--approver", approver] if approver else [])]
    _, out, _ = run(capsys, "init", *given)
    edit(work, reviewer=None if approver else "reviewer")
    assert run(capsys, "check")[0] == 1

    steps = out[out.index("3. ") :].splitlines()
    for step in (line.split("declarant ")[1] for line in steps if "declarant " in line):
        # The old owner is whoever made it; the other is somebody else.
        step = step.replace("NEW-ROLE", "reviewer").replace("WHERE", "T-1").replace("NAME", "Jo")
        code, told, err = run(capsys, *shlex.split(step))
        assert code == 0, told + err

    assert run(capsys, "check", "--full")[:2] == (0, "the generated files are current\n")
    assert "Self-approved" not in (work / "generated/PRIVACY.md").read_text("utf-8")


def edit(work: Path, *, reviewer: str | None) -> None:
    """Switch self-approval off, and put another role in the place of every approver."""
    place = work / "schemas/catalogue.json"
    catalogue: dict[str, Any] = json.loads(place.read_text("utf-8"))
    review = catalogue["review"]
    review["self_approval"] = False
    if reviewer is not None:
        review["approvers"] = {name: [reviewer] for name in review["approvers"]}
    place.write_text(json.dumps(catalogue, indent=2), "utf-8")
