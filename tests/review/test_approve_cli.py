"""The command approve: who may, what is written, what it says, and that refusals change nothing."""

from __future__ import annotations

import json

import pytest
from review_work import DAY, EVENT, LOG, RULES_LOG, Ran, Work, declarant

from declarant_codegen.review.log import read_logs

WHO = ("--by", "A reviewer", "--role", "reviewer", "--reference", "T-1")
#: The owner's role in letters as wide as they are high.
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "sample-owner")
HEAD = (
    "SampleOpened: optional diagnostic data, kept 30 days, not sent after 2028-11-30; "
    "it carries the ext slots os"
)
COUNT = "a whole number, at least 0, at most 1000; class low; under the notice line usage"
WORD = {
    "description": "A word.",
    "type": "string",
    "pattern": "^[a-z]{1,9}$",
    "x-class": "middle",
    "x-notice": "usage",
}


def refused(work: Work, ran: Ran, words: str, *, code: int = 1) -> None:
    """See that a run changed nothing and said why."""
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert ran.err.startswith("declarant approve: ")
    assert ran.err.count("\n") == 1
    assert not (work.schemas / "reviews").exists()


def test_an_approval_is_written_whole(work: Work) -> None:
    """The log holds who, in which role, when, where it is written down, and what, in words too."""
    ran = work.approve("SampleOpened", by="Ann Other", role="counsel")

    assert ran.out == f"schemas/reviews/sample_opened.json: SampleOpened approved as of {DAY}\n"
    (approval,) = work.read(LOG)["approvals"]
    told = {key: it for key, it in approval.items() if key not in ("projection", "sha256", "seal")}
    assert told == {
        "previous": None,
        "by": "Ann Other",
        "role": "counsel",
        "date": "2026-11-26",
        "reference": "T-1",
        "needed": [],
        "self_approved": False,
        "approved": [
            HEAD,
            f"count: {COUNT}",
        ],
        "wording": {
            "": {
                "description": ["Something was opened."],
                "x-purpose": ["Learn what is opened."],
                "x-owners": ["sample-owner"],
            },
            "count": {"description": ["How many were opened."]},
        },
    }
    assert work.standing().approvals[0].by == "Ann Other"


def test_a_later_approval_says_what_changed(approved: Work) -> None:
    """The words of a change stand before the words of the whole."""
    approved.event(x_retention_days=60)

    approved.approve("SampleOpened")

    first, second = approved.read(LOG)["approvals"]
    assert second["previous"] == first["seal"]
    assert second["approved"][0] == (
        "widening: SampleOpened: retention days changed: kept 30 days -> kept 60 days "
        "(its data is kept longer)"
    )


def test_the_date_is_todays_in_utc(work: Work) -> None:
    """Without a date, the day is the one that it is everywhere."""
    from declarant_codegen.expiry import today

    days = [today()]
    assert declarant("approve", "ext.os", *WHO).code == 0
    days.append(today())

    assert work.read("reviews/ext.os.json")["approvals"][0]["date"] in days


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["SampleOpened", *WHO, "--by", ""], "--by: expected 1 to 100 printable characters"),
        (["SampleOpened", *WHO, "--by", "  "], "--by: expected 1 to 100 printable characters"),
        (["SampleOpened", *WHO, "--by", "a\nb"], "--by: expected 1 to 100 printable characters"),
        (["SampleOpened", *WHO, "--by", "\x1b[31m"], "--by: expected 1 to 100 printable"),
        (["SampleOpened", *WHO, "--by", "a\u202eb"], "--by: expected 1 to 100 printable"),
        (["SampleOpened", *WHO, "--by", "a\udcff"], "--by: expected 1 to 100 printable"),
        (["SampleOpened", *WHO, "--role", "x" * 101], "--role: expected 1 to 100 printable"),
        (["SampleOpened", *WHO, "--reference", "x" * 301], "--reference: expected 1 to 300"),
        (["SampleOpened", *WHO, "--role", "r\u3164"], "--role: expected visible text"),
        (["SampleOpened", *WHO, "--reference", "\u2764\ufe0f"], "found the variation selector"),
        (["SampleOpened", *WHO, "--by", "\u0420eter"], "--by: expected letters of one alphabet"),
        (["SampleOpened", *WHO, "--date", "today"], "--date: expected a date such as 2028-11-30"),
        (["SampleOpened", *WHO, "--date", "20281130"], "--date: expected a date such as"),
        (["SampleOpened", *WHO, "--date", "2028-02-30"], "--date: expected a date such as"),
        ([*WHO], "expected subjects or --all, and not both"),
        (["SampleOpened", "--all", *WHO], "expected subjects or --all, and not both"),
        (["SampelOpened", *WHO], 'found "SampelOpened"; did you mean "SampleOpened"?'),
        (["ext.app", *WHO], 'found "ext.app"; known: catalogue, ext.os, SampleOpened'),
        (["\x1b[2J", *WHO], 'found "\\u001b[2J"'),
        (["SampleOpened", *WHO, "--schemas", "nowhere"], "nowhere: expected a folder of schemas"),
        (["SampleOpened", *WHO, "--schemas", "no\x1bwhere"], "no\\u001bwhere: expected a folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line(
    work: Work, words: list[str], expected: str
) -> None:
    """Wrong arguments end with 2."""
    refused(work, declarant("approve", *words), expected, code=2)


def test_who_must_say_who_they_are(work: Work) -> None:
    """Name, role and reference have no default."""
    ran = declarant("approve", "SampleOpened")

    assert ran.code == 2
    assert "--by, --role, --reference" in ran.err


def test_a_faulty_catalogue_is_not_approved(work: Work) -> None:
    """Its findings are told, and it ends with 1."""
    work.event(x_level="must")

    ran = declarant("approve", "--all", *WHO)

    assert (ran.code, ran.out) == (1, "")
    lines = ran.err.splitlines()
    assert lines[0].startswith("schemas/events/sample_opened.schema.json:")
    assert lines[-1] == (
        "declarant approve: expected a catalogue without errors, found those above; mend them "
        "first; nothing was written"
    )
    assert not (work.schemas / "reviews").exists()


def test_a_role_that_is_not_asked_has_no_say(work: Work) -> None:
    """Where roles are stated, no other one approves: what is new, what widens, what narrows."""
    work.policy(low=["clerk"], middle=["counsel"], rest=["counsel"])
    refused(
        work,
        work.approve("SampleOpened", role="clerk", code=1),
        'SampleOpened: expected the role "counsel", found "clerk"; it is not this role\'s to say',
    )
    work.approve("--all", role="counsel")

    work.event(x_retention_days=20)
    assert work.state() == "NARROWER"
    before = work.files()
    assert "not this role's to say" in work.approve("SampleOpened", role="clerk", code=1).err
    assert work.files() == before
    work.approve("SampleOpened", role="counsel")
    assert work.state() == "APPROVED"


def test_a_context_of_a_higher_class_asks_for_its_roles(work: Work) -> None:
    """An event that is new with its context needs the roles that adding the context would need."""
    work.policy(low=["clerk"], middle=["clerk", "counsel"])
    work.event(x_ext=[])
    assert work.standing().needed == ("clerk",)
    work.event(x_ext=["os"])
    assert work.standing().needed == ("clerk", "counsel")


@pytest.mark.parametrize("order", [("reviewer", "counsel"), ("counsel", "reviewer")])
def test_several_roles_approve_in_any_order(work: Work, order: tuple[str, str]) -> None:
    """Each says who is still needed, none counts twice, and the last one completes it."""
    work.policy(rest=["reviewer", "counsel"])

    first = work.approve("SampleOpened", role=order[0])
    assert first.out.endswith(f"SampleOpened approved as of {DAY}; still needed: {order[1]}\n")
    assert work.state() == "INCOMPLETE"

    again = work.approve("SampleOpened", role=order[0], by="Somebody else", code=1)
    assert "expected something that this role has not approved" in again.err

    second = work.approve("SampleOpened", role=order[1])
    assert second.out.endswith(f"SampleOpened approved as of {DAY}\n")
    assert work.state() == "APPROVED"

    assert work.approve("SampleOpened", role=order[0], code=1).err.endswith("nothing was written\n")
    assert len(work.read(LOG)["approvals"]) == 2


def test_all_is_what_is_open_for_the_role(work: Work) -> None:
    """What another role has to approve is left to it, and said."""
    work.policy(rules=["reviewer", "counsel"])

    assert work.approve("--all").out.splitlines() == [
        f"schemas/reviews/catalogue.json: catalogue approved as of {DAY}; still needed: counsel",
        f"schemas/reviews/ext.os.json: ext.os approved as of {DAY}",
        f"schemas/reviews/sample_opened.json: SampleOpened approved as of {DAY}",
    ]
    assert work.approve("--all").out == (
        'nothing waits for the role "reviewer"; 1 of 3 subjects still need "counsel"; '
        "nothing was written\n"
    )
    assert work.approve("--all", role="counsel").out == (
        f"schemas/reviews/catalogue.json: catalogue approved as of {DAY}\n"
    )
    assert work.approve("--all").out == (
        "everything is approved as it is; nothing was written\n"
    )  # fmt: skip


def test_one_refusal_of_several_writes_nothing(approved: Work) -> None:
    """A run approves everything that it names, or nothing."""
    approved.policy()
    approved.event(x_owners=["reviewer"], x_retention_days=60)
    before = approved.files()

    ran = approved.approve("catalogue", "SampleOpened", "ext.os", code=1)

    assert ran.out == ""
    assert approved.files() == before


@pytest.mark.parametrize("role", ["sample-owner", "Sample-Owner", " sample-owner ", WIDE])
@pytest.mark.parametrize("subject", ["SampleOpened", "ext.os", "catalogue"])
def test_owners_do_not_approve_themselves(work: Work, role: str, subject: str) -> None:
    """However they write their role, owners may approve neither event nor context nor rules."""
    refused(
        work,
        work.approve(subject, role=role, code=1),
        f"{subject}: expected an approver who neither owns nor wrote it, found one who does",
    )


def test_owners_may_where_the_catalogue_says_so(work: Work) -> None:
    """Then the approval says it, and so does the command."""
    work.policy(self_approval=True, rest=["sample-owner"])

    ran = work.approve("--all", role="sample-owner")

    assert ran.out.count(f" approved as of {DAY} (self-approved)\n") == 3
    for key in (LOG, RULES_LOG, "reviews/ext.os.json"):
        assert work.read(key)["approvals"][0]["self_approved"] is True


def test_rules_wait_for_the_consent_version(approved: Work) -> None:
    """A wider scope is not approved as long as users would not be asked again."""
    approved.field("word", WORD)
    approved.approve("SampleOpened")

    ran = approved.approve("catalogue", code=1)
    assert "expected a consent version above 1, as the notice covers more" in ran.err
    approved.consent(2)
    approved.approve("catalogue")

    assert approved.rules() == []


def test_words_of_any_length_are_recorded(work: Work) -> None:
    """A choice of a thousand long texts is approved in full, and read again."""
    choices = [f"{number:04}" + "x" * 250 for number in range(1000)]
    low = {"description": "Which.", "x-class": "low", "x-notice": "usage"}
    work.field("choice", {"type": "string", "enum": choices, **low})

    work.approve("SampleOpened")

    log = read_logs(work.schemas).of("SampleOpened")
    text = "".join(log.approvals[0].words)
    assert all(json.dumps(choice) in text for choice in choices)
    assert work.state() == "APPROVED"


def test_many_widened_events_are_recorded(approved: Work) -> None:
    """The rules of hundreds of new events are approved, and read again."""
    base = approved.read(EVENT)
    for number in range(300):
        word = "".join("abcdefghij"[int(digit)] for digit in f"{number:03}")
        name = f"SampleOpened{word.capitalize()}"
        path = approved.schemas / "events" / f"sample_opened_{word}.schema.json"
        fields = {f"{'long_name_' * 5}{n}": base["properties"]["count"] for n in range(3)}
        path.write_text(json.dumps({**base, "title": name, "properties": fields, "required": []}))
    approved.consent(2)

    approved.approve("--all")

    assert {item.state.name for item in approved.review().standings} == {"APPROVED"}
    assert read_logs(approved.schemas).findings == ()


def test_a_shared_subject_is_approved_once(work: Work) -> None:
    """Naming a subject twice adds one approval."""
    work.approve("SampleOpened", "SampleOpened")

    assert len(work.read(LOG)["approvals"]) == 1
