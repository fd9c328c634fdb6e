"""The commands ``generate`` and ``check``.

Owns their arguments, their words and their exit codes: 0 clean or warnings only, 1 errors or drift,
2 could not run. Everything else is done by the modules it calls, which are imported when needed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from declarant_codegen.findings import Finding
    from declarant_codegen.generate import Generation
    from declarant_codegen.model import LoadResult

__all__ = ["add_check_arguments", "add_generate_arguments", "run_check", "run_generate"]

CLEAN, FOUND, COULD_NOT_RUN = 0, 1, 2


def add_generate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant generate``."""
    parser.add_argument(
        "--schemas", type=Path, default=Path("schemas"), metavar="DIR", help="the catalogue"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("generated"), metavar="DIR", help="the generated files"
    )


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant check``."""
    add_generate_arguments(parser)
    parser.add_argument(
        "--full", action="store_true", help="regenerate in memory and compare byte for byte"
    )


def run_generate(args: argparse.Namespace) -> int:
    """Run ``declarant generate``; nothing is written unless all can be."""
    schemas: Path = args.schemas
    out: Path = args.out
    from declarant_codegen.output import OutputRefused, write_files

    try:
        result = _load(schemas, out)
        _show(result.findings)
        if result.catalogue is None:
            print(_count(result.findings) + "; nothing was written")
            return FOUND
        made = _generation(result, schemas)
        changes = write_files(out, made.files, package=made.package)
    except (OutputRefused, NotADirectoryError) as error:
        return _could_not_run("generate", error)
    print(
        f"{len(result.catalogue.events)} events: {len(changes.written)} files written, "
        f"{len(changes.unchanged)} unchanged, {len(changes.removed)} removed"
    )
    return CLEAN


def _could_not_run(command: str, error: Exception) -> int:
    print(f"declarant {command}: {error}", file=sys.stderr)
    return COULD_NOT_RUN


def _show(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print(finding)


def _load(schemas: Path, out: Path) -> LoadResult:
    from declarant_codegen.loader import load_catalogue
    from declarant_codegen.meta_files import meta_files

    return load_catalogue(schemas)


def _generation(result: LoadResult, schemas: Path) -> Generation:
    from declarant_codegen.generate import generate
    from declarant_codegen.inputs import input_digests

    assert result.catalogue is not None
    texts = input_digests(schemas)
    return generate(
        result.catalogue,
        is_clean=not result.findings,
        inputs=[(path, digest, texts[path]) for path, digest in result.catalogue.inputs],
        cache=_cache(),
    )


def _cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("declarant", appauthor=False) / "types"


def _count(findings: Iterable[Finding]) -> str:
    errors = sum(finding.severity.value == "error" for finding in findings)
    return f"{errors} errors"
