"""The check of one file against the dialect.

Owns the judgement of each keyword alone, by the tables that ``meta_schemas`` reads from the
meta-schemas; what keywords mean together is judged elsewhere.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from declarant_codegen.dialect_fit import (
    LIMITS,
    SIZED,
    is_date,
    is_listed,
    keeps_to_dialect,
    repeats,
)
from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.meta_schemas import root_node
from declarant_codegen.positions import escape_token
from declarant_codegen.words import (
    MOST_GUESSES,
    counted,
    describe,
    json_type,
    listing,
    nearest,
    quote,
    with_article,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from declarant_codegen.meta_schemas import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One value that the dialect does not admit.

    Attributes:
        rule_id: Rule that is broken.
        pointer: JSON pointer of the place to show.
        owner: JSON pointer of the object whose keyword is wrong.
        keyword: That keyword.
        message: Expected, found, how to mend.
        meant: The keyword that an unknown one is taken for, or empty.
    """

    rule_id: str
    pointer: str
    owner: str
    keyword: str
    message: str
    meant: str = ""

    @property
    def is_idle(self) -> bool:
        """Whether everything else means the same without the keyword: it is one too many."""
        return self.rule_id == "KEYWORD_UNKNOWN" and not self.meant

    @property
    def places(self) -> Iterator[str]:
        """JSON pointers of what is not known for this breach."""
        if self.is_idle:
            return
        yield f"{self.owner}/{escape_token(self.keyword)}" if self.keyword else self.pointer
        if self.meant:
            yield f"{self.owner}/{escape_token(self.meant)}"


def check_dialect(kind: str, value: Any) -> list[Breach]:
    """Return every breach of a kind's meta-schema in a file's value."""
    if keeps_to_dialect(kind, value):
        return []
    breaches: list[Breach] = []
    node = root_node(kind)
    if not is_object(value):
        found = f"expected a JSON object, found {describe(value)}; write the file as an object"
        return [Breach(rule_id="KEYWORD_VALUE", pointer="", owner="", keyword="", message=found)]
    _check_object(node, value, "", breaches)
    return breaches


def _check(node: Node, value: Any, pointer: str, breaches: list[Breach]) -> None:
    """Check one value; *pointer* is its place."""
    if node.types is not None and type(value) not in node.types and not _is_whole(node, value):
        breaches.append(_breach(node, "type", value, pointer))
        return
    if node.enum is not None and not is_listed(value, node.enum):
        breaches.append(_breach(node, "enum" if "enum" in node.raw else "const", value, pointer))
        return
    if node.pattern and isinstance(value, str) and not node.pattern.search(value):
        breaches.append(_breach(node, "pattern", value, pointer))
        return
    if node.limits:
        sized = SIZED.get(type(cast("object", value)), ())
        for name, bound in node.limits:
            if name in sized and not LIMITS[name](value, bound):
                breaches.append(_breach(node, name, value, pointer))
                break
    if is_object(value):
        _check_object(node, value, pointer, breaches)
    elif is_array(value):
        _check_array(node, value, pointer, breaches)
    elif node.raw.get("format") == "date" and not is_date(value):
        breaches.append(_breach(node, "format", value, pointer))


def _check_object(node: Node, value: dict[str, Any], pointer: str, breaches: list[Breach]) -> None:
    unknown: list[str] = []
    properties, additional = node.properties, node.additional
    for key, member in value.items():
        child = properties.get(key, additional)
        if child is None:
            if node.is_closed:
                unknown.append(key)
            continue
        _check(child, member, f"{pointer}/{escape_token(key)}", breaches)
        if node.keys is not None and not node.keys.search(key):
            breaches.append(_bad_key(node, key, pointer))
    missing = [name for name in node.required if name not in value]
    meant: set[str] = set()
    free = [name for name in properties if name not in value]
    for index, key in enumerate(unknown):
        guess = nearest(key, free) if index < MOST_GUESSES else None
        meant.update([guess] if guess else [])
        breaches.append(_unknown(key, guess, pointer))
    breaches.extend(_missing(node, name, pointer) for name in missing if name not in meant)


def _check_array(node: Node, value: list[Any], pointer: str, breaches: list[Breach]) -> None:
    if node.items is not None:
        for index, item in enumerate(value):
            _check(node.items, item, f"{pointer}/{index}", breaches)
    if node.raw.get("uniqueItems"):
        breaches.extend(
            _repeated(node, value[index], f"{pointer}/{index}") for index in repeats(value)
        )


def _breach(node: Node, meta_keyword: str, value: Any, pointer: str) -> Breach:
    owner, keyword = _split(pointer)
    expected = node.raw.get("x-expected") or _expected(node)
    mend = node.raw.get("x-mend") or _mend(node, value)
    where = _naming(owner, keyword)
    return Breach(
        rule_id=node.rule(meta_keyword, found=json_type(value)),
        pointer=pointer,
        owner=owner,
        keyword=keyword,
        message=f"expected {where}{expected}, found {describe(value)}; {mend}",
    )


def _naming(owner: str, keyword: str) -> str:
    if keyword.isdigit():
        return f"each of {quote(_split(owner)[1])} to be "
    return f"{quote(keyword)} to be "


def _mend(node: Node, value: Any) -> str:
    if isinstance(value, str) and node.enum:
        guess = nearest(value, [item for item in node.enum if isinstance(item, str)])
        if guess:
            return f"did you mean {quote(guess)}?"
    return "change the value"


def _expected(node: Node) -> str:
    if node.enum is not None:
        return listing(_literal(item) for item in node.enum)
    if node.types is None:
        return "another value"
    bounds = dict(node.limits)
    kinds = node.raw["type"] if is_array(node.raw["type"]) else [node.raw["type"]]
    words = with_article(listing(kinds))
    return words + "".join(_bound_words(bounds))


def _bound_words(bounds: Mapping[str, float]) -> Iterator[str]:
    for low, high, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", "character"),
        ("minItems", "maxItems", "item"),
    ):
        if low in bounds and high in bounds:
            yield f" of {bounds[low]} to {_counted(bounds[high], unit)}"
        elif high in bounds:
            yield f" of at most {_counted(bounds[high], unit)}"
        elif low in bounds:
            yield f" of at least {_counted(bounds[low], unit)}"
    if "exclusiveMinimum" in bounds:
        yield f" above {bounds['exclusiveMinimum']}"
    if "minProperties" in bounds:
        yield " that is not empty"


def _counted(bound: float, unit: str) -> str:
    return counted(int(bound), unit) if unit else f"{bound}"


def _literal(item: Any) -> str:
    return quote(item) if isinstance(item, str) else json.dumps(item)


def _unknown(key: str, guess: str | None, pointer: str) -> Breach:
    place = f"{pointer}/{escape_token(key)}"
    if guess:
        mend = f"did you mean {quote(guess)}?"
    else:
        homes = _homes(key)
        mend = f"it belongs to {homes}; remove it here" if homes else "remove it"
    found = f"expected a keyword of the dialect, found {quote(key)}, which nothing enforces"
    return Breach(
        rule_id="KEYWORD_UNKNOWN",
        pointer=place,
        owner=pointer,
        keyword=key,
        message=f"{found}; {mend}",
        meant=guess or "",
    )


def _homes(key: str) -> str:
    """Return words for the places where a keyword that is wrong here is right."""
    value = root_node("event").properties["properties"].additional
    source = root_node("ext").properties["properties"].additional
    homes = [
        words
        for words, node in (
            ("an event's root", root_node("event")),
            ("a field", value),
            ("an ext field", source),
            ("catalogue.json", root_node("catalogue")),
        )
        if node is not None and key in node.properties
    ]
    return homes[0] if homes else ""


def _missing(node: Node, name: str, pointer: str) -> Breach:
    child = node.properties[name]
    mend = child.raw.get("x-mend") or f"add {quote(name)}"
    words = child.raw.get("x-expected") or _expected(child)
    return Breach(
        rule_id=child.rule("required", otherwise="KEYWORD_MISSING"),
        pointer=pointer,
        owner=pointer,
        keyword=name,
        message=f"expected {quote(name)} ({words}), found none; {mend}",
    )


def _bad_key(node: Node, key: str, pointer: str) -> Breach:
    words = node.raw["propertyNames"]["x-expected"]
    return Breach(
        rule_id="KEYWORD_VALUE",
        pointer=f"{pointer}/{escape_token(key)}",
        owner=pointer,
        keyword=key,
        message=f"expected {words}, found {quote(key)}; rename it",
    )


def _repeated(node: Node, item: Any, pointer: str) -> Breach:
    owner = _split(pointer)[0]
    parent, keyword = _split(owner)
    return Breach(
        rule_id=node.rule("uniqueItems"),
        pointer=pointer,
        owner=parent,
        keyword=keyword,
        message=f"expected each item of {quote(keyword)} once, found {describe(item)} again; "
        "remove one of the two",
    )


def without_idle(value: Any, breaches: Iterable[Breach]) -> Any:
    """Return a file's value without the keywords that are merely too many."""
    idle = [breach for breach in breaches if breach.is_idle]
    pruned = copy.deepcopy(value) if idle else value
    for breach in idle:
        place = pruned
        for token in breach.owner.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            place = place[int(key) if is_array(place) else key]
        del place[breach.keyword]
    return pruned


def _split(pointer: str) -> tuple[str, str]:
    """Return the pointer of the parent, and the last token as a key."""
    owner, _, token = pointer.rpartition("/")
    return owner, token.replace("~1", "/").replace("~0", "~")


def _is_whole(node: Node, value: Any) -> bool:
    """Return whether a float such as 3.0 stands for the integer that is asked for."""
    return (
        type(value) is float and node.types is not None and int in node.types and value.is_integer()
    )
