"""What is approved, in words: everything that can be sent, and every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections import modelkit, zoo

from declarant_codegen.review.declared import subjects_of
from declarant_codegen.review.differences import changes_since
from declarant_codegen.review.told import approved_words, change_words, content_words
from declarant_codegen.wording import in_words

if TYPE_CHECKING:
    from pathlib import Path

    from review_work import Work


def test_an_event_is_told_value_by_value() -> None:
    """A line for the whole and one for each value, at every depth."""
    words = content_words(modelkit()["ModelKitError"])

    assert words[0].startswith("ModelKitError: optional diagnostic data, emitted from an exception")
    assert words[0].endswith("it carries the ext slots app, device, os and sdk")
    assert [line.partition(":")[0] for line in words[1:]] == [
        "exception_message",
        "exception_stack",
        "exception_stack[].file",
        "exception_stack[].function",
        "exception_stack[].line",
        "exception_type",
    ]


def test_nothing_of_a_projection_is_left_out(tmp_path: Path) -> None:
    """Each field of each kind has its line, which says all of it and whether it may be left out."""
    made = zoo.load(zoo.write_catalogue(tmp_path, zoo.zoo_events(), package="zoo_events"))
    for subject in subjects_of(made):
        if subject.projection["kind"] != "event":
            continue
        words = content_words(subject.projection)
        required = subject.projection["data"].get("required", ())
        for name, schema in subject.projection["data"]["properties"].items():
            (line,) = [line for line in words if line.startswith(f"{name}: ")]
            assert line.endswith("; may be left out") is (name not in required)
            if "properties" not in schema and "items" not in schema:
                assert in_words(schema) in line


def test_a_slot_is_told_field_by_field() -> None:
    """Every field of a slot may lack a value, so it is not said of each."""
    words = content_words(modelkit()["ext.os"])

    assert words[0] == "the slot ext.os may carry:"
    assert [line.partition(":")[0] for line in words[1:]] == ["name", "ver"]
    assert "left out" not in "".join(words)


def test_rules_are_told_in_full() -> None:
    """Where events go, what is asked and promised, what the notice covers, who approves."""
    rules = modelkit()["catalogue"]
    words = content_words({**rules, "a_new_rule": {"x": [1]}})

    assert words[:4] == (
        "events of modelkit go to https://mobile.events.data.microsoft.com/OneCollector/1.0/",
        "users are asked about consent version 1; return alone means yes",
        "the notice has the lines device, errors, ids, target, usage and versions",
        words[3],
    )
    assert len([line for line in words if line.startswith("never collected: ")]) == 4
    assert (
        "the notice covers the events ModelKitAction, ModelKitError and ModelKitHeartbeat" in words
    )
    assert "those who own or wrote a change may not approve it" in words
    assert "the user's answer is kept in \".winml/config.json\" in the user's home" in words
    assert "paths in free text are kept from the folders modelkit on" in words
    assert words[-1] == 'a new rule: {"x": [1]}'
    bare = {key: value for key, value in rules.items() if key != "review"}
    assert "one approval by any role is enough" in content_words(bare)


def test_a_change_says_before_after_and_why(approved: Work) -> None:
    """One line a change, with whom it breaks."""
    before = approved.standing().subject.projection
    after = {**before, "slots": [], "retention_days": 31}

    kept = "retention days changed: kept 30 days -> kept 31 days (its data is kept longer)"
    gone = "the event no longer carries ext.os; breaks readers"
    assert change_words(changes_since(before, after, {}, day="2026-11-26")) == (
        f"widening: SampleOpened: {kept}",
        f"narrowing: SampleOpened.ext.os: slot removed: carried -> not carried ({gone})",
    )


def test_an_approval_records_both(approved: Work) -> None:
    """The changes, where there was something before, and the whole."""
    standing = approved.standing()
    assert approved_words(standing) == list(content_words(standing.subject.projection))

    approved.event(x_retention_days=31)
    standing = approved.standing()
    assert approved_words(standing) == [
        *change_words(standing.changes),
        *content_words(standing.subject.projection),
    ]
