"""The reasons that reviewers, callers and readers are given: each in its sentence, whole."""

from __future__ import annotations

from made_catalogues import catalogue, event, ext_field
from test_changes import CHOICE, EVENTS, MARKS, RULES, TYPES, VALUES, WHOLE, WORD

from declarant_codegen.privacy_diff import diff

SENTENCES = {
    "callers breaking": {
        "calls so far do not give it, and it is required",
        "calls so far may give it, and it is no argument any more",
        "calls so far may leave it out",
        "calls so far name its emitter, which is gone",
        "calls so far name the emitter that takes an exception",
        "code so far imports the package by its old name",
        "floats given so far are refused, even whole ones",
        "its type is a Literal now, which a plain variable does not fit",
        "nothing proves that every value given so far is taken",
        "text beyond its bound was cut after scrubbing, and is refused now",
        "values given so far are refused",
        "values given so far would be taken in another unit",
    },
    "callers compatible": {
        "calls so far do not give it, and need not",
        "calls so far do not name it",
        "calls so far give it, and still can",
        "emitters take the same arguments",
        "every value given so far is taken",
    },
    "privacy narrowing": {
        "it can hold no value that it could not hold before",
        "it is no longer sent for users who keep optional data off",
        "it stops being sent sooner",
        "its data is deleted sooner",
        "its values became narrower, and its class with them",
        "less of a path in free text is kept",
        "no event may carry the slot any more",
        "text is scrubbed that was not scrubbed before",
        "the event is no longer sent",
        "the event no longer carries ext.app",
        "the field is no longer sent",
        "users who only press return refuse",
    },
    "privacy neutral": {
        "it can hold the same values as before",
        "users are asked again",
        "users are told more; fields that fall under it are judged apart",
        "users are told of it under a line; what is sent is the same",
        "what is sent is the same",
    },
    "privacy widening": {
        "a class is declared where none was, and nothing proves that its values need no more care",
        "a lower class asks for less care, and nothing proves that the values need it less",
        "a new event is sent",
        "a new field is sent",
        "a new identifier is sent",
        "another scrubber may leave what the first removed",
        "another value of the runtime fills it",
        "answers and switches so far go by the old name: a no may be forgotten",
        "consent to another version would count for this one",
        "events are sent to another place",
        "events may carry a slot that none could before",
        "it can hold values that it could not hold before",
        "it is always sent, where it could be left out before",
        "it is more sensitive than what was approved",
        "it is sent even for users who keep optional data off",
        "it is sent for longer",
        "it no longer falls under the line that told users of it",
        "its absence tells something that could not be told before",
        "its data comes from elsewhere, and nothing proves that it holds no more",
        "its data is kept longer",
        "its values mean something else, perhaps something finer",
        "no class is declared, and nothing proves that its values need no more care",
        "nothing proves that it can hold no new values",
        "paths in free text are kept from another folder on",
        "text is no longer scrubbed",
        "the event carries ext.app along",
        "users are no longer told what they were told",
        "users were told of it under another line of the notice",
        "users who only press return agree",
    },
    "readers breaking": {
        "events no longer arrive where queries so far look for them",
        "nothing proves that no new values come",
        "queries so far may ask for it, and it no longer comes",
        "queries so far may rely on it, and events come without it",
        "values come that were not possible before",
        "values to come are in another unit",
        "values to come mean something else",
    },
    "readers compatible": {
        "events keep their form",
        "events that have it were possible before",
        "every value to come was possible before",
        "queries so far do not ask for it",
        "the values keep their form",
    },
}
"""Sentence by direction and verdict, without an example that ends it."""

STATES = {
    "class": {
        "identifier (tells one device, run or person from another)",
        "low (choices, yes or no, bounded numbers)",
        "middle (text of a fixed form)",
        "none",
    },
    "consent_default": {
        "the answer that is offered first is no",
        "the answer that is offered first is yes",
    },
    "consent_version": {"version 1", "version 2"},
    "endpoint": {"https://a.example/", "https://b.example/"},
    "expires": {"not sent after 2030-01-01", "not sent after 2030-01-02"},
    "is_exception": {"emitted as it happens", "emitted from an exception"},
    "level": {"optional diagnostic data", "required diagnostic data"},
    "notice": {"a", 'a and b ("B.")', "device", "none", "usage"},
    "package": {"new_events", "old_events"},
    "package_roots": {"paths in free text are kept from the folders kit on", "none"},
    "presence": {"always sent", "may be left out"},
    "product": {"new", "old"},
    "retention_days": {"kept 30 days", "kept 31 days"},
    "scrubber": {"no scrubber", "scrubber message", "scrubber path"},
    "source": {"app_version", "os_name"},
    "unit": {"ms", "s"},
}
"""What a change that is no change of values is from, and to."""

OS = ext_field("os", "name", WORD)


def of_field(before, after):
    """A pair of catalogues that differ in one optional field."""
    return tuple(catalogue(event(properties={"f": schema})) for schema in (before, after))


PAIRS = [
    *(of_field(before, after) for before, after, *_ in VALUES.values()),
    *(of_field(before, after) for before, after, *_ in TYPES.values()),
    *(of_field(before, after) for before, after, *_ in MARKS.values()),
    of_field({**WHOLE, "x-unit": "s"}, {**WHOLE, "x-unit": "ms"}),
    of_field({**WORD, "pattern": "^[a-z]{1,9}$"}, {**CHOICE, "enum": ["abc", "abd"]}),
    *(
        tuple(catalogue(event(**{name: value})) for value in values)
        for name, values in EVENTS.items()
    ),
    *(tuple(catalogue(**{name: value}) for value in values[:2]) for name, values in RULES.items()),
    (catalogue(package_roots=()), catalogue(package_roots=("kit",))),
    (catalogue(notice={"a": "A."}), catalogue(notice={"a": "A.", "b": "B."})),
    (catalogue(ext={"os": (OS,)}), catalogue(ext={})),
    (
        catalogue(ext={"os": (OS,)}),
        catalogue(ext={"os": (ext_field("os", "name", WORD, "app_version"),)}),
    ),
    (catalogue(event(slots=("os",))), catalogue(event(slots=("app", "os")))),
    (catalogue(event()), catalogue(event(properties={"f": WORD}))),
    (catalogue(event()), catalogue(event(properties={"f": {**WORD, "x-class": "identifier"}}))),
    (catalogue(event()), catalogue(event(properties={"f": WORD}, required=["f"]))),
    (
        catalogue(event(properties={"f": WORD})),
        catalogue(event(properties={"f": WORD}, required=["f"])),
    ),
    (catalogue(), catalogue(event())),
    (catalogue(event()), catalogue(event(is_exception=True))),
]


def test_every_reason_is_told_in_its_sentence():
    """There and back, no change of any kind has another reason, and each reason occurs."""
    found = {}
    for pair in PAIRS:
        for before, after in (pair, pair[::-1]):
            for change in diff(before, after):
                for direction in ("privacy", "callers", "readers"):
                    told = getattr(change, direction)
                    sentences = found.setdefault(f"{direction} {told.verdict.value}", set())
                    sentences.add(told.reason.partition(", such as ")[0])

    assert found == SENTENCES


def test_every_state_is_told_in_words():
    """What it was and what it is, of each kind."""
    found = {}
    for pair in PAIRS:
        for before, after in (pair, pair[::-1]):
            for change in diff(before, after):
                kind = change.kind.removesuffix("_changed")
                if kind in STATES:
                    found.setdefault(kind, set()).update((change.before, change.after))
                elif change.kind in ("slot_added", "slot_removed"):
                    assert {change.before, change.after} == {"carried", "not carried"}

    assert found == STATES
