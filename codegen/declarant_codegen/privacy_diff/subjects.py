"""The comparison of whole events, of ext slots and of the catalogue's own rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array
from declarant_codegen.privacy_diff.changes import (
    BREAKING,
    COMPATIBLE,
    NARROWING,
    NEUTRAL,
    WIDENING,
    Change,
    Judgement,
    Verdict,
)
from declarant_codegen.privacy_diff.fields import compare_objects, holds_identifier
from declarant_codegen.privacy_diff.renames import event_renames
from declarant_codegen.privacy_diff.review_rules import review_verdict, suppressions_verdict
from declarant_codegen.privacy_diff.sentences import SENTENCES, compare_sentences, lines_words
from declarant_codegen.privacy_diff.values import Place
from declarant_codegen.sensitivity import DEFAULT_CEILING, SENSITIVITIES
from declarant_codegen.wording import in_words, names, shown_value
from declarant_codegen.words import counted, listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["compare_events", "compare_rules", "compare_slots"]

_SAME_CALL = Judgement(COMPATIBLE, "emitters take the same arguments")
_LOST_EMITTER = Judgement(BREAKING, "calls so far name the emitter that takes an exception")
_SAME_EVENTS = Judgement(COMPATIBLE, "events keep their form")


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


def compare_rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield every change of what the catalogue says for all events, by name."""
    for key in sorted({*before, *after} - {"projection", "kind", SENTENCES}):
        old, new = before.get(key), after.get(key)
        if json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True):
            privacy, callers, readers = _RULES.get(key, _unknown_rule)(old, new)
            words = [_rule_words(key, value) for value in (old, new)]
            if key == "notice" and is_array(old) and is_array(new):
                words = [lines_words(old, new, before), lines_words(new, old, after)]
            yield _change(
                ("catalogue", key), f"{key}_changed", words[0], words[1],
                privacy=privacy, callers=callers, readers=readers,
            )  # fmt: skip
    yield from compare_sentences(before, after)


def _change(
    place: tuple[str, str],
    kind: str,
    before: str,
    after: str,
    *,
    privacy: Verdict,
    callers: Judgement = _SAME_CALL,
    readers: Judgement = _SAME_EVENTS,
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
                callers=_LOST_EMITTER if key == "is_exception" and old else _SAME_CALL,
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


_Three = tuple[Verdict, Judgement, Judgement]


def _rule_words(key: str, value: Any) -> str:
    if value is None:
        return "none"
    if key == "consent_default" and isinstance(value, bool):
        return f"the answer that is offered first is {'yes' if value else 'no'}"
    if key == "consent_version":
        return f"version {shown_value(value)}"
    if key == "notice" and is_array(value):
        return names(value)
    if key == "never" and is_array(value):
        return "; ".join(map(_never_words, value))
    is_plain = isinstance(value, str) and value.isascii() and value.isprintable()
    return str(value) if is_plain else shown_value(value)


def _never_words(line: Mapping[str, Any]) -> str:
    words = f"no field named {names(line['names'], last='or')}"
    removed = line["removed_by"]
    if not removed:
        return words
    return f"{words}, and free text only if scrubbed as {names(removed, last='or')}"


def _unknown_rule(old: Any, new: Any) -> _Three:
    del old, new
    verdict = Verdict(WIDENING, "nothing proves that the new rule allows no more than the old one")
    return verdict, _SAME_CALL, _SAME_EVENTS


def _endpoint(old: Any, new: Any) -> _Three:
    del old, new
    readers = Judgement(BREAKING, "events no longer arrive where queries so far look for them")
    return Verdict(WIDENING, "events are sent to another place"), _SAME_CALL, readers


def _consent_default(old: Any, new: Any) -> _Three:
    del old
    if new is False:
        verdict = Verdict(NARROWING, "users who only press return refuse")
    else:
        verdict = Verdict(WIDENING, "users who only press return agree")
    return verdict, _SAME_CALL, _SAME_EVENTS


def _consent_version(old: Any, new: Any) -> _Three:
    if isinstance(old, int) and isinstance(new, int) and new > old:
        verdict = Verdict(NEUTRAL, "users are asked again")
    else:
        verdict = Verdict(WIDENING, "consent to another version would count for this one")
    return verdict, _SAME_CALL, _SAME_EVENTS


def _notice(old: Any, new: Any) -> _Three:
    if is_array(old) and is_array(new) and set(old) < set(new):
        verdict = Verdict(
            NEUTRAL, "users are told more; fields that fall under it are judged apart"
        )
    else:
        verdict = Verdict(WIDENING, "users are no longer told what they were told")
    return verdict, _SAME_CALL, _SAME_EVENTS


def _never(old: Any, new: Any) -> _Three:
    before: list[Any] = old or []
    after: list[Any] = new or []
    if not _promises(before, after):
        verdict = Verdict(WIDENING, "users are no longer promised what they were promised")
    elif _promises(after, before):
        verdict = Verdict(NEUTRAL, "users are promised the same as before")
    else:
        verdict = Verdict(NARROWING, "users are promised more of what is never collected")
    return verdict, _SAME_CALL, _SAME_EVENTS


def _linkability(old: Any, new: Any) -> _Three:
    """Judge each identifier by what may ride along with it; most have no entry."""
    before: Mapping[str, Any] = old or {}
    after: Mapping[str, Any] = new or {}
    ranks = {
        place: tuple(
            SENSITIVITIES.index(entries.get(place, DEFAULT_CEILING)) for entries in (before, after)
        )
        for place in {*before, *after}
    }
    raised = sorted(place for place, (was, now) in ranks.items() if now > was)
    if raised:
        words = listing(raised, last="and")
        verdict = Verdict(WIDENING, f"a higher class may ride along with {words} than before")
    elif any(now < was for was, now in ranks.values()):
        verdict = Verdict(NARROWING, "less may ride along with an identifier than before")
    else:
        verdict = Verdict(NEUTRAL, "the same may ride along as before, now stated otherwise")
    return verdict, _SAME_CALL, _SAME_EVENTS


def _promises(lines: list[Any], others: list[Any]) -> bool:
    """Return whether each line has one among the others that promises as much or more.

    More names promise more; more scrubbers that excuse free text promise less.
    """
    return all(
        any(
            set(line["names"]) <= set(other["names"])
            and set(other["removed_by"]) <= set(line["removed_by"])
            for other in others
        )
        for line in lines
    )


def _package_roots(old: Any, new: Any) -> _Three:
    before: set[str] = set(old or ())
    after: set[str] = set(new or ())
    if after <= before:
        verdict = Verdict(NARROWING, "less of a path in free text is kept")
    else:
        verdict = Verdict(WIDENING, "paths in free text are kept from another folder on")
    return verdict, _SAME_CALL, _SAME_EVENTS


def _consent_file(old: Any, new: Any) -> _Three:
    del old, new
    verdict = Verdict(WIDENING, "answers so far are not looked for there: a no may be forgotten")
    return verdict, _SAME_CALL, _SAME_EVENTS


def _package(old: Any, new: Any) -> _Three:
    del old, new
    callers = Judgement(BREAKING, "code so far imports the package by its old name")
    return Verdict(NEUTRAL, "what is sent is the same"), callers, _SAME_EVENTS


def _review(old: Any, new: Any) -> _Three:
    return review_verdict(old, new), _SAME_CALL, _SAME_EVENTS


def _suppressions(old: Any, new: Any) -> _Three:
    return suppressions_verdict(old, new), _SAME_CALL, _SAME_EVENTS


_RULES: dict[str, Callable[[Any, Any], _Three]] = {
    "endpoint": _endpoint,
    "consent_default": _consent_default,
    "consent_version": _consent_version,
    "consent_file": _consent_file,
    "notice": _notice,
    "never": _never,
    "linkability": _linkability,
    "package": _package,
    "package_roots": _package_roots,
    "review": _review,
    "suppressions": _suppressions,
}
