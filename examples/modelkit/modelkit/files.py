"""Models in files: reading them, of whichever form they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from modelkit import packed
from modelkit.model import Model, ModelError, from_json

if TYPE_CHECKING:
    from pathlib import Path


def load(path: Path) -> Model:
    """Read the model at *path*.

    Raises:
        OSError: The file cannot be read.
        ModelError: It is not a model, or damaged.
    """
    content = path.read_bytes()
    if content.startswith(packed.MAGIC):
        return packed.unpack(content)
    try:
        document = json.loads(content)
    except ValueError as error:
        raise ModelError("neither JSON nor a packed model") from error
    return from_json(document)
