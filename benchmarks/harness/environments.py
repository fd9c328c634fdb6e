"""One virtual environment for each peer, below `.bench/`, made when it is first needed.

Each is installed by pip from a file of exact versions in `requirements/`, without what those
versions would pull in beyond it. A peer that cannot be installed on this machine is named, and left
out of every measure.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "benchmarks" / "requirements"

#: Environments that see this working tree, and its folders that they see.
_OURS = ("declarant", "limits")
_SEEN = ("runtime", "generated")


class Environments:
    """The environments of a run.

    Attributes:
        missing: Environment to the reason why there is none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Make none yet."""
        self._folder = folder or ROOT / ".bench" / str(sys.implementation.cache_tag)
        self._ready: dict[str, Path] = {}
        self.missing: dict[str, str] = {}

    def python(self, name: str) -> Path | None:
        """Return the interpreter of environment *name*, installed if need be; None if it failed."""
        if name not in self._ready and name not in self.missing:
            try:
                self._ready[name] = self._make(name)
            except subprocess.CalledProcessError as error:
                lines = (error.stderr or b"").decode("utf-8", "replace").strip().splitlines()
                self.missing[name] = lines[-1][:200] if lines else "no message"
                print(f"{name}: not installed, left out: {self.missing[name]}", file=sys.stderr)
        return self._ready.get(name)

    def program(self, name: str, script: str) -> Path | None:
        """Return the command *script* of environment *name*; None if it could not be installed."""
        python = self.python(name)
        return None if python is None else python.parent / script

    def version(self, name: str, distribution: str) -> str:
        """Return the pinned version of *distribution* in environment *name*."""
        for line in _pins(name):
            found, _, version = line.partition("==")
            if found == distribution:
                return version
        raise LookupError(f"{distribution} is not in requirements/{name}.txt")

    def _make(self, name: str) -> Path:
        folder = self._folder / name
        bin_folder = folder / ("Scripts" if sys.platform == "win32" else "bin")
        python = bin_folder / "python"
        wanted = hashlib.sha256("\n".join(_pins(name)).encode()).hexdigest()
        stamp = folder / "installed"
        if not stamp.exists() or stamp.read_text("ascii") != wanted:
            print(f"installing {name} into {folder} ...", file=sys.stderr)
            _run(sys.executable, "-m", "venv", "--clear", str(folder))
            install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            _run(str(python), *install, "--no-deps", "-r", str(REQUIREMENTS / f"{name}.txt"))
            stamp.write_text(wanted, "ascii")
        if name in _OURS:
            self._show_working_tree(python)
        return python

    def _show_working_tree(self, python: Path) -> None:
        """Put the working tree's packages on the path as plain folders, as if installed there.

        Not as an editable installation: its hooks would be a part of every start.
        """
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        site = Path(_run(str(python), "-c", ask).strip())
        lines = "".join(f"{ROOT / part}\n" for part in _SEEN)
        (site / "working_tree.pth").write_text(lines, "utf-8")


def _pins(name: str) -> list[str]:
    lines = (REQUIREMENTS / f"{name}.txt").read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _run(*words: str) -> str:
    # Not this environment's variables: a wheel must not be built with another's settings.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(words, env=kept, cwd=folder, capture_output=True, check=True)
    return done.stdout.decode()
