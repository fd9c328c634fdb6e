"""What really raised exceptions say, in the forms in which programs pass it on."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import traceback
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from declarant._scrubbing.pipeline import scrubbed

if TYPE_CHECKING:
    from collections.abc import Callable

#: What every message below holds somewhere, and no result may.
SECRETS = (
    *("alice", "zebra", "acme merger", "hunter2", "quagga", "o'brien", "müller"),
    *("s3cr3t", "okapi", "patient"),
)

WINDOWS = "C:\\Users\\Alice Zebra\\Acme Merger\\patient's \u201cnew\u201d\\model.onnx"
POSIX = '/nonexistent/home/alice zebra/Acme Merger/o\'brien "x"/model.onnx'
SERVER = "\\\\okapi-nas\\alice$\\Acme Merger\\model.onnx"
HOME = "/home/alice/Acme Merger/model.onnx"


def open_file(path: str) -> Callable[[], object]:
    return Path(path).read_bytes


def remove(path: str) -> Callable[[], object]:
    return Path(path).unlink


def rename() -> None:
    Path(POSIX).rename(HOME)


def change_folder() -> None:
    os.chdir(WINDOWS)


def run_missing_program() -> None:
    subprocess.run([POSIX, "--token", "s3cr3t42"], check=True)


def run_failing_program() -> None:
    arguments = [sys.executable, "-c", "raise SystemExit(3)", "--password", "hunter2", WINDOWS]
    subprocess.run(arguments, check=True)


def run_for_too_long() -> None:
    raise subprocess.TimeoutExpired(
        ["curl", "-u", "alice:hunter2", "-H", "Authorization: Bearer s3cr3t1234"], 5
    )


def copy_tree() -> None:
    raise shutil.Error([(POSIX, HOME, f"[Errno 13] Permission denied: {HOME!r}")])


def parse_json() -> None:
    json.loads('{"path": "C:\\Users\\Alice"}')


def parse_number() -> None:
    int("alice.zebra@quagga.example")


def look_up_key() -> object:
    return {}[WINDOWS]


def look_up_variable() -> object:
    return os.environ["PASSWORD=HUNTER2"]


def decode() -> None:
    b"\xff".decode("utf-8")


def request(url: str) -> Callable[[], object]:
    return lambda: requests.get(url, timeout=0.2)


def import_module() -> None:
    raise ImportError(f"cannot import name 'x' from 'acme' ({HOME})", path=HOME)


def load_library() -> None:
    import ctypes

    ctypes.CDLL("/home/alice/Acme Merger/libx.so.1")


def open_database() -> None:
    sqlite3.connect(f"file:{POSIX}?mode=ro&key=hunter2", uri=True)


def open_archive() -> None:
    zipfile.ZipFile(WINDOWS)


def resolve() -> None:
    raise socket.gaierror(-2, "Name or service not known: host 'okapi-nas'")


def verify() -> None:
    raise ssl.SSLCertVerificationError(
        1, "certificate verify failed: Hostname mismatch, certificate is not valid for '10.20.30.4'"
    )


def chain() -> None:
    try:
        Path(WINDOWS).read_bytes()
    except OSError as error:
        raise RuntimeError(f"cannot load {WINDOWS} for user 'quagga'") from error


def context() -> None:
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        Path(HOME).read_bytes()


def log_in() -> None:
    raise ConnectionError('FATAL: password authentication failed for user "alice"')


RAISERS: dict[str, Callable[[], object]] = {
    "open, Windows": open_file(WINDOWS),
    "open, POSIX": open_file(POSIX),
    "open, server": open_file(SERVER),
    "remove": remove(HOME),
    "rename": rename,
    "change folder": change_folder,
    "missing program": run_missing_program,
    "failing program": run_failing_program,
    "program for too long": run_for_too_long,
    "copy tree": copy_tree,
    "json": parse_json,
    "int": parse_number,
    "key": look_up_key,
    "variable": look_up_variable,
    "decode": decode,
    "refused": request("http://alice:hunter2@127.0.0.1:9/okapi?token=s3cr3t77"),
    "invalid URL": request("http://alice:hunter2@exa mple/okapi"),
    "no scheme": request("alice:hunter2@quagga/okapi"),
    "bad port": request("http://alice:hunter2@quagga:port/"),
    "unknown scheme": request("git+ftp://alice:hunter2@quagga.internal/okapi"),
    "import": import_module,
    "library": load_library,
    "database": open_database,
    "archive": open_archive,
    "resolve": resolve,
    "verify": verify,
    "chain": chain,
    "context": context,
    "log in": log_in,
}


def raised(raiser: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011  any: what it says is the matter
        raiser()
    return caught.value


def without_source(error: BaseException) -> str:
    """Return the traceback as it would be if the source could not be read: all but our own code."""
    lines = "".join(
        traceback.format_exception(type(error), error, error.__traceback__)
    ).splitlines()
    kept = [line for line in lines if not line.startswith("    ")]
    return "\n".join(kept)


FORMS: dict[str, Callable[[BaseException], str]] = {
    "str": str,
    "repr": repr,
    "f-string": lambda error: f"command failed: {error}",
    "in quotes": lambda error: f"command failed with '{error}'",
    "in parentheses": lambda error: f"ValueError({error})",
    "repr of str": lambda error: repr(str(error)),
    "json": lambda error: json.dumps({"error": str(error), "code": 3}, ensure_ascii=False),
    "arguments": lambda error: str(error.args),
    "last line": lambda error: traceback.format_exception_only(type(error), error)[-1],
    "traceback": without_source,
    "log line": lambda error: f"2026-11-22 05:22:03,123 ERROR [main] {error} (attempt 2 of 3)",
    "cause": lambda error: f"{error}\ncaused by: {error.__cause__!r} after {error.__context__!r}",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", RAISERS)
def test_nothing_personal_of_an_exception_is_left(name, form):
    """Whatever raised it, and however it was put into words."""
    error = raised(RAISERS[name])
    text = FORMS[form](error)

    result = scrubbed("message", text, 4000, ("winml/modelkit",), ())

    assert [secret for secret in SECRETS if secret in result.casefold()] == []
    assert scrubbed("message", result, 4000, ("winml/modelkit",), ()) == result


#: What is left of some of them, so that a developer still learns what happened.
TOLD = {
    "open, Windows": '[Errno 2] No such file or directory: "model.onnx"',
    "open, server": "[Errno 2] No such file or directory: 'model.onnx'",
    "rename": "[Errno 2] No such file or directory: 'model.onnx' -> 'model.onnx'",
    "json": "Invalid \\escape: line 1 column 13 (char 12)",
    "int": "invalid literal for int() with base 10: '<scrubbed>'",
    "decode": "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
    "program for too long": (
        "Command '['curl', '-u', '<scrubbed>', '-H', 'Authorization: <scrubbed>']' "
        "timed out after 5 seconds"
    ),
    "log in": 'FATAL: password authentication failed for user "<scrubbed>"',
    "resolve": "[Errno -2] Name or service not known: host '<scrubbed>'",
}


@pytest.mark.parametrize("name", TOLD)
def test_what_happened_is_still_told(name):
    """The type of error, its numbers and the file's own name stay."""
    if name in ("rename", "open, server") and sys.platform == "win32":
        pytest.skip("Windows words these differently")
    error = raised(RAISERS[name])

    result = scrubbed("message", str(error), 4000, (), ())

    assert result == TOLD[name]
