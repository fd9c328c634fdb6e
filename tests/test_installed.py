"""A new product's first hour: from a wheel in an environment of its own, outside the repository."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60.0
EVENT = "schemas/events/my_app_started.schema.json"
# A proxy of the environment is not asked for this machine.
DIRECT = build_opener(ProxyHandler({}))

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(
        sys.platform == "win32", reason="needs the shell that the printed commands are for"
    ),
]


class Shell:
    """An environment with nothing but the wheel and what it requires, and a folder to work in."""

    def __init__(self, environment: Path, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        homes = {name: str(folder.with_name("home")) for name in ("HOME", "XDG_STATE_HOME")}
        path = f"{environment / 'bin'}{os.pathsep}{kept['PATH']}"
        self.variables = {**kept, **homes, "XDG_CACHE_HOME": homes["HOME"], "PATH": path}

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command and return all it says; it must end as expected."""
        ran = subprocess.run(
            words,
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == code, ran.stdout
        return ran.stdout


def run(*words: str | Path, cwd: Path = ROOT, **variables: str) -> None:
    """Run a command that makes something ready."""
    environment = {**os.environ, **variables}
    ran = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the project's wheel, made without the network.

    What the wheel requires is found where this environment has it, by a path alone: the editable
    projects of this environment are not part of that.
    """
    pytest.importorskip("hatchling", reason="the dev group brings it")
    pytest.importorskip("virtualenv", reason="the dev group brings it")
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist")
    (wheel,) = (folder / "dist").iterdir()
    made = folder / "environment"
    options = ("--quiet", "--no-periodic-update", "--no-download")
    app_data = str(folder / "app-data")
    run(
        *(sys.executable, "-m", "virtualenv", *options, "-p", sys.executable, made),
        VIRTUALENV_OVERRIDE_APP_DATA=app_data,
    )
    options = ("--quiet", "--no-index", "--no-deps", "--disable-pip-version-check")
    run(made / "bin/python", "-m", "pip", "install", *options, wheel)
    (site,) = made.glob("lib/python*/site-packages")
    homes = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    (site / "requirements.pth").write_text("".join(f"{home}\n" for home in sorted(homes)))
    return made


@pytest.fixture
def shell(environment: Path, tmp_path: Path) -> Shell:
    return Shell(environment, tmp_path / "product")


def steps(told: str) -> list[str]:
    """Return the commands that the output shows, in their order."""
    return [line.strip() for line in told.splitlines() if line.startswith("       ")]


def step(told: str, start: str) -> str:
    """Return the one command that starts like this."""
    (found,) = {line for line in steps(told) if line.startswith(start)}
    return found


def test_the_wheel_alone_is_imported(shell: Shell, environment: Path) -> None:
    """Nothing of the repository is, nor its generated package."""
    code = (
        "import declarant, declarant_codegen, declarant_collector, importlib.util\n"
        "print(declarant.__file__, declarant_codegen.__file__, declarant_collector.__file__)\n"
        "print(importlib.util.find_spec('modelkit_events'))"
    )

    places, spec = shell.run("python", "-c", code).splitlines()

    assert all(place.startswith(str(environment)) for place in places.split())
    assert spec == "None"


def test_a_new_products_first_hour(shell: Shell) -> None:
    """As the command's own output says: an event arrives, and a change is reviewed."""
    told = shell.run("declarant", "init", "--product", "my-app")
    assert shell.run("declarant", "check") == "the generated files are current\n"

    (event,) = emitted(shell, told)
    assert event["name"] == "MyAppStarted"
    assert event["data"] == {"started_by": "person", "startup_ms": 120, "is_first_start": True}
    assert sorted(event["ext"]) == ["app", "device", "os", "sdk"]
    assert list(event["ext"]["device"]) == ["localId"]

    widen(shell.folder / EVENT)
    assert "error SEAL_MISMATCH" in shell.run(*shlex.split(step(told, "declarant check")), code=1)
    assert "nothing was written" in shell.run("declarant", "generate", code=1)
    page = shell.run(*shlex.split(step(told, "declarant review")))
    assert "Review of the event MyAppStarted of My App" in page
    assert "Self-approved: those who own or wrote this approved it themselves." in page
    assert '"startup_ms":900000' in page

    # The first of two such commands; the other is for somebody else, later.
    command = next(line for line in steps(told) if line.startswith("declarant approve --all"))
    command = command.replace("NAME", "Jo").replace("WHERE", "T-1")
    approved = shell.run(*shlex.split(command))
    assert (
        approved == "schemas/reviews/my_app_started.json: MyAppStarted approved (self-approved)\n"
    )
    assert "stale" in shell.run("declarant", "check", code=1)
    generate = {line for line in steps(told) if line.startswith("declarant generate")}
    assert generate == {"declarant generate"}
    shell.run("declarant", "generate")
    for form in ([], ["--full"]):
        assert shell.run("declarant", "check", *form) == "the generated files are current\n"
    text = (shell.folder / "generated/PRIVACY.md").read_text("utf-8")
    assert "by Jo as my-app-owner (T-1)" in text
    (marked,) = (line for line in text.splitlines() if line.startswith("**Self-approved**"))
    assert "MyAppStarted" in marked


def emitted(shell: Shell, told: str) -> list[dict[str, Any]]:
    """Start the collector and send the event that the output shows; return what arrived."""
    # A port of its own: the one that is shown may be taken on this machine.
    command = step(told, "declarant collector").replace("8765", "0")
    emit = step(told, 'python -c "import my_app_events')
    with subprocess.Popen(
        shlex.split(command),
        cwd=shell.folder,
        env=shell.variables,
        stdout=subprocess.PIPE,
        text=True,
    ) as collector:
        try:
            assert collector.stdout is not None
            url = collector.stdout.readline().strip()
            assert "http://127.0.0.1:8765/OneCollector/1.0/" in emit
            emit = emit.replace("http://127.0.0.1:8765/OneCollector/1.0/", url)
            said = shell.run("sh", "-c", f"{step(told, 'cd ')} && {emit}")
            assert said == "Outcome(STORED)\n"
            return arrived(url)
        finally:
            collector.terminate()


def arrived(url: str) -> list[dict[str, Any]]:
    """Wait for the first event, and return all; one that was rejected fails."""
    api = f"{url.partition('/OneCollector')[0]}/api"
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with DIRECT.open(f"{api}/rejections", timeout=10) as answer:
            assert json.load(answer)["events"] == []
        with DIRECT.open(f"{api}/events", timeout=10) as answer:
            found = json.load(answer)["events"]
        if found:
            return [item["event"] for item in found]
        time.sleep(0.05)
    raise AssertionError("no event arrived")


def widen(place: Path) -> None:
    """Let a start take longer than was approved."""
    value = json.loads(place.read_text("utf-8"))
    value["properties"]["startup_ms"]["maximum"] = 900_000
    place.write_text(json.dumps(value, indent=2), "utf-8")
