"""What a traceback may say of the file that code stands in.

Owns which file names are code's own. A program may compile text under any name it likes: a query, a
formula, the text itself. That names no file, and nothing of it is kept.
"""

from __future__ import annotations

__all__ = ["UNKNOWN_FILE", "file_of_code"]

#: Stands for what is the name of no file of code.
UNKNOWN_FILE = "<unknown>"

_ENDINGS = (
    *(".py", ".pyc", ".pyi", ".pyw", ".pyx", ".pxd", ".pxi", ".pyd", ".so", ".dll", ".dylib"),
    ".ipynb",
)
#: What interpreters, notebooks and libraries that write code name it by; a number may follow, or
#: what it was written for. Sources: CPython's and IDLE's prompts, IPython, decorator, makefun,
#: timeit, doctest, attrs, torch.fx, numpy.
_MADE = (
    *("ipython-input", "python-input", "pyshell", "decorator-gen", "makefun-gen", "timeit-src"),
    *(
        "magic-timeit",
        "doctest",
        "attrs generated",
        "eval_with_key",
        "__array_function__ internals",
    ),
)
_FROZEN = "<frozen "
#: Folders that hold programs, of a system or of an environment.
_PROGRAMS = frozenset(("bin", "sbin", "scripts"))
_JOINTS = str.maketrans("", "", "_-.")
#: No file system has longer names; a name in angle brackets is a word.
_MAX_NAME, _MAX_WORD = 255, 32


def file_of_code(name: str) -> str:
    """Return a file's path as it is, or what stands for it.

    Args:
        name: What a code object says of its file, `co_filename`.

    Returns:
        The path of a file whose last name has the form of source code's, or of a program's in a
        folder of programs; `<word>`, `<frozen module>`; what libraries made, without its number, as
        `<ipython-input>`; `<unknown>` for all else.
    """
    if name[:1] == "<":
        return _bracketed(name)
    if not name.isprintable():  # more than one line, or a terminal's codes
        return UNKNOWN_FILE
    last = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    if len(last) > _MAX_NAME:
        return UNKNOWN_FILE
    if f"{dot}{ending}".lower() in _ENDINGS:
        return name if stem.translate(_JOINTS).isalnum() or stem.strip("_") == "" else UNKNOWN_FILE
    # A program that was installed has no ending. Elsewhere such a name may be anything's.
    is_word = last.isascii() and last.replace("-", "_").isidentifier()
    return name if is_word and _is_program(name) else UNKNOWN_FILE


def _is_program(path: str) -> bool:
    """Tell whether an absolute path is that of a file in a folder of programs."""
    is_absolute = path[0:1] in ("/", "\\") or path[1:3] in (":\\", ":/")
    folders = path.lower().replace("\\", "/").split("/")[:-1]
    return is_absolute and folders[-1:] != [] and folders[-1] in _PROGRAMS


def _bracketed(name: str) -> str:
    """Return what may be kept of a name such as `<string>`."""
    for made in _MADE:
        if name.startswith(f"<{made}"):
            return f"<{made}>"
    inside = name[1:-1]
    if name[-1:] != ">" or not inside.isascii():
        return UNKNOWN_FILE
    if name.startswith(_FROZEN):
        parts = name[len(_FROZEN) : -1].split(".")
        return name if all(map(str.isidentifier, parts)) else UNKNOWN_FILE
    is_word = inside.isidentifier() and len(inside) <= _MAX_WORD
    return name if is_word else UNKNOWN_FILE
