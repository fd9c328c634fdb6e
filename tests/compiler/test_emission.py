"""Emitted code: its text cannot be steered by a schema, its violations tell no values."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarant import _violations
from declarant._violations import Violation
from declarant_codegen import compile_validator as exported
from declarant_codegen.compiler import (
    Constants,
    SchemaError,
    UnresolvableReference,
    UnsupportedKeyword,
    compile_validator,
    emit_functions,
    scalar_condition,
)

HOSTILE = [
    'a"); import os; ("',
    "a'); __import__('os').abort(); ('",
    '"""',
    "\\",
    "\\\"'",
    "line\nbreak",
    "\r",
    "\u2028",
    "{{ 7*7 }}",
    "{data}",
    "%s",
    "\u202edrow",
    "\x00",
    "#",
    "а",  # noqa: RUF001 - a Cyrillic letter
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_reach_code_as_literals_only(text):
    """Names, members and constants add no node to the syntax tree but their own literals."""

    def schema(name):
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [name],
            "properties": {
                name: {"enum": [name, {name: [name]}]},
                "list": {"type": "array", "items": {"const": name}},
            },
        }

    def shape(code):
        assert code.source.isascii()
        assert all(value.isascii() for value in code.constants.values())
        tree = ast.parse(code.source)
        return [type(node) for node in ast.walk(tree)]

    assert shape(emit_functions(schema(text), name="e")) == shape(
        emit_functions(schema("plain"), name="e")
    )
    validator = compile_validator(schema(text))
    assert validator.is_valid({text: text, "list": [text]})
    assert validator.is_valid({text: {text: [text]}})
    assert not validator.is_valid({text: "plain", "list": []})


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=8), st.text(max_size=8))
def test_any_name_and_member_compile(name, member):
    """No text of a schema breaks the emitted module."""
    schema = {"properties": {name: {"enum": [member, 1]}}, "additionalProperties": False}
    validator = compile_validator(schema)
    assert validator.is_valid({name: member})
    assert [item.keyword for item in validator.violations({name: [member]})] == ["enum"]
    assert all(str(item).isascii() for item in validator.violations({name: [member]}))


@pytest.mark.parametrize("name", ["a b", "", "x(", "é", "a\n"])
def test_a_function_name_must_be_a_name(name):
    """The name given by the generator is checked, too."""
    if name == "":
        emit_functions({}, name=name)
    else:
        with pytest.raises(ValueError, match="name: expected"):
            emit_functions({}, name=name)


def test_violations_are_complete_ordered_and_without_values():
    """Every breach is told once, in the order of the schema, without what the event held."""
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["duration_ms", "name"],
        "properties": {
            "duration_ms": {"type": "integer", "minimum": 0},
            "name": {"type": "string", "maxLength": 3, "pattern": "^[a-z]*$"},
            "stack": {
                "type": "array",
                "maxItems": 1,
                "items": {"type": "object", "properties": {"line": {"type": "integer"}}},
            },
        },
    }
    validator = compile_validator(schema, root="ModelKitAction")
    event = {
        "duration_ms": -417,
        "name": "SECRET",
        "stack": [{"line": "SECRET"}, {"line": 3}],
        "release": "SECRET",
        "/home/SECRET": 1,
    }
    assert [str(item) for item in validator.violations(event)] == [
        "ModelKitAction.duration_ms: expected integer >= 0, got a smaller integer",
        "ModelKitAction.name: expected string of at most 3 characters, got a longer string",
        (
            'ModelKitAction.name: expected string matching "^[a-z]*$", '
            "got a string that does not match"
        ),
        "ModelKitAction.stack: expected array of at most 1 item, got a longer array",
        "ModelKitAction.stack[0].line: expected integer, got a string",
        "ModelKitAction.release: expected only declared properties, got an undeclared one",
        "ModelKitAction.*: expected only declared properties, got an undeclared one",
    ]
    assert validator.violations({"name": "a"}) == [
        Violation("ModelKitAction.duration_ms", "required", 'property "duration_ms"', "none")
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), {1}, b"a", (1,)])
@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": "number"},
        {"type": ["number", "null"], "maximum": 3},
        {"minimum": 0},
        {"enum": [1, "a"]},
        {"additionalProperties": {"type": "number"}},
        {"items": {"type": "number"}},
        {"multipleOf": 0.5},
    ],
)
def test_what_is_not_json_is_never_valid(schema, value):
    """NaN, infinities and foreign types are violations everywhere, also inside containers."""
    validator = compile_validator(schema)
    for instance in (value, [value], {"a": value}):
        if isinstance(schema, dict) and "enum" not in schema and "type" not in schema:
            assert not validator.is_valid(instance)
        assert not validator.is_valid(value)
        assert validator.violations(value)
        assert validator.is_valid(instance) is (not validator.violations(instance))


@pytest.mark.parametrize(
    ("schema", "keyword", "nearest"),
    [
        ({"maxLenght": 3}, "maxLenght", "maxLength"),
        ({"properties": {"a": {"mexLength": 3}}}, "mexLength", "maxLength"),
        ({"allOf": []}, "allOf", None),
        ({"format": "email"}, "format", None),
        ({"pattern": "(?=a)"}, "pattern", None),
        ({"items": {"not": {}}}, "not", None),
    ],
)
def test_keywords_that_are_not_enforced_are_refused(schema, keyword, nearest):
    """The error names the keyword, where it stands, and the nearest known one."""
    with pytest.raises(UnsupportedKeyword) as caught:
        compile_validator(schema)
    assert caught.value.keyword == keyword
    assert caught.value.nearest == nearest
    assert caught.value.pointer.endswith(keyword)


NO_SCHEMA = "expected a schema, found another type; write an object"
NO_NUMBER = "expected a number, found another type; write a number"
NO_SIZE = "expected a whole number of at least 0; write one"
NO_JSON = "expected JSON values, found another; remove NaN and the like"
NO_NAMES = "expected a list of names; write one"
ENDLESS = "a reference that leads back to itself; end it in a schema"


@pytest.mark.parametrize(
    ("schema", "place", "message"),
    [
        (3, "", NO_SCHEMA),
        (
            {"type": "text"},
            "/type",
            "expected JSON types; known: array, boolean, integer, null, number, object, string",
        ),
        ({"type": []}, "/type", "expected a type or a list of types; write one"),
        ({"maxLength": -1}, "/maxLength", NO_SIZE),
        ({"maxLength": 1.5}, "/maxLength", NO_SIZE),
        ({"maxLength": "3"}, "/maxLength", NO_NUMBER),
        ({"maxLength": True}, "/maxLength", NO_NUMBER),
        ({"minimum": float("nan")}, "/minimum", "expected a finite number; lower it"),
        ({"multipleOf": 0}, "/multipleOf", "expected a number above 0; write one"),
        ({"enum": "a"}, "/enum", "expected a list of values; write one"),
        ({"enum": [float("inf")]}, "/enum", NO_JSON),
        ({"const": float("inf")}, "/const", NO_JSON),
        ({"properties": []}, "/properties", "expected an object; write one"),
        ({"required": "a"}, "/required", NO_NAMES),
        ({"required": [1]}, "/required", NO_NAMES),
        ({"uniqueItems": 1}, "/uniqueItems", "expected true or false; write one"),
        ({"pattern": 1}, "/pattern", "expected a text, found another type; write a pattern"),
        ({"items": [{}]}, "/items", NO_SCHEMA),
        ({"$ref": 1}, "/$ref", "expected a text, found another type; write a URI reference"),
        (
            {
                "$ref": "#/$defs/a",
                "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
            },
            None,
            ENDLESS,
        ),
        ({"$ref": "#"}, None, ENDLESS),
    ],
)
def test_malformed_schemas_are_refused(schema, place, message):
    """A keyword's wrong value, or a reference that never ends, does not compile, wherever it is."""
    with pytest.raises(SchemaError) as caught:
        compile_validator(schema)
    assert str(caught.value) == f"{caught.value.pointer}: {message}"
    if place is not None:
        assert caught.value.pointer == f"#{place}"
        with pytest.raises(SchemaError) as caught:
            compile_validator({"properties": {"a": schema}})
        assert caught.value.pointer == f"#/properties/a{place}"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("#/$defs/none", "expected a target, found none at #/$defs/none; add it"),
        ("#/enum/1", "expected a target, found none at #/enum/1; add it"),
        ("#/enum/00", "expected a target, found none at #/enum/00; add it"),
        ("#/enum/-1", "expected a target, found none at #/enum/-1; add it"),
        ("#/enum/a", "expected a target, found none at #/enum/a; add it"),
        ("#/title/0", "expected a target, found none at #/title/0; add it"),
        ("#/enum/" + "9" * 5000, f"expected a target, found none at #/enum/{'9' * 5000}; add it"),
        ("other.json", 'expected a known document, found "other.json"; add it'),
        ("#anchor", "expected a known anchor, found none; define it"),
        ("http://a/b", 'expected a known document, found "http://a/b"; add it'),
    ],
    ids=range(10),
)
def test_references_that_lead_nowhere_are_refused(reference, message):
    """Nothing is fetched: what was not given is not found."""
    with pytest.raises(UnresolvableReference) as caught:
        compile_validator({"$ref": reference, "$defs": {}, "enum": [{}], "title": "A"})
    assert str(caught.value) == f"#/$ref: {message}"


def test_references_reach_given_documents_and_themselves():
    """A resource is found by its URI, and a recursive schema follows the value."""
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
        "additionalProperties": False,
    }
    validator = compile_validator({"$ref": "tree.json"}, resources={"tree.json": tree})
    assert validator.is_valid({"children": [{"children": []}]})
    found = validator.violations({"children": [{"children": [3]}]})
    assert [item.path for item in found] == ["data.children[0].children[0]"]


def test_a_pointer_that_enters_an_identified_schema_takes_its_base():
    """References below an `$id` are read against it, also when a pointer led there."""
    schema = {
        "$ref": "#/$defs/outer/$defs/inner",
        "$defs": {
            "outer": {
                "$id": "http://example.test/folder/",
                "$defs": {"inner": {"$ref": "#/$defs/text"}, "text": {"type": "string"}},
            },
            "text": {"type": "integer"},
        },
    }
    validator = compile_validator(schema)
    assert validator.is_valid("a")
    assert not validator.is_valid(1)


def test_a_value_too_deep_to_follow_is_invalid():
    """Depth is bounded by the interpreter, and that is an answer, not an exception."""
    validator = compile_validator({"type": "array", "items": {"$ref": "#"}})
    value = []
    for _ in range(5000):
        value = [value]
    assert not validator.is_valid(value)
    assert [item.keyword for item in validator.violations(value)] == ["$ref"]


def test_a_schema_too_deep_to_read_is_refused():
    """A hostile schema ends in the compiler's own error."""
    schema = {}
    for _ in range(3000):
        schema = {"items": schema}
    with pytest.raises(SchemaError):
        compile_validator(schema)


def test_deeply_nested_schemas_compile():
    """Nesting beyond what Python allows in one function goes to functions of its own."""
    schema = {"type": "integer"}
    value = 1
    for _ in range(60):
        schema, value = {"type": "array", "items": schema}, [value]
    validator = compile_validator(schema)
    assert validator.is_valid(value)
    assert not validator.is_valid([value])


def test_constants_are_shared_without_clashes():
    """One instance over several emissions gives each text one name."""
    constants = Constants()
    letters = {"type": "string", "pattern": "^[b-z0-9_.-]{1,30}$"}
    other = {"type": "string", "pattern": "^[c-z0-9_.-]{1,30}$"}
    first = scalar_condition(letters, "name", constants)
    second = scalar_condition(other, "name", constants)
    code = emit_functions({"properties": {"name": letters}}, name="e", constants=constants)
    assert first is not None
    assert second is not None
    assert list(code.constants) == ["_NAME_CHARS", "_NAME_CHARS_2"]
    assert "_NAME_CHARS_2" in second
    assert "_NAME_CHARS_2" not in code.source


@pytest.mark.parametrize(
    "schema", [{"type": "array"}, {"type": ["object", "null"]}, {}, {"enum": [[1]]}, True]
)
def test_containers_have_no_single_condition(schema):
    """The generator loops over arrays and objects itself."""
    assert scalar_condition(schema, "value", Constants()) is None


@pytest.mark.parametrize(
    ("schema", "value", "accepted"),
    [
        ({"type": "integer"}, 1.0, False),
        ({"type": "integer"}, True, False),
        ({"type": "number"}, 1, True),
        ({"type": "number"}, float("nan"), False),
        ({"type": ["string", "null"], "maxLength": 1}, None, True),
        ({"type": ["string", "null"], "maxLength": 1}, "ab", False),
        ({"type": "string", "enum": ["a"]}, "a", True),
        ({"type": "boolean"}, 1, False),
        ({"type": "string"}, type("Text", (str,), {})("a"), False),
    ],
)
def test_a_condition_takes_exact_types(schema, value, accepted):
    """Only the canonical Python type of each JSON type passes."""
    constants = Constants()
    condition = scalar_condition(schema, "value", constants)
    assert condition is not None
    names = {name: getattr(_violations, name) for name in constants.imports}
    assert eval(condition, {**names, "value": value}) is accepted


def test_the_runtime_part_imports_nothing():
    """Loading what emitted code needs, and using it, loads no other module."""
    source = compile_validator(
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]{1,9}$"}}}
    ).source
    script = (
        "import sys; package = sys.modules['declarant'] = type(sys)('declarant')\n"
        f"package.__path__ = [{str(Path(_violations.__file__).parent)!r}]\n"
        "before = set(sys.modules)\n"
        f"exec({source!r})\n"
        "assert is_valid_value({'a': 'b'}) and violations_value({'a': 3})\n"
        "print(sorted(set(sys.modules) - before))"
    )
    output = subprocess.run(
        [sys.executable, "-S", "-E", "-c", script],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert output.strip() == "['declarant._violations']"


def test_the_package_exports_the_compiler():
    """`declarant_codegen.compile_validator` is the public name."""
    assert exported is compile_validator
    assert exported({"type": "integer"}).is_valid(json.loads("1.0"))


@pytest.mark.parametrize(
    ("divisor", "value", "is_multiple"),
    [
        (2.5, 1, False),
        (2.5, 5, True),
        (2.5, 10.0, True),
        (2.5, 7.5, True),
        (5, 5.5, False),
        (1.5, 4, False),
        (0.01, 7, True),
        (0.01, 0.07, True),
        (0.01, 0.075, False),
        (0.5, 10**30, True),
        (0.3, 10**30, False),
    ],
)
def test_multiples_are_of_decimals(divisor, value, is_multiple):
    """Whole and broken numbers in either place, as they are written."""
    validator = compile_validator({"type": "number", "multipleOf": divisor})
    found = [item.keyword for item in validator.violations(value)]
    assert found == ([] if is_multiple else ["multipleOf"])

    assert validator.is_valid(value) is is_multiple


@pytest.mark.parametrize(("digits", "is_valid"), [(0, False), (1, True), (9, True), (10, False)])
def test_a_second_has_nine_decimals_at_most(digits, is_valid):
    """The length of a time is bounded."""
    validator = compile_validator({"type": "string", "format": "time"})

    assert validator.is_valid(f"10:00:00.{'1' * digits}Z") is is_valid


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.5, "a number"),
        (float("inf"), "a number that is not finite"),
        (float("-inf"), "a number that is not finite"),
        (float("nan"), "a number that is not finite"),
        (True, "a boolean"),
    ],
)
def test_a_violation_names_the_type_that_was_found(value, words):
    """Never the value."""
    (violation,) = compile_validator({"type": "string"}).violations(value)

    assert str(violation) == f"data: expected string, got {words}"
