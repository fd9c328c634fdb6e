"""Where subjects stand: what needs an approval, whose, and which approvals count."""

from __future__ import annotations

import copy
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review_work import EVENT, LOG, RULES_LOG, TEXT, Work, declarant

from declarant import scrub

if TYPE_CHECKING:
    from collections.abc import Callable

ID = {
    "description": "Which one.",
    "type": "string",
    "pattern": "^[a-z]{8}$",
    "x-class": "identifier",
    "x-notice": "usage",
}
ROW = {
    "rule": "NOTICE_UNUSED",
    "place": "catalogue.json#/consent/notice/other",
    "reason": "It comes soon.",
    "owner": "sample-owner",
    "until": "2027-01-01",
}


def also(members: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Return an approval like another one."""
    return {**copy.deepcopy(members), **others}


def test_everything_has_its_subject(work: Work) -> None:
    """The rules, each slot and each event are approved on their own."""
    assert [item.subject.name for item in work.review().standings] == [
        "catalogue",
        "ext.os",
        "SampleOpened",
    ]
    assert {item.state.name for item in work.review().standings} == {"MISSING"}
    work.approve("ext.os")
    assert [item.state.name for item in work.review().standings] == [
        "MISSING",
        "APPROVED",
        "MISSING",
    ]


def explain_count(work: Work) -> None:
    """Explain the event's field in other words."""
    field = work.read(EVENT)["properties"]["count"]
    work.field("count", {**field, "description": "How many.", "examples": [3], "title": "Count"})


def rename_product(work: Work) -> None:
    """Call the product otherwise."""
    work.edit("catalogue.json", lambda it: it.update(display_name="Sampler", version="2.0.0"))


WORDS: dict[str, Callable[[Work], None]] = {
    "description": lambda work: work.event(description="It was opened by somebody."),
    "purpose": lambda work: work.event(x_purpose="Know what to mend."),
    "owners": lambda work: work.event(x_owners=["another-owner"]),
    "field": explain_count,
    "product": rename_product,
}


@pytest.mark.parametrize("name", WORDS)
def test_words_are_free(approved: Work, name: str) -> None:
    """Whatever only explains may change without an approval, and no consent is asked anew."""
    WORDS[name](approved)

    # The product's name takes part, as it stands in what users read.
    states = {item.state.name for item in approved.review().standings}
    assert states == ({"APPROVED", "NEUTRAL"} if name == "product" else {"APPROVED"})
    assert approved.rules() == []


@pytest.mark.parametrize(
    "members",
    [
        {"x_retention_days": 29},
        {"x_expires": "2028-11-29"},
        {"x_ext": []},
        {"properties": {}, "required": []},
    ],
)
def test_narrowing_is_free_and_so_is_the_way_back(approved: Work, members: Any) -> None:
    """Less may be sent without an approval, and then as much as was approved."""
    before = approved.read(EVENT)

    approved.event(**members)
    assert approved.state() == "NARROWER"
    approved.edit(EVENT, lambda value: value.update(before))

    assert approved.state() == "APPROVED"


def test_beyond_what_was_approved_an_approval_is_needed(approved: Work) -> None:
    """The measure is what was approved, not what was declared in between."""
    approved.event(x_retention_days=10)
    approved.event(x_retention_days=31)

    standing = approved.standing()
    assert standing.state.name == "WIDER"
    assert [change.before for change in standing.widening] == ["kept 30 days"]


def test_a_narrower_content_that_is_approved_is_the_new_measure(approved: Work) -> None:
    """After a narrowing was approved itself, the way back widens."""
    approved.event(x_retention_days=10)
    approved.approve("SampleOpened")
    approved.event(x_retention_days=30)

    assert approved.state() == "WIDER"


def test_a_neutral_change_is_free(approved: Work) -> None:
    """Users that are told more, or asked again, are told by nobody's leave."""
    approved.edit(
        "catalogue.json",
        lambda it: it["consent"].update(version=2, notice={"usage": "What is used.", "b": "c"}),
    )

    assert approved.state("catalogue") == "NEUTRAL"
    told = declarant("review", "catalogue")
    assert "State: the same in effect as approved\n" in told.out
    assert "To approve" not in told.out


def test_another_version_of_a_scrubber_is_approved_anew(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text that passes another scrubber is another content."""
    work.field("said", TEXT)
    work.approve("--all")
    monkeypatch.setitem(scrub.SCRUBBERS, "message", "99")

    standing = work.standing()
    assert standing.state.name == "WIDER"
    assert [change.kind for change in standing.widening] == ["scrubber_changed"]


def test_suppressions_are_approved_and_removed_freely(approved: Work) -> None:
    """A new exception, or a longer one, is a change of the rules; a shorter one or none is free."""
    states = []
    for rows in (
        [ROW],
        [{**ROW, "until": "2026-12-31"}],
        [{**ROW, "until": "2027-01-02"}],
        [{**ROW, "place": "catalogue.json#/consent/notice/usage"}],
        [],
    ):

        def change(value: Any, rows: list[Any] = rows) -> None:
            value["consent"]["notice"] = {"usage": "What is used.", "other": "What is not."}
            value.pop("suppressions", None)
            if rows:
                value["suppressions"] = rows

        approved.edit("catalogue.json", change)
        states.append(approved.state("catalogue"))
        if len(states) == 1:
            approved.approve("catalogue")

    assert states == ["WIDER", "NARROWER", "WIDER", "WIDER", "NARROWER"]


def test_an_abandoned_version_counts_for_nothing(work: Work) -> None:
    """What one role approved and was changed before the others came is not approved in part."""
    work.policy(rest=["reviewer", "counsel"])
    for role in ("reviewer", "counsel"):
        work.approve("--all", role=role)
    work.event(x_retention_days=60)
    work.approve("SampleOpened", role="reviewer")
    assert work.state() == "INCOMPLETE"

    work.event(x_retention_days=50)
    standing = work.standing()
    assert (standing.state.name, standing.missing) == ("WIDER", ("counsel", "reviewer"))
    assert [change.before for change in standing.changes] == ["kept 30 days"]

    work.approve("SampleOpened", role="counsel")
    assert (work.state(), work.standing().missing) == ("INCOMPLETE", ("reviewer",))
    work.event(x_retention_days=60)
    assert (work.state(), work.standing().missing) == ("WIDER", ("counsel", "reviewer"))

    work.event(x_retention_days=30)
    assert work.state() == "APPROVED"


def test_an_approval_cannot_say_that_nobody_was_needed(work: Work) -> None:
    """Whoever writes into the file that no role was asked for is asked all the same."""
    work.policy(rest=["reviewer", "counsel"])
    work.approve("SampleOpened", role="reviewer")

    work.forge(LOG, lambda approvals: approvals[0].update(needed=[]))
    assert work.state() == "INCOMPLETE"
    work.forge(LOG, lambda approvals: approvals[0].update(needed=["reviewer"], role="intern"))
    assert work.state() == "INCOMPLETE"


def test_new_rules_are_judged_by_the_old_ones(work: Work) -> None:
    """Nobody makes a rule, alone, by which they may make rules alone."""
    work.policy(rest=["reviewer", "counsel"])
    for role in ("reviewer", "counsel"):
        work.approve("--all", role=role)
    work.policy(rest=["developer"])

    assert work.standing("catalogue").needed == ("counsel", "developer", "reviewer")
    first = work.read(RULES_LOG)["approvals"][-1]
    declared = work.standing("catalogue").subject.projection
    for needed in ([], ["developer"]):
        own = also(first, role="developer", needed=needed, projection=declared)
        work.forge(RULES_LOG, lambda approvals, own=own: approvals.append(own))
        assert work.state("catalogue") == "INCOMPLETE"
        work.forge(RULES_LOG, lambda approvals: approvals.pop())

    for role in ("developer", "counsel", "reviewer"):
        assert work.state("catalogue") != "APPROVED"
        work.approve("catalogue", role=role)
    assert work.state("catalogue") == "APPROVED"


def test_rules_that_nobody_approved_give_no_leave(work: Work) -> None:
    """An event is judged by approved rules, whatever the catalogue or a half-approved log says."""
    work.policy(rest=["reviewer"])
    work.approve("--all")
    work.policy(rest=["developer"])
    work.event(x_retention_days=60)

    assert work.standing().needed == ("developer", "reviewer")
    work.approve("SampleOpened", role="developer")
    work.forge(LOG, lambda approvals: approvals[-1].update(needed=[]))
    assert (work.state(), work.standing().missing) == ("INCOMPLETE", ("reviewer",))

    work.approve("catalogue", role="developer")
    assert work.state("catalogue") == "INCOMPLETE"
    assert work.state() == "INCOMPLETE"
    work.approve("catalogue", role="reviewer")
    assert work.state("catalogue") == "APPROVED"
    assert work.state() == "APPROVED"


def test_stricter_rules_undo_no_approval(work: Work) -> None:
    """What was approved by the rules of its day stays so."""
    work.approve("--all")
    work.policy(rest=["reviewer", "counsel"])
    work.edit(
        "ext/os.schema.json",
        lambda it: it["properties"]["name"].update({"x-class": "identifier"}),
    )
    work.consent(2)
    for role in ("reviewer", "counsel"):
        work.approve("--all", role=role)

    assert {item.state.name for item in work.review().standings} == {"APPROVED"}
    work.event(x_retention_days=31)
    assert work.standing().needed == ("counsel", "reviewer")


def test_stricter_rules_undo_no_approval_that_the_base_has(work: Work) -> None:
    """Against an earlier revision, too, what it has is judged by the rules of its day."""
    work.approve("--all")
    work.policy(rest=["reviewer", "counsel"])
    work.approve("catalogue")
    shutil.copytree(work.schemas, work.folder / "base")

    assert work.rules("--against", "base") == []
    work.event(x_retention_days=31)
    work.approve("SampleOpened")
    assert work.rules("--against", "base") == ["SEAL_INCOMPLETE"]


def test_laxer_rules_complete_nothing_by_themselves(work: Work) -> None:
    """Who approved while others were needed too is asked again once they are not."""
    work.policy(rest=["reviewer", "counsel"])
    work.approve("SampleOpened")
    work.policy(rest=["reviewer"])
    work.approve("catalogue")

    standing = work.standing()
    assert (standing.state.name, standing.missing) == ("INCOMPLETE", ("reviewer",))
    assert 'by "reviewer" too' in work.message("SEAL_INCOMPLETE")
    work.approve("SampleOpened")
    assert work.state() == "APPROVED"


def test_rules_without_roles_take_anybody_again(work: Work) -> None:
    """A catalogue that states roles no more asks for one approval under its new rules."""
    work.policy(rest=["reviewer", "counsel"])
    work.approve("SampleOpened")
    work.edit("catalogue.json", lambda it: it.pop("review"))

    assert work.state() == "INCOMPLETE"
    assert "by any role, under today's rules, too" in work.message("SEAL_INCOMPLETE")
    work.approve("SampleOpened", role="anybody")
    assert work.state() == "APPROVED"


def test_roles_follow_the_highest_class_that_widens(work: Work) -> None:
    """A wider number asks for fewer roles than a new identifier, of which it is the highest."""
    work.event(x_ext=[])
    work.policy(low=["a"], middle=["a", "b"], identifier=["a", "c"], rest=["a", "d"])
    for role in "acd":
        work.approve("catalogue", role=role, code=0 if role in "ad" else 1)
    work.approve("SampleOpened", role="a")
    count = work.read(EVENT)["properties"]["count"]

    work.field("count", {**count, "maximum": 2000})
    assert work.standing().needed == ("a",)
    work.field("which", ID)
    assert work.standing().needed == ("a", "c")
    work.field("which", None)
    work.field("said", TEXT)
    assert work.standing().needed == ("a", "d")
    work.field("said", None)
    work.event(x_ext=["os"])
    assert work.standing().needed == ("a", "b")
    work.event(properties={}, required=[], x_ext=[])
    assert (work.state(), work.standing().needed) == ("NARROWER", ())


def test_what_was_an_identifier_is_judged_as_one(work: Work) -> None:
    """A class that falls is judged by the higher of the two."""
    work.field("which", ID)
    work.policy(identifier=["counsel"], rest=["reviewer"])
    work.approve("catalogue", role="reviewer")
    work.approve("SampleOpened", role="counsel")

    work.field("which", {**ID, "x-class": "middle"})

    assert work.standing().needed == ("counsel",)


def test_a_damaged_log_of_rules_gives_no_rules(approved: Work) -> None:
    """While the rules' own approvals are damaged, those that are declared are asked."""
    approved.policy(rest=["counsel"])
    approved.edit(RULES_LOG, lambda it: it["approvals"][0].update(by="Me"))

    assert approved.state("catalogue") == "BROKEN"
    approved.event(x_retention_days=31)
    assert approved.standing().needed == ("counsel",)


def test_a_context_that_rises_undoes_no_approval(work: Work) -> None:
    """An event approved with its context stays so when the context alone is approved as more."""
    work.policy(identifier=["counsel"], rest=["reviewer"])
    work.approve("--all")
    work.edit(
        "ext/os.schema.json",
        lambda it: it["properties"]["name"].update({"x-class": "identifier"}),
    )
    work.consent(2)
    work.approve("catalogue")
    work.approve("ext.os", role="counsel")

    assert {item.state.name for item in work.review().standings} == {"APPROVED"}
    work.event(x_retention_days=31)
    assert work.standing().needed == ("counsel",)


class Model:
    """The plain meaning of a log that two roles keep of one number, where more is wider."""

    def __init__(self) -> None:
        self.runs: list[tuple[int, set[str]]] = []

    @property
    def base(self) -> int | None:
        """The number that both approved last, or one that was less and either did."""
        base: int | None = None
        for number, roles in self.runs:
            if len(roles) == 2 or (base is not None and number <= base):
                base = number
        return base

    def state(self, number: int) -> str:
        """Return the state of a number that is declared."""
        if self.base is None or number > self.base:
            is_begun = bool(self.runs) and self.runs[-1][0] == number
            return "INCOMPLETE" if is_begun else "MISSING" if self.base is None else "WIDER"
        return "APPROVED" if number == self.base else "NARROWER"

    def approve(self, number: int, role: str) -> bool:
        """Add an approval, and return whether there was one to add."""
        state = self.state(number)
        if state == "APPROVED" or (state == "INCOMPLETE" and role in self.runs[-1][1]):
            return False
        if state == "INCOMPLETE":
            self.runs[-1][1].add(role)
        else:
            self.runs.append((number, {role}))
        return True


STEPS = st.lists(
    st.tuples(st.sampled_from([10, 20, 30]), st.sampled_from(["", "reviewer", "counsel"])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_history_means_what_it_plainly_means(work: Work, steps: list[tuple[int, str]]) -> None:
    """However numbers and approvals follow each other, state and refusals are the model's."""
    shutil.rmtree(work.schemas / "reviews", ignore_errors=True)
    work.policy(rest=["reviewer", "counsel"])
    for role in ("reviewer", "counsel"):
        work.approve("catalogue", role=role)
    model = Model()
    for number, role in steps:
        work.event(x_retention_days=number)
        assert work.state() == model.state(number)
        if role:
            is_new = model.approve(number, role)
            work.approve("SampleOpened", role=role, code=0 if is_new else 1)
            assert work.state() == model.state(number)
