"""Secrets that layout, encoding or a sentence parts from what says that they are some."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from declarant._scrubbing.pipeline import scrubbed

TEXTS = Path(__file__).parent.parent / "data" / "scrub" / "layouts.json"
#: Of each class texts with secrets and, of the same form, without, each with what is kept of it.
CASES = json.loads(TEXTS.read_text("utf-8"))
#: What is planted.
SECRETS = ("hunter", "swordfish", "sword fish", "narwhal", "alicesm", "acme", "nas ", "123456")


def scrub(text):
    return scrubbed("message", text, 1000, (), ())


@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(*case) for cases in CASES.values() for case in cases]
)
def test_what_is_kept(text, expected):
    """Of this very text; scrubbed again it stays the same."""
    result = scrub(text)

    assert result == expected
    assert scrub(result) == result


def test_the_cases_hold_nothing_that_is_planted():
    """Whoever writes the cases anew from what the scrubbers do would see a leak here."""
    held = [kept for cases in CASES.values() for _, kept in cases if "exit code" not in kept]

    assert [kept for kept in held if any(secret in kept for secret in SECRETS)] == []


@pytest.mark.parametrize("cut", range(31, 60))
def test_a_list_that_was_cut_is_removed_to_its_end(cut):
    """Whoever made the text may have cut it before it was scrubbed."""
    result = scrub('{"level": 3, "passwords": [\n "hunter2",\n "narwhals"\n]}'[:cut])

    assert result in ('{"level": 3, "passwords": [<scrubbed>' + end for end in ("", "]", "]}"))
