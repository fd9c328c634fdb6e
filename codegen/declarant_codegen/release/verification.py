"""What must be true of both archives before they are released, told of what is really in them.

They are unpacked in memory, whatever made them. A fault names a file and never what stands in it.
"""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from declarant_codegen.digests import text_digest
from declarant_codegen.errors import CodegenError
from declarant_codegen.manifest import MANIFEST
from declarant_codegen.release.secret_key import KEY_FILE
from declarant_codegen.release.wheel_file import record_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from declarant_codegen.release.secret_key import SecretKey

__all__ = ["archive_faults"]


def archive_faults(
    source: Path, wheel: Path, manifest: Mapping[str, Any], raw_manifest: bytes, key: SecretKey
) -> list[str]:
    """Return every way in which the archives are not what may be released.

    Args:
        source: The source archive; nothing in it may hold the key.
        wheel: The wheel; its key module alone holds the key, once.
        manifest: What was generated: the package in either archive is exactly that.
        raw_manifest: The manifest as bytes.
        key: The key.

    Raises:
        CodegenError: An archive holds something that is no plain file.
    """
    package: str = manifest["package"]
    place = f"{package}/{KEY_FILE}"
    listed: dict[str, str] = {item["path"]: item["sha256"] for item in manifest["outputs"]}
    listed[MANIFEST] = listed[f"{package}/{MANIFEST}"] = text_digest(raw_manifest)
    inside = {path: digest for path, digest in listed.items() if path.startswith(f"{package}/")}
    in_source, in_wheel = _source_files(source), _wheel_files(wheel)
    key_module = in_wheel.pop(place, b"")
    faults = [
        *_differences(source.name, in_source, listed, package),
        *_differences(wheel.name, in_wheel, inside, package),
        *_traces(source, in_source, key),
        *_traces(wheel, in_wheel, key),
    ]
    if key_module != key.module() or key.count(key_module) != 1:
        faults.append(f"{wheel.name}: {place}: expected the key once, found something else")
    everything = in_wheel if not key_module else {**in_wheel, place: key_module}
    faults += [
        f"{wheel.name}: {name}: expected what the wheel's record says, found another"
        for name in record_faults(everything)
    ]
    return faults


def _source_files(archive: Path) -> dict[str, bytes]:
    """Return path below the archive's one folder to content."""
    files: dict[str, bytes] = {}
    with tarfile.open(archive, "r:gz") as opened:
        for member in opened:
            _, _, path = member.name.partition("/")
            if member.isdir():
                continue
            content = opened.extractfile(member) if member.isreg() else None
            if content is None or not path or path in files:
                raise CodegenError(
                    f"{archive.name}: expected plain files, each once, found something else; "
                    "nothing was built"
                )
            files[path] = content.read()
    return files


def _wheel_files(archive: Path) -> dict[str, bytes]:
    with ZipFile(archive) as opened:
        names = opened.namelist()
        if len(set(names)) != len(names):
            raise CodegenError(
                f"{archive.name}: expected each file once, found one twice; nothing was built"
            )
        return {name: opened.read(name) for name in names}


def _differences(
    archive: str, files: Mapping[str, bytes], listed: Mapping[str, str], package: str
) -> Iterator[str]:
    """Yield what is not as the manifest lists it, and what the package has besides."""
    for path, digest in sorted(listed.items()):
        if path not in files:
            yield f"{archive}: {path}: expected the generated file, found none"
        elif text_digest(files[path]) != digest:
            yield f"{archive}: {path}: expected the generated file, found another"
    for path in sorted(files.keys() - listed.keys()):
        if path.startswith(f"{package}/"):
            yield (
                f"{archive}: {path}: expected generated files alone in {package}, found another; "
                "move it out of the package"
            )


def _traces(archive: Path, files: Mapping[str, bytes], key: SecretKey) -> Iterator[str]:
    """Yield each place with a part of the key: a file, a name, the archive's own text."""
    for path, content in sorted(files.items()):
        if key.is_betrayed_by(content) or key.is_betrayed_by(path.encode()):
            shown = "a file's name" if key.is_betrayed_by(path.encode()) else path
            yield (
                f"{archive.name}: {shown}: expected no part of the key, found one; remove it, and "
                "have the key replaced if that was ever published"
            )
    if key.is_betrayed_by(archive.read_bytes()) or key.is_betrayed_by(archive.name.encode()):
        yield f"the {archive.suffix} archive's own text: expected no part of the key, found one"
