"""The commands ``generate`` and ``check``.

Owns their arguments, their words and their exit codes: 0 clean or warnings only, 1 errors or drift,
2 could not run. Everything else is done by the modules it calls, which are imported when needed: a
``check`` that finds every digest right loads neither the loader nor the generator.
"""

from __future__ import annotations

import gc
import shlex
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator, Iterable

    from declarant_codegen.drift import Drift
    from declarant_codegen.findings import Finding
    from declarant_codegen.generate import Generation
    from declarant_codegen.model import LoadResult

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
    with _without_collector():
        return _run_generate(args)


@contextmanager
def _without_collector() -> Generator[None]:
    """Keep Python's cycle collector away from a short run that frees nothing; saves a fifth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _run_generate(args: argparse.Namespace) -> int:
    from declarant_codegen.laying import lay_meta
    from declarant_codegen.output import OutputRefused, write_files
    from declarant_codegen.rules import MENDED_BY_GENERATE

    try:
        _refuse_overlap(args.schemas, args.out)
        result = _load(args.schemas)
        findings = [item for item in result.findings if item.rule_id not in MENDED_BY_GENERATE]
        _show(findings)
        if result.catalogue is None:
            _print(f"{_count(findings)}; nothing was written")
            return FOUND
        made = _generation(result, findings, args.schemas)
        changes = write_files(args.out, made.files, package=made.package)
        laid = lay_meta(args.schemas)
    except (OutputRefused, NotADirectoryError) as error:
        return _could_not_run("generate", error)
    for path in (*(args.out / path for path in changes.removed),):
        _print(f"{path.as_posix()}: removed, no schema declares it any more")
    for path in laid:
        _print(f"{path.as_posix()}: laid down")
    events = len(result.catalogue.events)
    _print(
        f"{_plural(events, 'event')}, {_plural(len(made.files), 'file')}: "
        f"{len(changes.written)} written, {len(changes.unchanged)} unchanged, "
        f"{len(changes.removed)} removed{_tail(findings)}"
    )
    return CLEAN


def run_check(args: argparse.Namespace) -> int:
    """Run ``declarant check``."""
    with _without_collector():
        return _run_check(args)


def _run_check(args: argparse.Namespace) -> int:
    try:
        _refuse_overlap(args.schemas, args.out)
        return _check(args.schemas, args.out, full=args.full)
    except NotADirectoryError as error:
        return _could_not_run("check", error)


def _check(schemas: Path, out: Path, *, full: bool) -> int:
    from declarant_codegen.drift import compare, quick_drift
    from declarant_codegen.inputs import is_meta_current

    quick = None if full else quick_drift(schemas, out)
    if quick is not None:
        drift, has_findings = quick
        findings: tuple[Finding, ...] = ()
        if has_findings or not is_meta_current(schemas):
            findings = _load(schemas).findings
        _show(findings)
    else:
        result = _load(schemas)
        findings = result.findings
        _show(findings)
        if result.catalogue is None:
            _print(f"{_count(findings)}; the generated files were not compared")
            return FOUND
        made = _generation(result, findings, schemas)
        drift = compare(out, made.files, made.package)
        if full:
            _show_diff(out, made, drift)
    _show_drift(schemas, out, drift)
    return FOUND if drift or any(map(_is_error, findings)) else CLEAN


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
            inputs=[(path, digest, texts[path]) for path, digest in result.catalogue.inputs],
            cache=user_cache_path("declarant", appauthor=False) / "types",
            report=report,
        )


def _show(findings: Iterable[Finding]) -> None:
    for finding in findings:
        _print(str(finding))


def _show_drift(schemas: Path, out: Path, drift: Drift) -> None:
    from declarant_codegen.drift import STATES

    command = _command(schemas, out)
    for path, state in sorted(drift.items()):
        _print(f"{(out / path).as_posix()}: {state}: {STATES[state]}; run `{command}`")
    if drift:
        _print(f"{_plural(len(drift), 'file')} not current")
    else:
        _print("the generated files are current")


def _show_diff(out: Path, made: Generation, drift: Drift) -> None:
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
            _print(line)


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


def _could_not_run(command: str, error: Exception) -> int:
    print(f"declarant {command}: {error}", file=sys.stderr)  # noqa: T201
    return COULD_NOT_RUN


def _print(line: str) -> None:
    print(line)  # noqa: T201  the command's own output
