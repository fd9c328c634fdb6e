"""The packed form of a model: a header with a checksum, then everything else compressed.

Header: magic, precision, level of compression, CRC-32 of the rest. The rest, once decompressed, is
a line of JSON (names, operators, shapes, scales) and the numbers of all layers, little-endian.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any, Literal

from modelkit.model import FORMAT, Model, ModelError, from_json, size_of
from modelkit.quantization import Scaled, quantize

Precision = Literal["float32", "float16", "int8"]

MAGIC = b"MKIT"
_HEADER = struct.Struct("<4sBBI")
#: The order is that of their codes in the header; the letters are those of `struct`.
_LETTERS: dict[Precision, str] = {"float32": "f", "float16": "e", "int8": "b"}
PRECISIONS: tuple[Precision, ...] = tuple(_LETTERS)


def pack(
    model: Model, precision: Precision, *, level: int = 6, scaled: list[Scaled] | None = None
) -> bytes:
    """Pack *model*.

    Args:
        model: The model.
        precision: Of the numbers.
        level: Of compression, 0 (none) to 9.
        scaled: The quantized layers for "int8"; by default each has one scale.

    Raises:
        ModelError: A weight is too large for the precision.
    """
    if precision == "int8" and scaled is None:
        scaled = [quantize(layer) for layer in model.layers]
    described: list[dict[str, Any]] = [
        {"name": layer.name, "operator": layer.operator, "shape": layer.shape}
        for layer in model.layers
    ]
    values: list[tuple[float, ...]] = [layer.weights for layer in model.layers]
    if scaled is not None:
        for entry, layer in zip(described, scaled, strict=True):
            entry["scales"] = layer.scales
        values = [layer.values for layer in scaled]
    about = {"format": FORMAT, "name": model.name, "source": model.source, "layers": described}
    try:
        numbers = [_array(precision, len(part)).pack(*part) for part in values]
    except (OverflowError, struct.error) as error:
        raise ModelError(f"a weight does not fit {precision}; build it as float32") from error
    body = zlib.compress(b"".join([json.dumps(about).encode(), b"\n", *numbers]), level)
    return _HEADER.pack(MAGIC, PRECISIONS.index(precision), level, zlib.crc32(body)) + body


def unpack(content: bytes) -> Model:
    """Return the model that was packed into *content*; quantized weights are scaled back.

    Raises:
        ModelError: It is damaged.
    """
    try:
        code: int
        _, code, _, checksum = _HEADER.unpack_from(content)
        body = content[_HEADER.size :]
        if zlib.crc32(body) != checksum:
            raise ModelError("a damaged model: its checksum is not that of its content")
        about, _, numbers = zlib.decompress(body).partition(b"\n")
        document = json.loads(about)
        start = 0
        for entry in document["layers"]:
            array = _array(PRECISIONS[code], size_of(entry["shape"]))
            found = array.unpack_from(numbers, start)
            start += array.size
            scales = entry.get("scales")
            entry["weights"] = found if scales is None else Scaled(found, scales).restored
    except (struct.error, zlib.error, LookupError, TypeError, json.JSONDecodeError) as error:
        raise ModelError("a damaged model: it ends too early, or was changed") from error
    return from_json(document)


def _array(precision: Precision, size: int) -> struct.Struct:
    return struct.Struct(f"<{size}{_LETTERS[precision]}")
