"""Pieces of code that are taken again are the ones that would be made anew."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarant_codegen.compiler import (
    Constants,
    SchemaError,
    emission,
    emit_functions,
    explanations,
    reading,
    scalar_condition,
    sharing,
)
from declarant_codegen.compiler.sharing import Pieces, shape_of

LETTERS = {"type": "string", "pattern": "^[a-z0-9_.-]{0,30}$"}
WORDS = {"type": "string", "enum": [f"word{number}" for number in range(20)]}


@pytest.fixture
def forget(monkeypatch):
    """Return a function after which nothing is known of what was made before."""

    _forget(monkeypatch)
    return lambda: _forget(monkeypatch)


def _forget(patch):
    patch.setattr(explanations, "_PIECES", Pieces())
    patch.setattr(emission, "_CONDITIONS", Pieces())
    patch.setattr(reading, "_NODES", {})


def emitted(properties, *, required=(), root="Event", before=()):
    """Emit an object's functions, after the conditions of *before* in the same module."""
    constants = Constants()
    conditions = [scalar_condition(schema, name, constants) for name, schema in before]
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }
    code = emit_functions(schema, name="e", root=root, constants=constants, is_quick=False)
    return code.source, dict(code.constants), code.imports, conditions


# Pairs that Python calls equal, or that differ in one keyword only.
ALIKE = [
    {"const": 1},
    {"const": 1.0},
    {"const": True},
    {"enum": [0, 2]},
    {"enum": [False, 2]},
    {"type": "integer", "minimum": 1},
    {"type": "integer", "minimum": 1.0},
    {"type": "number", "minimum": 1},
    {"type": "string", "maxLength": 4},
    {"type": ["string", "null"], "maxLength": 4},
    {"type": "array", "items": {"const": 1}, "maxItems": 3},
    {"type": "array", "items": {"const": True}, "maxItems": 3},
    {"type": "object", "additionalProperties": False, "properties": {"a": {"const": 0}}},
    {"type": "object", "additionalProperties": False, "properties": {"a": {"const": 0.0}}},
]


@pytest.mark.parametrize("schema", ALIKE, ids=repr)
def test_what_is_only_alike_is_made_anew(schema, forget):
    """Whatever was emitted before under the same name, a schema's code is its own."""
    fresh = emitted({"a": schema}, before=[("a", schema)])
    forget()
    for other in ALIKE:
        emitted({"a": other}, before=[("a", other)])
    assert emitted({"a": schema}, before=[("a", schema)]) == fresh


@pytest.mark.parametrize("order", list(permutations(("one", "two", "three"))))
def test_constants_have_the_names_of_their_module(order, forget):
    """A text that a module has under another name is taken by that name."""
    schemas = {"one": LETTERS, "two": LETTERS, "three": WORDS}
    properties = {name: schemas[name] for name in order}
    fresh = emitted(properties, before=[(name, schemas[name]) for name in order[1:]])
    forget()
    for name in schemas:
        emitted({name: schemas[name]})
    assert emitted(properties, before=[(name, schemas[name]) for name in order[1:]]) == fresh


def test_a_piece_is_that_of_its_place(forget):
    """The root's name, the property's, and whether it is required are not mixed up."""
    cases = [
        ({"a": LETTERS}, (), "Event"),
        ({"a": LETTERS}, ("a",), "Event"),
        ({"b": LETTERS}, (), "Event"),
        ({"a": LETTERS}, (), "EventOfAnotherNameThatIsSoLongThatItsCallsNeedSeveralLines"),
    ]
    fresh = []
    for properties, required, root in cases:
        forget()
        fresh.append(emitted(properties, required=required, root=root))
    found = [
        emitted(properties, required=required, root=root) for properties, required, root in cases
    ]
    assert found == fresh
    assert len({source for source, *_ in found}) == len(cases)


def test_words_are_shared_and_references_are_not(forget):
    """A description changes nothing; what a reference leads to may be another thing each time."""
    assert emitted({"a": {**LETTERS, "description": "One.", "x-class": "low"}}) == emitted(
        {"a": {**LETTERS, "description": "Two."}}
    )

    def referring(target):
        schema = {"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": target}}
        return emit_functions(schema, name="e").source

    assert referring({"const": 1}) != referring({"const": 2})
    assert shape_of({"items": {"$ref": "#"}}, ()) is None
    assert shape_of(True, ()) is None


def test_a_refusal_is_not_forgotten(forget):
    """A schema that is refused is refused each time, wherever it stands."""
    for place in ("a", "b", "a"):
        with pytest.raises(SchemaError, match=f"#/properties/{place}/maxLength"):
            emitted({place: {"type": "string", "maxLength": -1}})


def test_deep_schemas_have_functions_of_their_own(forget):
    """What is nested too deep to be shared is emitted as before, each time."""
    deep = LETTERS
    for _ in range(9):
        deep = {"type": "array", "maxItems": 2, "items": deep}
    first, again = emitted({"a": deep, "b": deep}), emitted({"a": deep, "b": deep})
    assert first == again
    assert "def _violations_e_1(" in first[0]
    assert "def _violations_e_2(" in first[0]


def test_few_pieces_are_kept(forget, monkeypatch):
    """Of very many, those of before go."""
    monkeypatch.setattr(sharing, "_MOST", 5)
    monkeypatch.setattr(reading, "_MOST_NODES", 5)
    fresh = [emitted({"a": {"const": number}}) for number in range(20)]
    assert [emitted({"a": {"const": number}}) for number in range(20)] == fresh
    assert len(explanations._PIECES) <= 5
    assert len(reading._NODES) <= 5


scalars = st.sampled_from([LETTERS, WORDS, *ALIKE])
modules = st.dictionaries(st.sampled_from(["a", "b", "c"]), scalars, min_size=1)


@given(st.lists(modules, min_size=2, max_size=6))
@settings(deadline=None, max_examples=60)
def test_order_of_modules_changes_nothing(catalogue):
    """Modules are emitted alike whichever were emitted before them."""

    def made(events):
        with pytest.MonkeyPatch.context() as patch:
            _forget(patch)
            return [emitted(event, before=list(event.items())) for event in events]

    assert made(catalogue) == [made([event])[0] for event in catalogue]
