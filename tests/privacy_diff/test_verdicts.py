"""Verdicts of whole catalogues, judged by compiled validators on random events."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from made_catalogues import catalogue
from made_catalogues import event as made_event

from declarant_codegen import compile_validator
from declarant_codegen.privacy_diff import Compatibility, Privacy, diff

_spec = importlib.util.spec_from_file_location(
    "strategies", Path(__file__).parent.parent / "strategies.py"
)
assert _spec is not None
assert _spec.loader is not None
strategies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(strategies)

QUICK = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NAMES = st.sampled_from(["a", "b", "c", "duration_ms", "elapsed_ms"])
COUNTS = st.integers(0, 5)
MARKS = {"x-class": st.sampled_from(["low", "middle", "identifier", "free_text"])}


def _nullable(kind, schema):
    return st.sampled_from([kind, [kind, "null"], ["null", kind]]).map(
        lambda types: {"type": types, **schema}
    )


def _scalars():
    texts = st.fixed_dictionaries(
        {},
        optional={
            "minLength": COUNTS,
            "maxLength": COUNTS,
            "pattern": strategies.PATTERNS,
            "format": st.sampled_from(["date", "uuid"]),
            **MARKS,
        },
    ).flatmap(lambda rules: _nullable("string", rules))
    bounds = {
        "minimum": strategies.SMALL,
        "maximum": strategies.SMALL | st.just(2**63),
        "exclusiveMaximum": st.just(9.5),
        "multipleOf": st.sampled_from([1, 2, 4, 0.5]),
        **MARKS,
    }
    numbers = st.tuples(
        st.sampled_from(["integer", "number"]), st.fixed_dictionaries({}, optional=bounds)
    ).flatmap(lambda pair: _nullable(*pair))
    enums = st.lists(
        st.sampled_from(["a", "b", "abc", "A" * 20]), min_size=1, max_size=3, unique=True
    ).map(lambda values: {"type": "string", "enum": values})
    whole = st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True).map(
        lambda values: {"type": "integer", "enum": values}
    )
    return texts | numbers | enums | whole | _nullable("boolean", {})


def _arrays(inner):
    rules = st.fixed_dictionaries(
        {"items": inner},
        optional={"minItems": COUNTS, "maxItems": COUNTS, "uniqueItems": st.booleans()},
    )
    return rules.flatmap(lambda found: _nullable("array", found))


@st.composite
def _objects(draw, inner):
    properties = draw(st.dictionaries(NAMES, inner, max_size=4))
    required = [name for name in properties if draw(st.booleans())]
    kinds = draw(st.sampled_from(["object", ["object", "null"]]))
    closed = {"additionalProperties": False, "properties": properties, "required": required}
    return {"type": kinds, **closed}


VALUES = st.recursive(_scalars(), lambda inner: _arrays(inner) | _objects(inner), max_leaves=5)


@st.composite
def _changed(draw, schema):
    """The same schema with one keyword tightened, loosened, dropped or replaced."""
    changed = dict(schema)
    keyword = draw(st.sampled_from(sorted(changed)))
    value = changed[keyword]
    if keyword == "type":
        bare = next(
            kind for kind in ([value] if isinstance(value, str) else value) if kind != "null"
        )
        wider = "number" if bare == "integer" and "enum" not in changed else bare
        changed["type"] = draw(st.sampled_from([bare, [bare, "null"], wider]))
    elif keyword == "items":
        changed["items"] = draw(_changed(value))
    elif keyword in ("properties", "required", "additionalProperties"):
        changed = draw(_object_changed(changed))
    elif keyword == "enum":
        more = ["c", "zz"] if isinstance(value[0], str) else [7, 8]
        bare = {"type": changed["type"]}
        changed = draw(
            st.sampled_from([{**bare, "enum": value[:1]}, {**bare, "enum": [*value, *more]}, bare])
        )
    elif keyword == "x-class":
        changed["x-class"] = draw(MARKS["x-class"])
    elif draw(st.integers(0, 3)) == 0 or isinstance(value, bool):
        del changed[keyword]
    elif keyword == "pattern":
        changed["pattern"] = draw(strategies.PATTERNS)
    elif isinstance(value, (int, float)) and keyword != "multipleOf":
        changed[keyword] = max(0, value + draw(st.sampled_from([-1, 1])))
    return changed


@st.composite
def _object_changed(draw, schema):
    properties, required = dict(schema["properties"]), set(schema.get("required", ()))
    action = draw(st.sampled_from(["add", "drop", "toggle", "change", "change"]))
    if action == "add" or not properties:
        name = draw(NAMES)
        properties[name] = draw(VALUES)
        required ^= {name} if draw(st.booleans()) else set()
    else:
        name = draw(st.sampled_from(sorted(properties)))
        if action == "drop":
            del properties[name]
        elif action == "toggle":
            required ^= {name}
        else:
            properties[name] = draw(_changed(properties[name]))
    kept = sorted(required & properties.keys())
    return {**schema, "properties": properties, "required": kept}


@st.composite
def cases(draw):
    data = draw(_objects(VALUES).map(lambda schema: {**schema, "type": "object"}))
    other = data
    for _ in range(draw(st.integers(1, 2))):
        other = draw(_object_changed(other))
    values = strategies.instances(data) | strategies.instances(other)
    return data, other, draw(st.lists(values, min_size=1, max_size=6))


def relaxed(schema, keyword):
    """The schema without *keyword*, at every depth."""
    changed = {key: value for key, value in schema.items() if key != keyword}
    if "items" in schema:
        changed["items"] = relaxed(schema["items"], keyword)
    if "properties" in schema:
        inner = {name: relaxed(child, keyword) for name, child in schema["properties"].items()}
        changed["properties"] = inner
    return changed


def _changes(before, after):
    events = [
        made_event(properties=data["properties"], required=data["required"])
        for data in (before, after)
    ]
    return diff(catalogue(events[0]), catalogue(events[1]))


@QUICK
@given(cases())
def test_no_event_disagrees_with_privacy_verdicts(case):
    """If nothing widens, a new event holds no value that its field could not hold before.

    Leaving out a field widens nothing, so fields that were required may be missing.
    """
    before, after, values = case
    if any(change.is_widening for change in _changes(before, after)):
        event("widening")
        return
    new, old = compile_validator(after), compile_validator(relaxed(before, "required"))
    for value in values:
        assert old.is_valid(value) or not new.is_valid(value), value


@QUICK
@given(cases())
def test_no_event_disagrees_with_callers_verdicts(case):
    """If nothing breaks callers, every event that was valid still is."""
    before, after, values = case
    if any(item.callers.verdict is Compatibility.BREAKING for item in _changes(before, after)):
        event("breaking")
        return
    new, old = compile_validator(after), compile_validator(before)
    for value in values:
        assert new.is_valid(value) or not old.is_valid(value), value


@QUICK
@given(cases())
def test_no_event_disagrees_with_readers_verdicts(case):
    """If nothing breaks readers, a new event is as a reader knew it, apart from unknown fields."""
    before, after, values = case
    if any(item.readers.verdict is Compatibility.BREAKING for item in _changes(before, after)):
        event("breaking")
        return
    new = compile_validator(after)
    old = compile_validator(relaxed(before, "additionalProperties"))
    for value in values:
        assert old.is_valid(value) or not new.is_valid(value), value


@QUICK
@given(cases())
def test_a_difference_is_reported_and_sameness_is_not(case):
    """Equal data gives no change, and data that a value tells apart gives one."""
    before, after, values = case
    changes = _changes(before, after)
    old, new = compile_validator(before), compile_validator(after)

    assert _changes(before, before) == ()
    if any(old.is_valid(value) is not new.is_valid(value) for value in values):
        assert changes != ()


def test_random_pairs_reach_every_verdict():
    """The properties above are not empty: each verdict occurs often enough."""
    found = Counter()

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(cases())
    def count(case):
        changes = _changes(*case[:2])
        found["not widening"] += all(not item.is_widening for item in changes)
        for change in changes:
            found[change.privacy.verdict] += 1
            found["callers", change.callers.verdict] += 1
            found["readers", change.readers.verdict] += 1

    count()

    assert found["not widening"] >= 20
    for verdict in (Privacy.WIDENING, Privacy.NARROWING):
        assert found[verdict] >= 20
    for side in ("callers", "readers"):
        assert all(found[side, verdict] >= 20 for verdict in Compatibility)
