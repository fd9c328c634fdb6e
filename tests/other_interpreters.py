"""Run the suite on every other interpreter that this machine has.

usage: python tests/other_interpreters.py 3.10 3.11 ...

Each gets a virtual environment of its own below .venvs. An interpreter that is not installed is
named and left out; one on which a test fails makes this fail.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(versions: list[str]) -> int:
    """Test on each of *versions* but the running one; return 1 if any of them fails."""
    failed = []
    for version in versions:
        if version == f"{sys.version_info.major}.{sys.version_info.minor}":
            continue
        python = find(version)
        if python is None:
            print(f"python{version}: not on this machine, left out", flush=True)
            continue
        print(f"python{version}:", flush=True)
        if not passes(python, version):
            failed.append(version)
    if failed:
        print(f"failed on: {', '.join(failed)}")
    return bool(failed)


def find(version: str) -> str | None:
    """Return an interpreter of *version*, on PATH or among those that pyenv keeps, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)
    candidates = [shutil.which(f"python{version}"), *map(str, kept)]
    return next((python for python in candidates if python and works(python)), None)


def works(python: str) -> bool:
    """Tell whether *python* is more than a version manager's shim."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def passes(python: str, version: str) -> bool:
    """Install into .venvs/VERSION if need be, and run the suite there."""
    folder = ROOT / ".venvs" / version
    stamp = folder / ".dev"
    inputs = [
        ROOT / name
        for name in (
            *("pyproject.toml", "generated/pyproject.toml"),
            *("tests/install.sh", "tests/loopback_only.py"),
        )
    ]
    if not stamp.exists() or any(stamp.stat().st_mtime < f.stat().st_mtime for f in inputs):
        installed = subprocess.run(
            ["sh", "tests/install.sh", str(folder), "dev"],
            cwd=ROOT,
            env={**os.environ, "PYTHON": python},
            check=False,
        )
        if installed.returncode != 0:
            return False
        stamp.touch()
    # A quiet run does not say in which order it runs.
    seed = str(random.randrange(2**32))
    print(f"  in the order of --randomly-seed={seed}", flush=True)
    tests = [str(folder / "bin" / "python"), "-m", "pytest", "-n", "auto", "-q", "-m", "not once"]
    tests.append(f"--randomly-seed={seed}")
    return subprocess.run(tests, cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
