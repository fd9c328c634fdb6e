"""The view of an emitter that reads an event from an exception.

Owns which expression gives each field its value; what the fields are is `exception_fields`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarant_codegen.compiler import scalar_condition
from declarant_codegen.exception_fields import EXCEPTION_ARGUMENT, EXCEPTION_FIELDS
from declarant_codegen.model import admits_null
from declarant_codegen.python_text import Code, identifier, wrap
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.compiler import Constants
    from declarant_codegen.model import Event, Field

__all__ = ["FitsFunction", "FromExceptionView", "from_exception_view"]

_FACTS = Code("_error")
"""What the exception is read from: no field is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitsFunction:
    """One function that tells whether a schema takes a value."""

    name: Code
    variable: Code
    check: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class FromExceptionView:
    """What an emitter has more than its event's other one.

    Attributes:
        function: Its name.
        argument: Name of the argument that takes the exception.
        text: What its docstring says of that argument.
        facts: Name of what the exception is read from.
        values: An expression for each of the event's arguments.
        fits: The functions that those name.
    """

    function: Code
    argument: Code
    text: tuple[Code, ...]
    facts: Code
    values: tuple[Code, ...]
    fits: tuple[FitsFunction, ...]


def from_exception_view(event: Event, constants: Constants) -> FromExceptionView | None:
    """Compute the view; None if the event is not emitted from an exception."""
    if not event.is_exception:
        return None
    reading = _Reading(constants)
    values = tuple(
        reading.expression(field) if field.name in EXCEPTION_FIELDS else identifier(field.name)
        for field in event.fields
    )
    constants.use("FromException")
    filled = [field.name for field in event.fields if field.name in EXCEPTION_FIELDS]
    are = "is" if len(filled) == 1 else "are"
    text = f"What is told of; {listing(filled, last='and')} {are} read from it, if the event is on."
    lines = wrap(text, indent=8, first=f"{EXCEPTION_ARGUMENT}: ", hang="    ")
    return FromExceptionView(
        function=identifier(event.exception_function),
        argument=identifier(EXCEPTION_ARGUMENT),
        text=tuple(map(Code, lines)),
        facts=_FACTS,
        values=values,
        fits=tuple(reading.fits),
    )


class _Reading:
    """Makes the expressions, and the functions that they need."""

    def __init__(self, constants: Constants) -> None:
        self._constants = constants
        self.fits: list[FitsFunction] = []

    def expression(self, field: Field) -> Code:
        """Return what gives a field its value."""
        if field.name == "exception_stack":
            return self._stack(field)
        if field.name == "exception_message":
            return Code(f"{_FACTS}.message()")
        if field.name == "exception_type":
            return Code(f"{_FACTS}.type({self._fits(field.schema, field.name)})")
        missing = "None" if admits_null(field.schema) else self._constants.use("UNSET")
        if field.name == "root_cause_message":
            return Code(f"{_FACTS}.root_message({missing})")
        return Code(f"{_FACTS}.root_type({self._fits(field.schema, field.name)}, {missing})")

    def _stack(self, field: Field) -> Code:
        parts = field.schema["items"]["properties"]
        fits = [self._fits(parts[name], f"{field.name}_{name}") for name in ("line", "function")]
        most = int(field.schema["maxItems"])
        return Code(f"{_FACTS}.stack({most}, {', '.join(fits)})")

    def _fits(self, schema: Mapping[str, Any], name: str) -> Code:
        """Make the function that tells whether *schema* takes a value, and return its name."""
        variable = identifier(name)
        condition = scalar_condition(schema, variable, self._constants)
        if condition is None:
            raise ValueError(f"{name}: expected the schema of a scalar")
        function = identifier(f"_fits_{name}")
        self.fits.append(FitsFunction(name=function, variable=variable, check=Code(condition)))
        return function
