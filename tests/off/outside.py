"""Watches a program and all that it starts from outside, by the calls that reach the kernel.

usage: python outside.py RESULT COMMAND...
Runs COMMAND under ptrace (Linux on x86-64 and arm64), threads and child processes as well, until
the last of them has ended; exits as COMMAND did. Writes to RESULT, as JSON, which kinds of calls it
saw after the program looked for a file that is called as `BEGIN` is: of the program itself, and of
the processes that it started.

What Python tells its audit hooks is what Python does; this is whatever any code does.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import struct
import sys
from pathlib import Path

#: What a program asks for when the watch is to begin.
BEGIN = b"the watch begins"

#: Numbers of <sys/ptrace.h>.
TRACEME, CONT_TO_CALL, SET_OPTIONS, CALL_INFO = 0, 24, 0x4200, 0x420E
#: Mark stops at calls; follow fork, vfork and clone; tell of exec; end all if this process ends.
OPTIONS = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x100000
AT_CALL = signal.SIGTRAP | 0x80
#: `waitpid` for threads, too.
ALL = 0x40000000
ENTRY = 1
#: Of `struct ptrace_syscall_info`: what it is about, the architecture, the number, six arguments.
INFO = struct.Struct("=B3xI16xQ6Q")

PTRACE = ctypes.CDLL(None, use_errno=True).ptrace
PTRACE.restype = ctypes.c_long
CLONE_THREAD = 0x10000
GRND_NONBLOCK = 1
#: O_WRONLY, O_RDWR, O_CREAT: whoever asks for these may change a file.
WRITES = 0x1 | 0x2 | 0x40

#: Kind to calls. Files are made, written to by those that open them, moved, or marked.
KINDS = {
    "file": (
        *("creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat"),
        *("symlink", "symlinkat", "truncate", "ftruncate", "chmod", "fchmod", "fchmodat"),
        *("utimensat", "flock", "mknod", "mknodat"),
    ),
    "removal": ("unlink", "unlinkat", "rmdir"),
    "socket": ("socket", "socketpair", "connect", "bind"),
    "process": ("fork", "vfork", "execve", "execveat"),
    "identifier": ("getrandom",),
}
KIND = {call: kind for kind, calls in KINDS.items() for call in calls}


def _numbered(text: str) -> dict[int, str]:
    pairs = (each.partition(":") for each in text.split())
    return {int(number): name for number, _, name in pairs}


#: Calls by number, of <asm/unistd.h>; by architecture, of <linux/audit.h>.
_X86_64 = _numbered("""
    2:open 85:creat 257:openat 437:openat2 83:mkdir 258:mkdirat 82:rename 264:renameat
    316:renameat2 86:link 265:linkat 88:symlink 266:symlinkat 76:truncate 77:ftruncate 90:chmod
    91:fchmod 268:fchmodat 280:utimensat 73:flock 133:mknod 259:mknodat 87:unlink 263:unlinkat
    84:rmdir 41:socket 53:socketpair 42:connect 49:bind 57:fork 58:vfork 59:execve 322:execveat
    56:clone 435:clone3 318:getrandom 4:stat 262:newfstatat 332:statx
""")
_ARM64 = _numbered("""
    56:openat 437:openat2 34:mkdirat 38:renameat 276:renameat2 37:linkat 36:symlinkat
    45:truncate 46:ftruncate 52:fchmod 53:fchmodat 88:utimensat 32:flock 33:mknodat 35:unlinkat
    198:socket 199:socketpair 203:connect 200:bind 221:execve 281:execveat 220:clone 435:clone3
    278:getrandom 79:newfstatat 291:statx
""")
CALLS = {0xC000003E: _X86_64, 0xC00000B7: _ARM64}


def kernel(request: int, task: int, at: int = 0, data: object = None) -> None:
    """Call ptrace.

    Raises:
        OSError: It is refused, or the task is gone.
    """
    if PTRACE(request, task, ctypes.c_void_p(at), data) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Tracer:
    """Follows one program, and notes what it calls.

    Attributes:
        ended: The program's exit code, or minus its signal, once it has ended.
        seen: Kinds, of the "program" and of what it "started", once the watch has begun.
    """

    def __init__(self, command: list[str]) -> None:
        self.ended: int | None = None
        self.seen: dict[str, set[str]] | None = None
        self._info = ctypes.create_string_buffer(128)
        self._known: set[int] = set()
        self._program = os.fork()
        if self._program == 0:
            kernel(TRACEME, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execvp(command[0], command)
        os.waitpid(self._program, 0)
        kernel(SET_OPTIONS, self._program, data=ctypes.c_void_p(OPTIONS))
        self._known.add(self._program)
        self._go_on(self._program)

    def run(self) -> None:
        """Follow all until the last has ended."""
        while True:
            try:
                task, status = os.waitpid(-1, ALL)
            except ChildProcessError:
                return
            if not os.WIFSTOPPED(status):
                if task == self._program:
                    self.ended = os.waitstatus_to_exitcode(status)
                continue
            self._go_on(task, self._signal(task, status))

    def _signal(self, task: int, status: int) -> int:
        """Look at why *task* stopped; return the signal that it is to be given."""
        number = os.WSTOPSIG(status)
        if number == AT_CALL:
            self._look(task)
            return 0
        is_new = task not in self._known
        self._known.add(task)
        if status >> 16 or (is_new and number == signal.SIGSTOP):
            # One was forked, cloned or replaced, or is the new one.
            return 0
        return number

    def _go_on(self, task: int, number: int = 0) -> None:
        try:
            kernel(CONT_TO_CALL, task, data=ctypes.c_void_p(number))
        except ProcessLookupError:
            # Killed meanwhile: `waitpid` tells.
            return

    def _look(self, task: int) -> None:
        try:
            kernel(CALL_INFO, task, len(self._info), self._info)
        except ProcessLookupError:
            return
        what, architecture, number, *arguments = INFO.unpack_from(self._info)
        call = CALLS.get(architecture, {}).get(number) if what == ENTRY else None
        if call is None:
            return
        if self.seen is None:
            if call in ("stat", "newfstatat", "statx") and BEGIN in _path(task, call, arguments):
                self.seen = {"program": set(), "started": set()}
            return
        kind = _kind(task, call, arguments)
        if kind:
            who = "program" if _is_of(task, self._program) else "started"
            self.seen[who].add(kind)


def _kind(task: int, call: str, arguments: list[int]) -> str:
    if call in ("open", "openat", "openat2"):
        flags = arguments[1 if call == "open" else 2]
        if call == "openat2":
            flags = int.from_bytes(_read(task, flags, 8), sys.byteorder)
        return "file" if flags & WRITES else ""
    if call in ("clone", "clone3"):
        flags = arguments[0]
        if call == "clone3":
            flags = int.from_bytes(_read(task, flags, 8), sys.byteorder)
        return "thread" if flags & CLONE_THREAD else "process"
    if call == "getrandom" and arguments[1] == 8 and arguments[2] & GRND_NONBLOCK:
        # The C library's allocator, once a thread.
        return ""
    return KIND.get(call, "")


def _path(task: int, call: str, arguments: list[int]) -> bytes:
    return _read(task, arguments[0 if call == "stat" else 1], len(BEGIN))


def _read(task: int, at: int, size: int) -> bytes:
    try:
        with Path(f"/proc/{task}/mem").open("rb", buffering=0) as memory:
            memory.seek(at)
            return memory.read(size)
    except (OSError, ValueError, OverflowError):
        # It passed no place that can be read.
        return b""


def _is_of(task: int, program: int) -> bool:
    return task == program or Path(f"/proc/{program}/task/{task}").exists()


def main(result: str, *command: str) -> int:
    tracer = Tracer([*command])
    tracer.run()
    seen = {who: sorted(kinds) for who, kinds in (tracer.seen or {}).items()}
    Path(result).write_text(json.dumps(seen))
    assert tracer.ended is not None
    return tracer.ended if tracer.ended >= 0 else 128 - tracer.ended


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
