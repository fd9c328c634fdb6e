"""Hypothesis strategies for a JSON value with one thing done to it."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([2**63, 10**30, -(10**30), 1e-320, 1e308]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
    st.sampled_from(["0" * 64, "f" * 64, "catalogue", "ModelKitError", "2026-11-27", [], {}]),
    st.sampled_from(["string", "integer", "number", "array", "object", ["null", "string"]]),
    st.sampled_from(["(", "^[a-z]{1,9999}$", "(a*)*b", "\\p{L}", "low", "free_text", "date"]),
    st.lists(st.integers(0, 1), max_size=2),
    st.dictionaries(st.sampled_from(["$integer", "kind", "a"]), st.text("12", max_size=2)),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a JSON value, and of itself."""
    if not isinstance(value, (dict, list)):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@st.composite
def changed(draw: Any, original: Any) -> Any:
    """Draw a value with one thing done to some part of it."""
    value = copy.deepcopy(original)
    path = draw(st.sampled_from(places(value)[1:]))
    above = value
    for key in path[:-1]:
        above = above[key]
    last = path[-1]
    deed = draw(st.sampled_from(["replace", "remove", "repeat", "swap", "rename", "add"]))
    if deed == "remove":
        del above[last]
    elif deed == "repeat" and isinstance(above, list):
        above.insert(draw(st.integers(0, len(above))), copy.deepcopy(above[last]))
    elif deed == "swap" and isinstance(above, list):
        other = draw(st.integers(0, len(above) - 1))
        above[last], above[other] = above[other], above[last]
    elif deed == "rename" and isinstance(above, dict):
        above[draw(st.text(max_size=3))] = above.pop(last)
    elif deed == "add" and isinstance(above[last], dict):
        above[last][draw(st.text(max_size=3))] = draw(ODD)
    elif isinstance(above[last], str) and draw(st.booleans()):
        text = above[last]
        at = draw(st.integers(0, len(text)))
        above[last] = text[:at] + draw(st.text(max_size=2)) + text[at + draw(st.integers(0, 2)) :]
    else:
        above[last] = draw(ODD)
    return value
