"""Scores the compiler on the official JSON-Schema-Test-Suite, draft 2020-12.

Run it with the folder of the suite: ``python tests/compiler/official_suite.py DIR``.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from declarant_codegen.compiler import (
    SchemaError,
    UnresolvableReference,
    UnsupportedKeyword,
    compile_validator,
)

_HOME = Path(__file__).parent.parent / "data" / "json_schema_test_suite"
SUITE = _HOME / "tests"
# How the suite's format.json calls the verdicts that hold where formats are not asserted.
ANNOTATION_ONLY = "only an annotation by default"
# The suite asks that its folder of remotes answers to this address.
_REMOTE = "http://localhost:1234/"


class Group(NamedTuple):
    """One schema of the suite with its instances."""

    file: str
    description: str
    schema: object
    tests: list[dict[str, object]]

    @property
    def id(self) -> str:
        return f"{self.file}: {self.description}"


def groups(folder: Path = SUITE) -> Iterator[Group]:
    """Read every group of every file below *folder*."""
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        for group in json.loads(path.read_text(encoding="utf-8")):
            yield Group(name, group["description"], group["schema"], group["tests"])


@cache
def remotes() -> dict[str, object]:
    """Read the documents that the suite's references name."""
    folder = _HOME / "remotes"
    return {
        _REMOTE + path.relative_to(folder).as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in folder.rglob("*.json")
    }


def refusal(group: Group) -> str | None:
    """Tell why the compiler refuses a group's schema, in a word; None when it takes it."""
    try:
        compile_validator(group.schema, resources=remotes())
    except UnsupportedKeyword as error:
        return error.keyword
    except UnresolvableReference:
        return "remote document"
    except SchemaError:
        return "malformed"
    return None


def failures(group: Group) -> list[str]:
    """List the descriptions of the tests whose verdict is wrong, in either mode."""
    validator = compile_validator(group.schema, resources=remotes())
    return [
        str(test["description"])
        for test in group.tests
        if (validator.is_valid(test["data"]), not validator.violations(test["data"]))
        != (test["valid"], test["valid"])
    ]


def main(folder: Path) -> int:
    """Print the score of each file and the reasons of refusal."""
    reasons: Counter[str] = Counter()
    passed = failed = refused = 0
    for group in groups(folder):
        reason = refusal(group)
        if reason is not None:
            reasons[reason] += 1
            refused += len(group.tests)
            continue
        wrong = [item for item in failures(group) if ANNOTATION_ONLY not in item]
        failed += len(wrong)
        passed += len(group.tests) - len(failures(group))
        for description in wrong:
            print(f"wrong: {group.id}: {description}")
    print(f"{passed} tests passed, {failed} failed, {refused} not applicable")
    print("refused groups by keyword:", dict(reasons.most_common()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else SUITE))
