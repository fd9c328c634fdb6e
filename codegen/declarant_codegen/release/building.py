"""The build backend, which makes both archives and never sees the key."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from declarant_codegen.errors import CodegenError
from declarant_codegen.printing import say

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build_archives"]


def build_archives(out: Path, folder: Path, *, verbose: bool) -> tuple[Path, Path]:
    """Make the source archive and the wheel of a generated distribution, neither with a key.

    The backend that the distribution's project file names runs in a process of its own, without
    what `HATCH_BUILD_*` variables would change; `SOURCE_DATE_EPOCH` dates the archives' files.

    Args:
        out: The folder of the distribution.
        folder: An empty folder for the archives.
        verbose: Show what the backend says.

    Returns:
        The source archive and the wheel.

    Raises:
        CodegenError: The backend failed, or made something else.
    """
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("HATCH_BUILD_")}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel"]
    ran = subprocess.run(  # noqa: S603  our own interpreter and a module of its
        [*command, "-d", str(folder.resolve())],
        cwd=out,
        env=kept,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if verbose:
        say(ran.stdout, end="")
    if ran.returncode != 0:
        said = ran.stdout.strip().splitlines() or ["nothing"]
        raise CodegenError(
            f"{out}: expected the build backend to make two archives, found that it failed; "
            f"its last words: {said[-1]}; --verbose shows all of them"
        )
    sources, wheels = sorted(folder.glob("*.tar.gz")), sorted(folder.glob("*.whl"))
    if len(sources) != 1 or len(wheels) != 1:
        raise CodegenError(
            f"{out}: expected one source archive and one wheel of the build backend, found others; "
            "--verbose shows what it says"
        )
    return sources[0], wheels[0]
