"""Places: the line of whatever is found after loading."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_work import EVENT, Work

from declarant_codegen.places import Places, field_pointer, key_of
from declarant_codegen.positions import line_at, offsets


def line(work: Work, pointer: str, key: str = EVENT) -> int:
    """Return the line of a finding, from a fresh and from a used table."""
    used = Places(work.schemas)
    used.finding("SEAL_MISSING", key, "/properties/count/type", "x")
    lines = {
        places.finding("SEAL_MISSING", key, pointer, "x").line
        for places in (Places(work.schemas), used)
    }
    (found,) = lines
    return found


@given(data=st.data())
def test_every_pointer_has_its_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Asked first or later, quickly or not, a pointer's line is that of its key."""
    inner = st.dictionaries(
        st.sampled_from(["a", "b/c", "~d", "0"]),
        st.integers() | st.lists(st.integers(), max_size=3),
    )
    value: Any = data.draw(
        st.dictionaries(st.sampled_from(["a", "b/c", "~d", "é", ""]), inner, min_size=1)
    )
    text = json.dumps(value, indent=data.draw(st.sampled_from([None, 1])), ensure_ascii=False)
    schemas = tmp_path_factory.mktemp("places")
    (schemas / "a.json").write_text(text, "utf-8")
    places = Places(schemas)

    known = offsets(text)
    asked = data.draw(st.lists(st.sampled_from(sorted(known)), min_size=1))

    for pointer in asked:
        finding = places.finding("SEAL_MISSING", "a.json", pointer, "x")
        assert finding.line == line_at(text, known[pointer])


def test_a_pointer_that_is_not_there_has_the_line_around_it(work: Work) -> None:
    """A finding about what is missing stands at the nearest value."""
    lines = (work.schemas / EVENT).read_text("utf-8").splitlines()

    assert lines[line(work, "/properties/count/x-unit") - 1].strip().startswith('"count"')
    assert lines[line(work, "/x-level") - 1].strip().startswith('"x-level"')
    assert line(work, "/nothing") == line(work, "") == 1


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b"[" * 100])
def test_a_file_that_is_gone_or_broken_has_one_line(work: Work, content: bytes | None) -> None:
    """Whatever became of a file since it was read, the finding is told."""
    (work.schemas / EVENT).unlink()
    if content is not None:
        (work.schemas / EVENT).write_bytes(content)

    for pointer in ("/title", "/properties/count", ""):
        finding = Places(work.schemas).finding("SEAL_MISSING", EVENT, pointer, "x")
        assert (finding.path, finding.line) == ("schemas/" + EVENT, 1)


def test_names_are_shown_printably(work: Work) -> None:
    """A key with a control character moves no terminal."""
    finding = Places(work.schemas).finding("SEAL_MISSING", "events/a\x1b.json", "", "x")

    assert finding.path == "schemas/events/a\\u001b.json"


def test_fields_have_pointers() -> None:
    """A place as the privacy diff names it is found in the schema."""
    assert field_pointer("") == ""
    assert field_pointer("count") == "/properties/count"
    assert field_pointer("stack[].file") == "/properties/stack/items/properties/file"
    assert field_pointer("grid[][]") == "/properties/grid/items/items"
    assert key_of("schemas/events/a.schema.json") == "events/a.schema.json"
