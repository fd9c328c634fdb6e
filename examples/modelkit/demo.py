"""`make demo`: Declarant end to end, on this machine only, in a few seconds.

Starts the local collector and runs the installed example against it as its users would, in good
and bad times; then tries to smuggle two undocumented fields past four walls, and adds a field as it
has to be done. Everything shown is what the programs really did; the demo fails if one of them did
otherwise. The scenes are in the folder beside this file.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.markup import escape

from scenes.delivery import bad_times, what_arrived
from scenes.review import review
from scenes.rollout import failure, question, silence
from scenes.stage import CollectorProcess, DemoError, User, console, title, typed
from scenes.walls import walls


def main() -> int:
    """Run every scene; return 0 if each did what it should."""
    if sys.platform == "win32":
        console.print("The demo needs a pseudo-terminal, which Windows does not have.")
        return 2
    console.print("\n[bold]Declarant[/]: if it isn't declared, it doesn't leave the machine.")
    with tempfile.TemporaryDirectory(prefix="declarant-demo-") as folder:
        try:
            rollout(Path(folder))
            silence(Path(folder))
            walls(Path(folder))
            review(Path(folder))
        except (DemoError, TimeoutError) as error:
            console.print(f"[bold red]the demo failed:[/] {escape(str(error))}")
            return 1
    console.print(
        "\n[bold]Next[/]: edit a file in [cyan]schemas/[/], then [cyan]declarant check[/]; "
        "README.md tells the rest.\n"
    )
    return 0


def rollout(folder: Path) -> None:
    """Run the scenes that share one user and one collector."""
    title("1  A collector as strict as the real one")
    collector = CollectorProcess(folder)
    collector.start()
    try:
        typed("declarant collector")
        console.print(f"    {collector.url}")
        user = User(folder / "home", collector.url)
        question(user, collector)
        failure(user, collector)
        bad_times(user, collector)
        what_arrived(collector)
    finally:
        collector.stop()


if __name__ == "__main__":
    sys.exit(main())
