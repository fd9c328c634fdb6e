"""What is fuzzed: for each target what must hold of any bytes, where to begin, and how to change.

An input is what the product is given, or what a person can read it from. A check raises if the
product did what it must not do. Changes are made by a seed, so that the same seed makes the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fuzzing import catalogues, json_texts, patterns, requests, schemas, scrubbing, seals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from random import Random

__all__ = ["TARGETS", "Target"]


class Target(NamedTuple):
    """One target.

    Attributes:
        check: Raises if the product does wrong with an input; the folder is for what it needs.
        seeds: Inputs to begin from.
        change: Makes another input of one, by a seed.
        most_bytes: Longest input.
    """

    check: Callable[[bytes, Path], object]
    seeds: Callable[[], Iterable[bytes]]
    change: Callable[[Random, bytes], bytes]
    most_bytes: int = 1 << 16


TARGETS: dict[str, Target] = {
    "json": Target(json_texts.check, json_texts.seeds, json_texts.change),
    "loader": Target(catalogues.check_load, catalogues.seeds, catalogues.change),
    "generator": Target(catalogues.check_generate, catalogues.seeds, catalogues.change),
    "diff": Target(catalogues.check_diff, catalogues.pairs, catalogues.change_one_side),
    "seals": Target(seals.check, seals.seeds, seals.change),
    "patterns": Target(patterns.check, patterns.seeds, patterns.change, most_bytes=1_000),
    "schemas": Target(schemas.check, schemas.seeds, schemas.change, most_bytes=4_000),
    "scrubber": Target(scrubbing.check, scrubbing.seeds, scrubbing.change, most_bytes=2_000),
    "collector": Target(requests.check, requests.seeds, requests.change, most_bytes=4_000),
    "answers": Target(requests.check_answer, requests.answers, requests.change, most_bytes=2_000),
}
