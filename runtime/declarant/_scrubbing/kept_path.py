"""What of a path may be kept: what stands below a package's root, or else its last name."""

from __future__ import annotations

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy

__all__ = ["decoded", "has_file_ending", "is_package_relative", "kept_of_path", "names_of"]

_SEPARATORS = Lazy(r"[\\/]+")
#: A byte, a character or a quote as `repr` writes it, where a backslash is no separator.
_WRITTEN = Lazy(r"(?<!\\)\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|['\"])")
_PERCENT = Lazy(r"%[0-9A-Fa-f]{2}")
_DEPTH = 3  # of encoding

#: Folders whose folders are named after users.
_FOLDERS_OF_USERS = frozenset(
    (
        *("users", "user", "home", "homes", "documents and settings", "profiles", "media"),
        "volumes",
    )
)
#: What no package keeps inside itself, so that a path below a root cannot lead back to a person.
_NEVER_IN_PACKAGES = frozenset(("users", "home", "documents and settings", ".."))
_INSTALLED = frozenset(("site-packages", "dist-packages"))
#: Folders that people work in. A relative path that begins with one is not relative to a package.
_WORKPLACES = frozenset(
    (
        *("app", "apps", "backup", "backups", "build", "client", "clients", "code", "customer"),
        *("customers", "data", "desktop", "dev", "documents", "downloads", "git", "home"),
        *(
            "models",
            "mnt",
            "my",
            "opt",
            "private",
            "project",
            "projects",
            "repo",
            "repos",
            "scripts",
        ),
        *("secret", "share", "shared", "source", "src", "srv", "temp", "tmp"),
        *("user", "users", "var", "work", "workspace", "workspaces"),
    )
)
_CODE = frozenset((".dll", ".dylib", ".py", ".pyc", ".pyd", ".pyi", ".pyx", ".so"))
#: Endings that say that a name is a file's.
_ENDINGS = frozenset(
    (
        *_CODE,
        *(".bak", ".bat", ".bin", ".bmp", ".bz2", ".c", ".cc", ".cer", ".cfg", ".ckpt", ".cmd"),
        *(".conf", ".cpp", ".crt", ".cs", ".css", ".csv", ".db", ".dlc", ".dmp", ".doc", ".docx"),
        *(".egg", ".engine", ".env", ".exe", ".feather", ".gguf", ".ggml", ".gif", ".git", ".go"),
        *(".gz", ".h", ".h5", ".hdf5", ".hpp", ".htm", ".html", ".ini", ".ipynb", ".jar", ".java"),
        *(".jpeg", ".jpg", ".js", ".json", ".jsonl", ".keras", ".key", ".kdbx", ".lock", ".log"),
        *(".md", ".mlmodel", ".mlpackage", ".mov", ".mp3", ".mp4", ".msi", ".ndjson", ".npy"),
        *(".npz", ".onnx", ".ort", ".out", ".p12", ".parquet", ".pb", ".pbtxt", ".pdf", ".pem"),
        *(".pfx", ".pickle", ".pkl", ".plan", ".png", ".ppt", ".pptx", ".ps1", ".pt", ".pth"),
        *(".rs", ".rst", ".safetensors", ".sh", ".sqlite", ".sqlite3", ".svg", ".tar", ".tflite"),
        *(".tgz", ".tmp", ".toml", ".trt", ".ts", ".tsv", ".txt", ".wav", ".webp", ".whl", ".xls"),
        *(".xlsx", ".xml", ".xz", ".yaml", ".yml", ".zip", ".7z"),
    )
)
#: A longer name is text, or an attack; no file system has longer ones than 255.
_MAX_NAME = 128
_MAX_TAIL = 240


def names_of(path: str) -> list[str]:
    """Return the names in a path, without "." and without what is between two separators."""
    if path[:1] in ("/", "~") or path[1:3] == ":/" or "\\\\" in path[2:]:
        path = _WRITTEN().sub("?", path)
    return [name for name in _SEPARATORS().split(path) if name not in ("", ".")]


def decoded(path: str) -> str:
    """Return a path without percent-encoding, however often it was encoded."""
    for _ in range(_DEPTH):
        plain = _PERCENT().sub(lambda match: chr(int(match[0][1:], 16)), path)
        if plain == path:
            break
        path = plain
    return path


def kept_of_path(path: str, roots: tuple[str, ...]) -> str:
    """Return what may be kept of a path, with "/" between names.

    Args:
        path: Any path, without quotes around it.
        roots: Roots of packages, such as "winml/modelkit".
    """
    names = names_of(path)
    if not names:
        return path
    below = _below_root(names, roots) or _below_installed(names)
    if below and len("/".join(below)) <= _MAX_TAIL:
        return "/".join(below)
    return _last_name(path, names)


def is_package_relative(names: list[str]) -> bool:
    """Tell whether names look like a path of code inside a package, as `requests/adapters.py`."""
    *folders, file = names
    stem, _, _ = file.partition(".")
    return (
        has_ending(file, _CODE)
        and bool(folders)
        and all(folder.isascii() and folder.isidentifier() for folder in folders)
        and folders[0].casefold() not in _WORKPLACES
        and _NEVER_IN_PACKAGES.isdisjoint(map(str.casefold, folders))
        and stem.isascii()
        and stem.isidentifier()
    )


def has_file_ending(name: str) -> bool:
    """Tell whether a name ends as files do."""
    return has_ending(name, _ENDINGS)


def has_ending(name: str, endings: frozenset[str]) -> bool:
    """Tell whether a name ends with one of *endings*, in any case."""
    stem, dot, ending = name.rpartition(".")
    return bool(stem) and f"{dot}{ending}".casefold() in endings


def _below_root(names: list[str], roots: tuple[str, ...]) -> list[str]:
    """Return the names from the last root on; none if there is no root, or no way to trust it."""
    folded = [name.casefold() for name in names]
    best = -1
    found: list[str] = []
    for root in roots:
        parts = names_of(root)
        wanted = [part.casefold() for part in parts]
        for at in range(len(names) - len(parts), best, -1):
            if folded[at : at + len(parts)] == wanted and not _is_users(folded, at):
                best, found = at, parts + names[at + len(parts) :]
                break
    return found if _NEVER_IN_PACKAGES.isdisjoint(map(str.casefold, found)) else []


def _is_users(folded: list[str], at: int) -> bool:
    """Tell whether a name is a user's folder, which may be called like a package."""
    return at > 0 and folded[at - 1] in _FOLDERS_OF_USERS


def _below_installed(names: list[str]) -> list[str]:
    """Return the names below the last folder of installed packages, if they are code's."""
    for at in range(len(names) - 1, 0, -1):
        if _is_library(names[at - 1], names[at - 2] if at > 1 else ""):
            below = names[at:]
            is_module = len(below) == 1
            return below if is_module or is_package_relative(below) else []
    return []


def _is_library(name: str, before: str) -> bool:
    """Tell whether a folder holds packages: site-packages, lib/python3.11, Lib of Python311."""
    name, before = name.casefold(), before.casefold()
    if name in _INSTALLED:
        return True
    if before in ("lib", "lib64"):
        return _is_python(name)
    return name == "lib" and _is_python(before)


def _is_python(name: str) -> bool:
    version = name.removeprefix("python").rstrip("t").replace(".", "")
    return name.startswith("python") and version.isdigit()


def _last_name(path: str, names: list[str]) -> str:
    last = names[-1]
    before = decoded(names[-2]).casefold() if len(names) > 1 else ""
    is_share = path[:2] in ("\\\\", "//") and len(names) <= 2
    is_home = before in _FOLDERS_OF_USERS or (last.startswith("~") and len(names) == 1)
    if is_share or is_home or last == ".." or len(last) > _MAX_NAME:
        return MARK
    return last
