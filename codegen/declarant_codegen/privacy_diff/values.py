"""The judgement of one value's schema: what it takes, class, scrubber, notice line, unit, source.

Owns every change that concerns one value and nothing around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import kinds
from declarant_codegen.privacy import floor_class
from declarant_codegen.privacy_diff.changes import (
    BREAKING,
    COMPATIBLE,
    NARROWING,
    NEUTRAL,
    SAME_CALL,
    WIDENING,
    Change,
    Judgement,
    Verdict,
)
from declarant_codegen.privacy_diff.containment import NO_WITNESS, Containment, compare
from declarant_codegen.sensitivity import SENSITIVITIES
from declarant_codegen.wording import class_words, full_words, scrubber_words, shown_value
from declarant_codegen.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Place", "marks", "taken"]

_MARKS = frozenset(("x-class", "x-unit", "x-notice", "x-scrub", "x-source"))
_UNASKED = Containment(verdict=None)
_SAME_FORM = Judgement(COMPATIBLE, "the values keep their form")
_SHOWN_LENGTH = 40  # of a text; of other values twice that


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value stands.

    Attributes:
        subject: As in `Change`.
        path: As in `Change`.
        is_argument: Whether callers give it; the runtime fills ext fields.
        lines: Lines of the notice, before and after, that hold for the value around it, and for it
            where it names none itself.
    """

    subject: str
    path: str
    is_argument: bool
    lines: tuple[str | None, str | None] = (None, None)

    def inner(self, name: str) -> Place:
        """Return the place of a property or, by ``[]``, of a list's items."""
        dot = "." if self.path and name != "[]" else ""
        return replace(self, path=f"{self.path}{dot}{name}")

    def around(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Place:
        """Return the place as that which surrounds the parts of the value."""
        lines = tuple(
            schema.get("x-notice", line)
            for schema, line in zip((before, after), self.lines, strict=True)
        )
        return replace(self, lines=lines)


def taken(
    place: Place, before: Mapping[str, Any], after: Mapping[str, Any], *, is_shell: bool = False
) -> Iterator[Change]:
    """Yield the change of the values that two schemas take, if they differ in any keyword.

    Args:
        place: Where the value stands.
        before: What it was.
        after: What it is.
        is_shell: Whether they are containers without their parts, of which no example can be given.
    """
    keywords = _differing(before, after)
    if not keywords:
        return
    old, new = _validation(before), _validation(after)
    known = compare(new, old)  # every new value was possible before
    kept = compare(old, new)  # every old value still is
    given = _given(before, after, kept)  # every value that callers gave is still taken
    if is_shell:
        known, kept, given = (Containment(verdict=item.verdict) for item in (known, kept, given))
    yield Change(
        subject=place.subject,
        path=place.path,
        kind="type_changed" if "type" in keywords else "values_changed",
        keywords=keywords,
        before=full_words(old),
        after=full_words(new),
        privacy=_values_privacy(kept, known),
        callers=_values_callers(place, before, after, given),
        readers=_values_readers(known),
    )


def marks(place: Place, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the changes of class, scrubber, notice line, unit and source."""
    for keyword, judge in _JUDGES.items():
        old, new = before.get(keyword), after.get(keyword)
        if old != new and keyword == "x-notice":
            # A line that is not named is that of the value around it.
            old, new = place.around(before, after).lines
        if old != new:
            privacy, callers, readers = judge(place, before, after)
            yield Change(
                subject=place.subject,
                path=place.path,
                kind=f"{_KINDS[keyword]}_changed",
                keywords=(keyword,),
                before=_mark_words(keyword, old),
                after=_mark_words(keyword, new),
                privacy=privacy,
                callers=callers,
                readers=readers,
            )


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        sorted(
            key
            for key in {*before, *after} - _MARKS
            if (key in before) is not (key in after) or _is_other(before[key], after[key])
        )
    )


def _is_other(old: Any, new: Any) -> bool:
    """Return whether two values are written otherwise, such as 1, 1.0 and true."""
    if isinstance(old, str) and isinstance(new, str):
        return old != new
    return shown_value(old) != shown_value(new)


def _validation(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in _MARKS}


def _given(before: Mapping[str, Any], after: Mapping[str, Any], kept: Containment) -> Containment:
    """Return whether every value that callers could give is still taken.

    That is whether every value is kept, but for text that is scrubbed: of it callers may give any,
    and what is sent of it is cut to its bound.
    """
    old, new = _arguments(before), _arguments(after)
    return kept if old is before and new is after else compare(_validation(old), _validation(new))


def _arguments(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of what callers may give; the very same where that is what is sent."""
    changed: dict[str, Any] = {}
    if "items" in schema:
        changed["items"] = _arguments(schema["items"])
    if "properties" in schema:
        parts = schema["properties"]
        inner = {name: _arguments(child) for name, child in parts.items()}
        changed["properties"] = inner if any(inner[n] is not parts[n] for n in parts) else parts
    if "x-scrub" in schema:
        return {key: value for key, value in schema.items() if key != "maxLength"}
    is_same = all(changed[key] is schema[key] for key in changed)
    return schema if is_same else {**schema, **changed}


def _values_privacy(kept: Containment, known: Containment) -> Verdict:
    if known.verdict is True:
        if kept.verdict is True:
            return Verdict(NEUTRAL, "it can hold the same values as before")
        return Verdict(NARROWING, "it can hold no value that it could not hold before")
    if known.verdict is False:
        return Verdict(WIDENING, f"it can hold values that it could not hold before{_such(known)}")
    return Verdict(WIDENING, "nothing proves that it can hold no new values")


def _values_callers(
    place: Place, before: Mapping[str, Any], after: Mapping[str, Any], given: Containment
) -> Judgement:
    if not place.is_argument:
        return SAME_CALL
    if given.verdict is None:
        return Judgement(BREAKING, "nothing proves that every value given so far is taken")
    if given.verdict is False:
        return Judgement(BREAKING, f"values given so far are refused{_such(given)}")
    reason = _narrower_type(before, after)
    if reason is not None:
        return Judgement(BREAKING, reason)
    return Judgement(COMPATIBLE, "every value given so far is taken")


def _narrower_type(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Return why code may no longer type-check or run though each JSON value is still taken."""
    if "number" in _type_names(before) and "number" not in _type_names(after):
        return "floats given so far are refused, even whole ones"
    # A plain `bool` fits a Literal of both its values.
    if _is_literal(after) and not _is_literal(before) and kinds(after) & {"string", "number"}:
        return "its type is a Literal now, which a plain variable does not fit"
    return None  # parts that both have are judged where they stand


def _is_literal(schema: Mapping[str, Any]) -> bool:
    """Return whether a value's Python type is a Literal; no float can be in one."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return bool(values) and not any(isinstance(value, float) for value in values)


def _type_names(schema: Mapping[str, Any]) -> list[str]:
    given = schema.get("type", [])
    return [given] if isinstance(given, str) else given


def _values_readers(known: Containment) -> Judgement:
    if known.verdict is True:
        return Judgement(COMPATIBLE, "every value to come was possible before")
    if known.verdict is False:
        return Judgement(BREAKING, f"values come that were not possible before{_such(known)}")
    return Judgement(BREAKING, "nothing proves that no new values come")


def _such(containment: Containment) -> str:
    if containment.witness is NO_WITNESS:
        return ""
    witness = containment.witness
    if isinstance(witness, str) and len(witness) > _SHOWN_LENGTH:
        return f", such as a text of {counted(len(witness), 'character')}"
    words = shown_value(witness)
    return f", such as {words}" if len(words) <= 2 * _SHOWN_LENGTH else ""


_Three = tuple[Verdict, Judgement, Judgement]


def _class(place: Place, before: Mapping[str, Any], after: Mapping[str, Any]) -> _Three:
    del place
    old, new = before.get("x-class"), after.get("x-class")
    if old is None or new is None:
        words = "a class is declared where none was" if old is None else "no class is declared"
        verdict = Verdict(
            WIDENING, f"{words}, and nothing proves that its values need no more care"
        )
    elif _rank(new) > _rank(old):
        verdict = Verdict(WIDENING, "it is more sensitive than what was approved")
    elif _follows_form(before, after):
        verdict = Verdict(NARROWING, "its values became narrower, and its class with them")
    else:
        verdict = Verdict(
            WIDENING,
            "a lower class asks for less care, and nothing proves that the values need it less",
        )
    return verdict, SAME_CALL, _SAME_FORM


def _rank(name: str) -> int:
    return SENSITIVITIES.index(name) if name in SENSITIVITIES else len(SENSITIVITIES)


def _follows_form(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether the class fell only because narrower values allow a lower one."""
    floor = floor_class(before)
    return (
        before.get("x-class") == floor
        and _rank(floor_class(after)) < _rank(floor)
        and compare(_validation(after), _validation(before)).verdict is True
    )


def _scrubber(place: Place, before: Mapping[str, Any], after: Mapping[str, Any]) -> _Three:
    old, new = before.get("x-scrub"), after.get("x-scrub")
    if old is None:
        verdict = Verdict(NARROWING, "text is scrubbed that was not scrubbed before")
    elif new is None:
        verdict = Verdict(WIDENING, "text is no longer scrubbed")
    elif old["name"] == new["name"]:
        verdict = Verdict(WIDENING, "another version of the scrubber may leave more of the text")
    else:
        verdict = Verdict(WIDENING, "another scrubber may leave what the first removed")
    callers = SAME_CALL
    if place.is_argument and new is None and _given(before, after, _UNASKED).verdict is not True:
        callers = Judgement(
            BREAKING, "text beyond its bound was cut after scrubbing, and is refused now"
        )
    return verdict, callers, _SAME_FORM


def _notice(place: Place, before: Mapping[str, Any], after: Mapping[str, Any]) -> _Three:
    old, new = place.around(before, after).lines
    if old is None:
        verdict = Verdict(NEUTRAL, "users are told of it under a line; what is sent is the same")
    elif new is None:
        verdict = Verdict(WIDENING, "it no longer falls under the line that told users of it")
    else:
        verdict = Verdict(WIDENING, "users were told of it under another line of the notice")
    return verdict, SAME_CALL, _SAME_FORM


def _unit(place: Place, before: Mapping[str, Any], after: Mapping[str, Any]) -> _Three:
    del before, after
    verdict = Verdict(WIDENING, "its values mean something else, perhaps something finer")
    callers = Judgement(BREAKING, "values given so far would be taken in another unit")
    readers = Judgement(BREAKING, "values to come are in another unit")
    return verdict, callers if place.is_argument else SAME_CALL, readers


def _source(place: Place, before: Mapping[str, Any], after: Mapping[str, Any]) -> _Three:
    del place, before, after
    verdict = Verdict(WIDENING, "another value of the runtime fills it")
    return verdict, SAME_CALL, Judgement(BREAKING, "values to come mean something else")


_JUDGES: dict[str, Callable[[Place, Mapping[str, Any], Mapping[str, Any]], _Three]] = {
    "x-class": _class,
    "x-scrub": _scrubber,
    "x-notice": _notice,
    "x-unit": _unit,
    "x-source": _source,
}
_KINDS = {
    "x-class": "class",
    "x-scrub": "scrubber",
    "x-notice": "notice",
    "x-unit": "unit",
    "x-source": "source",
}


def _mark_words(keyword: str, value: Any) -> str:
    if keyword == "x-scrub":
        return scrubber_words(value)
    if keyword == "x-class" and value is not None:
        return class_words(value)
    return "none" if value is None else str(value)
