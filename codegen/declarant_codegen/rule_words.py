"""The catalogue's own rules in plain words, a sentence each.

Owns how four of them read that have members of their own: who approves, what may stand in one event
with an identifier, which findings are accepted, where paths are kept from. Whoever approves reads
all sentences; whoever is shown a change reads those that differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.sensitivity import DEFAULT_CEILING
from declarant_codegen.wording import names, shown_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "NO_REVIEW",
    "RULES_IN_WORDS",
    "changed_lines",
    "linkability_lines",
    "review_lines",
    "root_lines",
    "suppression_lines",
]

NO_REVIEW: Mapping[str, Any] = {"approvers": {}, "self_approval": False}
"""Who approves where a catalogue states nothing: any one role that does not own the subject."""


def review_lines(review: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield who approves, and whether it may be those who own or wrote a change."""
    if review is None:
        yield "one approval by any role is enough"
        return
    for name, roles in sorted(review["approvers"].items()):
        yield f"what widens {name} is approved by {names(roles) if roles else 'any one role'}"
    own = "may" if review["self_approval"] else "may not"
    yield f"those who own or wrote a change {own} approve it"


def linkability_lines(entries: Mapping[str, str] | None) -> Iterator[str]:
    """Yield what may stand in one event with each identifier that has an entry."""
    for place, highest in sorted((entries or {}).items()):
        yield f"values of class {highest} and below may stand in one event with {place}"


def suppression_lines(rows: Iterable[Mapping[str, str]] | None) -> Iterator[str]:
    """Yield which findings are accepted, where and for how long."""
    for item in rows or ():
        yield f"{item['rule']} is accepted at {item['place']} until {item['until']}"


def root_lines(roots: Iterable[str] | None) -> Iterator[str]:
    """Yield where paths in free text are kept from, if from anywhere."""
    if roots:
        yield f"paths in free text are kept from the folders {names(roots)} on"


RULES_IN_WORDS: dict[str, Callable[[Any], Iterator[str]]] = {
    "linkability": linkability_lines,
    "package_roots": root_lines,
    "review": review_lines,
    "suppressions": suppression_lines,
}
"""Key of the projected rules to its sentences; each takes what the key holds, or None."""


def changed_lines(key: str, old: Any, new: Any) -> tuple[str, str]:
    """Return what a rule said and says, of what differs, in printable ASCII.

    What is not stated but has a meaning (classes that any one role approves, identifiers with the
    default) is told where the other side states it.

    Args:
        key: One of `RULES_IN_WORDS`.
        old: What it held; None if it was not there.
        new: What it holds; None if it is not there.
    """
    words = RULES_IN_WORDS[key]
    was, now = (list(words(value)) for value in _completed(key, old, new))
    if was == now:  # the same, now stated or no longer
        was, now = list(words(old)), list(words(new))
    return _only(was, now), _only(now, was)


def _completed(key: str, old: Any, new: Any) -> tuple[Any, Any]:
    """Return both with every entry that the other states."""
    if key == "linkability":
        entries: list[Mapping[str, str]] = [value or {} for value in (old, new)]
        default = {place: DEFAULT_CEILING for one in entries for place in one}
        return {**default, **entries[0]}, {**default, **entries[1]}
    if key == "review":
        stated: list[Mapping[str, Any]] = [value or NO_REVIEW for value in (old, new)]
        anybody: dict[str, Any] = {name: [] for one in stated for name in one["approvers"]}
        was, now = ({**one, "approvers": {**anybody, **one["approvers"]}} for one in stated)
        return was, now
    return old, new


def _only(lines: list[str], others: list[str]) -> str:
    return "; ".join(_plain(line) for line in lines if line not in others) or "none"


def _plain(text: str) -> str:
    """Return text of schemas in printable ASCII."""
    return text if text.isascii() and text.isprintable() else shown_value(text)[1:-1]
