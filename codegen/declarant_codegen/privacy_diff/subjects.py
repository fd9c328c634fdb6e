"""The comparison of whole events and of ext slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.privacy_diff.changes import (
    BREAKING,
    COMPATIBLE,
    NARROWING,
    SAME_CALL,
    SAME_EVENTS,
    WIDENING,
    Change,
    Judgement,
    Verdict,
)
from declarant_codegen.privacy_diff.fields import compare_objects, holds_identifier
from declarant_codegen.privacy_diff.renames import event_renames
from declarant_codegen.privacy_diff.values import Place
from declarant_codegen.wording import in_words, names
from declarant_codegen.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["compare_events", "compare_slots"]

_LOST_EMITTER = Judgement(BREAKING, "calls so far name the emitter that takes an exception")


def compare_events(
    before: Mapping[str, dict[str, Any]],
    after: Mapping[str, dict[str, Any]],
    slots: Mapping[str, dict[str, Any]],
) -> Iterator[Change]:
    """Yield every change of the events, by name; a renamed one is a removal and an addition.

    Args:
        before: The events that were.
        after: The events that are.
        slots: The ext slots that these may carry.
    """
    gone = {name: before[name] for name in before.keys() - after.keys()}
    come = {name: after[name] for name in after.keys() - before.keys()}
    hints = event_renames(gone, come)
    for name in sorted({*before, *after}):
        if name in gone:
            yield _event_removed(gone[name], hints.get(name, ""))
        elif name in come:
            yield _event_added(come[name], slots, hints.get(name, ""))
        else:
            yield from _compare_event(before[name], after[name], slots)


def compare_slots(
    before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> Iterator[Change]:
    """Yield every change of the permitted ext slots, by name."""
    for slot in sorted({*before, *after}):
        if slot in before and slot in after:
            place = Place(subject=f"ext.{slot}", path="", is_argument=False)
            yield from compare_objects(place, before[slot]["data"], after[slot]["data"])
        else:
            is_new = slot in after
            yield _slot_permitted(slot, after[slot] if is_new else before[slot], is_new=is_new)


def _change(
    place: tuple[str, str],
    kind: str,
    before: str,
    after: str,
    *,
    privacy: Verdict,
    callers: Judgement = SAME_CALL,
    readers: Judgement = SAME_EVENTS,
    hint: str = "",
) -> Change:
    return Change(
        subject=place[0],
        path=place[1],
        kind=kind,
        before=before,
        after=after,
        privacy=privacy,
        callers=callers,
        readers=readers,
        hint=hint,
    )


def _event_words(event: Mapping[str, Any]) -> str:
    origin = "; emitted from an exception" if event["is_exception"] else ""
    return (
        f"{event['level']} diagnostic data, kept {counted(event['retention_days'], 'day')}, "
        f"not sent after {event['expires']}; ext slots: {names(event['slots'])}{origin}; "
        f"data: {in_words(event['data'])}"
    )


def _event_added(
    event: Mapping[str, Any], slots: Mapping[str, dict[str, Any]], hint: str
) -> Change:
    found = _identifiers(event["data"], "")
    found += [name for slot in event["slots"] for name in _slot_identifiers(slot, slots)]
    return _change(
        (event["name"], ""), "event_added", "none", _event_words(event),
        privacy=Verdict(WIDENING, f"a new event is sent{_with_identifiers(found)}"),
        callers=Judgement(COMPATIBLE, "calls so far do not name it"),
        readers=Judgement(COMPATIBLE, "queries so far do not ask for it"),
        hint=hint,
    )  # fmt: skip


def _identifiers(data: Mapping[str, Any], prefix: str) -> list[str]:
    """Return the fields that hold an identifier, by name."""
    fields = sorted(data.get("properties", {}).items())
    return [f"{prefix}{name}" for name, schema in fields if holds_identifier(schema)]


def _slot_identifiers(slot: str, slots: Mapping[str, dict[str, Any]]) -> list[str]:
    return _identifiers(slots[slot]["data"], f"ext.{slot}.") if slot in slots else []


def _with_identifiers(found: list[str]) -> str:
    if not found:
        return ""
    return f", with the identifier{'s' if len(found) > 1 else ''} {names(found)}"


def _event_removed(event: Mapping[str, Any], hint: str) -> Change:
    return _change(
        (event["name"], ""), "event_removed", _event_words(event), "none",
        privacy=Verdict(NARROWING, "the event is no longer sent"),
        callers=Judgement(BREAKING, "calls so far name its emitter, which is gone"),
        readers=Judgement(BREAKING, "queries so far may ask for it, and it no longer comes"),
        hint=hint,
    )  # fmt: skip


def _compare_event(
    before: Mapping[str, Any], after: Mapping[str, Any], slots: Mapping[str, dict[str, Any]]
) -> Iterator[Change]:
    name = after["name"]
    for key, judge in _EVENT_KEYS.items():
        old, new = before[key], after[key]
        if old != new:
            words = _EVENT_WORDS[key]
            yield _change(
                (name, ""), f"{key}_changed", words(old), words(new),
                privacy=judge(old, new),
                callers=_LOST_EMITTER if key == "is_exception" and old else SAME_CALL,
            )  # fmt: skip
    for slot in sorted({*before["slots"], *after["slots"]}):
        if (slot in before["slots"]) is not (slot in after["slots"]):
            yield _slot_carried(name, slot, slots, is_new=slot in after["slots"])
    place = Place(subject=name, path="", is_argument=True)
    yield from compare_objects(place, before["data"], after["data"])


def _level(old: str, new: str) -> Verdict:
    del old
    # Events at `required` are sent for everybody who consented at all, so it is the lower bar.
    if new == "required":
        return Verdict(WIDENING, "it is sent even for users who keep optional data off")
    return Verdict(NARROWING, "it is no longer sent for users who keep optional data off")


def _retention(old: int, new: int) -> Verdict:
    if new > old:
        return Verdict(WIDENING, "its data is kept longer")
    return Verdict(NARROWING, "its data is deleted sooner")


def _expiry(old: str, new: str) -> Verdict:
    if new > old:  # ISO dates sort as text
        return Verdict(WIDENING, "it is sent for longer")
    return Verdict(NARROWING, "it stops being sent sooner")


def _origin(old: bool, new: bool) -> Verdict:
    del old, new
    return Verdict(
        WIDENING, "its data comes from elsewhere, and nothing proves that it holds no more"
    )


_EVENT_KEYS: dict[str, Callable[[Any, Any], Verdict]] = {
    "level": _level,
    "retention_days": _retention,
    "expires": _expiry,
    "is_exception": _origin,
}
_EVENT_WORDS: dict[str, Callable[[Any], str]] = {
    "level": "{} diagnostic data".format,
    "retention_days": lambda days: f"kept {counted(days, 'day')}",
    "expires": "not sent after {}".format,
    "is_exception": lambda is_it: "emitted from an exception" if is_it else "emitted as it happens",
}


def _slot_carried(
    event: str, slot: str, slots: Mapping[str, dict[str, Any]], *, is_new: bool
) -> Change:
    place = (event, f"ext.{slot}")
    told = _with_identifiers(_slot_identifiers(slot, slots))
    if is_new:
        return _change(
            place, "slot_added", "not carried", "carried",
            privacy=Verdict(WIDENING, f"the event carries ext.{slot} along{told}"),
            readers=Judgement(COMPATIBLE, "queries so far do not ask for it"),
        )  # fmt: skip
    return _change(
        place, "slot_removed", "carried", "not carried",
        privacy=Verdict(NARROWING, f"the event no longer carries ext.{slot}"),
        readers=Judgement(BREAKING, "queries so far may ask for it, and it no longer comes"),
    )  # fmt: skip


def _slot_permitted(slot: str, projection: Mapping[str, Any], *, is_new: bool) -> Change:
    words = in_words(projection["data"])
    place = (f"ext.{slot}", "")
    told = _with_identifiers(_identifiers(projection["data"], f"ext.{slot}."))
    if is_new:
        return _change(
            place, "slot_permitted", "not permitted", words,
            privacy=Verdict(WIDENING, f"events may carry a slot that none could before{told}"),
            readers=Judgement(COMPATIBLE, "queries so far do not ask for it"),
        )  # fmt: skip
    return _change(
        place, "slot_forbidden", words, "not permitted",
        privacy=Verdict(NARROWING, "no event may carry the slot any more"),
        readers=Judgement(BREAKING, "queries so far may ask for it, and it no longer comes"),
    )  # fmt: skip
