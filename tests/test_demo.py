"""`make demo`, run whole: it checks itself and fails if anything did otherwise than it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.once
def test_the_demo_shows_what_it_promises() -> None:
    """Every event arrives once, and two undocumented fields are stopped at four walls."""
    # A proxy that nobody runs: nothing in the demo may ask it.
    environment = {**os.environ, "http_proxy": "http://127.0.0.1:9", "CI": "true"}

    ran = subprocess.run(
        [sys.executable, ROOT / "examples" / "modelkit" / "demo.py"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "10 accepted, 0 rejected, 0 lost, 0 twice" in ran.stdout
    assert ran.stdout.count("stopped by") == 4
