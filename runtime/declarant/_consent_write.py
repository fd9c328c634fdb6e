"""Keeping an answer in a JSON file that belongs to others as well.

The text around the value stays as it is, byte for byte: numbers, order, layout and whatever else a
person or another program put there. Writers take turns, and nobody ever sees a file half written.
"""

from __future__ import annotations

import json
import os

from declarant import _clocks, _locks
from declarant._consent import BLANK, MEMBER, parse, read_answer, read_bytes, text_of
from declarant._errors import StoreError, os_reason
from declarant._lease import lock_file
from declarant._segments import NEW_SUFFIX, make_folder, unlink_quietly, write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BOM = b"\xef\xbb\xbf"
_NEW_TEXT = "{\n}\n"

#: Another writer has the lock for the time of one small write.
_PATIENCE_S = 2.0
_TURN_S = 0.005


def can_keep(path: str, product: str) -> bool:
    """Tell whether an answer could be written to *path*, without touching the disk."""
    if not path or read_answer(path, product, 1)[0] in ("corrupt", "unreachable"):
        return False
    path = os.path.realpath(path)
    if os.path.lexists(path) and not os.access(path, os.W_OK):
        return False
    folder = os.path.dirname(path)
    while not os.path.lexists(folder):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def write_answer(path: str, product: str, *, granted: bool, version: int) -> None:
    """Keep an answer, and everything else in the file as it stands, byte for byte.

    Args:
        path: The file; made, with its folder, for its owner alone if it is not there.
        product: Name under which the answer is kept.
        granted: The answer.
        version: Version of the notice that was answered.

    Raises:
        StoreError: The answer could not be kept; the message names the file and the way out.
    """
    if not path:
        raise StoreError("consent: expected a home folder to keep the answer in, found none")
    words = "granted" if granted else "denied"
    try:
        write_member(path, (MEMBER, product), {"consent": words, "version": version})
    except ValueError:
        raise StoreError(
            f'consent: expected a JSON object with an object "{MEMBER}" in {path}, found something '
            "else; the answer was not kept; mend or delete the file"
        ) from None
    except OSError as error:
        raise StoreError(
            f"consent: the answer could not be kept in {path} ({os_reason(error)})"
        ) from None


def write_member(path: str, place: tuple[str, ...], values: Mapping[str, object]) -> None:
    """Set members of the object at *place* in the file at *path*.

    Args:
        path: A JSON file; made for its owner alone if it is not there. A link is followed.
        place: Names of the objects that lead to the members; made where they are missing.
        values: The members.

    Raises:
        OSError: The disk does not take it.
        ValueError: The file is not JSON, or something else stands at *place*.
    """
    path = os.path.realpath(path)
    make_folder(os.path.dirname(path))
    lock_path = f"{path}.lock"
    lock = _lock(lock_path)
    try:
        _rewrite(path, place, values)
    finally:
        # While the lock is held: whoever waits for it sees that its file is gone.
        unlink_quietly(lock_path)
        _locks.free(lock)


def _lock(path: str) -> int:
    end = _clocks.monotonic() + _PATIENCE_S
    while _clocks.monotonic() < end:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        fd = lock_file(path)
        if fd is not None:
            return fd
        _clocks.sleep(_TURN_S)
    raise TimeoutError("another process is writing it")


def _rewrite(path: str, place: tuple[str, ...], values: Mapping[str, object]) -> None:
    mode = 0o600
    mark = b""
    text = ""
    if os.path.lexists(path):
        if not os.access(path, os.W_OK):
            raise PermissionError("read-only")
        content = read_bytes(path)
        mark = _BOM if content.startswith(_BOM) else b""
        text = text_of(content)
        mode = os.stat(path).st_mode & 0o7777
    for name, value in values.items():
        text = with_value(text, (*place, name), value)
    _replace(path, mark + text.encode("utf-8"), mode)


def _replace(path: str, content: bytes, mode: int) -> None:
    hidden = f"{path}.{os.getpid()}{NEW_SUFFIX}"
    fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    try:
        try:
            write_whole(fd, content)
            # An answer must outlive a loss of power, and so must everybody else's settings.
            os.fsync(fd)
        finally:
            os.close(fd)
        os.chmod(hidden, mode)
        os.replace(hidden, path)
    except OSError:
        unlink_quietly(hidden)
        raise


def with_value(text: str, place: tuple[str, ...], value: object) -> str:
    """Return a JSON *text* in which *value* stands at *place*; the rest of it is unchanged.

    Raises:
        ValueError: It is not JSON, or something that is no object stands on the way.
    """
    settings = parse(text)
    if not text.strip(BLANK):
        text = _NEW_TEXT
    if not isinstance(settings, dict):
        raise ValueError("expected an object")  # noqa: TRY004  of the text, not of an argument
    begin = end = _past_blank(text, 0)
    for depth, name in enumerate(place):
        if text[begin] != "{":
            raise ValueError("expected an object")
        found = dict(_members(text, begin))
        if name not in found:
            for missing in reversed(place[depth + 1 :]):
                value = {missing: value}
            member = f"{json.dumps(name)}: {json.dumps(value)}"
            return _insert(text, begin, list(found.values()), member)
        begin, end = found[name]
    return f"{text[:begin]}{json.dumps(value)}{text[end:]}"


def _members(text: str, start: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield name and place of the value of each member of the object at *start* in sound JSON."""
    decoder = json.JSONDecoder()
    position = _past_blank(text, start + 1)
    while text[position] != "}":
        name, position = decoder.raw_decode(text, position)
        begin = _past_blank(text, _past_blank(text, position) + 1)
        _, end = decoder.raw_decode(text, begin)
        yield name, (begin, end)
        position = _past_blank(text, end)
        if text[position] == ",":
            position = _past_blank(text, position + 1)


def _insert(text: str, start: int, members: list[tuple[int, int]], member: str) -> str:
    """Add *member* to the object at *start*, laid out as those before it."""
    first = _past_blank(text, start + 1)
    layout = text[start + 1 : first]
    if members:
        end = members[-1][1]
        return f"{text[:end]},{layout or ' '}{member}{text[end:]}"
    indent = "  " if "\n" in layout else ""
    before = f"{layout}{indent}" if layout else ""
    return f"{text[: start + 1]}{before}{member}{text[first - len(layout) :]}"


def _past_blank(text: str, position: int) -> int:
    while text[position] in BLANK:
        position += 1
    return position
