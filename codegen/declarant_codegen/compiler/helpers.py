"""Functions beside the main ones: one pair for each referenced or deeply nested schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from declarant_codegen.compiler.nodes import Node

__all__ = ["Helpers"]


class Helpers:
    """Numbers the schemas that get functions of their own."""

    def __init__(self, name: str, targets: tuple[Node, ...]) -> None:
        self._name = name
        self.nodes = list(targets)
        self._indexes = {id(node): index for index, node in enumerate(targets)}

    def index(self, node: Node) -> int:
        """Give the number of *node*'s functions."""
        if id(node) not in self._indexes:
            self._indexes[id(node)] = len(self.nodes)
            self.nodes.append(node)
        return self._indexes[id(node)]

    def check_name(self, index: int) -> str:
        """Name the function that answers yes or no."""
        return f"_is_valid_{self._name}_{index + 1}"

    def explain_name(self, index: int) -> str:
        """Name the function that lists violations."""
        return f"_violations_{self._name}_{index + 1}"

    def check(self, index: int, variable: str) -> str:
        """Write a call of the function that answers yes or no."""
        return f"{self.check_name(index)}({variable})"
