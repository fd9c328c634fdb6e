"""Real processes: hosts that emit and die in every way, each with a store of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import declarant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef0123456789abcdef"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"

#: What every host starts with. `store` and `endpoint` are its first two arguments.
PROLOGUE = """
import os, sys, time
import modelkit_events
from modelkit_events import CATALOGUE

store, endpoint = sys.argv[1:3]

def configure(delivery="manual", **settings):
    settings.setdefault("ikey", "{key}")
    modelkit_events.configure(
        app_version="1.0", consent="granted", delivery=delivery, store_folder=store,
        endpoint=endpoint, **settings)

def emit(number=0):
    return modelkit_events.emit_model_kit_action(
        invoked_from="Script", action_name="build", device=None, ep=None,
        duration_ms=number, success=True)
"""


class Hosts:
    """Starts host processes on one store."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.folder = folder
        self.work = work
        self.endpoint = "http://127.0.0.1:9/OneCollector/1.0/"
        self.python = sys.executable
        self.started: list[subprocess.Popen[str]] = []

    def start(self, code: str, *arguments: str, **options: object) -> subprocess.Popen[str]:
        """Run *code* in a new interpreter."""
        source = PROLOGUE.replace("{key}", KEY) + textwrap.dedent(code)
        settings = {
            "cwd": self.work,
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            **options,
        }
        process = subprocess.Popen(
            [self.python, "-c", source, str(self.folder), self.endpoint, *arguments], **settings
        )
        self.started.append(process)
        return process

    def run(self, code: str, *arguments: str, **options: object) -> str:
        """Run *code* to its end and return what it printed; it must not fail or complain."""
        process = self.start(code, *arguments, **options)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        return out.strip()

    def deliver(self, endpoint: str) -> None:
        """Send everything that waits from another process."""
        self.endpoint = endpoint
        assert self.run("configure()\nprint(CATALOGUE.client.flush(30))") == "True"


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    work = tmp_path / "work"
    work.mkdir()
    made = Hosts(tmp_path / "store", work)
    yield made
    for process in made.started:
        process.kill()
        process.communicate()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Wait for something that another process does; only its absence takes long."""

    def wait(is_so: Callable[[], object], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, "it never happened"
            time.sleep(0.01)

    return wait


@pytest.fixture(scope="session")
def draft_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a draft that was made of ModelKit's schemas."""
    folder = tmp_path_factory.mktemp("draft")
    command = [sys.executable, "-m", "declarant", "generate", "--draft"]
    subprocess.run(
        [*command, "--schemas", str(ROOT / "schemas"), "--out", str(folder / "generated")],
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return folder / "generated"


@pytest.fixture(scope="session")
def draft_python(draft_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter whose environment has the draft, for its detached senders too."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    # Our own environment's folder, but none of the folders that are installed there as editable.
    runtime = Path(declarant.__file__).parents[1]
    homes = (str(draft_home), str(runtime), sysconfig.get_path("purelib"))
    (site / "draft.pth").write_text("\n".join(homes), "utf-8")
    return str(folder / "bin" / "python")


@pytest.fixture
def environment() -> dict[str, str]:
    """The tests' environment, to change for one host."""
    return dict(os.environ)
