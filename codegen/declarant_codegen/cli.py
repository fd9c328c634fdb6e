"""The commands ``generate`` and ``check``.

Owns their arguments, their words and their exit codes: 0 clean or warnings only, 1 errors or drift,
2 could not run. Everything else is done by the modules it calls, which are imported when needed: a
``check`` that finds every digest right loads neither the loader nor the generator.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from declarant_codegen.errors import CodegenError
from declarant_codegen.memory import without_cycle_collector
from declarant_codegen.reports import FORMATS, make_report

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from declarant_codegen.drift import Drift
    from declarant_codegen.findings import Finding
    from declarant_codegen.generate import Generation
    from declarant_codegen.model import LoadResult
    from declarant_codegen.reports import Report

__all__ = ["add_check_arguments", "add_generate_arguments", "run_check", "run_generate"]

CLEAN, FOUND, COULD_NOT_RUN = 0, 1, 2

_SCHEMAS, _OUT = Path("schemas"), Path("generated")


def add_generate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant generate``."""
    parser.add_argument(
        "--schemas",
        type=Path,
        default=_SCHEMAS,
        metavar="DIR",
        help="the catalogue's folder (default: schemas)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=_OUT,
        metavar="DIR",
        help="the folder of the generated distribution (default: generated)",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="how to tell findings (default: text; never chosen by the environment)",
    )


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant check``."""
    add_generate_arguments(parser)
    parser.add_argument(
        "--full",
        action="store_true",
        help="generate into memory and compare byte for byte, with a diff",
    )


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
    from declarant_codegen.rules import MENDED_BY_GENERATE

    result = _load(args.schemas)
    findings = [item for item in result.findings if item.rule_id not in MENDED_BY_GENERATE]
    report.show(findings)
    if result.catalogue is None:
        report.note(f"{_count(findings)}; nothing was written")
        return FOUND
    made = _generation(result, findings, args.schemas)
    changes = write_files(args.out, made.files, package=made.package)
    laid = lay_meta(args.schemas)
    for path in (args.out / path for path in changes.removed):
        report.note(f"{path.as_posix()}: removed, no schema declares it any more")
    for path in laid:
        report.note(f"{path.as_posix()}: laid down")
    events = len(result.catalogue.events)
    report.note(
        f"{_plural(events, 'event')}, {_plural(len(made.files), 'file')}: "
        f"{len(changes.written)} written, {len(changes.unchanged)} unchanged, "
        f"{len(changes.removed)} removed{_tail(findings)}"
    )
    return CLEAN


def _check(args: argparse.Namespace, report: Report) -> int:
    from declarant_codegen.drift import compare, quick_drift
    from declarant_codegen.inputs import is_meta_current

    schemas, out = args.schemas, args.out
    quick = None if args.full else quick_drift(schemas, out)
    if quick is not None:
        drift, has_findings = quick
        findings: tuple[Finding, ...] = ()
        if has_findings or not is_meta_current(schemas):
            findings = _load(schemas).findings
        report.show(findings)
    else:
        result = _load(schemas)
        findings = result.findings
        report.show(findings)
        if result.catalogue is None:
            report.note(f"{_count(findings)}; the generated files were not compared")
            return FOUND
        made = _generation(result, findings, schemas)
        drift = compare(out, made.files, made.package)
        if args.full:
            _show_diff(report, out, made, drift)
    _show_drift(report, schemas, out, drift)
    return FOUND if drift or any(map(_is_error, findings)) else CLEAN


def _refuse_no_folder(out: Path) -> None:
    """Refuse an output folder that cannot be one, because a file stands there or above."""
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


def _generation(result: LoadResult, findings: Iterable[Finding], schemas: Path) -> Generation:
    from platformdirs import user_cache_path

    from declarant_codegen.generate import generate
    from declarant_codegen.inputs import input_digests
    from declarant_codegen.progress import progress
    from declarant_codegen.rules import MENDED_BY_GENERATE

    assert result.catalogue is not None
    texts = input_digests(schemas)
    lasting = [item for item in findings if item.rule_id not in MENDED_BY_GENERATE]
    with progress() as report:
        return generate(
            result.catalogue,
            is_clean=not lasting,
            inputs=[
                (path, digest, texts.get(path, "not readable"))
                for path, digest in result.catalogue.inputs
            ],
            cache=user_cache_path("declarant", appauthor=False) / "types",
            report=report,
        )


def _show_drift(report: Report, schemas: Path, out: Path, drift: Drift) -> None:
    report.drift(out, drift, _command(schemas, out))
    if drift:
        report.note(f"{_plural(len(drift), 'file')} not current")
    else:
        report.note("the generated files are current")


def _show_diff(report: Report, out: Path, made: Generation, drift: Drift) -> None:
    from difflib import unified_diff

    for path in sorted(drift):
        place = out / path
        try:
            found = place.read_text("utf-8", errors="backslashreplace").splitlines()
        except OSError:
            found = []
        expected = made.files.get(path, b"").decode().splitlines()
        name = place.as_posix()
        for line in unified_diff(found, expected, name, f"{name} (generated)", lineterm=""):
            report.note(line)


def _command(schemas: Path, out: Path) -> str:
    """Return the one command that mends drift."""
    words = ["declarant", "generate"]
    for option, value, default in (("--schemas", schemas, _SCHEMAS), ("--out", out, _OUT)):
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
