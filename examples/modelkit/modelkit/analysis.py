"""What a model consists of, and what it would weigh in each precision."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypedDict

from modelkit.packed import PRECISIONS, pack

if TYPE_CHECKING:
    from modelkit.model import Model

_BYTES = {"float32": 4, "float16": 2, "int8": 1}


class Size(TypedDict):
    """What the weights take in one precision, in bytes: as they are, and packed whole."""

    weights: int
    packed: int


class Analysis(TypedDict):
    """What there is to say of a model."""

    name: str
    layers: int
    weights: int
    operators: dict[str, int]
    sizes: dict[str, Size]


def analyze(model: Model) -> Analysis:
    """Look at *model*.

    Raises:
        ModelError: A weight fits no smaller precision.
    """
    weights = sum(len(layer.weights) for layer in model.layers)
    return {
        "name": model.name,
        "layers": len(model.layers),
        "weights": weights,
        "operators": dict(Counter(layer.operator for layer in model.layers).most_common()),
        "sizes": {
            precision: {
                "weights": weights * _BYTES[precision],
                "packed": len(pack(model, precision)),
            }
            for precision in PRECISIONS
        },
    }


def lines(found: Analysis, precision: str) -> list[str]:
    """Return *found* for a person; the line of the target's *precision* is marked."""
    operators = ", ".join(f"{count} {operator}" for operator, count in found["operators"].items())
    said = [f"{found['name']}: {found['layers']} layers, {found['weights']} weights", operators]
    whole = found["sizes"]["float32"]["packed"]
    for name, size in found["sizes"].items():
        mark = "*" if name == precision else " "
        ratio = size["packed"] / whole
        said.append(
            f"{mark} {name:8}{size['weights']:>8} bytes{size['packed']:>8} packed{ratio:>6.0%}"
        )
    return said
