"""What a fuzzer found is found no more, and what it begins from is sound: without a fuzzer."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from fuzzing.targets import TARGETS

KEPT = Path(__file__).with_name("kept")
INPUTS = sorted(path.relative_to(KEPT).as_posix() for path in KEPT.glob("*/*"))


@pytest.mark.parametrize("name", INPUTS)
def test_a_kept_input_is_taken_well(name: str, tmp_path: Path) -> None:
    """Each is what the product did wrong with once."""
    TARGETS[name.partition("/")[0]].check((KEPT / name).read_bytes(), tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_what_is_made_of_them_are_taken_well(name: str, tmp_path: Path) -> None:
    """Every target runs, from what it begins with."""
    target = TARGETS[name]
    seeds = list(target.seeds())
    random = Random(name)
    for seed in seeds[:2]:
        target.check(seed, tmp_path)
    for _ in range(3):
        target.check(target.change(random, random.choice(seeds)), tmp_path)


def test_every_kept_input_has_a_target() -> None:
    """None is left behind by a target that is called otherwise now."""
    assert {path.name for path in KEPT.iterdir() if path.is_dir()} <= set(TARGETS)
