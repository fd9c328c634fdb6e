"""A catalogue's own words: texts that explain what is sent and change none of it.

Owns which texts these are, and their comparison. They are all that the loader keeps of a catalogue
and ``projection`` leaves out, and the product's name: descriptions, purposes, owners, reasons,
examples. No approval is asked for them, so a change of them has no verdict; it is only shown.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.projection import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from declarant_codegen.model import Catalogue, Event, ExtField

__all__ = [
    "OwnWords",
    "WordsChange",
    "compare_catalogues",
    "compare_words",
    "event_words",
    "rules_words",
    "slot_words",
]

OwnWords = dict[str, dict[str, list[str]]]
"""Of one subject, as JSON: path in it (empty for itself) to keyword to texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsChange:
    """Words that stand for the same thing as before, and are others.

    Attributes:
        subject: Event name, ``ext.`` and a slot, or ``catalogue``.
        path: Where in it, such as ``exception_stack[].file``; empty for the subject itself.
        keyword: What holds them there, such as ``description``.
        before: The texts that are gone.
        after: The texts that came.
    """

    subject: str
    path: str
    keyword: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def place(self) -> str:
        """Subject and path together, such as ``ModelKitAction.device``."""
        return f"{self.subject}.{self.path}" if self.path else self.subject


def event_words(event: Event) -> OwnWords:
    """Return the words of an event."""
    found = _schema_words(event.schema)
    found[""] |= {
        "description": [event.description],
        "x-purpose": [event.purpose],
        "x-owners": list(event.owners),
    }
    return found


def slot_words(description: str, fields: Iterable[ExtField]) -> OwnWords:
    """Return the words of an ext slot."""
    data = {"description": description, "properties": {item.name: item.schema for item in fields}}
    return _schema_words(data)


def rules_words(catalogue: Catalogue) -> OwnWords:
    """Return what a catalogue says in words for all events."""
    found: OwnWords = {
        "": {"display_name": [catalogue.display_name]},
    }
    for item in catalogue.suppressions:
        _explain(found, f"suppressions ({item.rule_id} at {item.place})", item.reason, item.owner)
    for accepted in catalogue.accepted_breaks:
        _explain(found, f"accepted_breaks ({accepted.place})", accepted.reason, accepted.owner)
    return found


def _explain(found: OwnWords, path: str, reason: str, owner: str) -> None:
    """Add why something is accepted; a place may be listed twice."""
    texts = found.setdefault(path, {"reason": [], "owner": []})
    texts["reason"].append(reason)
    texts["owner"].append(owner)


def compare_catalogues(before: Catalogue, after: Catalogue) -> Iterator[WordsChange]:
    """Yield every change of words alone: of the rules, of ext slots, then of events, by name."""
    yield from compare_words("catalogue", rules_words(before), rules_words(after))
    for slot, fields in after.ext.items():
        if slot in before.ext:
            old = slot_words(before.slot_descriptions.get(slot, ""), before.ext[slot])
            new = slot_words(after.slot_descriptions.get(slot, ""), fields)
            yield from compare_words(f"ext.{slot}", old, new)
    events = {event.name: event for event in before.events}
    for event in after.events:
        if event.name in events:
            yield from compare_words(
                event.name, event_words(events[event.name]), event_words(event)
            )


def compare_words(subject: str, before: OwnWords, after: OwnWords) -> Iterator[WordsChange]:
    """Yield every change of words of a subject, by path and keyword.

    The words of a field that is new or gone came or went with it, which is a change of its own.
    The order in which a file has them takes no part.
    """
    for path, new in sorted(after.items()):
        old = before.get(path)
        if old is None or old == new:
            continue
        for keyword in sorted({*new, *old}):
            was, now = Counter(old.get(keyword, ())), Counter(new.get(keyword, ()))
            if was != now:
                yield WordsChange(
                    subject=subject,
                    path=path,
                    keyword=keyword,
                    before=tuple(sorted((was - now).elements())),
                    after=tuple(sorted((now - was).elements())),
                )


def _schema_words(schema: Mapping[str, Any]) -> OwnWords:
    found: OwnWords = {}
    _add_words("", schema, found)
    return found


def _add_words(path: str, schema: Mapping[str, Any], found: OwnWords) -> None:
    found[path] = {
        keyword: _texts(value) for keyword, value in schema.items() if keyword in WORDS and value
    }
    if is_object(schema.get("items")):
        _add_words(f"{path}[]", schema["items"], found)
    if is_object(schema.get("properties")):
        prefix = f"{path}." if path else ""
        for name, child in schema["properties"].items():
            _add_words(f"{prefix}{name}", child, found)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [json.dumps(item, sort_keys=True) for item in (value if is_array(value) else [value])]
