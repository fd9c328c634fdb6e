"""The reviewer's page: what changes, what it means, what is asked, and how to approve it."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from review_work import EVENT, TEXT, Work

from declarant_codegen.review.page import Page, make_pages
from declarant_codegen.review.page_forms import CONTENT_TITLE, page_json, page_text

WORD = {
    "description": "A word.",
    "type": "string",
    "pattern": "^[a-z]{1,9}$",
    "x-class": "middle",
    "x-notice": "usage",
}


def page(work: Work, name: str = "SampleOpened") -> Page:
    """Return the page of a subject."""
    review = work.review()
    chosen = [item for item in review.standings if item.subject.name == name]
    (made,) = make_pages(work.catalogue(), review, chosen)
    return made


def test_a_new_event_is_new_as_a_whole(work: Work) -> None:
    """Nothing was approved: every value is new, and every user is asked for the first time."""
    made = page(work)

    assert (made.title, made.state) == ("the event SampleOpened of Sample", "never approved")
    assert made.is_first
    assert {row.status for row in made.rows} == {"new"}
    assert made.consent == (
        "Nothing was approved before, so every user is asked for the first time.",
    )
    assert dict(made.facts) == {
        "What it says": "Something was opened.",
        "Why it is collected": "Learn what is opened.",
        "Level": "optional diagnostic data",
        "Kept": "30 days",
        "Not sent after": "2028-11-30",
        "Owned by": "sample-owner",
        "Context that rides along": "ext.os",
    }
    assert made.history == ()
    assert made.mark == ""


def test_each_value_says_what_became_of_it(approved: Work) -> None:
    """New, changed, or as approved."""
    count = approved.read(EVENT)["properties"]["count"]
    part = {
        "type": "object",
        "additionalProperties": False,
        "required": [],
        **{k: WORD[k] for k in ("x-class", "x-notice")},
        "description": "A pair.",
    }
    approved.field("pair", {**part, "properties": {"left": WORD}})
    approved.consent(2)
    approved.approve("--all")

    approved.field("count", {**count, "maximum": 2000})
    approved.field("pair", {**part, "properties": {"left": WORD, "right": WORD}})
    approved.field("word", WORD)
    approved.field("others", {**part, "properties": {"left": WORD}})

    assert {row.place: row.status for row in page(approved).rows} == {
        "count": "changed",
        "pair": "as approved",
        "pair.left": "as approved",
        "pair.right": "new",
        "word": "new",
        "others": "new",
        "others.left": "new",
    }


def test_a_context_has_its_values_and_its_events(approved: Work) -> None:
    """A slot's page tells which events carry it, and where its values come from."""
    approved.edit("ext/os.schema.json", lambda it: it["properties"]["name"].update(maxLength=9))
    made = page(approved, "ext.os")

    assert made.title == "the context ext.os of Sample"
    assert made.facts == (("Carried by", "SampleOpened"),)
    assert [(row.place, row.status) for row in made.rows] == [("name", "changed")]
    assert " From: " in made.rows[0].meaning
    assert made.payloads == ()


def test_the_rules_have_no_values(approved: Work) -> None:
    """The page of the rules tells where events go, what users are told and what is accepted."""
    place = "catalogue.json#/consent/notice/other"
    row = {"rule": "NOTICE_UNUSED", "place": place, "reason": "It comes.", "owner": "a"}
    approved.edit(
        "catalogue.json",
        lambda it: it.update(
            suppressions=[{**row, "until": "2027-01-01"}], endpoint="https://other.example.com/"
        ),
    )
    approved.edit("catalogue.json", lambda it: it["consent"]["notice"].update(other="More."))
    made = page(approved, "catalogue")

    (accepted,) = map(str, made.accepted)
    assert accepted == (
        f"NOTICE_UNUSED at {place}, until 2027-01-01: It comes. (answered for by a, a role that "
        "neither approves nor owns anything)"
    )
    assert any(question.startswith('Who is "a"?') for question in made.questions)
    assert ("Sent to", "https://other.example.com/") in made.facts
    assert ("Users are told", "More.") in made.facts
    assert made.rows == made.payloads == ()
    assert [change.path for change in made.changes] == ["endpoint", "notice", "suppressions"]
    assert "Do those who read the stored data know that it changes for them?" in made.questions


def test_consent_is_told_of_the_subject_alone(approved: Work) -> None:
    """What users were not told is on the page of what is new, and that the version must rise."""
    approved.field("word", WORD)
    new = "Users were not told before: SampleOpened.word: newly sent, under the line usage."
    rise = "The consent version must rise above 1, and users be asked again; it is 1."

    assert page(approved).consent == (new, rise)
    assert page(approved, "catalogue").consent == (new, rise)
    assert page(approved, "ext.os").consent == (rise,)
    assert "Is the consent version to rise, or is the change to be made smaller?" in (
        page(approved).questions
    )

    approved.consent(2)
    assert page(approved).consent[-1] == (
        "The consent version rises from 1 to 2: users are asked again."
    )
    approved.field("word", None)
    approved.consent(1)
    assert page(approved).consent == (
        "The notice covers no more than in consent version 1; users are not asked again.",
    )


def test_questions_are_those_that_only_a_person_answers(work: Work) -> None:
    """Why text, whether linked, how long, for whom."""
    work.approve("--all")
    work.event(x_retention_days=400, x_level="required")
    work.field("said", TEXT)
    made = page(work)

    why = f'The reason given: "{TEXT["x-reason"]}"'
    needed = "Is this event needed to keep the product working and supported?"
    assert made.questions == (
        'Would a user who read "What is used." expect said?',
        f"Is said needed as text of no fixed form, scrubbed as message? {why}",
        "Is a retention of 400 days needed for the purpose?",
        f"{needed} Users who keep optional data off send it too.",
        "Is the consent version to rise, or is the change to be made smaller?",
    )


ROLES = [
    *("reviewer", "privacy-reviewer (demonstration role)", "$(touch owned)", "`id`", "a'b"),
    *('a"b', "-x", "a\\b; rm"),
]


@pytest.mark.parametrize("role", ROLES)
def test_the_command_is_safe_to_paste(work: Work, role: str) -> None:
    """Whatever a role is called, a shell takes it as one word, and the command approves."""
    work.policy(rest=[role])

    command = page(work).command

    words = shlex.split(command)
    assert words == [
        *("declarant", "approve", "SampleOpened", "--by", "NAME"),
        *("--role", role, "--reference", "TICKET"),
    ]
    if not role.startswith("-"):
        work.approve("SampleOpened", role=words[6])
        assert work.state() == "APPROVED"


def test_the_command_names_a_role_that_is_missing(work: Work) -> None:
    """The next one, until there is none."""
    work.policy(rest=["reviewer", "counsel"])
    seen: list[Any] = []
    for role in ("counsel", "reviewer"):
        made = page(work)
        seen.append((made.needed, made.missing, shlex.split(made.command)[6]))
        work.approve("SampleOpened", role=role)

    assert seen == [
        (("counsel", "reviewer"), ("counsel", "reviewer"), "counsel"),
        (("counsel", "reviewer"), ("reviewer",), "reviewer"),
    ]
    assert page(work).command == ""


def test_what_is_accepted_is_on_the_page_that_it_touches(work: Work) -> None:
    """Findings by their file, breaks by their name; with the role, and whether anybody knows it."""
    work.policy(rest=["Reviewer"])
    until = {"reason": "It comes soon.", "until": "2027-01-01"}
    work.field("user_name", {**WORD, "pattern": "^[a-z]{1,9}$"})
    place = f"{EVENT}#/properties/user_name"
    work.edit(
        "catalogue.json",
        lambda it: it.update(
            suppressions=[
                {"rule": "NAME_SENSITIVE", "place": place, "owner": "sample-owner", **until}
            ],
            accepted_breaks=[
                {"place": "SampleOpened.count", "owner": "reviewer", **until},
                {"place": "SampleOpenedOther", "owner": "nobody", **until},
            ],
        ),
    )

    made = page(work)

    assert [(item.what, item.place, item.is_owner_known) for item in made.accepted] == [
        ("NAME_SENSITIVE", place, True),
        ("breaking change", "SampleOpened.count", True),
    ]
    assert page(work, "ext.os").accepted == ()
    assert [item.owner for item in page(work, "catalogue").accepted] == [
        *("sample-owner", "reviewer", "nobody"),
    ]
    shown = page_text(made)
    assert f"NAME_SENSITIVE at {place}, until 2027-01-01: It comes soon." in shown
    assert page_json(made)["accepted"][0]["reason"] == "It comes soon."
    assert not any(question.startswith("Who is") for question in made.questions)
    assert any(
        question.startswith('Who is "nobody"?') for question in page(work, "catalogue").questions
    )


def test_a_form_that_could_be_a_path_is_asked_about(work: Work) -> None:
    """Whether it is new or not, as the form alone keeps none out; and what users are promised."""
    model = {**WORD, "pattern": "^[a-z]{1,9}/[a-z]{1,9}$"}
    work.field("model", model)
    work.edit(
        "catalogue.json",
        lambda it: it["consent"].update(never=[{"line": "File paths.", "names": ["path"]}]),
    )
    asked = (
        'model can hold text such as "a/b", which could be a relative path (users are promised, '
        'never: "File paths."): what keeps the program from sending one?'
    )
    assert asked in page(work).questions

    work.approve("--all")
    assert asked in page(work).questions

    work.field("model", WORD)
    assert not any("path" in question for question in page(work).questions)


def test_values_are_told_in_words(work: Work) -> None:
    """A pattern is for machines; JSON keeps it, and so does the approval."""
    work.approve("--all")
    work.field("word", WORD)
    row = page(work).rows[-1]

    assert row.values == "text of 1 to 9 characters: lower-case letters; may be left out"
    assert row.expression == WORD["pattern"]
    made = page(work)
    shown = page_text(made).partition(CONTENT_TITLE)[0]
    assert f"    can be: {row.values}\n" in shown
    assert f"    in plain words: {row.values}\n" in shown
    assert shown.count(WORD["pattern"]) == 1  # in the judged change, beside its words


def test_self_approval_is_marked(work: Work) -> None:
    """A page says that owners approved, and that they may."""
    work.policy(self_approval=True, rest=["sample-owner"])
    assert page(work).mark == (
        "Self-approval is allowed here: those who own or wrote a change may approve it."
    )

    work.approve("SampleOpened", role="sample-owner")

    assert page(work).mark == ("Self-approved: those who own or wrote this approved it themselves.")


def test_an_event_too_long_to_be_sent_is_asked_about(work: Work) -> None:
    """A reviewer is told that the largest event never arrives."""
    # As letters of ASCII it would fit.
    text = {"type": "string", "pattern": "^\u20ac{0,240}$"}
    work.field("words", {**WORD, "type": "array", "maxItems": 1000, "items": text, "pattern": None})
    work.edit(EVENT, lambda it: it["properties"]["words"].pop("pattern"))

    assert page(work).questions[-1].startswith("Is it right that an event as large as can be")


def test_a_part_that_moves_to_another_line_is_changed(approved: Work) -> None:
    """It is not new; and it waits for an approval of the event."""
    part = {key: value for key, value in WORD.items() if key != "x-notice"}

    def made(line: dict[str, str]) -> dict[str, Any]:
        return {
            "description": "Parts.",
            "type": "object",
            "additionalProperties": False,
            "required": ["b"],
            "properties": {"b": {**part, **line}},
            "x-class": "middle",
            "x-notice": "usage",
        }

    approved.edit("catalogue.json", lambda it: it["consent"]["notice"].update(target="On what."))
    approved.field("obj", made({}))
    approved.consent(2)
    approved.approve("SampleOpened", "catalogue")
    approved.field("obj", made({"x-notice": "target"}))

    told = page(approved)
    assert "Changed: obj.b (class middle)." in told.summary
    assert not any(line.startswith("New: ") for line in told.summary)
    assert [change.path for change in approved.standing().widening] == ["obj.b"]
    assert set(approved.rules()) == {"CONSENT_VERSION_LOW", "SEAL_MISMATCH"}
