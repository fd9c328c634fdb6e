"""Hypothesis strategies for schemas of the catalogue's dialect and for instances near them."""

import string

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c_d", "name", "line", 'q"uote', "back\\slash", "{x}", "ü"])
SMALL = st.integers(min_value=-20, max_value=20)
NUMBERS = st.one_of(
    SMALL,
    SMALL.map(float),
    st.integers(min_value=-(10**30), max_value=10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.1, 0.5, 1e308, -0.0, 2**53 + 1, 1.5, 0.0075]),
)
TEXTS = st.one_of(
    st.text(alphabet="abAB01_.-:\n é\U0001f600", max_size=8),
    st.sampled_from(["", "a.b", "r:0a", "2026-11-22", "2026-02-30", "abc\n", "A" * 20]),
)
UUIDS = st.one_of(
    st.uuids().map(str),
    st.uuids().map(lambda value: str(value).upper()),
    st.uuids().map(lambda value: str(value)[:-1]),
)
PATTERNS = st.sampled_from(
    [
        "^[a-z0-9_.-]{1,6}$",
        "^[a-z][a-z0-9_]*$",
        "^r:[0-9a-f]{2}$",
        "^(?:a|b|abc)$",
        r"^[a-z]+(?:\.[a-z]+)*$",
        r"^[a-z]{1,2}(?:\.[a-z]{1,2}){0,2}$",
        "^[A-Z]{2}[0-9]{0,3}-?$",
        "a+b",
        "^a",
        "b$",
        r"^\d+\.\d+$",
        r"^\w*$",
        "^[^a]{0,3}$",
        "^.{0,4}$",
        "^$",
        "^a?b{2}c*$",
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


def _optional(**keywords):
    return st.fixed_dictionaries({}, optional=keywords)


def _typed(kind, rules):
    types = st.sampled_from([kind, [kind, "null"], None])
    return st.tuples(types, rules).map(
        lambda pair: pair[1] if pair[0] is None else {"type": pair[0], **pair[1]}
    )


COUNTS = st.integers(min_value=0, max_value=6)
STRINGS = _typed(
    "string",
    _optional(
        minLength=COUNTS,
        maxLength=COUNTS,
        pattern=PATTERNS,
        format=st.sampled_from(["date", "uuid"]),
    ),
)
LIMITED = _optional(
    minimum=NUMBERS,
    maximum=NUMBERS,
    exclusiveMinimum=NUMBERS,
    exclusiveMaximum=NUMBERS,
    multipleOf=st.sampled_from([1, 2, 3, 0.5, 0.1, 0.0001, 1.0]),
)
LISTED = st.lists(JSON, min_size=1, max_size=4, unique_by=repr)
SCALAR_SCHEMAS = st.one_of(
    _typed(
        "string", st.fixed_dictionaries({}, optional={"minLength": COUNTS, "maxLength": COUNTS})
    ),
    STRINGS,
    _typed("integer", LIMITED),
    _typed("number", LIMITED),
    st.just({"type": "boolean"}),
    st.fixed_dictionaries({"enum": LISTED}, optional={"type": st.sampled_from(TYPES)}),
    st.fixed_dictionaries({"const": JSON}),
    st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True).map(
        lambda types: {"type": types}
    ),
)


def _arrays(inner):
    return _typed(
        "array", _optional(items=inner, minItems=COUNTS, maxItems=COUNTS, uniqueItems=st.booleans())
    )


def _objects(inner):
    return _typed(
        "object",
        _optional(
            properties=st.dictionaries(NAMES, inner, max_size=4),
            required=st.lists(NAMES, max_size=2, unique=True),
            additionalProperties=st.just(False) | st.booleans() | inner,
            propertyNames=STRINGS,
            minProperties=COUNTS,
            maxProperties=COUNTS,
        ),
    )


SCHEMAS = st.recursive(
    SCALAR_SCHEMAS | st.booleans(), lambda inner: _arrays(inner) | _objects(inner), max_leaves=6
)


@st.composite
def event_schemas(draw):
    """Closed objects of named, bounded fields, as the catalogue holds them."""
    fields = draw(st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=5))
    required = draw(st.lists(st.sampled_from(sorted(fields)), unique=True))
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": fields,
        "required": required,
    }


@st.composite
def instances(draw, schema, depth=0):
    """Values that often meet *schema*, and often miss it by one thing."""
    if not isinstance(schema, dict) or depth > 4 or draw(st.integers(0, 7)) == 0:
        return draw(JSON)
    if "const" in schema:
        return draw(_near(schema["const"]))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]).flatmap(_near))
    types = schema.get("type", draw(st.sampled_from(TYPES)))
    kind = types if isinstance(types, str) else draw(st.sampled_from(types))
    if kind == "object" or "properties" in schema:
        return draw(_object_instances(schema, depth))
    if kind == "array" or "items" in schema:
        items = instances(schema.get("items", {}), depth + 1)
        return draw(st.lists(items, max_size=4))
    if kind in ("integer", "number") or "minimum" in schema or "multipleOf" in schema:
        limits = [schema[key] for key in sorted(schema) if "imum" in key]
        return draw(NUMBERS | st.sampled_from([*limits, 0, 6, 0.3]))
    if kind == "string" or "pattern" in schema:
        return draw(_texts(schema))
    return draw(st.booleans() if kind == "boolean" else st.none())


def _near(value):
    other = [value]
    if isinstance(value, bool):
        other = int(value)
    elif value in (0, 1):
        other = bool(value)
    return st.sampled_from([value, value, other])


def _texts(schema):
    if "pattern" in schema:
        return st.from_regex(schema["pattern"]) | TEXTS
    return UUIDS | TEXTS if schema.get("format") == "uuid" else TEXTS | st.dates().map(str)


@st.composite
def _object_instances(draw, schema, depth):
    value = {}
    for name, inner in schema.get("properties", {}).items():
        if draw(st.integers(0, 9)) > 0:
            value[name] = draw(instances(inner, depth + 1))
    for name in schema.get("required", []):
        if name not in value and draw(st.integers(0, 4)) > 0:
            value[name] = draw(JSON)
    if draw(st.integers(0, 3)) == 0:
        additional = schema.get("additionalProperties", True)
        value[draw(NAMES | st.text(string.printable, max_size=3))] = draw(
            instances(additional, depth + 1)
        )
    return value
