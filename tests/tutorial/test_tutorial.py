"""The tutorials say what really happens: every command in them is run, and its output compared.

``python tests/tutorial/test_tutorial.py`` writes the outputs anew; review the difference.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from console import ROOT, differs, read_commands, run_commands, updated

DOCUMENTS = ["docs/tutorial-privacy-review.md"]
PAGE = "docs/example-review.md"


@pytest.mark.once
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_tutorials_commands_print_what_it_says(name: str, tmp_path: Path) -> None:
    """A reader who pastes each command sees each output."""
    commands = read_commands((ROOT / name).read_text("utf-8").splitlines())

    found = run_commands(commands, tmp_path)

    wrong = [
        "\n".join([f"$ {command.text}", *printed])
        for command, printed in zip(commands, found, strict=True)
        if differs(command.printed, printed)
    ]
    assert wrong == []
    assert len(commands) > 30
    assert (tmp_path / "review.md").read_text("utf-8") == (ROOT / PAGE).read_text("utf-8")


def main() -> None:
    """Write what each command prints now; say what its author has to look at."""
    for name in DOCUMENTS:
        lines = (ROOT / name).read_text("utf-8").splitlines()
        commands = read_commands(lines)
        with tempfile.TemporaryDirectory() as folder:
            found = run_commands(commands, Path(folder))
            (ROOT / PAGE).write_bytes(Path(folder, "review.md").read_bytes())
        for command, printed in zip(commands, found, strict=True):
            if "..." in command.printed and differs(command.printed, printed):
                print(f"{name}: look at\n$ {command.text}", *printed, sep="\n")
        text = "\n".join(updated(lines, commands, found)) + "\n"
        (ROOT / name).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
