"""The structure that the design promises, held as tests."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("runtime/declarant", "codegen/declarant_codegen", "collector/declarant_collector")

#: What neither importing a generated package nor a first emit may load.
FORBIDDEN_AT_EMIT = (
    *("requests", "urllib3", "http", "ssl", "jsonschema", "jinja2", "click", "sqlite3", "asyncio"),
    *("dataclasses", "subprocess", "re", "json", "enum", "typing", "pathlib", "threading"),
    *("logging", "platformdirs", "uuid", "hashlib", "_hashlib", "select", "termios", "pkgutil"),
)

#: What a first event with a scrubbed text may not load either; `re` and what that needs it may.
FORBIDDEN_AT_ERROR = (
    *(set(FORBIDDEN_AT_EMIT) - {"re", "enum"}),
    *("base64", "contextlib", "struct"),
)

FIRST_ERROR = """
try:
    raise ValueError("no user jo@example.com")
except ValueError as error:
    assert modelkit_events.emit_model_kit_error_from(error)
"""

FIRST_EMIT = """
import sys
before = set(sys.modules)
import modelkit_events
modelkit_events.configure(
    app_version="1.0", consent=sys.argv[2], delivery="detached", store_folder=sys.argv[1],
    ikey="0123456789abcdef0123456789abcdef-00000000-0000-0000-0000-000000000000-0000",
)
assert modelkit_events.emit_model_kit_action(
    invoked_from="Script", action_name="build", device=None, ep="CPUExecutionProvider",
    duration_ms=1, success=True,
)
assert modelkit_events.emit_model_kit_heartbeat()
exec(sys.argv[3])
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded))
sys.stdout.flush()
import os
os._exit(0)
"""


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.once
def test_import_directions_hold() -> None:
    """Every import contract of pyproject.toml is kept."""
    linter = Path(sys.executable).with_name("lint-imports")

    checked = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout


def test_generated_code_uses_public_names_only() -> None:
    """Generated modules import from `declarant` and `declarant.gencode`, and from each other."""
    for path in python_files("generated/modelkit_events"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("declarant"):
                assert node.module in ("declarant", "declarant.gencode"), f"{path}:{node.lineno}"
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("declarant") for alias in node.names)


@pytest.mark.parametrize("decision", ["granted", "stored", "ask"])
def test_first_emit_loads_nothing_heavy(tmp_path: Path, decision: str) -> None:
    """From a bare interpreter to the first stored event no heavy module is imported.

    By the host's own consent, and by the stored answer of a user.
    """
    loaded = loaded_by_first_emits(tmp_path, decision, "")

    assert [name for name in loaded if name in FORBIDDEN_AT_EMIT] == []


def test_a_first_error_loads_nothing_heavy_but_regular_expressions(tmp_path: Path) -> None:
    """A command that fails is a command, too: `typing` alone would be a third of its time."""
    loaded = loaded_by_first_emits(tmp_path, "granted", FIRST_ERROR)

    assert "re" in loaded
    assert [name for name in loaded if name in FORBIDDEN_AT_ERROR] == []


def loaded_by_first_emits(tmp_path: Path, decision: str, more: str) -> list[str]:
    """Return the top-level modules that the first events load, with *more* code after them."""
    # Only the folders that hold our packages: no .pth file gets to import anything first.
    import declarant
    import modelkit_events

    answer = Path(os.environ["HOME"], ".winml", "config.json")
    answer.parent.mkdir(parents=True)
    answer.write_text('{"telemetry": {"modelkit": {"consent": "granted", "version": 1}}}')
    homes = {str(Path(m.__file__ or "").parent.parent) for m in (declarant, modelkit_events)}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sorted(homes))}

    ran = subprocess.run(
        [sys.executable, "-S", "-c", FIRST_EMIT, str(tmp_path / "store"), decision, more],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_only_the_onecollector_transport_imports_requests() -> None:
    """Whatever else the runtime does, it cannot open a connection."""
    importers = [
        path.name
        for path in python_files("runtime/declarant")
        if re.search(r"^\s*(import|from) requests\b", path.read_text(encoding="utf-8"), re.M)
    ]

    assert importers == ["_onecollector.py"]


def test_one_place_makes_transports() -> None:
    """What asks whether a draft may send cannot be gone around."""
    makers = [
        path.name
        for path in python_files("runtime/declarant")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "OneCollectorTransport"
    ]

    assert makers == ["_pass.py"]


def names(node: ast.expr) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def test_broad_handlers_are_at_the_boundary() -> None:
    """The guard's three, those of emitters and command lines, the sender thread's loop, and the
    import of generated code.
    """
    broad = [
        path.name
        for path in python_files("runtime/declarant")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or {"Exception", "BaseException"} & names(node.type))
        # What raises again in the end holds nothing back.
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    ]

    expected = ["_client", "_generated", *("_guard",) * 3, "_telemetry", "_thread"]
    assert sorted(broad) == [f"{name}.py" for name in expected]


@pytest.mark.parametrize("module", ["_segments", "_locks", "_store", "_lease", "_kill_switch"])
def test_what_a_hosts_signal_handler_raises_is_given_back(module: str) -> None:
    """On an emit's way, whoever expects the disk to fail lets a handler's TimeoutError through."""
    path = ROOT / "runtime" / "declarant" / f"{module}.py"
    keeps = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and getattr(node.type, "id", "") == "OSError"
        if "give_back" not in ast.dump(node) and not isinstance(node.body[-1], ast.Raise)
    ]

    assert keeps == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_owns(package: str) -> None:
    """Each module but a bare marker has a docstring."""
    bare = [
        str(path.relative_to(ROOT))
        for path in python_files(package)
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert bare == []


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_and_functions_stay_small(package: str) -> None:
    """No module is over 420 lines and no function over 75, docstrings included."""
    too_long = []
    for path in python_files(package):
        source = path.read_text(encoding="utf-8")
        if source.count("\n") > 420:
            too_long.append(str(path.relative_to(ROOT)))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 75:
                too_long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")

    assert too_long == []


@pytest.mark.parametrize(
    "module",
    [
        "declarant",
        "declarant.click",
        "declarant.consent",
        "declarant.counts",
        "declarant.device",
        "declarant.gencode",
        "declarant_codegen",
    ],
)
def test_public_names_are_sorted_and_there(module: str) -> None:
    """`__all__` lists what the module really offers, in order."""
    import importlib

    loaded = importlib.import_module(module)
    names = list(loaded.__all__)

    # isort's order: constants, classes, functions.
    assert sorted(names) == sorted(set(names))
    assert all(hasattr(loaded, name) for name in names)


def test_runtime_needs_requests_and_platformdirs_alone() -> None:
    """The distribution's unconditional requirements stay two."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    required = re.search(r"^dependencies = \[(.*?)\]", text, re.M | re.S)

    assert required is not None
    names = re.findall(r'"([a-z]+)', required[1])
    assert names == ["platformdirs", "requests"]


def test_version_is_the_distributions() -> None:
    """The version that the runtime reports is pyproject.toml's."""
    from declarant import __version__

    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
