"""Lines of a catalogue's files, for findings that come after loading.

Owns the way from a key and a JSON pointer to a place that an editor opens. A file is read again
only when something is found in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.findings import make_finding
from declarant_codegen.positions import (
    escape_token,
    line_at,
    member_offsets,
    offsets,
    read_json,
)
from declarant_codegen.reading import read_regular
from declarant_codegen.words import shown

if TYPE_CHECKING:
    from pathlib import Path

    from declarant_codegen.findings import Finding

__all__ = ["Places", "field_pointer", "key_of"]


def key_of(path: str) -> str:
    """Return the key below the schemas folder of a path as the output names it."""
    return path.partition("/")[2]


def field_pointer(path: str) -> str:
    """Return the JSON pointer of a field's schema, such as of ``stack[].file``; empty for none."""
    pointer = ""
    for part in filter(None, path.split(".")):
        name = part.rstrip("[]")
        pointer += f"/properties/{escape_token(name)}" + "/items" * part.count("[]")
    return pointer


class Places:
    """Makes findings in the files of one catalogue."""

    def __init__(self, schemas: Path) -> None:
        self._schemas = schemas
        self._typed = shown(schemas.resolve().name)
        self._texts: dict[str, str] = {}
        self._offsets: dict[str, dict[str, int]] = {}

    def finding(self, rule_id: str, key: str, pointer: str, message: str) -> Finding:
        """Return a finding at *pointer* in the file *key*, or at the nearest value around it."""
        line = self._line(key, pointer)
        return make_finding(rule_id, f"{self._typed}/{shown(key)}", line, message, pointer=pointer)

    def _line(self, key: str, pointer: str) -> int:
        text = self._text(key)
        # Most findings are at a member of the whole, and most files have one: the quick way.
        if pointer.count("/") == 1 and key not in self._offsets and text:
            offset = member_offsets(text).get(pointer[1:])
            if offset is not None:
                return line_at(text, offset)
        if key not in self._offsets:
            self._offsets[key] = offsets(text)
        places = self._offsets[key]
        while pointer not in places and pointer:
            pointer = pointer.rpartition("/")[0]
        return line_at(text, places.get(pointer, 0))

    def _text(self, key: str) -> str:
        if key not in self._texts:
            try:
                text = read_regular(str(self._schemas / key)).decode("utf-8")
                # Whoever changed the file since it was judged need not have left it whole.
                self._texts[key] = text if read_json(text).whole else ""
            except (OSError, ValueError):
                self._texts[key] = ""
        return self._texts[key]
