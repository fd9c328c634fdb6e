"""Whether one schema takes nothing that another does not take: yes, no, or not known.

A yes is a proof, keyword by keyword. A no comes with a value that the first schema takes and the
second does not. Everything else is not known, and whoever asks must assume the worse.

The dialect's keywords are known, and beyond it open objects, ``propertyNames`` and counts of
properties; references are not (a catalogue's schemas come with theirs inlined).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import KINDS, accepts, kinds, listed
from declarant_codegen.json_values import is_same
from declarant_codegen.privacy_diff.numeric import (
    candidates,
    is_within,
    number_set,
    whole_members,
)
from declarant_codegen.privacy_diff.samples import (
    LONGEST,
    MISSING,
    NOTHING,
    Schema,
    as_object,
    property_schema,
    samples,
)
from declarant_codegen.privacy_diff.texts import outside_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["NO_WITNESS", "Containment", "compare", "is_subset"]


NO_WITNESS: Any = object()
"""Where an answer has no witness; ``null`` may be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Containment:
    """An answer.

    Attributes:
        verdict: Whether every value of the one is a value of the other; None: not known.
        witness: If it is not: a value of the one that is not of the other; else `NO_WITNESS`.
    """

    verdict: bool | None
    witness: Any = NO_WITNESS


_PROVEN = Containment(verdict=True)
_UNKNOWN = Containment(verdict=None)


def is_subset(inner: Schema, outer: Schema) -> bool | None:
    """Return whether *outer* takes every JSON value that *inner* takes; None: not known."""
    return compare(inner, outer).verdict


def compare(inner: Schema, outer: Schema) -> Containment:
    """Return whether *outer* takes every JSON value that *inner* takes, with a witness if not."""
    if outer is True or inner is False or is_same(inner, outer):
        return _PROVEN
    one = as_object(inner)
    other = as_object(outer)
    found = _suspects(one, other)
    if found is None:
        return _PROVEN
    for value in found:
        if accepts(one, value) and not accepts(other, value):
            return Containment(verdict=False, witness=value)
    return _UNKNOWN


def _suspects(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[Any] | None:
    """Return values that may be outside, to be checked; None is proof that there are none."""
    members = listed(one)
    if members is not None:
        return None if all(accepts(other, value) for value in members) else members
    inner, outer = kinds(one), kinds(other)
    judges = [_BY_KIND[kind] if kind in outer else _ABSENT[kind] for kind in KINDS if kind in inner]
    suspects = [found for judge in judges if (found := judge(one, other)) is not None]
    return chain.from_iterable(suspects) if suspects else None


def _nulls(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Any] | None:
    del one
    return None if accepts(other, None) else [None]


def _booleans(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Any] | None:
    del one
    outside = [value for value in (True, False) if not accepts(other, value)]
    return outside or None


def _numbers(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[Any] | None:
    inner, outer = number_set(one), number_set(other)
    members = listed(other)
    if inner.is_empty or (members is None and is_within(inner, outer)):
        return None
    whole = whole_members(inner)
    if whole is not None:
        outside = [value for value in whole if not accepts(other, value)]
        return outside or None
    return candidates(inner, outer, members or [])


def _arrays(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[Any] | None:
    low, high = _count_bounds(one, "Items")
    if low > high:
        return None
    least, most = _count_bounds(other, "Items")
    items = _PROVEN if high == 0 else compare(one.get("items", True), other.get("items", True))
    differs = one.get("uniqueItems", False) or not other.get("uniqueItems", False) or high <= 1
    is_proven = listed(other) is None and items.verdict is True and differs
    if is_proven and least <= low and high <= most:
        return None
    return _array_samples(one, items, {low, least - 1, most + 1, max(low, 2)})


def _count_bounds(schema: Mapping[str, Any], noun: str) -> tuple[int, float]:
    return schema.get(f"min{noun}", 0), schema.get(f"max{noun}", float("inf"))


def _array_samples(
    one: Mapping[str, Any], items: Containment, counts: Iterable[float]
) -> Iterator[Any]:
    """Yield arrays of several lengths, of the items' witness or of samples."""
    known = list(samples(one.get("items", True)))[:LONGEST]
    for count in sorted(counts):
        if not 0 <= count <= LONGEST:
            continue
        size = int(count)
        if items.verdict is False:
            yield ([items.witness] + [item for item in known if item != items.witness])[:size]
            yield [items.witness] * size
        yield known[:size]
        yield known[:1] * size


def _objects(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[Any] | None:
    names = sorted({*one.get("properties", {}), *other.get("properties", {})})
    parts = {
        name: compare(property_schema(one, name), property_schema(other, name)) for name in names
    }
    required = frozenset(one.get("required", ()))
    if any(property_schema(one, name) is False for name in required):
        return None
    rest = compare(one.get("additionalProperties", True), other.get("additionalProperties", True))
    is_proven = (
        listed(other) is None
        and all(part.verdict is True for part in (*parts.values(), rest))
        and required >= frozenset(other.get("required", ()))
        and _holds_property_count(one, other)
        and _holds_names(one, other)
    )
    return None if is_proven else _object_samples(one, other, parts)


def _holds_property_count(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    low, high = _count_bounds(one, "Properties")
    least, most = _count_bounds(other, "Properties")
    if one.get("additionalProperties", True) is False:
        high = min(high, len(one.get("properties", {})))
    return least <= max(low, len(set(one.get("required", ())))) and high <= most


def _holds_names(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    wanted = other.get("propertyNames", True)
    if one.get("additionalProperties", True) is False:
        return all(accepts(wanted, name) for name in one.get("properties", {}))
    return (
        is_subset({"type": "string", **as_object(one.get("propertyNames", True))}, wanted) is True
    )


def _object_samples(
    one: Mapping[str, Any], other: Mapping[str, Any], parts: Mapping[str, Containment]
) -> Iterator[Any]:
    base = next(samples({**one, "type": "object"}), None)
    if base is None:
        return
    yield base
    properties: Mapping[str, Schema] = one.get("properties", {})
    full = {name: next(samples(schema), MISSING) for name, schema in sorted(properties.items())}
    yield {**{name: item for name, item in full.items() if item is not MISSING}, **base}
    for name, part in parts.items():
        if part.verdict is False:
            yield {**base, name: part.witness}
    for name in ("x", "other", *sorted(other.get("properties", ()))):
        yield {**base, name: None}
        yield {**base, name: next(samples(property_schema(one, name)), None)}


_Judge = Callable[[Mapping[str, Any], Mapping[str, Any]], "Iterable[Any] | None"]
_BY_KIND: dict[str, _Judge] = {
    "null": _nulls,
    "boolean": _booleans,
    "number": _numbers,
    "string": outside_texts,
    "array": _arrays,
    "object": _objects,
}


def _judged_absent(kind: str) -> _Judge:
    """Return the judge of a kind that the outer schema does not take at all."""

    def absent(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[Any] | None:
        del other
        if kind not in ("array", "object"):
            return _BY_KIND[kind](one, NOTHING)
        low, high = _count_bounds(one, "Items")
        return None if kind == "array" and low > high else samples({**one, "type": kind})

    return absent


_ABSENT: dict[str, _Judge] = {kind: _judged_absent(kind) for kind in KINDS}
