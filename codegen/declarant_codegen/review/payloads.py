"""Sample payloads as real bytes, made by the generated encoder in a process of its own.

Owns that process: it imports the freshly rendered package from a folder that goes with it, emits
into a store there, and prints the lines that would be sent. It has no key and no network, and what
it says of the machine are samples too: a reviewer's own machine is nobody's matter.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import accepts
from declarant_codegen.errors import CodegenError
from declarant_codegen.generate import render_modules
from declarant_codegen.review.sample_values import Size, sample_arguments, sample_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.model import Catalogue, Event

__all__ = ["Payload", "SamplesFailed", "sample_payloads"]

_PATIENCE_S = 60.0
_PATIENCE_FOR_EACH_S = 0.5

_PROGRAM = """
import json, os, sys, time
from importlib import import_module
folder, package = sys.argv[1:3]
# What switches telemetry off for whoever reviews is no matter of these samples.
os.environ.update(HOME=folder, USERPROFILE=folder, DO_NOT_TRACK="")
for name in [name for name in os.environ if "_TELEMETRY" in name]:
    del os.environ[name]
sys.path.insert(0, folder)
time.time = lambda: 1893456000.0  # one page for one catalogue, whenever it is made
told = json.load(sys.stdin)
events = import_module(package)
client = events.CATALOGUE.client
def lines(store):
    for place, _, names in os.walk(store):
        for name in names:
            with open(os.path.join(place, name), encoding="utf-8", newline="") as file:
                yield from (line[:-1] for line in file if line.startswith('{"ver":"4.0"'))
sent = []
for number, event in enumerate(told["events"]):
    store = os.path.join(folder, "store", str(number))
    client.configure(app_version="1.2.3", consent="granted", ikey=told["ikey"], delivery="manual",
                     endpoint="http://127.0.0.1:9/OneCollector/1.0/", store_folder=store,
                     strict=True)
    client._values.update(event["values"])
    emit = getattr(events, event["emitter"])
    stored = [bool(emit(**arguments)) for arguments in event["calls"]]
    client.close()
    found = lines(store)
    sent.append([next(found) if is_stored else None for is_stored in stored])
json.dump(sent, sys.stdout)
"""

_IKEY = f"{'0' * 32}-00000000-0000-0000-0000-000000000000-0000"
_VALUES = {
    "app_version": "1.2.3",
    "architecture": "x86_64",
    "device_id": "r:00000000-0000-4000-8000-000000000001",
    "device_id_status": "EXISTING",
    "epoch": "00000000-0000-4000-8000-000000000002",
    "os_name": "Linux",
    "os_version": "6.1.0",
    "session_id": "00000000-0000-4000-8000-000000000003",
}
"""What stands for the runtime's own values; one that does not fit its schema is chosen by it."""


class SamplesFailed(CodegenError):  # noqa: N818  it names what happened
    """The generated code of an event does not run, which is a defect of the generator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One event as it would be sent.

    Attributes:
        size: Which one.
        given: The arguments that the emitter was called with.
        line: The envelope, as it stands in the request; None for one that is too long to be sent.
    """

    size: Size
    given: Mapping[str, Any]
    line: str | None

    @property
    def length(self) -> int | None:
        """Its length in bytes; None for one that is too long to be sent."""
        return None if self.line is None else len(self.line.encode())


def sample_payloads(
    catalogue: Catalogue, events: Iterable[Event]
) -> dict[str, tuple[Payload, ...]]:
    """Return the payloads of each event, by size; one that is like a smaller one is left out.

    Raises:
        SamplesFailed: A value was not found, or the generated code did not run.
    """
    chosen = replace(catalogue, events=tuple(events))
    if not chosen.events:
        return {}
    samples = {event.name: _samples(event) for event in chosen.events}
    told = {
        "ikey": _IKEY,
        "events": [
            {
                "values": _runtime_values(catalogue, event),
                "emitter": event.function,
                "calls": list(samples[event.name].values()),
            }
            for event in chosen.events
        ],
    }
    with tempfile.TemporaryDirectory(prefix="declarant-review-") as folder:
        for path, source in render_modules(chosen).items():
            place = Path(folder, path)
            place.parent.mkdir(exist_ok=True)
            place.write_text(source, "utf-8")
        lines = _run(folder, chosen, json.dumps(told))
    return {
        event.name: tuple(
            Payload(size=size, given=given, line=line)
            for (size, given), line in zip(samples[event.name].items(), sent, strict=True)
        )
        for event, sent in zip(chosen.events, lines, strict=True)
    }


def _samples(event: Event) -> dict[Size, dict[str, Any]]:
    found: dict[Size, dict[str, Any]] = {}
    for size in Size:
        try:
            arguments = sample_arguments(event.schema, size)
        except ValueError as error:
            raise SamplesFailed(f"{event.name}: {error}; report this") from None
        if arguments not in found.values():
            found[size] = arguments
    return found


def _runtime_values(catalogue: Catalogue, event: Event) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for slot in event.slots:
        for field in catalogue.ext.get(slot, ()):
            sample = _VALUES.get(field.source)
            if sample is not None and accepts(dict(field.schema), sample):
                values[field.source] = sample
            elif field.source not in ("sequence", "sdk_version"):
                values[field.source] = sample_value(field.schema, Size.TYPICAL)
    return values


def _run(folder: str, catalogue: Catalogue, told: str) -> list[list[str | None]]:
    """Return the line of each call for each event; None for one that is too long to be sent."""
    import declarant

    above = str(Path(declarant.__file__).parents[1])
    program = f"import sys; sys.path.append({above!r}){_PROGRAM}"
    try:
        done = subprocess.run(  # noqa: S603  this interpreter, with a program of our own
            [sys.executable, "-I", "-X", "utf8", "-c", program, folder, catalogue.package],
            input=told,
            capture_output=True,
            encoding="utf-8",
            timeout=_PATIENCE_S + _PATIENCE_FOR_EACH_S * len(catalogue.events),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SamplesFailed(
            f"{catalogue.package}: expected samples within {error.timeout:.0f} s, found none; "
            "run it again on a machine that has less to do"
        ) from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
        raise SamplesFailed(
            f"{catalogue.package}: expected generated code that runs, found: {last}; report this"
        )
    lines: list[list[str | None]] = json.loads(done.stdout)
    return lines
