"""Containment of schemas, judged by the compiler and by regular expressions."""

import importlib.util
import itertools
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarant_codegen import compile_validator
from declarant_codegen.acceptance import accepts
from declarant_codegen.patterns import to_python
from declarant_codegen.privacy_diff import compare, is_subset

_spec = importlib.util.spec_from_file_location(
    "strategies", Path(__file__).parent.parent / "strategies.py"
)
assert _spec is not None
assert _spec.loader is not None
strategies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(strategies)

QUICK = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SHAPES = [
    *("^[ab]{0,3}$", "^[ab]{1,2}$", "^a{0,2}b?$", "^(?:a|ab)$", "^(?:ab|ba)?$", "^a", "b$", "a+b"),
    *("^[^a]{0,2}$", "^.{0,2}$", "^$", "a|^b", "^(?:a|b-){1,2}$", "^(?:^a|b$)", "(?:)", "^a*$"),
    *(
        "^[ab-]*$",
        "$^",
        "a$|b",
        "^(?:a?b){0,2}$",
        "-",
        "^[a-]{2}",
        "[]",
        "^(?:a|[]b)$",
        "^-?[ab]+$",
    ),
]


@st.composite
def mutated(draw, schema):
    """The same schema with one thing changed, at any depth."""
    if not isinstance(schema, dict) or draw(st.integers(0, 9)) == 0:
        return draw(strategies.SCHEMAS)
    changed = dict(schema)
    if not changed:
        return draw(strategies.SCHEMAS)
    keyword = draw(st.sampled_from(sorted(changed)))
    value = changed[keyword]
    if draw(st.integers(0, 5)) == 0:
        del changed[keyword]
    elif keyword in ("items", "additionalProperties", "propertyNames"):
        changed[keyword] = draw(mutated(value))
    elif keyword == "properties" and value:
        name = draw(st.sampled_from(sorted(value)))
        changed[keyword] = {**value, name: draw(mutated(value[name]))}
    elif keyword == "pattern":
        changed[keyword] = draw(strategies.PATTERNS)
    elif keyword == "enum":
        changed[keyword] = draw(st.sampled_from([value[:-1] or value, [*value, None], value[::-1]]))
    elif keyword in ("required", "type", "format", "const"):
        changed.pop(keyword)
    elif isinstance(value, bool):
        changed[keyword] = not value
    elif keyword == "multipleOf":
        changed[keyword] = draw(st.sampled_from([1, 2, 4, 0.5, 0.1, 0.25]))
    elif isinstance(value, (int, float)):
        low = 0 if keyword[3:] in ("Length", "Items", "Properties") else -(10**30)
        changed[keyword] = max(low, draw(st.sampled_from([value - 1, value + 1, value])))
    return changed


@st.composite
def pairs(draw):
    schema = draw(strategies.SCHEMAS)
    other = draw(mutated(schema))
    values = st.one_of(strategies.instances(schema), strategies.instances(other))
    return schema, other, draw(st.lists(values, min_size=1, max_size=6))


@QUICK
@given(pairs())
def test_no_value_disagrees_with_a_proof(case):
    """Where one schema is said to be within another, no value is valid for the first alone."""
    for inner, outer in itertools.permutations(case[:2]):
        if is_subset(inner, outer) is True:
            one, other = compile_validator(inner), compile_validator(outer)
            for value in case[2]:
                assert other.is_valid(value) or not one.is_valid(value), (inner, outer, value)


@QUICK
@given(pairs())
def test_a_no_comes_with_a_witness(case):
    """Where a schema is said not to be within another, its witness is valid for it alone."""
    for inner, outer in itertools.permutations(case[:2]):
        answer = compare(inner, outer)
        if answer.verdict is False:
            assert compile_validator(inner).is_valid(answer.witness)
            assert not compile_validator(outer).is_valid(answer.witness)


@QUICK
@given(st.data())
def test_values_are_accepted_as_compiled_validators_accept_them(data):
    """The plain reading of the keywords and the compiled one agree."""
    schema = data.draw(strategies.SCHEMAS)
    value = data.draw(strategies.instances(schema))

    assert accepts(schema, value) is compile_validator(schema).is_valid(value)


@QUICK
@given(strategies.SCHEMAS)
def test_every_schema_is_within_itself(schema):
    """A copy is within its original, and never proven not to be."""
    assert is_subset(schema, dict(schema) if isinstance(schema, dict) else schema) is True


def _texts():
    return ["".join(letters) for n in range(5) for letters in itertools.product("ab-\n", repeat=n)]


@pytest.mark.parametrize("inner", SHAPES)
def test_patterns_are_compared_as_re_matches_them(inner):
    """Of every pair of patterns, each short text agrees with the answer; none is undecided."""
    texts = _texts()
    taken = {text for text in texts if re.search(to_python(inner), text)}
    for outer in SHAPES:
        answer = compare({"type": "string", "pattern": inner}, {"type": "string", "pattern": outer})
        outside = [text for text in sorted(taken) if not re.search(to_python(outer), text)]
        assert answer.verdict is not None, (inner, outer)
        if answer.verdict:
            assert outside == [], (inner, outer)
        else:
            assert re.search(to_python(inner), answer.witness)
            assert not re.search(to_python(outer), answer.witness)


@pytest.mark.parametrize("inner", SHAPES)
def test_lengths_and_patterns_are_compared_together(inner):
    """A pattern is within bounds of length just if all that it matches is."""
    lengths = [len(text) for text in _texts() if re.search(to_python(inner), text)]
    for low, high in ((0, 3), (1, 2), (0, 0), (2, 4)):
        bounds = {"type": "string", "minLength": low, "maxLength": high}
        answer = compare({"type": "string", "pattern": inner}, bounds)
        if answer.verdict:
            assert all(low <= length <= high for length in lengths)
        else:
            assert answer.verdict is False
            assert not low <= len(answer.witness) <= high


TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
LISTS = {"type": "array", "items": WHOLE}
CLOSED = {"type": "object", "additionalProperties": False}

YES = {
    "enum within a pattern": ({**TEXT, "enum": ["a", "b"]}, {**TEXT, "pattern": "^[a-z]$"}),
    "pattern within an enum": (
        {**TEXT, "pattern": "^(?:a|b)$"},
        {**TEXT, "enum": ["a", "b", "c"]},
    ),
    "pattern within a length": ({**TEXT, "pattern": "^[a-z]{2,64}$"}, {**TEXT, "maxLength": 64}),
    "length and class within a pattern": (
        {**TEXT, "pattern": "^[a-z]+$", "maxLength": 40},
        {**TEXT, "pattern": "^[a-z0-9]{1,40}$"},
    ),
    "uuid within a pattern": ({**TEXT, "format": "uuid"}, {**TEXT, "pattern": "^[0-9A-Fa-f-]+$"}),
    "pattern within uuid": (
        {**TEXT, "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$"},
        {**TEXT, "format": "uuid"},
    ),
    "date-time within a length": ({**TEXT, "format": "date-time"}, {**TEXT, "maxLength": 35}),
    "empty language": ({**TEXT, "pattern": "^a{9}$", "maxLength": 3}, {**TEXT, "enum": ["z"]}),
    "integers within numbers": ({**WHOLE, "minimum": 0}, {"type": "number", "minimum": -0.5}),
    "an open end of integers": ({**WHOLE, "exclusiveMinimum": 0}, {**WHOLE, "minimum": 1}),
    "a range within an enum": ({**WHOLE, "minimum": 1, "maximum": 3}, {"enum": [3, 2, 1.0]}),
    "a coarser step": (
        {"type": "number", "multipleOf": 0.3},
        {"type": "number", "multipleOf": 0.1},
    ),
    "a fraction's whole multiples": (
        {**WHOLE, "multipleOf": 2.5},
        {"type": "number", "multipleOf": 5},
    ),
    "no number between": ({**WHOLE, "exclusiveMinimum": 1, "exclusiveMaximum": 2}, False),
    "null dropped": ({"type": "string"}, {"type": ["string", "null"]}),
    "booleans within an enum": ({"type": "boolean"}, {"enum": [False, True, 3]}),
    "fewer items": ({**LISTS, "maxItems": 3}, {**LISTS, "maxItems": 4}),
    "fewer items, each once": (
        {**LISTS, "maxItems": 3, "uniqueItems": True},
        {**LISTS, "maxItems": 4, "uniqueItems": True},
    ),
    "one item is unique": ({**LISTS, "maxItems": 1}, {**LISTS, "uniqueItems": True}),
    "no item at all": ({"type": "array", "maxItems": 0}, {"type": "array", "items": False}),
    "a property fewer": (
        {**CLOSED, "properties": {"a": WHOLE}},
        {**CLOSED, "properties": {"a": WHOLE, "b": TEXT}},
    ),
    "names that fit": (
        {**CLOSED, "properties": {"ab": WHOLE}},
        {"type": "object", "propertyNames": {"maxLength": 2}, "maxProperties": 1},
    ),
    "any names that fit": (
        {"type": "object", "propertyNames": {"maxLength": 2}},
        {"type": "object", "propertyNames": {"maxLength": 3}},
    ),
    "as many as are required": (
        {"type": "object", "required": ["a", "b"]},
        {"type": "object", "minProperties": 2},
    ),
    "no fewer properties": (
        {"type": "object", "minProperties": 2},
        {"type": "object", "minProperties": 1},
    ),
}

NO = {
    "true is not 1": ({"const": True}, {"const": 1}),
    "a longer text": ({**TEXT, "maxLength": 5}, {**TEXT, "maxLength": 4}),
    "a line break at the end": ({**TEXT, "pattern": "a$"}, {**TEXT, "pattern": "^.*$"}),
    "a letter beyond the BMP": (
        {**TEXT, "pattern": "^[\U0001f600]$"},
        {**TEXT, "pattern": "^[^\U0001f600]$"},
    ),
    "a fraction": ({"type": "number", "minimum": 0, "maximum": 1}, {**WHOLE}),
    "a finer step": ({"type": "number", "multipleOf": 0.5}, {"type": "number", "multipleOf": 1.5}),
    "a step's equal that is another decimal": (
        {"type": "number", "multipleOf": int(1e30)},
        {"type": "number", "multipleOf": 1e30},
    ),
    "an end inside": ({"type": "number", "maximum": 1}, {"type": "number", "exclusiveMaximum": 1}),
    "a lower end inside": (
        {"type": "number", "minimum": 1},
        {"type": "number", "exclusiveMinimum": 1},
    ),
    "a float's neighbour": (
        {**WHOLE, "minimum": 10**23, "maximum": 10**23},
        {"type": "number", "maximum": 1e23},
    ),
    "null added": ({"type": ["string", "null"]}, {"type": "string"}),
    "more items": ({**LISTS, "maxItems": 4}, {**LISTS, "maxItems": 3}),
    "items twice": ({**LISTS, "maxItems": 4}, {**LISTS, "maxItems": 4, "uniqueItems": True}),
    "two items twice": (
        {**LISTS, "maxItems": 2},
        {**LISTS, "maxItems": 2, "uniqueItems": True},
    ),
    "more items of one kind": (
        {"type": "array", "items": {"type": "boolean"}, "maxItems": 3},
        {"type": "array", "items": {"type": "boolean"}, "maxItems": 2},
    ),
    "another item": ({"type": "array", "items": TEXT}, LISTS),
    "a property more": (
        {**CLOSED, "properties": {"a": WHOLE, "b": TEXT}},
        {**CLOSED, "properties": {"a": WHOLE}},
    ),
    "a property may be missing": (
        {**CLOSED, "properties": {"a": WHOLE}},
        {**CLOSED, "properties": {"a": WHOLE}, "required": ["a"]},
    ),
    "a date is no time": ({**TEXT, "format": "date"}, {**TEXT, "format": "time"}),
    "too many properties": (
        {**CLOSED, "properties": {"a": WHOLE, "b": WHOLE}},
        {"type": "object", "maxProperties": 1},
    ),
    "too few properties": ({"type": "object"}, {"type": "object", "minProperties": 1}),
    "a name that does not fit": (
        {**CLOSED, "properties": {"abc": WHOLE}},
        {"type": "object", "propertyNames": {"maxLength": 2}},
    ),
    "names that do not fit": (
        {"type": "object"},
        {"type": "object", "propertyNames": {"maxLength": 2}},
    ),
}

OPEN = {
    "more properties": ({"maxProperties": 3}, {"maxProperties": 2}),
    "fewer properties": ({"minProperties": 1}, {"minProperties": 2}),
    "longer names": ({"propertyNames": {"maxLength": 3}}, {"propertyNames": {"maxLength": 2}}),
}
"""Of objects, with nothing that shows it."""


@pytest.mark.parametrize("name", YES)
def test_what_is_within_is_proven(name):
    """Each kind of bound is known well enough for the proof."""
    assert is_subset(*YES[name]) is True


@pytest.mark.parametrize("name", NO)
def test_what_is_not_within_is_shown(name):
    """Each kind of bound is known well enough for a witness."""
    assert is_subset(*NO[name]) is False


@pytest.mark.parametrize("name", OPEN)
def test_what_nothing_shows_is_not_proven(name):
    """Names and counts of properties, which no event of the dialect has, prove nothing alone."""
    inner, outer = ({"type": "object", **members} for members in OPEN[name])

    assert is_subset(inner, outer) is None


def test_a_format_without_an_automaton_is_not_decided():
    """Days of months are no regular matter here, so dates of a fixed form are not proven dates."""
    inner = {**TEXT, "pattern": "^2026-01-0[1-9]$"}

    assert is_subset(inner, {**TEXT, "format": "date"}) is None


def test_a_search_beyond_the_limit_is_not_decided():
    """A product that grows too large is given up, not answered."""
    inner = {**TEXT, "pattern": "^(?:a|b)*a(?:a|b){11}$", "maxLength": 60}
    outer = {**TEXT, "pattern": "^(?:a|b)*(?:a(?:a|b){11}|c(?:a|b){12})$", "minLength": 1}

    assert is_subset({**inner, "pattern": inner["pattern"].replace("11", "2")}, {**TEXT}) is True
    assert is_subset(inner, outer) is None


def test_a_pattern_with_too_many_states_is_not_decided():
    """Counts in the thousands inside counts are given up."""
    outer = {**TEXT, "pattern": "^(?:[a-z]{50}[a-z]{50}-){0,100}$"}

    assert is_subset({**TEXT, "pattern": "^(?:[a-z]{100}-){0,99}$"}, outer) is None


def test_word_boundaries_are_not_searched():
    """Constructs that no automaton here knows are given up, unless the parts alone tell."""
    boundary = {**TEXT, "pattern": r"^a\b"}

    assert is_subset(boundary, {**TEXT, "pattern": "^a"}) is True
    assert is_subset({**TEXT, "pattern": "^a$"}, boundary) is None
