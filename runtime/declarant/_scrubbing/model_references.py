"""What may be kept of a reference to a model: the id of a public hub, or that it is local."""

from __future__ import annotations

from declarant._scrubbing.kept_path import has_file_ending, names_of
from declarant._scrubbing.patterns import Lazy

__all__ = ["classified"]

#: One or two names, as hubs allow them. Source: huggingface_hub, `validate_repo_id`.
_HUB_ID = Lazy(r"[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?")
_HUBS = ("https://huggingface.co/", "https://hf.co/", "hf://")
_LOCAL_FOLDER = "<local:dir>"


def classified(reference: str) -> str:
    """Return a hub id as it is, and of anything local what kind of thing it is."""
    text = reference.strip()
    for hub in _HUBS:
        if text.startswith(hub):
            text = "/".join(names_of(text[len(hub) :])[:2])
    last = (names_of(text) or [""])[-1]
    if has_file_ending(last):
        return f"<local:.{last.rpartition('.')[2].lower()}>"
    is_id = text.isascii() and _HUB_ID().fullmatch(text) is not None
    is_id = is_id and not text.endswith((".", "-")) and "--" not in text and ".." not in text
    return text if is_id else _LOCAL_FOLDER
