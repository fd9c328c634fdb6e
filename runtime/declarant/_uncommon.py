"""What `Client.submit` needs for values that are valid but not in canonical form.

Loaded only then: an integral float for an integer, a subclass of `str` or `int`, a tuple for an
array. The generated encoders accept exact types only, which is what makes them quick.
"""

from __future__ import annotations

from declarant._catalogue import UNSET
from declarant._shapes import is_array, is_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from declarant._catalogue import EventType
    from declarant._violations import Violation


def examined(
    event: EventType, values: Iterable[object]
) -> tuple[tuple[object, ...], list[Violation]]:
    """Return the values of an emit call in canonical form, and every breach of the schema in them.

    Raises:
        AssertionError: Encoder and validator disagree: a defect of the generator.
    """
    exact = tuple(canonical(value) for value in values)
    if event.encode(*exact) is not None:
        return exact, []
    violations = event.violations(data_of(event.arguments, values))
    if not violations:
        raise AssertionError("encoder and validator disagree")
    return exact, violations


def data_of(arguments: Iterable[str], values: Iterable[object]) -> dict[str, object]:
    """Return the `data` object of an emit call; arguments that were not given are left out."""
    pairs = zip(arguments, values, strict=True)
    return {name: _json_like(value) for name, value in pairs if value is not UNSET}


def canonical(value: object) -> object:
    """Return *value* in exact built-in types; an integral float becomes an integer."""
    if isinstance(value, bool) or value is None or value is UNSET:
        return value
    if isinstance(value, str):
        # Slicing a subclass gives a plain str, whatever its __str__ does.
        return str.__getitem__(value, slice(None))
    if isinstance(value, int):
        return int.__add__(value, 0)
    if isinstance(value, float):
        return int(value) if value.is_integer() else float.__add__(value, 0.0)
    if is_array(value):
        return [canonical(item) for item in value]
    if is_object(value):
        return {canonical(key): canonical(item) for key, item in value.items()}
    return value


def _json_like(value: object) -> object:
    """Return *value* with tuples as lists, as the validators expect arrays."""
    if is_array(value):
        return [_json_like(item) for item in value]
    if is_object(value):
        return {key: _json_like(item) for key, item in value.items()}
    return value
