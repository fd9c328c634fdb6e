"""Schema text as an attacker would write it: it may look odd in the output, never do anything.

The rules refuse much of this long before; here the generator stands alone, fed with a catalogue
that was checked and then changed.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from declarant_codegen.datamodel import type_names, types_source
from declarant_codegen.formatting import RUFF_ARGUMENTS, find_ruff_bin, format_python
from declarant_codegen.model import Catalogue, Event, Field
from declarant_codegen.project_view import project_view
from declarant_codegen.python_text import Code, comment, docstring, fstring, identifier, wrap
from declarant_codegen.render import UnsafeText, render
from declarant_codegen.view import catalogue_view, event_view, package_view

_spec = importlib.util.spec_from_file_location("zoo", Path(__file__).with_name("zoo.py"))
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)

NASTY = [
    '"""\nimport os; os.abort()\n"""',
    "'''\nimport os\n'''",
    '"',
    '""',
    'ends with a quote"',
    "ends with a backslash\\",
    '\\"""',
    "{{ view.source }} {% raw %} {# x #}",
    "{os.abort()} {x!r:>{y}}",
    "\\N{BULLET} \\x00 \\u202e",
    "# comment\r# another\n\x0b\x0c\x1c\x85\u2028\u2029import os",
    "\u202e\u2066abc\u2069 \u200b\ufeff",
    "\ud800 \udfff",
    "p\u0430ypal \uff49\uff4d\uff50\uff4f\uff52\uff54",
    "<script>alert(1)</script> [x](javascript:y) `code` | --> <!--",
    "%s %(x)s {0} ${x}",
]
TEXT = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=40))
#: The loader refuses values with lone surrogates (JSON_ENCODING), and Python 3.13 compiles none.
VALUE = TEXT.filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The zoo's catalogue with one event."""
    events = {"model_kit_required": zoo.zoo_events()["model_kit_required"]}
    folder = tmp_path_factory.mktemp("hostile")
    return zoo.load(zoo.write_catalogue(folder, events, package="zoo_events"))


def _with_text(catalogue: Catalogue, text: str) -> Catalogue:
    """Return the catalogue with *text* wherever an author writes free words."""
    event = catalogue.events[0]
    properties = {
        name: _described(schema, text) for name, schema in event.schema["properties"].items()
    }
    changed: Event = dataclasses.replace(
        event,
        description=text,
        purpose=text,
        owners=(text, text),
        expires=text,
        path=text,
        schema={**event.schema, "properties": properties},
        fields=tuple(
            dataclasses.replace(field, schema=properties[field.name]) for field in event.fields
        ),
    )
    return dataclasses.replace(
        catalogue,
        display_name=text,
        product=text,
        endpoint=text,
        version=text,
        events=(changed,),
        inputs=((f"{text}/catalogue.json", "0" * 64),),
    )


def _described(schema: Any, text: str) -> Any:
    changed = {**schema, "description": text, "x-unit": text, "x-reason": text}
    if "properties" in schema:
        changed["properties"] = {
            name: _described(child, text) for name, child in schema["properties"].items()
        }
    return changed


def _rendered(catalogue: Catalogue) -> dict[str, str]:
    names = type_names(catalogue)
    return {
        "event": render("event.py.jinja", event_view(catalogue.events[0], catalogue, names)),
        "catalogue": render("_catalogue.py.jinja", catalogue_view(catalogue, {"event": "0"})),
        "package": render("__init__.py.jinja", package_view(catalogue)),
    }


class _Blank(ast.NodeTransformer):
    """Replaces every constant's text, so that only structure is left to compare."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str):
            return ast.copy_location(ast.Constant("x"), node)
        return node


def _structure(source: str) -> str:
    return ast.dump(_Blank().visit(ast.parse(source)))


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_no_description_changes_the_code(catalogue: Catalogue, text: str) -> None:
    """Whatever authors write, the code has the structure that plain words give it."""
    plain = {
        name: _structure(source) for name, source in _rendered(_with_text(catalogue, "x")).items()
    }

    hostile = _rendered(_with_text(catalogue, text))

    assert {name: _structure(source) for name, source in hostile.items()} == plain
    for source in hostile.values():
        comments = [line for line in source.splitlines() if line.startswith("#")]
        assert len(comments) == 3
        assert all(line.isascii() and line.isprintable() for line in comments)
        assert all(letter.isprintable() or letter == "\n" for letter in source)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUE, min_size=1, max_size=4, unique=True), VALUE)
def test_no_value_changes_the_code(catalogue: Catalogue, values: list[str], constant: str) -> None:
    """Enum values and constants of any text are written, matched and encoded as they are."""
    event = _event_of(
        catalogue,
        {
            "choice": {"type": "string", "enum": values},
            "fixed": {"type": ["string", "null"], "const": constant},
            "nullable": {"type": ["string", "null"], "enum": [*values, None]},
        },
    )
    changed = dataclasses.replace(catalogue, events=(event,))

    source = render("event.py.jinja", event_view(event, changed, type_names(changed)))

    encode = _run_encoder(source)
    for value in values:
        inside = encode(value, constant, None)
        assert inside is not None
        line = f"{{{inside}}}".encode("utf-8", "backslashreplace")
        assert json.loads(line) == {"choice": value, "fixed": constant, "nullable": None}
    assert encode(values[0] + "x", constant, None) is None or values[0] + "x" in values


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(['"', "\\\\", "'", "{", "}", "a", "#", "%", "`", "\\n", "\\u202e"]), min_size=1, max_size=5))  # fmt: skip  # noqa: E501
def test_no_pattern_changes_the_code(catalogue: Catalogue, parts: list[str]) -> None:
    """A pattern of quotes, braces and escapes stays inside its literal and is enforced."""
    import re

    inner = "".join(f"[{part}]" for part in parts)
    schema = {"type": "string", "pattern": f"^{inner}$", "description": "x"}
    event = _event_of(catalogue, {"field": schema})
    changed = dataclasses.replace(catalogue, events=(event,))

    source = render("event.py.jinja", event_view(event, changed, type_names(changed)))

    text = "".join(
        {"\\\\": "\\", "\\n": "\n", "\\u202e": "\u202e"}.get(part, part) for part in parts
    )
    inside = _run_encoder(source)(text)
    assert re.fullmatch(inner, text)
    assert inside is not None
    assert json.loads(f"{{{inside}}}") == {"field": text}
    assert _run_encoder(source)(text + "~") is None


def _event_of(catalogue: Catalogue, properties: dict[str, Any]) -> Event:
    schema = {**catalogue.events[0].schema, "properties": properties, "required": list(properties)}
    fields = tuple(
        Field(name=name, schema=child, required=True, line=1) for name, child in properties.items()
    )
    return dataclasses.replace(catalogue.events[0], schema=schema, fields=fields)


def _run_encoder(source: str) -> Any:
    """Run a rendered module without its catalogue and return its encoder."""
    lines = source.replace("from zoo_events._catalogue import (CATALOGUE)", "CATALOGUE = None")
    names: dict[str, Any] = {"__name__": "rendered"}
    exec(compile(lines, "rendered", "exec"), names)
    return names["_encode"]


@example("")
@settings(max_examples=200, deadline=None)
@given(st.text())
def test_fstring_text_comes_out_unchanged(text: str) -> None:
    """Constant text inside an f-string is exactly that text."""
    assert eval(f"f'{fstring(text)}'") == text


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=3))
def test_a_docstring_says_what_was_written(texts: list[str]) -> None:
    """Docstring text evaluates to the author's words, white space aside."""
    lines = docstring([wrap(text, indent=0) for text in texts])
    source = '"""' + "\n".join(lines) + '"""\n'

    (statement,) = ast.parse(source).body

    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    assert str(statement.value.value).split() == " ".join(texts).split()


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_a_comment_is_one_printable_line(text: str) -> None:
    """Nothing in a comment ends it."""
    made = comment(text)

    assert made.isascii()
    assert made == "" or made.isprintable()
    assert ast.parse(f"# {made}\n").body == []


@pytest.mark.parametrize("name", ["class", "a b", "a\nb", "", "1a", "é", "__import__('os')", "a;b"])
def test_only_identifiers_reach_name_positions(name: str) -> None:
    """Names have a gate of their own."""
    with pytest.raises(ValueError, match="identifier"):
        identifier(name)


def test_templates_print_code_only(catalogue: Catalogue) -> None:
    """Text that no escape has passed cannot be printed."""
    view = project_view(catalogue)

    with pytest.raises(UnsafeText):
        render("pyproject.toml.jinja", dataclasses.replace(view, version="1.0"))
    assert isinstance(view.version, Code)


def test_hostile_output_is_a_fixed_point_of_the_formatter(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    """Formatting once is enough, and docstrings keep their words."""
    sources = {}
    for index, text in enumerate(NASTY):
        for name, source in _rendered(_with_text(catalogue, text)).items():
            sources[f"{name}{index}.py"] = source

    formatted = format_python(sources)

    for path, text in formatted.items():
        (tmp_path / path).write_bytes(text.encode())
        assert _words(text) == _words(sources[path])
    again = subprocess.run(
        [find_ruff_bin(), *RUFF_ARGUMENTS, "--check", "."], cwd=tmp_path, check=False
    )
    assert again.returncode == 0


def _words(source: str) -> list[list[str]]:
    return [
        node.value.split()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_project_files_hold_text_as_text(catalogue: Catalogue, text: str) -> None:
    """TOML strings stay strings; Markdown gets no structure from a description."""
    view = project_view(_with_text(catalogue, text))

    toml = render("pyproject.toml.jinja", view)
    markdown = render("README.md.jinja", view)

    assert toml.count("\n[") == 3
    assert len(toml.splitlines()) == len(render("pyproject.toml.jinja", project_view(catalogue)).splitlines())  # fmt: skip  # noqa: E501
    plain = render("README.md.jinja", project_view(_with_text(catalogue, "x")))
    assert len(markdown.splitlines()) == len(plain.splitlines())
    assert "<script" not in markdown
    assert markdown.count("<!--") == 1


def test_no_value_changes_the_types(catalogue: Catalogue) -> None:
    """datamodel-code-generator writes enum values of any text as they are, and nothing else."""
    values = [text for text in NASTY if "\ud800" not in text]
    event = _event_of(catalogue, {"choice": {"type": "string", "enum": values}})
    changed = dataclasses.replace(catalogue, events=(event,))

    source = types_source(type_names(changed), cache=None)

    future, standard, declared = ast.parse(source).body
    assert isinstance(future, ast.ImportFrom)
    assert isinstance(standard, ast.ImportFrom)
    assert isinstance(declared, ast.ClassDef)
    (field,) = declared.body
    assert isinstance(field, ast.AnnAssign)
    assert isinstance(field.annotation, ast.Subscript)
    assert list(ast.literal_eval(field.annotation.slice)) == values
