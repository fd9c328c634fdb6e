"""The reviewer's page of one subject, as plain values.

Owns what a reviewer is told and asked. Everything on it follows from the schemas and the approvals;
the questions are those that only a person can answer.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from declarant_codegen import telemetry_words
from declarant_codegen.consent_scope import ConsentVerdict
from declarant_codegen.privacy_diff import Compatibility
from declarant_codegen.review.accepted import accepted_for, owner_questions
from declarant_codegen.review.agreement import consent_since
from declarant_codegen.review.log import CATALOGUE
from declarant_codegen.review.page_rows import page_rows
from declarant_codegen.review.path_texts import path_question
from declarant_codegen.review.payloads import sample_payloads
from declarant_codegen.review.sealed import reworded
from declarant_codegen.review.standing import State
from declarant_codegen.review.told import content_words
from declarant_codegen.words import counted, listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from declarant_codegen.consent_scope import ConsentComparison
    from declarant_codegen.model import Catalogue, Event
    from declarant_codegen.own_words import WordsChange
    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.review.accepted import Accepted
    from declarant_codegen.review.log import Approval
    from declarant_codegen.review.page_rows import Row
    from declarant_codegen.review.payloads import Payload
    from declarant_codegen.review.standing import Standing
    from declarant_codegen.review.verdict import Review

__all__ = ["Page", "make_pages"]

_LONG_DAYS = 365
_TOO_LONG = (
    "Is it right that an event as large as can be is dropped, not sent, because it is too long?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a reviewer reads before approving.

    Attributes:
        title: What is reviewed, in words.
        subject: Name to approve it by.
        state: A value of `State`.
        needed: Roles that must approve; empty if any one may, or nothing has to be.
        missing: Those that have not.
        summary: The page in a few sentences.
        facts: (label, words) about the whole.
        changes: From what was approved last to what is declared.
        is_first: Whether nothing was approved before.
        words: What became of the words that explain it since then; None if nothing tells.
        consent: What became of the notice's scope, and whether users are asked again.
        rows: Every value of its own.
        content: What would be approved, in words, as the approval records it.
        identifiers: (place, meaning, how to reset it) of what events are linked by.
        accepted: What is accepted for a time that touches it.
        payloads: Samples, as real bytes.
        questions: What only a person can answer.
        history: Approvals so far, oldest first.
        mark: What must be visible about who approved, or empty.
        command: What approves it.
    """

    title: str
    subject: str
    state: str
    needed: tuple[str, ...]
    missing: tuple[str, ...]
    summary: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    is_first: bool
    words: tuple[WordsChange, ...] | None
    consent: tuple[str, ...]
    rows: tuple[Row, ...]
    content: tuple[str, ...]
    identifiers: tuple[tuple[str, str, str], ...]
    accepted: tuple[Accepted, ...]
    payloads: tuple[Payload, ...]
    questions: tuple[str, ...]
    history: tuple[Approval, ...]
    mark: str
    command: str


def make_pages(
    catalogue: Catalogue, review: Review, standings: Iterable[Standing]
) -> Iterator[Page]:
    """Yield the pages of some subjects.

    Args:
        catalogue: What is declared.
        review: All its approvals.
        standings: Those of the subjects.

    Raises:
        SamplesFailed: The generated encoder did not run.
    """
    chosen = list(standings)
    events = {event.name: event for event in catalogue.events}
    asked = [events[item.subject.name] for item in chosen if item.subject.name in events]
    payloads = sample_payloads(catalogue, asked)
    rules = next(item for item in review.standings if item.subject.name == CATALOGUE)
    consent = consent_since(rules)
    for standing in chosen:
        name = standing.subject.name
        sent = payloads.get(name, ())
        yield _page(catalogue, standing, events.get(name), consent, sent)


def _page(
    catalogue: Catalogue,
    standing: Standing,
    event: Event | None,
    consent: ConsentComparison | None,
    payloads: tuple[Payload, ...],
) -> Page:
    name = standing.subject.name
    found = tuple(page_rows(catalogue, standing, event))
    rows = tuple(row for _, row in found)
    accepted = accepted_for(catalogue, name, standing.subject.key)
    return Page(
        title=_title(catalogue, name),
        subject=name,
        state=standing.state.value,
        needed=standing.needed,
        missing=standing.missing,
        summary=tuple(_summary(standing, rows, consent)),
        facts=tuple(_facts(catalogue, standing, event)),
        changes=standing.changes,
        is_first=standing.base is None,
        words=reworded(standing),
        consent=tuple(_consent(consent, name)),
        rows=rows,
        content=content_words(standing.subject.projection),
        identifiers=_identifiers(catalogue, name, event),
        accepted=accepted,
        payloads=payloads,
        questions=(
            *_questions(catalogue, standing, event, rows, consent),
            *filter(None, (path_question(given, catalogue.never) for given, _ in found)),
            *owner_questions(accepted),
            *(_TOO_LONG for payload in payloads if payload.line is None),
        ),
        history=standing.log.approvals,
        mark=_mark(catalogue, standing),
        command=_command(standing),
    )


def _summary(
    standing: Standing, rows: tuple[Row, ...], consent: ConsentComparison | None
) -> Iterator[str]:
    if standing.state is State.APPROVED:
        yield "It is approved as it is; there is nothing to decide."
        return
    if standing.state is State.BROKEN:
        yield "Its approvals are damaged and count for nothing; `declarant check` says where."
        return
    if standing.state is State.OWN:
        yield "Those who own or wrote it approved it alone; somebody else has to."
        return
    wider = standing.widening
    if standing.base is None:
        yield "It was never approved, so all of it is to be decided."
    elif wider:
        places = listing(dict.fromkeys(change.place for change in wider), last="and")
        yield f"It would let more be sent than was approved, at {places}."
    else:
        yield "It lets no more be sent than was approved, so nothing has to be decided."
    for word in ("new", "changed"):
        found = [row for row in rows if row.status == word]
        if found and standing.base is not None:
            named = listing([f"{row.place} (class {row.sensitivity})" for row in found], last="and")
            yield f"{'New' if word == 'new' else 'Changed'}: {named}."
    if consent is not None and consent.widened:
        risen = consent.after_version > consent.before_version
        yield "Users are asked again." if risen else "Users are not asked again yet, and must be."
    if any(change.is_breaking for change in standing.changes):
        yield "It breaks programs that emit it, or queries of stored data."


def _title(catalogue: Catalogue, name: str) -> str:
    if name == CATALOGUE:
        return f"the rules of {catalogue.display_name}'s catalogue"
    kind = "the context" if name.startswith("ext.") else "the event"
    return f"{kind} {name} of {catalogue.display_name}"


def _mark(catalogue: Catalogue, standing: Standing) -> str:
    if standing.self_approved:
        return "Self-approved: those who own or wrote this approved it themselves."
    if catalogue.review.self_approval:
        return "Self-approval is allowed here: those who own or wrote a change may approve it."
    return ""


def _command(standing: Standing) -> str:
    if standing.state.holds or standing.state is State.BROKEN:
        return ""
    roles = standing.missing or standing.needed
    # The role is the catalogue's text, and the command is pasted into a shell.
    role = shlex.quote(roles[0]) if roles else "ROLE"
    return f"declarant approve {standing.subject.name} --by NAME --role {role} --reference TICKET"


def _facts(
    catalogue: Catalogue, standing: Standing, event: Event | None
) -> Iterator[tuple[str, str]]:
    name = standing.subject.name
    if event is not None:
        yield "What it says", event.description
        yield "Why it is collected", event.purpose
        yield "Level", telemetry_words.LEVELS[event.level]
        yield "Kept", counted(event.retention_days, "day")
        yield "Not sent after", event.expires
        yield "Owned by", listing(event.owners, last="and")
        slots = [f"ext.{slot}" for slot in event.slots]
        yield "Context that rides along", listing(slots, last="and") if slots else "none"
        if event.is_exception:
            yield "Made from", "an error that the program did not expect"
    elif name == CATALOGUE:
        yield "Sent to", catalogue.endpoint
        yield "Consent version", str(catalogue.consent_version)
        yield "Offered first", "yes" if catalogue.consent_default else "no"
        for line in catalogue.notice.values():
            yield "Users are told", line
        for promise in catalogue.never:
            yield "Users are promised, never", promise.line
        for text in catalogue.controls.values():
            yield "Users read how to stay in charge", text
    else:
        slot = name.removeprefix("ext.")
        events = [item.name for item in catalogue.events if slot in item.slots]
        yield "Carried by", listing(events, last="and") if events else "no event"


def _consent(comparison: ConsentComparison | None, name: str) -> Iterator[str]:
    if comparison is None:
        yield "Nothing was approved before, so every user is asked for the first time."
        return
    own = [
        item
        for item in comparison.widened
        if name == CATALOGUE
        or f".{item.place}.".startswith(f".{name}.")
        or f".{name}." in item.place
    ]
    yield from (f"Users were not told before: {item}." for item in own)
    for item in comparison.changes:
        if item.may_ask and name == CATALOGUE:
            yield f"For those who approve it to weigh: {item}."
    was, now = comparison.before_version, comparison.after_version
    verdict = comparison.verdict
    if verdict is ConsentVerdict.MUST_RISE:
        yield f"The consent version must rise above {was}, and users be asked again; it is {now}."
    elif verdict is ConsentVerdict.FELL:
        yield f"The consent version fell from {was} to {now}; it must not."
    elif now > was:
        yield f"The consent version rises from {was} to {now}: users are asked again."
    else:
        yield f"The notice covers no more than in consent version {was}; users are not asked again."


def _identifiers(
    catalogue: Catalogue, name: str, event: Event | None
) -> tuple[tuple[str, str, str], ...]:
    """Return what links the events, of an event with its context, or of one slot."""
    if name == CATALOGUE:
        return telemetry_words.identifier_places(catalogue)
    if event is not None:
        alone = replace(catalogue, events=(event,))
        return telemetry_words.identifier_places(alone)
    places = telemetry_words.identifier_places(catalogue)
    return tuple(item for item in places if item[0].startswith(f"{name}."))


def _questions(
    catalogue: Catalogue,
    standing: Standing,
    event: Event | None,
    rows: tuple[Row, ...],
    consent: ConsentComparison | None,
) -> Iterator[str]:
    fresh = [row for row in rows if row.status != "as approved"]
    for row in fresh:
        if row.notice:
            yield f'Would a user who read "{row.notice}" expect {row.place}?'
    for row in rows:
        if row.scrubber:
            why = f' The reason given: "{row.reason}"' if row.reason else ""
            yield (
                f"Is {row.place} needed as text of no fixed form, scrubbed as {row.scrubber}?{why}"
            )
    if event is not None:
        yield from _event_questions(catalogue, event, rows)
    if any(change.readers.verdict is Compatibility.BREAKING for change in standing.changes):
        yield "Do those who read the stored data know that it changes for them?"
    if consent is not None and consent.verdict is ConsentVerdict.MUST_RISE:
        yield "Is the consent version to rise, or is the change to be made smaller?"
    if any(change.kind == "endpoint_changed" for change in standing.changes):
        yield "Who receives data at the new endpoint? If it is somebody else, let users be asked."
    if standing.subject.name == CATALOGUE and catalogue.consent_default:
        yield "Is yes the right answer to offer first, under the law that holds for the users?"


def _event_questions(catalogue: Catalogue, event: Event, rows: tuple[Row, ...]) -> Iterator[str]:
    has_text = any(row.sensitivity == "free text" for row in rows)
    linked = telemetry_words.identifier_places(replace(catalogue, events=(event,)))
    if has_text and linked:
        places = listing([place for place, _, _ in linked], last="and")
        yield f"May scrubbed text travel with {places}, by which events are linked?"
    if event.retention_days > _LONG_DAYS:
        yield f"Is a retention of {counted(event.retention_days, 'day')} needed for the purpose?"
    if event.level == "required":
        yield (
            "Is this event needed to keep the product working and supported? Users who keep "
            "optional data off send it too."
        )
