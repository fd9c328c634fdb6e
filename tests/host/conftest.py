"""Twins: one program run with telemetry and without, and every event of it accounted for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

import declarant
import modelkit_events
from declarant import counts
from declarant_collector import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

TOKEN = "0123456789abcdef0123456789abcdef"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"

#: The program's own module: what it does to telemetry, in either of its lives.
HOST = """
import atexit, os
import modelkit_events

def start(**settings):
    settings = {
        "delivery": "manual", "ikey_ref": "host_keys:IKEY", "consent": "granted",
        "store_folder": os.environ["HOST_STORE"], "endpoint": os.environ["HOST_ENDPOINT"],
        **settings,
    }
    modelkit_events.configure(app_version="1.0", **settings)

def emit(number=0):
    return modelkit_events.emit_model_kit_action(
        invoked_from="Script", action_name="build", device=None, ep=None,
        duration_ms=number, success=True)

def account():
    modelkit_events.account(os.environ["HOST_ACCOUNT"])

# Before `start`, so that it runs after what telemetry does at exit.
atexit.register(account)
"""

#: The package in the program's life without telemetry. An emitter is a call that makes a call.
WITHOUT = """
def configure(**_):
    return None

def emit_model_kit_action(**_):
    return _nothing()

def _nothing():
    return True

def account(folder):
    return None
"""

#: Added to the package in the other life: what only the process knows of, for the test.
ACCOUNT = """
def account(folder):
    import json, os
    counted = CATALOGUE.client._drops.unrecorded().dropped
    if counted:
        with open(os.path.join(folder, str(os.getpid())), "w") as file:
            json.dump(counted, file)
"""


class Ran:
    """How one program ended, and what it left behind."""

    def __init__(self, process: subprocess.CompletedProcess[str]) -> None:
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ran) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return f"exit code {self.code}, out {self.out!r}, err {self.err!r}"

    __hash__ = None  # type: ignore[assignment]


class Twins:
    """Runs programs twice in one folder: first without telemetry, then with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.python = sys.executable
        self.endpoint = "http://127.0.0.1:9/OneCollector/1.0/"
        self.collector: Collector | None = None
        self.work = folder / "work"
        self.accounts = folder / "accounts"
        for place in (self.work, self.accounts):
            place.mkdir()
        self._write("host/host.py", HOST)
        self._write("host/host_keys.py", f'IKEY = "{KEY}"\n')
        self._write("without/modelkit_events.py", WITHOUT)
        self.packages = self._packages()

    def run(
        self,
        code: str,
        *,
        events: int | None,
        flags: Sequence[str] = (),
        environment: Mapping[str, str | None] = {},
        shell: str = 'exec "$@"',
        before: Callable[[], None] = lambda: None,
        program: Callable[[], Sequence[str]] | None = None,
    ) -> Ran:
        """Run *code* in both lives; they must not differ, and no event may be missing.

        Args:
            code: The program; `start`, `emit` and `account` are there.
            events: How many events it emits in all its processes; None if the test has to ask.
            flags: Of the interpreter.
            environment: Variables to set, or to unset with None.
            shell: How the interpreter, "$@", is started.
            before: Called before each life.
            program: Makes what is run instead of the code's file, after that was written.
        """
        lives: list[Ran] = []
        for paths in ([self.folder / "without"], self.packages):
            self._write_program(code, [self.folder / "host", *paths])
            before()
            what = ["program.py"] if program is None else program()
            lives.append(self._run([self.python, *flags, *what], environment, shell))
        without, with_it = lives
        assert with_it == without
        if events is not None:
            assert self.found() == events
        return with_it

    def found(self) -> int:
        """Return how many events arrived, wait, or were counted as dropped."""
        kept = counts.kept(modelkit_events.CATALOGUE, store_folder=self.store)
        told = [json.loads(path.read_text()) for path in self.accounts.iterdir()]
        known = sum(sum(account.values()) for account in told)
        return known + sum(sum(kept[kind].values()) for kind in ("accepted", "waiting", "dropped"))

    def dropped(self) -> dict[str, int]:
        """Return what was dropped, by reason, whoever knows of it."""
        kept = dict(counts.kept(modelkit_events.CATALOGUE, store_folder=self.store)["dropped"])
        for path in self.accounts.iterdir():
            for reason, count in json.loads(path.read_text()).items():
                kept[reason] = kept.get(reason, 0) + count
        return kept

    def _run(
        self, command: Sequence[str], environment: Mapping[str, str | None], shell: str
    ) -> Ran:
        variables: dict[str, str | None] = {
            **os.environ,
            "HOST_STORE": str(self.store),
            "HOST_ENDPOINT": self.endpoint,
            "HOST_ACCOUNT": str(self.accounts),
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }
        return Ran(
            subprocess.run(
                ["sh", "-c", shell, "sh", *command],
                cwd=self.work,
                env={name: value for name, value in variables.items() if value is not None},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
        )

    def _write_program(self, code: str, paths: Sequence[Path]) -> None:
        # One line in both lives: tracebacks show the same numbers. No flag or variable hides it.
        first = f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}\n"
        text = f"{first}from host import account, emit, start\n{textwrap.dedent(code)}"
        (self.work / "program.py").write_text(text, encoding="utf-8")

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _packages(self) -> list[Path]:
        """Return where the packages are; the generated one is a copy that accounts for itself."""
        copy = self.folder / "with" / "modelkit_events"
        real = Path(modelkit_events.__file__ or "").parent
        copy.mkdir(parents=True)
        for path in real.rglob("*"):
            place = copy / path.relative_to(real)
            if path.is_dir():
                place.mkdir(exist_ok=True)
            elif path.suffix != ".pyc":
                place.write_bytes(path.read_bytes())
        with (copy / "__init__.py").open("a", encoding="utf-8") as file:
            file.write(ACCOUNT)
        homes = (declarant.__file__, requests.__file__)
        return [copy.parent, *(Path(home or "").parent.parent for home in homes)]


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    return Twins(tmp_path)


@pytest.fixture
def collector(twins: Twins) -> Iterator[Collector]:
    """A collector that the twins send to."""
    with Collector() as running:
        twins.endpoint = running.url
        yield running
