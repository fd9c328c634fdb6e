"""What the scrubbers find, what they keep, and what they cost.

usage: python benchmarks/scrub.py [--quick] [--messages FOLDER]

Recall on planted secrets and the share of benign text that is kept, by class; time of a message;
growth on hostile text up to a megabyte, with the bound on the work taken away. Prints Markdown.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import platform
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TESTS = Path(__file__).parent.parent / "tests"

#: The project's goals.
RECALL_GOAL, KEPT_GOAL = 0.99, 0.97

MESSAGES = {
    "plain": "quantization failed because the calibration data holds no batch of the wanted size",
    "numbers": "Node Conv_12: shape [1, 3, 224, 224] is not [1, 3, 256, 256] (error 5)",
    "Windows path": "model file not found: C:\\Users\\Alice\\models\\mobilenet.onnx",
    "quoted path": "[Errno 2] No such file or directory: '/home/alice/models/mobilenet.onnx'",
    "e-mail": "failed to reach alice@example.com, please check the address of the recipient",
    "credentials": "user 'alice' cannot log in at 10.0.0.1: password=hunter2",
}
FRAME = "/home/alice/.venv/lib/python3.11/site-packages/modelkit/commands/build.py"

HOSTILE = {
    "a@a@": "a@",
    "::::": ":",
    "/////": "/",
    "\\\\\\\\": "\\",
    "1.1.1.": "1.1.1.",
    "apostrophes": "'",
    "quotes": '"',
    "dashes": "-",
    "digits": "1",
    "blanks": " ",
    "percent signs": "%",
    "%2F": "%2F",
    "/a/b c/d": "/a/b c/d ",
    "C:\\C:\\": "C:\\",
    "'/a\\'": "'/a\\'",
    "\\nA": "\\nA",
    "a\\b": "a\\b ",
    "user 'a": "user 'a ",
    'password="': 'password="',
    "one word": "a",
    "one token": "aB1",
    "://": "://",
    "BEGIN": "-----BEGIN A",
}
SIZES = (1 << 16, 1 << 18, 1 << 20)


def main() -> int:
    """Measure and print; always succeeds, for these are figures and no test."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller corpus, 256 KB at most")
    parser.add_argument(
        "--messages",
        type=Path,
        default=Path(os.__file__).parent,
        metavar="FOLDER",
        help="Python sources whose error messages are benign text (default: standard library)",
    )
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} CPUs\n")
    corpus = load_corpus()
    recall_table(corpus, count=4 if arguments.quick else 40)
    kept_table(corpus, arguments.messages)
    cost_table(rounds=20 if arguments.quick else 100)
    growth_table(SIZES[:2] if arguments.quick else SIZES)
    return 0


def load_corpus() -> Any:
    """Import the tests' corpus."""
    spec = importlib.util.spec_from_file_location("scrub_corpus", TESTS / "scrub_corpus.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scrub_corpus"] = module
    spec.loader.exec_module(module)
    return module


def scrubbed(text: str) -> str:
    """Scrub a message without the names of who runs this."""
    from declarant._scrubbing.pipeline import scrubbed as pure

    return pure("message", text, 10_000, ("winml/modelkit",), ())


def recall_table(corpus: Any, count: int) -> float:
    """Print of how many planted secrets nothing is left; return the share of those of the goal."""
    planted: Counter[str] = Counter()
    leaked: Counter[str] = Counter()
    by_quoting: Counter[str] = Counter()
    leaked_by_quoting: Counter[str] = Counter()
    for case in corpus.planted(count):
        kind, _, quoting = case.kind.partition(", ")
        is_leak = bool(case.leaks(scrubbed(case.text)))
        planted[kind] += 1
        leaked[kind] += is_leak
        if quoting:
            by_quoting[quoting] += 1
            leaked_by_quoting[quoting] += is_leak
    print(
        f"## Recall: planted secrets of which no four characters are left (goal {RECALL_GOAL:.0%})"
    )
    print("\n| class | planted | recall |\n|---|---:|---:|")
    for kind, total in planted.items():
        print(f"| {kind} | {total:,} | {1 - leaked[kind] / total:.2%} |")
    print("\n| paths by quoting | planted | recall |\n|---|---:|---:|")
    for quoting, total in by_quoting.items():
        print(f"| {quoting} | {total:,} | {1 - leaked_by_quoting[quoting] / total:.2%} |")
    print('\n"token: random" has no known prefix and is told by how its letters follow.\n')
    # Of credentials and of paths: what else is personal has no goal of its own.
    of_goal = [kind for kind in planted if not kind.startswith("personal: ")]
    return 1 - sum(leaked[kind] for kind in of_goal) / sum(planted[kind] for kind in of_goal)


def kept_table(corpus: Any, folder: Path) -> list[float]:
    """Print how much benign text is kept as it is; return the share of each kind of text."""
    shares = []
    messages = sorted(set(error_messages(folder)))
    print(f"## Benign text that is kept unchanged (goal {KEPT_GOAL:.0%})")
    print("\n| text | lines | kept |\n|---|---:|---:|")
    for name, lines in (
        ("the corpus: versions, shapes, classes, model ids, times, codes", corpus.BENIGN),
        ("messages of `raise` and of log calls in Python sources", messages),
    ):
        shares.append(sum(scrubbed(line) == line for line in lines) / len(lines))
        print(f"| {name} | {len(lines):,} | {shares[-1]:.2%} |")
    print(
        "\nThe standard library's messages were read while the scrubbers were made, and a handful\n"
        "of rules were mended for them; `--messages` measures on sources of your own.\n"
    )
    return shares


def error_messages(folder: Path) -> Iterator[str]:
    """Yield the texts that sources raise or log, with `value` for what is put into them."""
    for path in folder.rglob("*.py"):
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue
        for node in ast.walk(tree):
            call = node.exc if isinstance(node, ast.Raise) else node
            if isinstance(call, ast.Call) and (call is not node or is_log_call(call)):
                texts = map(text_of, call.args)
                yield from (text for text in texts if " " in text.strip() and len(text) < 400)


def is_log_call(call: ast.Call) -> bool:
    names = ("critical", "error", "exception", "warn", "warning")
    return isinstance(call.func, ast.Attribute) and call.func.attr in names


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "value" for part in node.values)
    if isinstance(node, ast.BinOp):
        return text_of(node.left) + (text_of(node.right) if isinstance(node.op, ast.Add) else "")
    return ""


def cost_table(rounds: int) -> None:
    """Print the time of typical texts."""
    from declarant.scrub import scrub

    calls: dict[str, tuple[int, Callable[[], object]]] = {
        f"message: {name}": (len(text), lambda text=text: scrub("message", text, 200))
        for name, text in MESSAGES.items()
    }
    calls["path: a frame's file"] = (len(FRAME), lambda: scrub("path", FRAME, 260, ("modelkit",)))
    print(f"## Time of a text (median of {rounds} rounds of 100)")
    print("\n| | characters | µs |\n|---|---:|---:|")
    for name, (length, call) in calls.items():
        call()
        times = [seconds(lambda call=call: [call() for _ in range(100)]) for _ in range(rounds)]
        print(f"| {name} | {length} | {statistics.median(times) * 1e4:.1f} |")
    print()


def growth_table(sizes: tuple[int, ...]) -> list[float]:
    """Print how time grows with hostile text, with the bound too; return the growths."""
    from declarant._scrubbing.pipeline import MAX_INPUT, unbounded
    from declarant.scrub import scrub

    heads = " | ".join(f"{size >> 10} KB, ms" for size in sizes)
    print(f"## Growth on hostile text (message; the last column with the bound of {MAX_INPUT:,})")
    print(f"\n| text | {heads} | x for 4 x | bounded, ms |\n|---|{'---:|' * (len(sizes) + 2)}")
    growths = []
    for name, unit in HOSTILE.items():
        texts = [(unit * (size // len(unit) + 1))[:size] for size in sizes]
        times = [seconds(lambda text=text: unbounded("message", text, (), ())) for text in texts]
        bounded = seconds(lambda text=texts[-1]: scrub("message", text, 200))
        shown = " | ".join(f"{taken * 1e3:.0f}" for taken in times)
        growths.append(times[-1] / times[-2])
        label = name.replace("|", "\\|")
        print(f"| `{label}` | {shown} | {growths[-1]:.1f} | {bounded * 1e3:.1f} |", flush=True)
    print()
    return growths


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
