"""Privacy: classes, scrubbers, reasons, notice lines.

Owns the least class that a schema can honestly have, and what free text needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from declarant.gencode import SOURCES
from declarant.scrub import SCRUBBED
from declarant_codegen.bounds import base_type
from declarant_codegen.compiler.pattern_tree import parse_pattern
from declarant_codegen.patterns import check_pattern
from declarant_codegen.prose import ANY_TEXT, MAIL, PATHS, SENTENCES, WEB, prose_in
from declarant_codegen.room import MOST_BYTES, is_roomy
from declarant_codegen.scrub_vectors import check_vectors
from declarant_codegen.sensitivity import SENSITIVITIES, Sensitivity
from declarant_codegen.shapes import form_of
from declarant_codegen.spelling import ENCODED, spelled
from declarant_codegen.words import describe, listing, quote, some_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from declarant_codegen.bounds import Problem
    from declarant_codegen.shapes import Form
    from declarant_codegen.words import Guesses

_GIVEN_BY_HOST = "app_version"
"""The one source whose value the application gives; the runtime makes all others itself."""

_IDENTIFYING = frozenset({"device_id", "epoch", "session_id"})
"""Sources that tell one device, run or process from another, whatever their form."""

# What free text may have; enum and const make a choice of it, which needs no scrubber.
_UNSCRUBBABLE = ("pattern", "format", "minLength")
_WITHOUT = {
    SENTENCES: ("a space between words",),
    MAIL: ('"@" between names',),
    PATHS: ('"\\\\"', 'a second "/"'),
    WEB: ('"://"',),
}
"""What a pattern must leave out to take none of a kind."""

_FORMATS: Mapping[str, Sensitivity] = {"uuid": "identifier"}
"""Least classes of formats; of any other it is ``middle``."""


_OTHER_LIST = (
    "write one text with a scrubber in its place, or give it fewer items (maxItems), "
    "or items that are longer than four characters and of a fixed form"
)
"""What mends a list that can spell a text."""


def floor_class(schema: Mapping[str, Any]) -> Sensitivity:
    """Return the least class that a resolved schema can honestly have.

    Choices, booleans and bounded numbers are ``low``; text of a form fixed by pattern or format is
    ``middle``, and ``identifier`` where that is the form of a known one; other text, and text whose
    pattern takes prose, credentials or anything encoded, is ``free_text``. A container has the
    highest class of its parts, and ``free_text`` if they can spell a text together; what the
    runtime fills in has that of its source.
    """
    floor = _form_class(schema)
    return _highest((floor, "identifier")) if schema.get("x-source") in _IDENTIFYING else floor


def _form_class(schema: Mapping[str, Any]) -> Sensitivity:
    if "enum" in schema or "const" in schema:
        return "low"
    kind = base_type(schema)
    if kind == "array":
        return "free_text" if spelled(schema) else _part_class(schema.get("items", {}))
    if kind == "object":
        parts: list[Sensitivity] = [
            _part_class(part) for part in schema.get("properties", {}).values()
        ]
        return _highest(parts)
    if kind == "string":
        return _string_class(schema)
    return "low"


def _part_class(schema: Mapping[str, Any]) -> Sensitivity:
    declared = cast("Sensitivity", schema.get("x-class", "low"))
    both: tuple[Sensitivity, Sensitivity] = (declared, floor_class(schema))
    return _highest(both)


def _highest(classes: Iterable[Sensitivity]) -> Sensitivity:
    rank = max((SENSITIVITIES.index(item) for item in classes), default=0)
    return SENSITIVITIES[rank]


def _string_class(schema: Mapping[str, Any]) -> Sensitivity:
    if isinstance(schema.get("pattern"), str):
        if _prose(schema):
            return "free_text"
        form = _form(schema)
        return "middle" if form is None else form.sensitivity
    return _FORMATS.get(schema["format"], "middle") if "format" in schema else "free_text"


def _prose(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which kinds of free text a text's pattern takes.

    Nobody writes sentences into a value that the runtime makes of the machine, such as the
    operating system's name, though its pattern may have to leave room for a space.
    """
    pattern = str(schema.get("pattern", ""))
    kinds = prose_in(pattern)
    if not kinds and check_pattern(pattern) is None:
        longest = schema.get("maxLength")
        bound = longest if isinstance(longest, int) else None
        kinds = (ENCODED,) if is_roomy(parse_pattern(pattern)[0], bound) else ()
    source = schema.get("x-source")
    if source in SOURCES and source != _GIVEN_BY_HOST:
        return tuple(kind for kind in kinds if kind != SENTENCES)
    return kinds


def _form(schema: Mapping[str, Any]) -> Form | None:
    """Return the form of a known identifier or credential that a text's pattern has."""
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    return form_of(
        str(schema.get("pattern", "")),
        shortest if isinstance(shortest, int) else 0,
        longest if isinstance(longest, int) else None,
    )


def check_class(schema: Mapping[str, Any], inherited: str | None) -> Iterator[Problem]:
    """Yield a finding if a resolved property's declared class is too low.

    Args:
        schema: The resolved schema, with the class declared at this place.
        inherited: The class that a referenced definition declares, or None.
    """
    declared = schema.get("x-class")
    if declared not in SENSITIVITIES:
        return
    floor = floor_class(schema)
    cause = _cause(schema, floor)
    if inherited in SENSITIVITIES and SENSITIVITIES.index(inherited) > SENSITIVITIES.index(floor):
        floor, cause = inherited, "its definition's class"
    if SENSITIVITIES.index(declared) < SENSITIVITIES.index(floor):
        found = f'expected "x-class" of at least {quote(floor)} ({cause}), found {quote(declared)}'
        mend = f"write {quote(floor)}"
        if base_type(schema) == "array" and spelled(schema):
            mend = _OTHER_LIST
        elif floor == "free_text" and base_type(schema) == "string":
            is_pattern = "pattern" in schema
            mend += (
                f" and {_way_out(schema)}"
                if is_pattern
                else ", or bound the text by an enum or a pattern"
            )
        yield "CLASS_TOO_LOW", "x-class", f"{found}; {mend}"


def _cause(schema: Mapping[str, Any], floor: Sensitivity) -> str:
    kind = base_type(schema)
    if kind in ("array", "object"):
        kinds = spelled(schema)
        return f"its items can spell {_listed(kinds)}" if kinds else "the highest of its parts"
    if schema.get("x-source") in _IDENTIFYING and floor == "identifier":
        return "what fills it tells one from another"
    if floor not in ("identifier", "free_text"):
        return "text of a fixed form"
    if "pattern" not in schema:
        return ANY_TEXT if floor == "free_text" else "its format is that of UUIDs"
    kinds = _prose(schema)
    if kinds:
        return f"its pattern takes {_listed(kinds)}"
    form = _form(schema)
    return ANY_TEXT if form is None else f"its pattern is that of {form.what}"


def _listed(kinds: tuple[str, ...]) -> str:
    return listing(kinds, last="and")


def _way_out(schema: Mapping[str, Any]) -> str:
    kinds = _prose(schema)
    form = None if kinds else _form(schema)
    if form is not None:
        return f"{_FREE_INSTEAD}, or drop the field: {form.what} are not to be collected"
    parts = [part for kind in kinds for part in _WITHOUT.get(kind, ())]
    stricter = f"without {listing(parts)}" if parts else "that begins with ^ and ends with $"
    if kinds == (ENCODED,):
        stricter = f"with room for no more than {MOST_BYTES} bytes (fewer characters)"
    return f"{_FREE_INSTEAD}, or write one {stricter}"


_FREE_INSTEAD = 'put "maxLength" and "x-scrub" in the place of the pattern'


def check_scrub(
    schema: Mapping[str, Any],
    broken: frozenset[str] = frozenset(),
    roots: tuple[str, ...] | None = (),
) -> Iterator[Problem]:
    """Yield what free text lacks, or a scrubber where there is no free text.

    Args:
        schema: A resolved schema, without keywords that the dialect found wrong.
        broken: Those keywords; they say nothing about the form of the text.
        roots: Roots of the product's packages, below which paths are kept; None if unknown.
    """
    is_text = base_type(schema) == "string"
    kinds = spelled(schema)
    if kinds:
        found = 'expected a text with "x-scrub", found a list whose items'
        yield "SCRUB_MISSING", "", f"{found} can spell {_listed(kinds)}; {_OTHER_LIST}"
    is_free = is_text and floor_class(schema) == "free_text"
    if is_free and "x-scrub" not in schema and "x-scrub" not in broken:
        found = 'expected "x-scrub" on free text, found none'
        mend = 'write "message" or "path", or bound the text'
        if "pattern" in schema:
            found += f" ({_cause(schema, 'free_text')})"
            mend = _way_out(schema)
        yield "SCRUB_MISSING", "", f"{found}; {mend}"
    if is_free and "x-reason" not in schema and "x-reason" not in broken:
        found = 'expected "x-reason" on free text, found none'
        yield "REASON_MISSING", "", f"{found}; say why no bounded form would do"
    if is_text and ("x-scrub" in schema or "x-scrub" in broken):
        yield from _check_scrubbed(schema, is_free=is_free)
        if is_free:
            yield from check_vectors(schema, broken, roots)
    elif is_text and not is_free and "x-scrub-vectors" in schema:
        found = 'expected "x-scrub" beside "x-scrub-vectors", found none'
        yield "KEYWORD_WITHOUT_EFFECT", "x-scrub-vectors", f"{found}; remove the vectors"


def _check_scrubbed(schema: Mapping[str, Any], *, is_free: bool) -> Iterator[Problem]:
    """Yield what stands beside a scrubber though scrubbed text cannot be held to it.

    Args:
        schema: A resolved schema of text that names a scrubber.
        is_free: Whether it is free text.
    """
    if not is_free:
        found = 'expected "x-scrub" on free text only, found it on text of a fixed form'
        yield "SCRUB_MISPLACED", "x-scrub", f"{found}; remove it"
        return
    for name in _UNSCRUBBABLE:
        if schema.get(name, 0) == 0:
            continue  # a minLength of 0 asks for nothing
        found = f'expected nothing but "maxLength" to bound scrubbed text, found {quote(name)}'
        mend = "remove it (a scrubber changes the text)"
        if name == "pattern":
            mend = f'{mend}, or write a pattern strict enough to need no "x-scrub"'
        yield "SCRUB_CONTRADICTED", name, f"{found}; {mend}"
    longest = schema.get("maxLength")
    if longest is not None and longest < len(SCRUBBED):
        found = f'expected "maxLength" of at least {len(SCRUBBED)} beside "x-scrub"'
        mend = f"write {len(SCRUBBED)} or more, room for {quote(SCRUBBED)}"
        yield "SCRUB_CONTRADICTED", "maxLength", f"{found}, found {describe(longest)}; {mend}"


def check_notice(
    schema: Mapping[str, Any],
    notice: Mapping[str, str] | None,
    guesses: Guesses,
    *,
    is_field: bool,
) -> Iterator[Problem]:
    """Yield a notice line that is missing or unknown.

    Args:
        schema: The resolved schema.
        notice: The catalogue's notice lines; None if the catalogue could not be read.
        guesses: Of what an unknown line means.
        is_field: Whether it is a field of an event's data or of an ext slot.
    """
    if notice is None:
        return
    line = schema.get("x-notice")
    if isinstance(line, str) and line not in notice:
        guess = guesses.nearest(line, notice)
        known = f"known: {some_of(notice)}; add the line"
        mend = f"did you mean {quote(guess)}?" if guess else known
        found = f"expected a line of consent.notice in catalogue.json, found {quote(line)}"
        yield "NOTICE_UNKNOWN", "x-notice", f"{found}; {mend}"
    if line is None and notice and is_field:
        found = 'expected "x-notice", found none'
        mend = f"name the line the field falls under: {some_of(notice)}"
        yield "NOTICE_MISSING", "", f"{found}; {mend}"
