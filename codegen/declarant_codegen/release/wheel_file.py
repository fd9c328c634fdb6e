"""One more file in a finished wheel, which stays a wheel, and the same one for the same inputs."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from typing import TYPE_CHECKING
from zipfile import ZipFile, ZipInfo

from declarant_codegen.errors import CodegenError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["add_to_wheel", "record_faults"]


def add_to_wheel(wheel: Path, path: str, content: bytes, *, beside: str) -> None:
    """Put a file into *wheel*, with its line in the wheel's record.

    Args:
        wheel: The archive; it is replaced.
        path: The file's path in it.
        content: The file's content.
        beside: A file of the wheel, behind which it comes and whose date and mode it gets.

    Raises:
        CodegenError: The wheel has it already, or has no such neighbour or no record.
    """
    made = wheel.with_name(f"{wheel.name}.new")
    with ZipFile(wheel) as old, ZipFile(made, "w") as new:
        names = old.namelist()
        record = next((name for name in names if name.endswith(".dist-info/RECORD")), "")
        if path in names or beside not in names or not record:
            raise CodegenError(
                f"{wheel.name}: expected a wheel with {beside} and a record and without {path}, "
                "found another; nothing was built"
            )
        for info in old.infolist():
            data = old.read(info)
            if info.filename == record:
                data = _with_line(data, path, content, beside)
            new.writestr(info, data)
            if info.filename == beside:
                new.writestr(_like(info, path), content)
    made.replace(wheel)


def record_faults(files: Mapping[str, bytes]) -> list[str]:
    """Return each file of an unpacked wheel that its record lacks or tells otherwise.

    Source: the binary distribution format, "The .dist-info directory": RECORD lists all but itself.
    """
    record = next((name for name in files if name.endswith(".dist-info/RECORD")), None)
    if record is None:
        return ["RECORD"]
    rows = csv.reader(io.StringIO(files[record].decode("utf-8")))
    listed = {row[0]: tuple(row[1:]) for row in rows if row}
    faults = {name for name in files if name != record and listed.get(name) != _told(files[name])}
    return sorted(faults | (listed.keys() - files.keys()))


def _with_line(record: bytes, path: str, content: bytes, beside: str) -> bytes:
    lines = record.decode("utf-8").splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if next(csv.reader([line]))[0] == beside)
    lines.insert(place + 1, f"{','.join((path, *_told(content)))}\n")
    return "".join(lines).encode()


def _told(content: bytes) -> tuple[str, str]:
    """Return what a record says of a file: its digest and its size."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}", str(len(content))


def _like(info: ZipInfo, path: str) -> ZipInfo:
    made = ZipInfo(path, info.date_time)
    made.compress_type = info.compress_type
    made.create_system = info.create_system
    made.external_attr = info.external_attr
    return made
