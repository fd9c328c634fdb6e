"""The command ``build``: the two archives of a release, verified, or nothing at all.

Exit codes: 0 both are there, 1 the catalogue, the generated files or an archive is not what may be
released, 2 it could not run, for want of a key before all.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from declarant_codegen.cli import add_folder_arguments, run_check
from declarant_codegen.command import CLEAN, COULD_NOT_RUN, FOUND
from declarant_codegen.errors import CodegenError
from declarant_codegen.manifest import MANIFEST, ManifestUnreadable, read_manifest
from declarant_codegen.reports import make_report

if TYPE_CHECKING:
    import argparse

    from declarant_codegen.release.secret_key import SecretKey
    from declarant_codegen.reports import Report

__all__ = ["add_build_arguments", "run_build"]


def add_build_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant build``; the key is none of them."""
    add_folder_arguments(parser)
    parser.add_argument(
        "--dist",
        type=Path,
        default=Path("dist"),
        metavar="DIR",
        help="the folder for the source archive and the wheel (default: dist)",
    )
    parser.add_argument(
        "--verbose", action="store_true", help="show what the build backend says, too"
    )
    # What ``check`` is told besides.
    parser.set_defaults(format="text", full=True, against=None, today=None)


def run_build(args: argparse.Namespace) -> int:
    """Run ``declarant build``; no archive is left unless both are right."""
    from declarant_codegen.release.secret_key import choose_key, take_keys

    # First: neither what ``check`` runs nor the build backend is to have it.
    keys = take_keys()
    code = run_check(args)
    if code != CLEAN:
        return code
    report = make_report("text", command="build", schemas=args.schemas)
    try:
        raw = (args.out / MANIFEST).read_bytes()
        key = choose_key(keys, read_manifest(raw)["product"])
        return _build(args, raw, key, report)
    except (CodegenError, ManifestUnreadable) as error:
        report.failed(str(error))
    except OSError as error:
        # Its name is that of a folder or an archive; the words are the system's.
        report.failed(f"{error.filename or args.dist}: {error.strerror}; nothing was built")
    return COULD_NOT_RUN


def _build(args: argparse.Namespace, raw: bytes, key: SecretKey, report: Report) -> int:
    from declarant_codegen.release.building import build_archives
    from declarant_codegen.release.secret_key import KEY_FILE
    from declarant_codegen.release.verification import archive_faults
    from declarant_codegen.release.wheel_file import add_to_wheel

    manifest = read_manifest(raw)
    package = manifest["package"]
    dist: Path = args.dist
    dist.mkdir(parents=True, exist_ok=True)
    # In the same file system, so that what is right gets its place in one step.
    with TemporaryDirectory(prefix=".declarant-build-", dir=dist) as folder:
        source, wheel = build_archives(args.out, Path(folder), verbose=args.verbose)
        place = f"{package}/{KEY_FILE}"
        add_to_wheel(wheel, place, key.module(), beside=f"{package}/__init__.py")
        faults = archive_faults(source, wheel, manifest, raw, key)
        for fault in faults:
            report.note(fault)
        if faults:
            report.note(f"{len(faults)} faults; nothing was built")
            return FOUND
        for archive in (source, wheel):
            archive.replace(dist / archive.name)
    report.note(f"{(dist / source.name).as_posix()}: verified; it holds no key")
    report.note(f"{(dist / wheel.name).as_posix()}: verified; {place} alone holds the key")
    return CLEAN
