"""The form of projections: what codegen makes has it, and what has it can be compared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import changed
from projections import modelkit, zoo

from declarant_codegen.projection import project_catalogue, projection_text, read_projection
from declarant_codegen.projection_form import is_projection
from declarant_codegen.review.differences import changes_since, compare_consent
from declarant_codegen.review.roles import class_of_change, class_of_content
from declarant_codegen.review.told import change_words, content_words


def with_suppression() -> dict[str, Any]:
    """Return ModelKit's projections, with a suppression among its rules."""
    made = modelkit()
    row = {"rule": "NOTICE_UNUSED", "place": "catalogue.json", "until": "2030-01-01"}
    made["catalogue"] = {**made["catalogue"], "suppressions": [row]}
    return made


MADE = with_suppression()
SLOTS = {"app": "identifier", "device": "identifier", "os": "middle", "sdk": "identifier"}


@pytest.fixture(scope="module")
def zoo_projections(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The projections of events with every kind of field."""
    folder = tmp_path_factory.mktemp("zoo")
    made = zoo.load(zoo.write_catalogue(folder, zoo.zoo_events(), package="zoo_events"))
    return [*project_catalogue(made, {}).events.values()]


def test_what_is_made_has_the_form(zoo_projections: list[Any]) -> None:
    """Each projection that codegen writes down is one when it is read again."""
    for projection in [*MADE.values(), *zoo_projections]:
        assert is_projection(read_projection(projection_text(projection)))


def read_again(value: Any) -> Any:
    """Return a value as a log would give it, or None where it would not."""
    try:
        return read_projection(projection_text(value))
    except ValueError:
        return None


@settings(max_examples=400)
@given(data=st.data(), name=st.sampled_from(sorted(MADE)))
def test_what_has_the_form_can_be_compared(data: st.DataObject, name: str) -> None:
    """No projection of the right form crashes what compares it, tells it or finds its roles."""
    value = MADE[name]
    for _ in range(data.draw(st.integers(1, 3))):
        value = data.draw(changed(value))
    other = read_again(value)
    if other is None or not is_projection(other) or other["kind"] != MADE[name]["kind"]:
        return

    for before, after in ((other, MADE[name]), (MADE[name], other), (None, other)):
        if before is not None:
            before = {**before, "name": after.get("name")}
        changes = list(changes_since(before, after, {}, day="2026-11-26"))

        assert all(change_words(changes))
        if after["kind"] == "catalogue":
            if before is not None:
                assert compare_consent(before, after, day="2026-11-26").verdict is not None
        else:
            for change in changes:
                assert class_of_change(change, before, after, SLOTS) in set(SLOTS.values()) | {
                    "low",
                    "free_text",
                }
            assert class_of_content(after, SLOTS)
        assert all(content_words(after))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["projection", "kind", "name", "data", "scope"]), inner, max_size=4
        )
    ),
)


@given(value=ANYTHING)
def test_anything_may_be_asked_about(value: Any) -> None:
    """The question has an answer for every JSON value."""
    assert not is_projection(value)
