"""Makes the helpers of this folder importable under importlib mode, and gives ModelKit's tree."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of types that the tests of a process share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def work(tmp_path: Path, warm_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with ModelKit's schemas and its current output."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm_cache))
    work = tmp_path / "work"
    shutil.copytree(ROOT / "schemas", work / "schemas")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "generated", work / "generated", ignore=ignore)
    monkeypatch.chdir(work)
    return work
