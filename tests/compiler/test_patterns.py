"""The pattern subset: what it takes, what it refuses, and that lowering changes no verdict."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarant import _violations
from declarant_codegen.compiler import compile_validator
from declarant_codegen.compiler.lowering import lower
from declarant_codegen.patterns import check_pattern, max_length, to_python

USEFUL = {
    "^[a-z0-9_.-]{1,64}$": 64,
    "^[A-Za-z_][A-Za-z0-9_.]{0,127}$": 128,
    "^r:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": 38,
    "^(?:foo|foobar)$": 6,
    r"^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$": None,
    r"^[a-z]{1,8}(?:\.[a-z]{1,8}){0,3}$": 35,
    r"^\d{1,3}(?:\.\d{1,3}){3}$": 15,
    "^(?:ab){0,3}[ab]{0,9}$": 15,
    "^(?:0|[1-9][0-9]{0,8})$": 9,
    "^a$|^bcd$": 3,
    "a{3}": None,
    "^a{3}": None,
    "^$": 0,
}
NESTED = (
    "nested quantifiers over overlapping characters; begin each repetition with a separator that "
    "the inner part cannot take"
)
REFUSED = [
    ("^(?:a+)+$", "nested quantifiers"),
    ("^(?:x+x+)+y$", "nested quantifiers"),
    ("^(?:a|ab)*$", "alternatives"),
    ("^(?:a|a)*$", "alternatives"),
    ("^(?:(?:[ab]{20})?[a-c]){0,40}$", "alternatives"),
    ("^(?:a*)*$", "may be empty"),
    ("^(?:ab)*[ab]*$", "neighbouring"),
    ("^(?:ab){0,40}[ab]{0,40}$", "neighbouring"),
    ("^[a-z]*(?:-?[a-z])*$", "neighbouring"),
    ("^(?:a{20000}b){2}$", "lower it"),
    ("^[a-z]+[a-z0-9]*$", "neighbouring"),
    ("^[a-z]*b[a-z]*$", "neighbouring"),
    ("^" + "a?" * 12 + "a{12}$", "neighbouring"),
    ("^" + "(?:a|a)" * 12 + "$", "begin with the same characters"),
    ("^(?:[a-c]{0,40}[ab]+[a-c]+)?$", "neighbouring"),
    ("^[a-c]?(?:(?:[bc]{1,9}[bc]+c+)?)$", "neighbouring"),
    ("^(?:-|b?|[a-c]{0,40}a*c*(?:c+))-{20}$", "neighbouring"),
    ("^" + "[ab]{1,9}" * 9 + "$", "neighbouring"),
    (r"^(?:\.[a-z]+)*[a-z]*$", "neighbouring"),
    ("(a)", "capturing"),
    ("a*?", "lazy"),
    (r"\bword", "word boundary"),
    ("(?=a)", "look-around"),
    ("(?i)a", "look-around"),
    ("(?P<n>a)", "look-around"),
    (r"(?:a)\1", "back reference"),
    (r"\p{L}", "Unicode property"),
    (r"a\Z", "not ECMA 262"),
    (r"\-", "does not know"),
    ("a**", "quantifier after"),
    ("a++", "quantifier after"),
    ("*a", "nothing to act on"),
    ("a{,5}", "opens no quantifier"),
    ("a{5,2}", "out of order"),
    ("[z-a]", "out of order"),
    ("[a", "never closed"),
    ("(?:a", "never closed"),
    ("a)", "closes nothing"),
    ("]", "nothing to act on"),
    ("^*", "anchor"),
    ("[]", "empty class"),
    ("[[a]", "inside a class"),
    ("a\\", "backslash at the end"),
    ("a" * 501, "shorten"),
    ("a{20000}", "lower it"),
    ("(?:" * 21 + "a" + ")" * 21, "deeper"),
]


@pytest.mark.parametrize(("pattern", "longest"), USEFUL.items())
def test_useful_patterns_are_taken_and_measured(pattern, longest):
    """A pattern of the subset has no problem and a known longest match."""
    assert check_pattern(pattern) is None
    assert max_length(pattern) == longest


@pytest.mark.parametrize(("pattern", "words"), REFUSED)
def test_other_patterns_are_refused_with_a_remedy(pattern, words):
    """A pattern outside the subset is refused, in words, at a position inside it."""
    problem = check_pattern(pattern)
    assert problem is not None
    assert words in problem.message
    assert 0 <= problem.position <= len(pattern)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (
            "^(?:a*)*$",
            "a quantifier over something that may be empty; make one part of it required",
        ),
        ("^(?:x+y?)+$", NESTED),
    ],
)
def test_a_slow_loop_is_told_with_its_remedy(pattern, message):
    """In one sentence, whole."""
    assert check_pattern(pattern).message == message


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^a$", "a\n", False),
        (r"^\d$", "\u0663", False),
        (r"^\w$", "é", False),
        (r"^\s$", "\ufeff", True),
        (r"^\s$", "\x1c", False),
        ("^.$", "\u2028", False),
        ("^.$", "\x85", True),
        (r"^\u{1F600}$", "\U0001f600", True),
        (r"^\ud83d\ude00$", "\U0001f600", True),
        ("^[^a]$", "\n", True),
        (r"^[\]\\^-]$", "\\", True),
        (r"^\cJ$", "\n", True),
        ("^#$", "#", True),
        ("^[&&~~||--]$", "&", None),
    ],
)
def test_python_sees_what_ecma_means(pattern, text, found):
    """The translation keeps ECMA's meaning where Python's own differs."""
    if found is None:
        assert check_pattern(pattern) is not None
    else:
        assert (re.search(to_python(pattern), text) is not None) is found


CLASSES = st.sampled_from(
    [
        *("a", "b", r"\.", ",", "[ab]", "[a-c]", "[0-9]", "[A-Za-z]", r"\w", "[A-Za-z0-9]"),
        "[A-Za-z_]",
    ]
)
COUNTS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{0,2}", "{1,3}"])
ATOMS = st.tuples(CLASSES, COUNTS).map("".join)
SIMPLE = st.lists(ATOMS, max_size=4).map("".join)
LISTS = st.tuples(SIMPLE, st.sampled_from([r"\.", "-", ","]), st.sampled_from(["*", "{0,2}"])).map(
    lambda parts: f"{parts[0]}(?:{parts[1]}{parts[0]}){parts[2]}"
)
WORDS = st.lists(st.sampled_from(["a", "ab", "b1", r"a\.b", ""]), min_size=2, max_size=3).map(
    lambda words: f"(?:{'|'.join(words)})"
)
ANCHORED = st.one_of(SIMPLE, LISTS, WORDS).map(lambda body: f"^{body}$")
TEXTS = st.text(alphabet="abcZ09._-,\né٣", max_size=7)


@settings(max_examples=400, deadline=None)
@given(ANCHORED, st.lists(TEXTS, min_size=1, max_size=6), st.data())
def test_lowered_patterns_agree_with_regular_expressions(pattern, texts, data):
    """String operations give the verdict of `re.search` on matching and on other texts."""
    search = re.compile(to_python(pattern)).search
    validator = compile_validator({"type": "string", "pattern": pattern})
    for text in [*texts, data.draw(st.from_regex(to_python(pattern)))]:
        assert validator.is_valid(text) is (search(text) is not None), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^[A-Za-z_]?[A-Za-z0-9_]{3}$", "123", True),
        ("^[A-Za-z_]?[A-Za-z0-9_]{3}$", "1234", False),
        ("^[A-Za-z_]?[A-Za-z0-9_]{3}$", "a123", True),
        ("^[A-Za-z_][A-Za-z0-9_]{3}$", "1234", False),
    ],
)
def test_a_name_may_lack_its_first_character(pattern, text, matches):
    """A letter that may be left out makes no identifier of what is left."""
    assert compile_validator({"type": "string", "pattern": pattern}).is_valid(text) is matches


@pytest.mark.parametrize("pattern", ["^(?:)$", "^(?:)?$", "^a(?:)?$", "^(?:(?:)?)?a$", "(?:)"])
def test_a_group_of_nothing_takes_nothing(pattern):
    """It is a pattern like any other, if an odd one."""
    assert check_pattern(pattern) is None
    validator = compile_validator({"type": "string", "pattern": pattern})
    for text in ("", "a", "aa", "b"):
        assert validator.is_valid(text) is (re.search(to_python(pattern), text) is not None)


@settings(max_examples=200, deadline=None)
@given(ANCHORED, st.data())
def test_no_match_is_longer_than_the_bound(pattern, data):
    """`max_length` is an upper bound of every match."""
    longest = max_length(pattern)
    text = data.draw(st.from_regex(to_python(pattern)))
    assert longest is None or len(text) <= longest


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z0-9_.-]{1,64}$",
        "^[A-Za-z_<][A-Za-z0-9_.<>]{0,127}$",
        "^r:[0-9a-f]{8}-[0-9a-f]{4}$",
        r"^[A-Za-z_]\w{0,31}(?:\.[A-Za-z_]\w{0,31}){0,7}$",
        "^(?:NEW|EXISTING|FAILED)$",
    ],
)
def test_common_patterns_need_no_regular_expression(pattern):
    """What catalogues use most is lowered, so that emitting loads no `re`."""
    assert lower(pattern) is not None
    assert "matches" not in compile_validator({"pattern": pattern}).source


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=string.printable, max_size=12))
def test_any_text_is_judged_and_never_crashes(text):
    """Whatever `check_pattern` takes, Python's `re` takes after translation."""
    if check_pattern(text) is None:
        re.compile(to_python(text))


@pytest.mark.parametrize("pattern", ["^a{0}b$", "^a{0,0}b$"])
def test_what_comes_no_time_is_not_taken(pattern):
    """A count of nothing is one, whether lowered or not."""
    validator = compile_validator({"type": "string", "pattern": pattern})
    assert [text for text in ("b", "ab", "aab") if validator.is_valid(text)] == ["b"]


def test_a_search_is_compiled_once():
    """The fall-back keeps each compiled pattern."""
    pattern = "^once[0-9]+x?$"
    assert _violations.matches(pattern, "once1")
    first = _violations._searches[pattern]
    assert not _violations.matches(pattern, "twice")
    assert _violations._searches[pattern] is first
