"""Scrubbers: bounded, settled, and JSON, whatever the text."""

from __future__ import annotations

import importlib.util
import json
import sys
import zlib
from random import Random
from typing import TYPE_CHECKING

from declarant._scrubbing.pipeline import scrubbed
from declarant.scrub import SCRUBBED, SCRUBBERS, model_reference
from fuzzing import bases

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_spec = importlib.util.spec_from_file_location("scrub_corpus", bases.ROOT / "tests/scrub_corpus.py")
assert _spec is not None
assert _spec.loader is not None
corpus = importlib.util.module_from_spec(_spec)
sys.modules.setdefault("scrub_corpus", corpus)  # its dataclasses ask for it
_spec.loader.exec_module(corpus)

ROOTS = ("winml/modelkit",)
NAMES = ("zaphodbeeblebrox",)
_PARTS = [
    *("C:\\Users\\", "/home/", "alice", "'", '"', "@", "example.com", " ", "\\", "\\\\", "://"),
    *("password=", "10.0.0.1", "::", SCRUBBED, "<scrubbed", "ghp_", "Bearer ", "user ", ".onnx"),
    *("\n", "\\n", "%5C", "%2F", "site-packages/", "winml/modelkit/", "~", "~/", "..", "file:"),
    *("file:///", "https://", "u:p@", "Authorization: ", "token", "=", ":", ";", "{", "}", "["),
    *("]", "(", ")", "<", ">", "&amp;", "&#", "\x1b[31m", "\u200b", "\u202e", "\ud800", "é"),
    *("+49 170 1234567", "0123456789", "f" * 20, "zaphodbeeblebrox", "Key (", "input_value="),
    *("Duplicate entry '", "[parameters: ", "-----BEGIN ", "\ufdd0", "\ufdd1", "\0"),
]


def seeds() -> Iterable[bytes]:
    """Return texts without secrets, and one with each kind of secret."""
    yield from (line.encode() for line in corpus.BENIGN[::20])
    rng = Random(1)
    for kind, value in [*corpus.tokens(rng), *corpus.personal(rng)]:
        yield f"failed for {value}: {kind}".encode("utf-8", "surrogatepass")
    for around in corpus.AROUND:
        yield around.replace("{}", "C:\\Users\\alice\\x y.onnx").encode("utf-8", "surrogatepass")


def change(random: Random, data: bytes) -> bytes:
    """Put something that begins or ends a secret somewhere, move a part, or take it out."""
    text = data.decode("utf-8", "surrogateescape")
    for _ in range(random.choice([1, 1, 2, 4])):
        at, end = sorted((random.randint(0, len(text)), random.randint(0, len(text))))
        part = random.choice([random.choice(_PARTS), text[at:end][:20], "", random.choice(_PARTS)])
        text = text[:at] + part + text[at + random.choice([0, 0, 1, min(end - at, 8)]) :]
    return text.encode("utf-8", "surrogatepass")


def check(data: bytes, _scratch: Path) -> None:
    """Hold that a result is no longer than asked for, stays the same, and is JSON."""
    text, random = data.decode("utf-8", "surrogateescape"), Random(zlib.crc32(data))
    for scrubber in SCRUBBERS:
        for most in (10_000, random.choice([60, 11, 3, 0])):
            result = scrubbed(scrubber, text, most, ROOTS, NAMES)
            assert len(result) <= most
            assert scrubbed(scrubber, result, most, ROOTS, NAMES) == result
            assert json.loads(json.dumps(result)) == result
    assert isinstance(model_reference(text), str)
