"""The command ``approve``.

Owns its arguments, its words and its exit codes: 0 approved, or nothing to approve; 1 refused; 2
could not run. A refusal changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.command import (
    CLEAN,
    FOUND,
    add_schemas_argument,
    could_not_run,
    show_faults,
)
from declarant_codegen.printing import say, say_error

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from declarant_codegen.model import Catalogue, LoadResult
    from declarant_codegen.review.log import Log
    from declarant_codegen.review.standing import Standing
    from declarant_codegen.review.verdict import Review

__all__ = ["add_approve_arguments", "run_approve"]

_LONGEST = {"by": 100, "role": 100, "reference": 300}


def add_approve_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant approve``."""
    parser.add_argument(
        "subjects",
        nargs="*",
        metavar="SUBJECT",
        help="an event's name, ext.SLOT, or catalogue for the catalogue's own rules",
    )
    parser.add_argument(
        "--all", action="store_true", help="everything that is not approved as it is"
    )
    parser.add_argument("--by", required=True, help="who approves, such as a name")
    parser.add_argument("--role", required=True, help="in which role")
    parser.add_argument(
        "--reference", required=True, help="where the decision is written down, such as a ticket"
    )
    parser.add_argument(
        "--date",
        metavar="DATE",
        help="when (default: today, in UTC); neither to come nor before the last approval",
    )
    add_schemas_argument(parser)


def run_approve(args: argparse.Namespace) -> int:
    """Run ``declarant approve``."""
    from declarant_codegen.errors import CodegenError
    from declarant_codegen.swap import Stopped, alone, clear_staging

    problem = _wrong_words(args)
    if problem:
        return could_not_run("approve", problem)
    try:
        # Between reading a log and writing it, no other run may add to it.
        with alone(args.schemas) as is_alone:
            if is_alone:
                clear_staging(args.schemas)
            return _approve(args)
    except (NotADirectoryError, CodegenError) as error:
        return could_not_run("approve", str(error))
    except Stopped as error:
        return could_not_run("approve", f"{args.schemas}: {error}")
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else args.schemas
        found = error.strerror or str(error)
        expected = f"{place}: expected a place that can be read and written, found: {found}"
        return could_not_run(
            "approve", f"{expected}; nothing was changed; mend that and run it again"
        )


def _approve(args: argparse.Namespace) -> int:
    from declarant_codegen.loader import load_catalogue
    from declarant_codegen.review.log_writing import write_logs
    from declarant_codegen.review.verdict import review_catalogue

    result = load_catalogue(args.schemas)
    if result.catalogue is None:
        return _faulty(result)
    review = review_catalogue(args.schemas, result.catalogue)
    chosen = _chosen(args, review)
    if isinstance(chosen, str):
        return could_not_run("approve", chosen)
    if not chosen:
        _say(f"{_nothing(args, review)}; nothing was written")
        return CLEAN
    own = _own(args, chosen)
    for standing in chosen:
        is_own = standing.subject.name in own
        refusal = _refusal(args, result.catalogue, review, standing, is_own=is_own)
        if refusal is not None:
            return _refused(f"{standing.subject.name}: {refusal}")
    logs = [
        _with_approval(args, standing, is_own=standing.subject.name in own) for standing in chosen
    ]
    places = write_logs(args.schemas, logs)
    # Judged anew: an approval of the rules may have been all that others waited for.
    after = review_catalogue(args.schemas, result.catalogue).standings
    standings = {standing.subject.name: standing for standing in after}
    for name in (standing.subject.name for standing in chosen):
        _tell(standings[name], places[name], date=args.date, is_own=name in own)
    return CLEAN


def _faulty(result: LoadResult) -> int:
    show_faults(result)
    return _refused("expected a catalogue without errors, found those above; mend them first")


def _wrong_words(args: argparse.Namespace) -> str | None:
    """Return what is wrong with the arguments, or None."""
    from declarant_codegen.expiry import read_day, today
    from declarant_codegen.hostile_text import check_text

    for name, longest in _LONGEST.items():
        text: str = getattr(args, name)
        if not text.strip() or len(text) > longest or not text.isprintable():
            return f"--{name}: expected 1 to {longest} printable characters, found another text"
        # What a check would find in the log, which is never changed again.
        for _, _, message in check_text(text, text):
            return f"--{name}: {message}"
    if args.date is not None:
        try:
            read_day(args.date)
        except ValueError as error:
            return f"--date: {error}"
        if args.date > (day := today()):  # ISO dates sort as text
            return f"--date: expected a day up to today, {day} in UTC, found {args.date}"
    if bool(args.subjects) is args.all:
        return "expected subjects or --all, and not both; `declarant review` lists what is open"
    return None


def _chosen(args: argparse.Namespace, review: Review) -> list[Standing] | str:
    from declarant_codegen.words import nearest, quote

    known = {standing.subject.name: standing for standing in review.standings}
    if args.all:
        # What another role still has to approve is no business of this one.
        return [
            item
            for item in known.values()
            if not item.state.holds and (not item.missing or args.role in item.missing)
        ]
    for name in args.subjects:
        if name not in known:
            guess = nearest(name, known)
            mend = f"did you mean {quote(guess)}?" if guess else f"known: {', '.join(known)}"
            return f"expected an event, ext.SLOT or catalogue, found {quote(name)}; {mend}"
    return [known[name] for name in dict.fromkeys(args.subjects)]


def _nothing(args: argparse.Namespace, review: Review) -> str:
    """Return words for that there is nothing that the role has to approve."""
    from declarant_codegen.words import counted, listing, quote

    waiting = [standing for standing in review.standings if not standing.state.holds]
    if not waiting:
        return "everything is approved as it is"
    roles = sorted({role for standing in waiting for role in standing.missing})
    return (
        f"nothing waits for the role {quote(args.role)}; {len(waiting)} of "
        f"{counted(len(review.standings), 'subject')} still need "
        f"{listing(map(quote, roles), last='and')}"
    )


def _own(args: argparse.Namespace, chosen: list[Standing]) -> set[str]:
    """Return the subjects that the approver owns, or wrote as far as git knows."""
    from declarant_codegen.review.authors import authors_unapproved, is_author
    from declarant_codegen.review.roles import folded

    authors = authors_unapproved(args.schemas, chosen)
    return {
        standing.subject.name
        for standing in chosen
        if folded(args.role) in map(folded, standing.subject.owners)
        or any(is_author(args.by, one) for one in authors[standing.subject.name])
    }


def _refusal(
    args: argparse.Namespace,
    catalogue: Catalogue,
    review: Review,
    standing: Standing,
    *,
    is_own: bool,
) -> str | None:
    """Return why *standing* may not be approved like this, or None."""
    from declarant_codegen.review.log import CATALOGUE
    from declarant_codegen.review.seal_dates import latest_date
    from declarant_codegen.review.seal_findings import CONSENT_VERSION
    from declarant_codegen.review.standing import State
    from declarant_codegen.words import listing, quote

    if standing.state is State.BROKEN:
        return "expected sound approvals so far, found damaged ones; `declarant check` tells where"
    if args.date and args.date < (latest := latest_date(standing.log)):
        found = f"found {args.date}"
        return f"expected a date of {latest} or later, as the approval before it has, {found}"
    roles = standing.needed or standing.entitled
    if roles and args.role not in roles:
        needed = listing(map(quote, roles))
        return f"expected the role {needed}, found {quote(args.role)}; it is not this role's to say"
    if standing.state is State.APPROVED or (standing.missing and args.role not in standing.missing):
        return "expected something that this role has not approved, found it approved as it is"
    if not standing.may_repeat and (role := _filled_by(args.by, args.role, standing)):
        return (
            f"expected another person in each role, found {quote(args.by)}, who approved it as "
            f"{quote(role)}; let somebody else approve as {quote(args.role)}"
        )
    if is_own and not _may_own(catalogue, standing):
        return (
            "expected an approver who neither owns nor wrote it, found one who does; let another "
            "role approve, or allow it in review.self_approval of catalogue.json"
        )
    if standing.subject.name == CATALOGUE:
        # What was approved too low before is made good by this very approval.
        low = [
            item
            for item in review.findings
            if item.rule_id == "CONSENT_VERSION_LOW" and item.pointer == CONSENT_VERSION
        ]
        if low:
            return low[0].message
    return None


def _filled_by(by: str, role: str, standing: Standing) -> str | None:
    """Return the role that *by* fills already, so that approving as *role*, too, adds nobody."""
    from declarant_codegen.review.people import filled, names_of, wanting
    from declarant_codegen.review.standing import State, signatures

    # Where others than owners and authors must approve, what those approved does not count.
    others = standing.self_approved if standing.state is State.OWN else ()
    given = [
        (who, as_)
        for who, as_ in signatures(item for item in standing.approvals if item not in others)
        if as_ in standing.needed
    ]
    same = [as_ for who, as_ in given if names_of(who) & names_of(by)]
    # Rules may ask again for whoever approved under other ones.
    is_open = bool(wanting(standing.needed, given))
    if standing.state not in (State.INCOMPLETE, State.OWN) or not same or not is_open:
        return None
    is_progress = filled(standing.needed, [*given, (by, role)]) > filled(standing.needed, given)
    return None if is_progress else same[-1]


def _may_own(catalogue: Catalogue, standing: Standing) -> bool:
    """Tell whether the rules let those who own or wrote it approve it.

    A change of the rules that ends this is one that the rules so far let them approve; it still
    needs whoever the new rules ask for.
    """
    # Only the projection of the catalogue's own rules has any.
    approved = (standing.base or {}).get("review", {})
    return catalogue.review.self_approval or approved.get("self_approval", False)


def _date(args: argparse.Namespace, standing: Standing) -> str:
    """Return the ISO date of an approval that is to be written."""
    from declarant_codegen.expiry import today
    from declarant_codegen.review.seal_dates import latest_date

    # A clock that is behind the last reviewer's makes no approval older than theirs.
    return args.date or max(today(), latest_date(standing.log))


def _with_approval(args: argparse.Namespace, standing: Standing, *, is_own: bool) -> Log:
    from declarant_codegen.review.sealing import with_approval

    return with_approval(
        standing,
        by=args.by,
        role=args.role,
        date=_date(args, standing),
        reference=args.reference,
        is_own=is_own,
    )


def _tell(standing: Standing, place: Path, *, date: str | None, is_own: bool) -> None:
    from declarant_codegen.words import listing

    missing = standing.missing
    tail = f"; still needed: {listing(missing, last='and')}" if missing else ""
    own = " (self-approved)" if is_own else ""
    # A date that somebody chose is theirs to answer for, and is not passed over.
    when = f" as of {date}" if date else ""
    _say(f"{place.as_posix()}: {standing.subject.name} approved{when}{own}{tail}")


def _say(words: str) -> None:
    from declarant_codegen.words import shown

    say(shown(words))


def _refused(message: str) -> int:
    say_error(f"declarant approve: {message}; nothing was written")
    return FOUND
