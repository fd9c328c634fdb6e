"""The scrubbers as their callers know them: the table of ModelKit, names, versions, bounds."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from declarant._scrubbing import machine, pipeline
from declarant._scrubbing.marks import capped
from declarant._scrubbing.pipeline import MAX_INPUT, MAX_TAIL, scrubbed
from declarant.scrub import SCRUBBED, SCRUBBERS, model_reference, scrub

TESTS = Path(__file__).parent.parent
DIGESTS = json.loads((TESTS / "data/scrub/digests.json").read_text("utf-8"))

_spec = importlib.util.spec_from_file_location("scrub_corpus", TESTS / "scrub_corpus.py")
assert _spec is not None
assert _spec.loader is not None
corpus = importlib.util.module_from_spec(_spec)
sys.modules["scrub_corpus"] = corpus
_spec.loader.exec_module(corpus)

ROOTS = ("winml/modelkit",)

#: As ModelKit published it.
TABLE = {
    "C:\\Users\\Alice\\src\\winml\\modelkit\\commands\\build.py": (
        "winml/modelkit/commands/build.py"
    ),
    "C:\\Users\\Alice\\models\\mobilenet.onnx": "mobilenet.onnx",
    "failed to reach alice@example.com": "failed to reach <scrubbed>",
    "job 12345678-1234-5678-1234-567812345678 failed": "job <scrubbed> failed",
    "connection to 10.0.0.1 refused": "connection to <scrubbed> refused",
    "expected version 1.18.999.1": "expected version 1.18.999.1",
    "bind 2001:db8::1 failed": "bind <scrubbed> failed",
    "Bearer example_token_1234567890abcdefghij": "Bearer <scrubbed>",
    "WinMLImageFeatureExtractionEvaluator": "WinMLImageFeatureExtractionEvaluator",
    "model file not found: C:\\Users\\Alice\\models\\mobilenet.onnx": (
        "model file not found: mobilenet.onnx"
    ),
}


@pytest.mark.parametrize("text", TABLE)
def test_modelkits_table_holds(text):
    """Each row, as it was published."""
    assert scrub("message", text, 200, ROOTS) == TABLE[text]


@pytest.mark.parametrize("text", list(TABLE)[:2])
def test_modelkits_paths_hold_alone(text):
    """The rows that are paths hold for the scrubber of paths too."""
    assert scrub("path", text, 260, ROOTS) == TABLE[text]


def test_an_unknown_scrubber_keeps_nothing():
    """A name that the runtime does not know, such as one of a later version."""
    assert scrub("mesage", "harmless", 200) == SCRUBBED
    assert scrub("", "harmless", len(SCRUBBED)) == SCRUBBED
    assert scrub("digest", "harmless", len(SCRUBBED) - 1) == ""


def test_importing_it_loads_no_pattern():
    """Neither the public module nor what generated code imports loads `re`."""
    program = (
        "import sys, declarant.gencode, declarant.scrub; "
        "print(*sorted(n for n in sys.modules if n == 're' or 'scrubbing' in n))"
    )
    environment = {"PYTHONPATH": str(Path(sys.modules["declarant"].__file__).parent.parent)}

    ran = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == "\n"


# ---- versions

#: Paths as frames of a stack name them.
FILES = (
    *TABLE,
    "/usr/lib/python3.11/json/decoder.py",
    "/home/alice/venv/lib/python3.11/site-packages/requests/adapters.py",
    "C:\\Python311\\Lib\\site-packages\\onnxruntime\\capi\\_pybind_state.py",
    "<frozen importlib._bootstrap>",
    "C:\\Users\\Alice\\alice@example.com.py",
)


def digest(scrubber: str) -> str:
    """Return the digest of what a scrubber makes of a fixed set of texts."""
    texts = [case.text for case in corpus.planted(1)] + corpus.BENIGN + list(FILES)
    results = [scrubbed(scrubber, text, 10_000, ROOTS, ("zaphodbeeblebrox",)) for text in texts]
    return hashlib.sha256(json.dumps(results).encode()).hexdigest()


@pytest.mark.parametrize("scrubber", SCRUBBERS)
def test_a_change_of_what_is_kept_raises_the_version(scrubber):
    """Approvals record the version, so the same version must make the same of the same text."""
    version, found = SCRUBBERS[scrubber], digest(scrubber)

    assert DIGESTS[scrubber].get(version) == found, (
        f'scrubber "{scrubber}" version "{version}": expected what it made of the fixed texts '
        "before, found something else; raise the version in SCRUBBERS (declarant/scrub.py) and "
        f"write the digest {found} beside it in tests/data/scrub/digests.json; if only the "
        "texts changed (tests/scrub_corpus.py), write the digest alone"
    )


def test_every_scrubber_of_the_dialect_exists():
    """What `x-scrub` may name is what the runtime has."""
    root = TESTS.parent
    dialect = json.loads(
        (root / "codegen/declarant_codegen/meta/event.v1.json").read_text("utf-8")
    )["$defs"]["value"]["properties"]["x-scrub"]

    assert set(dialect["enum"]) == set(SCRUBBERS)


# ---- length


def test_text_is_scrubbed_before_it_is_cut():
    """A secret that lies across the cut leaves nothing of itself before it."""
    text = "failed to reach alice.miller@example.com"
    for max_length in range(len(text) + 1):
        result = scrub("message", text, max_length)
        assert result == "failed to reach <scrubbed>"[: 26 if max_length >= 26 else 16][:max_length]


@pytest.mark.parametrize(
    ("length", "kept"), [(3, "one"), (4, "one "), (8, "one "), (14, f"one {SCRUBBED}")]
)
def test_no_mark_is_cut_whatever_follows_it(length, kept):
    """Also if another mark lies beyond the end."""
    assert capped(f"one {SCRUBBED} two {SCRUBBED}", length) == kept


def test_a_long_text_is_cut_to_what_was_asked():
    """The bound of the field is kept, whatever replaces what."""
    assert scrub("message", "a b " * 1000, 200) == ("a b " * 50)
    assert len(scrub("message", "10.0.0.1 " * 1000, 200)) <= 200


def test_beyond_the_bound_the_end_is_dropped():
    """Of a text beyond the bound the part that the bound may have cut is not kept."""
    text = "a b " * MAX_INPUT

    assert scrub("message", text, MAX_INPUT) == text[: MAX_INPUT - MAX_TAIL]


def test_a_path_beyond_the_bound_keeps_its_name():
    """Of a path the end is looked at."""
    deep = "/home/alice" + "/folder" * MAX_INPUT

    assert scrub("path", f"{deep}/model.onnx", 260) == "model.onnx"
    assert scrub("path", "x" * (MAX_INPUT + 1), 260) == SCRUBBED
    assert scrub("path", f"{deep}/winml/modelkit/cli.py", 260, ROOTS) == "winml/modelkit/cli.py"


# ---- paths


PATHS = {
    "/usr/lib/python3.11/json/decoder.py": "json/decoder.py",
    "/usr/lib/python3/dist-packages/requests/api.py": "requests/api.py",
    "/home/alice/.venv/lib/python3.11/site-packages/click/core.py": "click/core.py",
    "C:\\Python311\\Lib\\site-packages\\click\\core.py": "click/core.py",
    "C:\\Users\\Alice\\AppData\\Local\\Programs\\Python\\Python311\\Lib\\json\\decoder.py": (
        "json/decoder.py"
    ),
    "C:\\Users\\Alice\\x\\WinML\\ModelKit\\cli.py": "winml/modelkit/cli.py",
    "/src/winml/modelkit/winml/modelkit/cli.py": "winml/modelkit/cli.py",
    "/x/winml/modelkit/../../home/alice/secret.py": "secret.py",
    "/x/site-packages/../alice/secret.py": "secret.py",
    "/x/site-packages/acme/private data/x.json": "x.json",
    "/home/winml/modelkit/secret/x.py": "x.py",
    "/home/alice": SCRUBBED,
    "/home/alice/": SCRUBBED,
    "C:\\Users\\Alice Smith": SCRUBBED,
    "\\\\server\\alice$": SCRUBBED,
    "\\\\server\\share\\folder\\x.py": "x.py",
    "file:///C:/Users/Alice%20Smith/x.py": "x.py",
    "C%3A%5CUsers%5CAlice%5Cx.py": "x.py",
    "/home/alice/alice@example.com.onnx": SCRUBBED,
    "/home/alice/report 10.0.0.1.txt": "report <scrubbed>.txt",
    "<frozen importlib._bootstrap>": "<frozen importlib._bootstrap>",
    "<string>": "<string>",
    "cli.py": "cli.py",
    "click/core.py": "click/core.py",
    "projects/acme/x.py": "x.py",
    "": "",
    "/": "/",
}


@pytest.mark.parametrize("path", PATHS)
def test_of_a_path_what_is_below_a_package_is_kept(path):
    """Or else its last name, unless that is a user's."""
    assert scrub("path", path, 260, ROOTS) == PATHS[path]


@pytest.mark.parametrize("path", PATHS)
def test_inside_a_message_the_same_is_kept(path):
    """A path that can be told from text is treated the same there."""
    if "/" not in path and "\\" not in path and "%" not in path:
        return
    result = scrub("message", f"cannot open '{path}': denied", 400, ROOTS)

    assert result == f"cannot open '{PATHS[path]}': denied"


def test_without_roots_a_package_is_a_folder():
    """Only what a catalogue states, and where packages are installed, is known."""
    path = "C:\\Users\\Alice\\src\\winml\\modelkit\\commands\\build.py"

    assert scrub("path", path, 260) == "build.py"


# ---- models

MODELS = {
    "microsoft/resnet-50": "microsoft/resnet-50",
    "gpt2": "gpt2",
    "org/model.v2": "org/model.v2",
    "https://huggingface.co/microsoft/resnet-50/tree/main": "microsoft/resnet-50",
    "C:\\Users\\Alice\\models\\mobilenet.onnx": "<local:.onnx>",
    "/home/alice/mobilenet.ONNX": "<local:.onnx>",
    "mobilenet.onnx": "<local:.onnx>",
    "models/mobilenet.onnx": "<local:.onnx>",
    "./resnet": "<local:dir>",
    "~/models/resnet": "<local:dir>",
    "models\\resnet": "<local:dir>",
    "a/b/c": "<local:dir>",
    "x.alice-secret": "x.alice-secret",
    "/home/x.alice-secret": "<local:dir>",
    "model.pt=/home/alice": "<local:dir>",
    "role=C:\\x\\y.onnx": "<local:.onnx>",
    "alice@example.com": "<local:dir>",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789": SCRUBBED,
    "": "<local:dir>",
}


@pytest.mark.parametrize("reference", MODELS)
def test_of_a_model_the_hubs_id_is_kept(reference):
    """Of anything local its kind alone."""
    assert model_reference(reference) == MODELS[reference]


# ---- this user and this machine

HERE = """
import sys
from declarant.scrub import scrub
for text in sys.stdin.read().splitlines():
    print(scrub("message", text, 200))
"""


@pytest.fixture
def as_zaphod():
    """Return a function that scrubs lines as a user of that name."""

    def run(*lines: str, **variables: str) -> list[str]:
        ran = subprocess.run(
            [sys.executable, "-c", HERE],
            input="\n".join(lines),
            env={**os.environ, "LOGNAME": "", "HOME": "/home/z", **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        return ran.stdout.splitlines()

    return run


def test_the_names_of_user_and_machine_are_removed(as_zaphod):
    """Wherever they stand as words, in any case."""
    lines = as_zaphod(
        "models of Zaphod are gone",
        "zaphod_model.onnx and model-ZAPHOD.onnx",
        "Zaphodiana is another word",
        "heartofgold refused the connection",
        USER="zaphod",
        HOSTNAME="heartofgold.example.com",
    )

    assert lines == [
        "models of <scrubbed> are gone",
        "<scrubbed>_model.onnx and model-<scrubbed>.onnx",
        "Zaphodiana is another word",
        "<scrubbed> refused the connection",
    ]


def test_a_name_inside_one_of_code_is_removed(as_zaphod):
    """As a word of it; a message often holds the class of another error."""
    lines = as_zaphod(
        "ZaphodError('no') and ZAPHODError",
        "loadZaphodModel, load_zaphod2, Zaphod2Loader",
        "Zaphodiana, zaphodist and ZAPHODIST are other words",
        USER="zaphod",
    )

    assert lines == [
        "<scrubbed>Error('no') and <scrubbed>Error",
        "load<scrubbed>Model, load_<scrubbed>2, <scrubbed>2Loader",
        "Zaphodiana, zaphodist and ZAPHODIST are other words",
    ]


@pytest.mark.parametrize("name", ["root", "bob", "model", "1234567"])
def test_names_that_are_words_are_kept(as_zaphod, name):
    """A name that is short or a word of messages would remove those words."""
    text = f"the {name} of the graph"

    assert as_zaphod(text, USER=name) == [text]


def test_a_home_folder_names_its_user(as_zaphod):
    """Also where no variable names the user."""
    lines = as_zaphod("trillian left", USER="", LOGNAME="", USERNAME="", HOME="/home/trillian")

    assert lines == ["<scrubbed> left"]


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"USER": "zaphod"}, {"zaphod"}),
        ({"LOGNAME": " zaphod "}, {"zaphod"}),
        ({"LNAME": "zaphod"}, {"zaphod"}),
        ({"USERNAME": "zaphod"}, {"zaphod"}),
        ({"USER": "ford", "USERNAME": "arthur"}, {"ford", "arthur"}),
        ({"USER": "bob"}, set()),
        ({"USER": "bobs", "HOME": "/home/trillian/"}, {"bobs", "trillian"}),
        ({"USER": "bobs", "COMPUTERNAME": "EDDIE", "HOSTNAME": "marvin"}, {"bobs", "EDDIE"}),
        ({"USER": "bobs", "HOSTNAME": "marvin.a.b"}, {"bobs", "marvin", "marvin.a.b"}),
        ({}, {"slartibartfast"}),
    ],
)
def test_where_the_names_of_here_come_from(monkeypatch, variables, names):
    """Every variable that logging in sets, the home folder, the system where none is set."""
    asked = ("LOGNAME", "USER", "LNAME", "USERNAME", "COMPUTERNAME", "HOSTNAME")
    for name in asked:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(machine, "_here", None)
    monkeypatch.setattr(machine, "_account_name", lambda: ("slartibartfast",))
    node = SimpleNamespace(nodename="heartofgold.local")
    monkeypatch.setattr(os, "uname", lambda: node, raising=False)

    found = set(machine.names_here())

    assert found == {*names, "heartofgold", "heartofgold.local"}


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("alice smith/private notes/x y.onnx", "x y.onnx"),
        ("/home/alice smith", SCRUBBED),
        ("Documents/Alice.Smith", "Alice.Smith"),
        ("a/b", "b"),
    ],
)
def test_a_path_needs_no_sign_that_it_is_one(monkeypatch, path, kept, long):
    """In a message these could be words; a field of paths holds one, short or long."""
    monkeypatch.setattr(pipeline, "_paths", {})
    before = "a folder/" * 60 if long and not path.startswith("/") else ""

    assert scrub("path", before + path, 500) == kept
    assert scrub("path", before + path, 500) == kept


def test_paths_are_remembered_for_a_while(monkeypatch):
    """What is remembered is what would be found anew; what may lie about itself is not."""
    monkeypatch.setattr(pipeline, "_paths", {})
    roots = ("winml/modelkit",)
    paths = [f"/home/alice/{n}/winml/modelkit/{n}.py" for n in range(1000)]

    for path in [*paths, *paths[-10:], "/home/alice/" + "x" * 600]:
        assert scrub("path", path, 260, roots) == pipeline.scrubbed("path", path, 260, roots)
        assert len(pipeline._paths) <= 512

    assert scrub("path", paths[-1], 5, roots) != scrub("path", paths[-1], 260, roots)
    assert scrub("path", paths[-1], 260, ()) == "999.py"

    class Same(str):
        """Equal to any other."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, _: object) -> bool:
            return True

    scrub("path", Same(paths[-1]), 260, roots)
    assert all(type(key[0]) is str for key in pipeline._paths)
