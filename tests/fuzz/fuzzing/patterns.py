"""Patterns: read, judged, compiled, put into words, and held against ``re`` and an automaton.

An input is a pattern, then texts, with bytes between them that no UTF-8 has.
"""

from __future__ import annotations

import re
import zlib
from random import Random
from typing import TYPE_CHECKING

from declarant_codegen.compiler import compile_validator
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    Part,
    PatternSyntaxError,
    Repeat,
    Sequence,
    parse_pattern,
)
from declarant_codegen.json_safety import is_json_safe
from declarant_codegen.pattern_words import pattern_words
from declarant_codegen.patterns import check_pattern, is_pattern, max_length, to_python
from declarant_codegen.privacy_diff.automata import Lengths, TooLargeError, find_outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

END = b"\xff"
_TOKENS = [
    "a", "b", "1", "_", "-", r"\.", ",", " ", "é", "[ab]", "[a-c]", "[a-z]", "[0-9]", "[A-Za-z_]",
    "[A-Za-z0-9_]", "[A-Za-z0-9]", "[A-Za-z]", "[^a]", "[^b]", r"[\w.-]", r"\d", r"\w", r"\s",
    r"\D", r"\W", r"\S", ".", "*", "+", "?", "{0}", "{1}", "{2}", "{0,1}", "{0,3}", "{1,3}", "{2,}",
    "{0,20}", "(?:", ")", "|", "^", "$", "(?:a|ab)", "(?:ab|c)", r"(?:\.[a-z]+)*",
    "(?:,a{1,2}){0,3}", r"\u{1F600}", r"\ud83d\ude00", r"\cJ", r"\x41", r"\0", r"\n", r"[\b]",
    r"[\]\\^-]", r"\/", "(", "[", "]", "{", "}", "\\", "(?=", r"\b", r"\p{L}",
]  # fmt: skip
_SIGNS = "aAbzZ019_-., \n\t\"'\\é\u0663\u2028\x85\ufeff\U0001f600/~#"
_LONGEST = 400
#: Longest text that the automaton is asked about, which takes longer than all else.
_LONGEST_ASKED = 40


def seeds() -> Iterable[bytes]:
    """Return patterns as catalogues have them, and one of each kind that is compiled apart."""
    for pattern in (
        *("^[a-z0-9_.-]{1,64}$", "^[A-Za-z_][A-Za-z0-9_.]{0,127}$", "^(?:foo|foobar)$", "^$"),
        *("^a$|^bcd$", r"^[A-Za-z_]\w{0,31}(?:\.[A-Za-z_]\w{0,31}){0,7}$", "a{3}"),
        *(r"^\d{1,3}(?:\.\d{1,3}){3}$", "^r:[0-9a-f]{8}-[0-9a-f]{4}$", "^(?:0|[1-9][0-9]{0,8})$"),
        *("^[a-z]{1,9}(?:,[a-z]{1,9})*$", r"^[^\s]+$", r"^\u{1F600}?.$"),
    ):
        yield END.join((pattern.encode(), b"a", b"a.b", b"1"))


def change(random: Random, data: bytes) -> bytes:
    """Put a token into the pattern, take one out, or put a sign into a text."""
    pattern, *texts = data.split(END)
    made = pattern.decode("utf-8", "replace")
    for _ in range(random.choice([1, 1, 2, 4])):
        at, end = sorted((random.randint(0, len(made)), random.randint(0, len(made))))
        what = random.randrange(5)
        if what == 0:
            made = made[:at] + made[min(end, at + 4) :]
        elif what == 1:
            made = made[:end] + made[at:end] + made[end:]
        elif what == 2 and texts:
            number = random.randrange(len(texts))
            text = texts[number].decode("utf-8", "replace")
            at = random.randint(0, len(text))
            texts[number] = (text[:at] + random.choice(_SIGNS) + text[at:]).encode()
        else:
            made = made[:at] + random.choice(_TOKENS) + made[at:]
    return END.join((made.encode("utf-8", "surrogatepass"), *texts))


def check(data: bytes, _scratch: Path) -> None:
    """Hold that a pattern is refused in words, or that all that is made of it agrees."""
    pattern, *given = (part.decode("utf-8", "ignore") for part in data.split(END))
    problem = check_pattern(pattern)
    if problem is not None:
        assert 0 <= problem.position <= len(pattern)
        assert problem.message.isprintable()
    try:
        part, _ = parse_pattern(pattern)
    except PatternSyntaxError:
        assert problem is not None
        assert not is_pattern(pattern)
        return
    if problem is not None:
        return  # what the catalogue may not use is not compiled, and may take for ever
    random = Random(zlib.crc32(data))
    texts = [text[:_LONGEST] for text in given[:6]]
    texts += [text for _ in range(4) if (text := made_text(random, part)) is not None]
    texts += [near(random, text) for text in texts]
    agrees(pattern, texts)


def agrees(pattern: str, texts: Iterable[str]) -> None:
    """Hold that everything that knows a pattern says the same of each text."""
    part, _ = parse_pattern(pattern)
    search = re.compile(to_python(pattern)).search
    schema = {"type": "string", "pattern": pattern}
    validator = compile_validator(schema)
    longest, is_safe = max_length(pattern), is_json_safe(schema)
    words = pattern_words(pattern)
    assert words is None or words.isprintable()
    for text in texts:
        matches = search(text) is not None
        assert validator.is_valid(text) is matches, (pattern, text)
        accepted = _automaton(part, text) if len(text) <= _LONGEST_ASKED else None
        assert accepted is None or accepted is matches, (pattern, text)
        if matches:
            assert longest is None or len(text) <= longest
            assert not is_safe or (
                text.isascii() and text.isprintable() and not set(text) & set('"\\')
            )
        # Whatever the text, in time in proportion to it; the harness looks at the clock.
        pumped = (text * 2_000)[:2_000] + "\n"
        assert validator.is_valid(pumped) is (search(pumped) is not None)


def _automaton(part: Part, text: str) -> bool | None:
    """Return whether the automaton of a pattern takes a text; None if it is too large."""
    letters = tuple(Chars(((ord(sign), ord(sign)),)) for sign in text)
    whole = Sequence((Edge("^"), *letters, Edge("$")))
    try:
        return find_outside((whole,), Lengths(), part) is None
    except TooLargeError:
        return None


def made_text(random: Random, part: Part) -> str | None:
    """Make a text that a part takes, but for what its edges ask; None if it would be too long."""
    try:
        text = "".join(_signs(random, part, [_LONGEST]))
    except _TooLongError:
        return None
    return text


class _TooLongError(Exception):
    """A text that would be too long, or that there is none of."""


def _signs(random: Random, part: Part, left: list[int]) -> Iterator[str]:
    if isinstance(part, Chars):
        left[0] -= 1
        if left[0] < 0 or not part.ranges:
            raise _TooLongError
        low, high = random.choice(part.ranges)
        point = random.choice([low, high, random.randint(low, min(high, low + 90))])
        yield "\ue000" if 0xD800 <= point <= 0xDFFF else chr(point)
    elif isinstance(part, Sequence):
        for child in part.parts:
            yield from _signs(random, child, left)
    elif isinstance(part, Choice):
        yield from _signs(random, random.choice(part.options), left)
    elif isinstance(part, Repeat):
        high = part.low + 3 if part.high is None else min(part.high, part.low + 3)
        often = random.choice([part.low, high, part.high or high])
        for _ in range(often):
            yield from _signs(random, part.part, left)


def near(random: Random, text: str) -> str:
    """Return a text with a sign more, less, or another."""
    at = random.randint(0, len(text))
    sign = random.choice(_SIGNS)
    return text[:at] + random.choice(["", sign]) + text[at + random.choice([0, 1]) :]
