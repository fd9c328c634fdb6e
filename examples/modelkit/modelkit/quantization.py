"""Weights as 8-bit integers and the scales that give them back, roughly."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from modelkit.model import Layer, Model

#: The range is symmetric: -128 stays unused.
_LARGEST = 127


class QuantizationError(Exception):
    """A layer cannot be quantized."""


@dataclass(frozen=True)
class Scaled:
    """The weights of a layer, quantized.

    Attributes:
        values: Integers from -127 to 127.
        scales: What one of them stands for: a number for each channel, or one for all.
    """

    values: tuple[int, ...]
    scales: tuple[float, ...]

    @property
    def restored(self) -> tuple[float, ...]:
        """The weights as a program that runs the model sees them."""
        size = len(self.values) // max(len(self.scales), 1)
        return tuple(value * self.scales[i // size] for i, value in enumerate(self.values))


def quantize(layer: Layer, *, per_channel: bool = False) -> Scaled:
    """Quantize *layer*, with one scale or with one for each output channel.

    Raises:
        ValueError: A weight is not finite. No check is made for that. It is the defect that this
            example keeps on purpose, to show what is told of an error that nobody foresaw: JSON
            written by Python may hold NaN.
    """
    groups = layer.channels if per_channel else [layer.weights] if layer.weights else []
    # A group of zeros may have any scale.
    scales = tuple((max(map(abs, group)) or 1.0) / _LARGEST for group in groups)
    return Scaled(
        tuple(
            round(weight / scale)
            for group, scale in zip(groups, scales, strict=True)
            for weight in group
        ),
        scales,
    )


def quantize_all(model: Model, path: Path, *, per_channel: bool) -> list[Scaled]:
    """Quantize each layer of the *model* that was read from *path*.

    Raises:
        QuantizationError: A layer cannot be quantized; for its developers, not for its user.
    """
    try:
        return [quantize(layer, per_channel=per_channel) for layer in model.layers]
    except ValueError as error:
        # As careless as such messages are: it holds what must not leave the user's machine.
        raise QuantizationError(
            f"no scale for a layer of {path}, downloaded from {model.source}"
        ) from error


@dataclass(frozen=True)
class Loss:
    """What quantization does to a layer's weights.

    Attributes:
        largest: The largest difference to a weight.
        root_mean_square: Of all differences.
    """

    largest: float
    root_mean_square: float


def loss(layer: Layer, scaled: Scaled) -> Loss:
    """Return what became of the weights of *layer*."""
    pairs = zip(layer.weights, scaled.restored, strict=True)
    differences = [abs(before - after) for before, after in pairs] or [0.0]
    mean = sum(difference**2 for difference in differences) / len(differences)
    return Loss(max(differences), sqrt(mean))
