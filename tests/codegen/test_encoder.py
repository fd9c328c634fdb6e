"""Generated encoders against the schema they were made from."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

_spec = importlib.util.spec_from_file_location("zoo", Path(__file__).with_name("zoo.py"))
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)

MODULES = ["model_kit_required", "model_kit_optional", "model_kit_mixed"]
_TEXT = st.one_of(
    st.sampled_from(
        ["", "a", "abc", "A", 'b"\\{}', "é\u20ac", "it's {fixed}", "a\n", "aéb", "\ud800"]
    ),
    st.text(max_size=6),
    st.sampled_from(["2026-11-22", "2026-02-30", "00000000-0000-0000-0000-000000000000"]),
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 310),
    st.sampled_from([0.0, 0.5, 1.0, 9.999, 10.0, -0.5, 1e-9, 2.0, float("nan"), float("inf")]),
    _TEXT,
)
_THING = st.fixed_dictionaries(
    {"value": st.integers(-7, 7)},
    optional={"item": _TEXT, "text": st.none() | _TEXT, "other": st.just(1)},
)


def _valid_or_near(name: str) -> st.SearchStrategy[Any]:
    """Values of a field, most of them valid."""
    word = st.text("abcdefg", min_size=1, max_size=8)
    valid: dict[str, st.SearchStrategy[Any]] = {
        "choice": st.sampled_from(zoo.FIELDS["choice"]["enum"]),
        "maybe_choice": st.sampled_from(["A", None]),
        "number_choice": st.sampled_from([1, 2, 30]),
        "fixed": st.just("it's {fixed}"),
        "text": word,
        "scrub": st.none() | word,
        "loose": st.text('"az\\', max_size=4),
        "loose_or_null": st.none() | st.text('ac\u2028\u20ac"\\\x00\ud800', max_size=3),
        "day": st.dates().map(str),
        "ident": st.none() | st.uuids().map(str),
        "free": st.text(max_size=30),
        "free_or_null": st.none() | st.text(max_size=30),
        "count": st.integers(-3, 300),
        "even": st.sampled_from([None, 0, 2, 8]),
        "ratio": st.integers(0, 9) | st.floats(0, 9.5),
        "ratio_or_null": st.none() | st.floats(-1, 1) | st.sampled_from([-1, 0, 1]),
        "flag": st.booleans(),
        "flag_or_null": st.none() | st.booleans(),
        "words": st.lists(word, max_size=3),
        "numbers": st.none() | st.lists(st.integers(0, 9), min_size=1, max_size=3),
        "grid": st.lists(st.lists(st.none() | st.booleans(), max_size=2), max_size=2),
        "things": st.lists(_THING, max_size=2),
        "thing": st.none() | _THING,
        "empty": st.just({}),
    }
    return valid[name]


_NEAR = st.one_of(
    _SCALARS,
    st.lists(_SCALARS, max_size=4),
    st.lists(st.lists(_SCALARS, max_size=3), max_size=3),
    st.lists(_THING | st.dictionaries(_TEXT, _SCALARS, max_size=2), max_size=3),
)


@st.composite
def _data(draw: st.DrawFn, required: list[str]) -> dict[str, Any]:
    """Data of an event: all its required fields, some of the others, at most one value replaced."""
    names = [name for name in zoo.FIELDS if name in required or draw(st.booleans())]
    data = {name: draw(_valid_or_near(name)) for name in names}
    if names and draw(st.booleans()):
        data[draw(st.sampled_from(names))] = draw(_NEAR)
    return data


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The zoo's generated package."""
    folder = tmp_path_factory.mktemp("zoo")
    schemas = zoo.write_catalogue(folder, zoo.zoo_events(), package=zoo.fresh_package())
    return zoo.install(zoo.load(schemas), folder / "out")


def _module(package: Any, name: str) -> Any:
    return sys.modules[f"{package.__name__}.{name}"]


def _encoded(module: Any, data: dict[str, Any]) -> Any:
    """Return what the encoder writes for *data*, parsed, or None."""
    from declarant.gencode import UNSET

    values = [data.get(name, UNSET) for name in module.EVENT.arguments]
    inside = module.EVENT.encode(*values)
    if inside is None:
        return None
    # The client refuses a lone surrogate; what the encoder wrote is judged all the same.
    return json.loads(f"{{{inside}}}".encode("utf-8", "backslashreplace"))


def _scrubbed(value: Any, schema: dict[str, Any]) -> Any:
    """Return *value* as it may be stored: every scrubbed text replaced."""
    from declarant.scrub import scrub

    if isinstance(value, str) and "x-scrub" in schema:
        return scrub(schema["x-scrub"], value, schema["maxLength"])
    if isinstance(value, list):
        return [_scrubbed(item, schema.get("items", {})) for item in value]
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        return {name: _scrubbed(item, inner.get(name, {})) for name, item in value.items()}
    return value


def _is_canonical(value: Any, schema: dict[str, Any]) -> bool:
    """Tell whether integers are written without a fraction; the runtime sees to it otherwise."""
    types = schema.get("type", [])
    if isinstance(value, float) and "integer" in types:
        return False
    if isinstance(value, list):
        return all(_is_canonical(item, schema.get("items", {})) for item in value)
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        return all(_is_canonical(item, inner.get(name, {})) for name, item in value.items())
    return True


@pytest.mark.parametrize("name", MODULES)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_encoder_validator_and_another_engine_agree(
    package: Any, name: str, draw: st.DataObject
) -> None:
    """Valid data is written unchanged but for scrubbed text; invalid data is not written at all."""
    module = _module(package, name)
    schema = zoo.zoo_events()[name]
    data = draw.draw(_data(schema["required"]))
    stored = _scrubbed(data, schema)
    try:
        json.dumps(stored, allow_nan=False)
        # Python's `$` lets a line break through after the last character; JSON Schema's does not.
        properties = json.loads(json.dumps(schema["properties"]).replace('$"', '\\\\Z"'))
        other = Draft202012Validator(
            {"properties": properties, "required": schema["required"],
             "additionalProperties": False},
            format_checker=FormatChecker(),
        ).is_valid(stored)  # fmt: skip
    except ValueError:
        other = False

    expected = stored if other and _is_canonical(data, schema) else None
    written = _encoded(module, data)
    valid = not getattr(module, f"violations_{name}")(stored)

    assert written == expected
    assert valid == other
    assert getattr(module, f"is_valid_{name}")(stored) == other
    # No key that was not given, and the order of the arguments.
    if written is not None:
        assert list(written) == [key for key in module.EVENT.arguments if key in data]


class Growing(list[str]):
    """A list that is longer once it was asked how long it is, as one that a thread extends."""

    def __len__(self) -> int:
        asked = super().__len__()
        self.extend(["a"] * 100)
        return asked


@pytest.mark.parametrize("name", MODULES)
def test_an_array_is_judged_by_what_is_written_of_it(package: Any, name: str) -> None:
    """A host's other threads go on with a list while it is encoded."""
    module = _module(package, name)

    written = _encoded(module, {**_plain(), "words": Growing(["a"])})

    assert written is None or len(written["words"]) <= zoo.FIELDS["words"]["maxItems"]


@pytest.mark.parametrize("name", MODULES)
def test_encoder_takes_tuples_as_arrays(package: Any, name: str) -> None:
    """A tuple is as good as a list, at every depth."""
    module = _module(package, name)
    data = _plain()

    as_tuples = {**data, "words": ("a", "b"), "grid": ((True, None), ()), "things": ({"value": 1},)}
    as_lists = {**data, "words": ["a", "b"], "grid": [[True, None], []], "things": [{"value": 1}]}

    assert _encoded(module, as_tuples) == _encoded(module, as_lists)
    assert _encoded(module, as_lists) is not None


def test_encoder_leaves_out_what_was_not_given(package: Any) -> None:
    """Optional fields are absent, never null."""
    assert _encoded(_module(package, "model_kit_optional"), {}) == {}
    assert _encoded(_module(package, "model_kit_optional"), {"flag": True}) == {"flag": True}


@pytest.mark.parametrize("value", [True, 1.0, "1", None, [1]])
def test_encoder_takes_no_lookalike_of_an_integer(package: Any, value: Any) -> None:
    """A boolean is no integer, nor is an integral float in canonical form."""
    data = {**_plain(), "count": value}

    assert _encoded(_module(package, "model_kit_required"), data) is None


def test_encoder_writes_long_free_text_scrubbed(package: Any) -> None:
    """An over-long free text is cut by its scrubber; it is no error."""
    data = {**_plain(), "free": "x" * 1000}

    written = _encoded(_module(package, "model_kit_required"), data)

    assert written is not None
    assert len(written["free"]) <= 10


def test_encoder_reads_each_member_of_a_mapping_once(package: Any) -> None:
    """A dict that changes its mind between two readings cannot slip anything through."""

    class Liar(dict[str, object]):
        reads = 0

        def __getitem__(self, key: str) -> object:
            Liar.reads += 1
            return super().__getitem__(key) if Liar.reads == 1 else "an unchecked text"

    data = {**_plain(), "thing": Liar(value=3)}

    written = _encoded(_module(package, "model_kit_required"), data)

    assert written is not None
    assert written["thing"] == {"value": 3}


def _plain() -> dict[str, Any]:
    return {
        "choice": "A",
        "maybe_choice": None,
        "number_choice": 1,
        "fixed": "it's {fixed}",
        "text": "a",
        "scrub": None,
        "loose": "",
        "loose_or_null": None,
        "day": "2026-11-22",
        "ident": None,
        "free": "",
        "free_or_null": None,
        "count": 0,
        "even": None,
        "ratio": 0.5,
        "ratio_or_null": None,
        "flag": True,
        "flag_or_null": None,
        "words": [],
        "numbers": None,
        "grid": [],
        "things": [],
        "thing": None,
        "empty": {},
    }
