"""Documents whose console blocks are run: what a reader pastes, and what the reader then sees.

In a fenced block ``console``, a line that starts with ``$ `` is a command; one that opens a here
document goes on to its end. The lines after it are what it prints; a line ``...`` stands for any
lines. Every command of a document runs in one shell, in the order of the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_HEREDOC = re.compile(r"<<'?(\w+)'?")
_MARK = "@@@"
SKIPPED = "..."


@dataclass
class Command:
    """One command, and where its output stands among the lines of the document."""

    text: str
    start: int
    printed: list[str] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.start + len(self.printed)


def read_commands(lines: list[str]) -> list[Command]:
    """Return the commands of a document."""
    commands: list[Command] = []
    inside, until = False, ""
    for number, line in enumerate(lines):
        if until:
            commands[-1].text += f"\n{line}"
            commands[-1].start = number + 1
            until = "" if line == until else until
        elif line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            commands.append(Command(line[2:], number + 1))
            found = _HEREDOC.search(line)
            until = found[1] if found else ""
        elif inside:
            commands[-1].printed.append(line)
    return commands


def run_commands(commands: list[Command], home: Path) -> list[list[str]]:
    """Run every command in one shell and return the lines that each printed."""
    script = "".join(
        f"{command.text}\n_status=$?; printf '\\n{_MARK}\\n'; (exit $_status)\n"
        for command in commands
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DECLARANT": str(ROOT),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash"],
        input=script,
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    parts = done.stdout.split(f"\n{_MARK}\n")
    assert len(parts) == len(commands) + 1, f"the shell ended early:\n{done.stdout[-2000:]}"
    return [part.splitlines() for part in parts[:-1]]


def differs(expected: list[str], found: list[str]) -> bool:
    """Tell whether what was printed is not what the document says."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == SKIPPED else f"{re.escape(line)}\n" for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in found)) is None


def updated(lines: list[str], commands: list[Command], found: list[list[str]]) -> list[str]:
    """Return the document with what was printed; that with ``...`` is its author's."""
    renewed = list(lines)
    for command, printed in reversed(list(zip(commands, found, strict=True))):
        if SKIPPED not in command.printed:
            renewed[command.start : command.end] = printed
    return renewed
