"""Releases of ModelKit's package, really built, and environments with one of them installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import declarant

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
VARIABLE = "MODELKIT_TELEMETRY_BUILD_IKEY"
TOKEN = "feedfaceb0a7c3d94e518f6a2c7db39e"
SECRET = "8badf00d-dead-4bee-8fee-0ddba11c0ffe-7391"
KEY = f"{TOKEN}-{SECRET}"

Run = subprocess.CompletedProcess[str]

pytest.importorskip("hatchling", reason="the extra codegen brings it")


def build(*arguments: str | Path, key: str | None = KEY, **variables: str) -> Run:
    """Run ``declarant build`` with *key* in its variable."""
    environment = {k: v for k, v in os.environ.items() if k != VARIABLE}
    secret = {} if key is None else {VARIABLE: key}
    return subprocess.run(
        [sys.executable, "-m", "declarant", "build", *map(str, arguments)],
        env={**environment, **secret, **variables},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def archives(folder: Path) -> tuple[Path, Path]:
    """Return the source archive and the wheel in a folder that holds nothing else."""
    source, wheel = sorted(folder.iterdir(), key=lambda path: path.suffix)
    assert (source.suffix, wheel.suffix) == (".gz", ".whl")
    return source, wheel


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The archives of one release."""
    dist = tmp_path_factory.mktemp("release") / "dist"
    ran = build("--dist", dist)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return archives(dist)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A copy of ModelKit's schemas and of what is generated from them."""
    for name in ("schemas", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def build_work(work: Path) -> Callable[..., Run]:
    """Run ``declarant build`` on the copy; the archives go to ``dist`` in it."""

    def run(*arguments: str, **options: str | None) -> Run:
        places = ("--schemas", work / "schemas", "--out", work / "generated")
        return build(*places, "--dist", work / "dist", *arguments, **options)

    return run


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """Make environments, each with one archive installed by pip, offline.

    The runtime is found where it is, and what it requires where this environment has it, by a path
    alone: nothing that is installed here as editable is part of them.
    """
    pytest.importorskip("virtualenv", reason="the dev group brings it")

    def make(archive: Path) -> str:
        folder = tmp_path_factory.mktemp("environment")
        made = folder / "environment"
        options = ("--quiet", "--no-periodic-update", "--no-download", "-p", sys.executable)
        _run(
            *(sys.executable, "-m", "virtualenv", *options, str(made)),
            VIRTUALENV_OVERRIDE_APP_DATA=str(folder / "app-data"),
        )
        python = str(made / "bin" / "python")
        (site,) = made.glob("lib/python*/site-packages")
        homes = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
        lines = [str(Path(declarant.__file__).parents[1]), *sorted(homes)]
        # What pip builds a source archive with is found there, too.
        (site / "requirements.pth").write_text("".join(f"{line}\n" for line in lines))
        options = ("--quiet", "--no-index", "--no-deps", "--disable-pip-version-check")
        _run(python, "-m", "pip", "install", *options, "--no-build-isolation", str(archive))
        return python

    return make


def _run(*words: str, **variables: str) -> None:
    environment = {**os.environ, **variables}
    ran = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
