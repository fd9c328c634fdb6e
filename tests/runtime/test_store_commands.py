"""`declarant send`, `show`, `status` and the like, run as a person runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import modelkit_events
from declarant_collector import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "0123456789abcdef0123456789abcdef-00000000-0000-0000-0000-000000000000-0000"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """Return a store in which two events wait and one drop was counted."""
    folder = tmp_path / "store"
    open_in(folder)
    emit_two()
    modelkit_events.CATALOGUE.client.close()
    yield folder
    modelkit_events.CATALOGUE.client.close()


def open_in(folder: Path) -> None:
    modelkit_events.configure(
        app_version="1.0",
        consent="granted",
        ikey=KEY,
        delivery="manual",
        store_folder=str(folder),
    )


def emit_two() -> None:
    """Emit two events that are valid, and one that is not."""
    modelkit_events.emit_model_kit_heartbeat()
    for duration_ms in (1, -1):
        modelkit_events.emit_model_kit_action(
            invoked_from="Script",
            action_name="build",
            device=None,
            ep=None,
            duration_ms=duration_ms,
            success=True,
        )


@pytest.fixture
def declarant(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command with a key module on its path."""
    (tmp_path / "some_key.py").write_text(f'IKEY = "{KEY}"\n', encoding="utf-8")
    boot = "import sys; sys.path.append(sys.argv.pop(1)); from declarant.cli import main; "

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", f"{boot} sys.exit(main())", str(tmp_path), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_show_prints_what_waits_and_what_was_dropped(declarant, store) -> None:
    """Waiting envelopes are shown as they would be sent, and drops before any sender ran."""
    shown = declarant("show", "modelkit_events", "--store", str(store), "--json")

    found = json.loads(shown.stdout)
    assert [event["name"] for event in found["waiting"]] == ["ModelKitHeartbeat", "ModelKitAction"]
    assert found["counts"]["dropped"] == {"INVALID_EVENT": 1}


def test_send_delivers_and_counts(declarant, store) -> None:
    """What waits is accepted by the collector; counts outlive the processes."""
    with Collector() as collector:
        options = ("--store", str(store), "--endpoint", collector.url)
        sent = declarant("send", "modelkit_events", *options, "--ikey-ref", "some_key:IKEY")
        shown = declarant("show", "modelkit_events", "--store", str(store), "--json")
        names = [event.name for event in collector.accepted()]

    assert (sent.returncode, sent.stderr) == (0, "")
    assert names == ["ModelKitHeartbeat", "ModelKitAction"]
    counts = json.loads(shown.stdout)["counts"]
    assert counts["accepted"] == {"events": 2}
    assert counts["dropped"] == {"INVALID_EVENT": 1}
    assert json.loads(shown.stdout)["waiting"] == []


def test_send_says_that_the_collector_is_away(declarant, store) -> None:
    """Nothing is lost when nobody listens, and the exit code says so."""
    with Collector() as collector:
        away = collector.url
    options = ("--store", str(store), "--endpoint", away, "--ikey-ref", "some_key:IKEY")

    sent = declarant("send", "modelkit_events", *options)
    shown = declarant("show", "modelkit_events", "--store", str(store), "--json")

    assert sent.returncode == 1
    assert "later" in sent.stdout
    assert len(json.loads(shown.stdout)["waiting"]) == 2


def test_send_says_why_events_were_refused(declarant, store) -> None:
    """A key that the collector does not know is named as the reason, and the exit code is 1."""
    other = "f" * 32 + "-00000000-0000-0000-0000-000000000000-0000"
    with Collector(tenants=[other]) as collector:
        options = ("--endpoint", collector.url, "--ikey-ref", "some_key:IKEY")
        sent = declarant("send", "modelkit_events", "--store", str(store), *options)

    assert sent.returncode == 1
    assert "2 refused by the collector: Invalid Tenant Token." in sent.stdout


def test_purge_deletes_what_waits(declarant, store) -> None:
    """After a purge no file holds an event."""
    purged = declarant("purge", "modelkit_events", "--store", str(store))

    assert (purged.returncode, purged.stdout) == (0, "deleted 2 events\n")
    assert not any(b'"ver":"4.0"' in path.read_bytes() for path in store.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("send", "modelkit_events"), "no instrumentation key"),
        (("show", "no_such_package"), '"no_such_package" cannot be imported'),
        (("show", "json"), "generated package"),
        (("send", ""), "expected an import name"),
        (("send", "../x"), "expected an import name"),
        (("send", "modelkit_events", "--ikey-ref", "no colon"), "ikey_ref"),
    ],
)
def test_what_cannot_run_says_why(declarant, store, arguments, said) -> None:
    """Bad arguments end with one line and exit code 2."""
    ran = declarant(*arguments, "--store", str(store))

    assert ran.returncode == 2
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_without_the_extra_the_command_says_what_to_install(tmp_path) -> None:
    """`generate` names the missing modules and the command that brings them."""
    hide = "import sys; sys.modules['jinja2'] = None; from declarant.cli import main; "

    ran = subprocess.run(
        [sys.executable, "-c", f"{hide} sys.exit(main(['generate']))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 2
    assert "pip install 'declarant[codegen]'" in ran.stderr
    assert "jinja2" in ran.stderr


@pytest.mark.parametrize(("words", "code"), [(["--version"], 0), (["purge", "a/b"], 2)])
def test_the_package_runs_as_the_command(tmp_path, words: list[str], code: int) -> None:
    """`python -m declarant` says and returns what the command does."""
    command, package = (
        subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        for module in ("declarant.cli", "declarant")
    )

    assert package.returncode == code
    assert (package.stdout, package.stderr) == (command.stdout, command.stderr)


# ---- status, preview, schema


def test_status_names_every_signal(declarant, store) -> None:
    """And the one that decided; counts are those of all runs."""
    told = declarant("status", "modelkit_events", "--store", str(store), "--json")
    text = declarant("status", "modelkit_events", "--store", str(store)).stdout

    found = json.loads(told.stdout)
    names = [signal["name"] for signal in found["signals"]]
    assert names == [
        "source",
        "flag",
        "variable",
        "do_not_track",
        "policy",
        "program",
        "answer",
        "ci",
    ]
    assert (found["on"], found["decided_by"]) == (False, "answer")
    assert found["counts"]["waiting"] == {"events": 2}
    assert found["counts"]["dropped"] == {"INVALID_EVENT": 1}
    assert text.startswith("Telemetry of modelkit is off: the user has not answered yet\n")
    assert "\n1 dropped, INVALID_EVENT: " in text


def test_preview_prints_what_send_sends(declarant, store) -> None:
    """To the byte; nothing is sent by it."""
    words = ("modelkit_events", "--store", str(store), "--ikey-ref", "some_key:IKEY")
    with Collector() as collector:
        seen = declarant("preview", *words)
        assert collector.accepted() == []
        declarant("send", *words, "--endpoint", collector.url)
        sent = [entry.text for entry in collector.accepted()]

    assert (seen.returncode, seen.stdout.splitlines()) == (0, sent)
    assert "1 request(s)" in seen.stderr
    again = declarant("preview", *words)
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "Nothing would be sent: nothing waits to be sent.\n"


def test_preview_merges_as_send_does(declarant, store) -> None:
    """Four commands left a segment each, and what is too old goes without being sent."""
    for _ in range(3):
        open_in(store)
        emit_two()
        modelkit_events.CATALOGUE.client.close()
    os.utime(sorted(store.glob("*.ndjson"))[0], (0, 0))
    words = ("modelkit_events", "--store", str(store), "--ikey-ref", "some_key:IKEY")

    seen = declarant("preview", *words)
    with Collector() as collector:
        declarant("send", *words, "--endpoint", collector.url)
        sent = [entry.text for entry in collector.accepted()]

    assert seen.stdout.splitlines() == sent
    assert len(sent) == 6
    assert seen.stderr.startswith("1 request(s), ")


def test_preview_leaves_out_what_a_running_process_writes(declarant, store) -> None:
    """A sender cannot have it either."""
    words = ("modelkit_events", "--store", str(store), "--ikey-ref", "some_key:IKEY")
    open_in(store)
    emit_two()
    seen = declarant("preview", *words)

    assert len(seen.stdout.splitlines()) == 2
    assert "The rest would not: a process that runs still writes or sends it.\n" in seen.stderr


def test_preview_without_a_key_says_so(declarant, store) -> None:
    """As a build does that has none."""
    seen = declarant("preview", "modelkit_events", "--store", str(store))

    assert seen.stdout == ""
    assert "Nothing would be sent: no instrumentation key" in seen.stderr


HOSTILE = "ValueError: ##vso[task.setvariable variable=PATH]/x"


def test_what_an_event_says_commands_no_runner(declarant, store, monkeypatch) -> None:
    """In text and in JSON it is the same event; a preview is exact where no runner reads along."""
    open_in(store)
    assert modelkit_events.emit_model_kit_error_from(ValueError(HOSTILE[12:]))
    modelkit_events.CATALOGUE.client.close()
    words = ("modelkit_events", "--store", str(store))

    shown = declarant("show", *words)
    as_json = declarant("show", *words, "--json")
    exact = declarant("preview", *words, "--ikey-ref", "some_key:IKEY")
    monkeypatch.setenv("TF_BUILD", "True")
    in_ci = declarant("preview", *words, "--ikey-ref", "some_key:IKEY")

    assert "##vso[" in exact.stdout
    for ran in (shown, as_json, in_ci):
        assert (ran.returncode, "##vso[" in ran.stdout) == (0, False)
    events = [json.loads(line) for line in exact.stdout.splitlines()]
    assert HOSTILE[12:] in json.dumps(events)
    assert [json.loads(line) for line in in_ci.stdout.splitlines()] == events
    assert json.loads(as_json.stdout)["waiting"] == events
    assert [json.loads(line) for line in shown.stdout.splitlines()[:3]] == events


def test_what_a_schema_says_commands_no_runner(declarant, tmp_path) -> None:
    """Nor does what a build's manifest describes."""
    package = tmp_path / "some_events"
    shutil.copytree(Path(modelkit_events.__file__).parent, package)
    for path in [*package.glob("*.py"), package / "manifest.json"]:
        text = path.read_text("utf-8").replace("modelkit_events", "some_events")
        path.write_text(text.replace("ModelKit's version.", "##[add-path]/x"), "utf-8")

    text = declarant("schema", "some_events")
    as_json = declarant("schema", "some_events", "--json")

    for ran in (text, as_json):
        assert (ran.returncode, ran.stderr, "##[" in ran.stdout) == (0, "", False)
    assert "#\\u0023[add-path]/x" in text.stdout
    assert "##[add-path]/x" in json.dumps(json.loads(as_json.stdout))


def test_schema_lists_every_event(declarant) -> None:
    """As text and as JSON."""
    text = declarant("schema", "modelkit_events").stdout
    found = json.loads(declarant("schema", "modelkit_events", "--json").stdout)

    assert [event["name"] for event in found["events"]] == list(modelkit_events.CATALOGUE.events)
    assert all(f"\n{event['name']} (" in text for event in found["events"])
