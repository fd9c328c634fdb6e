"""The commands ``explain`` and ``rules``.

Owns their arguments, their words and their exit codes (0 told, 2 no such rule), and the examples
in ``rule_examples.json``. An example is words, or what to write in a file of a small catalogue: a
fragment that is laid over the file (RFC 7396), or text in the place of other text.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declarant_codegen.command import CLEAN, COULD_NOT_RUN
from declarant_codegen.json_text import json_text
from declarant_codegen.rules import MENDED_ALONE, RULES
from declarant_codegen.words import nearest, quote

if TYPE_CHECKING:
    import argparse

    from declarant_codegen.rules import Rule

__all__ = [
    "Example",
    "add_explain_arguments",
    "add_rules_arguments",
    "rule_examples",
    "run_explain",
    "run_rules",
]

_WIDTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What breaks a rule, and what keeps it.

    Attributes:
        file: The file below ``schemas/`` that *bad* and *good* are about; None if they are words.
        replace: The text that *bad* and *good* stand in place of; None if they are fragments.
        bad: Text, or a JSON fragment.
        good: Likewise.
    """

    file: str | None
    replace: str | None
    bad: Any
    good: Any


def rule_examples() -> dict[str, Example]:
    """Return the example of every rule."""
    raw = json.loads(Path(__file__).with_name("rule_examples.json").read_text("utf-8"))
    return {
        rule_id: Example(
            file=item.get("file"), replace=item.get("replace"), bad=item["bad"], good=item["good"]
        )
        for rule_id, item in raw.items()
    }


def add_explain_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant explain``."""
    parser.add_argument("rule", metavar="RULE", help="a rule's id, as findings show it")


def add_rules_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant rules``."""
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="how to print the rules (default: text)",
    )


def run_explain(args: argparse.Namespace) -> int:
    """Run ``declarant explain``."""
    rule = RULES.get(args.rule.upper())
    if rule is None:
        near = nearest(args.rule, RULES)
        mend = f"did you mean {near}?" if near else "`declarant rules` lists them"
        words = f"declarant explain: expected a rule, found {quote(args.rule)}; {mend}"
        print(words, file=sys.stderr)  # noqa: T201
        return COULD_NOT_RUN
    _print(_explanation(rule, rule_examples()[rule.id]))
    return CLEAN


def run_rules(args: argparse.Namespace) -> int:
    """Run ``declarant rules``."""
    if args.format == "json":
        rows = [
            {"id": rule.id, "severity": rule.severity.value, "purpose": rule.purpose}
            for rule in RULES.values()
        ]
        _print(json.dumps(rows, indent=2))
        return CLEAN
    width = max(map(len, RULES))
    for rule in RULES.values():
        _print(f"{rule.id:{width}}  {rule.severity.value:7}  {rule.purpose}")
    return CLEAN


def _explanation(rule: Rule, example: Example) -> str:
    where = f", in schemas/{example.file}" if example.file else ""
    parts = [f"{rule.id} ({rule.severity.value})", rule.purpose]
    if rule.id in MENDED_ALONE:
        parts.append("`declarant generate` mends it.")
    parts += [f"Bad{where}:", _shown(example.bad), "Good:", _shown(example.good)]
    return "\n\n".join(parts)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json_text(value, width=_WIDTH)
    return "\n".join(f"    {line}" for line in text.splitlines())


def _print(text: str) -> None:
    print(text)  # noqa: T201  the command's own output
