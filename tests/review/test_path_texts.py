"""Texts of a fixed form that could be a path: each sample is one, and what has none holds none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant_codegen.acceptance import accepts
from declarant_codegen.patterns import to_python
from declarant_codegen.review.path_texts import path_sample

_LIKE_A_PATH = re.compile(r"[A-Za-z0-9_][\\/][A-Za-z0-9_]|\A[\\/][A-Za-z0-9_]")


@pytest.mark.parametrize(
    ("schema", "sample"),
    [
        ({"pattern": "^[A-Za-z0-9_.-]{1,64}/[A-Za-z0-9_.-]{1,64}$"}, "Downloads/scan.pt"),
        ({"pattern": "^[a-z]{1,9}/[a-z]{1,9}$"}, "a/b"),
        ({"pattern": "^[a-z]{1,9}\\\\[a-z]{1,9}$"}, "a\\b"),
        ({"pattern": "^[0-9]{2}/[0-9]{2}$"}, "00/00"),
        ({"pattern": "^/[a-z]{1,9}$"}, "/a"),
        ({"pattern": "^[a-z]{1,9}$"}, None),
        ({"pattern": "^-/-$"}, None),
        ({"pattern": "^[a-z/]{1,9}$", "maxLength": 1}, None),
        ({"pattern": "^[a-z/]{1,9}$", "enum": ["a/b"]}, None),
        ({"maxLength": 9}, None),
    ],
)
def test_a_path_is_found_where_there_is_one(schema: dict[str, object], sample: str | None) -> None:
    """Telling ones first; bounds beside the pattern count, and listed texts are no question."""
    assert path_sample({"type": "string", **schema}) == sample


@given(
    st.lists(
        st.sampled_from(["[a-z]{1,3}", "/", "[a/]", "\\\\", "[.-]{0,2}", "(?:/a)?", "[0-9/.]{2}"]),
        min_size=1,
        max_size=5,
    ),
    st.data(),
)
def test_a_sample_is_a_path_and_no_sample_is_proof(parts: list[str], data: st.DataObject) -> None:
    """Whatever the pattern: what Python's own engine draws is none where no sample is found."""
    pattern = f"^{''.join(parts)}$"
    sample = path_sample({"type": "string", "pattern": pattern})

    if sample is not None:
        assert accepts({"type": "string", "pattern": pattern}, sample)
        assert _LIKE_A_PATH.search(sample)
    else:
        drawn = data.draw(st.from_regex(to_python(pattern), fullmatch=True))
        assert not _LIKE_A_PATH.search(drawn)
