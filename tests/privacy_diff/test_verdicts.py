"""Verdicts of whole catalogues, judged by compiled validators on random events."""

from __future__ import annotations

import ast
import importlib.util
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from made_catalogues import catalogue
from made_catalogues import event as made_event

from declarant_codegen import compile_validator
from declarant_codegen.annotations import Annotations
from declarant_codegen.consent_scope import compare_consent
from declarant_codegen.members import kinds_of
from declarant_codegen.privacy_diff import Compatibility, Privacy, diff
from declarant_codegen.privacy_diff.samples import samples

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
CLASSES = ["low", "middle", "identifier", "free_text"]
MARKS = {
    "x-class": st.sampled_from(CLASSES),
    "x-notice": st.sampled_from(["usage", "device"]),
    "x-unit": st.sampled_from(["ms", "s"]),
    "x-scrub": st.sampled_from(["message", "path"]),
}
COMMON = {key: MARKS[key] for key in ("x-class", "x-notice")}
ENDS = strategies.SMALL | st.sampled_from([0.5, -0.0, 1.0, 2**53, 2**53 + 1, 1e23, 2**63 - 1])
CHOICES = {
    "string": [["a", "b"], ["a", "b", "abc"], ["A" * 20], ["1", "true", ""]],
    "integer": [[0, 1], [1, 2, 3], [2**53 + 1], [-1]],
    "number": [[0, 1], [1.0, 2.0], [0, 0.5], [1, 2, 3], [-0.0]],
    "boolean": [[True], [False], [True, False]],
}


def _nullable(kind, schema):
    return st.sampled_from([kind, [kind, "null"], ["null", kind]]).map(
        lambda types: {"type": types, **schema}
    )


def _with_null(schema):
    """A choice admits null just if its type does."""
    if "enum" in schema and not isinstance(schema["type"], str):
        return {**schema, "enum": [*schema["enum"], None]}
    return schema


def _choices(kind):
    values = st.sampled_from(CHOICES[kind])
    listed = values.map(lambda found: {"enum": found})
    single = values.map(lambda found: {"type": kind, "const": found[0]})
    marks = st.fixed_dictionaries({}, optional=COMMON)
    enums = st.tuples(listed, marks).flatmap(lambda pair: _nullable(kind, {**pair[0], **pair[1]}))
    return enums.map(_with_null) | single


def _scalars():
    texts = st.fixed_dictionaries(
        {},
        optional={
            "minLength": COUNTS,
            "maxLength": COUNTS,
            "pattern": strategies.PATTERNS,
            "format": st.sampled_from(["date", "uuid", "time", "date-time"]),
            **COMMON,
        },
    ).flatmap(lambda rules: _nullable("string", rules))
    prose = st.fixed_dictionaries(
        {"maxLength": COUNTS}, optional={"x-scrub": MARKS["x-scrub"], **COMMON}
    ).flatmap(lambda rules: _nullable("string", rules))
    bounds = {
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), ENDS),
        "multipleOf": st.sampled_from([1, 2, 4, 0.5, 0.1, 1.0]),
        "x-unit": MARKS["x-unit"],
        **COMMON,
    }
    numbers = st.tuples(
        st.sampled_from(["integer", "number"]), st.fixed_dictionaries({}, optional=bounds)
    ).flatmap(lambda pair: _nullable(*pair))
    choices = st.sampled_from(sorted(CHOICES)).flatmap(_choices)
    return texts | prose | numbers | choices | _nullable("boolean", {})


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
    """The same schema with one keyword tightened, loosened, dropped, added or replaced."""
    changed = dict(schema)
    keyword = draw(st.sampled_from([*sorted(changed), "x-scrub", "x-class"]))
    value = changed.get(keyword)
    if keyword == "type":
        changed = draw(_type_changed(changed))
    elif keyword == "items":
        changed["items"] = draw(_changed(value))
    elif keyword in ("properties", "required", "additionalProperties"):
        changed = draw(_object_changed(changed))
    elif keyword in ("enum", "const"):
        changed = draw(_choice_changed(changed))
    elif value is None or draw(st.integers(0, 3)) == 0 or isinstance(value, bool):
        changed.pop(keyword, None)
        if value is None:
            changed[keyword] = draw(MARKS[keyword])
    elif keyword in MARKS:
        changed[keyword] = draw(MARKS[keyword])
    elif keyword == "pattern":
        changed["pattern"] = draw(strategies.PATTERNS)
    elif keyword == "multipleOf":
        changed["multipleOf"] = draw(st.sampled_from([1, 2, 4, 0.5, 0.1, 3]))
    elif isinstance(value, (int, float)):
        moved = value + draw(st.sampled_from([-1, 1]))
        changed[keyword] = moved if keyword.lower().endswith("imum") else max(0, moved)
    return changed


def _bare(schema):
    kinds = schema["type"]
    return next(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")


@st.composite
def _type_changed(draw, schema):
    bare = _bare(schema)
    other = {"integer": "number", "number": "integer"}.get(bare, bare)
    changed = {**schema, "type": draw(st.sampled_from([bare, [bare, "null"], other]))}
    if "enum" in changed:
        changed["enum"] = [item for item in changed["enum"] if item is not None]
    return _with_null(changed)


@st.composite
def _choice_changed(draw, schema):
    kind = _bare(schema)
    bare = {key: value for key, value in schema.items() if key not in ("enum", "const")}
    listed = {**bare, "enum": draw(st.sampled_from(CHOICES[kind]))}
    single = {**bare, "type": kind, "const": draw(st.sampled_from(CHOICES[kind]))[0]}
    return _with_null(draw(st.sampled_from([bare, listed, listed, single])))


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
def _possible(draw, schema):
    """A value that the schema takes, most likely: any of its samples, fields present or missing."""
    if "properties" in schema and draw(st.integers(0, 9)) > 0:
        wanted = schema.get("required", ())
        return {
            name: draw(_possible(child))
            for name, child in schema["properties"].items()
            if name in wanted or draw(st.booleans())
        }
    if "items" in schema and draw(st.integers(0, 9)) > 0:
        low = schema.get("minItems", 0)
        high = max(low, schema.get("maxItems", low + 1))
        return draw(st.lists(_possible(schema["items"]), min_size=low, max_size=min(high, low + 1)))
    return draw(st.sampled_from(list(samples(schema)) or [None]))


@st.composite
def cases(draw):
    data = draw(_objects(VALUES).map(lambda schema: {**schema, "type": "object"}))
    other = data
    for _ in range(draw(st.integers(1, 2))):
        other = draw(_object_changed(other))
    values = strategies.instances(data) | strategies.instances(other)
    likely = [draw(_possible(schema)) for schema in (data, other, other)]
    return data, other, [*likely, *draw(st.lists(values, min_size=1, max_size=6))]


def relaxed(schema, keyword):
    """The schema without *keyword*, at every depth."""
    changed = {key: value for key, value in schema.items() if key != keyword}
    if "items" in schema:
        changed["items"] = relaxed(schema["items"], keyword)
    if "properties" in schema:
        inner = {name: relaxed(child, keyword) for name, child in schema["properties"].items()}
        changed["properties"] = inner
    return changed


def without_removed(before, after):
    """The old schema without the fields that the new one has not, at every depth.

    A field that goes as a whole is less, whatever its absence tells.
    """
    changed = dict(before)
    if "items" in before and "items" in after:
        changed["items"] = without_removed(before["items"], after["items"])
    if "properties" in before and "properties" in after:
        new = after["properties"]
        old = {name: child for name, child in before["properties"].items() if name in new}
        changed["properties"] = {
            name: without_removed(child, new[name]) for name, child in old.items()
        }
        changed["required"] = [name for name in before.get("required", ()) if name in new]
    return changed


def _event(data):
    return made_event(properties=data["properties"], required=data["required"])


def _changes(before, after):
    return diff(catalogue(_event(before)), catalogue(_event(after)))


def plainly_wider(was, now, value):
    """A case that chance may miss: one field whose every new value is *value*."""
    before, after = (
        {"type": "object", "properties": {"a": schema}, "required": ["a"]} for schema in (was, now)
    )
    return before, after, [{"a": value}]


@QUICK
@given(cases())
@example(plainly_wider({"enum": ["x"]}, {"enum": ["x", "y"]}, "y"))
@example(plainly_wider({"const": 1}, {"enum": [1, 2]}, 2))
@example(plainly_wider({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 10}, 10))
@example(plainly_wider({"type": "boolean"}, {"type": ["boolean", "null"]}, None))
def test_no_event_disagrees_with_privacy_verdicts(case):
    """If nothing widens, each new event was possible before, but for fields removed as a whole."""
    before, after, values = case
    if any(change.is_widening for change in _changes(before, after)):
        event("widening")
        return
    new, old = compile_validator(after), compile_validator(without_removed(before, after))
    for value in values:
        assert old.is_valid(value) or not new.is_valid(value), value


def given_by_callers(schema, value):
    """Whether an emitter takes a valid value: of scrubbed text any, of integers no float."""
    if value is None:
        return True
    if "items" in schema and isinstance(value, list):
        return all(given_by_callers(schema["items"], item) for item in value)
    if "properties" in schema and isinstance(value, dict):
        parts = schema["properties"].items()
        return all(given_by_callers(part, value[name]) for name, part in parts if name in value)
    return _bare(schema) != "integer" or not isinstance(value, float)


def arguments(schema):
    """The schema without the bound to which scrubbed text is cut, at every depth."""
    changed = dict(schema)
    if "x-scrub" in schema:
        changed.pop("maxLength", None)
    if "items" in schema:
        changed["items"] = arguments(schema["items"])
    if "properties" in schema:
        inner = {name: arguments(child) for name, child in schema["properties"].items()}
        changed["properties"] = inner
    return changed


class _NoNames:
    """Stands for the names of TypedDicts, whose parts are compared one by one."""

    def of(self, event, path):
        del event, path
        return "Object"


def annotation_terms(schema):
    return Annotations(_NoNames(), "E").of(schema, ()).split(" | ")


def is_possible(schema):
    """Whether a schema takes anything beside null."""
    return any(value is not None for value in samples(schema))


def fits_type(before, after):
    """Whether type checkers take a variable of the old argument's type for the new one's."""
    old, new = (kinds - {"null"} for kinds in map(kinds_of, (before, after)))
    if "null" in kinds_of(before) and "null" not in kinds_of(after):
        return False
    if not is_possible(before):
        return True  # no call can give a value
    if "array" in old or "object" in old:
        if old != new:
            return False
        if "array" in old:
            return fits_type(before["items"], after["items"])
        parts = before["properties"]
        return all(
            fits_type(parts[name], after["properties"].get(name, {"enum": []})) for name in parts
        )
    term, other = (
        next((item for item in annotation_terms(schema) if item != "None"), "Never")
        for schema in (before, after)
    )
    if term.startswith("Literal"):
        values = ast.literal_eval(term.removeprefix("Literal"))
        if other.startswith("Literal"):
            taken = ast.literal_eval(other.removeprefix("Literal"))
            return all(
                any(value is item or (type(value), value) == (type(item), item) for item in taken)
                for value in values
            )
        wanted = {"str": str, "int": int, "float": (int, float), "bool": bool}[other]
        return all(isinstance(value, wanted) for value in values)
    if term == "bool" and other.startswith("Literal"):
        return sorted(ast.literal_eval(other.removeprefix("Literal"))) == [False, True]
    return term == other or (term, other) == ("int", "float")


@QUICK
@given(cases())
def test_no_call_disagrees_with_callers_verdicts(case):
    """If nothing breaks callers, each value that they could give is taken, and its type fits."""
    before, after, values = case
    if any(item.callers.verdict is Compatibility.BREAKING for item in _changes(before, after)):
        event("breaking")
        return
    new, old = (compile_validator(arguments(schema)) for schema in (after, before))
    for value in values:
        if old.is_valid(value) and given_by_callers(before, value):
            assert new.is_valid(value), value
            assert given_by_callers(after, value), value
    for name, schema in before["properties"].items():
        assert fits_type(schema, after["properties"][name]), name


def facts(schema, place="", line=None):
    """What a reviewer approved of each value that can come, by its place.

    A value that names no line of the notice falls under that of the value around it.
    """
    if place and not is_possible(schema):
        return
    line = schema.get("x-notice", line)
    yield place, {**{key: schema.get(key) for key in MARKS}, "x-notice": line}
    if "items" in schema:
        yield from facts(schema["items"], f"{place}[]", line)
    for name, child in schema.get("properties", {}).items():
        yield from facts(child, f"{place}.{name}", line)


def _is_worse(old, new):
    """Whether what is said of a value may be worse for the people whose value it is."""
    ranks = [CLASSES.index(found["x-class"] or "free_text") for found in (old, new)]
    return (
        ranks[1] > ranks[0]
        or (old["x-scrub"] is not None and new["x-scrub"] != old["x-scrub"])
        or (old["x-notice"] is not None and new["x-notice"] != old["x-notice"])
        or new["x-unit"] != old["x-unit"]
    )


@QUICK
@given(cases())
def test_no_mark_disagrees_with_privacy_verdicts(case):
    """If nothing widens, no value is new, more sensitive, less scrubbed or under another line."""
    before, after, _ = case
    if any(change.is_widening for change in _changes(before, after)):
        event("widening")
        return
    old = dict(facts(before))
    for place, found in facts(after):
        assert place in old, place
        assert not _is_worse(old[place], found), place


@QUICK
@given(cases())
def test_no_consent_verdict_disagrees_with_privacy_verdicts(case):
    """If nothing widens an event, nothing in it widens what users are asked for either.

    A first line where none was is left out: a catalogue that was checked has one for each value.
    """
    before, after, _ = case
    if any(change.is_widening for change in _changes(before, after)):
        event("widening")
        return
    found = compare_consent(
        *(catalogue(_event(data)) for data in (before, after)), day="2026-11-26"
    )
    assert not [item for item in found.widened if "the line None" not in str(item)]


@st.composite
def _lined(draw, schema, *, is_field=False):
    """The schema with other lines of the notice; a field of the event always names one."""
    line = draw(st.sampled_from(["usage", "device"] if is_field else [None, "usage", "device"]))
    changed = {key: value for key, value in schema.items() if key != "x-notice"}
    if line is not None:
        changed["x-notice"] = line
    if "items" in changed:
        changed["items"] = draw(_lined(changed["items"]))
    if "properties" in changed:
        changed["properties"] = {
            name: draw(_lined(child)) for name, child in changed["properties"].items()
        }
    return changed


def _lines_of(schema, line=None):
    """The line of each value, at every depth, whether or not one can come."""
    line = schema.get("x-notice", line)
    inner = [schema["items"]] if "items" in schema else []
    inner += [child for _, child in sorted(schema.get("properties", {}).items())]
    return [line, *(_lines_of(child, line) for child in inner)]


@QUICK
@given(
    data=st.data(), inner=_arrays(_objects(_scalars())) | _objects(_scalars() | _arrays(_scalars()))
)
def test_a_line_counts_wherever_it_is_named(data, inner):
    """Privacy and consent widen just if a value falls under another line, named or inherited."""
    first = data.draw(_lined(inner, is_field=True))
    second = data.draw(_lined(first, is_field=True) | st.just({**first, "x-notice": "usage"}))
    before, after = (
        {"properties": {"f": {**schema, "x-class": "free_text"}}, "required": []}
        for schema in (first, second)
    )
    found = _changes(before, after)

    assert all(change.kind == "notice_changed" and change.is_widening for change in found)
    assert bool(found) is (_lines_of(first) != _lines_of(second))
    consent = compare_consent(
        *(catalogue(_event(one)) for one in (before, after)), day="2026-11-26"
    )
    assert bool(found) or not consent.widened


PROMISES = st.fixed_dictionaries(
    {
        "level": st.sampled_from(["required", "optional"]),
        "retention_days": st.sampled_from([9, 10, 100]),
        "expires": st.sampled_from(["2029-12-31", "2030-01-01", "2030-10-01"]),
        "slots": st.sets(st.sampled_from(["app", "device", "os"])).map(
            lambda found: tuple(sorted(found))
        ),
        "is_exception": st.booleans(),
    }
)


@given(PROMISES, PROMISES)
def test_no_promise_disagrees_with_privacy_verdicts(before, after):
    """If nothing widens, an event is sent to no more people, for no longer, and carries no more."""
    found = diff(catalogue(made_event(**before)), catalogue(made_event(**after)))

    worse = (
        (before["level"], after["level"]) == ("optional", "required")
        or after["retention_days"] > before["retention_days"]
        or after["expires"] > before["expires"]
        or not set(after["slots"]) <= set(before["slots"])
        or after["is_exception"] is not before["is_exception"]
    )
    assert any(change.is_widening for change in found) is worse
    assert (found == ()) is (before == after)
    gone = before["is_exception"] and not after["is_exception"]
    assert any(change.callers.verdict is Compatibility.BREAKING for change in found) is gone
    missing = not set(before["slots"]) <= set(after["slots"])
    assert any(change.is_breaking for change in found) is (missing or gone)


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
