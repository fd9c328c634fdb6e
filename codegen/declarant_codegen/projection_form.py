"""The form of projections that were written down and are read again.

Owns the question whether a value can be a projection that ``projection`` made: whoever can write a
file can write anything, and what compares projections relies on their form. A rule of the catalogue
that is not known here may be anything, as it is compared as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.formats import FORMATS
from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.projection import VERSION
from declarant_codegen.sensitivity import SENSITIVITIES

if TYPE_CHECKING:
    from collections.abc import Callable

    Form = Callable[[Any], bool]

__all__ = ["is_projection"]

_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


def is_projection(value: Any) -> bool:
    """Return whether a parsed JSON value is a projection of a version that is known here."""
    return _COMMON(value) and _KINDS[value["kind"]](value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _type(value: Any) -> bool:
    named = value if is_array(value) else [value]
    return len(named) in (1, 2) and all(_text(name) and name in _TYPES for name in named)


def _one_of(*values: object) -> Form:
    texts = frozenset(item for item in values if isinstance(item, str))
    others = [item for item in values if not isinstance(item, str)]
    return lambda value: (
        value in texts if isinstance(value, str) else any(value is item for item in others)
    )


def _list(item: Form) -> Form:
    return lambda value: is_array(value) and all(map(item, value))


def _map(member: Form) -> Form:
    return lambda value: is_object(value) and all(map(member, value.values()))


def _object(members: dict[str, Form], optional: dict[str, Form] | None = None) -> Form:
    """Return the form of an object that has each of *members*, and may have others."""
    perhaps = optional or {}
    return lambda value: (
        is_object(value)
        and all(name in value and form(value[name]) for name, form in members.items())
        and all(form(value[name]) for name, form in perhaps.items() if name in value)
    )


def _schema(value: Any) -> bool:
    if not is_object(value):
        return False
    for name, member in value.items():  # a loop, as catalogues have ten thousand of them
        form = _KEYWORDS.get(name)
        if form is None or not form(member):
            return False
    return True


def _told(value: Any) -> bool:
    """Return whether *value* is a line, a class and a scrubber: what a scope has of each value."""
    if not is_array(value) or len(value) != 3:
        return False
    notice, sensitivity, scrubber = value
    return _text_or_none(notice) and _class(sensitivity) and _text_or_none(scrubber)


_texts = _list(_text)
_class = _one_of(*SENSITIVITIES)
_KEYWORDS: dict[str, Form] = {
    "type": _type,
    "const": _scalar,
    "enum": _list(_scalar),
    "properties": _map(_schema),
    "required": _texts,
    "additionalProperties": _one_of(False),
    "items": _schema,
    "pattern": _text,
    "format": _one_of(*FORMATS),
    "uniqueItems": _flag,
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _count),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    "multipleOf": lambda value: _number(value) and value > 0,
    "x-class": _class,
    **dict.fromkeys(("x-unit", "x-notice", "x-source"), _text),
    "x-scrub": _object({"name": _text, "version": _text_or_none}),
}
_PROMISE: dict[str, Form] = {"names": _texts, "removed_by": _texts}
_SENTENCES = _object(
    {"display_name": _text, "notice": _map(_text), "never": _texts, "controls": _map(_text)}
)
_SCOPED_EVENT = _object(
    {"expires": _text, "slots": _texts, "values": _map(_told)}, {"level": _text}
)
_SCOPE = _object(
    {
        "events": _map(_SCOPED_EVENT),
        "ext": _map(_map(_told)),
        "never": _list(_object({"line": _text, **_PROMISE})),
    }
)
_KINDS = {
    "event": _object(
        {
            **dict.fromkeys(("name", "level", "expires"), _text),
            "retention_days": _count,
            "slots": _texts,
            "is_exception": _flag,
            "data": _schema,
        }
    ),
    "ext": _object({"name": _text, "data": _schema}),
    "catalogue": _object(
        {
            **dict.fromkeys(("product", "package", "endpoint"), _text),
            "consent_version": _count,
            "consent_default": _flag,
            "notice": _texts,
            "scope": _SCOPE,
        },
        {
            "consent_file": _text,
            "linkability": _map(_class),
            "package_roots": _texts,
            "never": _list(_object(_PROMISE)),
            "sentences": _SENTENCES,
            "review": _object({"approvers": _map(_texts), "self_approval": _flag}),
            "suppressions": _list(_object(dict.fromkeys(("rule", "place", "until"), _text))),
        },
    ),
}
_COMMON = _object(
    {"projection": lambda value: _count(value) and 1 <= value <= VERSION, "kind": _one_of(*_KINDS)}
)
