"""Where each event, slot and the catalogue's own rules stand: approved as they are, or not.

Owns the comparison of what is declared with what was approved last. What is proven to be neutral or
narrowing needs no new approval; everything else does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from declarant_codegen.privacy_diff import Privacy
from declarant_codegen.projection import projection_digest as digest_of
from declarant_codegen.review.agreement import day_of
from declarant_codegen.review.declared import subjects_of
from declarant_codegen.review.differences import changes_since
from declarant_codegen.review.log import CATALOGUE, Logs
from declarant_codegen.review.people import wanting
from declarant_codegen.review.policies import (
    Rules,
    allows_own,
    asked_by_rules,
    asked_of,
    declared_rules,
    policy_of,
)
from declarant_codegen.review.roles import (
    folded,
    highest_class,
    lowest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from declarant_codegen.model import Catalogue
    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.projection import Projection
    from declarant_codegen.review.declared import Subject
    from declarant_codegen.review.log import Approval, Log
    from declarant_codegen.review.people import Signature

__all__ = [
    "Seal",
    "Standing",
    "State",
    "seals_of",
    "signatures",
    "standings",
]

_Rounds = tuple["tuple[Approval, ...]", ...]


class State(Enum):
    """How what is declared compares with what was approved."""

    APPROVED = "approved"
    NEUTRAL = "the same in effect as approved"
    NARROWER = "narrower than approved"
    WIDER = "wider than approved"
    INCOMPLETE = "not approved by every role"
    OWN = "approved by those who own or wrote it alone"
    MISSING = "never approved"
    BROKEN = "approvals damaged"

    @property
    def holds(self) -> bool:
        """Whether nothing more has to be approved."""
        return self in (State.APPROVED, State.NEUTRAL, State.NARROWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one subject stands.

    Attributes:
        subject: The subject.
        log: Its approvals.
        state: How they compare.
        base: What was approved last by all roles; None for nothing.
        approvals: The approvals of *base*, or of what is declared where roles are missing.
        changes: From *base* to what is declared.
        self_approved: Approvals by those who own or wrote what they approve, as long as it rests on
            them: nobody else has approved as much.
        needed: Roles that must approve what is declared; any one if empty.
        missing: Those of them that have not.
        entitled: Roles that may approve what needs no approval; any one if empty.
        complete: The runs of approvals that held, the last of them those of *base*.
        may_repeat: Whether one person may approve in several of the roles needed.
        day: The ISO date on which this was judged.
    """

    subject: Subject
    log: Log
    state: State
    base: Projection | None
    approvals: tuple[Approval, ...]
    changes: tuple[Change, ...]
    day: str
    self_approved: tuple[Approval, ...] = ()
    needed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    entitled: tuple[str, ...] = ()
    complete: tuple[tuple[Approval, ...], ...] = ()
    may_repeat: bool = False

    @property
    def widening(self) -> tuple[Change, ...]:
        """The changes that need an approval."""
        return tuple(change for change in self.changes if change.is_widening)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What a build says of the approval of one subject.

    Attributes:
        state: A value of `State`.
        digest: SHA-256 (hex) of the approved projection; None if nothing was approved.
        approvals: Those that hold, oldest first.
        is_self_approved: Whether it rests on approvals by those who own or wrote what they approve.
    """

    state: str
    digest: str | None
    approvals: tuple[Approval, ...]
    is_self_approved: bool


def seals_of(standings: Iterable[Standing]) -> dict[str, Seal]:
    """Return what a build says of each subject's approval, by subject."""
    return {
        standing.subject.name: Seal(
            state=standing.state.value,
            digest=standing.approvals[0].digest if standing.approvals else None,
            approvals=standing.approvals,
            is_self_approved=bool(standing.self_approved),
        )
        for standing in standings
    }


def signatures(approvals: Iterable[Approval]) -> list[Signature]:
    """Return who approved, and in which roles."""
    return [(approval.by, approval.role) for approval in approvals]


def standings(
    catalogue: Catalogue,
    logs: Logs,
    *,
    day: str,
    before: tuple[Catalogue, Logs] | None = None,
) -> tuple[Standing, ...]:
    """Return where every subject of a catalogue stands, in the order of `subjects_of`.

    Args:
        catalogue: What is declared.
        logs: Its approvals.
        day: The ISO date of today, on which what is not approved would be.
        before: What an earlier revision declares, and its approvals. Later ones are judged by the
            rules of then or since; without it, by approved rules of any time, as dates prove
            nothing.
    """
    subjects = subjects_of(catalogue)
    judge = _Judge(catalogue, logs, subjects, day, before)
    return tuple(judge.standing(subject) for subject in subjects)


class _Judge:
    """Judges the subjects of one catalogue."""

    def __init__(
        self,
        catalogue: Catalogue,
        logs: Logs,
        subjects: Iterable[Subject],
        day: str,
        before: tuple[Catalogue, Logs] | None,
    ) -> None:
        self._logs = logs
        self._day = day
        self._may_own = catalogue.review.self_approval
        self._contexts = {
            subject.projection["name"]: subject.projection
            for subject in subjects
            if subject.projection["kind"] == "ext"
        }
        self._before = before[1] if before is not None else Logs()
        self._declared = declared_rules(catalogue, subjects)
        # In this order, as slots are approved by policies, and events by both.
        rules = self._complete(CATALOGUE)
        policies = [policy_of(round_[0].projection) for round_ in rules]
        self._ever = self._recent = Rules(policies=policies or self._declared.policies)
        if before is not None:
            then = declared_rules(before[0], subjects_of(before[0]))
            policies = [policy_of(round_[0].projection) for round_ in self._later(CATALOGUE, rules)]
            self._recent = Rules(policies=[*then.policies, *policies], slots=then.slots)
        approved = {name: self._complete(f"ext.{name}") for name in self._declared.slots}
        self._ever = self._with_slots(self._ever, approved)
        later = {name: self._later(f"ext.{name}", rounds) for name, rounds in approved.items()}
        self._recent = self._ever if before is None else self._with_slots(self._recent, later)

    def _with_slots(self, rules: Rules, approved: Mapping[str, _Rounds]) -> Rules:
        """Return rules that know the lowest class of each slot: theirs, or as approved."""
        slots: dict[str, str] = {}
        for name, declared in self._declared.slots.items():
            contents = [round_[0].projection["data"] for round_ in approved[name]]
            known = [rules.slots[name]] if name in rules.slots else []
            slots[name] = lowest([*known, *map(highest_class, contents)] or [declared])
        return Rules(policies=rules.policies, slots=slots)

    def _later(self, name: str, rounds: _Rounds) -> _Rounds:
        """Return the runs that the earlier revision has not in full."""
        known = self._known(name)
        seals = [{approval.seal for approval in round_} for round_ in rounds]
        return tuple(round_ for round_, own in zip(rounds, seals, strict=True) if not own <= known)

    def standing(self, subject: Subject) -> Standing:
        log = self._logs.of(subject.name)
        complete = self._complete(subject.name)
        held: tuple[Approval, ...] = complete[-1] if complete else ()
        base = held[0].projection if held else None
        rounds = tuple(log.rounds)
        pending = rounds[-1] if rounds and rounds[-1] != held else ()
        state = State.APPROVED
        changes: tuple[Change, ...] = ()
        needed: tuple[str, ...] = ()
        missing: tuple[str, ...] = ()
        entitled: tuple[str, ...] = ()
        if not log.is_sound:
            state = State.BROKEN
        elif not held or held[0].digest != digest_of(subject.projection):
            found = changes_since(base, subject.projection, self._contexts, day=self._day)
            changes = tuple(found)
            widening = tuple(change for change in changes if change.is_widening)
            if widening:
                needed = self._needed(base, subject.projection, widening)
                state, missing = self._open(subject, base, pending, needed)
            else:
                is_less = any(change.privacy.verdict is Privacy.NARROWING for change in changes)
                state = State.NARROWER if is_less else State.NEUTRAL
                entitled = self._needed(base, subject.projection, ())
        trusted, own = self._own_part(subject, complete)
        if own and state.holds:
            widening = self._widening(trusted, subject.projection, self._day)
            own = own if widening else ()
            if own and not self._may_own:
                state, entitled = State.OWN, ()
                needed = self._needed(trusted, subject.projection, widening)
                missing = _without(needed, held, own, subject.projection)
        if state is State.INCOMPLETE:
            held = pending
            own = (*own, *_own(subject, pending))
        return Standing(
            subject=subject,
            log=log,
            state=state,
            base=base,
            approvals=held,
            changes=changes,
            self_approved=own,
            needed=needed,
            missing=missing,
            entitled=entitled,
            complete=complete,
            may_repeat=self._may_repeat(base, subject.projection),
            day=self._day,
        )

    def _own_part(
        self, subject: Subject, complete: _Rounds
    ) -> tuple[Projection | None, tuple[Approval, ...]]:
        """Return what others approved last, and the own approvals that anything beyond rests on."""
        trusted: Projection | None = None
        own: tuple[Approval, ...] = ()
        for round_ in complete:
            mine = _own(subject, round_)
            others = tuple(item for item in round_ if item not in mine)
            # What rests on nobody's own approval is spared the second comparison.
            if (mine or own) and not self._suffices(subject.name, trusted, others):
                own = mine or own
            else:
                trusted, own = round_[0].projection, ()
        return trusted, own

    def _widening(
        self, before: Projection | None, after: Projection, day: str
    ) -> tuple[Change, ...]:
        changes = changes_since(before, after, self._contexts, day=day)
        return tuple(change for change in changes if change.is_widening)

    def _complete(self, name: str) -> _Rounds:
        """Return the runs of approvals that are complete."""
        found: list[tuple[Approval, ...]] = []
        for round_ in self._logs.of(name).rounds:
            base = found[-1][0].projection if found else None
            if self._is_complete(name, base, round_):
                found.append(round_)
        return tuple(found)

    def _known(self, name: str) -> frozenset[str]:
        """Return the seals that the earlier revision has."""
        return frozenset(approval.seal for approval in self._before.of(name).approvals)

    def _open(
        self,
        subject: Subject,
        base: Projection | None,
        pending: tuple[Approval, ...],
        needed: tuple[str, ...],
    ) -> tuple[State, tuple[str, ...]]:
        """Return the state of what is not approved as it is, and the roles that are missing."""
        if pending and pending[0].digest == digest_of(subject.projection):
            if self._may_repeat(base, subject.projection):
                given = {approval.role for approval in pending}
                missing = tuple(role for role in needed if role not in given)
            else:
                missing = wanting(needed, signatures(pending))
            # All of them, where it was approved under rules that asked for others.
            return State.INCOMPLETE, missing or needed
        return (State.MISSING if base is None else State.WIDER), needed

    def _is_complete(
        self, name: str, base: Projection | None, round_: tuple[Approval, ...]
    ) -> bool:
        given = {approval.role for approval in round_}
        return given.issuperset(round_[-1].needed) and self._suffices(name, base, round_)

    def _suffices(self, name: str, base: Projection | None, round_: tuple[Approval, ...]) -> bool:
        """Tell whether approvals of one content are by all who must approve it."""
        if not round_:
            return False
        # An approval cannot say of itself that nobody was needed: rules must have said so.
        given = {approval.role for approval in round_}
        widening: tuple[Change, ...] = ()
        if base is not None:
            widening = self._widening(base, round_[0].projection, day_of(round_, self._day))
        # What is new is wider in everything, which nobody has to spell out.
        is_wider = base is None or bool(widening)
        for asked, may_repeat in self._asked_then(name, base, round_, widening):
            if not is_wider:
                is_enough = not asked or bool(asked & given)
            elif may_repeat:
                is_enough = asked <= given
            else:
                is_enough = not wanting(asked, signatures(round_))
            if is_enough:
                return True
        return False

    def _asked_then(
        self,
        name: str,
        base: Projection | None,
        round_: tuple[Approval, ...],
        widening: tuple[Change, ...],
    ) -> Iterator[tuple[set[str], bool]]:
        """Yield what each of the rules which may have been in force asked for.

        That is the roles, and whether one person may fill several of them.
        """
        content = round_[0].projection
        if name == CATALOGUE:
            rules_then = content if base is None else base
            yield asked_by_rules(base, content), allows_own(policy_of(rules_then))
            return
        is_old = self._known(name).issuperset(approval.seal for approval in round_)
        rules = self._ever if is_old else self._recent
        for policy in rules.policies:
            yield asked_of(base, content, widening, policy, rules.slots), allows_own(policy)

    def _may_repeat(self, base: Projection | None, content: Projection) -> bool:
        """Tell whether one person may approve what is declared in several roles.

        The rules that allow it must be approved; those of the first approval allow it themselves.
        """
        if content["kind"] == CATALOGUE:
            return allows_own(policy_of(content if base is None else base))
        return all(map(allows_own, (*self._declared.policies, self._ever.policies[-1])))

    def _needed(
        self, base: Projection | None, content: Projection, widening: tuple[Change, ...]
    ) -> tuple[str, ...]:
        """Return the roles that must approve what is declared, by the rules declared and approved.

        Rules that nobody approved yet ask for no fewer than those that were.
        """
        if content["kind"] == CATALOGUE:
            return tuple(sorted(asked_by_rules(base, content)))
        asked: set[str] = set()
        for policy in (*self._declared.policies, self._ever.policies[-1]):
            asked |= asked_of(base, content, widening, policy, self._declared.slots)
        return tuple(sorted(asked))


def _own(subject: Subject, round_: Iterable[Approval]) -> tuple[Approval, ...]:
    """Return the approvals by those who own or wrote what they approve."""
    owners = set(map(folded, subject.owners))
    return tuple(item for item in round_ if item.self_approved or folded(item.role) in owners)


def _without(
    needed: tuple[str, ...],
    held: tuple[Approval, ...],
    own: tuple[Approval, ...],
    declared: Projection,
) -> tuple[str, ...]:
    """Return the roles in which nobody but its owners and authors approved what is declared."""
    is_held = bool(held) and held[0].digest == digest_of(declared)
    given = {item.role for item in held if is_held and item not in own}
    return tuple(role for role in needed if role not in given)
