"""A small file of two copies, of which the older is overwritten: whoever dies, one is whole.

Replacing the file by a new one would be as safe. But a file system such as ext4 then finds room for
the new one on the disk at once, which takes a sender, who notes behind each batch how far it came,
a tenth of its time.

A copy is a line, filled up with blanks to the length of the other: its checksum, its number among
all that were written, its content.

    4f0a1c9e 12 {"accepted":{"events":40}, ...}
"""

from __future__ import annotations

import os
from zlib import crc32

from declarant._guard import give_back
from declarant._segments import open_regular, replace_file, write_whole

__all__ = ["Twin"]

#: Bytes of a copy, newline included; doubled for a content that needs more.
_COPY_BYTES = 2048
#: Nothing that is written here comes near; more is somebody else's.
_MOST_BYTES = 131_072
#: How often a file is read of which one copy is not whole, at most.
_LOOKS = 3


class Twin:
    """The file at one path, as it was when this was made.

    Only one process may write it at a time, and only one thread of it; anybody may read.

    Attributes:
        content: What was written last, "" if nothing was or nothing whole is left.
    """

    __slots__ = ("_number", "_path", "_place", "_room", "content")

    def __init__(self, path: str) -> None:
        """Read what is there."""
        self._path = path
        self.content = ""
        self._number = 0
        #: Where the next copy goes, and the bytes that it may take there; none if all goes anew.
        self._place = 0
        self._room = 0
        for _ in range(_LOOKS):
            # A copy that is no whole one may be one that somebody is writing.
            if self._look():
                return

    def _look(self) -> bool:
        """Read the file; False if one of two copies is not whole."""
        stored = _read(self._path)
        first, newline, _ = stored.partition(b"\n")
        length = len(first) + 1
        if not newline or len(stored) != 2 * length or not stored.endswith(b"\n"):
            return True
        self._room = length
        is_whole = True
        for place in (0, length):
            copy = stored[place : place + length].rstrip(b" \n")
            number, content = _opened(copy)
            if number > self._number:
                self._number, self.content = number, content
                self._place = length - place
            is_whole = is_whole and (number > 0 or not copy)
        return is_whole

    def write(self, content: str) -> bool:
        """Write *content* over the older copy, once; False if the disk refused.

        Args:
            content: One line that does not end in blanks.
        """
        copy = f"{self._number + 1} {content}".encode()
        line = f"{crc32(copy):08x} ".encode("ascii") + copy
        if len(line) < self._room:
            return self._overwrite(line.ljust(self._room - 1) + b"\n")
        room = max(self._room, _COPY_BYTES)
        while len(line) >= room:
            room *= 2
        return replace_file(self._path, line.ljust(room - 1) + b"\n" + b" " * (room - 1) + b"\n")

    def _overwrite(self, line: bytes) -> bool:
        try:
            fd = open_regular(self._path, os.O_WRONLY)
            try:
                os.lseek(fd, self._place, os.SEEK_SET)
                write_whole(fd, line)
            finally:
                os.close(fd)
        except OSError as error:
            give_back(error)
            return False
        return True


def _read(path: str) -> bytes:
    try:
        with open(open_regular(path), "rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        give_back(error)
        return b""


def _opened(copy: bytes) -> tuple[int, str]:
    """Return a copy's number and content; 0 and "" if it is none, or not whole."""
    sum_, _, rest = copy.partition(b" ")
    number, _, content = rest.partition(b" ")
    # Python reads no number of thousands of digits.
    if not (number.isdigit() and len(number) < 20) or sum_ != f"{crc32(rest):08x}".encode("ascii"):
        return 0, ""
    return int(number), content.decode("utf-8", "replace")
