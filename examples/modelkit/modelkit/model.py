"""A tiny network on disk: layers of weights as JSON, and the real work done on them."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"MKIT"


@dataclass(frozen=True)
class Layer:
    """One layer: its operator and its weights, row by row."""

    operator: str
    weights: list[float]


def load(path: Path) -> list[Layer]:
    """Read the model at *path*.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not a model.
    """
    document: Any = json.loads(path.read_text(encoding="utf-8"))
    try:
        return [Layer(str(entry["operator"]), entry["weights"]) for entry in document["layers"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a model: {path}") from error


def build(layers: list[Layer]) -> bytes:
    """Pack *layers* into the binary form: magic, then each operator with its weights as float32."""
    parts = [MAGIC]
    for layer in layers:
        name = layer.operator.encode()
        parts.append(struct.pack("<HI", len(name), len(layer.weights)) + name)
        parts.append(struct.pack(f"<{len(layer.weights)}f", *layer.weights))
    return zlib.compress(b"".join(parts))


def quantize(layer: Layer) -> tuple[float, bytes]:
    """Return the scale and the int8 weights of *layer* (symmetric, per tensor)."""
    largest = max((abs(weight) for weight in layer.weights), default=0.0) or 1.0
    scale = largest / 127
    return scale, struct.pack(
        f"<{len(layer.weights)}b", *(round(weight / scale) for weight in layer.weights)
    )


def quantization_error(layer: Layer) -> float:
    """Return the largest difference that `quantize` makes to a weight."""
    scale, packed = quantize(layer)
    restored = [value * scale for value in struct.unpack(f"<{len(packed)}b", packed)]
    pairs = zip(layer.weights, restored, strict=True)
    return max((abs(before - after) for before, after in pairs), default=0.0)
