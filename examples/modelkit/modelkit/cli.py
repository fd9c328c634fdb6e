"""The command line of the example: build, quantize, analyze."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from declarant.click import ActionGroup
from modelkit import __version__, analysis, packed, quantization
from modelkit.files import load
from modelkit.model import ModelError
from modelkit.target import Target, choose, target_options
from modelkit.telemetry import TELEMETRY

if TYPE_CHECKING:
    from collections.abc import Generator

    from modelkit.packed import Precision

SAMPLE = Path(__file__).parent / "data" / "tiny.json"

_model = click.argument(
    "path",
    metavar="[MODEL]",
    default=SAMPLE,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
_out = click.option(
    "--out",
    "-o",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the packed model here.",
)
_level = click.option(
    "--level",
    type=click.IntRange(0, 9),
    default=6,
    show_default=True,
    help="How hard to compress; 0 not at all.",
)


@click.group(cls=ActionGroup, telemetry=TELEMETRY)
@click.version_option(__version__)
def main() -> None:
    """Inspect, pack and shrink small neural networks.

    MODEL is a JSON file or a packed one; without it a tiny network is used that comes along.
    """


@main.command()
@_model
@target_options
@click.option(
    "--precision",
    type=click.Choice(packed.PRECISIONS),
    help="Of the weights; by default what suits the device.",
)
@_level
@_out
def build(
    path: Path,
    device: str,
    ep: str | None,
    precision: Precision | None,
    level: int,
    out: Path | None,
) -> None:
    """Pack MODEL into its binary form."""
    target = _chosen(device, ep)
    with _told(path):
        model = load(path)
        chosen = precision or target.precision
        content = packed.pack(model, chosen, level=level)
    _write(content, out)
    click.echo(f"{model.name}: {len(content)} bytes as {chosen}, for {target.ep}")


@main.command()
@_model
@target_options
@click.option("--per-channel", is_flag=True, help="A scale for each output channel of a layer.")
@_level
@_out
def quantize(
    path: Path, device: str, ep: str | None, *, per_channel: bool, level: int, out: Path | None
) -> None:
    """Turn MODEL's weights into 8-bit integers, and report what that costs."""
    _chosen(device, ep)
    with _told(path):
        model = load(path)
    scaled = quantization.quantize_all(model, path, per_channel=per_channel)
    _write(packed.pack(model, "int8", level=level, scaled=scaled), out)
    click.echo("layer     scales  largest error  root mean square")
    for layer, made in zip(model.layers, scaled, strict=True):
        if layer.weights:
            loss = quantization.loss(layer, made)
            click.echo(
                f"{layer.name:8}{len(made.scales):>8}{loss.largest:>15.6f}"
                f"{loss.root_mean_square:>18.6f}"
            )


@main.command()
@_model
@target_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--watch", is_flag=True, help="Go on, and analyze again whenever MODEL changes.")
def analyze(path: Path, device: str, ep: str | None, *, as_json: bool, watch: bool) -> None:
    """Count MODEL's operators and weights, and what they take in each precision."""
    target = _chosen(device, ep)
    seen = 0.0
    while True:
        with _told(path):
            changed = path.stat().st_mtime
            found = analysis.analyze(load(path)) if changed != seen else None
        if found is not None:
            said = [json.dumps(found)] if as_json else analysis.lines(found, target.precision)
            click.echo("\n".join(said))
        if not watch:
            return
        seen = changed
        time.sleep(0.2)


def _chosen(device: str, ep: str | None) -> Target:
    """Return the target, and have it told; of all that a user types nothing else ever is."""
    target = choose(device, ep)
    TELEMETRY.record(device=target.device, ep=target.ep)
    return target


@contextmanager
def _told(path: Path) -> Generator[None]:
    """Say what is wrong with a user's file, in one line and without a traceback."""
    try:
        yield
    except OSError as error:
        raise click.FileError(str(path), error.strerror or "it cannot be read") from error
    except ModelError as error:
        raise click.ClickException(f"{path}: {error}.") from error


def _write(content: bytes, out: Path | None) -> None:
    if out is not None:
        with _told(out):
            out.write_bytes(content)
