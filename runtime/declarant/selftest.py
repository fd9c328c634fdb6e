"""The self-test of a generated package: emitters, validators and a foreign engine agree.

``python -m declarant.selftest PACKAGE`` makes, from the schemas inside an installed package, values
that are valid and values that breach one keyword alone, and asks three judges of each: the emitter,
the generated validator, and jsonschema-rs, which shares no code with either. It stores and sends
nothing, and consent does not matter to it.

Exit codes: 0 all agree, 1 they do not, 2 could not run.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from declarant._catalogue import Catalogue
from declarant._errors import DeclarantError
from declarant._selftest_values import breaches, valid_values
from declarant._shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from declarant._catalogue import EventType

__all__ = ["SelfTest", "main", "run"]


class SelfTest:
    """What came of it.

    Attributes:
        events: Events that were tried.
        valid: Valid values that were tried.
        breaches: Values that breach one keyword that were tried.
        problems: One line for each value on which the three disagree; no line holds the value.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events = 0
        self.valid = 0
        self.breaches = 0
        self.problems: list[str] = []


class _Probe:
    """Stands for a client: what an emitter submits is encoded, and goes nowhere."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._client = catalogue.client
        self.text: str | None = None

    def submit(self, event: EventType, values: Iterable[object]) -> None:
        self.text = self._client.preview(event, values)


class _Judges:
    """The three, of one event."""

    def __init__(self, package: Any, catalogue: Catalogue, event: EventType) -> None:
        engine: Any = import_module("jsonschema_rs")
        self._probe = _Probe(catalogue)
        self._emit = getattr(package, f"emit_{catalogue.events[event.name]}")
        self._event = event
        self._make = engine.validator_for
        self._known: dict[str, Any] = {}

    def accepts(self, schema: Mapping[str, Any], value: object) -> bool:
        """Tell what the foreign engine says."""
        key = json.dumps(schema)
        if key not in self._known:
            self._known[key] = self._make(schema, validate_formats=True)
        return bool(self._known[key].is_valid(value))

    def keywords(self, value: object) -> list[str]:
        """Return what the generated validator finds breached."""
        return [violation.keyword for violation in self._event.violations(value)]

    def written(self, value: dict[str, Any]) -> Any:
        """Return what the emitter would store of *value*, or None."""
        self._probe.text = None
        try:
            self._emit(client=self._probe, **value)
        except TypeError:
            return None  # no such argument, or one too few
        return None if self._probe.text is None else json.loads(self._probe.text)


def run(name: str) -> SelfTest:
    """Test an installed generated package.

    Args:
        name: Its import name.

    Raises:
        ImportError: There is no such package, or jsonschema-rs is not installed.
        DeclarantError: The package is damaged.
    """
    package = import_module(name)
    catalogue = getattr(package, "CATALOGUE", None)
    if not isinstance(catalogue, Catalogue):
        raise ImportError(  # noqa: TRY004  it says what was imported, not what was passed
            f"{name}: expected a generated package, found another"
        )
    result = SelfTest()
    for event_name in catalogue.events:
        event = catalogue.event(event_name)
        assert event is not None
        text = (files(name) / "schemas" / f"{event_name}.json").read_text("utf-8")
        schema = json.loads(text)["properties"]["data"]
        judges = _Judges(package, catalogue, event)
        result.events += 1
        result.problems += [f"{event_name}{line}" for line in _judged(judges, schema, result)]
    return result


def _judged(judges: _Judges, schema: dict[str, Any], result: SelfTest) -> Iterator[str]:
    """Yield what is wrong with one event."""
    values = [value for value in valid_values(schema, judges.accepts) if is_object(value)]
    if not values:
        yield ": no value was found that its schema takes"
        return
    for value in values:
        result.valid += 1
        yield from _judged_valid(judges, schema, value)
    for breach in breaches(schema, values[0], judges.accepts):
        result.breaches += 1
        place = f".{breach.place}" if breach.place else ""
        if breach.keyword not in judges.keywords(breach.value):
            yield f"{place}: the validator does not find {breach.keyword} breached"
        written = judges.written(breach.value) if is_object(breach.value) else None
        # A scrubber cuts what is too long.
        is_cut = breach.keyword == "maxLength" and judges.accepts(schema, written)
        if written is not None and not is_cut:
            yield f"{place}: the emitter does not find {breach.keyword} breached"


def _judged_valid(judges: _Judges, schema: dict[str, Any], value: dict[str, Any]) -> Iterator[str]:
    if found := judges.keywords(value):
        yield f": the validator refuses a valid value, for {', '.join(found)}"
    written = judges.written(value)
    if written is None:
        yield ": the emitter refuses a valid value"
    elif written.keys() != value.keys():
        yield ": the emitter writes other members than it was given"
    elif not judges.accepts(schema, written):
        yield ": the emitter writes what is not valid"


def main(words: list[str] | None = None) -> int:
    """Run the command; *words* are its arguments, by default the process's own."""
    given = sys.argv[1:] if words is None else words
    if len(given) != 1 or given[0].startswith("-"):
        return _could_not_run("expected the name of one generated package")
    try:
        result = run(given[0])
    except ModuleNotFoundError as error:
        mend = "pip install jsonschema-rs" if error.name == "jsonschema_rs" else "install it"
        return _could_not_run(f"expected the module {error.name}, found none; {mend}")
    except (ImportError, DeclarantError, OSError) as error:
        return _could_not_run(str(error))
    for line in result.problems:
        print(line)  # noqa: T201  the command's own output
    print(  # noqa: T201
        f"{result.events} events: {result.valid} valid values, {result.breaches} that breach one "
        f"keyword; {len(result.problems)} of them judged otherwise by one of three"
    )
    return 1 if result.problems else 0


def _could_not_run(message: str) -> int:
    print(f"declarant.selftest: {message}", file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main())
