"""Secrets that something parted from their names, or that only the form of a report tells."""

from __future__ import annotations

import pytest

from declarant._scrubbing.pipeline import scrubbed

#: What joins, cuts or hides is written out, so that nobody's editor hides it.
PARTED = {
    "password\u00a0=\u00a0hunter2": "password\u00a0=\u00a0<scrubbed>",
    "password :\u2009hunter2": "password :\u2009<scrubbed>",
    "password\uff1ahunter2, password\uff1dhunter2": (
        "password\uff1a<scrubbed>, password\uff1d<scrubbed>"
    ),
    "user\u00a0=\u00a0alicesm": "user\u00a0=\u00a0<scrubbed>",
    "\x1b[31mpassword\x1b[0m=\x1b[1mhunter2": "password=<scrubbed>",
    "token:\x1b[36m hunter2": "token: <scrubbed>",
    "\x1b[31m10.0.0.1\x1b[0m \\x1b[1mred": "<scrubbed> red",
    "password:\nhunter2": "password:\n<scrubbed>",
    "password:\r\nhunter2\nx": "password:\r\n<scrubbed>\nx",
    "password:\nmust be given here": "password:\nmust be given here",
    "password:\nusername: must be given": "password:\nusername: must be given",
    "secret: |\n  hunter2 and more": "secret: |\n  <scrubbed>",
    "secrets:\n  - hunter2": "secrets:\n  - <scrubbed>",
    "10.0\u200b.0.1 and ali\u2060ce@example.com": "<scrubbed> and <scrubbed>",
    "\U0001f468\u200d\U0001f469 stay": "\U0001f468\u200d\U0001f469 stay",
}
LISTS = {
    "passwords: ['hunter2', 'swordfish']": "passwords: [<scrubbed>]",
    "passwords: [hunter2, swordfish]": "passwords: [<scrubbed>]",
    "password: ['hunter2', 'x1']": "password: [<scrubbed>]",
    "tokens = ('abc1', 'def2')": "tokens = (<scrubbed>)",
    "tokens: ['the', 'cat2'] and tokens=[1, 2]": "tokens: ['the', 'cat2'] and tokens=[1, 2]",
}
REPORTS = {
    "Key (username)=(alicesm) already exists.": "Key (username)=(<scrubbed>) already exists.",
    "Failing row contains (1, alicesm, hunter2).": "Failing row contains (<scrubbed>)",
    "Duplicate entry 'alicesm' for key 'name'": "Duplicate entry '<scrubbed>' for key 'name'",
    "short [type=short, input_value='hunter2', input_type=str]": (
        "short [type=short, input_value=<scrubbed>, input_type=str]"
    ),
    "[type=missing, input_value=None, input_type=NoneType]": (
        "[type=missing, input_value=None, input_type=NoneType]"
    ),
    "[SQL: x]\n[parameters: ('alicesm', 'hunter2')]\n(end)": (
        "[SQL: x]\n[parameters: <scrubbed>]\n(end)"
    ),
    "\t[line  2]: 'aws_secret_access_key wJalr\\n'": "\t[line  2]: <scrubbed>",
    "'aws_secret_access_key wJalr'": "'aws_secret_access_key <scrubbed>'",
    "'secret santa' and 'password required'": "'secret santa' and 'password required'",
    "Password is: hunter2": "Password is: <scrubbed>",
    "Enter password for alice: hunter2": "Enter password for <scrubbed>: <scrubbed>",
    "no session for user <alicesm>": "no session for user <<scrubbed>>",
    "no session for user <name>": "no session for user <name>",
    "docker login -u alicesm": "docker login -u <scrubbed>",
    "['x', '--username', 'alicesm']": "['x', '--username', '<scrubbed>']",
    "openssl enc -k hunter2 -in x": "openssl enc -k <scrubbed> -in x",
}
WHOLE = {
    repr('{"password":"hun\'ter2\\"x"}'): '\'{"password":"<scrubbed>"}\'',
    r"{\"password\":\"hun\\\"ter2\"}": r"{\"password\":\"<scrubbed>\"}",
    "Server=x.example.com;Password=foo bar": "Server=x.example.com;Password=<scrubbed>",
    "Password=hun;ter2;": "Password=<scrubbed>;",
    "Password=hunter2!;": "Password=<scrubbed>;",
    "password=a;b": "password=<scrubbed>",
    "password=hun&ter2": "password=<scrubbed>",
    "password=y&level=3": "password=<scrubbed>&level=3",
    "password=y; then failed": "password=<scrubbed>; then failed",
}
NAMED = {
    "dbpass=hunter2": "dbpass=<scrubbed>",
    "bypass=always": "bypass=always",
    "sig: a1b2c3": "sig: <scrubbed>",
    "signature: float32": "signature: float32",
    "OAuth code=abcd": "OAuth code=<scrubbed>",
    "exit code=1234": "exit code=1234",
    "PIN: 1234": "PIN: <scrubbed>",
    "PIN: 12": "PIN: 12",
    "Bearer: abcdef": "Bearer: <scrubbed>",
    "Passwort: hunter2": "Passwort: <scrubbed>",
    "contrase\u00f1a=hunter2": "contrase\u00f1a=<scrubbed>",
    "mot de passe: hunter2": "mot de passe: <scrubbed>",
    "\u5bc6\u7801\uff1ahunter2": "\u5bc6\u7801\uff1a<scrubbed>",
    "b'Basic YTpi'": "b'Basic <scrubbed>'",
    "'Basic info'": "'Basic info'",
}
FORMS = {
    "id 3F2504E04F8941d39A0C0305E82C3301": "id <scrubbed>",
    "id 12345678123456781234567812345678": "id <scrubbed>",
    "mask " + "0" * 32 + " and " + "f0" * 16: "mask " + "0" * 32 + " and <scrubbed>",
    "DE89 3704 0044 0532 0130 00 failed": "<scrubbed> failed",
    "GB82WEST12345698765432 failed": "<scrubbed> failed",
    "GB83WEST12345698765432 failed": "GB83WEST12345698765432 failed",
    "arn:aws:iam::123456789012:user/alice denied": "arn:aws:iam::<scrubbed> denied",
    "CN=Alice Smith,OU=Sales,DC=acme is gone": (
        "CN=<scrubbed>,OU=<scrubbed>,DC=<scrubbed> is gone"
    ),
    "CN=*.example.com,O=5": "CN=*.example.com,O=<scrubbed>",
    "where O=1 and L=2": "where O=1 and L=2",
    "db.internal:5432, fileserver.corp": "<scrubbed>:5432, <scrubbed>",
    "threading.local torch.internal: x.local()": "threading.local torch.internal: x.local()",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [item for table in (PARTED, LISTS, REPORTS, WHOLE, NAMED, FORMS) for item in table.items()],
)
def test_a_gap_is_closed(text, expected):
    """What is kept of this very text; scrubbed again it stays the same."""
    result = scrubbed("message", text, 1000, (), ())

    assert result == expected
    assert scrubbed("message", result, 1000, (), ()) == result
