"""Mutation testing of the modules on which privacy rests.

usage: python tests/mutation/run.py [--workers N] [--module NAME ...]
                                    [--sample R/N | --again | --show] [GROUP ...]

For each group of groups.py the project's files are laid below .cache/mutation as the tool (mutmut)
wants them, it changes one thing at a time in the modules, and runs the tests that reach the change.
A mutant that no test notices survived. A run that was stopped takes up where it was left while no
file changes. Prints Markdown: a row a module, then the survivors that equivalent.json does not
explain. Runs inside an environment of its own (`make mutation`): mutmut is no dependency of ours.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from groups import GROUPS, Group
from mutant_samples import ALL, endings, sample

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "mutation"
EQUIVALENT = Path(__file__).with_name("equivalent.json")
#: A folder of packages, and what the tool can map to a module's name: only `src` is left out of it.
PACKAGES = {
    "runtime/declarant": "src/declarant",
    "codegen/declarant_codegen": "src/declarant_codegen",
}
#: What Python puts on its path for every process that a test starts, too.
PATHS = ("src", "collector", "generated", "examples/modelkit")
#: What the tool's exit codes mean (its stats.py); any other, such as 4 for tests that could not be
#: run as asked, says nothing of a mutant.
KILLED, SURVIVED, NO_TEST, TIMEOUT, UNCLEAR = "killed", "survived", "no test", "timeout", "unclear"
_MEANING = {
    **dict.fromkeys((0,), SURVIVED),
    **dict.fromkeys((1, 3), KILLED),
    **dict.fromkeys((5, 33), NO_TEST),
    **dict.fromkeys((36, 24, -24, 152, 255), TIMEOUT),
}


class Mutant(NamedTuple):
    """A change that was tried: where, what became of it, and the lines that it took and gave."""

    module: str
    name: str
    result: str
    change: str

    @property
    def is_alive(self) -> bool:
        """Whether no test told it from the original."""
        return self.result in (SURVIVED, NO_TEST, UNCLEAR)

    @property
    def function(self) -> str:
        """The function that was changed, as `Class.method` or `function`."""
        mangled = self.name.rpartition(".")[2].partition("__mutmut_")[0]
        return mangled[2:].replace("ǁ", ".")


def main() -> int:
    """Run the groups and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--module",
        action="append",
        default=[],
        help="only of modules of this name; may be repeated",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--sample",
        type=sample,
        default=ALL,
        metavar="R/N",
        help="try every Nth mutant of a function: those whose number leaves R; N divides 100",
    )
    what.add_argument("--again", action="store_true", help="try the last run's survivors again")
    what.add_argument("--show", action="store_true", help="only show what the last runs found")
    arguments = parser.parse_args()
    names = arguments.groups or list(GROUPS)
    for name in names:
        if name not in GROUPS:
            parser.error(f"no group {name!r}; there are {', '.join(GROUPS)}")
    found: dict[str, list[Mutant]] = {}
    for name in names:
        folder = WORK / name
        if not arguments.show:
            alive = [mutant.name for mutant in read(folder) if mutant.is_alive]
            lay(GROUPS[name], folder, keep=arguments.again)
            if arguments.again:
                which = alive or None
            else:
                which = wanted(folder, arguments.module, arguments.sample)
            if which is not None:
                mutate(folder, arguments.workers, which)
        found[name] = read(folder)
    tell(found)
    return 0


def lay(group: Group, folder: Path, *, keep: bool) -> None:
    """Lay the project's files into *folder*, and say there what to mutate.

    What came of earlier mutants is forgotten if anything changed, unless told to *keep* it.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    digest = hashlib.sha256(repr(group).encode())
    for name in files:
        digest.update(f"{name}\0".encode() + (ROOT / name).read_bytes() + b"\0")
    stamp = folder / "laid"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
    for name in files:
        for place in moved(name):
            target = folder / place
            if not target.exists() or target.read_bytes() != (ROOT / name).read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
    with (folder / "pyproject.toml").open("a") as settings:
        settings.write(tool_settings(group, folder))
    # Which tests reach which function is found out anew: a test may have been changed in its place.
    (folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    stamp.write_text(digest.hexdigest())


def wanted(folder: Path, modules: list[str], one_of: tuple[int, int]) -> list[str] | None:
    """Return which mutants to try, an empty list for all; None if all that are wanted were tried.

    The tool takes up a run of all where it was left, but tries again whatever it is asked for.
    """
    if not modules and one_of == ALL:
        return []
    patterns = [
        f"{module}x*__mutmut_{end}"
        for module in ([f"*.{name}." for name in modules] or ["*."])
        for end in endings(*one_of)
    ]
    results: dict[str, int | None] = {}
    for meta in (folder / "mutants" / "src").rglob("*.py.meta"):
        results |= json.loads(meta.read_text())["exit_code_by_key"]
    names = [name for name in results if any(fnmatch.fnmatchcase(name, it) for it in patterns)]
    if not names:
        return patterns  # nothing was made yet
    return [name for name in names if results[name] is None] or None


def moved(name: str) -> list[str]:
    """Return where a tracked file goes: tests read sources where they were, too."""
    for old, new in PACKAGES.items():
        if name.startswith(f"{old}/"):
            return [name, new + name.removeprefix(old)]
    return [name]


def tool_settings(group: Group, folder: Path) -> str:
    """Return the tool's settings for *group*."""
    modules = [place for name in group.modules for place in moved(name)[1:]]
    others = sorted(
        path.name
        for path in folder.iterdir()
        if path.name not in ("src", "tests", "pyproject.toml", "mutants")
    )
    arguments = ["--hypothesis-profile=mutation", "-p", "no:cacheprovider"]
    if group.without:
        arguments += ["-k", " and ".join(f"not {name}" for name in group.without)]
    return "\n".join(
        [
            "\n[tool.mutmut]",
            'source_paths = ["src"]',
            f"only_mutate = {json.dumps(modules)}",
            f"also_copy = {json.dumps(others)}",
            f"pytest_add_cli_args_test_selection = {json.dumps(list(group.tests))}",
            f"pytest_add_cli_args = {json.dumps(arguments)}",
            "use_git_change_detection = false",
            # Of processor time and the wall both; the machine may be busy.
            "timeout_multiplier = 20",
            "timeout_constant = 3",
            "",
        ]
    )


def mutate(folder: Path, workers: int, which: list[str]) -> None:
    """Let the tool try the mutants *which*, or all, in *folder*, and on the files there alone."""
    # Before the editable installation, whose name begins with an underscore.
    first = Path(sysconfig.get_path("purelib")) / "000-mutants.pth"
    first.write_text("".join(f"{folder / 'mutants' / path}\n" for path in PATHS))
    print(f"{folder.name}: the tool says how far it is in {folder / 'log'}", file=sys.stderr)
    try:
        with (folder / "log").open("w") as log:
            subprocess.run(
                [tool(), "run", "--max-children", str(workers), *which],
                cwd=folder,
                # Of Python's randomness nothing may decide whether a mutant is noticed.
                env={**os.environ, "PYTHONHASHSEED": "0"},
                stdout=log,
                stderr=subprocess.STDOUT,
                check=True,
            )
    finally:
        first.unlink(missing_ok=True)


def tool() -> Path:
    """Return the tool's command."""
    return Path(sys.executable).with_name("mutmut")


def read(folder: Path) -> list[Mutant]:
    """Read what the tool wrote down in *folder*."""
    mutants = []
    sources = folder / "mutants" / "src"
    for meta in sorted(sources.rglob("*.py.meta")):
        source = meta.with_suffix("")
        functions = bodies(source)
        for name, code in json.loads(meta.read_text())["exit_code_by_key"].items():
            if code is None:
                continue
            result = _MEANING.get(code, UNCLEAR)
            short = name.rpartition(".")[2]
            changed = difference(
                functions[short.partition("__mutmut_")[0] + "__mutmut_orig"], functions[short]
            )
            mutants.append(Mutant(str(source.relative_to(sources)), name, result, changed))
    return mutants


def bodies(source: Path) -> dict[str, list[str]]:
    """Return the lines of each function's body in *source*, where each mutant is a function."""
    text = source.read_text(encoding="utf-8")
    lines = text.splitlines()
    return {
        node.name: [line.strip() for line in lines[node.lineno : node.end_lineno]]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    }


def difference(old: list[str], new: list[str]) -> str:
    """Return the lines that a mutant took away and gave, without what stands around them."""
    compared = difflib.unified_diff(old, new, n=0, lineterm="")
    return "\n".join(line for line in compared if not line.startswith(("---", "+++", "@@")))


def tell(found: dict[str, list[Mutant]]) -> None:
    """Print a table of the modules, then the survivors that nobody explained."""
    explained = {
        (entry["module"], entry["function"], entry["change"])
        for entry in json.loads(EQUIVALENT.read_text())
    }
    heads = ("mutants", KILLED, "time ran out", "equivalent", SURVIVED, NO_TEST, UNCLEAR, "score")
    print(f"| module | {' | '.join(heads)} |\n| --- |{' ---: |' * len(heads)}")
    left = []
    for group, mutants in found.items():
        for module in sorted({mutant.module for mutant in mutants}):
            own = [mutant for mutant in mutants if mutant.module == module]
            left += row(module, own, explained)
        row(f"**{group}**", mutants, explained)
    for mutant in left:
        print(f"\n{mutant.name}: {mutant.result}\n{mutant.change}")


def row(title: str, mutants: list[Mutant], explained: set[tuple[str, str, str]]) -> list[Mutant]:
    """Print a row, and return the mutants that nothing killed and nobody explained."""
    alive = [mutant for mutant in mutants if mutant.is_alive]
    left = [m for m in alive if (m.module, m.function, m.change) not in explained]
    counts = Counter(mutant.result for mutant in mutants)
    unexplained = Counter(mutant.result for mutant in left)
    equivalent = len(alive) - len(left)
    real = len(mutants) - equivalent
    score = f"{100 * (real - len(left)) / real:.1f} %" if real else ""
    print(
        f"| {title} | {len(mutants)} | {counts[KILLED]} | {counts[TIMEOUT]} | {equivalent} |"
        f" {unexplained[SURVIVED]} | {unexplained[NO_TEST]} | {unexplained[UNCLEAR]} | {score} |"
    )
    return left


if __name__ == "__main__":
    sys.exit(main())
