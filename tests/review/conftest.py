"""Makes the helpers of this folder importable under importlib mode, and gives a catalogue."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from review_work import Work, lay_base


@pytest.fixture(scope="session")
def types_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of types that the tests of a process share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def work(tmp_path: Path, types_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """A working directory with a catalogue of one event and one slot, approved by nobody."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(types_cache))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "work"
    lay_base(folder)
    monkeypatch.chdir(folder)
    return Work(folder)


@pytest.fixture
def approved(work: Work) -> Work:
    """The same, all of it approved by one reviewer."""
    work.approve("--all")
    return work
