"""Whatever the text: nothing of a planted secret is left, the result is short, and it stays."""

from __future__ import annotations

import importlib.util
import json
import random
import string
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from declarant._scrubbing.kept_path import has_file_ending
from declarant._scrubbing.pipeline import scrubbed
from declarant.scrub import SCRUBBED

_spec = importlib.util.spec_from_file_location(
    "scrub_corpus", Path(__file__).parent.parent / "scrub_corpus.py"
)
assert _spec is not None
assert _spec.loader is not None
corpus = importlib.util.module_from_spec(_spec)
sys.modules["scrub_corpus"] = corpus
_spec.loader.exec_module(corpus)

ROOTS = ("winml/modelkit",)
#: Text in which every character can begin something.
ODD = st.text(alphabet="ab1 0fZé\n\t/\\:@.'\"%<>~$=;,-+()[]{}?&|`*_#\ud800\ufdd0", max_size=60)
TEXTS = st.one_of(
    ODD,
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                *(*corpus.AROUND, "C:\\Users\\", "/home/", "alice", "'", '"', "@", "example.com"),
                *(" ", "\\", "://", "password=", "10.0.0.1", "::", "<scrubbed>", "ghp_", "Bearer "),
                *("user ", ".onnx", "\\n", "%5C", "site-packages/"),
            ]
        ),
        max_size=8,
    ).map("".join),
)
SCRUBBER = st.sampled_from(["message", "path"])


def scrub(scrubber: str, text: str, max_length: int = 10_000) -> str:
    """Scrub independently of who runs the test, and where."""
    return scrubbed(scrubber, text, max_length, ROOTS, ("zaphodbeeblebrox",))


@settings(max_examples=400)
@given(SCRUBBER, TEXTS, st.integers(min_value=0, max_value=120))
def test_a_result_stays_as_it_is(scrubber, text, max_length):
    """Scrubbed again it is the same; it is never longer than asked."""
    result = scrub(scrubber, text, max_length)

    assert len(result) <= max_length
    assert scrub(scrubber, result, max_length) == result


@settings(max_examples=200)
@given(SCRUBBER, TEXTS, st.integers(min_value=0, max_value=60))
def test_no_mark_is_cut(scrubber, text, max_length):
    """A mark is kept whole or not at all."""
    assume("<scrub" not in text.replace(SCRUBBED, ""))

    result = scrub(scrubber, text, max_length)

    assert "<scrub" not in result.replace(SCRUBBED, "")


NAME_CHARS = string.ascii_letters + string.digits + " ._-'&()+#,@~éßøЖ王"
#: Words after which a line is a database's or a parser's report. Hypothesis takes texts out of the
#: code; a folder that is called so is read as such a report, and what follows it is not a path.
REPORTS = ("ow contains (", "Key (", "Duplicate entry '", "[parameters: ", "input_value=", "[line ")
#: Names of folders and users: 4 to 20 characters, with a letter at both ends.
NAMES = st.builds(
    lambda first, middle, last: first + middle + last,
    st.sampled_from("ABCabcxyzéЖ王"),
    st.text(alphabet=NAME_CHARS, min_size=2, max_size=18),
    st.sampled_from("mnoMNOñ89"),
).filter(lambda name: not any(words in name for words in REPORTS))
AROUND = st.sampled_from(corpus.AROUND)
QUOTED = (
    "single",
    "double",
    "backtick",
    "curly",
    "repr",
    "repr of repr",
    "json",
    "percent",
    "file",
)
STARTS = st.sampled_from(
    [
        "C:\\Users\\",
        "d:\\Users\\",
        "\\\\nas-01\\homes\\",
        "/home/",
        "/Users/",
        "C:/Users/",
        "/mnt/c/Users/",
    ]
)


def planted_path(start, names, file, quoting, around):
    """Return a text with a path of a user in it."""
    separator = "\\" if "\\" in start else "/"
    quoted = corpus.QUOTINGS[quoting](start + separator.join((*names, file)))
    return corpus.Planted(
        "path",
        around.format(quoted),
        tuple(names),
        # What stands around the path, and what its quoting adds, tells nothing of it.
        around
        + around.format(file)
        + quoted[-len(file) - 6 :]
        + (start + quoting + corpus.QUOTINGS[quoting]("") + "path"),
    )


@settings(max_examples=500)
@given(
    STARTS,
    st.lists(NAMES, min_size=1, max_size=3),
    st.sampled_from(corpus.FILES),
    st.sampled_from(QUOTED),
    AROUND,
)
def test_no_part_of_a_quoted_path_is_left(start, names, file, quoting, around):
    """Between quotes a path may hold anything but that quote."""
    assume(quoting not in ("single", "backtick") or not any("'" in name for name in names))
    case = planted_path(start, names, file, quoting, around)

    result = scrub("message", case.text)

    assert case.leaks(result) == []


BARE_NAMES = st.builds(
    lambda first, middle, last: first + middle + last,
    st.sampled_from("ABCabcxyzéЖ王"),
    st.text(
        alphabet=string.ascii_letters + string.digits + "._-'&+~éßøЖ王", min_size=2, max_size=14
    ),
    st.sampled_from("mnoMNOñ89"),
)


@settings(max_examples=500)
@given(
    STARTS,
    st.lists(BARE_NAMES, min_size=1, max_size=3),
    st.lists(BARE_NAMES, min_size=0, max_size=2),
    st.sampled_from(corpus.FILES),
    st.sampled_from(["bare", "doubled", "parentheses", "brackets", "option", "angle"]),
    AROUND,
)
def test_no_part_of_an_unquoted_path_is_left(start, names, words, file, quoting, around):
    """Also if a folder's name has blanks in it.

    Where what stands before such a blank ends as files do, nobody can tell that from a path's end.
    """
    assume(not any(map(has_file_ending, words[:-1])))
    folders = (*names, " ".join(words)) if words else names
    case = planted_path(start, folders, file, quoting, around)

    result = scrub("message", case.text)

    assert case.leaks(result) == []


@settings(max_examples=300)
@given(STARTS, st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(corpus.FILES))
def test_of_a_path_the_last_name_is_left(start, names, file):
    """The scrubber for paths keeps no folder outside a package."""
    separator = "\\" if "\\" in start else "/"

    result = scrub("path", start + separator.join((*names, file)))

    assert result == file


PASSWORDS = st.text(
    alphabet=string.ascii_letters + string.digits + "!#$%*+-._~^", min_size=6, max_size=30
).filter(lambda text: any(map(str.isdigit, text)) and text[0].isalnum() and text[-1].isalnum())
NAMED = st.sampled_from(
    [
        *("password={}", "passwd: {}", '"password": "{}"', "'secret': '{}'", "--password {}"),
        *(
            "api_key={}",
            "apiKey: '{}'",
            "X-Api-Key: {}",
            "Pwd={};",
            "AccountKey={};",
            "HF_TOKEN={}",
        ),
        *("Authorization: Bearer {}", "Authorization: Basic {}", "Proxy-Authorization: {}"),
        *("https://user:{}@example.com/", "postgres://u:{}@db/x", "redis://:{}@h:1/0"),
        *("https://example.com/?sig={}", "/x?access_token={}&y=1", "client_secret='{}'"),
        *(
            '{{\\"password\\":\\"{}\\"}}',
            "password is '{}'",
            "['x', '--token', '{}']",
            "Cookie: s={}",
        ),
    ]
)


@settings(max_examples=500)
@given(PASSWORDS, NAMED, AROUND)
def test_no_part_of_a_credential_is_left(password, named, around):
    """Whatever a password looks like, the word beside it tells."""
    text = around.format(named.format(password))
    case = corpus.Planted("credential", text, (password,), around + named)

    assert case.leaks(scrub("message", text)) == []


@settings(max_examples=300)
@given(st.integers(0, 2**32).map(random.Random), AROUND)
def test_no_part_of_a_token_of_a_known_family_is_left(rng, around):
    """Whatever is drawn after the prefix."""
    for kind, token in corpus.tokens(rng):
        if kind == "random":
            continue  # nothing is certain without a prefix; the corpus tells how many are found
        text = around.format(token)
        case = corpus.Planted(kind, text, (token,), around + "-----BEGIN PRIVATE KEY")
        assert case.leaks(scrub("message", text)) == [], kind


@settings(max_examples=300)
@given(
    st.integers(0, 2**32).map(random.Random),
    AROUND,
    st.sampled_from(["{}", "'{}'", '"{}"', "({})"]),
)
def test_no_part_of_what_is_personal_is_left(rng, around, form):
    """Addresses and numbers, in any company but digits that run on."""
    assume("{}:12:5" not in around)
    for kind, value in corpus.personal(rng):
        text = around.format(form.format(value))
        case = corpus.Planted(kind, text, (value,), around + form + "eth0")
        assert case.leaks(scrub("message", text)) == [], kind


@given(st.lists(st.sampled_from(corpus.BENIGN), min_size=1, max_size=6))
def test_benign_lines_stay_together(lines):
    """Lines without secrets are kept in any company."""
    text = "\n".join(lines)

    assert scrub("message", text) == text


@given(TEXTS)
def test_the_result_is_json(text):
    """Nothing but text comes out, whatever went in."""
    result = scrub("message", text)

    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize("scrubber", ["message", "path"])
def test_nothing_is_left_of_what_the_bound_cut(scrubber):
    """A long text is scrubbed up to a bound; a secret that lies across it leaves nothing."""
    from declarant._scrubbing.pipeline import MAX_INPUT

    secret = "zebra.quagga@okapi.example"
    for shift in range(-60, 60):
        text = "x " * ((MAX_INPUT + shift) // 2) + secret + " y" * 200
        result = scrub(scrubber, text)
        assert not [part for part in corpus.fragments(secret) if part in result]
