"""The command line of the example: build, quantize, analyze."""

from __future__ import annotations

import time
from pathlib import Path

import click

from declarant.click import ActionGroup
from modelkit import __version__, model
from modelkit.telemetry import TELEMETRY

SAMPLE = Path(__file__).parent / "data" / "tiny.json"

_model_argument = click.argument(
    "model_path", metavar="[MODEL]", default=SAMPLE, type=click.Path(path_type=Path)
)


@click.group(cls=ActionGroup, telemetry=TELEMETRY)
@click.version_option(__version__)
@click.option("--telemetry", "agreed", is_flag=True, help="Send usage data of this run.")
def main(*, agreed: bool) -> None:
    """Inspect and shrink tiny neural networks."""
    if agreed:
        TELEMETRY.consent = "granted"


@main.command()
@_model_argument
@click.option("--out", type=click.Path(path_type=Path), help="Write the packed model here.")
def build(model_path: Path, out: Path | None) -> None:
    """Pack MODEL into its binary form."""
    TELEMETRY.record(device="cpu", ep="CPUExecutionProvider")
    packed = model.build(model.load(model_path))
    if out is not None:
        out.write_bytes(packed)
    click.echo(f"{len(packed)} bytes")


@main.command()
@_model_argument
def quantize(model_path: Path) -> None:
    """Report what int8 weights would cost MODEL in accuracy."""
    TELEMETRY.record(device="npu", ep="QNNExecutionProvider")
    for layer in model.load(model_path):
        click.echo(f"{layer.operator:8} {model.quantization_error(layer):.6f}")


@main.command()
@_model_argument
@click.option("--watch", is_flag=True, help="Go on, and analyze again whenever MODEL changes.")
def analyze(model_path: Path, *, watch: bool) -> None:
    """Count MODEL's layers and weights."""
    seen = 0.0
    while True:
        changed = model_path.stat().st_mtime
        if changed != seen:
            layers = model.load(model_path)
            weights = sum(len(layer.weights) for layer in layers)
            click.echo(f"{len(layers)} layers, {weights} weights")
            seen = changed
        if not watch:
            return
        time.sleep(0.2)
