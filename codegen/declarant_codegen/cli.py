"""The commands ``generate`` and ``check``.

Owns their arguments, their words and their exit codes: 0 clean or warnings only, 1 errors or drift,
2 could not run. Everything else is done by the modules it calls, which are imported when needed: a
``check`` that finds every digest right loads neither the loader nor the generator.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from declarant_codegen.command import (
    CLEAN,
    COULD_NOT_RUN,
    FOUND,
    SCHEMAS,
    add_schemas_argument,
    base_argument,
)
from declarant_codegen.errors import CodegenError
from declarant_codegen.memory import without_cycle_collector
from declarant_codegen.reports import FORMATS, make_report

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from declarant_codegen.drift import Drift
    from declarant_codegen.expiry import Dated
    from declarant_codegen.findings import Finding
    from declarant_codegen.generate import Generation
    from declarant_codegen.model import Catalogue, LoadResult
    from declarant_codegen.reports import Report
    from declarant_codegen.review.verdict import Review

__all__ = [
    "add_check_arguments",
    "add_folder_arguments",
    "add_generate_arguments",
    "make_generation",
    "run_check",
    "run_generate",
]

_OUT = Path("generated")
_CURRENT = "the generated files are current"


def add_generate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant generate``."""
    add_common_arguments(parser)
    parser.add_argument(
        "--draft",
        action="store_true",
        help="also generate what is not approved: to try it, on this machine only",
    )


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that ``generate`` and ``check`` share."""
    add_folder_arguments(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="how to tell findings (default: text; never chosen by the environment)",
    )


def add_folder_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the catalogue and what is generated from it."""
    add_schemas_argument(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=_OUT,
        metavar="DIR",
        help="the folder of the generated distribution (default: generated)",
    )


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant check``."""
    add_common_arguments(parser)
    parser.add_argument(
        "--full",
        action="store_true",
        help="compare byte for byte with a new generation, and show every line that differs",
    )
    parser.add_argument(
        "--against",
        type=base_argument,
        metavar="BASE",
        help="also compare with a catalogue's folder or a git revision: approvals that are gone, "
        "breaking changes that nobody accepted, the consent version, who approved what they wrote",
    )
    parser.add_argument(
        "--today",
        type=_day,
        metavar="DATE",
        help="judge dates as on this day, such as 2028-11-30 (default: today, in UTC)",
    )


def _day(text: str) -> str:
    """Return the ISO date given as an argument."""
    import argparse

    from declarant_codegen.expiry import read_day

    try:
        return read_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run_generate(args: argparse.Namespace) -> int:
    """Run ``declarant generate``; nothing is written unless all can be."""
    return _run("generate", args, _generate)


def run_check(args: argparse.Namespace) -> int:
    """Run ``declarant check``."""
    return _run("check", args, _check)


def _run(
    command: str, args: argparse.Namespace, work: Callable[[argparse.Namespace, Report], int]
) -> int:
    report = make_report(args.format, command=command, schemas=args.schemas)
    with without_cycle_collector():
        try:
            _refuse_no_folder(args.out)
            _refuse_overlap(args.schemas, args.out)
            code = work(args, report)
        except (NotADirectoryError, CodegenError) as error:
            code = _could_not_run(report, str(error))
        except BrokenPipeError:
            # The reader of our output went away, which is the front's matter.
            raise
        except OSError as error:
            code = _could_not_run(report, _refused(error))
        report.close()
    return code


def _generate(args: argparse.Namespace, report: Report) -> int:
    from declarant_codegen.laying import lay_meta
    from declarant_codegen.output import write_files
    from declarant_codegen.review.seal_findings import DRAFTABLE

    result = _load(args.schemas)
    review = _review(args.schemas, result)
    findings = _lasting([*result.findings, *review.findings] if review else result.findings)
    report.show(findings)
    errors = {item.rule_id for item in findings if _is_error(item)}
    open_ = errors & DRAFTABLE
    if review is None or errors - open_ or (open_ and not args.draft):
        report.note(f"{_count(findings)}; nothing was written")
        if errors and errors == open_:
            report.note("to try on this machine what is not approved: declarant generate --draft")
        return FOUND
    made = make_generation(args.schemas, result, review, draft=args.draft)
    changes = write_files(args.out, made.files, package=made.package)
    laid = lay_meta(args.schemas)
    for path in (args.out / path for path in changes.removed):
        report.note(f"{path.as_posix()}: removed, no schema declares it any more")
    for path in laid:
        report.note(f"{path.as_posix()}: laid down")
    assert result.catalogue is not None
    events = len(result.catalogue.events)
    report.note(
        f"{_plural(events, 'event')}, {_plural(len(made.files), 'file')}: "
        f"{len(changes.written)} written, {len(changes.unchanged)} unchanged, "
        f"{len(changes.removed)} removed{_tail(findings)}"
    )
    if args.draft:
        report.note("a draft: it sends to this machine only, and `declarant check` refuses it")
    return CLEAN


def _check(args: argparse.Namespace, report: Report) -> int:
    from declarant_codegen.drift import compare, is_draft, quick_drift
    from declarant_codegen.expiry import dated_in_catalogue

    schemas, out = args.schemas, args.out
    quick = None if args.full or args.against else quick_drift(schemas, out)
    if quick is not None and not quick[0]:
        return _check_current(args, report, quick[1])
    # Also when the digests told of drift: to show what differs is worth a generation.
    result = _load(schemas)
    review = _review(schemas, result, args.today)
    findings: list[Finding] = [*result.findings]
    made: Generation | None = None
    if result.catalogue is not None and review is not None:
        dated = dated_in_catalogue(result.catalogue)
        findings += [*review.findings, *_timed(args, dated, review)]
        if args.against:
            findings += _against(args, result.catalogue, review)
        report.show(sorted(findings))
        # A draft is compared with a draft, so that what else is wrong with it can be seen.
        made = make_generation(schemas, result, review, draft=is_draft(out))
        drift = compare(out, made.files, made.package)
    else:
        report.show(findings)
        if quick is None:
            report.note(f"{_count(findings)}; the generated files were not compared")
            return FOUND
        drift, _ = quick
    _show_drift(report, args, drift, made, _tail(findings))
    return FOUND if drift or any(map(_is_error, findings)) else CLEAN


def _check_current(args: argparse.Namespace, report: Report, manifest: Mapping[str, Any]) -> int:
    """Check the catalogue alone, where the digests say that what was generated is current."""
    from declarant_codegen.expiry import approved_after, dated_in_manifest
    from declarant_codegen.inputs import is_meta_current

    findings: list[Finding] = []
    review: Review | None = None
    is_ahead = args.today is not None and approved_after(manifest, args.today)
    if is_ahead or not manifest["clean"] or not is_meta_current(args.schemas):
        result = _load(args.schemas)
        review = _review(args.schemas, result, args.today)
        findings += [*result.findings, *(review.findings if review else ())]
    findings += _timed(args, dated_in_manifest(manifest), review)
    report.show(sorted(findings))
    report.note(f"{_CURRENT}{_tail(findings)}")
    return FOUND if any(map(_is_error, findings)) else CLEAN


def _review(schemas: Path, result: LoadResult, day: str | None = None) -> Review | None:
    """Judge the approvals of a catalogue that could be loaded, as on *day*, by default today."""
    from declarant_codegen.review.verdict import review_catalogue

    if result.catalogue is None:
        return None
    return review_catalogue(schemas, result.catalogue, day=day)


def _timed(
    args: argparse.Namespace, dated: Iterable[Dated], review: Review | None
) -> Iterable[Finding]:
    """Return what has run out, and approvals of a day that is yet to come."""
    from declarant_codegen.expiry import due, expiry_findings, today

    day = args.today or today()
    yield from expiry_findings(due(dated, day), day, args.schemas)
    # Not by the clock of whoever only builds: it may be behind the reviewer's.
    if review is not None and (args.today or args.against):
        from declarant_codegen.places import Places
        from declarant_codegen.review.seal_dates import ahead_findings

        yield from ahead_findings(review.logs, day, Places(args.schemas))


def _against(args: argparse.Namespace, catalogue: Catalogue, review: Review) -> Iterable[Finding]:
    """Return what may not have changed since the base."""
    from declarant_codegen.diff_inputs import FaultyCatalogueError
    from declarant_codegen.expiry import today
    from declarant_codegen.review.against import against_findings

    day = args.today or today()
    try:
        return against_findings(args.against, args.schemas, catalogue, review, day=day)
    except FaultyCatalogueError as error:
        raise CodegenError(
            f"--against: expected a catalogue that can be read, found errors, the first of them: "
            f"{error.findings[0]}; compare with a base that has none"
        ) from None


def _lasting(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that ``generate`` does not mend itself, sorted."""
    from declarant_codegen.rules import MENDED_BY_GENERATE

    return sorted(item for item in findings if item.rule_id not in MENDED_BY_GENERATE)


def _refuse_no_folder(out: Path) -> None:
    """Refuse an output folder that cannot be one: a file stands there or above, or a dead link.

    A link to a folder is one: it is the user's to choose where the output lies.
    """
    if out.is_symlink() and not out.exists():
        raise NotADirectoryError(
            f"{out}: expected an output folder, found a symbolic link that leads to none; "
            "make the folder that it leads to, or remove the link"
        )
    place = next((place for place in (out, *out.parents) if place.exists()), out)
    if place.exists() and not place.is_dir():
        found = "a file" if place == out else f"that {place} is a file"
        raise NotADirectoryError(
            f"{out}: expected an output folder, found {found}; move it away or name another folder"
        )


def _refuse_overlap(schemas: Path, out: Path) -> None:
    one, other = schemas.resolve(), out.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise NotADirectoryError(
            f"{out}: expected an output folder apart from {schemas}, found one inside the other"
        )


def _load(schemas: Path) -> LoadResult:
    from declarant_codegen.loader import load_catalogue

    return load_catalogue(schemas)


def make_generation(
    schemas: Path, result: LoadResult, review: Review, *, draft: bool
) -> Generation:
    """Make every generated file of a catalogue.

    Args:
        schemas: Its folder.
        result: What loading it gave; a catalogue is there.
        review: Its approvals.
        draft: Whether the output is to be a draft.

    Raises:
        CodegenError: It could not be finished.
    """
    from platformdirs import user_cache_path

    from declarant_codegen.generate import generate
    from declarant_codegen.inputs import input_digests
    from declarant_codegen.progress import progress

    assert result.catalogue is not None
    texts = input_digests(schemas)
    inputs = [*result.catalogue.inputs, *review.logs.inputs]
    with progress() as report:
        return generate(
            result.catalogue,
            is_clean=not _lasting([*result.findings, *review.findings]),
            inputs=[(path, digest, texts.get(path, "not readable")) for path, digest in inputs],
            cache=user_cache_path("declarant", appauthor=False) / "types",
            report=report,
            seals=review.seals,
            draft=draft,
        )


def _show_drift(
    report: Report, args: argparse.Namespace, drift: Drift, made: Generation | None, counts: str
) -> None:
    if not drift:
        report.note(f"{_CURRENT}{counts}")
        return
    # Late: most checks find no drift.
    from declarant_codegen.drift_diff import Differences

    # What differs from nothing that could be generated is not shown.
    differences = Differences(args.out, drift, made.files if made else {}, is_whole=args.full)
    report.drift(args.out, drift, _command(args.schemas, args.out), differences)
    tail = f"; --full shows what differs in {more} more" if (more := differences.hidden) else ""
    report.note(f"{_plural(len(drift), 'file')} not current{counts}{tail}")


def _command(schemas: Path, out: Path) -> str:
    """Return the one command that mends drift."""
    words = ["declarant", "generate"]
    for option, value, default in (("--schemas", schemas, SCHEMAS), ("--out", out, _OUT)):
        if value != default:
            words += [option, str(value)]
    return shlex.join(words)


def _is_error(finding: Finding) -> bool:
    return finding.severity.value == "error"


def _count(findings: Iterable[Finding]) -> str:
    listed = list(findings)
    errors = sum(map(_is_error, listed))
    return f"{_plural(errors, 'error')}, {_plural(len(listed) - errors, 'warning')}"


def _tail(findings: list[Finding]) -> str:
    return f"; {_count(findings)}" if findings else ""


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _refused(error: OSError) -> str:
    """Say what the system refused and where, whatever it was."""
    place: object = error.filename
    if not isinstance(place, str):
        # Late, for it takes long. What has no name is a file of our own for the time of the run.
        from tempfile import gettempdir

        place = gettempdir()
    reason = error.strerror or str(error)
    return (
        f"{place}: expected a place that can be read and written, found: {reason}; "
        "nothing was changed; mend that and run the command again"
    )


def _could_not_run(report: Report, problem: str) -> int:
    report.failed(problem)
    return COULD_NOT_RUN
