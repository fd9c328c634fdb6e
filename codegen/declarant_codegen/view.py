"""Views: what a template prints, computed and typed.

Owns names, order, imports, annotations and docstring layout. Every text in a view is `Code`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarant_codegen.annotations import Annotations
from declarant_codegen.compiler import Constants, emit_functions, scalar_condition
from declarant_codegen.documentation import argument_text, member_texts, summary_and_rest
from declarant_codegen.draft import draft_lines
from declarant_codegen.encoder import EncodeFunction, Encoders
from declarant_codegen.exception_fields import EXCEPTION_FIELDS
from declarant_codegen.exception_view import from_exception_view
from declarant_codegen.member_writer import PACKAGE_ROOTS, unscrubbed
from declarant_codegen.members import Member
from declarant_codegen.names import snake_case
from declarant_codegen.notice_text import consent_arguments
from declarant_codegen.python_text import Code, comment, docstring, identifier, literal, wrap
from declarant_codegen.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.datamodel import TypeNames
    from declarant_codegen.exception_view import FromExceptionView
    from declarant_codegen.model import Catalogue, Event, ExtField

__all__ = [
    "CatalogueView",
    "EventView",
    "PackageView",
    "TypesView",
    "catalogue_source",
    "catalogue_view",
    "event_view",
    "package_view",
    "types_view",
]

_SHOWN_DIGEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of an emitter: its name, type and, if it has one, default."""

    name: Code
    annotation: Code
    default: Code | None
    text: tuple[Code, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """One ``from module import names``."""

    module: Code
    names: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One event's module."""

    source: Code
    module_doc: tuple[Code, ...]
    imports: tuple[ImportLine, ...]
    standard_imports: tuple[ImportLine, ...]
    type_imports: tuple[ImportLine, ...]
    exports: Code
    constants: tuple[tuple[Code, Code], ...]
    function: Code
    summary: tuple[Code, ...]
    arguments: tuple[Argument, ...]
    values: Code
    from_exception: FromExceptionView | None
    other_arguments: tuple[Argument, ...]
    encoders: tuple[EncodeFunction, ...]
    validators: Code
    violations: Code
    name: Code
    level: Code
    slots: Code
    argument_names: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtFieldView:
    """One permitted ext field with its check."""

    function: Code
    variable: Code
    check: Code
    slot: Code
    name: Code
    source: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueView:
    """The module that declares the catalogue."""

    source: Code
    doc: Code
    imports: Code
    constants: tuple[tuple[Code, Code], ...]
    ext: tuple[ExtFieldView, ...]
    package: Code
    product: Code
    generation: Code
    endpoint: Code
    exports: Code
    package_roots: Code | None
    consent: tuple[tuple[Code, Code], ...]
    events: tuple[tuple[Code, Code], ...]
    stamps: tuple[tuple[Code, Code], ...]
    draft: bool
    off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One name of the package and the module it lives in."""

    name: Code
    quoted_name: Code
    quoted_module: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageView:
    """The package's own module."""

    source: Code
    doc: Code
    imports: tuple[ImportLine, ...]
    quoted_package: Code
    exports: tuple[Export, ...]
    all: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class TypesView:
    """The module of types."""

    source: Code
    draft: tuple[Code, ...]
    declarations: Code


def event_view(
    event: Event, catalogue: Catalogue, names: TypeNames, *, draft: bool = False
) -> EventView:
    """Compute the view of one event's module."""
    constants = Constants()
    encoders = Encoders(constants=constants, has_roots=bool(catalogue.package_roots))
    members = tuple(
        Member(name=field.name, schema=field.schema, required=field.required)
        for field in event.fields
    )
    encoders.add_event(members)
    emitted = emit_functions(
        event.schema,
        name=event.module,
        root=event.name,
        constants=constants,
        is_quick=False,
        plain=encoders.plain,
    )
    typing = Annotations(names, event.name)
    arguments = tuple(_argument(member, typing) for member in members)
    if any(argument.default for argument in arguments):
        constants.use_all(("UNSET", "Unset"))
    from_exception = from_exception_view(event, constants)
    takes_roots = catalogue.package_roots and "scrub" in constants.imports
    return EventView(
        source=_source(event.path, event.digest),
        module_doc=_module_doc(event, draft_lines(draft)),
        imports=_import_lines(
            sorted(
                (
                    ("declarant.gencode", ("EventType", *constants.imports)),
                    (
                        f"{identifier(catalogue.package)}._catalogue",
                        ("CATALOGUE", *((PACKAGE_ROOTS,) if takes_roots else ())),
                    ),
                )
            )
        ),
        standard_imports=_import_lines(
            (("collections.abc", typing.abc), ("typing", typing.typing))
        ),
        type_imports=_import_lines(
            sorted(
                (
                    ("declarant", {"Client", "Outcome"}),
                    (f"{identifier(catalogue.package)}._types", typing.types),
                )
            )
        ),
        exports=_exports(event),
        constants=_constants(constants),
        function=identifier(event.function),
        summary=_description(event.description, indent=4),
        arguments=arguments,
        values=_tuple(identifier(member.name) for member in members),
        from_exception=from_exception,
        other_arguments=tuple(item for item in arguments if item.name not in EXCEPTION_FIELDS),
        encoders=tuple(encoders.functions),
        validators=Code(emitted.source),
        violations=identifier(f"violations_{event.module}"),
        name=literal(event.name),
        level=literal(event.level),
        slots=_tuple(map(literal, event.slots)),
        argument_names=_tuple(literal(member.name) for member in members),
    )


def catalogue_view(
    catalogue: Catalogue, stamps: Mapping[str, str], *, draft: bool = False
) -> CatalogueView:
    """Compute the view of ``_catalogue.py``, which lists the stamp of each module."""
    constants = Constants()
    taken: set[str] = set()
    fields = [field for slot in catalogue.ext.values() for field in slot]
    fields.sort(key=_wire_order(fields))
    ext = tuple(_ext_field(field, constants, taken) for field in fields)
    roots = catalogue.package_roots
    return CatalogueView(
        source=catalogue_source(catalogue),
        doc=_one_doc(f"What {catalogue.display_name} may send.", draft_lines(draft)),
        imports=_sorted_names(("Catalogue", "ExtField", *constants.imports)),
        constants=_constants(constants),
        ext=ext,
        package=literal(catalogue.package),
        product=literal(catalogue.product),
        generation=literal(catalogue.generation),
        endpoint=literal(catalogue.endpoint),
        exports=_join(map(literal, ("CATALOGUE", "EXT", *((PACKAGE_ROOTS,) if roots else ())))),
        package_roots=_tuple(map(literal, roots)) if roots else None,
        consent=consent_arguments(catalogue),
        events=tuple((literal(event.name), literal(event.module)) for event in catalogue.events),
        stamps=tuple((literal(module), literal(stamp)) for module, stamp in stamps.items()),
        draft=draft,
        off=catalogue.off,
    )


def package_view(catalogue: Catalogue, *, draft: bool = False) -> PackageView:
    """Compute the view of ``__init__.py``."""
    exports = sorted(
        (
            Export(
                name=identifier(function),
                quoted_name=literal(function),
                quoted_module=literal(event.module),
            )
            for event in catalogue.events
            for function in event.functions
        ),
        key=lambda export: export.name,
    )
    names = ["CATALOGUE", "configure", *(export.name for export in exports)]
    text = f"The events of {catalogue.display_name}: one typed function each, and `configure`."
    return PackageView(
        source=catalogue_source(catalogue),
        doc=_one_doc(text, draft_lines(draft)),
        imports=_import_lines(
            sorted(
                (f"{identifier(catalogue.package)}.{identifier(event.module)}", event.functions)
                for event in catalogue.events
            )
        ),
        quoted_package=literal(catalogue.package),
        exports=tuple(exports),
        all=_join(literal(name) for name in sorted(names)),
    )


def types_view(catalogue: Catalogue, declarations: Code, *, draft: bool = False) -> TypesView:
    """Compute the view of ``_types.py``."""
    return TypesView(
        source=catalogue_source(catalogue), draft=draft_lines(draft), declarations=declarations
    )


def _argument(member: Member, typing: Annotations) -> Argument:
    annotation = typing.of(member.schema, (member.name,))
    name = identifier(member.name)
    lines = [*wrap(argument_text(member), indent=8, first=f"{name}: ", hang="    ")]
    for inner, text in member_texts(member.schema):
        lines += wrap(text, indent=8, first=f"    - {inner}: ", hang="        ")
    return Argument(
        name=name,
        annotation=Code(annotation if member.required else f"{annotation} | Unset"),
        default=None if member.required else Code("UNSET"),
        text=tuple(Code(line) for line in lines),
    )


def _module_doc(event: Event, draft: tuple[Code, ...]) -> tuple[Code, ...]:
    level = f"{event.level} diagnostic data"
    days = counted(event.retention_days, "day")
    return docstring(
        [
            wrap(f"{event.name}, {level}.", indent=3),
            *((line,) for line in draft),
            wrap(f"Kept {days}; not sent after {event.expires}.", indent=0),
            wrap(f"Purpose: {event.purpose}", indent=0),
            wrap(f"Owners: {', '.join(event.owners)}.", indent=0),
        ]
    )


def _one_doc(text: str, draft: tuple[Code, ...]) -> Code:
    """Lay a module's docstring out, with room for the quotes at both its ends."""
    lines = docstring([wrap(text, indent=6), *((line,) for line in draft)])
    return Code("\n".join((*lines, "") if draft else lines))


def _description(text: str, *, indent: int) -> tuple[Code, ...]:
    summary, rest = summary_and_rest(text)
    paragraphs = [wrap(summary, indent=indent + 3)]
    if rest:
        paragraphs.append(wrap(rest, indent=indent))
    return docstring(paragraphs)


def _exports(event: Event) -> Code:
    module = event.module
    names = ("EVENT", *event.functions, f"is_valid_{module}", f"violations_{module}")
    return _join(literal(name) for name in sorted(names))


def _import_lines(groups: Iterable[tuple[str, Iterable[str]]]) -> tuple[ImportLine, ...]:
    return tuple(
        ImportLine(module=Code(module), names=_sorted_names(names))
        for module, names in groups
        if names
    )


def _sorted_names(names: Iterable[str]) -> Code:
    # The order that import sorters keep: CONSTANTS, Classes, functions.
    unique = sorted(set(names), key=lambda name: (not name.isupper(), name[0].islower(), name))
    return _join(map(Code, unique))


def _constants(constants: Constants) -> tuple[tuple[Code, Code], ...]:
    return tuple((identifier(name), Code(text)) for name, text in constants.texts.items())


def _wire_order(fields: list[ExtField]) -> Any:
    """Return the sort key of ext fields: the sequence number last of its slot, its slot last."""
    last = {field.slot for field in fields if field.source == "sequence"}

    def key(field: ExtField) -> tuple[bool, str, bool]:
        return (field.slot in last, field.slot, field.source == "sequence")

    return key


def _ext_field(field: ExtField, constants: Constants, taken: set[str]) -> ExtFieldView:
    name = f"_is_{snake_case(field.slot)}_{snake_case(field.name)}"
    while name in taken:
        name += "_"
    taken.add(name)
    # Constants are named after the variable, so it carries the field's name for a moment.
    variable = identifier(name.removeprefix("_is_"))
    if "x-scrub" in field.schema:
        # The runtime checks what it puts there, and changes none of it.
        raise unscrubbed(f"ext.{field.slot}.{field.name}")
    condition = scalar_condition(field.schema, variable, constants)
    if condition is None:
        raise ValueError(f"{field.slot}.{field.name}: expected the schema of a scalar")
    return ExtFieldView(
        function=identifier(name),
        variable=variable,
        check=Code(condition),
        slot=literal(field.slot),
        name=literal(field.name),
        source=literal(field.source),
    )


def _join(parts: Iterable[Code]) -> Code:
    return Code(", ".join(parts))


def _tuple(parts: Iterable[Code]) -> Code:
    listed = tuple(parts)
    return Code(f"({_join(listed)}{',' if len(listed) == 1 else ''})")


def _source(path: str, digest: str) -> Code:
    return comment(f"{path} (sha256:{digest[:_SHOWN_DIGEST]})")


def catalogue_source(catalogue: Catalogue) -> Code:
    """Return what a file that follows from the whole catalogue names as its source."""
    path, digest = next(
        item for item in catalogue.inputs if item[0].rpartition("/")[2] == "catalogue.json"
    )
    return _source(path, digest)
