"""The dialect's files in a catalogue's ``meta`` folder, for editors.

Owns their comparison with codegen's own copies; ``generate`` lays them down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.findings import Finding, make_finding
from declarant_codegen.meta_schemas import KINDS, meta_text
from declarant_codegen.reading import read_regular
from declarant_codegen.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_MEND = "run `declarant generate` to lay it down"


def meta_files() -> Mapping[str, str]:
    """Return what a schemas folder's dialect files must hold, by path inside that folder."""
    return {f"meta/{kind}.v1.json": meta_text(kind) for kind in KINDS}


def check_meta(folder: Path) -> Iterator[Finding]:
    """Yield a finding for each dialect file that is missing or not codegen's own."""
    typed = shown(folder.resolve().name)
    for name, text in meta_files().items():
        path = f"{typed}/{name}"
        try:
            raw = read_regular(str(folder / name))
        except OSError:
            message = f"expected the dialect's file {name}, found none; {_MEND}"
            yield make_finding("META_MISSING", path, 1, message)
            continue
        # Git may write CRLF on Windows; the meaning is the same.
        if raw.replace(b"\r\n", b"\n") != text.encode():
            message = f"expected the dialect's own {name}, found a changed one; {_MEND}"
            yield make_finding("META_CHANGED", path, 1, message)
