"""Which texts encoders write as they are: none that JSON would have to escape may be among them."""

from __future__ import annotations

import json
import re

import pytest

from declarant_codegen.json_safety import is_json_safe


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ('^["a]{1,3}$', 'a"'),
        (r"^[a\\]{1,3}$", "a\\"),
        ("^[ -~]{1,5}$", '"},"'),
        ("^[!-_]{1,3}$", "\\"),
        (r"^[\n a]{1,3}$", "a\n"),
        (r"^[\u0000-\u0041]{1,3}$", "\0"),
        ("^[a-\x7f]{1,3}$", "\x7f"),
        ("^[a-\u00e9]{1,3}$", "\u00e9"),
        ("^[^a]{1,3}$", '"'),
        ('^(a|b(c|"))$', 'b"'),
        ('^(?:x{0,2}"){1,2}$', 'x"'),
        ("^a", 'a"'),
        ("a$", '"a'),
    ],
)
def test_what_must_be_escaped_is_never_safe(pattern: str, text: str) -> None:
    """Written as it is it would end the string, or be no JSON."""
    assert re.search(pattern, text)
    assert json.dumps(text) != f'"{text}"' or text == "\x7f"

    assert not is_json_safe({"type": "string", "pattern": pattern, "maxLength": 9})


@pytest.mark.parametrize("pattern", ["^[a-z]{1,3}$", "^(x|y-)[0-9A-F]{2}$", "^[ !#-[]{1,2}$"])
def test_plain_text_is_safe(pattern: str) -> None:
    assert is_json_safe({"type": "string", "pattern": pattern})
