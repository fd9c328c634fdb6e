"""Where each event, slot and the catalogue's own rules stand: approved as they are, or not.

Owns the comparison of what is declared with what was approved last. What is proven to be neutral or
narrowing needs no new approval; everything else does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from declarant.scrub import SCRUBBERS
from declarant_codegen.consent_scope import scope_of
from declarant_codegen.projection import project_event, project_rules, project_slot
from declarant_codegen.projection import projection_digest as digest_of
from declarant_codegen.review.changes import SCOPE, changes_since, consent_between
from declarant_codegen.review.log import CATALOGUE
from declarant_codegen.review.roles import RULES, class_of_change, roles_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.consent_scope import ConsentComparison
    from declarant_codegen.model import Catalogue
    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.projection import Projection
    from declarant_codegen.review.log import Approval, Log, Logs

__all__ = [
    "Seal",
    "Standing",
    "State",
    "Subject",
    "consent_since",
    "seals_of",
    "standings",
    "subjects_of",
]


class State(Enum):
    """How what is declared compares with what was approved."""

    APPROVED = "approved"
    NARROWER = "narrower than approved"
    WIDER = "wider than approved"
    INCOMPLETE = "not approved by every role"
    OWN = "approved by those who own or wrote it alone"
    MISSING = "never approved"
    BROKEN = "approvals damaged"

    @property
    def holds(self) -> bool:
        """Whether nothing more has to be approved."""
        return self in (State.APPROVED, State.NARROWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What one log approves.

    Attributes:
        name: An event's name, ``ext.`` and a slot, or `CATALOGUE`.
        key: The file below the schemas folder that declares it.
        projection: What is declared.
        owners: Roles that own it, or events that it is part of.
    """

    name: str
    key: str
    projection: Projection
    owners: tuple[str, ...]


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
    """

    subject: Subject
    log: Log
    state: State
    base: Projection | None
    approvals: tuple[Approval, ...]
    changes: tuple[Change, ...]
    self_approved: tuple[Approval, ...] = ()
    needed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

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


def subjects_of(catalogue: Catalogue) -> tuple[Subject, ...]:
    """Return everything in a catalogue that is approved: its rules, its slots, its events."""
    owners = {owner for event in catalogue.events for owner in event.owners}
    carried: dict[str, set[str]] = {}
    for event in catalogue.events:
        for slot in event.slots:
            carried.setdefault(slot, set()).update(event.owners)
    rules = Subject(
        name=CATALOGUE,
        key="catalogue.json",
        projection={**project_rules(catalogue), SCOPE: scope_of(catalogue)},
        owners=tuple(sorted(owners)),
    )
    slots = [
        Subject(
            name=f"ext.{slot}",
            key=f"ext/{slot}.schema.json",
            projection=project_slot(slot, fields, SCRUBBERS),
            owners=tuple(sorted(carried.get(slot, ()))),
        )
        for slot, fields in catalogue.ext.items()
    ]
    events = [
        Subject(
            name=event.name,
            key=event.path.partition("/")[2],
            projection=project_event(event, SCRUBBERS),
            owners=event.owners,
        )
        for event in catalogue.events
    ]
    return (rules, *slots, *events)


def standings(catalogue: Catalogue, logs: Logs) -> tuple[Standing, ...]:
    """Return where every subject of a catalogue stands, in the order of `subjects_of`."""
    subjects = subjects_of(catalogue)
    judge = _Judge(catalogue, logs, subjects)
    return tuple(judge.standing(subject) for subject in subjects)


def consent_since(standing: Standing) -> ConsentComparison | None:
    """Compare what users are asked with what was approved last; None if nothing was.

    Args:
        standing: That of the catalogue's own rules.
    """
    if standing.base is None:
        return None
    return consent_between(standing.base, standing.subject.projection)


@dataclass(slots=True, kw_only=True)
class _Past:
    """What a log's approvals add up to.

    Attributes:
        base: What was approved last by all roles; None for nothing.
        held: The approvals of *base*.
        pending: Later approvals, where roles are missing.
        trusted: What was approved last without those who own or wrote it; None for nothing.
        own: The approvals by those, if *base* has more than *trusted*.
    """

    base: Projection | None = None
    held: tuple[Approval, ...] = ()
    pending: tuple[Approval, ...] = ()
    trusted: Projection | None = None
    own: tuple[Approval, ...] = ()


class _Judge:
    """Judges the subjects of one catalogue."""

    def __init__(self, catalogue: Catalogue, logs: Logs, subjects: tuple[Subject, ...]) -> None:
        self._logs = logs
        self._slots = {
            subject.projection["name"]: subject.projection
            for subject in subjects
            if subject.projection["kind"] == "ext"
        }
        self._may_own = catalogue.review.self_approval
        self._policies = [catalogue.review.approvers]
        for approval in logs.of(CATALOGUE).approvals:
            review: Mapping[str, Any] = approval.projection.get("review", {})
            approvers = review.get("approvers", {})
            if approvers not in self._policies:
                self._policies.append(approvers)

    def standing(self, subject: Subject) -> Standing:
        log = self._logs.of(subject.name)
        past = self._past(subject, log)
        approved = past.held[0].digest if past.held else None
        state = State.APPROVED
        changes: tuple[Change, ...] = ()
        needed: tuple[str, ...] = ()
        missing: tuple[str, ...] = ()
        if not log.is_sound:
            state = State.BROKEN
        elif approved != digest_of(subject.projection):
            changes = tuple(changes_since(past.base, subject.projection, self._slots))
            state = State.NARROWER
            if widening := tuple(change for change in changes if change.is_widening):
                needed = self._needed(subject.projection, past.base, widening)
                state, missing = self._open(subject, past.base, past.pending, needed)
        own = past.own
        if own and state.holds:
            widening = self._widening(past.trusted, subject.projection)
            own = own if widening else ()
            if own and not self._may_own:
                state = State.OWN
                needed = self._needed(subject.projection, past.trusted, widening)
                missing = _without(needed, past, subject.projection)
        is_pending = state is State.INCOMPLETE
        own_pending = _own(subject, past.pending) if is_pending else ()
        return Standing(
            subject=subject,
            log=log,
            state=state,
            base=past.base,
            approvals=past.pending if is_pending else past.held,
            changes=changes,
            self_approved=(*own, *own_pending),
            needed=needed,
            missing=missing,
        )

    def _past(self, subject: Subject, log: Log) -> _Past:
        past = _Past()
        for round_ in log.rounds:
            if not self._is_complete(subject, past.base, round_):
                past.pending = round_
                continue
            own = _own(subject, round_)
            others = tuple(item for item in round_ if item not in own)
            content = round_[0].projection
            # What rests on nobody's own approval is spared the second comparison.
            if (own or past.own) and not self._suffice(subject, past.trusted, content, others):
                past.own = own or past.own
            else:
                past.own, past.trusted = (), content
            past.base, past.held, past.pending = content, round_, ()
        return past

    def _open(
        self,
        subject: Subject,
        base: Projection | None,
        pending: tuple[Approval, ...],
        needed: tuple[str, ...],
    ) -> tuple[State, tuple[str, ...]]:
        """Return the state of what is not approved as it is, and the roles that are missing."""
        if pending and pending[0].digest == digest_of(subject.projection):
            given = {approval.role for approval in pending}
            return State.INCOMPLETE, tuple(role for role in needed if role not in given)
        return (State.MISSING if base is None else State.WIDER), needed

    def _is_complete(
        self, subject: Subject, base: Projection | None, round_: tuple[Approval, ...]
    ) -> bool:
        given = {approval.role for approval in round_}
        stated = {role for approval in round_ for role in approval.needed}
        return stated <= given and self._suffice(subject, base, round_[0].projection, round_)

    def _suffice(
        self,
        subject: Subject,
        base: Projection | None,
        content: Projection,
        approvals: tuple[Approval, ...],
    ) -> bool:
        """Tell whether approvals of *content* are by all who must approve it."""
        if not approvals:
            return False
        widening = self._widening(base, content)
        given = {approval.role for approval in approvals}
        # An approval cannot say of itself that nobody was needed: some rules of the catalogue,
        # today's or approved ones of an earlier day, must have asked for no more.
        return any(
            set(self._asked(subject.name, content, base, widening, policy)) <= given
            for policy in self._policies
        )

    def _widening(self, before: Projection | None, after: Projection) -> tuple[Change, ...]:
        changes = changes_since(before, after, self._slots)
        return tuple(change for change in changes if change.is_widening)

    def _needed(
        self, projection: Projection, base: Projection | None, widening: tuple[Change, ...]
    ) -> tuple[str, ...]:
        name = CATALOGUE if projection["kind"] == "catalogue" else ""
        needed = set(self._asked(name, projection, base, widening, self._policies[0]))
        if name and base is not None:
            # Who changes the rules of approval is judged by the rules that were approved, too.
            approved: Mapping[str, Any] = base.get("review", {})
            needed.update(approved.get("approvers", {}).get(RULES, ()))
        return tuple(sorted(needed))

    def _asked(
        self,
        name: str,
        projection: Projection,
        base: Projection | None,
        widening: tuple[Change, ...],
        policy: Mapping[str, Any],
    ) -> tuple[str, ...]:
        if name == CATALOGUE:
            return roles_for([RULES] if widening else [], policy)
        classes = {class_of_change(item, base, projection, self._slots) for item in widening}
        return roles_for(classes, policy)


def _without(needed: tuple[str, ...], past: _Past, declared: Projection) -> tuple[str, ...]:
    """Return the roles in which nobody but its owners and authors approved what is declared."""
    is_held = bool(past.held) and past.held[0].digest == digest_of(declared)
    given = {item.role for item in past.held if is_held and item not in past.own}
    return tuple(role for role in needed if role not in given)


def _own(subject: Subject, round_: Iterable[Approval]) -> tuple[Approval, ...]:
    """Return the approvals by those who own or wrote what they approve."""
    owners = {owner.casefold() for owner in subject.owners}
    return tuple(
        approval
        for approval in round_
        if approval.self_approved or approval.role.casefold() in owners
    )
