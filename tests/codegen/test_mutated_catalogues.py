"""Catalogues with a few things changed at random: each is refused by a rule, or all of it works.

How many, and from which seed on, two variables say: DECLARANT_BATCHES=100 DECLARANT_SEED=1000.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from declarant_codegen import load_catalogue
from declarant_codegen.bundle import envelope_schema
from declarant_codegen.change_views import diff_view
from declarant_codegen.errors import CodegenError
from declarant_codegen.generate import render_modules
from declarant_codegen.meta_files import meta_files
from declarant_codegen.own_words import compare_catalogues
from declarant_codegen.privacy_diff import diff, render_text, to_json
from declarant_codegen.privacy_page import privacy_view
from declarant_codegen.project_view import project_view
from declarant_codegen.render import render
from declarant_codegen.review.page import make_pages
from declarant_codegen.review.page_forms import page_json, page_text, page_view
from declarant_codegen.review.verdict import review_catalogue

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
BATCHES = int(os.environ.get("DECLARANT_BATCHES", "2"))
FIRST = int(os.environ.get("DECLARANT_SEED", "1"))
EACH = 40

_spec = importlib.util.spec_from_file_location("zoo", Path(__file__).with_name("zoo.py"))
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)

TEXTS = [
    "", "a", "x" * 300, "\n", "\ud800", "\u202e", "##vso[a]b", '"""', "'", "\\", "{x}", "<b>", "`",
    "|", "^a$", "^(a+)+$", "^[a-z]{1,9}$", "(", r"^\p{L}$", "2026-11-22", "0000-00-00", "string",
    "object", "array", "integer", "low", "middle", "identifier", "free_text", "usage", "message",
    "uuid", "#/$defs/a", "#", "../common/types.schema.json#/$defs/a", "../../x.json", "http://x/y",
    "os", "release", "é", "\u0430dmin", "__class__", "class", "exc", "client", "../x", "a/b", "~1",
]  # fmt: skip
KEYS = [
    "type", "enum", "const", "properties", "required", "items", "additionalProperties", "pattern",
    "format", "minimum", "exclusiveMaximum", "multipleOf", "maxLength", "maxItems", "uniqueItems",
    "$ref", "$defs", "title", "description", "examples", "x-class", "x-notice", "x-scrub", "x-unit",
    "x-scrub-vectors", "x-reason", "x-source", "x-exception", "x-ext", "x-owners", "x-expires",
    "allOf", "", "a/b", "~", "$schema", "review", "consent", "linkability", "notice", "never",
    "controls", "suppressions", "accepted_breaks", "package_roots", "telemetry", "approvers",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 0.5, 1.0, 1e-300, 1e300, 2**53 + 1, 2**64, 10**40, 1025, [], {},
    ["string", "null"], {"type": "string"}, {"$ref": "#/$defs/a"}, [[]], {"a": {}},
    {"type": "object", "additionalProperties": False, "properties": {}},
    {"type": "array", "items": {"type": "boolean"}, "maxItems": 2},
]  # fmt: skip
BYTES = [b"\xff", b"\x00", b"{", b"[" * 70, b'"', b"\\u", b"\\ud800", b"NaN", b"1e999", b"9" * 5000,
         b",", b"\xef\xbb\xbf", b"\r", b'"a":1,', b"}", b"]"]  # fmt: skip


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return (container, key) of everything inside a value."""
    found: list[tuple[Any, Any]] = []
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], (dict, list)):
            found += _places(value[key])
    return found


def _changed(random: Random, text: bytes) -> bytes:
    """Return a file with one thing changed: a byte or few, or a member of what it holds."""
    if random.random() < 0.2:
        at = random.randrange(len(text))
        return text[:at] + random.choice(BYTES) + text[at + random.choice([0, 0, 1, 30]) :]
    try:
        value = json.loads(text)
        holder, key = random.choice(_places(value))
    except (ValueError, IndexError, TypeError):
        return text
    inside, what = holder[key], random.randrange(6)
    if what == 0 and isinstance(holder, dict):
        del holder[key]
    elif what == 1 and isinstance(inside, dict):
        inside[random.choice(KEYS)] = random.choice([*VALUES, *TEXTS])
    elif what == 2 and isinstance(holder, dict):
        holder[random.choice(KEYS)] = holder.pop(key)
    elif what == 3 and isinstance(inside, (int, float)) and not isinstance(inside, bool):
        holder[key] = random.choice([inside + 1, max(inside - 1, 0), inside * 2, float(inside)])
    elif what in (4, 5) and isinstance(inside, str):
        at = random.randint(0, len(inside))
        holder[key] = inside[:at] + random.choice(TEXTS) + inside[at:]
    else:
        holder[key] = random.choice([*VALUES, *TEXTS])
    made = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice([None, 2]))
    return made.encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small catalogue without findings, with a field of each kind that is judged apart."""
    schemas = tmp_path_factory.mktemp("base") / "schemas"
    shutil.copytree(ROOT / "tests/rules/base", schemas)
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8")
    chosen = ("choice", "maybe_choice", "text", "day", "free", "even", "ratio", "things", "numbers")
    fields = {name: zoo.FIELDS[name] for name in chosen}
    fields["again"] = {"$ref": "#/$defs/again", **zoo.FIELDS["count"]}
    del fields["again"]["type"], fields["again"]["minimum"], fields["again"]["maximum"]
    defs = {"$defs": {"again": {"type": "integer", "minimum": 0, "maximum": 9}}}
    event = zoo.event("SampleKinds", fields, list(chosen[::2]), **{"x-ext": ["os"], **defs})
    path = schemas / "events/sample_kinds.schema.json"
    path.write_text(json.dumps(event), "utf-8")
    return schemas


def _use(catalogue: Any) -> None:
    """Make everything of a catalogue that passed: it parses, and lies where it should."""
    for path, source in render_modules(catalogue).items():
        ast.parse(source)
        assert re.fullmatch(r"\w+/\w+\.py", path)
    for event in catalogue.events:
        json.dumps(envelope_schema(event, catalogue)).encode()
    for template in ("pyproject.toml.jinja", "README.md.jinja"):
        render(template, project_view(catalogue)).encode()
    for template in ("PRIVACY.md.jinja", "README-telemetry.md.jinja"):
        render(template, privacy_view(catalogue)).encode()


def _compare(one: Any, other: Any) -> None:
    for before, after in ((one, other), (other, one)):
        changes, words = diff(before, after), tuple(compare_catalogues(before, after))
        json.dumps(to_json(changes))
        text = render_text(changes, words)
        assert all(line.isprintable() for line in text.split("\n"))
        render("DIFF.md.jinja", diff_view(changes, words, ()))


def test_what_is_not_changed_works(base: Path) -> None:
    """The catalogue that is changed below can be used and compared."""
    loaded = load_catalogue(base)
    assert loaded.catalogue is not None, "\n".join(map(str, loaded.findings))

    _use(loaded.catalogue)
    _compare(loaded.catalogue, loaded.catalogue)


def test_a_count_may_be_written_as_a_fraction(base: Path, tmp_path: Path) -> None:
    """3.0 counts as 3 in all that is made of it: in code that cuts text, on a reviewer's page."""
    schemas = Path(shutil.copytree(base, tmp_path / "schemas"))
    path = schemas / "events/sample_kinds.schema.json"
    text = path.read_text("utf-8")
    changed = re.sub(r'("(?:min|max)(?:Length|Items)": \d+)', r"\1.0", text)
    path.write_text(changed.replace('"x-retention-days": 1', '"x-retention-days": 1e0'), "utf-8")
    before, after = load_catalogue(base).catalogue, load_catalogue(schemas).catalogue
    assert before is not None
    assert after is not None
    assert changed.count(".0") >= 5

    name = "sample_events/sample_kinds.py"
    # But for the digests of the file, which its text has.
    bodies = [
        re.sub(r'sha256:\w+|stamp="\w+"', "", render_modules(it)[name]) for it in (before, after)
    ]

    assert bodies[0] == bodies[1]
    assert diff(before, after) == ()
    review = review_catalogue(schemas, after)
    assert len(list(make_pages(after, review, review.standings))) == 4


@pytest.mark.parametrize("seed", range(FIRST, FIRST + BATCHES))
def test_a_changed_catalogue_is_refused_or_works(base: Path, tmp_path: Path, seed: int) -> None:
    """No exception, no finding of more than a line, no refusal without one."""
    whole = load_catalogue(base, lenient=True).catalogue
    assert whole is not None
    seen: set[str] = set()
    for number in range(EACH):
        random = Random(f"{seed}/{number}")
        schemas = tmp_path / str(number) / "schemas"
        shutil.copytree(base, schemas)
        files = [path for path in sorted(schemas.rglob("*.json")) if "meta" not in path.parts]
        for _ in range(random.choice([1, 1, 2, 4])):
            path = random.choice(files)
            path.write_bytes(_changed(random, path.read_bytes()))

        result = load_catalogue(schemas)
        loaded = result.catalogue or load_catalogue(schemas, lenient=True).catalogue

        seen.update(finding.rule_id for finding in result.findings)
        assert all(str(finding).isprintable() for finding in result.findings)
        assert result.catalogue or any(it.severity.value == "error" for it in result.findings)
        if result.catalogue is not None:
            seen.add("works")
            _use(result.catalogue)
            review = review_catalogue(schemas, result.catalogue)
            try:
                for page in make_pages(result.catalogue, review, review.standings):
                    json.dumps(page_json(page))
                    assert page_text(page)
                    assert render("REVIEW.md.jinja", page_view(page))
            except CodegenError:
                seen.add("no page")  # a sample of it could not be made, which is told
        if loaded is not None:
            seen.add("compared")
            _compare(whole, loaded)
    assert len(seen) > 10
