"""Removal of personal text from free-text fields before they are stored.

A schema binds a field to a scrubber with `x-scrub`. Only the text decides what is kept of it, and
the names of this machine and its user; nothing is read or written. Of a scrubber that does not
exist nothing is kept. The work is done in `_scrubbing`, which is loaded at the first text: neither
importing this module nor a first event without free text loads `re`.
"""

from __future__ import annotations

from declarant._late import importing

__all__ = ["SCRUBBED", "SCRUBBERS", "model_reference", "scrub"]

#: Stands for text that was removed.
SCRUBBED = "<scrubbed>"

#: Scrubber to its version, which approvals record. Whoever changes what a scrubber keeps or removes
#: raises its version here, however small the change: approvals are then asked for anew. A test
#: compares what each version makes of a fixed set of texts.
SCRUBBERS: dict[str, str] = {"message": "5", "path": "5"}


def scrub(scrubber: str, value: str, max_length: int, roots: tuple[str, ...] = ()) -> str:
    """Return what may be kept of *value*.

    Args:
        scrubber: Name of the scrubber, as in the schema's `x-scrub`.
        value: Any text, of any length.
        max_length: Longest result, in code points.
        roots: Roots of packages, such as "winml/modelkit": paths below them are kept from there.

    Returns:
        At most *max_length* characters without personal text. Scrubbed again it stays the same.
    """
    if scrubber not in SCRUBBERS:
        return SCRUBBED if max_length >= len(SCRUBBED) else ""
    with importing:
        from declarant._scrubbing.pipeline import scrubbed, scrubbed_path

    if scrubber == "path":
        return scrubbed_path(value, max_length, roots)
    return scrubbed(scrubber, value, max_length, roots)


def model_reference(text: str) -> str:
    """Return what may be kept of a reference to a model.

    Args:
        text: What a user named a model by: the id of a hub, a file, a folder.

    Returns:
        The id of a hub, such as "org/name"; `<local:.onnx>` for a file, `<local:dir>` for any
        other local thing. A name with neither a separator nor a file's ending is taken for an id.
    """
    with importing:
        from declarant._scrubbing.model_references import classified

    kept = classified(text)
    return kept if kept.startswith("<") else scrub("message", kept, len(kept))
