"""Generated Python is what anybody's formatter, told nothing, would make of it."""

from __future__ import annotations

import ast
import importlib.util
import io
import json
import subprocess
import tokenize
from pathlib import Path

import pytest

from declarant_codegen.formatting import find_ruff_bin
from declarant_codegen.generate import generate

GENERATED = Path(__file__).parents[2] / "generated"

_spec = importlib.util.spec_from_file_location("zoo", Path(__file__).with_name("zoo.py"))
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output for many events of every kind of field, whose names have many lengths."""
    words = ["a" * length for length in range(1, 49)]
    events = {
        f"model_kit_{word}": zoo.event(f"ModelKitA{word[1:]}", zoo.FIELDS, list(zoo.FIELDS)[::2])
        for word in words
    }
    folder = tmp_path_factory.mktemp("big")
    schemas = zoo.write_catalogue(folder, events, package="zoo_events")
    made = generate(zoo.load(schemas), is_clean=True, inputs=[], cache=None, report=_silence)
    for path, content in made.files.items():
        place = folder / "generated" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder / "generated"


def _silence(phase: str, done: int, total: int) -> None:
    del phase, done, total


def _bare(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [find_ruff_bin(), "format", "--isolated", "--no-cache", "--check", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_bare_formatter_changes_nothing_of_modelkit() -> None:
    """``ruff format --isolated`` with nothing else leaves the committed output as it is."""
    ran = _bare(GENERATED)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "already formatted" in ran.stdout


def test_the_bare_formatter_changes_nothing_of_a_big_catalogue(big: Path) -> None:
    """Nor does it when names of all lengths make lines of all lengths."""
    assert len(list(big.rglob("*.py"))) == 52

    ran = _bare(big)

    assert (ran.returncode, ran.stdout.count("Would reformat")) == (0, 0)


def test_docstrings_keep_to_the_formatters_width(big: Path) -> None:
    """The formatter breaks no docstring, so they are laid out for its width of 88 columns."""
    long = [
        f"{path.name}:{token.start[0]}"
        for folder in (GENERATED / "modelkit_events", big / "zoo_events")
        for path in folder.glob("*.py")
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
        if token.type == tokenize.STRING and token.string.startswith('"""')
        for line in token.line.splitlines()
        if len(line) > 88
    ]

    assert long == []


def test_a_long_product_name_is_not_cut_off(tmp_path: Path) -> None:
    """The package's docstring goes on over as many lines as it needs."""
    schemas = zoo.write_catalogue(tmp_path, zoo.zoo_events(), package="zoo_events")
    path = schemas / "catalogue.json"
    name = "A product whose name fills what the dialect grants it, no more."
    path.write_text(json.dumps({**json.loads(path.read_text()), "display_name": name}))
    catalogue = zoo.load(schemas)

    made = generate(catalogue, is_clean=True, inputs=[], cache=None, report=_silence)

    for module in ("__init__", "_catalogue"):
        text = ast.get_docstring(ast.parse(made.files[f"zoo_events/{module}.py"]))
        assert text is not None
        assert name in " ".join(text.split())
