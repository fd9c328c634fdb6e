"""The TypedDicts of ``_types.py``, made by datamodel-code-generator in one call for all events.

Owns that library's only call, its settings, the check of what it returned, and the cache. Types
serve type checkers and tests; bounds are the validators' matter.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from declarant_codegen.errors import CodegenError
from declarant_codegen.members import kinds_of, object_members
from declarant_codegen.python_text import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.model import Catalogue

__all__ = ["TypeNames", "TypesJob", "UnexpectedOutput", "type_names", "types_source"]

_FORMAT = 1
"""Part of the cache's key; rises when the settings below change."""

_ALLOWED = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Expr)


class UnexpectedOutput(CodegenError):  # noqa: N818  it names what was found
    """datamodel-code-generator returned something other than plain type declarations."""


class TypeNames:
    """Names of the generated types.

    Attributes:
        schemas: Name to the schema of that type, reduced to what types hold.
    """

    def __init__(self) -> None:
        self.schemas: dict[str, dict[str, Any]] = {}
        self._names: dict[tuple[str, tuple[str, ...]], str] = {}

    def of(self, event: str, path: tuple[str, ...]) -> str:
        """Return the type of the object at *path* inside an event; an empty path is its data."""
        return self._names[event, path]

    def add(self, event: str, path: tuple[str, ...], schema: Mapping[str, Any]) -> str:
        """Name the object at *path*, and all objects inside it."""
        words = [word[:1].upper() + word[1:] for part in path for word in part.split("_") if word]
        wanted = name = "".join([_class_name(event), *words]) + ("" if path else "Data")
        number = 2
        while name in self.schemas:
            name, number = f"{wanted}{number}", number + 1
        self._names[event, path] = name
        reduced: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "required": sorted(schema.get("required", ())),
        }
        # Before the inner ones, so that the outer type comes first.
        self.schemas[name] = reduced
        reduced["properties"] = {
            member.name: self._reduced(event, (*path, member.name), member.schema)
            for member in object_members(schema)
        }
        return name

    def _reduced(self, event: str, path: tuple[str, ...], schema: Mapping[str, Any]) -> Any:
        """Return what a type holds of a schema: its types, allowed values, items and keys."""
        kinds = kinds_of(schema)
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if values is not None and not any(isinstance(value, float) for value in values):
            return {"type": sorted(kinds), "enum": values}
        if "object" in kinds:
            inner: dict[str, Any] = {"$ref": f"#/$defs/{self.add(event, path, schema)}"}
        elif "array" in kinds:
            items = self._reduced(event, (*path, "item"), schema["items"])
            inner = {"type": "array", "items": items}
        else:
            return {"type": sorted(kinds) if len(kinds) > 1 else next(iter(kinds))}
        return {"anyOf": [inner, {"type": "null"}]} if "null" in kinds else inner


def type_names(catalogue: Catalogue) -> TypeNames:
    """Name the types of every event."""
    names = TypeNames()
    for event in catalogue.events:
        names.add(event.name, (), event.schema)
    return names


def types_source(names: TypeNames, *, cache: Path | None) -> Code:
    """Return the type declarations as Python, imports first.

    Args:
        names: From `type_names`.
        cache: Folder to keep results in; None for none.

    Raises:
        UnexpectedOutput: The library failed, or returned code that is not plain declarations.
    """
    with TypesJob(names, cache=cache) as job:
        return job.result()


class TypesJob:
    """The making of the declarations, in a process of its own while others work on.

    That process also keeps the library's changes of process-wide state (working directory and the
    like) away from the caller. As a context manager it leaves no process behind.
    """

    def __init__(self, names: TypeNames, *, cache: Path | None) -> None:
        """Start, unless the cache knows the result already; arguments as in `types_source`."""
        schema = "https://json-schema.org/draft/2020-12/schema"
        document = json.dumps({"$schema": schema, "title": "Catalogue", "$defs": names.schemas})
        self._place = None if cache is None else cache / f"{_key(document)}.py"
        self._known = None if self._place is None else _cached(self._place)
        self._worker = _Worker(document) if self._known is None else None

    def __enter__(self) -> TypesJob:
        return self

    def __exit__(self, *_: object) -> None:
        if self._worker is not None:
            self._worker.stop()

    def result(self) -> Code:
        """Wait for the declarations, as `types_source` returns them."""
        if self._known is None:
            assert self._worker is not None
            source = _arranged(self._worker.output())
            problem = _problem(source)
            if problem:
                raise UnexpectedOutput(f"datamodel-code-generator: {problem}; report this as a bug")
            if self._place is not None:
                _keep(self._place, source)
            self._known = source
        return Code(self._known)


class _Worker:
    """A process that runs `main` below; files, not pipes, so that neither side waits."""

    def __init__(self, document: str) -> None:
        self._files = ExitStack()
        given, self._made, self._told = (self._file() for _ in range(3))
        given.write(document.encode())
        given.seek(0)
        # Isolated, and with this process's own path: no module of the working directory is run.
        command = [sys.executable, "-I", "-c", _BOOT, json.dumps(sys.path)]
        self._process = subprocess.Popen(  # noqa: S603  our own executable, our own code
            command, stdin=given, stdout=self._made, stderr=self._told
        )

    def _file(self) -> IO[bytes]:
        return self._files.enter_context(tempfile.TemporaryFile())

    def output(self) -> str:
        """Wait, and return what was made."""
        if self._process.wait():
            self._told.seek(0)
            last = self._told.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise UnexpectedOutput(f"datamodel-code-generator: failed: {' '.join(last)}")
        self._made.seek(0)
        return self._made.read().decode()

    def stop(self) -> None:
        """End the process, if it still runs, and forget its files."""
        self._process.kill()
        self._process.wait()
        self._files.close()


_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from declarant_codegen.datamodel import main; main()"
)


def main() -> None:
    """Be the worker: a document on standard input, declarations on standard output."""
    # A short run that frees nothing is a fifth quicker without the cycle collector.
    gc.disable()
    document = sys.stdin.buffer.read().decode()
    made = _generate(document)
    sys.stdout.buffer.write(made.encode())


def _arranged(source: str) -> str:
    """Return *source* without its header, imports in the usual order."""
    lines = source.removeprefix("#").strip().split("\n")
    imports = sorted(line for line in lines if line.startswith("from ") and "import" in line)
    future = [line for line in imports if line.startswith("from __future__ ")]
    outside = [line for line in imports if line.startswith("from typing_extensions ")]
    standard = [line for line in imports if line not in future and line not in outside]
    rest = "\n".join(line for line in lines if line not in imports)
    groups = ["\n".join(group) for group in (future, standard, outside) if group]
    return "\n\n".join([*groups, rest.strip()]) + "\n"


def _class_name(event: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in event.replace(".", "_").split("_"))


def _key(document: str) -> str:
    from importlib.metadata import version

    used = version("datamodel-code-generator")
    return hashlib.sha256(f"{_FORMAT}\n{used}\n{document}".encode()).hexdigest()


def _generate(document: str) -> str:
    # Late: importing the library takes longer than all the rest of a small catalogue.
    from datamodel_code_generator import GenerateConfig, InputFileType, PythonVersion, generate
    from datamodel_code_generator.enums import DataModelType
    from datamodel_code_generator.parser import LiteralType

    config = GenerateConfig(
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.TypingTypedDict,
        target_python_version=PythonVersion.PY_310,
        enum_field_as_literal=LiteralType.All,
        use_closed_typed_dict=False,
        use_union_operator=True,
        use_standard_collections=True,
        use_generic_container_types=True,
        keep_model_order=True,
        skip_root_model=True,
        formatters=[],
        custom_file_header="#",
        disable_timestamp=True,
        allow_remote_refs=False,
        strict_refs=True,
        # A folder without settings: the working directory's pyproject.toml has no say.
        settings_path=Path(__file__).parent / "templates",
    )
    source = generate(document, config=config)
    if not isinstance(source, str):
        raise UnexpectedOutput("datamodel-code-generator: expected one module, found several")
    return source


def _problem(source: str) -> str | None:
    """Return what in *source* is not a plain type declaration, or None."""
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        return f"expected Python, found a syntax error ({type(error).__name__})"
    for statement in module.body:
        if not _is_declaration(statement):
            return f"expected type declarations, found a {type(statement).__name__}"
    return None


def _is_declaration(statement: ast.stmt) -> bool:
    if not isinstance(statement, _ALLOWED):
        return False
    if isinstance(statement, ast.ClassDef):
        inside = (ast.AnnAssign, ast.Pass, ast.Expr)
        plain = all(isinstance(part, inside) and _is_inert(part) for part in statement.body)
        return plain and not statement.decorator_list and all(map(_is_inert, statement.bases))
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        call = statement.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            return call.func.id == "TypedDict" and all(map(_is_inert, call.args))
        return call is None or _is_inert(call)
    return not isinstance(statement, ast.Expr) or isinstance(statement.value, ast.Constant)


def _is_inert(node: ast.AST) -> bool:
    """Tell whether nothing below *node* can do anything when it is evaluated."""
    # Nearly all of a declaration is names in brackets; thousands of types have a hundred thousand.
    if isinstance(node, (ast.Name, ast.Constant)):
        return True
    if isinstance(node, ast.Subscript):
        return _is_inert(node.value) and _is_inert(node.slice)
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(_is_inert, node.elts))
    if isinstance(node, ast.AnnAssign):
        parts = (node.target, node.annotation, *([node.value] if node.value else ()))
        return all(map(_is_inert, parts))
    running = (ast.Call, ast.Await, ast.Yield, ast.Lambda, ast.NamedExpr, ast.JoinedStr)
    return not any(isinstance(part, running) for part in ast.walk(node))


def _cached(place: Path) -> str | None:
    """Return a kept result, or None if there is none or it is not what was kept."""
    try:
        digest, _, source = place.read_text("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    if digest != f"# sha256:{hashlib.sha256(source.encode()).hexdigest()}":
        return None
    return None if _problem(source) else source


def _keep(place: Path, source: str) -> None:
    """Keep a result; a cache that cannot be written costs time only."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    staged = place.with_suffix(f".{os.getpid()}.tmp")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(f"# sha256:{digest}\n{source}", encoding="utf-8", newline="\n")
        staged.replace(place)
    except OSError:
        staged.unlink(missing_ok=True)
