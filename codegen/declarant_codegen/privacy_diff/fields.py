"""The comparison of two closed objects, field by field, at every depth.

Verdicts are given where the difference is. They add up: a list or an object takes no new value if
none of its parts does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_same
from declarant_codegen.privacy_diff.changes import (
    BREAKING,
    COMPATIBLE,
    NARROWING,
    WIDENING,
    Change,
    Judgement,
    Verdict,
)
from declarant_codegen.privacy_diff.renames import field_renames
from declarant_codegen.privacy_diff.values import marks, taken
from declarant_codegen.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.privacy_diff.values import Place

__all__ = ["compare_objects", "holds_identifier"]

_PARTS = frozenset({"properties", "required", "items"})
_PRESENCE = ("may be left out", "always sent")
_FILLED = Judgement(COMPATIBLE, "the runtime fills it; emitters take the same arguments")


def compare_objects(
    place: Place, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    """Yield every change between the fields of two closed objects, by name."""
    old: Mapping[str, Any] = before.get("properties", {})
    new: Mapping[str, Any] = after.get("properties", {})
    gone = {name: old[name] for name in old.keys() - new.keys()}
    come = {name: new[name] for name in new.keys() - old.keys()}
    hints = field_renames(gone, come)
    for name in sorted({*old, *new}):
        inner = place.inner(name)
        if name in gone:
            yield _removed(inner, gone[name], hints.get(name, ""))
        elif name in come:
            is_required = name in after.get("required", ())
            yield _added(inner, come[name], hints.get(name, ""), is_required=is_required)
        else:
            was_required = name in before.get("required", ())
            is_required = name in after.get("required", ())
            if was_required is not is_required:
                yield _presence(inner, is_required=is_required)
            if not is_same(old[name], new[name]):
                yield from _compare_values(inner, old[name], new[name])


def _compare_values(
    place: Place, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    part = _shared_part(before, after)
    if part is None:
        yield from taken(place, before, after)
    else:
        yield from taken(place, _shell(before), _shell(after), is_shell=True)
    yield from marks(place, before, after)
    around = place.around(before, after)
    if part == "properties":
        yield from compare_objects(around, before, after)
    elif part == "items":
        yield from _compare_values(around.inner("[]"), before["items"], after["items"])


def _shared_part(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Return the keyword whose parts are compared one by one, if both schemas have it."""
    for keyword in ("properties", "items"):
        if keyword in before and keyword in after:
            return keyword
    return None


def _shell(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a container's schema without its parts, which are compared on their own."""
    return {key: value for key, value in schema.items() if key not in _PARTS}


def _added(place: Place, schema: Mapping[str, Any], hint: str, *, is_required: bool) -> Change:
    is_identifier = holds_identifier(schema)
    what = "a new identifier is sent" if is_identifier else "a new field is sent"
    callers = _FILLED
    if place.is_argument and is_required:
        callers = Judgement(BREAKING, "calls so far do not give it, and it is required")
    elif place.is_argument:
        callers = Judgement(COMPATIBLE, "calls so far do not give it, and need not")
    return Change(
        subject=place.subject,
        path=place.path,
        kind="identifier_added" if is_identifier else "field_added",
        before="none",
        after=f"{in_words(schema)}; {_PRESENCE[is_required]}",
        privacy=Verdict(WIDENING, what),
        callers=callers,
        readers=Judgement(COMPATIBLE, "queries so far do not ask for it"),
        hint=hint,
    )


def holds_identifier(schema: Mapping[str, Any]) -> bool:
    """Return whether a value, or any inside it, tells one device, run or person from another."""
    parts = [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]
    return schema.get("x-class") == "identifier" or any(map(holds_identifier, parts))


def _removed(place: Place, schema: Mapping[str, Any], hint: str) -> Change:
    callers = Judgement(BREAKING, "calls so far may give it, and it is no argument any more")
    return Change(
        subject=place.subject,
        path=place.path,
        kind="field_removed",
        before=in_words(schema),
        after="none",
        privacy=Verdict(NARROWING, "the field is no longer sent"),
        callers=callers if place.is_argument else _FILLED,
        readers=Judgement(BREAKING, "queries so far may ask for it, and it no longer comes"),
        hint=hint,
    )


def _presence(place: Place, *, is_required: bool) -> Change:
    if is_required:
        privacy = Verdict(WIDENING, "it is always sent, where it could be left out before")
        callers = Judgement(BREAKING, "calls so far may leave it out")
        readers = Judgement(COMPATIBLE, "events that have it were possible before")
    else:
        # Whoever reads the data can tell the events that lack it from the others.
        privacy = Verdict(WIDENING, "its absence tells something that could not be told before")
        callers = Judgement(COMPATIBLE, "calls so far give it, and still can")
        readers = Judgement(BREAKING, "queries so far may rely on it, and events come without it")
    return Change(
        subject=place.subject,
        path=place.path,
        kind="presence_changed",
        keywords=("required",),
        before=_PRESENCE[not is_required],
        after=_PRESENCE[is_required],
        privacy=privacy,
        callers=callers,
        readers=readers,
    )
