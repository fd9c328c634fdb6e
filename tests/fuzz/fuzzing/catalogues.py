"""Catalogues: loaded, generated from, compared."""

from __future__ import annotations

import shutil
import zlib
from typing import TYPE_CHECKING

from declarant_codegen import load_catalogue
from declarant_codegen.errors import CodegenError
from declarant_codegen.generate import generate
from declarant_codegen.output import write_files
from declarant_codegen.reports import FORMATS
from fuzzing import archives, bases, edits, uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from random import Random

    from declarant_codegen.model import Catalogue, LoadResult

_NAMES = ["", "x", ".", "\n", "\u202e", "::", "é", "Con", ".schema.json", ".md", "~", "_", "A", "1"]
_OLD = "old/"
#: Of so many inputs, one is loaded again, or reviewed; generated code is run; all is generated,
#: with types. The last two take a process of their own.
_TWICE, _PAYLOADS, _WHOLE = 8, 128, 512


def seeds() -> Iterable[bytes]:
    """Return catalogues that are sound."""
    yield archives.joined(bases.small())
    kept = {key: data for key, data in bases.modelkit().items() if "reviews" not in key}
    yield archives.joined(kept)
    for event in [key for key in kept if key.startswith("events/")]:
        less = {key: data for key, data in kept.items() if not key.startswith("events/")}
        yield archives.joined({**less, event: kept[event]})
    rules = bases.ROOT / "tests/rules"
    for rule in ("SUPPRESSION_UNUSED", "ACCEPTED_BREAK_UNUSED"):
        own = bases.files_of(rules / rule / "good")
        yield archives.joined({**bases.files_of(rules / "base"), **own})
    base = bases.small()
    used = {**base, "common/types.schema.json": _TYPES}
    event = "events/sample_kinds.schema.json"
    afar = base[event].replace(b'"#/$defs/again"', b'"../common/types.schema.json#/$defs/again"')
    yield archives.joined({**used, event: afar})


_TYPES = b"""{"$schema": "../meta/types.v1.json", "$defs": {
  "again": {"type": "integer", "minimum": 0, "maximum": 9}}}"""


def pairs() -> Iterable[bytes]:
    """Return catalogues, each with what another event was before."""
    for data in seeds():
        files = archives.parted(data)
        event = next(key for key in files if key.startswith("events/"))
        yield archives.joined({**files, f"{_OLD}{event.partition('/')[2]}": files[event]})


def change(random: Random, data: bytes) -> bytes:
    """Change a file or few, or a file's name."""
    files = archives.parted(data)
    if not files:
        return next(iter(seeds()))
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        name = random.choice(list(files))
        if random.random() < 0.03:
            files = {_renamed(random, key) if key == name else key: it for key, it in files.items()}
        elif random.random() < 0.03:
            files[_renamed(random, name)] = files[name]
        elif len(files) > 1 and random.random() < 0.02:
            del files[name]
        else:
            files[name] = edits.changed(random, files[name])
    return archives.joined(files)


def change_one_side(random: Random, data: bytes) -> bytes:
    """Change a pair; often put an event of today, or what is made of it, in the place of before."""
    files = archives.parted(data)
    events = [key for key in files if key.startswith("events/")]
    if events and random.random() < 0.3:
        key = random.choice(events)
        files[_OLD + key.partition("/")[2]] = edits.changed(random, files[key])
        return archives.joined(files)
    return change(random, data)


def _renamed(random: Random, name: str) -> str:
    folder, slash, last = name.rpartition("/")
    at = random.randint(0, len(last))
    return f"{folder}{slash}{last[:at]}{random.choice(_NAMES)}{last[at:]}"


def _load(data: Mapping[str, bytes], schemas: Path) -> LoadResult:
    return load_catalogue(archives.lay(schemas, {**bases.META, **data}))


def check_load(data: bytes, scratch: Path) -> None:
    """Hold that a catalogue loads, or that errors tell why not, and that all can be told."""
    schemas = scratch / "schemas"
    result = _load(archives.parted(data), schemas)
    number = zlib.crc32(data)
    uses.tell(result.findings, schemas, [FORMATS[number % len(FORMATS)]])
    has_error = any(finding.severity.value == "error" for finding in result.findings)
    assert has_error or result.catalogue is not None
    if result.catalogue is None or number % _TWICE == 0:
        lenient = load_catalogue(schemas, lenient=True)
        assert lenient.findings == result.findings
        assert lenient.catalogue is not None or result.catalogue is None


def check_generate(data: bytes, scratch: Path) -> None:
    """Hold that all that is made of a catalogue parses, and lies where it should."""
    catalogue = _load(archives.parted(data), scratch / "schemas").catalogue
    if catalogue is None:
        return
    made = {path: text.encode() for path, text in uses.stays_in_place(catalogue).items()}
    _write(made, scratch / "made", catalogue)
    number = zlib.crc32(data)
    if number % _TWICE == 0:
        uses.review(scratch / "schemas", catalogue, with_payloads=number % _PAYLOADS == 0)
    if number % _WHOLE == 0:
        whole = generate(
            catalogue, is_clean=True, inputs=(), cache=None, report=lambda *_: None, draft=False
        )
        _write(whole.files, scratch / "made", catalogue)


def _write(files: Mapping[str, bytes], folder: Path, catalogue: Catalogue) -> None:
    """Write files as a generation does, and hold that nothing lies outside the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    write_files(folder / "generated", files, package=catalogue.package)
    assert [path.name for path in folder.iterdir()] == ["generated"]
    found = {
        path.relative_to(folder / "generated").as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == set(files)


def check_diff(data: bytes, scratch: Path) -> None:
    """Hold that any two catalogues that load can be compared, and that one is what it is."""
    files = archives.parted(data)
    after = {key: it for key, it in files.items() if not key.startswith(_OLD)}
    before = dict(after)
    for key, it in files.items():
        if key.startswith(_OLD):
            before[f"events/{key.removeprefix(_OLD)}"] = it
    one = _load(before, scratch / "schemas").catalogue
    other = _load(after, scratch / "schemas").catalogue
    if one is None or other is None:
        return
    try:
        uses.compare(one, other)
    except CodegenError:
        raise AssertionError("what loads can be compared") from None
    assert uses.diff(one, one) == ()
