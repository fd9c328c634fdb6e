"""Prose in patterns: no text of a pattern that is called free of it has any, at any length."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import assume, event, given, reject, settings
from hypothesis import strategies as st

from declarant_codegen.compiler.pattern_tree import parse_pattern
from declarant_codegen.patterns import check_pattern, to_python
from declarant_codegen.privacy_diff.automata import NEVER, Lengths, TooLargeError, find_outside
from declarant_codegen.prose import ANY_TEXT, MAIL, PATHS, SENTENCES, WEB, prose_in

TAKEN = {
    # every kind there is
    r"^.{5,}$": (SENTENCES, MAIL, PATHS),
    r"^.{30}$": (SENTENCES, MAIL, PATHS, WEB),
    r'^[^"]{0,20}$': (SENTENCES, MAIL, PATHS, WEB),
    r"^\S{5,40}$": (SENTENCES, MAIL, PATHS, WEB),  # a sentence of a script without spaces
    r"^[!-~]{5,40}$": (SENTENCES, MAIL, PATHS, WEB),  # with its spaces encoded as %20
    # sentences
    "^[A-Za-z ]{1,40}$": (SENTENCES,),
    "^[A-Z][a-z]{1,20} [A-Z][a-z]{1,20}$": (SENTENCES,),
    "^[a-z]{1,9}(?: [a-z]{1,9})?$": (SENTENCES,),
    r"^[a-z]{2}\s[a-z]{2}$": (SENTENCES,),
    r"^[a-z]{2}, [0-9] [a-z]{2}$": (SENTENCES,),
    "^[a-z\u00a0]{5}$": (SENTENCES,),
    "^[a-z0-9%]{1,40}$": (SENTENCES,),
    "^(?:a|b|c|d|e|f|g| ){5}$": (SENTENCES,),
    "^(?:[a-d]|[w-z]| ){5}$": (SENTENCES,),
    "^[\u4e00-\u9fff]{5}$": (SENTENCES,),
    "^[\u0e01-\u0e4e]{1,40}$": (SENTENCES,),
    # mail addresses
    "^[a-z]{1,20}@[a-z.]{1,20}$": (MAIL,),
    r"^[a-z]{1,20}@example\.com$": (MAIL,),
    r"^[0-9]{5,12}@example\.com$": (MAIL,),
    # paths
    "^[a-z/]{1,40}$": (PATHS,),
    "^[a-z]{2}/[a-z]{2}/[a-z]{2}$": (PATHS,),
    "^[a-z]{1,9}(?:/[a-z]{1,9}){0,2}$": (PATHS,),
    "^/home/[a-z]{1,9}$": (PATHS,),
    r"^C:\\Users\\[a-z]{1,9}$": (PATHS,),
    r"^[A-Z]{2,9}\\[a-z]{1,9}$": (PATHS,),
    "^[A-Za-z]:/[a-z]{1,9}$": (PATHS,),
    "^[A-Za-z0-9+/]{43}=$": (PATHS,),  # base64 has a slash; hexadecimal digits have none
    # web addresses
    r"^https://[a-z.]{1,40}$": (WEB,),
    # no bounds
    "[a-z]": (ANY_TEXT,),
    "^[a-z]": (ANY_TEXT,),
    "[a-z]$": (ANY_TEXT,),
    "^a$|b": (ANY_TEXT,),
    "^a|b$": (ANY_TEXT,),
    "(?:^a|^b)$": (ANY_TEXT,),
}
FREE = [
    # names, however joined
    "^[a-z0-9._-]{1,64}$",
    "^[A-Za-z_<][A-Za-z0-9_.<>]{0,127}$",
    "^[A-Za-z0-9][A-Za-z0-9_.:+!~,;-]{0,63}$",
    "^[a-z]{1,9}(?:,[a-z]{1,9}){0,5}$",
    # one slash in one place: a media type, a package of a scope, a command of a group
    "^[a-z]{1,20}/[a-z0-9.+-]{1,40}$",
    "^@[a-z]{1,20}/[a-z0-9-]{1,40}$",
    "^[a-z]{1,20}(?:/[a-z]{1,20})?$",
    "^/[a-z]{1,20}$",
    "^[0-9]{4}/[0-9]{2}/[0-9]{2}$",
    "^[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}$",
    # one word, and a number or what is written out
    "^[A-Za-z]{1,20} [0-9.]{1,20}$",
    "^[0-9]{1,4} [a-z]{2,9}$",
    "^(?:not found|timed out|user@example)$",
    "^not found [0-9]{1,3}$",
    "^/usr/lib/[0-9]{1,3}$",
    "^[\u2000-\u200a]{5}$",  # white space alone
    r"^support@example\.com$",
    "^[a-z]{1,20}@[0-9.]{1,20}$",
    # letters of hexadecimal digits
    "^[0-9A-Fa-f ]{1,40}$",
    "^[0-9a-f:/]{1,40}$",
    # too short to tell anything
    "^.{0,4}$",
    "^[^b]{4}$",
    "^[\u4e00-\u9fff]{1,4}$",
    "^$",
    # not a pattern of the catalogue, which is told under another rule
    "(",
    "^(?:.+)+$",
]


@pytest.mark.parametrize(("pattern", "kinds"), TAKEN.items(), ids=ascii)
def test_patterns_that_take_prose(pattern: str, kinds: tuple[str, ...]) -> None:
    """Each kind is found, and no other."""
    expected = kinds if pattern != r"^.{5,}$" else (*kinds, WEB)

    assert prose_in(pattern) == expected


@pytest.mark.parametrize("pattern", FREE, ids=ascii)
def test_patterns_of_a_fixed_form(pattern: str) -> None:
    """What holds names, numbers or written-out words alone is no prose."""
    assert prose_in(pattern) == ()


@given(st.integers(0, 10_000), st.sampled_from([".", r"\S", "[a-z @/]", '[^"]', "[ -~]"]))
def test_length_makes_no_difference(length: int, wide: str) -> None:
    """One exact length is no fixed form: what takes prose takes it from five characters on."""
    assert bool(prose_in(f"^{wide}{{{length}}}$")) is (length >= 5)
    assert bool(prose_in(f"^{wide}{{0,{length}}}$")) is (length >= 5)


# Any text that holds prose, under any pattern that takes it.

_ALPHABETS = [string.ascii_lowercase, string.ascii_letters, "äöüßéèêñçøåæ"]
WORDS = st.sampled_from(_ALPHABETS).flatmap(lambda signs: st.text(signs, min_size=2, max_size=9))
SPACES = st.sampled_from([" ", "\t", "\n", "  ", "\u00a0", "\u2003", "%20", ", ", " 7 "])
PROSE = {
    SENTENCES: st.tuples(WORDS, SPACES, WORDS).map("".join),
    MAIL: st.tuples(WORDS, st.sampled_from(["@", ".x@", "+1@"]), WORDS).map("".join),
    PATHS: st.one_of(
        st.tuples(st.just("/"), WORDS, st.just("/"), WORDS).map("".join),
        st.tuples(st.sampled_from(["C:", "ab", "c1"]), st.just("\\"), WORDS).map("".join),
        st.tuples(st.sampled_from(["C:/", "d:/"]), WORDS).map("".join),
    ),
    WEB: st.tuples(st.sampled_from(["http://", "s3://"]), WORDS).map("".join),
}
AROUND = st.text(string.ascii_letters + string.digits + "._-/ ", max_size=5)
#: Sets that a position may be given; those that hold a letter hold more than six.
SETS = (
    *("[a-z]", "[A-Z]", "[A-Za-z]", "[0-9]", "[A-Za-z0-9_]", "[a-z0-9._-]", r"\w", "[A-Za-z ]"),
    *("[äöüßéèêñçøåæ]", r"\S", ".", "[^;]", r"[^\s]", "[ -~]", r"\s", "/", "[@%]", r"[\\:/]", ":"),
)
MATCHERS = {text: re.compile(to_python(f"^{text}$")) for text in SETS}


@st.composite
def wide_patterns(draw: st.DrawFn, text: str) -> str:
    """A pattern that takes *text*, in which no letter is written out."""
    at, parts = 0, []
    while at < len(text):
        fitting = [item for item in SETS if MATCHERS[item].search(text[at])]
        chosen = draw(st.sampled_from(fitting))
        most = 1
        while at + most < len(text) and MATCHERS[chosen].search(text[at + most]):
            most += 1
        size = draw(st.integers(1, most))
        low, high = draw(st.integers(0, size)), size + draw(st.integers(0, 3))
        count = draw(st.sampled_from([f"{{{size}}}", f"{{{size}}}", f"{{{low},{high}}}"]))
        parts.append(chosen + count)
        at += size
    return f"^{''.join(parts)}$"


@settings(max_examples=600)
@given(st.sampled_from(sorted(PROSE)), st.data())
def test_no_prose_passes_any_pattern(kind: str, data: st.DataObject) -> None:
    """If a pattern takes one text that holds prose, that kind of prose is found in it."""
    text = data.draw(AROUND) + data.draw(PROSE[kind]) + data.draw(AROUND)
    pattern = data.draw(wide_patterns(text))
    assume(check_pattern(pattern) is None)
    assert re.search(to_python(pattern), text)

    assert kind in prose_in(pattern), (pattern, text)


# The same question, answered by the automata of the privacy diff.

LETTER, NAMED = "[A-Za-z]", "[A-Za-z0-9._:-]"
SHAPES = {
    SENTENCES: [rf"{LETTER}{{2}}[^;]*[\s%][^;]*{LETTER}{{2}}"],
    MAIL: [rf"[A-Za-z0-9]{{2}}[^\s%;]*@{LETTER}{{2}}"],
    PATHS: [
        rf"{NAMED}{{2}}\\{LETTER}{{2}}",
        rf"/{LETTER}{{2}}[^\s%/;]*/{LETTER}{{2}}",
        f"{LETTER}:/{LETTER}{{2}}",
    ],
    WEB: [rf"[A-Za-z0-9]://[^\s%/;]*{LETTER}{{2}}"],
}
CLASSES = st.sampled_from(
    (
        *("[a-z]", "[A-Za-z]", "[0-9]", "[a-z/]", "[a-z ]", "[a-z0-9._-]", "[A-Za-z0-9_/]"),
        *("[ @/]", "[a-z@]", r"[a-z\\:]", " ", "/", "@", r"\\", ":", "-", "%"),
    )
)
COUNTS = st.sampled_from(["", "", "?", "{2}", "{0,2}", "{1,3}", "{5}", "*", "+"])
ATOMS = st.tuples(CLASSES, COUNTS).map("".join)
SIMPLE = st.lists(ATOMS, min_size=1, max_size=5).map("".join)
GROUPS = st.tuples(SIMPLE, st.sampled_from(["", "?", "{2}", "{0,3}", "*"])).map(
    lambda pair: f"(?:{pair[0]}){pair[1]}"
)
CHOICES = st.lists(SIMPLE, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")
BODIES = st.lists(st.one_of(SIMPLE, GROUPS, CHOICES), min_size=1, max_size=3).map("".join)


@settings(max_examples=600)
@given(BODIES)
def test_automata_agree(body: str) -> None:
    """A kind is found exactly if some text of the pattern has its shape."""
    pattern = f"^{body}$"
    assume(check_pattern(pattern) is None)
    tree = parse_pattern(pattern)[0]

    try:
        expected = tuple(
            kind
            for kind, shapes in SHAPES.items()
            if any(
                find_outside((tree, parse_pattern(shape)[0]), Lengths(), NEVER) is not None
                for shape in shapes
            )
        )
    except TooLargeError:
        reject()  # The automata cannot tell, so there is nothing to compare with.

    event(str(expected))
    assert prose_in(pattern) == expected
