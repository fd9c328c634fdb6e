"""The quick comparison of patterns, held against regular expressions and automata."""

import contextlib
import itertools
import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from declarant_codegen.compiler.pattern_tree import parse_pattern
from declarant_codegen.patterns import to_python
from declarant_codegen.privacy_diff import is_subset
from declarant_codegen.privacy_diff.automata import Lengths, TooLargeError, find_outside
from declarant_codegen.privacy_diff.pattern_parts import is_plainly_within, likely_texts

QUICK = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TEXTS = ["".join(signs) for n in range(4) for signs in itertools.product("ab-\n", repeat=n)]
ATOMS = st.sampled_from(
    ["a", "b", "-", "[ab]", "[a-]", "[^a]", ".", "[]", r"\w", "^", "$", r"\b", "(?:)"]
)
COUNTS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,2}", "{1,3}", "{2,}"])


def _counted(atom):
    return st.just(atom) if atom in ("^", "$", r"\b") else COUNTS.map(lambda count: atom + count)


def _bodies(inner):
    sequences = st.lists(inner.flatmap(_counted), max_size=3).map("".join)
    return st.lists(sequences, min_size=1, max_size=3).map(
        lambda options: f"(?:{'|'.join(options)})"
    )


PATTERNS = st.tuples(
    st.sampled_from(["^", ""]),
    st.recursive(ATOMS, _bodies, max_leaves=8),
    st.sampled_from(["$", ""]),
).map("".join)


@st.composite
def pairs(draw):
    """A pattern, and the same with one thing changed."""
    pattern = draw(PATTERNS)
    at = draw(st.integers(0, len(pattern)))
    more = draw(st.sampled_from(["a", "b", "?", "*", "{1,2}", "[ab]", "-", "|b", "$", "^", ""]))
    other = pattern[:at] + more + pattern[at + (not more) :]
    if draw(st.booleans()):
        other = pattern.replace("a", "[ab]", 1).replace("?", "*", 1)
    return (pattern, other) if draw(st.booleans()) else (other, pattern)


def _tree(pattern):
    try:
        return parse_pattern(pattern)[0]
    except ValueError:
        assume(False)


@QUICK
@given(pairs())
def test_no_text_disagrees_with_a_proof(pair):
    """Whatever matches the one pattern matches the other, as `re` and automata see them."""
    one, other = map(_tree, pair)
    if not is_plainly_within(one, other):
        return
    inner, outer = (re.compile(to_python(pattern)) for pattern in pair)

    assert [text for text in TEXTS if inner.search(text) and not outer.search(text)] == []
    with contextlib.suppress(TooLargeError):
        assert find_outside((one,), Lengths(), other) is None


def test_proofs_and_texts_decide_most_pairs():
    """The property above is not empty, and searches are seldom needed."""
    found = {True: 0, False: 0, "text": 0}

    @settings(QUICK, database=None, derandomize=True)
    @given(pairs())
    def count(pair):
        one, other = map(_tree, pair)
        inner, outer = (re.compile(to_python(pattern)) for pattern in pair)
        proven = is_plainly_within(one, other)
        found[proven] += 1
        if not proven:
            texts = likely_texts(one, other)
            found["text"] += any(inner.search(t) and not outer.search(t) for t in texts)

    count()
    assert found[True] >= 20
    assert found["text"] >= 20


WITHIN = {
    "a longer bound": ("^[a-z]{1,31}$", "^[a-z]{1,63}$"),
    "a lower bound": ("^[a-z]{3,9}$", "^[a-z]{2,9}$"),
    "a part less": ("^[ab]{1,2}[ab]$", "^[ab]{1,3}$"),
    "a wider class": ("^[a-z][a-z0-9]{0,9}$", "^[A-Za-z][a-z0-9_]{0,9}$"),
    "a part that may be missing": ("^a-b$", "^a(?:-c)?-b$"),
    "one option more": ("^(?:cpu|gpu)$", "^(?:cpu|gpu|npu)$"),
    "parts in one class": ("^[a-z]+(?:-[a-z]{1,3})*$", "^[a-z-]+$"),
    "the first of many": ("^[a-z0-9]{1,64}(?:-[a-z]{1,9}){0,7}$", "^[a-z0-9][a-z0-9-]{0,133}$"),
    "groups repeated more often": ("^(?:[a-z]{3}/){1,4}$", "^(?:[a-z]{3,4}/){0,5}$"),
}


@pytest.mark.parametrize("name", WITHIN)
def test_a_usual_loosening_is_proven_without_a_search(name):
    """The changes that people make are plain, in the one direction and not in the other."""
    one, other = (parse_pattern(pattern)[0] for pattern in WITHIN[name])

    assert is_plainly_within(one, other)
    assert not is_plainly_within(other, one)


@pytest.mark.parametrize("name", WITHIN)
def test_a_usual_loosening_is_shown_without_a_search(name):
    """What the looser pattern takes beyond the stricter one is among the likely texts."""
    stricter, looser = WITHIN[name]
    texts = likely_texts(parse_pattern(looser)[0], parse_pattern(stricter)[0])

    told = [
        text
        for text in texts
        if re.search(to_python(looser), text) and not re.search(to_python(stricter), text)
    ]
    assert told != []


def test_an_anchor_may_go():
    """A pattern without an end takes all that it takes with one."""
    assert is_plainly_within(parse_pattern("^ab$")[0], parse_pattern("^ab")[0])


def test_a_long_proof_is_left_to_the_search():
    """What would take too many steps is not proven here, and decided all the same."""
    options = [f"a{number}" for number in range(100)]
    one, other = (f"^(?:{'|'.join(order)})$" for order in (options, options[::-1]))

    assert not is_plainly_within(*(parse_pattern(pattern)[0] for pattern in (one, other)))
    assert is_subset({"type": "string", "pattern": one}, {"type": "string", "pattern": other})
