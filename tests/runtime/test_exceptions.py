"""The emitter that reads its event from an exception, on exceptions that were really raised."""

from __future__ import annotations

import asyncio
import builtins
import functools
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

import declarant
from declarant import DropReason, InvalidEvent, Outcome
from declarant._private_names import without_private
from declarant._scrubbing import machine
from modelkit_events import CATALOGUE, emit_model_kit_error_from

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = "test_exceptions.py"
#: What stands in what is raised below, and may stand in no stored byte.
SECRETS = ("alice", "zebra", "hunter2", "quagga", "acme")
GITHUB = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"

Told = dict[str, Any]


@pytest.fixture
def tell(make_client, stored) -> Callable[[BaseException], Told]:
    """Emit from an exception, in strict mode, and return the stored data."""
    client = make_client(strict=True)

    def told(error: BaseException) -> Told:
        assert emit_model_kit_error_from(error, client=client) is Outcome.STORED
        envelope = stored()[-1]
        assert CATALOGUE.violations(envelope) == []
        return envelope["data"]

    return told


def raised(function: Callable[..., object], *values: object) -> BaseException:
    """Return what a call raises, with its traceback."""
    try:
        function(*values)
    except BaseException as error:  # noqa: BLE001  any is welcome
        return error
    raise AssertionError("nothing was raised")


def fail(words: str = "no") -> None:
    raise ValueError(words)


def test_the_published_row(tell):
    """A missing file's error keeps the file's name, and none of the folders."""
    path = "C:\\Users\\Alice\\models\\mobilenet.onnx"

    def load() -> None:
        raise FileNotFoundError(f"model file not found: {path}")

    data = tell(raised(load))

    assert data["exception_type"] == "builtins.FileNotFoundError"
    assert data["exception_message"] == "model file not found: mobilenet.onnx"
    assert len(data["exception_message"]) <= 200
    for frame in data["exception_stack"]:
        assert list(frame) == ["file", "line", "function"]
    assert data["exception_stack"][-1]["file"] == HERE
    assert data["exception_stack"][-1]["function"].endswith("load")


class Loader:
    """Fails in methods of all kinds."""

    def method(self) -> None:
        fail()

    @classmethod
    def of_class(cls) -> None:
        cls().method()

    @property
    def value(self) -> int:
        raise LookupError("zebra@example.com")


async def waits() -> None:
    await asyncio.sleep(0)
    fail("for alice.zebra@example.com")


async def gathers() -> None:
    await asyncio.gather(waits(), return_exceptions=False)


def generates():
    yield 1
    fail("/home/alice/acme/x.onnx")


def chains() -> None:
    try:
        Path("/home/alice/acme merger/model.onnx").read_bytes()
    except OSError as error:
        raise RuntimeError(f"cannot load: {error}") from error


def asks() -> None:
    requests.get("http://alice:hunter2@127.0.0.1:9/acme?token=" + GITHUB, timeout=5)


def groups() -> None:
    errors = [raised(chains), raised(fail, "alice@example.com")]
    raise builtins.ExceptionGroup("for /home/alice/acme/x", errors)


def runs_made_code() -> None:
    source = "quagga = 'hunter2'\ndef f():\n    raise ValueError('of alice@example.com')\nf()\n"
    exec(compile(source, "/home/alice/acme merger/train.py", "exec"), {})


RAISING = {
    "an open": lambda: Path("/home/alice/acme merger/model.onnx").read_bytes(),
    "a listing": lambda: list(Path("/home/alice/acme/models").iterdir()),
    "a chain": chains,
    "a request": asks,
    "JSON": lambda: json.loads('{"alice": quagga}'),
    "bytes": lambda: b"alice \xff quagga".decode(),
    "a number": lambda: int("alice@example.com"),
    "a key": lambda: {}["/home/alice/acme/x"],
    "a process": lambda: subprocess.run(
        [sys.executable, "-c", "raise SystemExit(3)", "--password=hunter2"], check=True
    ),
    "no program": lambda: subprocess.run(["/home/alice/acme/bin/tool"], check=False),
    "syntax": lambda: compile("alice = = quagga", "/home/alice/acme/x.py", "exec"),
    "a coroutine": lambda: asyncio.run(gathers()),
    "a generator": lambda: list(generates()),
    "a thrown one": lambda: generates().throw(ValueError("/home/alice/acme/x")),
    "made code": runs_made_code,
    "a sort's key": lambda: sorted([1, 2], key=lambda _: fail("hunter2@example.com")),
    "a partial": functools.partial(functools.reduce, lambda *_: fail(GITHUB), [1, 2]),
    "a method": Loader.of_class,
    "a property": lambda: Loader().value,
    "a comprehension": lambda: [fail(str(n)) for n in range(3)],
    "an import": lambda: __import__("json.nothing"),
    "an exit": lambda: sys.exit("/home/alice/acme/x"),
}
if sys.version_info >= (3, 11):
    RAISING["a group"] = groups


@pytest.mark.parametrize("name", RAISING)
def test_what_programs_raise_is_told_without_personal_text(tell, folder, name):
    """Each is stored and valid, its stack is the traceback's, and nothing planted is on disk."""
    error = raised(RAISING[name])
    shown = traceback.extract_tb(error.__traceback__)[-32:]

    data = tell(error)

    kind = type(error)
    assert data["exception_type"] == f"{kind.__module__}.{kind.__qualname__}"
    assert [frame["line"] for frame in data["exception_stack"]] == [f.lineno for f in shown]
    for frame, real in zip(data["exception_stack"], shown, strict=True):
        assert frame["function"].rpartition(".")[2] == real.name
        assert Path(real.filename).name == Path(frame["file"]).name
        assert not Path(frame["file"]).is_absolute()
    (segment,) = folder.glob("*.ndjson")
    text = segment.read_text("utf-8").lower()
    assert [secret for secret in (*SECRETS, GITHUB.lower()) if secret in text] == []


def test_files_are_told_from_their_package_on(tell):
    """Of installed packages and of ModelKit's own the place is kept; of a user's folder nothing."""
    places = {
        "C:\\Users\\Alice\\venv\\Lib\\site-packages\\modelkit\\build.py": "modelkit/build.py",
        "/home/alice/work/modelkit/commands/build.py": "modelkit/commands/build.py",
        "/usr/lib/python3.11/json/decoder.py": "json/decoder.py",
        "/home/alice/acme merger/train.py": "train.py",
        "<string>": "<string>",
        "<frozen importlib._bootstrap>": "<frozen importlib._bootstrap>",
    }
    for path, kept in places.items():
        code = compile("1 / 0", path, "exec")

        data = tell(raised(exec, code, {}))

        assert data["exception_stack"][-1] == {"file": kept, "line": 1, "function": "<module>"}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT name FROM patients WHERE id=4711",
        'salary > 100000 and name == "zebra"',
        "<alice quagga's tax return>",
        "template: Dear Alice Zebra,\nyours",
    ],
)
def test_text_that_was_compiled_under_itself_is_not_told(tell, folder, text):
    """As queries and templates are: their text is no file."""
    data = tell(raised(exec, compile("1 / 0", text, "exec"), {}))

    assert data["exception_stack"][-1]["file"] == "<unknown>"
    (segment,) = folder.glob("*.ndjson")
    stored = segment.read_text("utf-8").lower()
    assert [word for word in (*SECRETS, "patients", "salary") if word in stored] == []


def test_a_token_as_the_name_of_code_is_not_told(tell, folder):
    """A class or function may be called what was given to the program at run time."""
    kind = type(GITHUB, (Exception,), {"__module__": "made"})
    code = compile("raise error", "x.py", "exec").replace(co_name=GITHUB)
    if hasattr(code, "co_qualname"):
        code = code.replace(co_qualname=f"Loader.{GITHUB}")

    data = tell(raised(exec, code, {"error": kind("no")}))

    assert data["exception_type"] == "builtins.Exception"
    assert data["exception_stack"][-1]["function"] == "<unknown>"
    (segment,) = folder.glob("*.ndjson")
    assert GITHUB not in segment.read_text("utf-8")


def test_the_users_own_name_as_the_name_of_code_is_not_told(tell, monkeypatch):
    """Of a module that is called so the class is told alone."""
    monkeypatch.setattr(machine, "_here", ("zaphod",))
    named = type("Zaphod", (Exception,), {"__module__": "tools"})
    inside = type("NoModel", (Exception,), {"__module__": "zaphod.tools"})
    code = compile("raise error", "x.py", "exec").replace(co_name="zaphod")
    if hasattr(code, "co_qualname"):
        code = code.replace(co_qualname="zaphod")

    first = tell(raised(exec, code, {"error": named()}))
    second = tell(inside())

    assert first["exception_type"] == "builtins.Exception"
    assert first["exception_stack"][-1]["function"] == "<unknown>"
    assert second["exception_type"] == "NoModel"


#: Names of code, and whether those of the user wilhelmina, jo.doe or lora stand in them as words.
CODE = {
    "tools.WilhelminaError": True,
    "load_wilhelmina_model": True,
    "load_wilhelmina2": True,
    "Loader.of_WILHELMINA": True,
    "WILHELMINAError": True,
    "WilhelminaM\u00fcllerLoader": True,
    "wilhelminaLoader": True,
    "JoDoeError": True,
    "jo.doe.Error": True,
    "joDoe": True,
    "load_jodoe": True,
    "LoraError": True,
    "Wilhelminas": False,
    "explorative": False,
    "Explorative.FlORAl": False,
    "exploration": False,
    "florALoss": False,
    "Joy.DoesNotFit": False,
    "<lambda>": False,
}


@pytest.mark.parametrize("name", CODE)
def test_a_name_of_the_user_inside_one_of_code_is_not_told(monkeypatch, name):
    """Where it stands as a word, or as several: other words that hold its letters are kept."""
    monkeypatch.setattr(machine, "_here", ("wilhelmina", "jo.doe", "lora", "----"))

    assert without_private((name,)) == (() if CODE[name] else (name,))


def test_a_name_of_code_that_nobody_wrote_is_not_told(monkeypatch):
    """Of one of any length the words would be as many."""
    monkeypatch.setattr(machine, "_here", ("lora",))

    assert without_private(("x" * 100_000, "Flora" * 1000)) == ("x" * 100_000,)


def test_names_of_code_cost_no_pattern():
    """The names of most errors are looked at without loading `re`."""
    program = (
        "import sys; from declarant._private_names import without_private as w; "
        "assert w(('builtins.ValueError', 'json.decoder.JSONDecodeError')); "
        "print('re' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(declarant.__file__).parent.parent)}

    ran = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ran.stdout == "False\n"


def test_neither_source_nor_values_are_told(tell, folder):
    """What a traceback shows of source lines and variables is nowhere on disk."""

    def works_on(secret: str) -> None:
        okapi = [secret]
        raise ValueError(len(okapi))  # a comment: narwhal

    tell(raised(works_on, "quagga"))

    (segment,) = folder.glob("*.ndjson")
    text = segment.read_text("utf-8")
    assert [word for word in ("quagga", "okapi", "narwhal", "len(") if word in text] == []


def test_the_innermost_calls_are_kept_the_outermost_first(tell):
    """Of forty calls the first eight go."""
    space: dict[str, Any] = {}
    exec("def f0(): raise ValueError", space)
    for n in range(1, 40):
        exec(f"def f{n}(): f{n - 1}()", space)

    stack = tell(raised(space["f39"]))["exception_stack"]

    assert [frame["function"] for frame in stack] == [f"f{n}" for n in range(31, -1, -1)]


def test_endless_recursion_is_told(tell):
    """A traceback of a thousand calls of one function."""

    def again() -> None:
        again()

    data = tell(raised(again))

    assert data["exception_type"] == "builtins.RecursionError"
    assert [frame["file"] for frame in data["exception_stack"]] == [HERE] * 32


def test_an_exception_that_was_never_raised_has_no_stack(tell):
    """No traceback is no reason to lose the event."""
    data = tell(ValueError("not raised"))

    assert data == {
        "exception_type": "builtins.ValueError",
        "exception_message": "not raised",
        "exception_stack": [],
    }


def test_text_is_scrubbed_before_it_is_cut(tell):
    """Wherever the end falls, no part of an address is left, and no part of a mark."""
    for length in range(150, 210):
        words = ("word " * 60)[:length] + " alice.zebra@example.com and more words to come"

        message = tell(ValueError(words))["exception_message"]

        assert len(message) <= 200
        assert "alice" not in message
        assert message.count("<") == message.count("<scrubbed>") == message.count(">")


def test_a_name_that_is_no_unicode_costs_no_event(tell):
    """File names that are not UTF-8 come as lone surrogates, which no envelope can hold."""
    name = os.fsdecode(b"/home/alice/m\xfcller.onnx")

    data = tell(ValueError(f"cannot open {name}"))

    assert "ller.onnx" in data["exception_message"]
    assert "alice" not in data["exception_message"]


class Watched(Exception):  # noqa: N818
    """Tells whether it was asked."""

    asked = False

    def __str__(self) -> str:
        type(self).asked = True
        return "asked"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"consent": "denied"}, DropReason.CONSENT_OFF),
        ({"level": "required"}, DropReason.LEVEL_OFF),
        ({"ikey": ""}, DropReason.NO_KEY),
    ],
)
def test_nothing_is_read_of_an_event_that_is_off(make_client, settings, reason):
    """The gate comes first: not even the text is asked for."""
    client = make_client(**{"ikey": None, **settings} if "ikey" in settings else settings)
    Watched.asked = False

    outcome = emit_model_kit_error_from(Watched(), client=client)

    assert outcome.drop_reason == reason
    assert client.dropped == {reason: 1}
    assert not Watched.asked


class Pretends:
    """No exception, whatever it says."""

    __class__ = ValueError  # type: ignore[assignment]


NO_EXCEPTIONS = (None, ValueError, "ValueError", 3, object(), Pretends(), (ValueError(),))


@pytest.mark.parametrize("value", NO_EXCEPTIONS, ids=lambda value: type(value).__name__)
def test_what_is_no_exception_is_an_invalid_argument(make_client, stored, value):
    """It is dropped and counted; in strict mode it raises, and says nothing of its value."""
    client = make_client()

    assert emit_model_kit_error_from(value, client=client).drop_reason == DropReason.INVALID_EVENT
    assert client.dropped == {DropReason.INVALID_EVENT: 1}
    assert stored() == []

    strict = make_client(strict=True)
    with pytest.raises(InvalidEvent) as refused:
        emit_model_kit_error_from(value, client=strict)
    assert str(refused.value) == (
        "ModelKitError.exception_type: expected string, got a value that is not JSON"
        " (NotAnException)"
    )
