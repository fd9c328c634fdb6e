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
    """The rollout from question to withdrawal, and two undocumented fields at four walls."""
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
    assert "12 accepted, 0 rejected, 0 lost, 0 twice" in ran.stdout
    assert ran.stdout.count("Agree? [Y/n]") == 1
    for claim in (
        "none of wilhelmina, secret-project, hf_",
        "no file, no folder, no identifier, no request",
        "1 request in all, 0 events on disk",
        "no event and no identifier in any file",
    ):
        assert claim in ran.stdout
    assert ran.stdout.count("stopped by") == 4
