"""What is approved, in words: the whole content, and what changed.

Owns the sentences that an approval records and that the reviewer's page shows. They are made from
projections alone, so that what was approved years ago can still be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_object
from declarant_codegen.privacy_diff import Compatibility
from declarant_codegen.rule_words import RULES_IN_WORDS
from declarant_codegen.wording import in_words, names, shown_value
from declarant_codegen.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.projection import Projection
    from declarant_codegen.review.standing import Standing

__all__ = ["approved_words", "change_words", "content_words"]

_LONGEST = 20_000
"""Characters of one line that an approval holds. Source: meta/review.v1.json."""


def approved_words(standing: Standing) -> list[str]:
    """Return what an approval records in words: what changes, if anything was approved, and all."""
    changes = change_words(standing.changes) if standing.base is not None else ()
    return [
        text[start : start + _LONGEST]
        for text in (*changes, *content_words(standing.subject.projection))
        for start in range(0, len(text), _LONGEST)
    ]


def content_words(projection: Projection) -> tuple[str, ...]:
    """Return everything that a projection lets be sent, a line each."""
    kind = projection["kind"]
    if kind == "event":
        return tuple(_event(projection))
    if kind == "ext":
        return (f"the slot ext.{projection['name']} may carry:", *_fields(projection["data"]))
    return tuple(_rules(projection))


def change_words(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return each change in a line: what it was, what it is, what that means."""
    return tuple(
        f"{change.privacy.verdict.value}: {change.place}: {change.kind.replace('_', ' ')}: "
        f"{change.before} -> {change.after} ({change.privacy.reason}{_broken(change)})"
        for change in changes
    )


def _broken(change: Change) -> str:
    broken = [
        who
        for who, judgement in (("callers", change.callers), ("readers", change.readers))
        if judgement.verdict is Compatibility.BREAKING
    ]
    return f"; breaks {' and '.join(broken)}" if broken else ""


def _event(projection: Projection) -> Iterator[str]:
    origin = ", emitted from an exception" if projection["is_exception"] else ""
    yield (
        f"{projection['name']}: {projection['level']} diagnostic data{origin}, kept "
        f"{counted(projection['retention_days'], 'day')}, not sent after {projection['expires']}; "
        f"it carries the ext slots {names(projection['slots'])}"
    )
    lines = list(_fields(projection["data"]))
    yield from lines or ["it has no values of its own"]


def _fields(schema: Mapping[str, Any], above: str = "") -> Iterator[str]:
    required = schema.get("required", ())
    for name, child in sorted(schema.get("properties", {}).items()):
        place = f"{above}{name}"
        presence = "" if name in required or "x-source" in child else "; may be left out"
        inner = child
        while is_object(inner.get("items")):
            place, inner = f"{place}[]", inner["items"]
        if "properties" in inner:
            yield f"{above}{name}: {in_words(_shell(child))}{presence}"
            yield from _fields(inner, f"{place}.")
        else:
            yield f"{above}{name}: {in_words(child)}{presence}"


def _shell(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a container without its parts, which have lines of their own."""
    kept = {key: value for key, value in schema.items() if key not in ("properties", "required")}
    if is_object(kept.get("items")):
        kept["items"] = _shell(kept["items"])
    return kept


def _sentences(sentences: Mapping[str, Any] | None) -> Iterator[str]:
    if sentences is None:
        return
    yield f"users know the product as {shown_value(sentences['display_name'])}"
    for key, text in sorted(sentences["notice"].items()):
        yield f"users read under {key}: {shown_value(text)}"
    for text in sentences["never"]:
        yield f"users are promised, never: {shown_value(text)}"
    for key, text in sorted(sentences["controls"].items()):
        yield f"users read of how to {_CONTROLS.get(key, key)}: {shown_value(text)}"


_CONTROLS = {"off": "switch off", "see": "see what is collected", "delete": "delete it"}


def _rules(projection: Projection) -> Iterator[str]:
    yield f"events of {projection['product']} go to {projection['endpoint']}"
    default = "yes" if projection["consent_default"] else "no"
    version = projection["consent_version"]
    yield f"users are asked about consent version {version}; return alone means {default}"
    yield f"the notice has the lines {names(projection['notice'])}"
    yield from _sentences(projection.get("sentences"))
    if file := projection.get("consent_file"):
        yield f"the user's answer is kept in {shown_value(file)} in the user's home"
    for line in projection.get("never", ()):
        yield f"never collected: what a field would hold under the names {names(line['names'])}"
    scope = projection.get("scope", {}).get("events", {})
    yield f"the notice covers the events {names(scope)}"
    for key in ("review", "linkability", "suppressions", "package_roots"):
        yield from RULES_IN_WORDS[key](projection.get(key))
    known = {
        *("projection", "kind", "product", "package", "endpoint", "consent_version"),
        *("consent_default", "notice", "never", "scope", "consent_file", "sentences"),
        *RULES_IN_WORDS,
    }
    for key in sorted(projection.keys() - known):
        yield f"{key.replace('_', ' ')}: {shown_value(projection[key])}"
