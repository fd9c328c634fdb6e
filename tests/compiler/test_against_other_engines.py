"""The compiler against two JSON Schema engines that nobody here wrote."""

import datetime
import importlib.util
import json
import uuid
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarant import _violations
from declarant_codegen.compiler import Constants, compile_validator, scalar_condition

_spec = importlib.util.spec_from_file_location(
    "strategies", Path(__file__).parent.parent / "strategies.py"
)
assert _spec is not None
assert _spec.loader is not None
strategies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(strategies)

QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# jsonschema's own `uuid` takes any form that Python's class does; ask it for the RFC's form.
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)
def _is_date(value):
    if isinstance(value, str):
        if len(value) != 10 or not value.isascii():
            return False
        datetime.date.fromisoformat(value)
    return True


@FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value):
    return not isinstance(value, str) or str(uuid.UUID(value)) == value.lower()


def python_patterns(schema):
    """Write ``$`` as Python must see it: jsonschema hands patterns to ``re`` unchanged."""
    if isinstance(schema, dict):
        changed = {key: python_patterns(value) for key, value in schema.items()}
        if isinstance(schema.get("pattern"), str):
            text = schema["pattern"].replace("\\d", "[0-9]").replace("\\w", "[0-9A-Za-z_]")
            changed["pattern"] = text[:-1] + r"\Z" if text.endswith("$") else text
        return changed
    return [python_patterns(item) for item in schema] if isinstance(schema, list) else schema


def _has_multiples(schema):
    return "multipleOf" in json.dumps(schema)


@st.composite
def cases(draw, schemas):
    schema = draw(schemas)
    return schema, draw(st.lists(strategies.instances(schema), min_size=1, max_size=4))


def _agree(schema, values):
    validator = compile_validator(schema)
    reference = jsonschema.Draft202012Validator(python_patterns(schema), format_checker=FORMATS)
    # Exact at every size, and with decimals for multipleOf, as the compiler is.
    rust = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for value in values:
        verdict = validator.is_valid(value)
        violations = validator.violations(value)
        assert verdict is (not violations), (schema, value, violations)
        if not _has_multiples(schema):  # floating point in this engine
            assert verdict is reference.is_valid(value), (schema, value, violations)
        assert verdict is rust.is_valid(value), (schema, value, violations)


@QUICK
@given(cases(strategies.SCHEMAS))
def test_verdicts_on_any_schema_agree(case):
    """Both functions agree with each other and with both engines."""
    _agree(*case)


@pytest.mark.parametrize(
    ("divisor", "value", "is_multiple"),
    [
        (0.1, 0.3, True),  # 0.3 / 0.1 is no whole number in binary
        (0.01, 19.99, True),
        (0.0001, 0.00751, False),
        (2, 2**60 + 1, False),
        (3, 10**30, False),
        (0.5, 1e308, True),
        (7, 2.661334035181591e18, False),  # its shortest digits, as an integer, are a multiple
        (2.5, 1.526564348372068e21, False),
        (1e-7, -0.0, True),
    ],
)
def test_multiples_are_exact(divisor, value, is_multiple):
    """Decimals count as they are written, and a whole float as the integer that it is."""
    schema = {"multipleOf": divisor}
    rust = jsonschema_rs.Draft202012Validator(schema)

    assert compile_validator(schema).is_valid(value) is is_multiple is rust.is_valid(value)


@QUICK
@given(cases(strategies.event_schemas()))
def test_verdicts_on_event_schemas_agree(case):
    """Closed objects, counted rather than looped over, give the same verdicts."""
    _agree(*case)


@QUICK
@given(cases(strategies.SCALAR_SCHEMAS))
def test_the_encoders_condition_accepts_canonical_values_only(case):
    """A field's condition accepts what the validator accepts in its canonical Python type."""
    schema, values = case
    constants = Constants()
    condition = scalar_condition(schema, "value", constants)
    if condition is None:
        return
    namespace = {name: getattr(_violations, name) for name in constants.imports}
    for name, text in constants.texts.items():
        namespace[name] = eval(text, namespace)
    validator = compile_validator(schema)
    integers_only = "integer" in str(schema.get("type")) and "number" not in str(schema.get("type"))
    for value in values:
        namespace["value"] = value
        accepted = eval(condition, namespace)
        canonical = not (integers_only and isinstance(value, float))
        assert accepted is (canonical and validator.is_valid(value)), (condition, value)
