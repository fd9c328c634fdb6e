"""Emitters that take an exception, generated from schemas of all permitted forms."""

from __future__ import annotations

import importlib.util
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from declarant import DropReason, InvalidEvent, Outcome
from declarant._store import OfflineStore, event_lines

if TYPE_CHECKING:
    from collections.abc import Callable

_spec = importlib.util.spec_from_file_location("zoo", Path(__file__).with_name("zoo.py"))
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
ERROR: dict[str, Any] = json.loads(
    (zoo.SCHEMAS / "events" / "model_kit_error.schema.json").read_text("utf-8")
)
TYPE, MESSAGE, STACK = (
    {**ERROR["properties"][f"exception_{name}"], "x-notice": "usage"}
    for name in ("type", "message", "stack")
)
STACK["items"] = {
    key: value for key, value in ERROR["$defs"]["frame"].items() if key != "description"
}
WORD = {**zoo.FIELDS["text"], "x-class": "middle"}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


CRASHED = {
    "command": WORD,
    "exception_type": TYPE,
    "root_cause_type": or_null(TYPE) | {"examples": ["builtins.OSError", None]},
    "error": zoo.FIELDS["count"],
    "exception_stack": STACK | {"maxItems": 2},
    "exception_message": MESSAGE
    | {"maxLength": 40, "x-scrub-vectors": MESSAGE["x-scrub-vectors"][:1]},
    "root_cause_message": MESSAGE,
    "attempt": zoo.FIELDS["count"],
}
#: Everything optional or null, the names in a form of their own.
SHORT = {
    "exception_type": {
        **zoo.FIELDS["choice"],
        "type": ["string", "null"],
        "enum": ["ValueError", "Exception", None],
    },
    "root_cause_message": or_null(MESSAGE),
    "root_cause_type": {**TYPE, "pattern": "^[A-Za-z.]{1,24}$", "examples": ["OSError"]},
    "exception_stack": or_null(STACK) | {"maxItems": 1},
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A package of events with root causes, and with fields that the caller gives."""
    folder = tmp_path_factory.mktemp("causes")
    required = [name for name in CRASHED if name not in ("root_cause_message", "attempt")]
    events = {
        "model_kit_crashed": zoo.event(
            "ModelKitCrashed", CRASHED, required, **{"x-exception": True}
        ),
        "model_kit_short": zoo.event("ModelKitShort", SHORT, [], **{"x-exception": True}),
        "model_kit_plain": zoo.event("ModelKitPlain", {"exception_type": TYPE, "exc": WORD}, []),
    }
    schemas = zoo.write_catalogue(folder, events, package=zoo.fresh_package())
    package = zoo.install(zoo.load(schemas), folder / "out")
    package.FOLDER = folder / "out"
    return package


@pytest.fixture
def tell(package: Any, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Emit from an exception in strict mode and return the stored data."""
    package.configure(
        app_version="1", consent="granted", ikey=KEY, delivery="manual", strict=True,
        store_folder=tmp_path / "store",
    )  # fmt: skip

    def told(event: str, exc: BaseException, /, **values: object) -> dict[str, Any]:
        assert getattr(package, f"emit_model_kit_{event}_from")(exc, **values) is Outcome.STORED
        store = OfflineStore(str(tmp_path / "store"))
        lines = [
            line
            for name in store.segments()
            for line in event_lines((Path(store.folder) / name).read_bytes())
        ]
        envelope = json.loads(lines[-1])
        assert package.CATALOGUE.violations(envelope) == []
        data: dict[str, Any] = envelope["data"]
        return data

    return told


def caused() -> None:
    try:
        Path("/home/alice/nothing.onnx").read_bytes()
    except OSError as error:
        raise ValueError("cannot load the model of alice.zebra@example.com") from error


def raised(function: Callable[[], object]) -> BaseException:
    try:
        function()
    except Exception as error:  # noqa: BLE001  any is welcome
        return error
    raise AssertionError("nothing was raised")


def test_each_field_gets_what_its_name_says(tell: Callable[..., dict[str, Any]]) -> None:
    """From the exception, and from the caller."""
    data = tell("crashed", raised(caused), command="build", error=3)

    stack = data.pop("exception_stack")
    assert data == {
        "command": "build",
        "error": 3,
        "exception_type": "builtins.ValueError",
        "exception_message": "cannot load the model of <scrubbed>",
        "root_cause_type": "builtins.FileNotFoundError",
        "root_cause_message": "[Errno 2] No such file or directory: 'nothing.onnx'",
    }
    assert [frame["function"] for frame in stack] == ["raised", "caused"]
    assert {frame["file"] for frame in stack} == {"test_from_exception.py"}


def test_an_error_without_a_cause_is_its_own(tell: Callable[..., dict[str, Any]]) -> None:
    """A required field is null then, an optional one is left out."""
    data = tell("crashed", ValueError("x"), command="build", error=0, attempt=2)

    assert data["root_cause_type"] is None
    assert data["attempt"] == 2
    assert "root_cause_message" not in data


def test_names_are_brought_to_any_form_that_a_schema_has(
    tell: Callable[..., dict[str, Any]],
) -> None:
    """An enum takes the class alone, or its stand-in; a short pattern what fits of a name."""
    data = tell("short", raised(caused))
    other = tell("short", KeyError(1))

    assert data["exception_type"] == "ValueError"
    assert data["root_cause_type"] == "FileNotFoundError"
    assert [frame["function"] for frame in data["exception_stack"]] == ["caused"]
    assert other == {
        "exception_type": "Exception",
        "exception_stack": [],
        "root_cause_message": None,
    }


def test_only_the_callers_own_arguments_are_checked(
    package: Any, tell: Callable[..., dict[str, Any]]
) -> None:
    """What the caller gives may be invalid; it raises in strict mode, as in every emitter."""
    emit = package.emit_model_kit_crashed_from

    with pytest.raises(InvalidEvent, match=r"ModelKitCrashed\.error: expected") as refused:
        emit(ValueError("quagga"), command="build", error=1000)
    assert "quagga" not in str(refused.value)
    with pytest.raises(TypeError):
        emit(ValueError(), command="build")
    # A value in another form of the same is no error, and the exception is read once.
    assert tell("crashed", raised(caused), command="build", error=3.0)["error"] == 3
    package.configure(app_version="1", consent="denied")
    assert emit(ValueError(), command="b", error=1000).drop_reason == DropReason.CONSENT_OFF


def test_the_signature_asks_for_what_no_exception_has(package: Any) -> None:
    """The exception first, by place; the rest by name, and the client."""
    crashed = inspect.signature(package.emit_model_kit_crashed_from)
    short = inspect.signature(package.emit_model_kit_short_from)

    assert list(crashed.parameters) == ["exc", "command", "error", "attempt", "client"]
    kinds = [parameter.kind.name for parameter in crashed.parameters.values()]
    assert kinds == ["POSITIONAL_OR_KEYWORD", *["KEYWORD_ONLY"] * 4]
    assert list(short.parameters) == ["exc", "client"]
    assert not hasattr(package, "emit_model_kit_plain_from")


@pytest.mark.once
def test_the_code_is_typed_and_formatted(package: Any) -> None:
    """Both type checkers take it, strictly, and the formatter changes nothing."""
    folder = package.FOLDER
    name = package.__name__
    (folder / "mypy.ini").write_text("[mypy]\nstrict = True\n")
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    tools = Path(sys.executable).parent
    for command in (
        ["ruff", "format", "--isolated", "--check", f"{name}/model_kit_crashed.py"],
        ["mypy", "--config-file", "mypy.ini", f"{name}/model_kit_crashed.py"],
        ["pyright", "-p", ".", "--pythonpath", sys.executable, f"{name}/model_kit_crashed.py"],
    ):
        done = subprocess.run(
            [tools / command[0], *command[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
