"""The benchmarks' harness is no package of the product: it is imported from its own folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

# Last: nothing in there may stand in for what a test imports.
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
sys.path.append(str(Path(__file__).parents[2] / "benchmarks" / "programs"))


@pytest.fixture
def envelope():
    """Make one line of a OneCollector body."""

    def made(number: int, seq: int, epoch: str = "e", tag: str = "build") -> bytes:
        value = {
            "name": "ModelKitAction",
            "ext": {"sdk": {"epoch": epoch, "seq": seq}},
            "data": {"duration_ms": number, "action_name": tag},
        }
        return json.dumps(value).encode() + b"\n"

    return made
