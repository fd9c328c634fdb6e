"""Each kind of change: where it is reported, and how it is judged."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from made_catalogues import catalogue, event, ext_field

from declarant_codegen.consent_scope import compare_consent
from declarant_codegen.privacy_diff import diff, diff_projections, render_text, summary, to_json
from declarant_codegen.projection import project_catalogue

LOW = {"x-class": "low", "x-notice": "usage"}
WHOLE = {"type": "integer", "minimum": 0, "maximum": 9, **LOW}
CHOICE = {"type": "string", "enum": ["a", "b"], **LOW}
WORD = {"type": "string", "pattern": "^[a-z]{1,8}$", "x-class": "middle", "x-notice": "usage"}
PROSE = {"type": "string", "maxLength": 50, "x-class": "free_text", "x-scrub": "message"}
RAW = {key: value for key, value in PROSE.items() if key != "x-scrub"}
LISTED = {"type": "array", "maxItems": 3, "items": WORD, "x-class": "middle"}
FRAME = {
    "type": "object",
    "additionalProperties": False,
    "required": ["line"],
    "properties": {"line": WHOLE, "file": PROSE},
    "x-class": "free_text",
}


def changes(before, after, **scrubbers):
    """The changes as (place, kind, privacy, callers, readers)."""
    return [
        (
            change.place,
            change.kind,
            change.privacy.verdict.value,
            change.callers.verdict.value,
            change.readers.verdict.value,
        )
        for change in diff(before, after, scrubbers=scrubbers)
    ]


def of_field(before, after):
    """The changes of one optional field, without the event's name and the field's."""
    found = changes(
        catalogue(event(properties={"f": before})), catalogue(event(properties={"f": after}))
    )
    for place, *_ in found:
        assert place.startswith("ProductAction.f")
    return [(place.removeprefix("ProductAction.f"), *rest) for place, *rest in found]


VALUES = {
    "a choice more": (CHOICE, {**CHOICE, "enum": ["a", "b", "c"]}, "widening compatible breaking"),
    "a choice less": (CHOICE, {**CHOICE, "enum": ["a"]}, "narrowing breaking compatible"),
    "choices in another order": (CHOICE, {**CHOICE, "enum": ["b", "a"]}, None),
    "choices to text": (
        CHOICE,
        {"type": "string", "maxLength": 9, **LOW},
        "widening compatible breaking",
    ),
    "text to choices": (
        {**WORD, "pattern": "^(?:a|b|c)$", **LOW},
        CHOICE,
        "narrowing breaking compatible",
    ),
    "the same choices as a Literal": (
        {**CHOICE, "enum": ["a"], "maxLength": 4},
        {**CHOICE, "enum": ["a"]},
        "neutral compatible compatible",
    ),
    "a pattern to the same choices": (
        {"type": "string", "pattern": "^(?:a|b)$", **LOW},
        CHOICE,
        "neutral breaking compatible",
    ),
    "a pattern to a constant": (
        {**WORD, "pattern": "^a$"},
        {"type": "string", "const": "a", "x-class": "middle", "x-notice": "usage"},
        "neutral breaking compatible",
    ),
    "a longer text": (PROSE, {**PROSE, "maxLength": 51}, "widening compatible breaking"),
    "a shorter text that is scrubbed and cut": (
        PROSE,
        {**PROSE, "maxLength": 49},
        "narrowing compatible compatible",
    ),
    "a shorter text": (RAW, {**RAW, "maxLength": 49}, "narrowing breaking compatible"),
    "choices to text that is scrubbed": (
        {**CHOICE, "enum": ["a", "b" * 60], "x-scrub": "message"},
        {"type": "string", "maxLength": 50, **LOW, "x-scrub": "message"},
        "widening compatible breaking",
    ),
    "numbers of a choice, written otherwise": (
        {"type": "number", "enum": [1.0, 2.0], **LOW},
        {"type": "number", "enum": [1, 2], **LOW},
        "neutral breaking compatible",
    ),
    "one number more of a choice": (
        {"type": "number", "enum": [1, 2], **LOW},
        {"type": "number", "enum": [1, 2, 2.5], **LOW},
        "widening compatible breaking",
    ),
    "both booleans as a choice": (
        {"type": "boolean", **LOW},
        {"type": "boolean", "enum": [True, False], **LOW},
        "neutral compatible compatible",
    ),
    "a looser pattern": (
        WORD,
        {**WORD, "pattern": "^[a-z]{0,8}$"},
        "widening compatible breaking",
    ),
    "a stricter pattern": (
        WORD,
        {**WORD, "pattern": "^[a-f]{1,8}$"},
        "narrowing breaking compatible",
    ),
    "another way to write a pattern": (
        WORD,
        {**WORD, "pattern": "^[a-z][a-z]{0,7}$"},
        "neutral compatible compatible",
    ),
    "a bound that a pattern implies": (
        WORD,
        {**WORD, "maxLength": 8},
        "neutral compatible compatible",
    ),
    "an undecidable pair": (
        {**WORD, "pattern": "^2026-01-0[1-9]$"},
        {"type": "string", "format": "date", "x-class": "middle", "x-notice": "usage"},
        "widening breaking breaking",
    ),
    "an undecidable pair the other way": (
        {"type": "string", "format": "date", "x-class": "middle", "x-notice": "usage"},
        {**WORD, "pattern": "^2026-01-0[1-9]$"},
        "widening breaking breaking",
    ),
    "a search that is given up": (
        {**WORD, "pattern": "^(?:a|b)*(?:a(?:a|b){11}|c(?:a|b){12})$", "maxLength": 60},
        {**WORD, "pattern": "^(?:a|b)*a(?:a|b){11}$", "maxLength": 60},
        "widening breaking breaking",
    ),
    "a greater maximum": (WHOLE, {**WHOLE, "maximum": 10}, "widening compatible breaking"),
    "a greater minimum": (WHOLE, {**WHOLE, "minimum": 1}, "narrowing breaking compatible"),
    "an end said otherwise": (
        {"type": "integer", "minimum": 0, "exclusiveMaximum": 10, **LOW},
        WHOLE,
        "neutral compatible compatible",
    ),
    "a list to more items": (
        LISTED,
        {**LISTED, "maxItems": 4},
        "widening compatible breaking",
    ),
    "a list of different items": (
        LISTED,
        {**LISTED, "uniqueItems": True},
        "narrowing breaking compatible",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_change_of_values(name):
    """A field's new values are judged for privacy, callers and readers."""
    before, after, verdicts = VALUES[name]
    expected = [] if verdicts is None else [("", "values_changed", *verdicts.split())]

    assert of_field(before, after) == expected


TYPES = {
    "null added": (WORD, {**WORD, "type": ["string", "null"]}, "widening compatible breaking"),
    "null removed": ({**WORD, "type": ["null", "string"]}, WORD, "narrowing breaking compatible"),
    "integer to number": (WHOLE, {**WHOLE, "type": "number"}, "widening compatible breaking"),
    "number to integer": ({**WHOLE, "type": "number"}, WHOLE, "narrowing breaking compatible"),
    "whole numbers to integer": (
        {**WHOLE, "type": "number", "multipleOf": 1},
        WHOLE,
        "neutral breaking compatible",
    ),
    "text to boolean": (WORD, {"type": "boolean", **LOW}, "widening breaking breaking"),
    "a list to null": (
        LISTED,
        {**LISTED, "type": ["array", "null"]},
        "widening compatible breaking",
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_change_of_type(name):
    """A change of type is told as one; null counts as a value."""
    before, after, verdicts = TYPES[name]

    assert ("", "type_changed", *verdicts.split()) in of_field(before, after)


def test_parts_are_judged_where_they_stand():
    """Items and properties are compared by themselves, at every depth."""
    before = {**LISTED, "items": FRAME}
    inner = {"line": {**WHOLE, "maximum": 10}, "column": WHOLE}
    after = {**LISTED, "items": {**FRAME, "properties": inner, "required": ["column", "line"]}}

    assert of_field(before, after) == [
        ("[].column", "field_added", "widening", "breaking", "compatible"),
        ("[].file", "field_removed", "narrowing", "breaking", "breaking"),
        ("[].line", "values_changed", "widening", "compatible", "breaking"),
    ]


MARKS = {
    "class up": (WORD, {**WORD, "x-class": "identifier"}, "class", "widening"),
    "class down alone": ({**CHOICE, "x-class": "middle"}, CHOICE, "class", "widening"),
    "identifier no more": ({**WORD, "x-class": "identifier"}, WORD, "class", "widening"),
    "scrubber added": (RAW, PROSE, "scrubber", "narrowing"),
    "another scrubber": (PROSE, {**PROSE, "x-scrub": "path"}, "scrubber", "widening"),
    "another notice line": (WORD, {**WORD, "x-notice": "device"}, "notice", "widening"),
    "a first notice line": (PROSE, {**PROSE, "x-notice": "usage"}, "notice", "neutral"),
    "no notice line": ({**PROSE, "x-notice": "usage"}, PROSE, "notice", "widening"),
    "a first class": (
        {"type": "boolean"},
        {"type": "boolean", "x-class": "low"},
        "class",
        "widening",
    ),
    "no class": ({"type": "boolean", "x-class": "low"}, {"type": "boolean"}, "class", "widening"),
}


@pytest.mark.parametrize("name", MARKS)
def test_a_change_of_marks(name):
    """Class, scrubber and notice line concern privacy and break nobody."""
    before, after, kind, privacy = MARKS[name]

    assert of_field(before, after) == [("", f"{kind}_changed", privacy, "compatible", "compatible")]


OTHER = {"x-notice": "device"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, OTHER, ["[].f widening"]),
        (OTHER, {}, ["[].f widening"]),
        ({}, {"x-notice": "usage"}, []),
        ({"x-notice": "usage"}, {}, []),
    ],
)
@pytest.mark.parametrize("is_list_moved", [False, True])
def test_a_line_that_is_inherited(before, after, expected, is_list_moved):
    """The line that a value falls under counts, whether it or what is around it names the line."""

    def made(line, marks):
        inner = {key: value for key, value in WHOLE.items() if key != "x-notice"}
        frame = {**FRAME, "properties": {"f": {**inner, **marks}}}
        return {**LISTED, "items": frame, "x-notice": line}

    if not is_list_moved:
        found = of_field(made("usage", before), made("usage", after))
        assert [f"{place} {privacy}" for place, _, privacy, *_ in found] == expected
        return
    # The list moves to the other line: what moves along with it is told once, at the list.
    found = of_field(made("usage", before), made("device", after))
    stays = (before.get("x-notice", "usage"), after.get("x-notice", "device"))
    is_told = before != after and stays[0] != stays[1]
    assert [place for place, *_ in found] == ["", *(["[].f"] if is_told else [])]


def test_items_may_name_a_line():
    """It holds for what is in them."""
    moved = {**LISTED, "items": {**WORD, "x-notice": "device"}, "x-notice": "usage"}
    stays = {**moved, "items": {**WORD, "x-notice": "usage"}}

    assert of_field(stays, moved)[0][:3] == ("[]", "notice_changed", "widening")
    assert [str(item) for item in _consent(stays, moved)] == [
        "ProductAction.f: moved from the line usage to device"
    ]


def _consent(before, after):
    made = (catalogue(event(properties={"f": schema})) for schema in (before, after))
    return compare_consent(*made, day="2026-11-26").widened


def test_a_scrubber_gone_breaks_calls_with_long_text():
    """Scrubbed text of any length is taken and cut; without a scrubber its bound is held to."""
    assert of_field(PROSE, RAW) == [("", "scrubber_changed", "widening", "breaking", "compatible")]


def test_scrubbed_parts_are_taken_at_any_length():
    """In lists and objects, too, callers may give scrubbed text of any length."""
    before, after = (
        {**LISTED, "items": {**FRAME, "properties": {"file": {**PROSE, "maxLength": length}}}}
        for length in (50, 49)
    )
    nullable = {**after, "type": ["array", "null"]}

    assert of_field(before, after) == [
        ("[].file", "values_changed", "narrowing", "compatible", "compatible")
    ]
    assert of_field(before["items"], {**after["items"], "type": ["object", "null"]})[0][1:] == (
        "type_changed",
        "widening",
        "compatible",
        "breaking",
    )
    assert of_field(before, nullable)[0][3] == "compatible"


def test_a_class_may_fall_with_the_values():
    """A lower class needs no approval where narrower values alone entail it."""
    before = {**WORD, "pattern": "^[a-z]{1,9}$"}
    after = {**CHOICE, "enum": ["abc", "abd"]}

    assert of_field(before, after) == [
        ("", "values_changed", "narrowing", "breaking", "compatible"),
        ("", "class_changed", "narrowing", "compatible", "compatible"),
    ]


def test_an_identifier_is_no_matter_of_form():
    """Narrower values do not prove that what identified somebody no longer does."""
    before = {**WORD, "x-class": "identifier"}
    after = {**CHOICE, "enum": ["abc", "abd"]}

    assert of_field(before, after) == [
        ("", "values_changed", "narrowing", "breaking", "compatible"),
        ("", "class_changed", "widening", "compatible", "compatible"),
    ]


def test_another_unit_breaks_everybody():
    """A unit is part of what a value means."""
    before, after = ({**WHOLE, "x-unit": unit} for unit in ("s", "ms"))

    assert of_field(before, after) == [("", "unit_changed", "widening", "breaking", "breaking")]


def test_another_version_of_a_scrubber_widens():
    """A scrubber that changed may leave more, so it is asked anew."""
    made = catalogue(event(properties={"f": PROSE}))
    before, after = (project_catalogue(made, {"message": version}) for version in "12")

    (change,) = diff_projections(before, after)

    assert (change.kind, change.is_widening) == ("scrubber_changed", True)
    assert (change.before, change.after) == (
        "scrubber message version 1",
        "scrubber message version 2",
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], ["f"], ("widening", "breaking", "compatible")),
        (["f"], [], ("widening", "compatible", "breaking")),
    ],
)
def test_presence(before, after, expected):
    """A field that must be given is sent more often; that one is missing tells something, too."""
    old, new = (event(properties={"f": WORD}, required=names) for names in (before, after))

    assert changes(catalogue(old), catalogue(new)) == [
        ("ProductAction.f", "presence_changed", *expected)
    ]


@pytest.mark.parametrize(
    ("required", "schema", "kind", "callers"),
    [
        (["f"], WORD, "field_added", "breaking"),
        ([], WORD, "field_added", "compatible"),
        ([], {**WORD, "x-class": "identifier"}, "identifier_added", "compatible"),
        (
            [],
            {**LISTED, "items": {**FRAME, "properties": {"id": {**WORD, "x-class": "identifier"}}}},
            "identifier_added",
            "compatible",
        ),
    ],
)
def test_a_field_added_and_removed(required, schema, kind, callers):
    """A new field widens; it breaks callers if they must give it. Dropping it breaks all."""
    old, new = event(), event(properties={"f": schema}, required=required)

    assert changes(catalogue(old), catalogue(new)) == [
        ("ProductAction.f", kind, "widening", callers, "compatible")
    ]
    assert changes(catalogue(new), catalogue(old)) == [
        ("ProductAction.f", "field_removed", "narrowing", "breaking", "breaking")
    ]


EVENTS = {
    "level": ("optional", "required"),
    "retention_days": (30, 31),
    "expires": ("2030-01-01", "2030-01-02"),
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_promise_of_the_event(name):
    """Lower level, longer retention and later expiry widen; their opposites narrow."""
    less, more = (catalogue(event(**{name: value})) for value in EVENTS[name])
    kind = f"{name}_changed"

    assert changes(less, more) == [("ProductAction", kind, "widening", "compatible", "compatible")]
    assert changes(more, less) == [("ProductAction", kind, "narrowing", "compatible", "compatible")]


def test_slots_of_an_event():
    """A slot more is carried along; a slot less is missed by readers."""
    less, more = (catalogue(event(slots=slots)) for slots in (("os",), ("app", "os")))
    place = "ProductAction.ext.app"

    assert changes(less, more) == [(place, "slot_added", "widening", "compatible", "compatible")]
    assert changes(more, less) == [(place, "slot_removed", "narrowing", "compatible", "breaking")]


def test_fields_of_a_slot():
    """Ext fields are the runtime's to fill: no change of them breaks a call."""
    old = {"os": (ext_field("os", "name", WORD), ext_field("os", "ver", WORD))}
    longer = {**WORD, "pattern": "^[a-z]{1,9}$"}
    new = {
        "app": (ext_field("app", "ver", WORD, "app_version"),),
        "os": (ext_field("os", "name", longer, "app_version"), ext_field("os", "locale", WORD)),
    }

    assert changes(catalogue(ext=old), catalogue(ext=new)) == [
        ("ext.app", "slot_permitted", "widening", "compatible", "compatible"),
        ("ext.os.locale", "field_added", "widening", "compatible", "compatible"),
        ("ext.os.name", "values_changed", "widening", "compatible", "breaking"),
        ("ext.os.name", "source_changed", "widening", "compatible", "breaking"),
        ("ext.os.ver", "field_removed", "narrowing", "compatible", "breaking"),
    ]


RULES = {
    "endpoint": ("https://a.example/", "https://b.example/", "widening compatible breaking"),
    "consent_default": (False, True, "widening compatible compatible"),
    "consent_version": (1, 2, "neutral compatible compatible"),
    "package": ("old_events", "new_events", "neutral breaking compatible"),
    "product": ("old", "new", "widening compatible compatible"),
}


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((), ("kit",), "widening"),
        (("kit",), ("kit", "winml/modelkit"), "widening"),
        (("kit",), ("winml/kit",), "widening"),
        (("kit", "winml/modelkit"), ("kit",), "narrowing"),
        (("kit",), (), "narrowing"),
    ],
)
def test_roots_of_packages(before, after, verdict):
    """A root more keeps more of paths in free text; a root less keeps less."""
    old, new = (catalogue(package_roots=roots) for roots in (before, after))

    assert changes(old, new) == [
        ("catalogue.package_roots", "package_roots_changed", verdict, "compatible", "compatible")
    ]


def test_the_order_of_roots_is_no_change():
    """They are a set."""
    old, new = (catalogue(package_roots=roots) for roots in (("a", "b"), ("b", "a")))

    assert changes(old, new) == []


@pytest.mark.parametrize("name", RULES)
def test_a_rule_of_the_catalogue(name):
    """What the catalogue says for all events is judged, too; the unknown widens."""
    old, new, verdicts = RULES[name]

    found = changes(catalogue(**{name: old}), catalogue(**{name: new}))

    assert found == [(f"catalogue.{name}", f"{name}_changed", *verdicts.split())]


def test_a_notice_line_more_tells_more():
    """Users who are told of one thing more have lost nothing; its fields are judged apart."""
    less = catalogue(notice={"a": "A."})
    more = catalogue(notice={"a": "A.", "b": "B."})

    assert changes(less, more) == [
        ("catalogue.notice", "notice_changed", "neutral", "compatible", "compatible")
    ]


def test_a_slot_forbidden():
    """A slot that no event may carry any more is missed by readers alone."""
    slots = {"os": (ext_field("os", "name", WORD),)}

    assert changes(catalogue(ext=slots), catalogue(ext={})) == [
        ("ext.os", "slot_forbidden", "narrowing", "compatible", "breaking")
    ]


def test_rules_that_go_back():
    """A consent version that falls widens; a default of no narrows; a notice line less widens."""
    more = catalogue(consent_version=2, consent_default=True, notice={"a": "A.", "b": "B."})
    less = catalogue(consent_version=1, consent_default=False, notice={"a": "A."})

    assert [row[:3] for row in changes(more, less)] == [
        ("catalogue.consent_default", "consent_default_changed", "narrowing"),
        ("catalogue.consent_version", "consent_version_changed", "widening"),
        ("catalogue.notice", "notice_changed", "widening"),
    ]


def test_words_change_nothing():
    """Descriptions, titles, examples, purpose, owners, reasons and the product's name are free."""
    words = {"description": "d", "title": "t", "examples": ["a"], "x-reason": "because"}
    before = catalogue(event(properties={"f": WORD}), display_name="Old", notice={"usage": "u"})
    after = catalogue(
        event(properties={"f": {**WORD, **words}}, purpose="p", owners=("o",), description="e"),
        display_name="New",
        notice={"usage": "u"},
    )

    assert diff(before, after) == ()


def test_an_event_added_and_removed():
    """A new event widens; the loss of one breaks whoever sends or reads it."""
    none, one = catalogue(), catalogue(event(properties={"f": WORD}))

    assert changes(none, one) == [
        ("ProductAction", "event_added", "widening", "compatible", "compatible")
    ]
    assert changes(one, none) == [
        ("ProductAction", "event_removed", "narrowing", "breaking", "breaking")
    ]


def test_a_renamed_field_is_hinted_and_counted_twice():
    """The hint names the other name; the verdicts are those of a removal and an addition."""
    before = catalogue(event(properties={"duration_ms": WHOLE, "success": CHOICE}))
    after = catalogue(event(properties={"elapsed_ms": WHOLE, "is_new": {"type": "boolean", **LOW}}))

    hints = {change.path: change.hint.partition(";")[0] for change in diff(before, after)}

    assert hints == {
        "duration_ms": "looks renamed to elapsed_ms",
        "elapsed_ms": "looks renamed from duration_ms",
        "is_new": "",
        "success": "",
    }


def test_a_field_of_another_name_and_the_same_content_is_hinted():
    """Content alone tells, unless there are two of it or it says little."""
    flag = {"type": "boolean", **LOW}

    def hints(before, after):
        found = diff(catalogue(event(properties=before)), catalogue(event(properties=after)))
        return {change.path: change.hint.partition(";")[0] for change in found if change.hint}

    assert hints({"stack": LISTED, "success": flag}, {"frames": LISTED, "fresh": flag}) == {
        "stack": "looks renamed to frames",
        "frames": "looks renamed from stack",
    }
    assert hints({"stack": LISTED}, {"frames": LISTED, "calls": LISTED}) == {}
    assert hints({"stack": LISTED}, {"frames": {**LISTED, "maxItems": 4}}) == {}


def test_unlike_events_and_very_many_fields_are_not_paired():
    """Events without a field in common are no rename; of very many fields none is guessed."""
    one, other = (
        event("OldStart", properties={"f": WORD}),
        event("NewStart", properties={"g": WORD}),
    )
    many, others = (event(properties={f"{letter}{n}": WORD for n in range(70)}) for letter in "xy")

    for before, after in ((one, other), (many, others)):
        assert {change.hint for change in diff(catalogue(before), catalogue(after))} == {""}


def test_many_events_renamed_and_changed_are_hinted_by_their_names():
    """A new prefix for more events than can be compared one by one is seen all the same."""
    bodies = [{"retention_days": number + 1, "properties": {"f": WORD}} for number in range(100)]
    before = catalogue(*(event(f"OldE{n:03}", **body) for n, body in enumerate(bodies)))
    changed = [{**body, "level": "required"} for body in bodies]
    changed[7] = {**changed[7], "properties": {"other": WORD}}
    after = catalogue(*(event(f"NewE{n:03}", **body) for n, body in enumerate(changed)))

    hints = {change.place: change.hint.partition(";")[0] for change in diff(before, after)}

    assert hints["OldE042"] == "looks renamed to NewE042"
    assert hints["NewE042"] == "looks renamed from OldE042"
    assert (hints["OldE007"], hints["NewE007"]) == ("", "")
    assert sum(bool(hint) for hint in hints.values()) == 2 * 99


@pytest.mark.parametrize("count", [3, 100])
def test_renamed_events_are_hinted_and_counted_twice(count):
    """A new prefix for all events, few or many, is a removal and an addition of each."""
    bodies = [{"retention_days": number + 1, "properties": {"f": WORD}} for number in range(count)]
    before = catalogue(*(event(f"OldE{n:03}", **body) for n, body in enumerate(bodies)))
    after = catalogue(*(event(f"NewE{n:03}", **body) for n, body in enumerate(bodies)))

    found = diff(before, after)

    assert len(found) == 2 * count
    assert all(change.is_breaking is change.kind.endswith("removed") for change in found)
    assert {change.place: change.hint.partition(";")[0] for change in found} == {
        **{f"OldE{n:03}": f"looks renamed to NewE{n:03}" for n in range(count)},
        **{f"NewE{n:03}": f"looks renamed from OldE{n:03}" for n in range(count)},
    }


def test_a_definition_elsewhere_counts():
    """An event of the same file changes with a definition of another file."""
    before = event(properties={"f": WHOLE})
    after = replace(event(properties={"f": {**WHOLE, "maximum": 10}}), digest=before.digest)

    assert len(diff(catalogue(before), catalogue(after))) == 1


def test_text_tells_everything():
    """The text names place, both states, each verdict with its direction and reason, and counts."""
    before = catalogue(event(properties={"f": {**CHOICE, "enum": ["a"]}}))
    after = catalogue(event(properties={"f": {**CHOICE, "enum": ["a", 'q"\u202e']}}))

    assert render_text(diff(before, after)) == (
        "ProductAction.f: values changed\n"
        '  before:  one of "a"\n'
        '  after:   one of "a", "q\\"\\u202e"\n'
        "  privacy: widening: it can hold values that it could not hold before, such as "
        '"q\\"\\u202e"\n'
        "  callers (old calls, new emitters): compatible: every value given so far is taken\n"
        "  readers (old queries, new events): breaking: values come that were not possible before, "
        'such as "q\\"\\u202e"\n'
        "\n"
        "widening: more may be sent than before, or of more people, or it is more sensitive, kept "
        "longer or\n"
        "  promised less; and whatever cannot be proven otherwise. It needs an approval.\n"
        "narrowing: only less may be sent. neutral: the same may be sent.\n"
        "breaking: callers, the programs that send these events, or readers, those who query what "
        "was stored,\n"
        "  may have to follow. compatible: they need not.\n"
        "\n"
        "1 change: 1 widening, 0 neutral, 0 narrowing for privacy; 0 breaking for callers, "
        "1 breaking for readers\n"
    )


def test_long_words_are_broken_between_parts_alone():
    """Lines stay short where parts end, and quoted text stays whole, whatever is in it."""
    hostile = 'a; b" c; d' * 9
    properties = {
        "f": {**CHOICE, "enum": [hostile]},
        **{f"g{n}": {**WORD, "x-class": "identifier"} for n in range(3)},
    }
    text = render_text(diff(catalogue(), catalogue(event(properties=properties, required=["f"]))))

    after = text.partition("  after:   ")[2].partition("\n  privacy:")[0]

    assert json.dumps(hostile) in after
    assert after.replace("\n          ", "") == (
        "optional diagnostic data, kept 30 days, not sent after 2030-01-01; ext slots: os; data: "
        "an object, with "
        f"(f: one of {json.dumps(hostile)}, class low, under the notice line usage; "
        + "; ".join(
            f"g{n} (may be left out): text, at most 8 characters, matching "
            '"^[a-z]{1,8}$", class identifier, under the notice line usage'
            for n in range(3)
        )
        + ")"
    )
    assert after.count("\n") == 4


def test_identifiers_of_events_and_slots_are_named():
    """Whoever approves an event or a slot is told which identifiers come with it."""
    known = {**WORD, "x-class": "identifier"}
    slots = {"device": (ext_field("device", "localId", known, "device_id"),)}
    bare, fine = event(slots=()), event(properties={"id": known}, slots=("device",))

    def reasons(before, after):
        return [change.privacy.reason for change in diff(before, after)]

    assert reasons(catalogue(ext=slots), catalogue(fine, ext=slots)) == [
        "a new event is sent, with the identifiers ext.device.localId and id"
    ]
    assert reasons(catalogue(bare), catalogue(event(slots=("device",)), ext=slots)) == [
        "events may carry a slot that none could before, with the identifier ext.device.localId",
        "the event carries ext.device along, with the identifier ext.device.localId",
    ]


def test_origin_is_told_in_words():
    """An event that is emitted from an exception says so, and no yes or no."""
    (change,) = diff(catalogue(event()), catalogue(event(is_exception=True)))

    assert (change.before, change.after) == ("emitted as it happens", "emitted from an exception")
    assert "ProductAction: origin changed\n" in render_text([change])


def test_who_takes_the_exception_away_breaks_callers():
    """The emitter that takes it goes; one that comes breaks nobody."""
    (taken,) = diff(catalogue(event(is_exception=True)), catalogue(event()))
    (given,) = diff(catalogue(event()), catalogue(event(is_exception=True)))

    assert (taken.is_breaking, given.is_breaking) == (True, False)
    assert taken.callers.reason == "calls so far name the emitter that takes an exception"


def test_nothing_is_cut():
    """Long lists and patterns that differ at their end are shown whole."""
    many = [f"value{number:03}" for number in range(200)]
    before = catalogue(event(properties={"f": {**CHOICE, "enum": many[:-1]}}))
    after = catalogue(event(properties={"f": {**CHOICE, "enum": many}}))

    (change,) = diff(before, after)

    assert "value199" in change.after
    assert "value199" not in change.before
    assert "value199" in change.privacy.reason


def test_json_has_the_same_content():
    """The JSON form is plain JSON and says what the text says."""
    before = catalogue(event(properties={"f": WHOLE}))
    after = catalogue(event(properties={"f": {**WHOLE, "maximum": 5}}))

    value = to_json(diff(before, after))

    assert json.loads(json.dumps(value)) == value
    assert value["summary"] == {
        "changes": 1,
        "widening": 0,
        "neutral": 0,
        "narrowing": 1,
        "breaking_callers": 1,
        "breaking_readers": 0,
    }
    (change,) = value["changes"]
    assert (change["place"], change["kind"]) == ("ProductAction.f", "values_changed")
    assert change["keywords"] == ["maximum"]
    assert change["callers"] == {
        "direction": "old calls, new emitters",
        "verdict": "breaking",
        "reason": "values given so far are refused, such as 6",
    }


def test_no_change_is_said():
    """Without a change there is one line that says so."""
    assert summary(()) == "no change that matters for privacy, callers or readers"
