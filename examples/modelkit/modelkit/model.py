"""A small network: named layers with their weights, as a JSON document describes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = "modelkit-model/1"


class ModelError(ValueError):
    """A file is no model; the text says why, to a person who has just named that file."""


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        name: Its name in the model.
        operator: What it computes, such as "Conv".
        shape: The dimensions of its weights, output channels first; empty if it has none.
        weights: All of them, channel after channel.
    """

    name: str
    operator: str
    shape: tuple[int, ...]
    weights: tuple[float, ...]

    @property
    def channels(self) -> list[tuple[float, ...]]:
        """The weights of each output channel."""
        if not self.weights:
            return []
        size = len(self.weights) // self.shape[0]
        return [self.weights[start : start + size] for start in range(0, len(self.weights), size)]


@dataclass(frozen=True)
class Model:
    """A whole network.

    Attributes:
        name: What it is called.
        source: Where it came from, as its file says; "" if that says nothing.
        layers: In the order in which they run.
    """

    name: str
    source: str
    layers: tuple[Layer, ...]


def from_json(document: Any) -> Model:
    """Return the model that a JSON *document* describes.

    Raises:
        ModelError: It describes none.
    """
    try:
        if document["format"] != FORMAT:
            raise ModelError(f'not a model: its "format" is not "{FORMAT}"')
        layers = tuple(_layer(entry) for entry in document["layers"])
        return Model(str(document["name"]), str(document.get("source", "")), layers)
    except (AttributeError, LookupError, TypeError) as error:
        raise ModelError("not a model, or a damaged one: a part of it is missing") from error


def _layer(entry: dict[str, Any]) -> Layer:
    name, shape, weights = str(entry["name"]), tuple(entry["shape"]), tuple(entry["weights"])
    if not all(type(size) is int and size > 0 for size in shape):
        raise ModelError(f"a damaged model: the shape of {name} is not of whole numbers above 0")
    if not all(type(weight) in (int, float) for weight in weights):
        raise ModelError(f"a damaged model: a weight of {name} is no number")
    if len(weights) != size_of(shape):
        raise ModelError(
            f"a damaged model: {name} has {len(weights)} weights; of its shape it has "
            f"{size_of(shape)}"
        )
    return Layer(name, str(entry["operator"]), shape, weights)


def size_of(shape: Sequence[int]) -> int:
    """Return how many weights a layer of this *shape* has."""
    return prod(shape) if shape else 0
