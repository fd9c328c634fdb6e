"""Single decisions of the scrubbers, each with the text that asked for it."""

from __future__ import annotations

import pytest

from declarant._scrubbing.chance import looks_random
from declarant._scrubbing.pipeline import scrubbed
from declarant._scrubbing.urls import is_public_host

ROOTS = ("winml/modelkit",)

PATHS = {
    "see (C:\\Users\\Alice\\x.py:12:5) or [/home/alice/y.py]": "see (x.py:12:5) or [y.py]",
    "cannot open C:\\Users\\Alice Smith\\my models\\x.onnx for reading": (
        "cannot open x.onnx for reading"
    ),
    "C:\\Users\\Alice Smith is missing": "<scrubbed> is missing",
    "/Users/Jan van der Berg is missing": "<scrubbed> is missing",
    "copied /home/alice/models to org/name": "copied models to org/name",
    "in /home/alice/Salt and Pepper/x.onnx": "in x.onnx",
    "C:\\Users\\Alice\\Tax, 2026\\x.pdf and D:\\y\\z": "x.pdf and z",
    "C:\\Program Files (x86)\\Foo Bar\\x.dll not found": "x.dll not found",
    "open 'C:\\Users\\O'Brien\\models\\x.onnx' failed": "open 'x.onnx' failed",
    "'C:\\Users\\Alice\\' is a folder": "'<scrubbed>' is a folder",
    "b'C:\\\\Users\\\\Alice\\\\x\\r\\n'": "b'x\\r\\n'",
    "'my models/old ones/x.onnx' is broken": "'x.onnx' is broken",
    "'cannot load models/x.onnx'": "'cannot load x.onnx'",
    "\\\\?\\C:\\Users\\Alice\\x.onnx": "\\\\?\\x.onnx",
    "\\\\okapi is down": "<scrubbed> is down",
    "C:\u00a5Users\u00a5alice\u00a5x.onnx": "x.onnx",
    "%USERPROFILE%\\a\\x.log, $HOME/a/x and ~/secret folder/x": "x.log, x and x",
    "$env:USERPROFILE\\Project X\\data.csv": "data.csv",
    "PATH=/home/alice/bin:/usr/bin": "PATH=bin:bin",
    "-I/home/alice/include -L/home/alice/lib": "include lib",
    "CORP\\nancy and desktop\\alice": "<scrubbed> and <scrubbed>",
    "first line\\nSecond line": "first line\\nSecond line",
    "^\\d+$ and \\w": "^\\d+$ and \\w",
    "src\\acme\\y.onnx and ..\\alice\\z.onnx": "y.onnx and z.onnx",
    "a%2Fb and %41%2F%42": "a%2Fb and %41%2F%42",
    "straße/x.py and my-folder/y.py": "x.py and y.py",
    "folder/x.py is code": "folder/x.py is code",
    "torch/nn/modules/conv.py:456 in forward": "torch/nn/modules/conv.py:456 in forward",
    "models/acme/x.onnx": "x.onnx",
    "home/alice/x and Users/alice": "x and <scrubbed>",
    "vscode://file/C:/Users/Alice/x.py:12": "vscode://<scrubbed>",
    "at src/winml/modelkit/cli.py:3": "at winml/modelkit/cli.py:3",
    "org/modelkit needs winml/modelkit": "org/modelkit needs winml/modelkit",
}
URLS = {
    "https://alice:hunter2@example.com/private?x=1": "https://example.com/<scrubbed>",
    "https://alice:p@ss/w0rd@host.example.com/x": "https://<scrubbed>",
    "https://alice:pa ss@example.com/": "https://<scrubbed> <scrubbed>/",
    "see https://example.com/, please": "see https://example.com/, please",
    "(https://example.com:8443/a/b).": "(https://example.com:8443/<scrubbed>).",
    "http://10.0.0.1:80/x http://db/x http://[fe80::1]/": (
        "http://<scrubbed> http://<scrubbed> http://<scrubbed>"
    ),
    "http://localhost:8080/health": "http://localhost:8080/<scrubbed>",
    "GET /api?token=s3cr3t&x=1 failed": "GET /api?<scrubbed> failed",
    "exceeded with url: /repos/acme/secret (Caused": "exceeded with url: <scrubbed> (Caused",
    "sqlite:////home/alice/x.db": "sqlite://<scrubbed>",
    "file://nas/alice/x/y.onnx": "file:y.onnx",
}
CREDENTIALS = {
    "password: must not be empty": "password: must not be empty",
    "Pwd=my pass;Encrypt=True": "Pwd=<scrubbed>;Encrypt=True",
    "password = none": "password = none",
    "password=***": "password=***",
    'set passwd to "two words" now': 'set passwd to "<scrubbed>" now',
    "password is wrong": "password is wrong",
    "unexpected token: identifier": "unexpected token: identifier",
    "token: a1b2c3d4": "token: <scrubbed>",
    "token=abcd": "token=<scrubbed>",
    "max_tokens=4096 pad_token=<pad> token=512": "max_tokens=4096 pad_token=<pad> token=512",
    "signature: (x: int8) -> float32": "signature: (x: int8) -> float32",
    "sig=a1b2c3d4e5": "sig=<scrubbed>",
    "Bearer authentication is off": "Bearer authentication is off",
    "passwords: [None]": "passwords: [None]",
    "passwords: (hunter2)": "passwords: (<scrubbed>)",
    "tokens: ['ab1', 'cd2']": "tokens: ['ab1', 'cd2']",
    "tokens: ['a1b2c3d4e5f6', 'b2c3d4e5f6a7']": "tokens: [<scrubbed>]",
    "'token identifier'": "'token identifier'",
    "'auth_token identifier'": "'auth_token <scrubbed>'",
    "'api_key none'": "'api_key none'",
    "password for is: x": "password for is: x",
    "pwd=a and pwd:a": "pwd=<scrubbed> and pwd:a",
    "pwd=b'hunter2'": "pwd=b'<scrubbed>'",
    "Bearer abcdefghijkl": "Bearer abcdefghijkl",
    "Bearer ABCDEFGHIJKL": "Bearer ABCDEFGHIJKL",
    "Bearer Abcdefghijkl": "Bearer Abcdefghijkl",
    "Bearer abcdEfghijkl": "Bearer <scrubbed>",
    "Bearer abcdefghijkl=": "Bearer <scrubbed>",
    "Bearer abcdefghij1k": "Bearer <scrubbed>",
    "Basic dXNlcjpwYXNz": "Basic <scrubbed>",
    "Authorization: Digest username=x, realm=y": "Authorization: <scrubbed>",
    "Cookie: a=b; c=d\nAccept: */*": "Cookie: <scrubbed>\nAccept: */*",
    "-u alice:hunter2 -v": "-u <scrubbed> -v",
    "sshpass -p hunter2 ssh x": "sshpass -p <scrubbed> ssh x",
}
ADDRESSES = {
    "Alice Smith <alice@example.com> wrote": "<<scrubbed>> wrote",
    "'alice@example.com'": "'<scrubbed>'",
    "mailto:alice@example.com": "mailto:<scrubbed>",
    "git@github.com:alice/repo.git": "<scrubbed>",
    "rsync alice@host:/home/alice/x": "rsync <scrubbed>:x",
    "a@b and @property and numpy@1.2": "a@b and @property and numpy@1.2",
    "alice@10.0.0.1": "<scrubbed>",
    "onnxruntime-1.18.0.1-cp311.whl": "onnxruntime-1.18.0.1-cp311.whl",
    "numpy==1.2.3.4 or v1.2.3.4": "numpy==1.2.3.4 or v1.2.3.4",
    "version 192.168.0.1": "version <scrubbed>",
    "10.0.0.1:8080, 10.0.0.0/8.": "<scrubbed>:8080, <scrubbed>/8.",
    "1.2.3.4.5": "1.2.3.4.5",
    "fe80::1%eth0: no route": "<scrubbed>: no route",
    "[2001:db8::1]:443": "[<scrubbed>]:443",
    "addr:2001:db8:0:0:0:0:0:1:8080": "addr:<scrubbed>:8080",
    "::1 and :: and 12:34:56 and a::b": "::1 and :: and 12:34:56 and a::b",
    "00:1A:2b:3c:4d:5e and 001a.2b3c.4d5e": "<scrubbed> and <scrubbed>",
    "1024.2048.4096": "1024.2048.4096",
}
NUMBERS = {
    "{12345678-1234-5678-1234-567812345678}": "{<scrubbed>}",
    "S-1-5-21-3623811015-3361044348-30300820-1013": "<scrubbed>",
    "card 4111 1111 1111 1111, 3782 822463 10005": "card <scrubbed>, <scrubbed>",
    "4111111111111112 items, 1234 5678 1234 5678": "4111111111111112 items, 1234 5678 1234 5678",
    "1 4111 1111 1111 1111": "1 <scrubbed>",
    "tel: 030-1234567": "tel: <scrubbed>",
    "0049 30 1234567 and 0049-30-1234567": "<scrubbed> and <scrubbed>",
    "step 00000012345 of many": "step 00000012345 of many",
    "ext 123-45-6789": "ext <scrubbed>",
    "shape 128 256 1024": "shape 128 256 1024",
    "+12345 and -12345678": "+12345 and -12345678",
    "key ABCDE-12345-FGHIJ-67890-KLMNO": "key <scrubbed>",
}
NAMES = {
    "User 'alice' and user \"bob\"": "User '<scrubbed>' and user \"<scrubbed>\"",
    "user: must be set": "user: must be set",
    "invalid user input": "invalid user input",
    "for user alice": "for user <scrubbed>",
    "Author: Alice Smith": "Author: <scrubbed>",
    "uid=1000(alice) gid=1000(alice)": "uid=<scrubbed>(<scrubbed>) gid=1000(<scrubbed>)",
    "node='alice-pc' is a node": "node='alice-pc' is a node",
    "uname_result(system='Linux', node='alice-pc')": (
        "uname_result(system='Linux', node='<scrubbed>')"
    ),
    "host='example.com' host='nas'": "host='example.com' host='<scrubbed>'",
    "hostname: build.example.com": "hostname: <scrubbed>",
    "machine: x86_64": "machine: x86_64",
    "threading.local nas-1.local": "threading.local <scrubbed>",
    "Alice's MacBook Pro, DESKTOP-AB12CD3": "<scrubbed>, <scrubbed>",
    "Failed to resolve 'nas' and 'x'": "Failed to resolve '<scrubbed>' and 'x'",
}
TOKENS = {
    "hf_hub_download of hf_transfer": "hf_hub_download of hf_transfer",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nnever ends": "<scrubbed>",
    "x -----BEGIN A-----\nq\n-----END A----- y": "x <scrubbed> y",
    "0x00007f3c5a2b1c40 is freed": "0x00007f3c5a2b1c40 is freed",
    "at 0x" + "7f3c5a2b" * 4: "at <scrubbed>",
    "sha 3f2a9c8b7d6e5f4a3f2a9c8b": "sha <scrubbed>",
    "see wJalrXUtn7EMIqK7MDENG/bPxRf8CYzXqMPLqKvY here": "see <scrubbed> here",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        item
        for table in (PATHS, URLS, CREDENTIALS, ADDRESSES, NUMBERS, NAMES, TOKENS)
        for item in table.items()
    ],
)
def test_a_decision(text, expected):
    """What is kept of this very text."""
    assert scrubbed("message", text, 1000, ROOTS, ()) == expected


@pytest.mark.parametrize("max_length", range(3, 14))
def test_what_a_cut_makes_is_scrubbed_too(max_length):
    """Cut after its fourth number, a version is an address."""
    result = scrubbed("message", "x 1.2.3.4.5", max_length, (), ())

    assert "1.2.3.4" not in result.replace("1.2.3.4.5", "")
    assert scrubbed("message", result, max_length, (), ()) == result


@pytest.mark.parametrize(
    ("name", "is_public"),
    [
        *(
            ("example.com", True),
            ("localhost", True),
            ("EXAMPLE.COM.", True),
            ("xn--p1ai.xn--x", True),
        ),
        *(
            ("db", False),
            ("nas.local", False),
            ("a..com", False),
            ("10.0.0.1", False),
            ("a.c", False),
        ),
        *(("build.corp", False), ("", False)),
    ],
)
def test_a_host_is_public(name, is_public):
    """A name of the Internet says nothing of a person; one that a single network knows may."""
    assert is_public_host(name) is is_public


@pytest.mark.parametrize(
    ("word", "is_random"),
    [
        *(("WinMLImageFeatureExtractionEvaluator", False), ("Qwen2.5-VL-7B-Instruct-GPTQ", False)),
        *(("test_quantize_linear_uint8_asymmetric", False), ("x" * 40, False), ("1" * 40, False)),
        *(("8fK2mQ9xZ4vB7nR1tY6w", True), ("9QhZ-4nKx_7WqPz2-LmV8tRb", True)),
        *(("d41d8cd98f00b204e9800998", True), ("d41d8cd98f00b204", False)),
    ],
)
def test_a_word_was_drawn(word, is_random):
    """Letters of words follow each other as in other words."""
    assert looks_random(word) is is_random
