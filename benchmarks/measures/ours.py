"""What has no peer: the benchmarks of Declarant alone, as they print themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.report import Section, say

if TYPE_CHECKING:
    from harness.run import Run

_SCRIPTS = {
    "emit.py": "What an emit is made of, and what it takes of memory",
    "command_line.py": "What an ActionGroup costs a command",
    "review.py": "What a reviewer waits for, beside glean_parser",
}


def measure(run: Run) -> Section:
    """Run each script and take over what it prints, its headings one level deeper."""
    section = Section(
        "Declarant by itself", "Each of these is a script of its own in `benchmarks/`."
    )
    quick = {
        "emit.py": ["--quick"],
        "command_line.py": ["--rounds", "10"],
        "review.py": ["300", "2"],
    }
    for script, title in _SCRIPTS.items():
        say(f"  {script}")
        words = [sys.executable, str(Path(__file__).resolve().parents[1] / script)]
        words += quick[script] if run.quick else []
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
        text = done.stdout if done.returncode == 0 else "It failed."
        section.parts.append(f"### {title}\n\n{text.replace('## ', '#### ').strip()}")
    return section
