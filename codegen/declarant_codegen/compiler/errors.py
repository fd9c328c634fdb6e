"""Why a schema cannot be compiled. Each error says where in the schema, as a JSON pointer."""

from __future__ import annotations

from declarant_codegen.errors import CodegenError

__all__ = ["SchemaError", "UnresolvableReference", "UnsupportedKeyword"]


class SchemaError(CodegenError, ValueError):
    """A schema that is not well formed: a keyword's value is not what JSON Schema asks for.

    Attributes:
        pointer: JSON pointer of the keyword, in URI fragment form such as ``#/properties/a/type``.
    """

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer}: {message}")
        self.pointer = pointer


class UnsupportedKeyword(SchemaError):  # noqa: N818 - the name the design gives
    """A keyword, or a keyword's value, that no compiled code would enforce.

    Attributes:
        keyword: The keyword as the schema writes it.
        nearest: The supported keyword with the most similar name, if one is similar.
    """

    def __init__(
        self, pointer: str, keyword: str, message: str, nearest: str | None = None
    ) -> None:
        super().__init__(pointer, message)
        self.keyword = keyword
        self.nearest = nearest


class UnresolvableReference(SchemaError):  # noqa: N818 - as its neighbour
    """A ``$ref`` to something that is neither in the schema nor in the given resources."""
