"""The command ``approve``.

Owns its arguments, its words and its exit codes: 0 approved, or nothing to approve; 1 refused; 2
could not run. A refusal changes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from declarant_codegen.model import Catalogue, LoadResult
    from declarant_codegen.review.standing import Standing
    from declarant_codegen.review.verdict import Review

__all__ = ["add_approve_arguments", "run_approve"]

CLEAN, FOUND, COULD_NOT_RUN = 0, 1, 2

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
    parser.add_argument("--date", metavar="DATE", help="when (default: today, in UTC)")
    parser.add_argument(
        "--schemas",
        type=Path,
        default=Path("schemas"),
        metavar="DIR",
        help="the catalogue's folder (default: schemas)",
    )


def run_approve(args: argparse.Namespace) -> int:
    """Run ``declarant approve``."""
    from declarant_codegen.loader import load_catalogue
    from declarant_codegen.review.verdict import review_catalogue

    problem = _wrong_words(args)
    if problem:
        return _could_not_run(problem)
    try:
        result = load_catalogue(args.schemas)
    except NotADirectoryError as error:
        return _could_not_run(str(error))
    if result.catalogue is None:
        return _faulty(result)
    review = review_catalogue(args.schemas, result.catalogue)
    chosen = _chosen(args, review)
    if isinstance(chosen, str):
        return _could_not_run(chosen)
    for standing in chosen:
        refusal = _refusal(args, result.catalogue, review, standing)
        if refusal is not None:
            return _refused(f"{standing.subject.name}: {refusal}")
    for standing in chosen:
        _approve(args, standing)
    if not chosen:
        _say("everything is approved as it is; nothing was written")
    return CLEAN


def _faulty(result: LoadResult) -> int:
    from declarant_codegen.rules import MENDED_BY_GENERATE

    for finding in result.findings:
        if finding.rule_id not in MENDED_BY_GENERATE:
            print(finding, file=sys.stderr)  # noqa: T201
    return _refused("expected a catalogue without errors, found those above; mend them first")


def _wrong_words(args: argparse.Namespace) -> str | None:
    """Return what is wrong with the arguments, or None."""
    import datetime

    for name, longest in _LONGEST.items():
        text: str = getattr(args, name)
        if not text.strip() or len(text) > longest or not text.isprintable():
            return f"--{name}: expected 1 to {longest} printable characters, found another text"
    if args.date is not None:
        try:
            args.date = str(datetime.date.fromisoformat(args.date))
        except ValueError:
            return "--date: expected a date such as 2028-11-30, found another text"
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


def _refusal(
    args: argparse.Namespace, catalogue: Catalogue, review: Review, standing: Standing
) -> str | None:
    """Return why *standing* may not be approved like this, or None."""
    from declarant_codegen.review.log import CATALOGUE
    from declarant_codegen.review.standing import State
    from declarant_codegen.words import listing, quote

    if standing.state is State.BROKEN:
        return "expected sound approvals so far, found damaged ones; `declarant check` tells where"
    if standing.needed and args.role not in standing.needed:
        needed = listing([quote(role) for role in standing.needed])
        return f"expected the role {needed}, found {quote(args.role)}; it is not this role's to say"
    if standing.state is State.APPROVED or (standing.missing and args.role not in standing.missing):
        return "expected something that this role has not approved, found it approved as it is"
    if _is_own(args, standing) and not _may_own(catalogue, standing):
        return (
            "expected an approver who neither owns nor wrote it, found one who does; let another "
            "role approve, or allow it in review.self_approval of catalogue.json"
        )
    if standing.subject.name == CATALOGUE:
        low = [item for item in review.findings if item.rule_id == "CONSENT_VERSION_LOW"]
        if low:
            return low[0].message
    return None


def _may_own(catalogue: Catalogue, standing: Standing) -> bool:
    """Tell whether the rules let those who own or wrote it approve it.

    A change of the rules that ends this is one that the rules so far let them approve; it still
    needs whoever the new rules ask for.
    """
    # Only the projection of the catalogue's own rules has any.
    approved = (standing.base or {}).get("review", {})
    return catalogue.review.self_approval or approved.get("self_approval", False)


def _is_own(args: argparse.Namespace, standing: Standing) -> bool:
    """Tell whether the approver owns what is approved, or wrote it as far as git knows."""
    from declarant_codegen.review.authors import authors_unapproved, is_author
    from declarant_codegen.review.log import FOLDER, log_name

    subject = standing.subject
    if args.role.casefold() in {owner.casefold() for owner in subject.owners}:
        return True
    log_key = f"{FOLDER}/{log_name(subject.name)}"
    authors = authors_unapproved(args.schemas, subject.key, log_key)
    return any(is_author(args.by, author) for author in authors)


def _approve(args: argparse.Namespace, standing: Standing) -> None:
    from declarant_codegen.expiry import today
    from declarant_codegen.review.sealing import seal
    from declarant_codegen.words import listing

    is_own = _is_own(args, standing)
    place = seal(
        args.schemas,
        standing,
        by=args.by,
        role=args.role,
        date=args.date or today(),
        reference=args.reference,
        is_own=is_own,
    )
    missing = [role for role in standing.missing if role != args.role]
    tail = f"; still needed: {listing(missing, last='and')}" if missing else ""
    own = " (self-approved)" if is_own else ""
    _say(f"{place.as_posix()}: {standing.subject.name} approved{own}{tail}")


def _say(words: str) -> None:
    from declarant_codegen.words import shown

    print(shown(words))  # noqa: T201  the command's own output


def _refused(message: str) -> int:
    print(f"declarant approve: {message}; nothing was written", file=sys.stderr)  # noqa: T201
    return FOUND


def _could_not_run(message: str) -> int:
    print(f"declarant approve: {message}", file=sys.stderr)  # noqa: T201
    return COULD_NOT_RUN
