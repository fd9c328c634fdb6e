"""A command line whose groups are winml-cli's own, sending to a collector on this machine.

Its one argument is JSON: ``endpoint``, ``key``, ``commands`` (names of commands, each run as if it
were typed, and waited for) and, if ext fields are to be added, ``ext`` (slot to fields). Prints as
JSON what the exporter logged and how many events it kept for the next run.
"""

from __future__ import annotations

import json
import logging
import sys

import stand_ins

stand_ins.stay_on_this_machine()
stand_ins.install_winreg()

import click
from winml.modelkit.telemetry import constants, library
from winml.modelkit.telemetry import telemetry as product
from winml.modelkit.telemetry.click_group import ActionGroup
from winml.modelkit.telemetry.library import exporter

stand_ins.install_msvcrt()


class Heard(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@click.group(cls=ActionGroup)
def main() -> None:
    """Build models, or fail to."""


@main.command()
@click.option("--device")
def build(device: str | None) -> None:
    """Succeed."""


@main.command()
def fail() -> None:
    """Raise what a bug raises."""
    raise ValueError("the model has no input")


def add_ext(more: dict[str, dict[str, object]]) -> None:
    """Have every event carry more ext fields, as the product's own once did."""
    fill = exporter._resource_to_ext

    def filled(resource: object) -> dict[str, dict[str, object]]:
        ext = fill(resource)
        for slot, fields in more.items():
            ext.setdefault(slot, {}).update(fields)
        return ext

    exporter._resource_to_ext = filled


def run(task: dict[str, object]) -> dict[str, object]:
    heard = Heard()
    logger = logging.getLogger("winml.modelkit.telemetry.library.exporter")
    logger.addHandler(heard)
    logger.setLevel(logging.DEBUG)
    constants.INSTRUMENTATION_KEY = task["key"]
    library.create_logger_provider.__defaults__ = (task["endpoint"], None)
    add_ext(task.get("ext", {}))
    for command in task["commands"]:
        try:
            main(
                [command, *(["--device", "NPU"] if command == "build" else [])],
                standalone_mode=False,
            )
        except ValueError:
            heard.lines.append(f"{command} raised")
        product.Telemetry.get_or_init()._provider.force_flush()
    product.Telemetry.get_or_init().shutdown()
    cache = exporter._PersistentCache()._path
    kept = cache.read_text().count("\n") if cache.exists() else 0
    return {"log": heard.lines, "kept": kept}


print(json.dumps(run(json.loads(sys.argv[1]))))
